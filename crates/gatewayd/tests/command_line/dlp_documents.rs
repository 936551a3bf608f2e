//! Documents that are found by their fingerprints, source code, and keys for what records hold sealed: from
//! the commands that make them to those that use them.

use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::archive::{Encrypted, zip};
use crate::program::Folder;

/// A contract that nobody has signed.
fn contract() -> String {
    (1..=60)
        .map(|n| {
            format!(
                "Clause {n}. The party of part {} shall deliver item {} to the party of part {} \
                 within {} days, and pay {} marks for each day that it is late.\n",
                n * 7 % 11,
                n * 31 % 97,
                n * 5 % 13,
                n * 3 % 29,
                n * 17 % 101
            )
        })
        .collect()
}

const POLICY: &str = r#"
predefined = ["source_code"]
[[entry]]
id = "contracts"
fingerprints = "contracts.fingerprints"
similarity_min = 40
[[profile]]
id = "secret"
entries = ["contracts"]
"#;

const CODE: &str = "package main\n\nimport (\n\t\"fmt\"\n)\n\nfunc main() {\n\tc, err := read()\n\
    \tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n\tdefer c.Close()\n\tfor _, w := range c.words {\n\
    \t\tfmt.Println(w)\n\t}\n\tif err := c.Err(); err != nil {\n\t\treturn err\n\t}\n\tx := 1\n\
    \tfmt.Println(x)\n}\n\nfunc (c *counter) add() {\n\tc.n++\n}\n";

/// The ids and parts of what is found in a file.
fn scan(folder: &Folder, file: &str) -> Vec<(String, String)> {
    let answer = folder.run(&["scan", "--dlp", "--policy", "policy", file]);
    let json: Value = serde_json::from_str(answer.text()).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = json["findings"].as_array().unwrap();
    findings.iter().map(|found| (text(&found["id"]), text(&found["part"]))).collect()
}

#[test]
fn documents_are_found_in_whatever_they_are_packed() {
    let folder = Folder::new();
    let text = contract();
    let xml = |text: &str| {
        let words = text.replace(' ', "</w:t></w:r><w:r><w:t xml:space=\"preserve\"> ");
        format!(
            "<?xml version=\"1.0\"?><w:document><w:body><w:p><w:r><w:t>{words}</w:t></w:r></w:p>\
             </w:body></w:document>"
        )
    };
    folder.write("contract.docx", zip("word/document.xml", xml(&text).as_bytes(), Encrypted::No));
    folder.write("short.txt", "too little");
    folder.write("policy/rules.toml", "");
    folder.write("policy/dlp.toml", POLICY);
    let build = |documents: &[&str]| {
        let words = ["dlp", "fingerprint", "build", "policy/contracts.fingerprints"];
        folder.run(&[&words, documents].concat())
    };
    let built = build(&["contract.docx"]);
    assert_eq!(built.status, 0, "{built:?}");
    assert!(built.text().contains("contracts.fingerprints: 1 documents; "), "{built:?}");
    let info = folder.run(&["dlp", "fingerprint", "info", "policy/contracts.fingerprints"]);
    assert_eq!(info.text(), built.text());

    folder.write("as.txt", &text);
    folder.write("as.html", format!("<!doctype html><p>{}</p>", text.replace(' ', "\n<b> </b>")));
    let half: String = text.lines().step_by(2).map(|line| format!("> {line}\r\n")).collect();
    folder.write("half.txt", format!("Dear Bob,\r\n{half}Regards"));
    folder.write("some.txt", text.lines().take(12).collect::<String>());
    let is_found = |file| scan(&folder, file).iter().any(|(id, _)| id == "contracts");
    for (file, expected) in [
        ("as.txt", true),
        ("as.html", true),
        ("contract.docx", true),
        ("half.txt", true),
        ("some.txt", false),
    ] {
        assert_eq!(is_found(file), expected, "{file}");
    }

    let short = build(&["as.txt", "short.txt"]);
    assert_eq!(short.status, 2);
    assert!(short.err.contains("`short.txt` has too little text"), "{short:?}");
    let none = build(&["none.txt"]);
    assert!(none.err.contains("cannot read none.txt"), "{none:?}");
}

#[test]
fn source_code_is_found_by_its_language() {
    let folder = Folder::new();
    folder.write("policy/rules.toml", "");
    folder.write("policy/dlp.toml", "predefined = [\"source_code\"]\n");
    folder.write("main.go", CODE);
    let escaped = serde_json::json!({"message": CODE, "id": 7}).to_string();
    folder.write("chat.json", escaped);
    folder.write("notes.txt", "import this\nif err != nil, say so\n");
    let ids = |file| scan(&folder, file).into_iter().map(|(id, _)| id).collect::<Vec<_>>();
    assert_eq!(ids("main.go"), ["source_go"]);
    assert_eq!(ids("chat.json"), ["source_go"]);
    assert_eq!(ids("notes.txt"), [""; 0]);
    let list = folder.run(&["dlp", "list"]);
    assert!(list.text().contains("language  source_go "), "{list:?}");
    assert!(list.text().contains("built in, 12 languages"), "{list:?}");
}

#[test]
fn faults_of_fingerprints_have_their_line() {
    for (text, says) in [
        ("fingerprints = \"none\"", "dlp.toml:2:6: entry `a`: cannot read"),
        ("fingerprints = \"rules.toml\"", "no fingerprints: it begins otherwise"),
        ("fingerprints = \"f\"\nregex = \"a\"", "expected one of `regex`, `words`, `dataset` and"),
        ("words = [\"a\"]\nsimilarity_min = 9", "`similarity_min` belongs to `fingerprints`"),
    ] {
        let folder = Folder::new();
        folder.write("policy/rules.toml", "");
        folder.write("policy/dlp.toml", format!("[[entry]]\nid = \"a\"\n{text}\n"));
        let checked = folder.run(&["check", "--policy", "policy"]);
        let all = format!("{}{}", checked.text(), checked.err);
        assert!(checked.status != 0 && all.contains(says), "{text}: {checked:?}");
    }
}

#[test]
fn a_key_is_made_once_and_opens_nothing_of_others() {
    let folder = Folder::new();
    let made = folder.run(&["dlp", "key", "payload.key"]);
    assert_eq!(made.status, 0, "{made:?}");
    assert_eq!(made.text().trim().len(), 44, "{made:?}");
    let mode = std::fs::metadata(folder.path("payload.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let again = folder.run(&["dlp", "key", "payload.key"]);
    assert_eq!(again.status, 2);
    assert!(again.err.contains("cannot write payload.key"), "{again:?}");
    let records = "{\"RequestID\": \"a\"}\n\nno record\n{\"RequestID\": \"b\", \"UploadDlpPayload\": \"AQ==\"}\n";
    let decrypted =
        folder.run_with(&["dlp", "decrypt", "--key", "payload.key"], records.as_bytes());
    assert_eq!((decrypted.status, decrypted.text()), (2, ""), "{decrypted:?}");
    for says in ["-:3: no record: ", "-:4: UploadDlpPayload: this is nothing sealed"] {
        assert!(decrypted.err.contains(says), "{decrypted:?}");
    }
    folder.write("bad.key", "no key\n");
    let bad = folder.run(&["dlp", "decrypt", "--key", "bad.key"]);
    assert!(bad.err.contains("bad.key: a key is 32 bytes in base64"), "{bad:?}");
}
