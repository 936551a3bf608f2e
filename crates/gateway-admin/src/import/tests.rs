//! One rule of each kind that the API knows.

use serde_json::json;

use super::*;

/// A rule as the API returns it.
fn rule(id: &str, layer: &str, action: &str, traffic: &str, more: &Value) -> Value {
    let mut rule = json!({
        "id": id, "name": format!("Rule {id}"), "description": "", "precedence": 1000,
        "enabled": true, "action": action, "filters": [layer], "traffic": traffic, "identity": "",
        "device_posture": "", "version": 3, "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z", "deleted_at": null,
        "rule_settings": {"block_page_enabled": false, "block_reason": "", "override_ips": null},
        "schedule": {}, "expiration": null, "read_only": false, "sharable": false,
    });
    for (key, value) in more.as_object().expect("an object") {
        rule[key] = value.clone();
    }
    rule
}

fn imported(rules: Value) -> Imported {
    import(&json!({"success": true, "errors": [], "result": rules}).to_string()).expect("rules")
}

/// The enabled rules of an imported text, as a gateway compiles them.
fn compiled(imported: &Imported) -> Vec<String> {
    let rules = RuleText::read(&imported.rules).expect("TOML").rules();
    let enabled = rules.iter().filter(|rule| rule.enabled);
    enabled.map(|rule| rule.id.clone()).collect()
}

const HOST: &str = r#"http.request.host == "a.example""#;

/// One rule, what becomes of it, and what is said of it.
fn check(rule: &Value, fate: Option<Fate>, says: &str) {
    let imported = imported(json!([rule]));
    let found = imported.left.iter().map(|left| left.fate).max();
    assert_eq!(found, fate, "{imported:?}");
    let told = imported.left.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    assert!(fate.is_none() || told.contains(says), "{told}");
    assert!(imported.rules.contains(says), "{}", imported.rules);
    let rules = RuleText::read(&imported.rules).expect("TOML").rules();
    match fate {
        Some(Fate::Comment) => assert!(rules.is_empty(), "{}", imported.rules),
        fate => {
            let [one] = rules.as_slice() else { panic!("{}", imported.rules) };
            let was_enabled = rule["enabled"] == true;
            assert_eq!(one.enabled, was_enabled && fate != Some(Fate::Disabled));
            assert_eq!(one.name, rule["name"].as_str().expect("a name"));
        }
    }
}

#[test]
fn every_action_is_carried_over_or_named() {
    let none = json!({});
    let http = |action: &str, more: &Value| rule("r", "http", action, HOST, more);
    let redirect = json!({"rule_settings": {"redirect": {
        "target_uri": "https://b.example/", "preserve_path_and_query": true,
    }}});
    let sni = r#"any(net.sni.domains[*] == "bank.example")"#;
    for sound in [
        http("allow", &none),
        http("block", &none),
        http("block", &json!({"enabled": false})),
        http("noscan", &none),
        http("redirect", &redirect),
        rule("r", "http", "off", sni, &none),
        rule("r", "l4", "block", "net.dst.port == 22", &none),
        rule("r", "l4", "allow", r#"net.dst.ip in {10.0.0.0/8} and net.protocol == "tcp""#, &none),
        rule("r", "http", "block", "", &json!({"identity": r#"identity.email == "a@b.example""#})),
    ] {
        check(&sound, None, "");
    }
    for action in ["isolate", "noisolate", "on", "quarantine", "scan"] {
        check(&http(action, &none), Some(Fate::Comment), &format!("`{action}` is not offered"));
    }
    for (layer, action) in [("l4", "audit_ssh"), ("l4", "l4_override")] {
        let rule = rule("r", layer, action, "net.dst.port == 22", &none);
        check(&rule, Some(Fate::Comment), &format!("`{action}` is not offered"));
    }
    for (layer, action) in [
        ("dns", "block"),
        ("dns", "override"),
        ("dns", "safesearch"),
        ("dns", "ytrestricted"),
        ("egress", "egress"),
        ("dns_resolver", "resolve"),
    ] {
        let rule = rule("r", layer, action, r#"dns.fqdn == "a.example""#, &none);
        check(&rule, Some(Fate::Comment), &format!("the kind `{layer}`"));
    }
}

#[test]
fn what_a_rule_has_besides_is_named() {
    let block = |more: &Value| rule("r", "http", "block", HOST, more);
    let settings = |settings: Value| block(&json!({"rule_settings": settings}));
    let disabled = Some(Fate::Disabled);
    check(&block(&json!({"schedule": {"mon": "08:00-12:00"}})), None, "schedule = {");
    let expiration = json!({"expiration": {"expires_at": "2026-05-01T00:00:00Z"}});
    check(&block(&expiration), None, "expires = \"2026-05-01");
    check(&block(&json!({"invented": 1})), disabled, "`invented` 1");
    check(&settings(json!({"check_session": {"enforce": true}})), disabled, "check_session");
    let kept = Some(Fate::Kept);
    check(&settings(json!({"block_reason": "no"})), kept, "block_reason");
    check(&settings(json!({"notification_settings": {"enabled": true}})), kept, "notification");
    check(&settings(json!({"untrusted_cert": {"action": "pass_through"}})), kept, "untrusted_cert");
    check(&settings(json!({"untrusted_cert": {"action": "error"}})), None, "");
    check(&settings(json!({"block_page_enabled": true})), None, "");
    let redirect =
        json!({"redirect": {"target_uri": "https://b.example/", "include_context": true}});
    let redirect = rule("r", "http", "redirect", HOST, &json!({"rule_settings": redirect}));
    check(&redirect, kept, "include_context");
    check(&block(&json!({"deleted_at": "2026-02-01"})), Some(Fate::Comment), "deleted");
}

#[test]
fn that_what_was_found_is_kept_is_carried_over_where_something_can_be_found() {
    let with = |traffic: &str, payload_log: Value| {
        rule("r", "http", "block", traffic, &json!({"rule_settings": payload_log}))
    };
    let yes = json!({"payload_log": {"enabled": true}});
    let phase = r#"http.body_phase == "upload" and any(dlp.profiles[*] in {"cards"})"#;
    for traffic in [r#"any(dlp.profiles[*] in {"cards"})"#, phase] {
        check(&with(traffic, yes.clone()), None, "payload_log = true");
    }
    check(&with(HOST, yes.clone()), Some(Fate::Kept), "`rule_settings.payload_log`");
    let text = imported(json!([with(HOST, yes)])).rules;
    assert!(!text.contains("payload_log = true"), "{text}");
    for nothing in [json!({"payload_log": null}), json!({"payload_log": {"enabled": false}})] {
        check(&with(HOST, nothing), None, "");
    }
}

#[test]
fn changes_of_header_fields_are_carried_over_where_they_can_be_made() {
    let with = |action: &str, headers: Value| {
        rule("r", "http", action, HOST, &json!({"rule_settings": headers}))
    };
    let tenants = json!({"add_headers": {
        "Restrict-Access-To-Tenants": ["a.example", "b.example"], "X-User": ["@{identity.email}"],
    }});
    let written = "request_headers = { add = { Restrict-Access-To-Tenants = [\"a.example\", \
                   \"b.example\"], X-User = \"@{identity.email}\" } }";
    check(&with("allow", tenants.clone()), None, "");
    let text = imported(json!([with("allow", tenants.clone())])).rules;
    assert!(text.contains(written), "{text}");
    let more = json!({"set_headers": {"X-A": ["1"]}, "delete_headers": ["X-B"]});
    let text = imported(json!([with("allow", more)])).rules;
    assert!(
        text.contains(r#"request_headers = { delete = ["X-B"], set = { X-A = "1" } }"#),
        "{text}"
    );
    let disabled = Some(Fate::Disabled);
    let host = json!({"add_headers": {"Host": ["b.example"]}});
    check(&with("allow", host), disabled, "the header field `Host`");
    let unknown = json!({"set_headers": {"X-A": ["@{invented}"]}});
    check(&with("allow", unknown), disabled, "the unknown variable `@{invented}`");
    check(&with("block", tenants), Some(Fate::Kept), "`rule_settings.add_headers`");
    for nothing in [json!({"add_headers": {}}), json!({"add_headers": null})] {
        check(&with("block", nothing), None, "");
    }
    let late = json!({"rule_settings": {"add_headers": {"X-A": ["1"]}}});
    let late = rule("r", "http", "allow", "http.response.status_code == 200", &late);
    check(&late, disabled, "a change of the request head");
}

#[test]
fn the_body_that_is_asked_for_is_named() {
    let of = |traffic: &str| rule("r", "http", "block", traffic, &json!({}));
    let rules = json!([
        of(r#"http.body_phase == "upload" and any(dlp.profiles[*] in {"cards"})"#),
        of(
            r#"any(dlp.profiles[*] in {"cards"}) and http.body_phase == "download" and any(http.conn.domains[*] == "a.example")"#
        ),
    ]);
    let imported = imported(rules);
    assert_eq!(imported.left, []);
    let rules = RuleText::read(&imported.rules).expect("TOML").rules();
    assert_eq!(rules[0].traffic, r#"any(dlp.upload.profiles[*] in {"cards"})"#);
    assert_eq!(
        rules[1].traffic,
        r#"any(dlp.download.profiles[*] in {"cards"}) and any(http.request.domains[*] == "a.example")"#
    );
    let alone = of(r#"http.body_phase == "upload""#);
    check(&alone, Some(Fate::Comment), "nothing of the upload is asked for");
}

#[test]
fn conditions_that_are_not_understood_are_comments() {
    let comment = Some(Fate::Comment);
    let unknown = r#"any(http.request.invented[*] in {1 2})"#;
    let more = json!({});
    check(&rule("r", "http", "block", unknown, &more), comment, "no field is called");
    let never = r#"access.private_app or http.request.host == "a.example""#;
    let never = rule("r", "http", "block", never, &more);
    check(&never, Some(Fate::Disabled), "`access.private_app` is never known here");
    check(&rule("r", "http", "off", HOST, &more), comment, "`off`");
    check(&rule("r", "l4", "block", HOST, &more), comment, "`l4` rule");
    check(&json!({"id": "r", "name": "n", "filters": ["http"]}), comment, "not understood");
}

#[test]
fn odd_characters_stay_within_comments_and_strings() {
    let odd = "x\u{1}\r == \"'''\" \n[[rule]]\n\"\"\"";
    let imported = imported(json!([
        rule("a\n[[rule]]", "http", "block", odd, &json!({"name": odd, "schedule": {"x": odd}})),
        rule("b", "http", "block", HOST, &json!({"name": odd, "description": odd})),
    ]));
    let rules = RuleText::read(&imported.rules).expect("TOML").rules();
    let [one] = rules.as_slice() else { panic!("{}", imported.rules) };
    assert_eq!((&*one.id, &*one.name, &*one.description), ("b", odd, odd));
}

#[test]
fn order_ids_names_and_lists_are_carried_over() {
    let list = "f1c0a3f2-6d0e-4c39-9a1b-1e2d3c4b5a69";
    let rules = json!([
        rule("second", "http", "allow", HOST, &json!({"precedence": 2000})),
        rule(
            "",
            "http",
            "block",
            r#"http.conn.hostname == "http.conn.hostname""#,
            &json!({
                "precedence": 1000, "name": "No \"pastes\"",
            })
        ),
        rule(
            "third",
            "l4",
            "block",
            &format!("net.dst.ip in ${list}"),
            &json!({"precedence": 3000})
        ),
        rule("second", "http", "allow", "", &json!({"precedence": 4000})),
    ]);
    let imported = imported(rules);
    assert_eq!(imported.read, 4);
    assert_eq!(compiled(&imported), ["no-pastes", "second", "second-2"]);
    let rules = RuleText::read(&imported.rules).expect("TOML").rules();
    assert_eq!(rules[0].traffic, r#"http.request.host == "http.conn.hostname""#);
    assert_eq!(rules[0].name, "No \"pastes\"");
    assert_eq!((&*rules[2].id, rules[2].enabled), ("third", false));
    assert_eq!(rules[3].traffic, "true");
    let lists = imported.lists.expect("lists");
    assert!(lists.contains(&format!("id = \"{list}\"\ntype = \"ip\"\nentries = []")), "{lists}");
    let [left] = imported.left.as_slice() else { panic!("{:?}", imported.left) };
    assert!(left.to_string().contains(list) && left.fate == Fate::Disabled);
}

#[test]
fn other_texts_are_refused() {
    for (text, says) in [
        ("", "no JSON"),
        ("1", "found a number"),
        ("{}", "without a list"),
        (r#"{"success": false, "errors": [{"message": "no"}]}"#, r#"[{"message":"no"}]"#),
        (r#"{"result": [], "result_info": {"page": 1, "total_pages": 2}}"#, "page 1 of 2"),
    ] {
        let error = import(text).expect_err(text).to_string();
        assert!(error.contains(says), "{error}");
    }
    assert_eq!(import("[]").expect("no rules").read, 0);
    let one = rule("r", "http", "block", HOST, &json!({}));
    assert_eq!(import(&one.to_string()).expect("one rule").read, 1);
}
