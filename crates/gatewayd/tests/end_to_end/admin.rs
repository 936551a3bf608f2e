//! The admin API of a gateway that runs, asked by `curl` over its unix socket and over TCP.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::curl::fetch;
use crate::gateway::{Gateway, PATIENCE, Setup};
use crate::message::response;
use crate::origin::Origin;

/// What an API is asked through.
pub(crate) enum Way {
    Socket,
    /// The address, and the token if one is shown.
    Tcp(String, Option<String>),
}

impl Way {
    /// The address of the page of a gateway that was asked to have one, and its token.
    pub(crate) fn tcp(gateway: &Gateway) -> Self {
        let address = gateway.wait_for("the address of the page", |gateway| {
            let terminal = gateway.terminal();
            let rest = terminal.split("administered at http://").nth(1)?;
            rest.split('/').next().map(str::to_owned)
        });
        Self::Tcp(address, Some(gateway.read("admin.token").trim().to_owned()))
    }
}

fn curl(gateway: &Gateway, way: &Way, line: &str, body: Option<&Value>) -> Command {
    let (method, path) = line.split_once(' ').unwrap();
    let mut curl = Command::new("curl");
    curl.args(["-q", "-s", "--noproxy", "*", "--request", method]);
    match way {
        Way::Socket => {
            curl.arg("--unix-socket").arg(gateway.ca().with_file_name("admin.sock"));
            curl.arg(format!("http://localhost{path}"));
        }
        Way::Tcp(address, token) => {
            curl.arg(format!("http://{address}{path}"));
            if let Some(token) = token {
                curl.args(["--header", &format!("Authorization: Bearer {token}")]);
            }
        }
    }
    if let Some(body) = body {
        curl.args(["--header", "Content-Type: application/json", "--data", &body.to_string()]);
    }
    curl
}

/// The status and the JSON of an answer.
pub(crate) fn ask(gateway: &Gateway, way: &Way, line: &str, body: Option<&Value>) -> (u16, Value) {
    let mut curl = curl(gateway, way, line, body);
    let seconds = PATIENCE.as_secs().to_string();
    let output = curl.args(["--max-time", &seconds, "--write-out", "\n%{http_code}"]);
    let output = String::from_utf8(output.output().unwrap().stdout).unwrap();
    let (body, status) = output.rsplit_once('\n').unwrap();
    (status.parse().unwrap(), serde_json::from_str(body).unwrap_or_else(|_| json!(body)))
}

/// Records as they come, read by `curl`.
struct Watcher(Child, BufReader<std::process::ChildStdout>);

impl Watcher {
    fn new(gateway: &Gateway) -> Self {
        let mut curl = curl(gateway, &Way::Socket, "GET /api/v1/records/live", None);
        let seconds = PATIENCE.as_secs().to_string();
        let curl = curl.args(["--no-buffer", "--max-time", &seconds]).stdout(Stdio::piped());
        let mut child = curl.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        let mut watcher = Self(child, lines);
        assert_eq!(watcher.line(), "retry: 2000");
        watcher
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        assert!(self.1.read_line(&mut line).unwrap() > 0, "no more is told");
        line.trim_end().to_owned()
    }

    /// The next record of a URL that ends in `url`.
    fn record(&mut self, url: &str) -> Value {
        loop {
            let line = self.line();
            let Some(data) = line.strip_prefix("data: ") else { continue };
            let record: Value = serde_json::from_str(data).unwrap();
            if record["URL"].as_str().is_some_and(|found| found.ends_with(url)) {
                return record;
            }
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const TABLES: &str = "[reload]\nwatch_ms = 0\n[admin]\nlisten = [\"127.0.0.1:0\"]\n";

fn blocks(path: &str) -> String {
    format!(
        "# by hand\n[[rule]]\nid = \"path\"\nname = \"The path\"\nlayer = \"http\"\naction = \"block\"\n\
         filter = 'http.request.uri.path == \"{path}\"'\n"
    )
}

#[test]
fn who_may_ask_is_answered_and_nobody_else() {
    let gateway = Setup::new().tables(TABLES).start();
    let tcp = Way::tcp(&gateway);
    let Way::Tcp(address, _) = &tcp else { panic!() };
    for (way, line, status) in [
        (&Way::Socket, "GET /api/v1/status", 200),
        (&tcp, "GET /api/v1/status", 200),
        (&tcp, "GET /api/v1/openapi.json", 200),
        (&Way::Tcp(address.clone(), None), "GET /api/v1/status", 401),
        (&Way::Tcp(address.clone(), Some("0".repeat(64))), "GET /api/v1/status", 401),
        (&Way::Tcp(address.clone(), None), "GET /", 200),
        (&Way::Tcp(address.clone(), None), "GET /app.js", 200),
        (&tcp, "DELETE /api/v1/status", 405),
    ] {
        assert_eq!(ask(&gateway, way, line, None).0, status, "{line}");
    }
    // A name that leads here is not enough (DNS rebinding).
    let mut rebound = curl(&gateway, &tcp, "GET /api/v1/status", None);
    let output = rebound.args(["--header", "Host: attacker.test", "--write-out", "%{http_code}"]);
    assert!(output.output().unwrap().stdout.ends_with(b"403"));
    for file in ["admin.sock", "admin.token"] {
        let metadata = std::fs::metadata(gateway.ca().with_file_name(file)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{file}");
    }
    // Clients of the proxy do not get there through it.
    let token = gateway.read("admin.token");
    let header = format!("Authorization: Bearer {}", token.trim());
    let url = format!("http://{address}/api/v1/status");
    assert_eq!(fetch(&gateway, &url, &["--header", &header]).status(), 403);
    assert!(!gateway.terminal().contains(token.trim()));
}

#[test]
fn a_policy_is_checked_applied_taken_back_and_every_version_kept() {
    let origin = Origin::fixed(None, response("200 OK", "", b"hello\n"));
    let gateway = Setup::new().rules(&blocks("/one")).tables(TABLES).start();
    let call = |line: &str, body: Option<&Value>| ask(&gateway, &Way::Socket, line, body);
    let status = |path: &str| {
        fetch(&gateway, &format!("http://origin.test:{}{path}", origin.port), &[]).status()
    };
    assert_eq!((status("/one"), status("/two")), (403, 200));
    let wrong = json!({"text": blocks("/two").replace("uri.path", "uri.pth")});
    let (code, checked) = call("POST /api/v1/validate", Some(&wrong));
    assert_eq!((code, &checked["valid"]), (200, &json!(false)));
    let fault = &checked["diagnostics"][0];
    assert_eq!((&fault["file"], &fault["line"]), (&json!("rules.toml"), &json!(7)), "{fault}");
    assert_eq!(fault["column"], 11, "{fault}");
    assert!(fault["message"].as_str().unwrap().contains("http.request.uri.path"), "{fault}");
    let (code, problem) = call("POST /api/v1/apply", Some(&wrong));
    assert_eq!((code, &problem["diagnostics"][0]["line"]), (422, &json!(7)), "{problem}");
    assert_eq!((status("/one"), status("/two")), (403, 200));
    let (_, told) = call("GET /api/v1/status", None);
    assert_eq!((&told["generation"], &told["reloads"]["failed"]), (&json!(1), &json!(1)));

    let right = json!({"text": blocks("/two"), "why": "two is the bad one"});
    assert_eq!(call("POST /api/v1/validate", Some(&right)).1["valid"], true);
    let (code, applied) = call("POST /api/v1/apply", Some(&right));
    assert_eq!((code, &applied["generation"]), (200, &json!(2)), "{applied}");
    assert_eq!((status("/one"), status("/two")), (200, 403));
    assert_eq!(gateway.read("policy/rules.toml"), blocks("/two"));
    let by = applied["by"].as_str().unwrap();
    assert!(by.starts_with("uid "), "{by}");

    let rule = json!({
        "name": "No third", "description": "For the test.", "action": "block",
        "filters": ["http"], "traffic": "http.request.uri.path == \"/three\"", "precedence": 1,
        "rule_settings": null, "enabled": true,
    });
    let (code, added) = call("POST /api/v1/policies", Some(&rule));
    assert_eq!((code, &added["id"]), (201, &json!("no-third")), "{added}");
    assert_eq!((status("/two"), status("/three")), (403, 403));
    let text = gateway.read("policy/rules.toml");
    assert!(
        text.contains("# by hand") && text.contains("description = \"For the test.\""),
        "{text}"
    );
    gateway.wait_for("the hits of the rule", |_| {
        let (_, rules) = call("GET /api/v1/policies", None);
        assert_eq!(rules["result"][0]["id"], "no-third");
        (rules["result"][0]["hits"]["enforced"] == 1).then_some(())
    });
    let (_, mut one) = call("GET /api/v1/policies/no-third", None);
    one.as_object_mut().unwrap().remove("hits");
    one["enabled"] = json!(false);
    assert_eq!(call("PUT /api/v1/policies/no-third", Some(&one)).0, 200);
    assert_eq!(status("/three"), 200);

    let (_, versions) = call("GET /api/v1/versions", None);
    let ways: Vec<_> = versions["versions"].as_array().unwrap().iter().map(|v| &v["way"]).collect();
    assert_eq!(ways, ["edited", "edited", "applied", "found"]);
    let (code, back) = call("POST /api/v1/rollback", Some(&json!({"version": 1})));
    assert_eq!((code, &back["way"]), (200, &json!("rolled_back")), "{back}");
    assert_eq!(gateway.read("policy/rules.toml"), blocks("/one"));
    assert_eq!((status("/one"), status("/two")), (403, 200));
    assert!(gateway.terminal().contains("cause=\"install\""), "{}", gateway.terminal());
}

#[test]
fn why_says_what_then_happens() {
    let origin = Origin::fixed(None, response("200 OK", "", b"hello\n"));
    let gateway = Setup::new()
        .block("header", "any(http.request.headers[\"x-secret\"][*] == \"1\")")
        .block("path", "http.request.uri.path == \"/p\" and http.request.method == \"POST\"")
        .block("domain", "any(http.request.domains[*] == \"blocked.test\")")
        .block("source", "http.conn.src_ip == 127.0.0.1 and http.request.uri.query == \"src\"")
        .tables(TABLES)
        .start();
    let mut decided = 0;
    for (host, path, method, secret) in [
        ("origin.test", "/", "GET", false),
        ("origin.test", "/", "GET", true),
        ("origin.test", "/p", "GET", false),
        ("origin.test", "/p", "POST", false),
        ("blocked.test", "/", "GET", false),
        ("origin.test", "/?src", "GET", false),
    ] {
        let url = format!("http://{host}:{}{path}", origin.port);
        let mut arguments = vec!["--request", method];
        let mut headers = json!({});
        if secret {
            arguments.extend(["--header", "X-Secret: 1"]);
            headers = json!({"X-Secret": "1"});
        }
        let described =
            json!({"url": url, "method": method, "headers": headers, "source_ip": "127.0.0.1"});
        let (code, why) = ask(&gateway, &Way::Socket, "POST /api/v1/why", Some(&described));
        assert_eq!((code, &why["certain"]), (200, &json!(true)), "{why:#}");
        let blocked = fetch(&gateway, &url, &arguments).status() == 403;
        assert_eq!(why["action"] == "block", blocked, "{described} {why:#}");
        if let Some(rule) = why["rule"]["id"].as_str() {
            decided += 1;
            gateway.wait_for("a record of the rule", |gateway| {
                gateway.records().iter().find(|record| record["PolicyID"] == rule).map(drop)
            });
        }
    }
    assert_eq!(decided, 4);
}

#[test]
fn records_are_watched_and_asked_for() {
    let origin = Origin::fixed(None, response("200 OK", "", b"hello\n"));
    let gateway = Setup::new().block("bad", "http.request.uri.path == \"/bad\"").start();
    let mut watcher = Watcher::new(&gateway);
    let url = |path: &str| format!("http://origin.test:{}{path}", origin.port);
    assert_eq!(fetch(&gateway, &url("/good"), &[]).status(), 200);
    assert_eq!(fetch(&gateway, &url("/bad"), &[]).status(), 403);
    let seen = watcher.record("/bad");
    assert_eq!(
        (&seen["PolicyID"], &seen["DecisionTrail"][0]["RuleID"]),
        (&json!("bad"), &json!("bad"))
    );
    let call = |line: &str| ask(&gateway, &Way::Socket, line, None);
    let id = seen["RequestID"].as_str().unwrap();
    let kept = gateway.wait_for("the record in the archive", |_| {
        let (code, kept) = call(&format!("GET /api/v1/records/{id}"));
        (code == 200).then_some(kept)
    });
    assert_eq!(kept["records"], json!([seen]));
    let (_, blocked) = call("GET /api/v1/records?action=block&kind=http");
    assert_eq!(blocked["records"], json!([seen]));
    let series = gateway.wait_for("the sums", |_| {
        let (_, series) = call("GET /api/v1/stats?by=action&kind=http");
        (series["lines"].as_array().unwrap().len() == 2).then_some(series)
    });
    let of = |action: &str| {
        let lines = series["lines"].as_array().unwrap();
        lines.iter().find(|line| line["value"] == action).unwrap()["total"].clone()
    };
    assert_eq!((&of("block")["blocked"], &of("allow")["records"]), (&json!(1), &json!(1)));
    let (_, top) = call("GET /api/v1/stats/top?by=host&kind=http");
    assert_eq!(
        (&top["top"][0]["value"], &top["top"][0]["records"]),
        (&json!("origin.test"), &json!(2))
    );
    let (_, status) = call("GET /api/v1/status");
    assert_eq!(
        (&status["live"]["watchers"], &status["rule_hits"]["bad"]["enforced"]),
        (&json!(1), &json!(1))
    );
}

#[test]
fn the_entries_of_a_list_come_into_force_and_are_taken_back() {
    let origin = Origin::fixed(None, response("200 OK", "", b"hello\n"));
    let lists = "[[list]]\nid = \"bad\"\ntype = \"text\"\nentries = [\"/one\"]\n";
    let gateway = Setup::new()
        .tables(TABLES)
        .block("listed", "http.request.uri.path in $bad")
        .policy_file("lists.toml", lists)
        .start();
    let url = |path: &str| format!("http://origin.test:{}{path}", origin.port);
    let statuses = || ["/one", "/two"].map(|path| fetch(&gateway, &url(path), &[]).status());
    assert_eq!(statuses(), [403, 200]);
    let call = |line: &str, body: Option<&Value>| ask(&gateway, &Way::Socket, line, body);
    let new = json!({"items": [{"value": "/two"}], "why": "moved"});
    let (code, changed) = call("PUT /api/v1/lists/bad", Some(&new));
    assert_eq!((code, &changed["why"]), (200, &json!("moved")), "{changed}");
    assert_eq!(statuses(), [200, 403]);
    let before = json!({"version": changed["version"].as_u64().unwrap() - 1});
    assert_eq!(call("POST /api/v1/rollback", Some(&before)).0, 200);
    assert_eq!(statuses(), [403, 200]);
    assert_eq!(call("GET /api/v1/lists", None).1["result"][0]["count"], 1);
}

#[test]
fn a_policy_is_checked_with_the_databases_beside_it() {
    let gateway = Setup::new().tables(TABLES).block("bad", "av.infected").start();
    let validate = || {
        let text = json!({"text": "[[rule]]\nid = \"a\"\nlayer = \"http\"\naction = \"block\"\nfilter = \"av.infected\"\n"});
        ask(&gateway, &Way::Socket, "POST /api/v1/validate", Some(&text)).1
    };
    assert_eq!(validate()["valid"], true);
    // What a reload would refuse is told before.
    std::fs::create_dir_all(gateway.policy_path("av")).unwrap();
    std::fs::write(gateway.policy_path("av/own.hdb"), "no digest\n").unwrap();
    let checked = validate();
    assert_eq!(checked["valid"], false);
    assert_eq!(checked["diagnostics"][0]["file"], "av/own.hdb", "{checked:#}");
}
