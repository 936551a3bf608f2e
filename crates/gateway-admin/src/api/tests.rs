//! The whole service without sockets, over a policy folder and records of the test.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use gateway_rules::{Action, Layer, Options, Rule, RuleSet, Scheme};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower_service::Service;

use super::{OPENAPI, router, routes};
use crate::guard::{Caller, Entrance};
use crate::scratch::Scratch;
use crate::*;

/// A policy is wrong if `wrong` stands in its rules.
struct Folder(PathBuf);

impl PolicyStore for Folder {
    fn folder(&self) -> PathBuf {
        self.0.clone()
    }

    fn rules(&self) -> Arc<RuleSet> {
        let rule =
            Rule::new("paste", Layer::Http, Action::Block, r#"http.request.host == "p.test""#);
        Arc::new(RuleSet::compile(&Scheme::gateway(), vec![rule], &Options::default()).unwrap())
    }

    fn check(&self, candidate: &Path) -> Vec<Diagnostic> {
        let file = candidate.join("rules.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        let line = text.lines().position(|line| line.contains("wrong"));
        let fault = |line| Diagnostic {
            severity: Severity::Error,
            file: Some(file.display().to_string()),
            line: Some(line + 1),
            column: Some(1),
            message: "it is wrong".to_owned(),
        };
        line.map(fault).into_iter().collect()
    }

    fn install(&self, candidate: &Path) -> Result<Installed, Vec<Diagnostic>> {
        let faults = self.check(candidate);
        if !faults.is_empty() {
            return Err(faults);
        }
        let aside = self.0.with_extension("aside");
        std::fs::rename(&self.0, &aside).unwrap();
        std::fs::rename(candidate, &self.0).unwrap();
        std::fs::rename(aside, candidate).unwrap();
        Ok(Installed { generation: 2, warnings: Vec::new() })
    }
}

struct Kept;

impl RecordStore for Kept {
    fn last(&self, question: &Question, records_max: usize) -> Result<Vec<Found>, RecordError> {
        let json = json!({"HTTPHost": question.host, "Limit": records_max}).to_string();
        Ok(vec![Found { time_ns: 7, json }])
    }

    fn by_id(&self, id: &str) -> Result<Vec<Found>, RecordError> {
        let found = Found { time_ns: 7, json: format!("{{\"RequestID\":\"{id}\"}}\n") };
        Ok(if id == "known" { vec![found] } else { Vec::new() })
    }

    fn series(&self, _: Dimension, span: &Span) -> Result<Vec<Point>, RecordError> {
        let minute = span.minutes.start;
        Ok(vec![Point { minute, value: "allow".into(), sum: Sum::default() }])
    }

    fn top(&self, _: Dimension, _: &Span, _: usize) -> Result<Vec<Point>, RecordError> {
        Err(RecordError::NotKept)
    }
}

struct Well;

impl Health for Well {
    fn status(&self) -> Status {
        Status {
            version: "0",
            uptime_s: 1,
            generation: 1,
            since_unix_s: 1,
            superseded: 0,
            needs_restart: Vec::new(),
            warnings: Vec::new(),
            reloads: Reloads::default(),
            listeners: Vec::new(),
            sinks: Vec::new(),
        }
    }

    fn hits(&self) -> BTreeMap<String, Hits> {
        BTreeMap::from([("a".to_owned(), Hits { enforced: 3, logged: 0 })])
    }
}

const RULES: &str =
    "# mine\n\n[[rule]]\nid = \"a\"\nlayer = \"http\"\naction = \"block\"\nfilter = \"x\"\n";

const LISTS: &str =
    "# ours\n[[list]]\nid = \"paste\"\ntype = \"text\"\nentries = [\"a.example\"]\n";

/// A service and the folder that it stands on.
struct Lab {
    router: Router,
    scratch: Scratch,
    token: Token,
    feed: Feed,
}

impl Lab {
    fn new() -> Self {
        let scratch = Scratch::new();
        scratch.write("policy/rules.toml", RULES);
        scratch.write("policy/lists.toml", LISTS);
        scratch.write("policy/av/own.hdb", "digests");
        let feed = Feed::default();
        let parts = Parts {
            policy: Arc::new(Folder(scratch.path().join("policy"))),
            records: Arc::new(Kept),
            health: Arc::new(Well),
            feed: feed.clone(),
            versions: scratch.path().join("versions"),
            versions_max: 5,
        };
        let token = Token::load_or_make(&scratch.path().join("token"), [5; 32]).unwrap();
        Self { router: router(parts, &Limits::default()), scratch, token, feed }
    }

    fn rules(&self) -> String {
        std::fs::read_to_string(self.scratch.path().join("policy/rules.toml")).unwrap()
    }

    async fn send(&self, mut request: Request<Body>, token: Option<Token>) -> Response<Body> {
        let caller = if token.is_some() { Caller::Token } else { Caller::User(7) };
        request.extensions_mut().insert(Entrance { caller, token });
        self.router.clone().call(request).await.unwrap()
    }

    /// What a call over the unix socket is answered.
    async fn call(&self, line: &str, body: &Value) -> (StatusCode, Value) {
        let (method, path) = line.split_once(' ').unwrap();
        let request = Request::builder().method(method).uri(path);
        let request = request.header("content-type", "application/json");
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let response = self.send(request.body(body).unwrap(), None).await;
        let status = response.status();
        if status.is_client_error() || status.is_server_error() {
            assert_eq!(response.headers()["content-type"], "application/problem+json", "{line}");
        }
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&bytes).unwrap())
    }
}

#[tokio::test]
async fn the_document_names_every_route_and_every_route_of_it_answers() {
    let document: Value = serde_json::from_str(OPENAPI).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let mut described = Vec::new();
    for (path, operations) in paths {
        let mut methods: Vec<&str> = operations.as_object().unwrap().keys().map(|m| &**m).collect();
        methods.sort_unstable();
        described.push((&**path, methods));
    }
    described.sort_unstable();
    let mut routed: Vec<_> = routes().iter().map(|(path, m, _)| (*path, m.to_vec())).collect();
    routed.sort_unstable();
    assert_eq!(described, routed);
    let lab = Lab::new();
    for (path, methods) in described {
        for method in ["get", "post", "put", "delete"] {
            let path = path.replace("{id}", "none").replace("{version}", "9");
            let request = Request::builder().method(&*method.to_uppercase()).uri(&path);
            let response = lab.send(request.body(Body::empty()).unwrap(), None).await;
            let answers = response.status() != StatusCode::METHOD_NOT_ALLOWED;
            assert_eq!(answers, methods.contains(&method), "{method} {path}");
        }
    }
    // Whatever it refers to is there.
    for reference in OPENAPI.split("\"$ref\": \"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}

#[tokio::test]
async fn who_comes_over_tcp_shows_the_token_and_names_this_host() {
    let lab = Lab::new();
    let good = format!("Bearer {}", "05".repeat(32));
    for (path, headers, status) in [
        ("/api/v1/status", &[("host", "127.0.0.1:1"), ("authorization", &*good)][..], 200),
        ("/api/v1/status", &[("host", "127.0.0.1:1")], 401),
        ("/api/v1/status", &[("host", "127.0.0.1:1"), ("authorization", "Bearer no")], 401),
        ("/api/v1/status", &[("host", "evil.test"), ("authorization", &good)], 403),
        ("/api/v1/status", &[("authorization", &good)], 403),
        (
            "/api/v1/status",
            &[("host", "localhost"), ("authorization", &good), ("sec-fetch-site", "cross-site")],
            403,
        ),
        ("/", &[("host", "localhost")], 200),
        ("/app.js", &[("host", "localhost")], 200),
        ("/", &[("host", "evil.test")], 403),
        ("/api/none", &[("host", "localhost")], 401),
        ("/none", &[("host", "localhost")], 404),
    ] {
        let mut request = Request::builder().uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).unwrap();
        let response = lab.send(request, Some(lab.token.clone())).await;
        assert_eq!(response.status().as_u16(), status, "{path} {headers:?}");
        let policy = response.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert!(!response.headers().contains_key("access-control-allow-origin"));
        assert_eq!(response.headers().contains_key("www-authenticate"), status == 401);
    }
}

#[tokio::test]
async fn a_policy_is_applied_kept_and_taken_back() {
    let lab = Lab::new();
    let new =
        "# new\n\n[[rule]]\nid = \"b\"\nlayer = \"http\"\naction = \"allow\"\nfilter = \"y\"\n";
    let (status, changed) =
        lab.call("POST /api/v1/apply", &json!({"text": new, "why": "test"})).await;
    assert_eq!(status, 200, "{changed}");
    assert_eq!((&changed["version"], &changed["by"]), (&json!(2), &json!("uid 7")));
    assert_eq!(lab.rules(), new);
    let database = lab.scratch.path().join("policy/av/own.hdb");
    assert_eq!(std::fs::read_to_string(&database).unwrap(), "digests");
    let (_, versions) = lab.call("GET /api/v1/versions", &Value::Null).await;
    let ways: Vec<_> = versions["versions"].as_array().unwrap().iter().map(|v| &v["way"]).collect();
    assert_eq!(ways, ["applied", "found"]);
    let (_, first) = lab.call("GET /api/v1/versions/1", &Value::Null).await;
    assert_eq!(first["files"]["rules.toml"], RULES);
    let (status, back) = lab.call("POST /api/v1/rollback", &json!({"version": 1})).await;
    assert_eq!((status.as_u16(), &back["version"]), (200, &json!(3)));
    assert_eq!(lab.rules(), RULES);
    let (status, _) = lab.call("POST /api/v1/rollback", &json!({"version": 9})).await;
    assert_eq!(status, 404);
    assert!(!lab.scratch.path().join(".policy.candidate").exists());
}

#[tokio::test]
async fn a_wrong_policy_changes_nothing_and_says_where_it_is_wrong() {
    let lab = Lab::new();
    let wrong = json!({"text": "# fine\nwrong\n"});
    let (status, checked) = lab.call("POST /api/v1/validate", &wrong).await;
    assert_eq!((status.as_u16(), &checked["valid"]), (200, &json!(false)));
    let fault = json!({"severity": "error", "file": "rules.toml", "line": 2, "column": 1,
        "message": "it is wrong"});
    assert_eq!(checked["diagnostics"], json!([fault]));
    let (status, problem) = lab.call("POST /api/v1/apply", &wrong).await;
    assert_eq!((status.as_u16(), &problem["diagnostics"][0]), (422, &fault));
    assert_eq!(lab.rules(), RULES);
    let (_, checked) = lab.call("POST /api/v1/validate", &json!({"text": RULES})).await;
    assert_eq!(checked["valid"], true);
    for (body, status) in [
        (json!({}), 400),
        (json!({"files": {"../x.toml": ""}}), 400),
        (json!({"files": {"x.sh": ""}}), 400),
        (json!({"unknown": 1}), 400),
        (json!({"text": "x".repeat(5 << 20)}), 413),
    ] {
        assert_eq!(lab.call("POST /api/v1/apply", &body).await.0.as_u16(), status);
    }
    assert!(!lab.scratch.path().join(".policy.candidate").exists());
}

#[tokio::test]
async fn rules_are_changed_one_by_one_from_what_was_seen() {
    let lab = Lab::new();
    let (_, list) = lab.call("GET /api/v1/policies", &Value::Null).await;
    assert_eq!(list["result"][0]["hits"]["enforced"], 3);
    let rule = json!({"name": "No Pastes", "action": "block", "filters": ["http"], "traffic": "z"});
    let (status, added) = lab.call("POST /api/v1/policies", &rule).await;
    assert_eq!((status.as_u16(), &added["id"]), (201, &json!("no-pastes")), "{added}");
    assert!(lab.rules().starts_with(RULES) && lab.rules().contains("id = \"no-pastes\""));
    let (_, mut one) = lab.call("GET /api/v1/policies/no-pastes", &Value::Null).await;
    one.as_object_mut().unwrap().remove("hits");
    one["enabled"] = json!(false);
    let (status, changed) = lab.call("PUT /api/v1/policies/no-pastes", &one).await;
    assert_eq!((status.as_u16(), &changed["why"]), (200, &json!("rule `no-pastes` changed")));
    assert!(lab.rules().contains("enabled = false"));
    one["action"] = json!("allow");
    one["rule_settings"] = json!({"add_headers": {"X-A": ["1"]}, "delete_headers": null});
    assert_eq!(lab.call("PUT /api/v1/policies/no-pastes", &one).await.0, 200);
    assert!(lab.rules().contains(r#"request_headers = { add = { X-A = "1" } }"#));
    let (_, shown) = lab.call("GET /api/v1/policies/no-pastes", &Value::Null).await;
    assert_eq!(shown["rule_settings"], json!({"add_headers": {"X-A": ["1"]}}));
    one["rule_settings"] = json!({"egress": {"ipv4": "192.0.2.1"}});
    let (status, problem) = lab.call("PUT /api/v1/policies/no-pastes", &one).await;
    assert_eq!(status, 400, "{problem}");
    assert_eq!(lab.call("PUT /api/v1/policies/none", &rule).await.0, 404);
    let mut wrong = rule.clone();
    wrong["traffic"] = json!("wrong");
    assert_eq!(lab.call("POST /api/v1/policies", &wrong).await.0, 422);
    let request = Request::delete("/api/v1/policies/no-pastes").header("if-match", "\"old\"");
    let response = lab.send(request.body(Body::empty()).unwrap(), None).await;
    assert_eq!(response.status(), 412);
    assert_eq!(lab.call("DELETE /api/v1/policies/no-pastes", &Value::Null).await.0, 200);
    assert_eq!(lab.rules(), RULES);
    let all = json!({"rules": [rule], "why": "afresh"});
    assert_eq!(lab.call("PUT /api/v1/policies", &all).await.0, 200);
    assert!(!lab.rules().contains("id = \"a\"") && lab.rules().starts_with("# mine\n"));
}

#[tokio::test]
async fn records_and_sums_are_asked_for() {
    let lab = Lab::new();
    for (path, status, says) in [
        ("records?host=A.test&limit=5", 200, "\"HTTPHost\":\"a.test\",\"Limit\":5"),
        ("records?limit=0", 400, "expected 1 to 1000"),
        ("records?kind=x", 400, "session"),
        ("records?unknown=1", 400, "unknown"),
        ("records/known", 200, "\"RequestID\":\"known\""),
        ("records/none", 404, "none"),
        ("stats?minutes=30&by=action", 200, "\"points\":30"),
        ("stats?minutes=0", 400, "expected 1"),
        ("stats?by=x", 400, "expected action"),
        ("stats/top", 503, "log.sqlite"),
        ("fields", 200, "http.request.host"),
    ] {
        let (found, body) = lab.call(&format!("GET /api/v1/{path}"), &Value::Null).await;
        assert_eq!(found.as_u16(), status, "{path}: {body}");
        assert!(body.to_string().contains(says), "{path}: {body}");
    }
    let (_, why) = lab.call("POST /api/v1/why", &json!({"url": "http://p.test/"})).await;
    assert_eq!((&why["action"], &why["rule"]["id"]), (&json!("block"), &json!("paste")));
}

#[tokio::test]
async fn live_records_come_as_events() {
    let lab = Lab::new();
    let request = Request::get("/api/v1/records/live").body(Body::empty()).unwrap();
    let response = lab.send(request, None).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut record = gateway_log::Record::new(gateway_log::RecordKind::Http);
    record.http.url = "http://a.test/\nevent: x".into();
    lab.feed.offer(&record);
    let mut body = response.into_body();
    let piece = body.frame().await.unwrap().unwrap().into_data().unwrap();
    let text = String::from_utf8(piece.to_vec()).unwrap();
    assert!(text.starts_with("retry: 2000\n\nevent: record\ndata: {"), "{text}");
    assert!(text.ends_with("}\n\n") && text.matches("event: ").count() == 2, "{text}");
    assert_eq!(text.lines().filter(|line| line.starts_with("event:")).count(), 1);
    assert_eq!(lab.feed.watchers(), 1);
    drop(body);
    assert_eq!(lab.feed.watchers(), 0);
}

#[tokio::test]
async fn the_entries_of_a_list_are_replaced_and_come_back() {
    let lab = Lab::new();
    let (status, all) = lab.call("GET /api/v1/lists", &Value::Null).await;
    assert_eq!((status.as_u16(), &all["result"][0]["id"]), (200, &"paste".into()));
    assert_eq!((&all["result"][0]["count"], &all["result"][0]["items"]), (&1.into(), &Value::Null));
    let body = json!({"items": ["b.example", {"value": "c.example"}], "why": "more"});
    let (status, changed) = lab.call("PUT /api/v1/lists/paste", &body).await;
    assert_eq!((status.as_u16(), &changed["why"]), (200, &"more".into()), "{changed}");
    let (_, one) = lab.call("GET /api/v1/lists/paste", &Value::Null).await;
    assert_eq!(one["items"], json!([{"value": "b.example"}, {"value": "c.example"}]));
    // The text before was found in the folder: it is the version to go back to.
    let before = changed["version"].as_u64().unwrap() - 1;
    let (status, _) = lab.call("POST /api/v1/rollback", &json!({"version": before})).await;
    assert_eq!(status.as_u16(), 200);
    let read = std::fs::read_to_string(lab.scratch.path().join("policy/lists.toml")).unwrap();
    assert_eq!(read, LISTS);
    for (line, body, status) in [
        ("PUT /api/v1/lists/none", json!({"items": []}), 404),
        ("GET /api/v1/lists/none", Value::Null, 404),
        ("PUT /api/v1/lists/paste", json!({"items": [{"value": "x", "description": "y"}]}), 400),
        ("PUT /api/v1/lists/paste", json!({"entries": []}), 400),
    ] {
        assert_eq!(lab.call(line, &body).await.0.as_u16(), status, "{line} {body}");
    }
}
