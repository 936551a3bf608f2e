//! The laws of the scanner, run on every detector, on custom entries and on patterns that nobody
//! thought of.

use std::sync::LazyLock;

use gateway_inspect::conformance::{Options, check, check_idle};
use gateway_inspect::{Examiner, Outcome, Unscannable};
use proptest::prelude::*;
use proptest::sample::select;
use regex_automata::meta;

use crate::oracle::Oracle;
use crate::scan::{FEW, few_detectors, regexes, scan};
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

/// A repeat that may take nothing ends with it, whether or not the bytes ended there: the `b` is no
/// part of it.
#[test]
fn repeats_of_nothing_conform() {
    let dlp = regexes(&[r"(?:[ab]|a)(?:(?:\B|b))*"]).build(&Limits::default()).unwrap();
    for cut in 0..=3 {
        let found = scan(&dlp, b"aab", &[cut]).found;
        let ends: Vec<_> = found.iter().map(|(_, span)| span.end.as_u64()).collect();
        assert_eq!(ends, [1, 2, 3], "cut at {cut}");
    }
    conforms(&dlp, b"aab ab bb", 200, 7);
}

#[test]
fn limits_on_work_conform() {
    // 31 places of 8 steps each are one too many.
    let limits = Limits { steps_per_kib_max: 240, ..Limits::default() };
    let dlp = regexes(&["zzz[^!]!"]).build(&limits).unwrap();
    let sample = |places| [b"zzz  ".repeat(places), vec![b'.'; 1_200], b"zzz.!".to_vec()].concat();
    let exceeded = Outcome::Unscannable(Unscannable::WorkExceeded);
    assert_eq!(scan(&dlp, &sample(30), &[]).outcome, Outcome::Found);
    assert_eq!(scan(&dlp, &sample(31), &[]).outcome, exceeded);
    conforms(&dlp, &sample(31), 100, 0);

    let limits = Limits { candidates_max: 8, ..Limits::default() };
    let dlp = regexes(&["zzz[^!]+!"]).build(&limits).unwrap();
    let sample = |open| [vec![b'.'; 980], b"zzz.".repeat(open), vec![b'.'; 50]].concat();
    assert_eq!(scan(&dlp, &sample(8), &[]).outcome, Outcome::Clean);
    assert_eq!(scan(&dlp, &sample(9), &[]).outcome, exceeded);
    conforms(&dlp, &sample(9), 100, 0);
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

/// After each `|`, that much is cleared: up to the start of the candidate, or a few bytes less where what
/// comes before it has its form.
#[test]
fn what_may_begin_something_is_held_from_its_start() {
    let cases: &[(&str, &[u64])] = &[
        ("pay 41111111|1 now|", &[4, 17]),
        ("4111|x|", &[0, 5]),
        ("x 4|a|", &[2, 4]),
        ("AK|IA|b|", &[0, 0, 3]),
        ("aA|A|A|", &[1, 1, 1]),
        ("536-22-1234|.|", &[0, 12]),
        ("-----BEGIN |PRIVATE KEY-----\nno|.", &[0, 0]),
        (r"\|n|4|", &[0, 0, 0]),
        ("data: 4|\n\n|", &[6, 9]),
    ];
    check_cleared(&few_detectors(), cases);
}

#[track_caller]
fn check_cleared(dlp: &Dlp, cases: &[(&str, &[u64])]) {
    for (text, expected) in cases {
        let chunks: Vec<usize> = text.split('|').map(str::len).collect();
        let bytes = text.replace('|', "");
        let cleared = scan(dlp, bytes.as_bytes(), &chunks).cleared;
        assert_eq!(cleared[..expected.len()], **expected, "{text}");
    }
}

/// The same where what entries are noticed by stands far behind, and the bytes before it are told in
/// part, are any, or are marked by what comes first.
#[test]
fn what_is_noticed_late_is_held_from_its_start() {
    let patterns = [
        r"zqx[ =\w]{0,20}secretive-[0-9]",
        r"https?://[0-9]{2,8}@(?:gems.contribsys|staff.contribsys)",
        r"\d-\d{4}-contribsys",
    ];
    let cases: &[(&str, &[u64])] = &[
        ("a z|q|x = |?|", &[2, 2, 2, 9]),
        ("zqx secret|ive-|7|", &[0, 0, 0]),
        ("a zq|a|", &[2, 5]),
        ("x http://|12@ge|ms|#|contrib|", &[2, 2, 2, 2, 2]),
        ("x https://12@gems##|", &[19]),
        ("x https://12@gems#c|#|", &[2, 20]),
        ("12-34|56-con|trib|x|", &[0, 0, 0, 16]),
    ];
    check_cleared(&regexes(&patterns).build(&Limits::default()).unwrap(), cases);
}

/// Chunks of one size each, over some blocks.
#[test]
fn chunks_of_any_size_give_the_same() {
    let patterns = [
        r"(?i)[\w.-]{0,50}?(?:key|token)[ \t\w.-]{0,20}\s{0,3}=\s{0,3}[a-z0-9]{16}(?:[;\s]|$)",
        r"\b[A-Za-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}\.[a-z]{2,12}\b",
        r"\b\d{3}-\d\d-\d{4}\b",
        r"-----BEGIN KEY-----[\s\S]{64,}?-----END KEY-----",
        r"\b[A-Z0-9]{6}_[a-z]{9}_lic\b",
    ];
    let dlp = regexes(&patterns).build(&Limits::default()).unwrap();
    let line =
        "my.api_key-name = abcdefgh01234567; to a.b@example.com 123-45-6789 AB12CD_abcdefghi_lic\n";
    let key = format!("-----BEGIN KEY-----\n{}\n-----END KEY-----", "QUJD ".repeat(300));
    let text = [&*line.repeat(40), &*key, &*line.repeat(9), "x@y.zz"].concat();
    let whole = scan(&dlp, text.as_bytes(), &[]);
    assert_eq!(whole.found.len(), 49 * 4 + 2);
    for size in [1, 2, 3, 7, 64, 1_400, 16_384] {
        let chunks = vec![size; text.len() / size];
        assert_eq!(scan(&dlp, text.as_bytes(), &chunks).found, whole.found, "{size}");
    }
}

/// A finding of at least four bytes is reported with its last byte, where nothing that follows can
/// change it. What has the form of the beginning of another one is held.
#[test]
fn what_is_sure_does_not_wait_for_the_next_byte() {
    let dlp = regexes(&["secret", "[0-9]{4}", "x+"]).build(&Limits::default()).unwrap();
    let cases =
        [("a secret", 1, 8), ("a secre", 0, 2), ("123", 0, 0), ("1234", 1, 1), ("xx", 0, 0)];
    for (text, found, cleared) in cases {
        let scan = scan(&dlp, text.as_bytes(), &[text.len()]);
        assert_eq!((scan.told[0], scan.cleared[0]), (found, cleared), "{text}");
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
        "zq",
        "qz",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 3, |inner| {
        let repeats = ["*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{2,}?", "{0,4}?", "{3,9}"];
        let repeat = select(repeats.to_vec());
        prop_oneof![
            3 => prop::collection::vec(inner.clone(), 2..4).prop_map(|all| all.concat()),
            2 => prop::collection::vec(inner.clone(), 2..4)
                .prop_map(|any| format!("(?:{})", any.join("|"))),
            2 => (inner, repeat).prop_map(|(one, many)| format!("(?:{one}){many}")),
        ]
    })
}

fn haystack() -> impl Strategy<Value = Vec<u8>> {
    let byte = select(b"aaabbbABc  \n_qzq\xC3\xA9".to_vec());
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
        let regex = regex(&pattern);
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

    /// With a limit on the length of matches, too.
    #[test]
    fn long_matches_equal_the_oracle(
        pattern in pattern(),
        haystack in haystack(),
        chunks in chunks(),
        match_bytes_max in 1_usize..8,
    ) {
        let limits = Limits { match_bytes_max, ..Limits::default() };
        let builder = regexes(&[&pattern]);
        let Ok(dlp) = builder.build(&limits) else { return Ok(()) };
        let oracle = Oracle::new(&builder, &limits).unwrap();
        prop_assert_eq!(scan(&dlp, &haystack, &chunks).found, oracle.find_all(&haystack));
    }

    /// Word lists, with letters that have several forms.
    #[test]
    fn words_equal_the_oracle(
        words in prop::collection::vec("[a-cK \u{E9}\u{C9}\u{DF}\u{212A}\u{3C3}\u{3C2}_]{1,6}", 1..6),
        text in "[a-cA-CkK \u{E9}\u{C9}\u{DF}\u{1E9E}\u{212A}\u{3C3}\u{3C2}\u{3A3}_]{0,40}",
        chunks in chunks(),
        is_sensitive in any::<bool>(),
        is_anywhere in any::<bool>(),
    ) {
        let case = if is_sensitive { Case::Sensitive } else { Case::Insensitive };
        let bounds = if is_anywhere { Bounds::Anywhere } else { Bounds::WholeWords };
        let words = WordsEntry { case, bounds, ..WordsEntry::new("w", "", words) };
        let builder = DlpBuilder::new().words(words).profile(ProfileConfig::new("p", ["w"]));
        let dlp = builder.build(&Limits::default()).unwrap();
        let oracle = Oracle::new(&builder, &Limits::default()).unwrap();
        let expected = oracle.find_all(text.as_bytes());
        prop_assert_eq!(scan(&dlp, text.as_bytes(), &chunks).found, expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// Lists so long that they are noticed by their tokens, over some stretches.
    #[test]
    fn long_lists_equal_the_oracle(
        words in prop::collection::vec("[a-cK \u{E9}_]{1,10}", 1..6),
        pieces in prop::collection::vec("[a-cA-CK \u{E9}_-]{0,80}", 0..60),
        chunks in prop::collection::vec(prop_oneof![0_usize..40, 500_usize..3_000], 0..60),
        is_sensitive in any::<bool>(),
    ) {
        let case = if is_sensitive { Case::Sensitive } else { Case::Insensitive };
        let others = (0..600).map(|number| format!("other{number}"));
        let words = WordsEntry::new("w", "", words.into_iter().chain(others));
        let words = WordsEntry { case, ..words };
        let builder = DlpBuilder::new().words(words).profile(ProfileConfig::new("p", ["w"]));
        let limits = Limits { steps_per_kib_max: u32::MAX, ..Limits::default() };
        let dlp = builder.build(&limits).unwrap();
        let oracle = Oracle::new(&builder, &limits).unwrap();
        let body = pieces.concat().into_bytes();
        prop_assert_eq!(scan(&dlp, &body, &chunks).found, oracle.find_all(&body));
    }

    /// Over many blocks, with chunks large and small: what `regex` finds in the whole buffer.
    #[test]
    fn long_bodies_equal_regex(
        patterns in prop::collection::vec(secret(), 1..6),
        pieces in prop::collection::vec(secret_piece(), 400..1_200),
        chunks in prop::collection::vec(prop_oneof![0_usize..40, 500_usize..3_000], 0..60),
    ) {
        let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
        let body = pieces.concat().into_bytes();
        let limits = Limits {
            steps_per_kib_max: u32::MAX,
            candidates_max: 4_096,
            match_bytes_max: 1 << 20,
            ..Limits::default()
        };
        let dlp = regexes(&patterns).build(&limits).unwrap();
        let mut expected = Vec::new();
        for (index, pattern) in patterns.iter().enumerate() {
            let id: std::sync::Arc<str> = format!("r{index}").into();
            expected.extend(regex(pattern).find_iter(&body).map(|found| (id.clone(), span(found))));
        }
        let scan = scan(&dlp, &body, &chunks);
        prop_assert!(matches!(scan.outcome, Outcome::Clean | Outcome::Found));
        prop_assert_eq!(scan.found, expected);
    }
}

/// What would have to lead up to it belongs to the match before.
#[test]
fn a_match_has_its_own_lead() {
    let pattern = r"\b[a-z.]{1,7}@.*?[a-z]+";
    let body = b"::k@ak@0123456789abcdefk, the quick brown fox";
    let dlp = regexes(&[pattern]).build(&Limits::default()).unwrap();
    let expected: Vec<_> =
        regex(pattern).find_iter(body).map(|found| ("r0".into(), span(found))).collect();
    assert_eq!(expected.len(), 1);
    for chunks in [&[][..], &[1; 45], &[7; 7]] {
        assert_eq!(scan(&dlp, body, chunks).found, expected, "{chunks:?}");
    }
}

/// A regular expression over bytes, as entries are read.
fn regex(pattern: &str) -> meta::Regex {
    let syntax = regex_automata::util::syntax::Config::new().unicode(false).utf8(false);
    let config = meta::Config::new().utf8_empty(false);
    meta::Builder::new().configure(config).syntax(syntax).build(pattern).unwrap()
}

fn span(found: regex_automata::Match) -> gateway_inspect::Span {
    let at = |index: usize| gateway_inspect::Offset::new(index as u64);
    gateway_inspect::Span::new(at(found.start()), at(found.end()))
}

/// Patterns as secrets have them: noticed by a literal at the front or within, by what leads up to
/// one, or by no literal at all.
fn secret() -> impl Strategy<Value = String> {
    let front = select(vec![
        "",
        r"\b",
        r"[\w.-]{0,9}?",
        r"\b[a-z.]{1,7}",
        "(?:x|)",
        "[0-9]{2}",
        "[a-z]{0,3}",
        r"\s*",
        r"\w+",
        "(?i)",
    ]);
    let name =
        select(vec!["key", "tok_", "(?:key|sk-|api)", "(?i:sk-)", "@", "k", "[a-z]{3}", "9"]);
    let middle = select(vec![
        "",
        r"[ \t\w.-]{0,8}(?:=|:{1,2}|=>) ?",
        ".*?",
        "[^@]{0,12}",
        "(?:-[0-9]{2}){2}",
        r"\n?",
    ]);
    let value = select(vec![
        "[a-z0-9]{4}",
        "[0-9]{3,}",
        "[a-z]+",
        "(?s:.){2,5}?",
        "(?:ab|a)+",
        "[0-9]{2,30}=?",
    ]);
    let end = select(vec!["", r"\b", "(?:[;, ]|$)", r"\b{end-half}", "$", "(?m:$)", "=", r"\B"]);
    (front, name, middle, value, end).prop_map(|(a, b, c, d, e)| [a, b, c, d, e].concat())
}

fn secret_piece() -> impl Strategy<Value = &'static str> {
    select(vec![
        "key",
        "tok_",
        "sk-",
        "SK-",
        "api",
        "=",
        " = ",
        ": ",
        "=>",
        "::",
        "-12",
        "ab",
        "abab",
        "a",
        "9",
        "42",
        "1234",
        " ",
        "\n",
        ";",
        ".",
        "@",
        "x",
        "k",
        "the quick brown fox ",
        "zzzzzz",
        "0123456789abcdef",
        "\u{E9}",
        ", ",
    ])
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
