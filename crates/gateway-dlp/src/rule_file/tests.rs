//! Rule files of each kind, from text to finding.

use gateway_inspect::conformance::{Options, check};

use super::*;
use crate::scan::found;
use crate::{Dlp, DlpBuilder};

fn scanner(file: &RuleFile) -> Dlp {
    let builder = file.add_to(DlpBuilder::new()).profile(file.profile("rules"));
    builder.build(&Limits::default()).unwrap()
}

fn finds(file: &RuleFile, text: &str, expected: &[&str]) {
    let dlp = scanner(file);
    assert_eq!(found(&dlp, text), expected, "{text}");
    check(&dlp, text.as_bytes(), &Options { chunkings: 100, ..Options::default() }).unwrap();
}

const GITLEAKS: &str = r#"
title = "rules"
[[rules]]
id = "acme-key"
description = "Key of Acme"
regex = '''(?i)acme[\s_-]{0,3}key\s*=\s*['"]?([a-z0-9]{16})(?:['"]|$)'''
keywords = ["acme"]
entropy = 3
[[rules.allowlists]]
stopwords = ["example"]
[[rules]]
id = "acme-pair"
regex = '''pair-[0-9]{4}'''
[[rules.required]]
id = "acme-key"
withinLines = 1
[[rules]]
id = "key-file"
path = '''\.p12$'''
[[rules]]
id = "nothing"
[[rules]]
id = "wrong"
regex = '''(?=a)'''
[allowlist]
regexes = ['''^q{16}$''']
"#;

#[test]
fn rules_of_gitleaks() {
    let file = RuleFile::parse(GITLEAKS).unwrap();
    let key = "acme_key = 'q7w8e9r0t1y2u3i4'";
    finds(&file, key, &[key]);
    finds(&file, "acme_key = 'aaaaaaaaaaaaaaab'", &[]);
    finds(&file, "acme_key = '7example8e9r0t1y'", &[]);
    finds(&file, "pair-1234", &[]);
    finds(&file, &format!("{key}\npair-1234"), &[key, "pair-1234"]);
    finds(&file, &format!("{key}\n\npair-1234"), &[key]);
    assert_eq!(file.paths.len(), 1);
    assert_eq!(
        file.to_string(),
        "3 loaded, 2 not carried; rules: cannot be built 1, has neither regex nor path 1"
    );
}

#[test]
fn rules_of_betterleaks() {
    let text = r#"
[[rules]]
id = "acme-key"
description = "Key of Acme"
regex = '''\b(acme_[a-z0-9]{12})\b'''
confidence = "high"
keywords = ["acme_"]
filter = '''
entropy(finding["secret"]) <= 3.2 || tokenRatio(finding["secret"]) >= 2.5
'''
validate = '''http.get("https://example.com")'''
"#;
    let file = RuleFile::parse(text).unwrap();
    finds(&file, "acme_q7w8e9r0t1y2 acme_aaaaaaaaaaab", &["acme_q7w8e9r0t1y2"]);
    let said = "1 loaded, 0 not carried; without: a filter has more than the least entropy 1";
    assert_eq!(file.to_string(), said);
}

#[test]
fn a_file_that_extends_another() {
    let base = RuleFile::parse(GITLEAKS).unwrap();
    let text = "[extend]\npath = 'base.toml'\ndisabledRules = ['key-file']\n\
                [[rules]]\nid = 'acme-pair'\nregex = 'p-[0-9]'\n\
                [[allowlists]]\nstopwords = ['t1y2']\n";
    let mut file = RuleFile::parse(text).unwrap();
    assert_eq!(file.extends.as_deref(), Some("base.toml"));
    file.extend_by(base);
    assert_eq!(file.ids().collect::<Vec<_>>(), ["acme-pair", "acme-key"]);
    finds(&file, "acme_key = 'q7w8e9r0t1y2u3i4' p-1", &["p-1"]);
}

#[test]
fn rules_in_yaml() {
    let text = "rules:\n\
        - name: Acme\n  id: acme.1\n  pattern: |\n    (?x) # a key\n    \\b (?# its form )\n    \
        acme_([0-9A-Za-z]{8}) \\b\n  min_entropy: 2.5\n  confidence: high\n  \
        pattern_requirements:\n    min_digits: 2\n    ignore_if_contains: [test]\n  \
        examples:\n  - acme_a1b2c3d4\n  negative_examples: ['acme_aaaaaaaa']\n  \
        validation: {type: Http}\n  odd: 1\n\
        - name: No pattern\n  id: acme.2\n";
    let file = RuleFile::parse(text).unwrap();
    finds(&file, "acme_a1b2c3d4 acme_abcdefgh acme_11111111 acme_testa1b2", &["acme_a1b2c3d4"]);
    assert_eq!(
        file.to_string(),
        "1 loaded, 1 not carried; rules: has no id or no pattern 1; \
         without: unknown key 1, validation 1"
    );
    for example in &file.examples {
        assert_eq!(!found(&scanner(&file), &example.text).is_empty(), example.is_found);
    }
}

#[test]
fn what_is_no_rule_file_is_refused() {
    for (text, says) in [
        ("a = 1\n", "no `rules` of gitleaks, kingfisher or noseyparker in it"),
        ("a = 1\nb =\n", "line 2: "),
        ("rules:\n- a: [\n", "line "),
    ] {
        let error = RuleFile::parse(text).unwrap_err().to_string();
        assert!(error.starts_with(says), "{error}");
    }
}
