//! `gateway-proxy rules`: fmt, what check finds, constants, and import.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::program::Folder;

const RULES: &str = "# ours\n[constants]\nssh = 22\nunused = true\noffice = { ip = \"192.0.2.1\" }\n\n\
    [[rule]]\nid = \"ssh\" # why\nlayer = \"l4\"\naction = \"block\"\n\
    filter = 'net.dst.port==ssh && net.src.ip != office'\n\n\
    [[rule]]\nid = \"twice\"\nlayer = \"l4\"\naction = \"allow\"\n\
    filter = '''\n  net.dst.port == 22\n  and net.src.ip != 192.0.2.1\n'''\n";

#[test]
fn fmt_says_what_would_change_and_changes_it() {
    let folder = Folder::new();
    folder.write("rules.toml", RULES);
    let read = || std::fs::read_to_string(folder.path("rules.toml")).unwrap();
    let answer = folder.run(&["rules", "fmt", "--check", "rules.toml"]);
    let expected = "rules.toml:11:10: rule `ssh`: would be laid out\n\
        files 1, filters to be laid out 1, wrong 0\n";
    assert_eq!((answer.status, answer.text()), (1, expected));
    assert_eq!(read(), RULES);
    let answer = folder.run(&["rules", "fmt", "rules.toml"]);
    assert_eq!(answer.status, 0, "{answer:?}");
    assert_eq!(read(), RULES.replace("net.dst.port==ssh && net", "net.dst.port == ssh and net"));
    assert_eq!(folder.run(&["rules", "fmt", "--check", "rules.toml"]).status, 0);

    folder.write("wrong.toml", RULES.replace("==ssh", "==shs"));
    let answer = folder.run(&["rules", "fmt", "wrong.toml", "rules.toml"]);
    assert_eq!(answer.status, 2, "{answer:?}");
    assert!(answer.text().contains("wrong.toml:11:25: rule `ssh`: error["), "{answer:?}");
    assert!(answer.text().contains("`ssh`"), "{answer:?}");
}

#[test]
fn check_finds_what_is_odd() {
    let folder = Folder::new();
    folder.write("rules.toml", RULES);
    let list = "[[list]]\nid = \"none\"\ntype = \"text\"\nentries = [\"a\"]\n";
    folder.write("lists.toml", list);
    let answer = folder.run(&["rules", "check", "rules.toml"]);
    let text = answer.text();
    assert_eq!(answer.status, 0, "{answer:?}");
    for told in [
        "rules.toml:4:1: warning[unused-constant]: no rule names the constant `unused`",
        "rules.toml:18:3: rule `twice`: warning[unreachable]: this rule never decides: wherever it holds, `ssh` above it does too",
        "lists.toml:2:6: warning[unused-list]: no rule names the list `$none`",
    ] {
        assert!(text.contains(told), "{text}");
    }
    assert!(text.ends_with("ok: rules 2, warnings 3\n"), "{text}");
    for (deny, status) in [("warning", 1), ("note", 1)] {
        let answer = folder.run(&["rules", "check", "--deny", deny, "rules.toml"]);
        assert_eq!(answer.status, status);
    }
    let answer = folder.run(&["rules", "check", "--json", "rules.toml"]);
    let json: Value = serde_json::from_str(answer.text()).unwrap();
    let expected = json!({
        "code": "unreachable", "severity": "warning", "rule": "twice",
        "message": "this rule never decides: wherever it holds, `ssh` above it does too",
        "help": "move the rule up, or remove it",
        "file": "rules.toml", "line": 18, "column": 3, "end_line": 19, "end_column": 29,
    });
    assert_eq!(json["findings"][1], expected, "{json:#}");

    folder.write("wrong.toml", RULES.replace("==ssh", "==shs"));
    let answer = folder.run(&["rules", "check", "--json", "wrong.toml"]);
    let json: Value = serde_json::from_str(answer.text()).unwrap();
    assert_eq!(answer.status, 2, "{answer:?}");
    let problem = &json["problems"][0];
    assert_eq!((&problem["line"], &problem["rule"]), (&json!(11), &json!("ssh")), "{json:#}");
}

#[test]
fn constants_are_checked_and_explained() {
    let folder = Folder::new();
    folder.write("policy/rules.toml", RULES);
    let values = json!({"net.dst.port": 22, "net.src.ip": "192.0.2.1"});
    let line = json!({"values": values, "until": "connect"}).to_string();
    let answer = folder.run_with(&["rules", "explain", "--policy", "policy"], line.as_bytes());
    let text = answer.text();
    assert!(text.contains("        the constant office is 192.0.2.1\n"), "{text}");
    let arguments = ["rules", "explain", "--policy", "policy", "--json"];
    let json: Value =
        serde_json::from_str(folder.run_with(&arguments, line.as_bytes()).text()).unwrap();
    assert_eq!(json["rules"][0]["constants"], json!({"office": "192.0.2.1", "ssh": 22}));

    let wrong = RULES.replace("ssh = 22", "ssh = [22]").replace("unused =", "\"a b\" =");
    folder.write("wrong.toml", wrong);
    let answer = folder.run(&["rules", "check", "wrong.toml"]);
    let text = answer.text();
    assert_eq!(answer.status, 2);
    assert!(text.contains("wrong.toml:3:1: constant `ssh`: found [22], expected a text"), "{text}");
    assert!(text.contains("wrong.toml:4:1: constant `a b`: a constant is named like"), "{text}");
    assert!(text.contains("wrong.toml:11:"), "{text}");
}

/// Rules of the policies that the project shows: none of them is odd, and all are laid out.
#[test]
fn policies_that_are_shown_are_in_order() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files: Vec<PathBuf> = vec![root.join("README.md")];
    let docs = std::fs::read_dir(root.join("docs")).unwrap();
    files.extend(docs.map(|entry| entry.unwrap().path()));
    files.retain(|file| file.extension().is_some_and(|extension| extension == "md"));
    files.sort();
    let mut shown = vec![(
        "state/rules.toml".to_owned(),
        std::fs::read_to_string(root.join("crates/gatewayd/src/state/rules.toml")).unwrap(),
    )];
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let blocks = text.split("```toml\n").skip(1).filter_map(|rest| rest.split("```\n").next());
        let rules = blocks.filter(|block| block.contains("[[rule]]"));
        shown.extend(rules.map(|block| (file.display().to_string(), block.to_owned())));
    }
    assert!(shown.len() > 5, "{shown:#?}");
    let folder = Folder::new();
    for (file, text) in shown {
        folder.write("rules.toml", &text);
        let answer = folder.run(&["rules", "check", "--deny", "note", "rules.toml"]);
        assert_eq!(answer.status, 0, "{file}: {text}\n{answer:?}");
        let answer = folder.run(&["rules", "fmt", "--check", "rules.toml"]);
        assert_eq!(answer.status, 0, "{file}: {text}\n{answer:?}");
    }
}

#[test]
fn import_writes_a_policy_that_is_in_order() {
    let folder = Folder::new();
    let rule = |id: &str, precedence: u32, action: &str, layer: &str, traffic: &str| {
        json!({
            "id": id, "name": id.to_uppercase(), "precedence": precedence, "enabled": true,
            "action": action, "filters": [layer], "traffic": traffic, "identity": "",
            "device_posture": "", "rule_settings": {"block_page_enabled": true}, "schedule": null,
        })
    };
    let rules = vec![
        rule("net", 2000, "block", "l4", "net.dst.port == 22"),
        rule("bank", 1000, "off", "http", "any(net.sni.domains[*] in {\"bank.example\"})"),
        rule("far", 3000, "isolate", "http", "http.request.host == \"a.example\""),
        rule("lists", 4000, "block", "http", "any(http.request.domains[*] in $f1c0-77)"),
    ];
    let carried = json!({"success": true, "result": &rules[..2]}).to_string();
    let answer = folder.run_with(&["rules", "import", "cloudflare", "-"], carried.as_bytes());
    assert_eq!(answer.status, 0, "{answer:?}");
    folder.write("alone.toml", answer.text());
    let answer = folder.run(&["rules", "check", "--deny", "note", "alone.toml"]);
    assert_eq!((answer.status, answer.text()), (0, "ok: rules 2, warnings 0\n"));

    folder.write("all.json", json!(rules).to_string());
    let arguments = ["rules", "import", "cloudflare", "all.json", "--out", "policy"];
    let answer = folder.run(&arguments);
    assert_eq!(answer.status, 1, "{answer:?}");
    for told in ["rule `far`: the action `isolate` is not offered", "rule `lists`: the entries of"]
    {
        assert!(answer.err.contains(told), "{answer:?}");
    }
    let answer = folder.run(&["rules", "check", "--policy", "policy"]);
    assert_eq!(answer.status, 0, "{answer:?}");
    assert!(answer.text().ends_with("ok: rules 2, warnings 0\n"), "{answer:?}");
    let again = folder.run(&arguments);
    assert!(again.status != 0 && again.err.contains("cannot create"), "{again:?}");
    let answer = folder.run_with(&["rules", "import", "cloudflare", "-"], b"{}");
    assert_eq!(answer.status, 2, "{answer:?}");
}

#[test]
fn import_carries_the_body_that_is_looked_at_and_header_fields() {
    let folder = Folder::new();
    let rule = |id: &str, action: &str, traffic: &str, settings: Value| {
        json!({
            "id": id, "name": id, "precedence": 1, "enabled": true, "action": action,
            "filters": ["http"], "traffic": traffic, "rule_settings": settings,
        })
    };
    let cards = r#"http.body_phase == "upload" and any(dlp.profiles[*] in {"cards"})"#;
    let tenants = json!({"add_headers": {"Restrict-Access-To-Tenants": ["a.example"]}});
    let rules = json!([
        rule("cards", "block", cards, json!({"add_headers": null})),
        rule("tenants", "allow", r#"http.request.host == "login.example""#, tenants),
    ]);
    let arguments = ["rules", "import", "cloudflare", "-", "--out", "policy"];
    let answer = folder.run_with(&arguments, rules.to_string().as_bytes());
    assert_eq!(answer.status, 0, "{answer:?}");
    let read = std::fs::read_to_string(folder.path("policy/rules.toml")).unwrap();
    for line in [
        r#"any(dlp.upload.profiles[*] in {"cards"})"#,
        r#"request_headers = { add = { Restrict-Access-To-Tenants = "a.example" } }"#,
    ] {
        assert!(read.contains(line), "{read}");
    }
    let case = |body: &str, action: &str| {
        let values = json!({format!("dlp.{body}.profiles"): ["cards"], "dlp.profiles": ["cards"]});
        json!({"values": values, "action": action}).to_string()
    };
    let cases = format!("{}\n{}\n", case("upload", "block"), case("download", "allow"));
    folder.write("cases.jsonl", &cases);
    let test = ["rules", "test", "--policy", "policy", "cases.jsonl"];
    let imported = folder.run(&test);
    assert_eq!(imported.status, 0, "{imported:?}");
    // What was written by hand means the same.
    let by_hand = format!(
        "[[rule]]\nid = \"cards\"\nlayer = \"http\"\naction = \"block\"\nfilter = '{cards}'\n"
    );
    folder.write("policy/rules.toml", &by_hand);
    let written = folder.run(&test);
    assert_eq!(written.status, 0, "{written:?}");
    folder.write(
        "policy/rules.toml",
        by_hand.replace(" and any(dlp.profiles[*] in {\"cards\"})", ""),
    );
    let alone = folder.run(&["rules", "check", "--policy", "policy"]);
    assert_eq!(alone.status, 2, "{alone:?}");
    assert!(alone.text().contains("error[body-phase-alone]"), "{alone:?}");
}
