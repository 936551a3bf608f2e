//! `gateway-proxy scan`: its answers to the letter, its exit status, its memory.

use std::fs;
use std::io::{Read, Write};

use serde_json::{Value, json};

use crate::archive::{Encrypted, gzip, zip};
use crate::program::Folder;

/// The EICAR test file, in two pieces so that this file is none.
fn eicar() -> Vec<u8> {
    [&br"X5O!P%@AP[4\PZX54(P^)7CC)7}$"[..], b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"].concat()
}

const CARD: &str = "Card: 4111 1111 1111 1111.\n";

/// Scans `contents` with `flags`; gives the exit status and the answer.
fn scan(flags: &[&str], contents: &[u8]) -> (i32, Value) {
    let folder = Folder::new();
    folder.write("file", contents);
    let answer = folder.run(&[&["scan"], flags, &["file"]].concat());
    assert_eq!(answer.text().lines().count(), 1, "{answer:?}");
    (answer.status, serde_json::from_str(answer.text()).unwrap())
}

/// The ids and parts of the findings.
fn found(answer: &Value) -> Vec<(&str, &str, &str)> {
    answer["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            let text = |key: &str| finding[key].as_str().unwrap();
            (text("by"), text("id"), text("part"))
        })
        .collect()
}

#[test]
fn a_clean_file_is_answered_to_the_letter() {
    let folder = Folder::new();
    folder.write("a \"b\".txt", "nothing here\n");
    let answer = folder.run(&["scan", "a \"b\".txt"]);
    let expect = r#"{"path":"a \"b\".txt","verdict":"clean","findings":[],"parts":1,"bytes":13}"#;
    assert_eq!((answer.status, answer.text()), (0, &*format!("{expect}\n")), "{answer:?}");
}

#[test]
fn findings_name_their_place_and_nothing_of_the_content() {
    let (status, answer) = scan(&[], CARD.as_bytes());
    assert_eq!((status, &answer["verdict"]), (1, &json!("found")));
    let finding = &answer["findings"][0];
    assert_eq!((&finding["by"], &finding["id"]), (&json!("dlp"), &json!("payment_card")));
    assert_eq!((&finding["start"], &finding["end"]), (&json!(6), &json!(25)));
    assert_eq!(finding["part"], "");
    assert!(!answer.to_string().contains("4111"), "{answer}");
}

#[test]
fn malware_is_found_however_it_is_packed() {
    let zipped = zip("a/e.com", &eicar(), Encrypted::No);
    for (contents, part, parts) in [
        (eicar(), "", 1),
        (zipped.clone(), "zip:a/e.com", 2),
        (gzip(&eicar()), "gz:", 2),
        (gzip(&zipped), "gz:/zip:a/e.com", 3),
    ] {
        let (status, answer) = scan(&[], &contents);
        assert_eq!((status, &answer["verdict"]), (1, &json!("found")), "{answer}");
        assert_eq!(answer["parts"], parts, "{answer}");
        assert_eq!(answer["bytes"], contents.len());
        let found = found(&answer);
        assert!(found.iter().any(|(by, _, at)| (*by, *at) == ("av", part)), "{part}: {answer}");
    }
}

#[test]
fn flags_choose_the_scanners() {
    let both = [eicar(), b"\n".to_vec()].concat();
    for (flags, contents, status) in [
        (&["--dlp"][..], &both, 0),
        (&["--av"], &both, 1),
        (&["--dlp", "--av"], &both, 1),
        (&["--av"], &CARD.as_bytes().to_vec(), 0),
        (&["--dlp"], &CARD.as_bytes().to_vec(), 1),
    ] {
        let (got, answer) = scan(flags, contents);
        assert_eq!(got, status, "{flags:?}: {answer}");
    }
}

#[test]
fn databases_and_policies_are_loaded() {
    let folder = Folder::new();
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, b"some bytes");
    let hex: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    folder.write("db/own.hsb", format!("{hex}:10:Own.Digest-1\n"));
    folder.write("policy/av/own.ndb", "Own.Body-1:0:*:7761747963\n");
    folder.write(
        "policy/dlp.toml",
        "[[entry]]\nid = \"ticket\"\nname = \"Ticket number\"\nregex = 'TCK-[0-9]+'\n\
         [[profile]]\nid = \"internal\"\nentries = [\"ticket\"]\n",
    );
    folder.write("a", "some bytes");
    folder.write("b", "see TCK-12345, twatycat");
    let flags = ["scan", "--db", "db", "--policy", "policy", "a", "b"];
    let answer = folder.run(&flags);
    assert_eq!(answer.status, 1, "{answer:?}");
    let lines: Vec<Value> =
        answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let digest = json!({
        "by": "av", "id": "Own.Digest-1", "name": "Own.Digest-1", "part": "", "start": 0, "end": 10
    });
    assert_eq!(lines[0]["findings"], json!([digest]));
    let mut findings = lines[1]["findings"].as_array().unwrap().clone();
    findings.sort_by_key(|finding| finding["start"].as_u64());
    let ticket = json!({
        "by": "dlp", "id": "ticket", "name": "Ticket number", "part": "", "start": 4, "end": 13
    });
    let body = json!({
        "by": "av", "id": "Own.Body-1", "name": "Own.Body-1", "part": "", "start": 16, "end": 21
    });
    assert_eq!(findings, [ticket, body]);

    folder.write("policy/dlp.toml", "[[profile]]\nid = \"x\"\nentries = [\"payment_cart\"]\n");
    let answer = folder.run(&flags);
    assert_eq!((answer.status, answer.text()), (2, ""));
    assert!(answer.err.contains("policy/dlp.toml:2:6") && answer.err.contains("payment_card"));
}

#[test]
fn a_folder_that_is_not_there_is_no_empty_one() {
    let folder = Folder::new();
    folder.write("a", "clean");
    for flag in ["--db", "--policy"] {
        let answer = folder.run(&["scan", flag, "nowhere", "a"]);
        assert_eq!((answer.status, answer.text()), (2, ""), "{answer:?}");
        assert!(answer.err.contains("cannot read nowhere: No such file"), "{answer:?}");
    }
}

#[test]
fn what_cannot_be_scanned_in_full_is_not_clean() {
    let whole = gzip(&[b'a'; 10_000]);
    let cut = whole[..whole.len() - 9].to_vec();
    for (contents, reason) in [
        (zip("secret.txt", b"0123456789ab", Encrypted::Yes), "encrypted"),
        (cut, "malformed"),
        (gzip(&vec![0; 32 << 20]), "ratio_exceeded"),
    ] {
        let (status, answer) = scan(&[], &contents);
        assert_eq!((status, &answer["verdict"]), (1, &json!("unscannable")), "{answer}");
        assert_eq!(answer["reasons"], json!([reason]), "{answer}");
    }
}

#[test]
fn a_file_that_cannot_be_read_keeps_no_other_from_being_scanned() {
    let folder = Folder::new();
    folder.write("a", "clean");
    let answer = folder.run_with(&["scan", "missing", ".", "a", "-"], CARD.as_bytes());
    assert_eq!(answer.status, 2, "{answer:?}");
    let paths: Vec<Value> = answer
        .text()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["path"].clone())
        .collect();
    assert_eq!(paths, ["a", "-"]);
    assert!(answer.err.contains("cannot read missing") && answer.err.contains("cannot read ."));
}

#[test]
fn memory_does_not_grow_with_the_file() {
    const MIB: usize = 1 << 20;
    let folder = Folder::new();
    let mut child = folder.start(&["scan", "-"]);
    let mut stdin = child.stdin.take().unwrap();
    let block = b"All work and no play 4111 111 makes Jack a dull boy.\n".repeat(MIB / 53 + 1);
    let peak_kib = |pid: u32| -> u64 {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    stdin.write_all(&block[..MIB].repeat(4)).unwrap();
    let early = peak_kib(child.id());
    for _ in 0..28 {
        stdin.write_all(&block[..MIB]).unwrap();
    }
    let late = peak_kib(child.id());
    drop(stdin);
    let mut answer = String::new();
    child.stdout.take().unwrap().read_to_string(&mut answer).unwrap();
    assert!(child.wait().unwrap().success(), "{answer}");
    assert_eq!(serde_json::from_str::<Value>(&answer).unwrap()["bytes"], 32 * MIB);
    assert!(late < early + 4 * 1024, "{early} KiB after 4 MiB, {late} KiB after 32 MiB");
}
