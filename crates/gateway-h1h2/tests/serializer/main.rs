//! What the serializer of HTTP/1.1 writes, whatever it is told to: random sequences of events are
//! sent, and what comes out is read by two parsers that are not ours and not each other's. Both must
//! find the messages that were sent, with the same meaning, and nothing else.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod by_httparse;
mod by_lines;
mod meaning;
mod random;
mod script;

use meaning::{Expected, Rest, Seen};
use random::Random;

/// Plays the script of this seed and compares what three readers make of it.
fn play(seed: u64) -> Expected {
    let mut random = Random::new(seed);
    let (wire, expected) = match random.below(2) {
        0 => script::requests(&mut random),
        _ => script::responses(&mut random),
    };
    let shown = || format!("seed {seed}: {}", wire.escape_ascii());
    for (name, seen) in [
        ("httparse", by_httparse::read(&wire, &expected.asked)),
        ("the parser by lines", by_lines::read(&wire, &expected.asked)),
    ] {
        let seen = seen.unwrap_or_else(|error| panic!("{name}: {error}: {}", shown()));
        compare(&seen, &expected, &|| format!("{name}, {}", shown()));
    }
    expected
}

fn compare(seen: &Seen, expected: &Expected, shown: &dyn Fn() -> String) {
    let (complete, rest) = match expected.unfinished.as_ref() {
        // A message without its end may look whole only if all that it announced is there.
        Some(last) if last.looks_whole() => {
            let mut all = expected.complete.clone();
            all.push(last.clone());
            (all, Rest::Nothing)
        }
        Some(_) => (expected.complete.clone(), Rest::Part),
        None => (expected.complete.clone(), Rest::Nothing),
    };
    let given: Vec<_> = complete.iter().map(meaning::Message::meant).collect();
    assert_eq!(seen.messages, given, "{}", shown());
    assert_eq!(seen.rest, rest, "{}", shown());
    for message in seen.messages.iter().rev().skip(1) {
        assert!(!message.closes, "something comes behind the last message: {}", shown());
    }
}

/// Plays so many scripts; how many messages came out whole, and how many were left unfinished.
fn play_all(from: u64, scripts: u64) -> (u64, u64) {
    let (mut whole, mut unfinished) = (0, 0);
    for seed in from..from + scripts {
        let expected = play(seed);
        whole += expected.complete.len() as u64;
        unfinished += u64::from(expected.unfinished.is_some());
    }
    (whole, unfinished)
}

/// Some scripts, or as many as the environment variable `GATEWAY_SERIALIZER_SCRIPTS` says when this is
/// compiled: ten million take some minutes in a release build.
#[test]
fn what_is_written_is_read_as_it_was_meant() {
    let wanted = option_env!("GATEWAY_SERIALIZER_SCRIPTS");
    let scripts = wanted.map_or(60_000, |scripts| scripts.parse().expect("a number"));
    let (whole, unfinished) = play_all(0, scripts);
    println!("{scripts} scripts: {whole} whole messages, {unfinished} unfinished, 0 differences");
    // The scripts are not all refused before they come to something.
    assert!(whole > scripts / 2, "{whole} messages");
    assert!(unfinished > scripts / 20, "{unfinished} unfinished");
}
