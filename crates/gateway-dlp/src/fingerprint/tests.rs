//! Documents from text to finding.

use std::sync::Arc;

use gateway_inspect::conformance::{Options, check};
use proptest::prelude::*;

use super::*;
use crate::scan::found;
use crate::{Dlp, DlpBuilder, FingerprintEntry, Limits, ProfileConfig};

/// Words that nobody has written: `count` of them, the same for the same `seed`.
fn prose(seed: u64, count: usize) -> String {
    const SYLLABLES: [&str; 16] = [
        "ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "ri", "so", "tu",
        "ve",
    ];
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as usize
    };
    let mut text = String::new();
    for number in 0..count {
        let syllables = 1 + next() % 3;
        (0..syllables).for_each(|_| text.push_str(SYLLABLES[next() % 16]));
        text.push_str(if number % 12 == 11 { ".\n" } else { " " });
    }
    text
}

fn sketch(seed: [u8; 16], text: &str) -> Sketch {
    let mut sketch = Sketch::new(seed);
    sketch.push(text.as_bytes());
    sketch.finish();
    sketch
}

fn set(texts: &[&str]) -> Fingerprints {
    let named =
        (0..).zip(texts).map(|(number, text)| (format!("d{number}"), sketch([7; 16], text)));
    Fingerprints::new([7; 16], named.collect::<Vec<_>>()).unwrap()
}

fn scanner(texts: &[&str], similarity_min: u8) -> Dlp {
    let (id, name, fingerprints) = ("d".to_owned(), "D".to_owned(), Arc::new(set(texts)));
    let entry = FingerprintEntry { id, name, fingerprints, similarity_min };
    let builder = DlpBuilder::new().fingerprint(entry).profile(ProfileConfig::new("p", ["d"]));
    builder.build(&Limits::default()).unwrap()
}

/// The first `percent` of the words of `text`.
fn share(text: &str, percent: usize) -> String {
    let words: Vec<&str> = text.split_inclusive([' ', '\n']).collect();
    words[..words.len() * percent / 100].concat()
}

#[test]
fn texts_are_found_as_far_as_they_are_like_a_document() {
    let document = prose(1, 1_000);
    for (similarity_min, percent, is_found) in [
        (50, 100, true),
        (50, 60, true),
        (50, 40, false),
        (90, 95, true),
        (90, 80, false),
        (5, 8, true),
    ] {
        let dlp = scanner(&[&document], similarity_min);
        let text = share(&document, percent);
        for text in [
            text.clone(),
            text.to_uppercase(),
            text.replace(' ', "\r\n\t"),
            format!("{} {text} {}", prose(2, 400), prose(3, 400)),
        ] {
            let count = found(&dlp, &text).len();
            assert_eq!(count, usize::from(is_found), "{similarity_min} of {percent}");
        }
    }
}

#[test]
fn changes_make_texts_less_alike_and_others_are_not() {
    let document = prose(1, 1_000);
    let dlp = scanner(&[&document, &prose(9, 500)], 30);
    // One word in thirty is another one.
    let words = document.split_inclusive([' ', '\n']).enumerate();
    let edited: String =
        words.map(|(at, word)| if at % 30 == 7 { "xyzzy " } else { word }).collect();
    assert_eq!(found(&dlp, &edited).len(), 1);
    // Each second paragraph of five sentences is left out; and of one, which leaves few rows of words.
    let sentences: Vec<&str> = document.split_inclusive('\n').collect();
    let halved: String = sentences.chunks(5).step_by(2).flatten().copied().collect();
    assert_eq!(found(&dlp, &halved).len(), 1);
    let halved: String = sentences.into_iter().step_by(2).collect();
    assert_eq!(found(&dlp, &halved).len(), 0);
    let both = format!("{document}\n{}", prose(9, 500));
    assert_eq!(found(&dlp, &both).len(), 2, "each document once");
    assert_eq!(found(&dlp, &format!("{document}{document}")).len(), 1);
    // The same words in another order, and other words.
    let mut words: Vec<&str> = document.split_whitespace().collect();
    words.sort_unstable();
    assert_eq!(found(&dlp, &words.join(" ")).len(), 0);
    for seed in 100..160 {
        assert_eq!(found(&dlp, &prose(seed, 2_000)).len(), 0, "{seed}");
    }
}

#[test]
fn long_documents_are_sampled() {
    let document = prose(4, 60_000);
    let set = set(&[&document]);
    assert_eq!(set.documents().collect::<Vec<_>>(), [("d0", KEPT_MAX)]);
    for (similarity_min, percent, is_found) in [(50, 56, true), (50, 44, false), (10, 13, true)] {
        let dlp = scanner(&[&document], similarity_min);
        let count = found(&dlp, &share(&document, percent)).len();
        assert_eq!(count, usize::from(is_found), "{similarity_min} of {percent}");
    }
}

#[test]
fn bytes_are_held_from_where_a_text_is_like_a_document() {
    let document = prose(1, 300);
    let dlp = scanner(&[&document], 60);
    let text = format!("{}{document}{}", prose(2, 300), prose(3, 300));
    let scan = crate::scan::scan(&dlp, text.as_bytes(), &vec![50; text.len() / 50]);
    let begin = prose(2, 300).len() as u64;
    let [(_, span)] = &scan.found[..] else { panic!("{scan:?}") };
    // Some ten words and three fingerprints must have come first.
    assert!((begin..begin + 300).contains(&span.start.as_u64()), "{span:?}");
    assert!(scan.cleared.iter().any(|cleared| *cleared == span.start.as_u64()));
    assert_eq!(scan.cleared.last().copied(), Some(text.len() as u64));
    let other = prose(5, 900);
    let scan = crate::scan::scan(&dlp, other.as_bytes(), &[1_000, 1_000]);
    assert_eq!(scan.cleared, [1_000, 2_000, other.len() as u64], "nothing waits");
}

#[test]
fn the_laws_hold() {
    let document = prose(1, 120);
    let dlp = scanner(&[&document, &prose(2, 80)], 40);
    for text in [
        document.clone(),
        format!("{} {document}", prose(3, 40)),
        format!("{}{}{}", share(&document, 30), prose(3, 90), share(&document, 60)),
        format!("{document}{}{}", prose(3, 20), prose(2, 80)),
        "a b c d e f g h i j k l m n o p".to_owned(),
    ] {
        let options = Options { chunkings: 20, ..Options::default() };
        check(&dlp, text.as_bytes(), &options).unwrap();
    }
}

#[test]
fn too_little_text_is_no_document() {
    let short =
        |words| Fingerprints::new([7; 16], [("d".to_owned(), sketch([7; 16], &prose(1, words)))]);
    assert!(short(100).is_ok());
    let error = short(20).unwrap_err();
    assert!(matches!(error, FingerprintError::TooShort { .. }), "{error}");
    assert!(error.to_string().starts_with("`d` has too little text: "));
    let many = (0..=DOCUMENTS_MAX).map(|n| (n.to_string(), sketch([7; 16], &prose(1, 100))));
    assert_eq!(Fingerprints::new([7; 16], many).unwrap_err(), FingerprintError::TooMany);
}

#[test]
fn a_similarity_is_a_percentage() {
    for similarity_min in [0, 101] {
        let entry = FingerprintEntry {
            id: "d".into(),
            name: "D".into(),
            fingerprints: Arc::new(set(&[])),
            similarity_min,
        };
        let error = DlpBuilder::new().fingerprint(entry).build(&Limits::default()).unwrap_err();
        let expected =
            format!("entry `d`: similarity_min is {similarity_min}, but 1 to 100 was expected");
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn files_say_what_was_written_or_nothing() {
    let set = set(&[&prose(1, 200), &prose(2, 300)]);
    let bytes = set.to_bytes();
    assert_eq!(Fingerprints::from_bytes(&bytes).as_ref(), Ok(&set));
    assert!(!String::from_utf8_lossy(&bytes).contains("ba"), "no word is in it");
    for cut in [0, 10, 40, bytes.len() - 1] {
        assert!(Fingerprints::from_bytes(&bytes[..cut]).is_err(), "{cut}");
    }
    for at in (0..bytes.len()).step_by(97) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        assert!(Fingerprints::from_bytes(&damaged).is_err(), "{at}");
    }
    let shown = format!("{set:?}");
    assert_eq!(shown, r#"Fingerprints { documents: ["d0", "d1"], .. }"#);
}

proptest! {
    /// Whatever is said behind a right digest.
    #[test]
    fn no_file_makes_it_stumble(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        use sha2::{Digest, Sha256};
        let mut bytes = b"gateway fingerprints 1\n".to_vec();
        bytes.extend(body);
        let digest = Sha256::digest(&bytes);
        bytes.extend_from_slice(&digest);
        if let Ok(set) = Fingerprints::from_bytes(&bytes) {
            prop_assert_eq!(set.to_bytes(), bytes);
        }
    }
}
