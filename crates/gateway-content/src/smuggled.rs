//! Files that a page or a script puts together in the browser: they are shown as if they had come whole, whatever the
//! chunks, and other pages and scripts show nothing.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::crafted::program;
use crate::fixture::{base64, hex, stored, zip};
use crate::laws::{Seen, look};
use crate::{BodyInfo, Budget, Limits};

/// Sizes of chunks; 0 is the whole body.
const CHUNKS: [usize; 6] = [1, 7, 31, 193, 1_460, 0];

fn seen(body: &[u8]) -> Seen {
    let by = |chunk: usize| {
        let chunk = if chunk == 0 { body.len().max(1) } else { chunk };
        look(body, &[chunk], Budget::default(), &BodyInfo::default(), &Limits::default())
    };
    let whole = by(0);
    CHUNKS.iter().for_each(|chunk| assert_eq!(by(*chunk), whole, "by {chunk}"));
    whole
}

/// The digests of the runs in `body`, none of which has a reason.
fn runs(body: &[u8]) -> BTreeSet<String> {
    let seen = seen(body);
    let text = String::from_utf8_lossy(body.get(..200).unwrap_or(body)).into_owned();
    let mut runs = BTreeSet::new();
    for end in &seen.ends {
        assert_eq!(end.outcome.unscannable, None, "{} of {text}", end.part.name);
        let is_run = ["base64:", "hex:", "numbers:"].iter().any(|run| end.part.name.ends_with(run));
        if is_run {
            let found = seen.findings.get(&end.part.id).into_iter().flatten();
            runs.extend(
                found.filter(|f| f.entry.scanner == "digest").map(|f| f.entry.name.to_string()),
            );
        }
    }
    runs
}

fn digest(bytes: &[u8]) -> BTreeSet<String> {
    BTreeSet::from([format!("{:08x}", crc32fast::hash(bytes))])
}

/// A text, an archive and a program.
fn payloads() -> [Vec<u8>; 3] {
    let text: Vec<u8> =
        (0..40).flat_map(|i| format!("Line {i}: X5O!P%@AP is MALWARE\n").into_bytes()).collect();
    let content: Vec<u8> = (0..900u32).map(|i| (i.wrapping_mul(i) >> 3) as u8).collect();
    [text.clone(), zip(&[stored("a.txt", &text)]), program(&content)]
}

fn page(script: &str) -> Vec<u8> {
    format!("<!DOCTYPE html>\n<html><body><script>\n{script}\n</script></body></html>\n")
        .into_bytes()
}

fn ascii(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// What joins strings: before the first, between them, behind the last.
const JOINTS: [(&str, &str, &str); 14] = [
    ("var a = '", "' + '", "';"),
    ("var a = \"", "\"+\"", "\";"),
    ("var a = \"", "\" +\n    \"", "\";"),
    ("var a = `", "`+`", "`;"),
    ("var a = ['", "','", "'].join('');"),
    ("var a = [\n  \"", "\",\n  \"", "\"\n].join('');"),
    ("var data = '';\ndata += '", "';\ndata += '", "';"),
    ("var data = '", "';\ndata += '", "';"),
    ("a = \"", "\"\r\na = a & \"", "\"\r\n"),
    ("Dim a\r\na = \"", "\" & _\r\n  \"", "\"\r\n"),
    ("$a = '';\n$a .= '", "';\n$a .= '", "';"),
    ("var a = [];\na.push('", "');\na.push('", "');"),
    ("var a = ''.concat('", "').concat('", "');"),
    ("{\"a\":[\"", "\",\"", "\"]}"),
];

fn joined(text: &str, (before, joint, behind): (&str, &str, &str), chars: usize) -> String {
    let pieces: Vec<&str> =
        text.as_bytes().chunks(chars).map(|p| std::str::from_utf8(p).unwrap()).collect();
    format!("{before}{}{behind}", pieces.join(joint))
}

#[test]
fn strings_that_are_joined_are_one_run() {
    for payload in payloads() {
        for text in [ascii(base64(&payload)), ascii(hex(&payload))] {
            for joint in JOINTS {
                for chars in [8, 20, 21, 40] {
                    let script = joined(&text, joint, chars);
                    let what = format!("{chars} by {joint:?}");
                    assert_eq!(runs(&page(&script)), digest(&payload), "{what} in a page");
                    assert_eq!(runs(script.as_bytes()), digest(&payload), "{what}");
                }
            }
        }
    }
}

#[test]
fn numbers_are_bytes_however_they_are_parted() {
    for payload in payloads() {
        for (before, joint, behind) in [
            ("new Uint8Array([", ",", "]);"),
            ("[\n    ", ",\n    ", "\n]"),
            ("'", ";", "'.split(';')"),
            ("'", "|", "'.split('|')"),
            ("'", " ", "'.split(' ')"),
            ("`", "\n", "`.split('\\n')"),
            ("['", "','", "']"),
        ] {
            let dec: Vec<String> = payload.iter().map(u8::to_string).collect();
            let hex: Vec<String> = payload.iter().map(|b| format!("0x{b:02x}")).collect();
            for list in [dec, hex] {
                let script = format!("var a = {before}{}{behind}", list.join(joint));
                assert_eq!(runs(&page(&script)), digest(&payload), "{joint:?}");
            }
        }
    }
}

#[test]
fn what_no_one_sees_of_a_page_is_looked_into() {
    for payload in payloads() {
        let run = ascii(base64(&payload));
        let lines = |chars: usize, with: &str| joined(&run, ("", with, ""), chars);
        for markup in [
            format!("<div id=x data-file=\"{run}\"></div>"),
            format!("<div id=x data-file='{}'></div>", ascii(hex(&payload))),
            format!("<div id=x data-file={run}></div>"),
            format!("<div id=x data-file='{}'></div>", lines(76, "\n")),
            format!("<div id=x data-file='{}'></div>", lines(20, "\r\n")),
            format!("<div style='display:none'>{run}</div>"),
            format!("<input type=hidden value='{run}'>"),
            format!("<div>{}</div>", lines(8, "\u{200b}")),
            format!("<script>a = '{}'</script>", lines(16, "\u{2060}")),
        ] {
            let page = format!("<html><body>{markup}</body></html>");
            assert_eq!(runs(page.as_bytes()), digest(&payload), "{}", &markup[..60]);
        }
    }
}

#[test]
fn words_and_data_of_scripts_are_no_runs() {
    let words: Vec<String> =
        (0..400).map(|i| format!("{}{}", ["get", "Set", "on", "Item"][i % 4], i * i)).collect();
    let object: Vec<String> =
        words.iter().map(|w| format!("\"{w}\":\"{}\"", w.to_uppercase())).collect();
    for script in [
        format!("var a = ['{}'];", words.join("','")),
        format!("{{{}}}", object.join(",")),
        format!("f('{}');", words.join("');\nf('")),
        format!(
            "x = {};",
            words.iter().map(|w| format!("\"{w}\"")).collect::<Vec<_>>().join(" + ")
        ),
        (0..300).map(|i| format!("{:02}:{:02};", i % 24, i % 60)).collect(),
        (0..300).map(|i| format!("{} {}\n", i % 7, i % 11)).collect(),
        format!("<p class='{}'>word\u{200b}word\u{200b}word</p>", words.join("-")),
    ] {
        for body in [page(&script), script.clone().into_bytes()] {
            assert_eq!(runs(&body), BTreeSet::new(), "{}", &script[..60]);
        }
    }
}

/// What follows a file in JSON is not part of it.
#[test]
fn a_run_ends_with_its_string() {
    let payload = b"A file that is no multiple of three bytes: it is MALWARE".to_vec();
    let run = ascii(base64(&payload)).trim_end_matches('=').to_owned();
    for behind in [
        "\",\"name\":\"b\"}",
        "\", \"trusted_root.json\": 1}",
        "\";\nb = \"QUJDQUJD\";",
        "\"});\nf(\"QUJD\")",
    ] {
        let body = format!("{{\"data\":\"{run}{behind}");
        assert_eq!(runs(body.as_bytes()), digest(&payload), "{behind:?}");
        let short = format!("{{\"data\":\"data:a/b;base64,QUJD{behind}");
        assert!(runs(short.as_bytes()).is_superset(&digest(b"ABC")), "{behind:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// A joined run shows the same bytes as the whole one, or, where its strings are too short to be met, nothing.
    #[test]
    fn a_joined_run_is_the_whole_one(
        content in prop::collection::vec(any::<u8>(), 0..700),
        joint in prop::sample::select(&JOINTS[..]),
        chars in 2usize..80,
        is_hex: bool,
        chunk in 1usize..300,
    ) {
        let payload = program(&content);
        let text = ascii(if is_hex { hex(&payload) } else { base64(&payload) });
        let page = page(&joined(&text, joint, chars));
        let by = |chunk: usize| {
            look(&page, &[chunk], Budget::default(), &BodyInfo::default(), &Limits::default())
        };
        prop_assert_eq!(by(chunk), by(page.len()));
        let runs = runs(&page);
        prop_assert!(runs == digest(&payload) || chars < 24 && runs.is_empty());
    }
}
