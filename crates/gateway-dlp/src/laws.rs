//! The laws of the scanner, run on every detector, on custom entries and on patterns that nobody
//! thought of.

use std::sync::LazyLock;

use gateway_inspect::conformance::{Options, check, check_idle};
use gateway_inspect::{Examiner, Outcome, Unscannable};
use proptest::prelude::*;
use proptest::sample::select;
use regex_automata::meta;

use crate::oracle::Oracle;
use crate::scan::{FEW, Found, few_detectors, regexes, scan};
use crate::{
    Bounds, Case, Detector, Dlp, DlpBuilder, Limits, ProfileConfig, WordsEntry, detectors,
};

fn conforms(dlp: &dyn Examiner, sample: &[u8], chunkings: usize, findings: usize) {
    let options = Options { chunkings, ..Options::default() };
    let summary = check(dlp, sample, &options).unwrap();
    assert_eq!(summary.findings, findings, "{}", String::from_utf8_lossy(sample));
}

/// The detectors that are looked for together.
fn few() -> impl Iterator<Item = &'static Detector> {
    detectors().iter().filter(|detector| FEW.contains(&detector.id()))
}

#[test]
fn detectors_conform() {
    for detector in detectors() {
        let profile = ProfileConfig::new("p", [detector.id()]);
        let dlp = DlpBuilder::new().profile(profile).build(&Limits::default()).unwrap();
        let chunkings = if FEW.contains(&detector.id()) { 500 } else { 10 };
        for example in detector.examples() {
            conforms(&dlp, example.text.as_bytes(), chunkings, example.found.len());
        }
    }
}

#[test]
fn detectors_together_conform() {
    let text = few().flat_map(|d| d.examples()).map(|e| e.text);
    let text: Vec<_> = text.filter(|text| text.len() < 80).collect();
    let found = few().flat_map(|d| d.examples()).filter(|e| e.text.len() < 80);
    let found = found.map(|e| e.found.len()).sum();
    conforms(&few_detectors(), text.join("\n").as_bytes(), 500, found);
}

#[test]
fn custom_entries_conform() {
    let words = WordsEntry::new("w", "Words", ["Falcon", "Blue Falcon", "Übung", "blue"]);
    let dlp = regexes(&[r"TCK-[0-9]+", r"\w+@\w+\.(?:com|de)", r"(?i)top.*?secret"])
        .words(words)
        .profile(ProfileConfig::new("w", ["w"]))
        .build(&Limits::default())
        .unwrap();
    let sample = "TCK-1,TCK-22 a.b@c.com x@y.de@z.com\nTop most top Secret secret, \
                  BLUE falcon übung ÜBUNG falcons blue"
        .as_bytes();
    conforms(&dlp, sample, 10_000, 9);
}

#[test]
fn limits_on_work_conform() {
    let limits = Limits { steps_per_kib_max: 900, ..Limits::default() };
    let dlp = regexes(&[r"[a-z]{1,20}!", "zz"]).build(&limits).unwrap();
    let sample = [b"0123 zz 456 ok! ".repeat(4), b"abcdefghi".repeat(20)].concat();
    conforms(&dlp, &sample, 10_000, 8);
    let exceeded = Outcome::Unscannable(Unscannable::WorkExceeded);
    assert_eq!(scan(&dlp, &sample, &[]).outcome, exceeded);

    let limits = Limits { candidates_max: 8, ..Limits::default() };
    let dlp = regexes(&[r"[a-z]{1,20}!"]).build(&limits).unwrap();
    conforms(&dlp, b"a!abc! abcdefghijklmnopq!", 1_000, 2);
    assert_eq!(scan(&dlp, b"abcdefghijkl", &[]).outcome, exceeded);
}

#[test]
fn what_begins_nothing_is_cleared_at_once() {
    let quiet: &[&[u8]] = &[
        b"data: {\"x\":9}\n\n",
        b"The quick brown fox jumps over the lazy do. 99 times, 9:99.",
        b"\0\x01\xFF\xFE\x80 9999999999999999 9",
    ];
    for sample in quiet {
        check_idle(&few_detectors(), sample, &Options::default()).unwrap();
    }
}

/// After each `|`, that much is held back: from the start of the candidate on.
#[test]
fn what_may_begin_something_is_held_from_its_start() {
    let cases: &[(&str, &[u64])] = &[
        ("pay 41111111|1 now|", &[4, 17]),
        ("4111|x|", &[0, 5]),
        ("x 4|a|", &[2, 4]),
        ("AK|IA|b|", &[0, 0, 5]),
        ("aA|A|A|", &[1, 2, 3]),
        ("536-22-1234|.|", &[0, 12]),
        ("-----BEGIN |PRIVATE KEY-----\nno|.", &[0, 0]),
        (r"\|n|4|", &[0, 0, 0]),
        ("data: 4|\n\n|", &[6, 9]),
    ];
    let dlp = few_detectors();
    for (text, expected) in cases {
        let chunks: Vec<usize> = text.split('|').map(str::len).collect();
        let bytes = text.replace('|', "");
        let cleared = scan(&dlp, bytes.as_bytes(), &chunks).cleared;
        assert_eq!(cleared[..expected.len()], **expected, "{text}");
    }
}

/// A finding of at least four bytes is reported with its last byte, where nothing that follows can
/// change it.
#[test]
fn what_is_sure_does_not_wait_for_the_next_byte() {
    let dlp = regexes(&["secret", "[0-9]{4}", "x+"]).build(&Limits::default()).unwrap();
    for (text, cleared) in [("a secret", 8), ("a secre", 2), ("123", 0), ("1234", 4), ("xx", 0)] {
        assert_eq!(scan(&dlp, text.as_bytes(), &[text.len()]).cleared[0], cleared, "{text}");
    }
}

#[test]
fn words_are_found_by_case_and_bounds() {
    let text = "blue Blue bluebell BLÜTE blüte bl\u{FC} _blue blue";
    let check = |case, bounds, expected: &[u64]| {
        let words = ["blue", "blüte", "blu"];
        let words = WordsEntry { case, bounds, ..WordsEntry::new("w", "Words", words) };
        let builder = DlpBuilder::new().words(words).profile(ProfileConfig::new("p", ["w"]));
        let dlp = builder.build(&Limits::default()).unwrap();
        let starts: Vec<u64> =
            scan(&dlp, text.as_bytes(), &[]).found.iter().map(|f| f.1.start.as_u64()).collect();
        assert_eq!(starts, expected, "{case:?} {bounds:?}");
    };
    check(Case::Insensitive, Bounds::WholeWords, &[0, 5, 19, 26, 44]);
    check(Case::Sensitive, Bounds::WholeWords, &[0, 26, 44]);
    check(Case::Sensitive, Bounds::Anywhere, &[0, 10, 26, 39, 44]);
}

/// Pieces of patterns over a small alphabet, so that they meet.
fn pattern() -> impl Strategy<Value = String> {
    let leaf = select(vec![
        "a",
        "b",
        "ab",
        "ba",
        "[ab]",
        "[^a]",
        ".",
        "c",
        "é",
        r"\b",
        r"\B",
        "^",
        "$",
        "(?m:^)",
        "(?m:$)",
        r"\b{start-half}",
        r"\b{end-half}",
        r"\w",
        r"\W",
        "(?i:A)",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 3, |inner| {
        let repeat = select(vec!["*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{2,}?"]);
        prop_oneof![
            3 => prop::collection::vec(inner.clone(), 2..4).prop_map(|all| all.concat()),
            2 => prop::collection::vec(inner.clone(), 2..4)
                .prop_map(|any| format!("(?:{})", any.join("|"))),
            2 => (inner, repeat).prop_map(|(one, many)| format!("(?:{one}){many}")),
        ]
    })
}

fn haystack() -> impl Strategy<Value = Vec<u8>> {
    let byte = select(b"aaabbbABc  \n_\xC3\xA9".to_vec());
    prop::collection::vec(byte, 0..60)
}

fn chunks() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0_usize..12, 0..20)
}

static DETECTORS: LazyLock<(Dlp, Oracle)> = LazyLock::new(|| {
    let profile = ProfileConfig::new("few", FEW);
    let oracle = Oracle::new(&DlpBuilder::new().profile(profile), &Limits::default()).unwrap();
    (few_detectors(), oracle)
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Any chunks, any patterns: what a search of the whole buffer finds is found.
    #[test]
    fn equals_the_oracle(
        patterns in prop::collection::vec(pattern(), 1..4),
        haystack in haystack(),
        chunks in chunks(),
    ) {
        let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
        let builder = regexes(&patterns);
        let Ok(dlp) = builder.build(&Limits::default()) else { return Ok(()) };
        let oracle = Oracle::new(&builder, &Limits::default()).unwrap();
        let scan = scan(&dlp, &haystack, &chunks);
        prop_assert_eq!(&scan.found, &oracle.find_all(&haystack));
        let outcome = if scan.found.is_empty() { Outcome::Clean } else { Outcome::Found };
        prop_assert_eq!(scan.outcome, outcome);
    }

    /// What the oracle says of a regular expression is what `regex` says.
    #[test]
    fn the_oracle_equals_regex(pattern in pattern(), haystack in haystack()) {
        let builder = regexes(&[&pattern]);
        let Ok(oracle) = Oracle::new(&builder, &Limits::default()) else { return Ok(()) };
        let syntax = regex_automata::util::syntax::Config::new().unicode(false).utf8(false);
        let config = meta::Config::new().utf8_empty(false);
        let regex = meta::Builder::new().configure(config).syntax(syntax).build(&pattern).unwrap();
        let said: Vec<_> = oracle
            .find_all(&haystack)
            .iter()
            .map(|(_, span)| span.start.as_u64() as usize..span.end.as_u64() as usize)
            .collect();
        let expected: Vec<_> = regex.find_iter(&haystack).map(|m| m.range()).collect();
        prop_assert_eq!(said, expected);
    }

    /// Detectors, on text that is full of what they look for.
    #[test]
    fn detectors_equal_the_oracle(
        pieces in prop::collection::vec(piece(), 0..12),
        chunks in prop::collection::vec(0_usize..60, 0..20),
    ) {
        let text = pieces.concat();
        let (dlp, oracle) = &*DETECTORS;
        let scan = scan(dlp, text.as_bytes(), &chunks);
        prop_assert_eq!(scan.found, oracle.find_all(text.as_bytes()));
    }

    /// With a limit on the length of matches: each finding is one, none overlaps another, and no
    /// match of allowed length is without a finding that overlaps it.
    #[test]
    fn long_matches_are_found_in_part(
        pattern in pattern(),
        haystack in haystack(),
        chunks in chunks(),
        match_bytes_max in 1_usize..8,
    ) {
        let limits = Limits { match_bytes_max, ..Limits::default() };
        let builder = regexes(&[&pattern]);
        let Ok(dlp) = builder.build(&limits) else { return Ok(()) };
        let oracle = Oracle::new(&builder, &limits).unwrap();
        let chunked = scan(&dlp, &haystack, &chunks);
        prop_assert_eq!(&chunked.found, &scan(&dlp, &haystack, &[]).found);
        let matches: Vec<Found> =
            (0..haystack.len()).filter_map(|start| oracle.find_at(&haystack, start)).collect();
        let mut end = 0;
        for found in &chunked.found {
            prop_assert!(matches.contains(found), "{:?} is no match", found);
            prop_assert!(found.1.start.as_u64() >= end, "{:?} overlaps", found);
            end = found.1.end.as_u64();
        }
        for (_, span) in matches {
            let overlaps = |f: &Found| f.1.start < span.end && span.start < f.1.end;
            prop_assert!(chunked.found.iter().any(overlaps), "{:?} is missed", span);
        }
    }
}

/// Parts of what the detectors look for, and what may stand between them.
fn piece() -> impl Strategy<Value = &'static str> {
    let examples = few().flat_map(|d| d.examples()).map(|example| example.text);
    let parts = ["4", "4111", "1111", " ", "-", "\\n", "%20", "536", "22", "AKIA", "ghp_", "-----"];
    select(examples.filter(|text| text.len() < 80).chain(parts).collect::<Vec<_>>())
}

#[test]
fn a_scanner_is_shared_between_threads() {
    fn shared<T: Send + Sync + Clone>(_: &T) {}
    shared::<Dlp>(&few_detectors());
}
