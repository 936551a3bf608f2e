//! What wirefilter says least about, in our words: every faulty input that was measured there, with
//! the whole of its diagnostics as a person and as a tool gets them.

use std::fmt::Write;

use crate::filter::Filter;
use crate::options::ParseOptions;
use crate::test_scheme;

/// Inputs that stay errors.
const FAULTY: [&str; 20] = [
    r#"htp.host == "a""#,
    r#"http.host = "a""#,
    "http.host == a",
    "ssl AND ssl",
    "ip.src in 10.0.0.0/8",
    r#"port == "eighty""#,
    "port in {80; 443}",
    r#""GET" == http.method"#,
    "# c",
    "",
    r#"names[*] == "x""#,
    r#"any(names == "x")"#,
    "ip.src in {10.0.0.1/8}",
    "port == 08",
    r#"http.host == "a"#,
    "port == 99999999999999999999",
    r#"http.host matches "(a""#,
    "(ssl",
    "frobnicate(http.host) == 1",
    r#"htp.host = "a" OR port in 80 and ssl == 1"#,
];

#[test]
fn faulty_inputs_are_told_what_was_found_and_what_to_write() {
    let mut told = String::new();
    for text in FAULTY {
        let error = Filter::parse(&test_scheme::scheme(), text, &ParseOptions::default());
        let error = error.err().unwrap_or_else(|| panic!("{text} is a filter"));
        writeln!(told, "> {text}").expect("memory");
        for fault in error.diagnostics() {
            writeln!(told, "{}\n{}", fault.render(text), fault.to_json(text)).expect("memory");
        }
        told.push('\n');
    }
    let expected = include_str!("faulty.txt");
    assert!(told == expected, "found what is not in faulty.txt:\n{told}");
}

#[test]
fn the_others_are_filters() {
    for text in [
        "http.host == 'a'",
        "port\t== 80",
        r#"port == "80""#,
        "port in {80, 443}",
        "ssl == true",
        "http.host == http.method",
        "any(names[] == \"x\")",
    ] {
        let read = Filter::parse(&test_scheme::scheme(), text, &ParseOptions::default());
        assert!(read.is_ok(), "{text}: {read:?}");
    }
}
