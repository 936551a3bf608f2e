//! `gateway-proxy rules` on rules with hours, ends, changes of header fields and tenant control, and on
//! the files beside them.

use serde_json::json;

use crate::program::Folder;

const RULES: &str = r#"
[[rule]]
id = "day"
layer = "http"
action = "allow"
filter = 'http.request.host == "a.example"'
schedule = { time_zone = "Europe/Berlin", mon = "08:00-12:00" }
request_headers = { set = { X-User = "@{identity.email}" } }
tenant_control = { slack = "T1" }

[[rule]]
id = "over"
layer = "l4"
action = "block"
filter = 'net.dst.port == 443'
expires = "2026-01-26T09:00:00+01:00"
"#;

#[test]
fn explain_and_test_know_the_time() {
    let folder = Folder::new();
    folder.write("policy/rules.toml", RULES);
    let at = |unix_s: i64| {
        let values =
            json!({"time.unix": unix_s, "net.dst.port": 443, "http.request.host": "a.example"});
        let line = json!({"values": values}).to_string();
        let answer = folder.run_with(&["rules", "explain", "--policy", "policy"], line.as_bytes());
        assert_eq!(answer.status, 0, "{answer:?}");
        answer.text().to_owned()
    };
    // Monday, 26 January 2026, at 07:30 and at 09:30 in Berlin.
    let early = at(1_769_409_000);
    assert!(early.contains("rule `day` (http, allow): does not hold now: its schedule"), "{early}");
    assert!(early.contains("rule `over` (network, block): matched"), "{early}");
    let late = at(1_769_416_200);
    assert!(late.contains("rule `day` (http, allow): matched"), "{late}");
    assert!(late.contains("    changes: request set X-User\n"), "{late}");
    let slack = "    changes: request set X-Slack-Allowed-Workspaces (for slack.com)\n";
    assert!(late.contains(slack), "{late}");
    assert!(
        late.contains("rule `over` (network, block): does not hold now: it has expired"),
        "{late}"
    );
}

#[test]
fn check_tells_what_is_wrong_with_settings_and_files() {
    let rule = |more: &str| {
        let rule = "[[rule]]\nid = \"a\"\nlayer = \"http\"\naction = \"allow\"\nfilter = 'true'\n";
        format!("{rule}{more}\n")
    };
    for (more, expected) in [
        (
            "schedule = { time_zone = \"Europe/Berln\", mon = \"08:00-09:00\" }",
            "rules.toml:6:12: rule `a`: `schedule`: no time zone is called `Europe/Berln`; did you mean `Europe/Berlin`?",
        ),
        ("schedule = { mon = \"22:00-06:00\" }", "the hours `22:00-06:00` end before they begin"),
        ("expires = \"tomorrow\"", "rules.toml:6:11: rule `a`: `expires`: found `tomorrow`"),
        (
            "tenant_control = { gogle = \"x\" }",
            "no tenant control is called `gogle`; did you mean `google`?",
        ),
        (
            "request_headers = { set = { Host = \"x\" } }",
            "the header field `Host` is not for rules to change",
        ),
        (
            "request_headers = { set = { X-A = \"@{identity.mail}\" } }",
            "unknown variable `@{identity.mail}`; did you mean `identity.email`?",
        ),
        ("request_headers = { change = [] }", "unknown field `change`"),
    ] {
        let folder = Folder::new();
        folder.write("policy/rules.toml", rule(more));
        let answer = folder.run(&["rules", "check", "--policy", "policy"]);
        assert_eq!(answer.status, 2, "{answer:?}");
        assert!(answer.text().contains(expected), "{more}: {}", answer.text());
    }
    let folder = Folder::new();
    folder.write(
        "policy/rules.toml",
        "[[rule]]\nid = \"a\"\nlayer = \"http\"\naction = \"block\"\nfilter = 'any(app.ids[*] == 7) or \
         any(quota.exceeded[*] == \"upload\") or net.vnet_id == \"v\"'\n",
    );
    let quota = "[[quota]]\nid = \"uploads\"\nkey = \"ip\"\nwindow_s = 60\nmax = 1\n";
    folder.write("policy/quotas.toml", quota);
    let answer = folder.run(&["rules", "check", "--policy", "policy"]);
    let text = answer.text();
    assert_eq!(answer.status, 0, "{answer:?}");
    assert!(
        text.contains("`app.ids` has no value: there is no policy/data/applications.csv"),
        "{text}"
    );
    assert!(text.contains("no quota is called `upload`; did you mean `uploads`?"), "{text}");
    assert!(text.contains("`net.vnet_id` is never known here"), "{text}");
    assert!(text.ends_with("ok: rules 1, warnings 3\n"), "{text}");
}
