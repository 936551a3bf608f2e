//! `gateway-proxy dlp`: eval, test, list, explain and datasets.

use serde_json::{Value, json};

use crate::program::Folder;

const RULES: &str = r#"
[[rules]]
id = "acme-key"
description = "Key of Acme"
regex = '''acme_key\s*=\s*['"]?([a-z0-9]{16})(?:['"]|$)'''
keywords = ["acme"]
entropy = 3
[[rules.allowlists]]
stopwords = ["example"]
[[rules]]
id = "key-file"
path = '''\.p12$'''
[[rules]]
id = "wrong"
regex = '''(?=a)'''
"#;

/// The answers of `dlp eval` to these requests.
fn eval(folder: &Folder, flags: &[&str], requests: &[Value]) -> Vec<Value> {
    let input: String = requests.iter().map(|request| format!("{request}\n")).collect();
    let answer = folder.run_with(&[&["dlp", "eval"], flags].concat(), input.as_bytes());
    assert_eq!(answer.status, 0, "{answer:?}");
    let lines: Vec<Value> =
        answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), requests.len(), "{answer:?}");
    lines
}

/// The ids, starts and ends of what was found.
fn places(answer: &Value) -> Vec<(&str, u64, u64)> {
    let findings = answer["findings"].as_array().unwrap();
    let number = |value: &Value| value.as_u64().unwrap();
    let place = |f: &Value| (number(&f["start"]), number(&f["end"]));
    findings.iter().map(|f| (f["id"].as_str().unwrap(), place(f).0, place(f).1)).collect()
}

#[test]
fn eval_answers_to_the_letter() {
    let request = json!({"text": "card 4111 1111 1111 1111", "profiles": ["payment_card"]});
    let expect = json!({"findings": [{
        "id": "payment_card", "start": 5, "end": 24, "confidence": "high",
        "keywords": ["card"], "validators": ["card_issuer", "luhn"],
    }]});
    assert_eq!(eval(&Folder::new(), &[], &[request]), [expect]);
}

#[test]
fn a_line_that_cannot_be_answered_does_not_stop_the_others() {
    let requests = [
        json!({"text": 1}),
        json!({"text": "a", "profiles": ["payment_crad"]}),
        json!({"text": "a", "rules": "no-such-file"}),
        json!({"text": "a", "rules": "r", "profiles": []}),
        json!({"text": "a", "chunk": 0}),
        json!({"text": "4111111111111111", "profiles": ["financial_information"]}),
    ];
    let answers = eval(&Folder::new(), &[], &requests);
    let kinds: Vec<_> = answers.iter().map(|answer| answer["error"]["kind"].as_str()).collect();
    let request = Some("request");
    assert_eq!(kinds, [request, Some("profiles"), Some("rules"), request, request, None]);
    let message = answers[1]["error"]["message"].as_str().unwrap();
    assert!(message.ends_with("did you mean `payment_card`?"), "{message}");
    assert_eq!(places(&answers[5]), [("visa_card", 0, 16)]);
}

#[test]
fn rules_of_a_file_are_found_at_any_chunking() {
    let folder = Folder::new();
    folder.write("rules.toml", RULES);
    let text = "é acme_key = 'q7w8e9r0t1y2u3i4' acme_key = '7example8e9r0t1y'";
    let request = |chunk: u64, path: &str| json!({"text": text, "rules": "rules.toml", "chunk": chunk, "path": path});
    let requests: Vec<Value> =
        [1, 2, 3, 7, 64, 16_384].map(|chunk| request(chunk, "src/a.rs")).into();
    for answer in eval(&folder, &[], &requests) {
        assert_eq!(places(&answer), [("acme-key", 3, 32)]);
        let finding = &answer["findings"][0];
        assert_eq!(finding["keywords"], json!(["acme"]));
        assert_eq!(finding["validators"], json!(["allow_list", "entropy", "keywords"]));
    }
    let answers = eval(&folder, &[], &[request(1, "keys/a.p12")]);
    assert_eq!(places(&answers[0]), [("key-file", 0, 0), ("acme-key", 3, 32)]);
}

#[test]
fn list_tells_what_of_a_rule_file_is_not_carried() {
    let folder = Folder::new();
    folder.write("rules.toml", RULES);
    let answer = folder.run(&["dlp", "list", "--rules", "rules.toml"]);
    assert_eq!(answer.status, 0, "{answer:?}");
    let text = answer.text();
    assert!(text.contains("not carried: `wrong`: cannot be built: "), "{text}");
    let last = "rules.toml: 2 loaded, 1 not carried; rules: cannot be built 1\n";
    assert!(text.ends_with(last), "{text}");
    let answer = folder.run(&["dlp", "explain", "acme-key", "--rules", "rules.toml"]);
    assert!(answer.text().contains("Entropy: more than 3 bits"), "{answer:?}");
}

#[test]
fn detectors_are_listed_and_explained() {
    let folder = Folder::new();
    let answer = folder.run(&["dlp", "list"]);
    for line in ["detector  iban ", "profile   financial_information "] {
        assert!(answer.text().lines().any(|text| text.starts_with(line)), "{answer:?}");
    }
    let answer = folder.run(&["dlp", "explain", "iban"]);
    for says in ["**Format.**", "**Validator.**", "Validators: iban_mod_97", "Found in: "] {
        assert!(answer.text().contains(says), "{answer:?}");
    }
    let answer = folder.run(&["dlp", "explain", "ibam"]);
    assert_eq!(answer.status, 2);
    assert!(answer.err.contains("did you mean `iban`?"), "{answer:?}");
}

#[test]
fn test_tells_what_is_not_as_expected() {
    let folder = Folder::new();
    let good = json!({"text": "536-22-1234", "profiles": ["us_ssn"], "expect": ["us_ssn"]});
    let good = format!("# cases\n\n{good}\n");
    folder.write("good", &good);
    let answer = folder.run(&["dlp", "test", "good"]);
    let passed = "passed 1, failed 0, not understood 0\n";
    assert_eq!((answer.status, answer.text()), (0, passed), "{answer:?}");
    let at = json!({"id": "us_ssn", "start": 1, "end": 2});
    let bad = json!({
        "name": "place", "text": "536-22-1234", "profiles": ["us_ssn"], "expect": [at],
    });
    folder.write("bad", format!("{good}{bad}\n"));
    let answer = folder.run(&["dlp", "test", "bad"]);
    assert_eq!(answer.status, 1, "{answer:?}");
    for says in ["bad:4: place: `us_ssn` is not found at 1..2", "`us_ssn` is found at 0..11"] {
        assert!(answer.text().contains(says), "{answer:?}");
    }
    folder.write("odd", "{}\n");
    assert_eq!(folder.run(&["dlp", "test", "odd"]).status, 2);
}

#[test]
fn a_policy_has_precision_rule_files_and_tables() {
    let folder = Folder::new();
    folder.write("policy/rules.toml", "");
    folder.write("policy/leaks.toml", RULES);
    folder.write("table.csv", "name,city\r\n\"Smith, John Q.\",Berlin\r\nAnn Example,Paris\r\n");
    let built = folder.run(&[
        "dlp",
        "dataset",
        "build",
        "table.csv",
        "policy/table.dataset",
        "--column",
        "name",
    ]);
    assert_eq!(built.status, 0, "{built:?}");
    assert!(built.text().starts_with("2 rows, 2 cells taken; "), "{built:?}");
    let info = folder.run(&["dlp", "dataset", "info", "policy/table.dataset"]);
    let says = "policy/table.dataset: 2 different cells of name; ";
    assert!(info.text().starts_with(says), "{info:?}");
    folder.write(
        "policy/dlp.toml",
        r#"
[[rule_file]]
file = "leaks.toml"
profile = "leaks"
[[entry]]
id = "people"
dataset = "table.dataset"
[[entry]]
id = "ticket"
regex = 'TCK-([0-9]{4})'
stop_words = ["0000"]
keywords = ["desk"]
[[profile]]
id = "own"
entries = ["people", "ticket"]
[[profile]]
id = "sure"
entries = ["us_ssn"]
confidence_min = "medium"
matches_exceed = 0
instances = "different"
exclude_words = ["537-22-1234"]
proximity = { keywords = ["member"], before_bytes = 20, after_bytes = 0 }
[[profile.adjust]]
regex = "(?i)test"
change = "exclude"
"#,
    );
    let ask = |profile: &str, text: &str| json!({"profiles": [profile], "text": text, "chunk": 3});
    let requests = [
        ask("leaks", "acme_key = 'q7w8e9r0t1y2u3i4'"),
        ask("own", "to smith john q, desk TCK-1234 TCK-0000; berlin"),
        ask("sure", "536-22-1234"),
        ask("sure", "member 536-22-1234 member 536-22-1234 member 537-22-1234"),
        ask("sure", "Test member 536-22-1234"),
    ];
    let answers = eval(&folder, &["--policy", "policy"], &requests);
    assert_eq!(places(&answers[0]), [("acme-key", 0, 29)]);
    assert_eq!(places(&answers[1]), [("people", 3, 15), ("ticket", 22, 30)]);
    assert_eq!(places(&answers[2]), []);
    assert_eq!(places(&answers[3]), [("us_ssn", 7, 18)]);
    assert_eq!(answers[3]["findings"][0]["confidence"], "medium");
    assert_eq!(places(&answers[4]), []);
    let checked = folder.run(&["check", "--policy", "policy"]);
    let warning = "leaks.toml: 2 loaded, 1 not carried; rules: cannot be built 1";
    let all = format!("{}{}", checked.text(), checked.err);
    assert!(all.contains(warning), "{checked:?}");
}

#[test]
fn faults_of_a_policy_have_their_line() {
    for (text, says) in [
        ("[[entry]]\nid = \"a\"\nregex = \"a\"\ndataset = \"b\"\n", "dlp.toml:2:6: entry `a`: exp"),
        (
            "[[entry]]\nid = \"a\"\nwords = [\"a\"]\nkeywords = []\n",
            "`keywords` belongs to `regex`",
        ),
        ("[[entry]]\nid = \"a\"\ndataset = \"none\"\n", "dlp.toml:2:6: entry `a`: cannot read"),
        ("[[rule_file]]\nfile = \"none\"\n", "dlp.toml:2:8: cannot read"),
        (
            "[[profile]]\nid = \"a\"\nentries = [\"iban\"]\nproximity = { before_bytes = 9999 }\n",
            "dlp.toml:2:6: profile `a`: `proximity`: more than 4096 bytes",
        ),
        (
            "[[profile]]\nid = \"a\"\nentries = [\"iban\"]\nexclude_regexes = [\"a(\"]\n",
            "dlp.toml:2:6: profile `a`: `exclude`: unclosed group",
        ),
        (
            "[[profile]]\nid = \"a\"\nentries = [\"iban\"]\nmatches_min = 2\nmatches_exceed = 2\n",
            "expected one of `matches_min` and `matches_exceed`",
        ),
    ] {
        let folder = Folder::new();
        folder.write("policy/dlp.toml", text);
        let answer = folder.run(&["dlp", "list", "--policy", "policy"]);
        assert_eq!(answer.status, 2, "{answer:?}");
        assert!(answer.err.contains(says), "{says}: {answer:?}");
    }
}
