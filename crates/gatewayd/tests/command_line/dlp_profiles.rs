//! `gateway-proxy dlp` and `scan --dlp` by the ids that `dlp list` lists: what is found by each, alone and
//! together, and which profiles match.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::program::Folder;

const POLICY: &str = r#"
[[entry]]
id = "ticket"
name = "Ticket number"
regex = 'TCK-[0-9]{4}'
[[profile]]
id = "plain"
entries = ["us_ssn", "ticket"]
[[profile]]
id = "adj"
entries = ["us_ssn"]
[[profile.adjust]]
regex = '(?i)test'
before_bytes = 20
after_bytes = 0
change = "exclude"
[[profile]]
id = "sure"
entries = ["us_ssn"]
proximity = { keywords = ["member"], before_bytes = 40 }
[[profile]]
id = "many"
entries = ["us_ssn", "ticket"]
matches_min = 3
distinct_min = 2
within_bytes = 30
"#;

const RUST: &str = "\
use std::fmt;
pub struct One {
    pub(crate) count: usize,
}
impl One {
    pub fn new(count: usize) -> Self {
        Self { count }
    }
    pub fn grow(&mut self) {
        self.count += 1;
    }
}
impl fmt::Display for One {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left = self.count;
        match left {
            0 => return Ok(()),
            _ => {}
        }
        while left > 0 {
            write!(f, \"x\")?;
            left -= 1;
        }
        Ok(())
    }
}
#[derive(Debug)]
pub enum Two {
    First,
}
pub(crate) fn two() -> Option<Two> {
    let two = Two::First;
    Some(two)
}
#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn it_grows() {
        let mut one = One::new(1);
        one.grow();
    }
}
";

fn with_policy() -> Folder {
    let folder = Folder::new();
    folder.write("policy/dlp.toml", POLICY);
    folder
}

/// The answer of `dlp eval` to a text for these profiles; for all, if they are none.
fn eval(folder: &Folder, flags: &[&str], text: &str, profiles: &[&str]) -> Value {
    let mut request = json!({ "text": text });
    if !profiles.is_empty() {
        request["profiles"] = profiles.into();
    }
    let input = format!("{request}\n");
    let answer = folder.run_with(&[&["dlp", "eval"], flags].concat(), input.as_bytes());
    assert_eq!(answer.status, 0, "{answer:?}");
    serde_json::from_str(answer.text()).unwrap()
}

/// The ids and confidences of what was found.
fn found(answer: &Value) -> Vec<(&str, &str)> {
    let findings = answer["findings"].as_array();
    assert!(findings.is_some(), "{answer}");
    findings
        .unwrap()
        .iter()
        .map(|f| (f["id"].as_str().unwrap(), f["confidence"].as_str().unwrap()))
        .collect()
}

#[test]
fn profiles_that_are_named_weigh_alone() {
    let folder = with_policy();
    let policy = ["--policy", "policy"];
    let text = "member, test: 536-22-1234";
    for (profiles, expected) in [
        (&["adj"][..], &[][..]),
        (&["plain"], &[("us_ssn", "low")]),
        (&["sure"], &[("us_ssn", "medium")]),
        (&["adj", "plain"], &[("us_ssn", "low")]),
        (&["adj", "sure"], &[("us_ssn", "medium")]),
        (&[], &[("us_ssn", "medium")]),
    ] {
        assert_eq!(found(&eval(&folder, &policy, text, profiles)), expected, "{profiles:?}");
    }
    // Keywords are those of the profiles that are asked.
    let keywords =
        |profile| eval(&folder, &policy, text, &[profile])["findings"][0]["keywords"].clone();
    assert_eq!((keywords("sure"), keywords("plain")), (json!(["member"]), json!([])));
}

#[test]
fn everything_that_is_listed_can_be_named() {
    let folder = with_policy();
    for flags in [&[][..], &["--policy", "policy"]] {
        let listed = folder.run(&[&["dlp", "list"], flags].concat());
        let ids: BTreeSet<&str> =
            listed.text().lines().filter_map(|line| line.split_whitespace().nth(1)).collect();
        assert!(ids.contains("source_code") && ids.contains("source_rust"), "{ids:?}");
        let all: Vec<&str> = ids.iter().copied().collect();
        let text = format!("TCK-1234\n{RUST}");
        let answer = eval(&folder, flags, &text, &all);
        let sources: Vec<_> =
            found(&answer).into_iter().filter(|one| one.0 == "source_rust").collect();
        assert_eq!(sources, [("source_rust", "medium")]);
        for id in ["source_code", "source_rust"] {
            assert_eq!(found(&eval(&folder, flags, RUST, &[id])), sources, "{id}");
        }
        let explained = |id: &str| folder.run(&[&["dlp", "explain", id], flags].concat());
        for id in ["source_code", "source_rust", "financial_information", "iban"] {
            assert_eq!(explained(id).status, 0, "{id}");
        }
    }
    let policy = ["--policy", "policy"];
    let mixed =
        eval(&folder, &policy, "TCK-1234 4111111111111111", &["adj", "ticket", "visa_card"]);
    let ids: Vec<_> = found(&mixed).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["ticket", "visa_card"]);
    let wrong = eval(&folder, &policy, "", &["adj", "pain"]);
    let says = "no profile and no detector `pain`, did you mean `plain`?";
    assert_eq!(wrong, json!({"error": {"kind": "profiles", "message": says}}));
}

#[test]
fn profiles_of_a_policy_tell_whether_they_match() {
    let folder = with_policy();
    let policy = ["--policy", "policy"];
    let told = |text: &str| eval(&folder, &policy, text, &["many"])["profiles"].clone();
    let says =
        |matches: u32, matched| json!([{"id": "many", "matches": matches, "matched": matched}]);
    assert_eq!(told("536-22-1234 TCK-1234 537-22-1234"), says(3, true));
    assert_eq!(told("536-22-1234 TCK-1234"), says(2, false));
    let far = format!("536-22-1234 537-22-1234 {} TCK-1234", ".".repeat(40));
    assert_eq!(told(&far), says(3, false));
    assert_eq!(told("nothing"), says(0, false));
    let all = eval(&folder, &policy, "TCK-1234", &[]);
    assert_eq!(all["profiles"].as_array().unwrap().len(), 4, "{all}");
    let single = eval(&folder, &policy, "TCK-1234", &["ticket"]);
    assert_eq!(single.as_object().unwrap().keys().collect::<Vec<_>>(), ["findings"]);
    let without = eval(&folder, &[], "4111111111111111", &["financial_information"]);
    assert_eq!(without.as_object().unwrap().keys().collect::<Vec<_>>(), ["findings"]);
}

#[test]
fn tests_expect_profiles_to_match() {
    let folder = with_policy();
    let case = |text: &str, expected: Value| {
        let case =
            json!({"text": text, "profiles": ["many", "plain"], "expect_profiles": expected});
        folder.write("cases", format!("{case}\n"));
        folder.run(&["dlp", "test", "cases", "--policy", "policy"])
    };
    let answer = case("536-22-1234 TCK-1234 537-22-1234", json!(["plain", "many"]));
    assert_eq!((answer.status, answer.text()), (0, "passed 1, failed 0, not understood 0\n"));
    let answer = case("536-22-1234 TCK-1234", json!(["many", "adj"]));
    assert_eq!(answer.status, 1, "{answer:?}");
    for says in [
        "cases:1: profile `many` does not match: it counts 2",
        "cases:1: profile `plain` matches: it counts 2",
        "cases:1: profile `adj` is not asked",
    ] {
        assert!(answer.text().contains(says), "{answer:?}");
    }
}

#[test]
fn records_of_persons_need_three_entries_near_each_other() {
    let folder = Folder::new();
    folder.write("policy/dlp.toml", "predefined = [\"pii_record\"]\n");
    let (two, third) = ("John Smith, john@example.com", "415-555-0132");
    let far = format!("{two} {} {third}", ".".repeat(1_000));
    let near = format!("{two} {} {third}", ".".repeat(900));
    for (text, matches, matched) in
        [(two, 2, false), (&*near, 3, true), (&*far, 3, false), ("John Smith", 1, false)]
    {
        let told = json!([{"id": "pii_record", "matches": matches, "matched": matched}]);
        for profiles in [&["pii_record"][..], &[]] {
            let answer = eval(&folder, &["--policy", "policy"], text, profiles);
            assert_eq!(answer["profiles"], told, "{answer}");
        }
        let expected: &[&str] = if matched { &["pii_record"] } else { &[] };
        let case = json!({"text": text, "profiles": ["pii_record"], "expect_profiles": expected});
        folder.write("cases", format!("{case}\n"));
        let answer = folder.run(&["dlp", "test", "cases"]);
        assert_eq!(answer.status, 0, "{answer:?}");
    }
    let answer = eval(&folder, &[], "Mr John Smith", &["pii_record"]);
    assert_eq!(found(&answer), [("full_name", "high")]);
    let explained = folder.run(&["dlp", "explain", "pii_record"]);
    let says = "3 different entries among them that start within 1000 bytes of one part";
    assert!(explained.text().contains(says), "{explained:?}");
}

/// Scans `contents`.
fn scan(folder: &Folder, flags: &[&str], contents: &str) -> Value {
    folder.write("file", contents);
    let answer = folder.run(&[&["scan"], flags, &["file"]].concat());
    let read = serde_json::from_str(answer.text());
    assert!(read.is_ok(), "{answer:?}");
    read.unwrap()
}

#[test]
fn files_are_scanned_by_what_is_named() {
    let folder = with_policy();
    let ids = |answer: &Value| {
        let findings = answer["findings"].as_array().unwrap();
        findings.iter().map(|f| f["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&scan(&folder, &["--dlp"], RUST)), [""; 0]);
    for flags in [&["--dlp", "--profile", "source_code"][..], &["--profile", "source_rust"]] {
        assert_eq!(ids(&scan(&folder, flags, RUST)), ["source_rust"], "{flags:?}");
    }
    let named = scan(&folder, &["--profile", "source_code"], RUST);
    assert_eq!(named["profiles"], json!([{"id": "source_code", "matches": 1, "matched": true}]));
    let text = "536-22-1234 TCK-1234";
    let policy = ["--policy", "policy", "--profile", "many", "--profile", "adj"];
    let answer = scan(&folder, &policy, text);
    let expected = json!([
        {"id": "adj", "matches": 1, "matched": true},
        {"id": "many", "matches": 2, "matched": false},
    ]);
    assert_eq!(answer["profiles"], expected, "{answer}");
    let wrong = folder.run(&["scan", "--profile", "source_cod", "file"]);
    assert_eq!(wrong.status, 2);
    assert!(wrong.err.contains("did you mean `source_code`?"), "{wrong:?}");
}

#[test]
fn languages_profiles_and_own_entries_are_explained() {
    let folder = with_policy();
    for (arguments, says) in [
        (
            &["source_rust"][..],
            &["`source_rust`: Source code in Rust", "ten must begin", "    impl "][..],
        ),
        (
            &["source_code"],
            &["a profile that is built in", "Matches: from 1 finding ", "    source_swift "],
        ),
        (
            &["many", "--policy", "policy"],
            &[
                "`many`: a profile of the policy",
                "Matches: from 3 findings of its entries on, 2 different entries among them that \
                 start within 30 bytes",
                &format!("    {:<36} Ticket number", "ticket"),
            ],
        ),
        (
            &["adj", "--policy", "policy"],
            &["Adjusted (20 bytes before, 0 behind), not counted: (?i)test"],
        ),
        (
            &["sure", "--policy", "policy"],
            &["Surer by keywords (40 bytes before, 100 behind): member"],
        ),
        (
            &["ticket", "--policy", "policy"],
            &["`ticket`: Ticket number, an entry of the policy", "plain"],
        ),
    ] {
        let answer = folder.run(&[&["dlp", "explain"], arguments].concat());
        assert_eq!(answer.status, 0, "{answer:?}");
        for says in says {
            assert!(answer.text().contains(says), "{says}: {answer:?}");
        }
        // What an own entry looks for may be a secret.
        assert!(!answer.text().contains("TCK"), "{answer:?}");
    }
    let answer = folder.run(&["dlp", "explain", "source_rst"]);
    assert!(answer.status == 2 && answer.err.contains("did you mean `source_rust`?"), "{answer:?}");
}

#[test]
fn a_rule_file_without_usable_rules_says_why() {
    let folder = Folder::new();
    folder.write("policy/leaks.toml", "[[rules]]\nid = \"wrong\"\nregex = '''(?=a)'''\n");
    folder.write("policy/dlp.toml", "[[rule_file]]\nfile = \"leaks.toml\"\nprofile = \"p\"\n");
    let reason = "leaks.toml: no rule is loaded: 0 loaded, 1 not carried; rules: cannot be built 1; \
                  first `wrong`: cannot be built: ";
    let answer = folder.run(&["dlp", "list", "--policy", "policy"]);
    assert_eq!(answer.status, 2, "{answer:?}");
    let says = format!("policy/dlp.toml:2:8: policy/{reason}");
    assert!(answer.err.contains(&says), "{answer:?}");
    let input = format!("{}\n", json!({"text": "a", "rules": "policy/leaks.toml"}));
    let answer = folder.run_with(&["dlp", "eval"], input.as_bytes());
    let answer: Value = serde_json::from_str(answer.text()).unwrap();
    assert_eq!(answer["error"]["kind"], "rules");
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(message.starts_with(&format!("policy/{reason}")), "{message}");
    let rule = |id: &str, regex: &str| format!("[[rules]]\nid = \"{id}\"\nregex = '''{regex}'''\n");
    folder.write("policy/leaks.toml", rule("wrong", "(?=a)") + &rule("right", "a"));
    let profile = "[[profile]]\nid = \"p\"\nentries = [\"wrong\"]\n";
    folder.write("policy/dlp.toml", format!("[[rule_file]]\nfile = \"leaks.toml\"\n{profile}"));
    let answer = folder.run(&["dlp", "list", "--policy", "policy"]);
    let says =
        "policy/dlp.toml:4:6: profile `p`: the rule `wrong` is not loaded: cannot be built: ";
    assert!(answer.err.contains(says), "{answer:?}");
    folder.write("policy/dlp.toml", "[[rule_file]]\nfile = \"leaks.toml\"\nprofile = \"p\"\n");
    folder.write("policy/leaks.toml", "rules = []\n");
    let answer = folder.run(&["dlp", "list", "--policy", "policy"]);
    assert!(answer.err.contains("no rule is loaded: there are none in it"), "{answer:?}");
}

#[test]
fn ids_that_cannot_be_have_their_line() {
    let rules = "[[rules]]\nid = \"key\"\nregex = '''key-[0-9]+'''\n";
    let profile = "[[profile]]\nid = \"a b\"\nentries = [\"iban\"]\n";
    let twice = "[[rule_file]]\nfile = \"r.toml\"\nprofile = \"p\"\n\
                 [[rule_file]]\nfile = \"s.toml\"\nprofile = \"p\"\n";
    for (text, says) in [
        (profile.to_owned(), "dlp.toml:2:6: `a b` is not an id"),
        (
            profile.replace("profile", "entry").replace("entries = [\"iban\"]", "regex = 'a'"),
            "dlp.toml:2:6: `a b`",
        ),
        (twice.to_owned(), "dlp.toml:6:11: profile `p` is defined twice"),
        ("predefined = [\"source_code\", \"source_code\"]\n".to_owned(), "dlp.toml:1:30: profile"),
    ] {
        let folder = Folder::new();
        folder.write("policy/r.toml", rules);
        folder.write("policy/s.toml", rules.replace("\"key\"", "\"other\""));
        folder.write("policy/dlp.toml", text);
        let answer = folder.run(&["dlp", "list", "--policy", "policy"]);
        assert_eq!(answer.status, 2, "{answer:?}");
        assert!(answer.err.contains(says), "{says}: {answer:?}");
    }
}
