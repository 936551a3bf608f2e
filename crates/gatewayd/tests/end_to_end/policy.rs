//! What rules do besides blocking: hours and ends, quotas, changes of header fields, tenant control,
//! and what an administrator tells of addresses and hosts. By `curl`.

use serde_json::Value;

use crate::authority::{OriginAuthority, Validity};
use crate::curl::fetch;
use crate::gateway::{Gateway, Setup};
use crate::identity::users;
use crate::message::response;
use crate::origin::Origin;

/// A rule of `rules.toml` that allows or blocks what `filter` matches.
fn rule(id: &str, action: &str, filter: &str, more: &str) -> String {
    format!(
        "[[rule]]\nid = \"{id}\"\nlayer = \"http\"\naction = \"{action}\"\nfilter = '''{filter}'''\n\
         {more}\n\n"
    )
}

/// The step of the trail of a record that `rule` made.
fn step<'r>(record: &'r Value, rule: &str) -> &'r Value {
    let trail = record["DecisionTrail"].as_array().unwrap();
    let step = trail.iter().find(|step| step["RuleID"] == rule);
    assert!(step.is_some(), "{record}");
    step.unwrap()
}

fn get(gateway: &Gateway, origin: &Origin, path: &str, arguments: &[&str]) -> u16 {
    let url = format!("http://origin.test:{}{path}", origin.port);
    fetch(gateway, &url, arguments).status()
}

#[test]
fn heads_are_changed_by_who_asks_and_the_record_tells() {
    let authority = OriginAuthority::new("Origins");
    let tls = authority.server("origin.test", Validity::Current);
    let answer = response("200 OK", "Server: secret/1.0\r\nX-Kept: 1\r\n", b"hello\n");
    let [plain, secure] = [None, Some(tls)].map(|tls| {
        let answer = answer.clone();
        Origin::http(tls, move |_, out| out.write_all(&answer))
    });
    let changes = r#"
        request_headers = { delete = ["X-Debug"], set = { X-User = "@{identity.email} from @{source.ip}" }, add = { X-Team = ["@{identity.groups}", "all"] } }
        response_headers = { delete = ["Server"], set = { X-Policy = "corp" } }
    "#;
    let people = users(&[("alice", "geheim", "staff")]);
    let gateway = Setup::new()
        .tunnels_to(&secure)
        .trusts(&authority)
        .tables("[identity]\nrequired = true\nusers = \"users.toml\"\n")
        .file("users.toml", &people)
        .rules(&rule(
            "shadow",
            "allow",
            "true",
            "log_only = true\nrequest_headers = { set = { X-Shadow = \"1\" } }",
        ))
        .rules(&rule("heads", "allow", r#"http.request.uri.path == "/a""#, changes))
        .start();
    let arguments = ["--proxy-user", "alice:geheim", "-H", "X-Debug: 1", "-H", "X-User: root"];
    for (origin, scheme) in [(&plain, "http"), (&secure, "https")] {
        let fetched =
            fetch(&gateway, &format!("{scheme}://origin.test:{}/a", origin.port), &arguments);
        assert_eq!(fetched.text(), "hello\n", "{fetched:?}");
        let seen = &origin.requests()[0].head;
        assert_eq!(seen.field("x-user"), Some("alice@corp.test from 127.0.0.1"));
        assert_eq!((seen.field("x-debug"), seen.field("x-shadow")), (None, None));
        let teams = seen.fields.iter().filter(|(name, _)| name.eq_ignore_ascii_case("x-team"));
        let teams: Vec<&str> = teams.map(|(_, value)| value.as_str()).collect();
        assert_eq!(teams, ["staff", "all"]);
    }
    let fetched = fetch(&gateway, &format!("http://origin.test:{}/a", plain.port), &arguments);
    let head = &fetched.head;
    let fields = ["server", "x-policy", "x-kept"].map(|name| head.field(name));
    assert_eq!(fields, [None, Some("corp"), Some("1")]);
    // A request that the rule does not match stays as it is.
    get(&gateway, &plain, "/b", &arguments);
    let last = plain.requests().pop().unwrap();
    assert_eq!((last.head.field("x-user"), last.head.field("x-debug")), (Some("root"), Some("1")));
    let record = gateway.http_record(&format!(":{}/a", plain.port));
    let changed = &step(&record, "heads")["Headers"];
    let told: Vec<&str> = changed.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let expected = [
        "request delete X-Debug",
        "request set X-User",
        "request add X-Team",
        "response delete Server",
        "response set X-Policy",
    ];
    assert_eq!(told, expected);
    assert!(
        !gateway.records_text().contains("alice@corp.test from"),
        "values stay out of the record"
    );
    assert_eq!(step(&record, "shadow")["Mode"], "log");
    assert!(step(&record, "shadow")["Headers"].is_null(), "{record}");
}

#[test]
fn tenants_are_told_to_their_services_alone() {
    let origin = Origin::fixed(None, response("200 OK", "", b"hello\n"));
    let tenants =
        "tenant_control = { google = [\"a.example\", \"b.example\"], youtube = \"Strict\" }";
    let gateway = Setup::new()
        .resolves("mail.google.com", "127.0.0.1")
        .resolves("www.youtube.com", "127.0.0.1")
        .rules(&rule("tenants", "allow", "true", tenants))
        .start();
    for (host, google, youtube) in [
        ("mail.google.com", Some("a.example,b.example"), None),
        ("www.youtube.com", None, Some("Strict")),
        ("origin.test", None, None),
    ] {
        let url = format!("http://{host}:{}/", origin.port);
        // What the client writes itself is replaced where the service would read it.
        let arguments: &[&str] = if google.is_some() {
            &["-H", "X-GoogApps-Allowed-Domains: mine.example"]
        } else {
            &[]
        };
        assert_eq!(fetch(&gateway, &url, arguments).status(), 200);
        let last = origin.requests().pop().unwrap().head;
        assert_eq!(last.field("x-googapps-allowed-domains"), google, "{host}");
        assert_eq!(last.field("youtube-restrict"), youtube, "{host}");
    }
}

#[test]
fn rules_hold_at_their_hours_until_they_end() {
    let origin = Origin::fixed(None, response("200 OK", "", b"hello\n"));
    let path = |path: &str| format!(r#"http.request.uri.path == "{path}""#);
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let always = days.map(|day| format!("{day} = \"00:00-24:00\"")).join(", ");
    let always = format!("schedule = {{ time_zone = \"Asia/Tokyo\", {always} }}");
    let gateway = Setup::new()
        .rules(&rule("always", "block", &path("/always"), &always))
        .rules(&rule("over", "block", &path("/over"), "expires = \"2020-01-01T00:00:00+01:00\""))
        .rules(&rule("yet", "block", &path("/yet"), "expires = \"2999-01-01T00:00:00Z\""))
        .rules(&rule("now", "block", r#"http.request.uri.path == "/now" and time.unix > 1700000000"#, ""))
        .rules(
            "[[rule]]\nid = \"port\"\nlayer = \"l4\"\naction = \"block\"\nfilter = 'net.dst.port == 9'\n\
             expires = \"2020-01-01T00:00:00Z\"\n",
        )
        .start();
    for (path, status) in [("/always", 403), ("/over", 200), ("/yet", 403), ("/now", 403)] {
        assert_eq!(get(&gateway, &origin, path, &[]), status, "{path}");
    }
    // An expired rule of the network refuses nobody: the gateway tries, and finds nobody there.
    let url = "http://origin.test:9/";
    assert_eq!(fetch(&gateway, url, &[]).status(), 502);
}

#[test]
fn quotas_are_used_up_and_outlive_a_policy() {
    let origin = Origin::fixed(None, response("200 OK", "", b"0123456789"));
    let quotas = "[[quota]]\nid = \"asked\"\nkey = \"user\"\nwindow_s = 86400\nmax = 2\n\
                  filter = 'http.request.uri.path == \"/asked\"'\n\n\
                  [[quota]]\nid = \"got\"\nkey = \"ip\"\ncounts = \"download_bytes\"\n\
                  window_s = 86400\nmax = 1000000\nfilter = 'http.request.uri.path == \"/got\"'\n";
    let rules = [
        rule("asked", "block", r#"any(quota.exceeded[*] == "asked")"#, ""),
        rule("got", "block", r#"quota.used["got"] > 19"#, ""),
    ]
    .concat();
    let gateway = Setup::new().policy_file("quotas.toml", quotas).rules(&rules).start();
    let statuses = |path: &str, times: usize| -> Vec<u16> {
        (0..times).map(|_| get(&gateway, &origin, path, &[])).collect()
    };
    assert_eq!(statuses("/asked", 3), [200, 200, 403]);
    assert_eq!(statuses("/other", 4), [200; 4]);
    // Bytes count when they have gone: the third request finds 20 of them.
    for _ in 0..2 {
        assert_eq!(statuses("/got", 1), [200]);
        let whole = |gateway: &Gateway| {
            let got = gateway.records().into_iter();
            let got =
                got.filter(|record| record["URL"].as_str().is_some_and(|u| u.ends_with("/got")));
            Some(got.count())
        };
        let before = origin.requests().iter().filter(|r| r.head.start.contains("/got")).count();
        gateway.wait_for("the record of the download", |gateway| {
            whole(gateway).filter(|count| *count >= before)
        });
    }
    assert_eq!(statuses("/got", 1), [403]);
    let record = gateway.http_record(&format!(":{}/asked", origin.port));
    assert_eq!(record["HTTPStatusCode"], 200, "{record}");
    gateway.reload();
    assert_eq!(statuses("/asked", 1), [403]);
}

#[test]
fn data_of_the_administrator_decides() {
    let origin = Origin::fixed(None, response("200 OK", "", b"hello\n"));
    let gateway = Setup::new()
        .policy_file("data/countries.csv", "# here\n127.0.0.0/8,DE\n")
        .policy_file("data/content_categories.csv", "origin.test,17,85\n")
        .policy_file("data/applications.csv", "origin.test,7,25,unapproved\n")
        .rules(&rule("geo", "block", r#"http.request.uri.path == "/geo" and net.dst.geo.country == "DE" and http.src_ip.geo.continent == "EU""#, ""))
        .rules(&rule("kind", "block", r#"http.request.uri.path == "/kind" and any(http.request.uri.content_category[*] in {85})"#, ""))
        .rules(&rule("app", "block", r#"http.request.uri.path == "/app" and any(app.ids[*] == 7) and any(app.statuses[*] == "unapproved")"#, ""))
        .rules(&rule("way", "block", r#"http.request.uri.path == "/way" and net.onramp.type == "proxy_endpoint" and ends_with(proxy.endpoint, ":1")"#, ""))
        .rules(&rule("port", "block", r#"http.request.uri.path == "/port" and starts_with(proxy.endpoint, "127.0.0.1:")"#, ""))
        .start();
    for (path, status) in
        [("/geo", 403), ("/kind", 403), ("/app", 403), ("/way", 200), ("/port", 403), ("/", 200)]
    {
        assert_eq!(get(&gateway, &origin, path, &[]), status, "{path}");
    }
    let folder = gateway.policy_path("");
    let checked = gateway.command(&["rules", "check", "--policy", folder.to_str().unwrap()]);
    let text = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(text.contains("warnings 0"), "{text}");
}
