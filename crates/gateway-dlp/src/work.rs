//! How much work hostile bodies make: steps of the machine, which is what a place costs that comes up,
//! and no time on the clock.

use std::collections::BTreeSet;

use crate::scan::scan;
use crate::steps::STEPS;
use crate::{DlpBuilder, Limits, ProfileConfig, detectors};

/// Bytes of a body.
const BODY: usize = 2 << 10;

/// Steps within one KiB, at the most, of a detector alone.
const STEPS_PER_KIB_MAX: usize = 13 << 10;

/// What is repeated: each printable byte, and pieces of numbers, addresses, names and assignments.
fn pieces() -> BTreeSet<String> {
    let mut pieces: BTreeSet<String> = (b' '..=b'~').map(|byte| char::from(byte).into()).collect();
    let more = [
        ":.",
        "1.",
        "12.",
        "123.",
        "1:",
        "12:",
        "a:",
        "f:",
        "ff:",
        "fe80:",
        "::1",
        "1-",
        "12-",
        "123-",
        "a-",
        "1/",
        "12/",
        "a/",
        "1/1/1/",
        "a.",
        "a@",
        "a@.",
        "a@a.",
        "a:b@",
        "1 ",
        "12 ",
        "123 ",
        "1234 ",
        "12345678 ",
        "123456789 ",
        "1.2.3.4 ",
        "01/01/2020 ",
        "Jan 1 ",
        "1 2 3 4 5 6 7 8 9 ",
        "12 a ",
        "A ",
        "Aa ",
        "A1",
        "AB 12 ",
        "AB12 ",
        "123 Main St ",
        "www.",
        "www.a.b/",
        "http://",
        "http://a..b/",
        "//",
        "a=",
        "a=\"",
        "key = ",
        "token token=",
        "-----BEGIN PRIVATE KEY-----",
        "eyJa.",
        "sk-",
        "AKIA",
        "0x0",
        "\u{e9}",
        "\n",
    ];
    pieces.extend(more.map(str::to_owned));
    pieces
}

#[test]
fn no_body_makes_more_work_than_its_length_allows() {
    let pieces = pieces();
    let mut too_much = Vec::new();
    for detector in detectors() {
        let profile = ProfileConfig::new("p", [detector.id()]);
        let dlp = DlpBuilder::new().profile(profile).build(&Limits::default()).unwrap();
        let own = detector.keywords().iter().map(|word| format!("{word} "));
        let found = detector.examples().iter().flat_map(|example| example.found);
        // What is found, without its end: it almost matches, over and over.
        let almost = found.filter_map(|text| text.get(..text.len() - 1)).map(str::to_owned);
        for piece in pieces.iter().cloned().chain(own).chain(almost) {
            let body: Vec<u8> = piece.bytes().cycle().take(BODY).collect();
            let before = STEPS.get();
            scan(&dlp, &body, &[]);
            let steps = (STEPS.get() - before) / (BODY >> 10);
            if steps > STEPS_PER_KIB_MAX {
                too_much.push(format!("{} {piece:?}: {steps}", detector.id()));
            }
        }
    }
    assert!(too_much.is_empty(), "{}", too_much.join("\n"));
}
