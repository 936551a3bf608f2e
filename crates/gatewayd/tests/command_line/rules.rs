//! `gateway-proxy rules`: eval, explain, check, test and fields.

use serde_json::{Value, json};

use crate::program::Folder;

#[test]
fn eval_answers_every_line_in_order() {
    let cases = [
        (
            json!({"expr": "port == 443", "scheme": {"port": {"type": "Int"}}, "values": {"port": 443}}),
            "result",
            json!(true),
        ),
        (
            json!({"expr": "port in {1..9 443}", "scheme": {"port": {"type": "Int"}}, "values": {"port": 10}}),
            "result",
            json!(false),
        ),
        (
            json!({"expr": "any(names[*] contains \"x\")", "scheme": {"names": {"type": {"Array": "Bytes"}}}, "values": {"names": ["a", "bxc"]}}),
            "result",
            json!(true),
        ),
        (
            json!({"expr": "names[*] == \"a\"", "scheme": {"names": {"type": {"Array": "Bytes"}}}, "values": {"names": ["a", "b"]}}),
            "result",
            json!([true, false]),
        ),
        (
            json!({"expr": "http.request.host == \"a.example\"", "scheme": "gateway"}),
            "ok",
            json!(true),
        ),
    ];
    let input: String = cases.iter().map(|(request, ..)| format!("{request}\n")).collect();
    let answer = Folder::new().run_with(&["rules", "eval"], input.as_bytes());
    assert_eq!(answer.status, 0, "{answer:?}");
    let lines: Vec<Value> =
        answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), cases.len());
    for ((request, key, expect), line) in cases.iter().zip(&lines) {
        assert_eq!(&line[key], expect, "{request}: {line}");
    }
}

#[test]
fn eval_tells_where_an_expression_is_wrong() {
    let expr = "http.request.host == 1";
    let request = json!({"expr": expr, "scheme": "gateway"}).to_string();
    let answer = Folder::new().run_with(&["rules", "eval"], request.as_bytes());
    let line: Value = serde_json::from_str(answer.text()).unwrap();
    let error = &line["error"];
    let (start, end) = (error["start"].as_u64().unwrap(), error["end"].as_u64().unwrap());
    assert!(start <= 21 && 21 <= end, "{line}");
    assert!(error["message"].is_string() && error["kind"].is_string(), "{line}");
}

#[test]
fn check_counts_or_complains() {
    let folder = Folder::new();
    let rule = |filter: &str| {
        format!("[[rule]]\nid = \"a\"\nlayer = \"http\"\naction = \"block\"\nfilter = '{filter}'\n")
    };
    folder.write("good.toml", rule("av.infected"));
    let answer = folder.run(&["rules", "check", "good.toml"]);
    assert_eq!((answer.status, answer.text()), (0, "ok: rules 1, warnings 0\n"));

    folder.write("policy/rules.toml", rule("av.infectd"));
    folder.write("policy/dlp.toml", "[[profile]]\nid = \"p\"\nentries = []\n");
    let answer = folder.run(&["rules", "check", "--policy", "policy"]);
    assert_eq!(answer.status, 2, "{answer:?}");
    let text = answer.text();
    assert!(text.contains("policy/rules.toml:5:11: rule `a`: error["), "{text}");
    assert!(text.contains("    filter = 'av.infectd'\n              ^"), "{text}");
    assert!(text.contains("did you mean `av.infected`?"), "{text}");
    assert!(text.contains("policy/dlp.toml:2:6: profile `p`"), "{text}");
    assert!(text.ends_with("wrong: problems 2\n"), "{text}");
}

#[test]
fn fields_lists_the_scheme() {
    let answer = Folder::new().run(&["rules", "fields"]);
    assert_eq!(answer.status, 0);
    let line = answer.text().lines().find(|line| line.starts_with("http.request.host ")).unwrap();
    assert!(line.contains("Bytes") && line.contains("request"), "{line}");
    assert!(answer.text().lines().count() > 30);
}

/// A policy of three rules and a list.
fn policy(folder: &Folder) {
    let rule = |id: &str, layer: &str, filter: &str| {
        format!(
            "[[rule]]\nid = \"{id}\"\nlayer = \"{layer}\"\naction = \"block\"\nfilter = '{filter}'\n"
        )
    };
    let rules = [
        rule("ssh", "l4", "net.dst.port == 22"),
        rule("paste", "http", "http.request.host in $paste and net.dst.port == 443"),
        rule("cards", "http", r#"any(dlp.profiles[*] == "cards")"#),
    ];
    folder.write("policy/rules.toml", rules.concat());
    let list = "[[list]]\nid = \"paste\"\ntype = \"text\"\nentries = [\"p.example\"]\n";
    folder.write("policy/lists.toml", list);
}

#[test]
fn explain_says_why_rules_hold_or_not() {
    let folder = Folder::new();
    policy(&folder);
    let values = json!({"net.dst.port": 443, "http.request.host": "q.example"});
    let line = json!({"values": values, "until": "request head"}).to_string();
    let arguments = ["rules", "explain", "--policy", "policy"];
    let answer = folder.run_with(&arguments, line.as_bytes());
    let expected = [
        "line 1",
        "rule `ssh` (network, block): failed",
        "    0..18 fails: net.dst.port == 22",
        "        net.dst.port is 443",
        "rule `paste` (http, block): failed",
        "    0..27 fails: http.request.host in $paste",
        "        http.request.host is \"q.example\"",
        "rule `cards` (body, block): not yet known, for want of dlp.profiles",
    ];
    assert_eq!(answer.text().lines().collect::<Vec<_>>(), expected, "{answer:?}");
    assert_eq!(answer.status, 0);
}

#[test]
fn explain_answers_tools_in_json() {
    let folder = Folder::new();
    policy(&folder);
    let values =
        json!({"net.dst.port": 443, "http.request.host": "p.example", "dlp.profiles": ["x"]});
    let input = format!("{}\n{{}}\n", json!({"values": values}));
    let arguments = ["rules", "explain", "--policy", "policy", "--json"];
    let answer = folder.run_with(&arguments, input.as_bytes());
    assert_eq!(answer.status, 2, "{answer:?}");
    let lines: Vec<Value> =
        answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [first, second] = lines.as_slice() else { panic!("{answer:?}") };
    let paste = &first["rules"][1];
    assert_eq!((&paste["rule"], &paste["result"]), (&json!("paste"), &json!("matched")), "{paste}");
    assert_eq!(paste["predicates"].as_array().unwrap().len(), 2, "{paste}");
    let text = r#"any(dlp.profiles[*] == "cards")"#;
    let expected = json!({
        "start": 0, "end": text.len(), "text": text, "holds": false,
        "operands": [{"operand": "dlp.profiles", "state": "known", "value": ["x"]}],
    });
    assert_eq!(first["rules"][2]["predicates"], json!([expected]));
    assert!(second["error"].as_str().unwrap().contains("`values`"), "{second}");
}

#[test]
fn explain_takes_single_expressions_too() {
    let scheme = json!({"port": {"type": "Int"}});
    let request = json!({"expr": "not port == 443", "scheme": scheme, "values": {"port": 443}});
    let answer = Folder::new().run_with(&["rules", "explain"], request.to_string().as_bytes());
    let expected = "line 1\nfailed\n    4..15 holds: port == 443\n        port is 443\n";
    assert_eq!((answer.status, answer.text()), (0, expected), "{answer:?}");
}

#[test]
fn test_compares_what_rules_do_with_what_is_expected() {
    let folder = Folder::new();
    policy(&folder);
    let case = |port: u16, host: &str, action: &str, rule: Value| {
        let values = json!({"net.dst.port": port, "http.request.host": host});
        format!("{}\n", json!({"values": values, "action": action, "rule": rule}))
    };
    let good = [
        "# what passes and what does not\n\n".to_owned(),
        case(22, "q.example", "block", json!("ssh")),
        case(443, "p.example", "block", json!("paste")),
        case(443, "q.example", "allow", Value::Null),
    ];
    folder.write("good.jsonl", good.concat());
    let run = |arguments: &[&str]| {
        folder.run(&[&["rules", "test", "--policy", "policy"][..], arguments].concat())
    };
    // Seen: two of three rules; three of four predicates held, each failed.
    let answer = run(&["good.jsonl"]);
    let expected = "passed 3, failed 0, faulty 0, coverage 81 %\n";
    assert_eq!((answer.status, answer.text()), (0, expected), "{answer:?}");

    let answer = run(&["good.jsonl", "--coverage", "--threshold", "90"]);
    let expected = [
        "rule `ssh`: matched 1",
        "    true 1, false 2: net.dst.port == 22",
        "rule `paste`: matched 1",
        "    true 1, false 2: http.request.host in $paste",
        "    true 2, false 1: net.dst.port == 443",
        "rule `cards`: matched 0",
        "    true 0, false 3, never true: any(dlp.profiles[*] == \"cards\")",
        "coverage 81 %, expected at least 90 %",
        "passed 3, failed 0, faulty 0, coverage 81 %",
    ];
    assert_eq!(answer.text().lines().collect::<Vec<_>>(), expected, "{answer:?}");
    assert_eq!(answer.status, 1);

    folder.write("bad.jsonl", case(443, "q.example", "block", json!("paste")));
    let answer = run(&["bad.jsonl"]);
    let expected = [
        "bad.jsonl:1: request: expected block by `paste`, found allow by no rule",
        "  rule `paste` (http, block): failed",
        "      0..27 fails: http.request.host in $paste",
        "          http.request.host is \"q.example\"",
    ];
    assert_eq!(answer.text().lines().take(4).collect::<Vec<_>>(), expected, "{answer:?}");
    assert_eq!(answer.status, 1);
}

#[test]
fn test_refuses_what_it_does_not_understand() {
    let folder = Folder::new();
    policy(&folder);
    for (line, fault) in [
        ("{}", "t.jsonl:1: expected an object with `values` and `action`"),
        (r#"{"values": {}, "action": "deny"}"#, "found `deny`, expected one of allow, block"),
        (
            r#"{"values": {}, "action": "block", "rule": "no"}"#,
            "no rule that is enabled has the id",
        ),
        (r#"{"values": {"x": 1}, "action": "block"}"#, "no field is called `x`"),
    ] {
        folder.write("t.jsonl", line);
        let answer = folder.run(&["rules", "test", "--policy", "policy", "t.jsonl"]);
        assert_eq!(answer.status, 2, "{answer:?}");
        assert!(answer.text().contains(fault), "{answer:?}");
    }
    let answer = folder.run(&["rules", "test", "--policy", "policy", "nothing.jsonl"]);
    assert_eq!(answer.status, 2, "{answer:?}");
}
