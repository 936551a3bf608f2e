//! Rules of YARA beside signature databases, in a program with them and in one without.

use serde_json::Value;

use crate::program::Folder;

const RULES: &str = r#"
import "pe"
rule Worm { strings: $a = "worm, more" condition: $a and not pe.is_pe }
rule Slow { strings: $a = /.*x/ condition: $a }
"#;

fn found(text: &str) -> Vec<String> {
    let answer: Value = serde_json::from_str(text).unwrap();
    let findings = answer["findings"].as_array().unwrap();
    findings.iter().map(|found| found["id"].as_str().unwrap().to_owned()).collect()
}

#[cfg(feature = "yara")]
#[test]
fn rules_are_looked_for_in_every_part() {
    let folder = Folder::new();
    folder.write("db/own.yar", RULES);
    folder.write("db/own.ndb", "Own.Other:0:*:6f74686572\n");
    folder.write("plain", "a worm, more and other");
    folder.write(
        "packed.zip",
        crate::archive::zip("a.txt", b"a worm, more", crate::archive::Encrypted::No),
    );
    let left_out = "db/own.yar: the rule `Slow` is left out: db/own.yar:4:22: slow pattern";
    let answer = folder.run(&["scan", "--av", "--db", "db", "plain"]);
    assert_eq!(answer.status, 1);
    assert!(answer.err.contains(left_out), "{answer:?}");
    assert_eq!(found(answer.text()), ["Own.Other", "YARA.Worm"]);
    let packed = folder.run(&["scan", "--av", "--db", "db", "packed.zip"]);
    assert_eq!(found(packed.text()), ["YARA.Worm"; 2], "as it is stored, and as a part");

    let lint = folder.run(&["av", "db", "lint", "db"]);
    assert_eq!(lint.status, 0, "{lint:?}");
    assert!(
        lint.text().contains(left_out) && lint.text().contains("1 YARA rules loaded"),
        "{lint:?}"
    );
    let built = folder.run(&["av", "db", "build", "db", "compiled/own.yarac"]);
    assert_ne!(built.status, 0, "there is no such folder: {built:?}");
    folder.write("compiled/note.txt", "");
    let built = folder.run(&["av", "db", "build", "db", "compiled/own.yarac"]);
    assert_eq!(built.status, 0, "{built:?}");
    assert_eq!(
        found(folder.run(&["scan", "--av", "--db", "compiled", "plain"]).text()),
        ["YARA.Worm"]
    );
    folder.write("compiled/own.yar", RULES);
    let both = folder.run(&["scan", "--av", "--db", "compiled", "plain"]);
    assert!(both.err.contains("expected none beside them"), "{both:?}");

    folder.write("db/own.yar", "rule a {\n  condition: b\n}");
    let wrong = folder.run(&["scan", "--av", "--db", "db", "plain"]);
    assert_eq!(wrong.status, 2);
    assert!(wrong.err.contains("db/own.yar:2:14: unknown identifier `b`"), "{wrong:?}");
}

#[cfg(not(feature = "yara"))]
#[test]
fn a_program_without_them_says_that_rules_are_not_looked_for() {
    let folder = Folder::new();
    folder.write("db/own.yar", RULES);
    folder.write("plain", "a worm, more");
    let answer = folder.run(&["scan", "--av", "--db", "db", "plain"]);
    assert_eq!((answer.status, found(answer.text())), (0, Vec::new()), "{answer:?}");
    let told = "db/own.yar: not loaded: this program was built without the feature `yara`";
    assert!(answer.err.contains(told), "{answer:?}");
}
