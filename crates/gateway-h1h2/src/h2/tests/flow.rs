//! Windows and credit: who gets none stops nobody else, and nothing of a window is lost.

use proptest::prelude::*;

use super::*;
use crate::ResetReason;

const WINDOW: usize = 64 * 1024;

fn upload() -> Vec<Event> {
    let mut head = request(Method::POST, "/");
    head.body = BodySize::Unknown;
    vec![Event::RequestHead(Box::new(head))]
}

/// Body bytes told of a stream.
fn told(log: &Log, stream: u64) -> usize {
    let bytes =
        |line: &String| line.split_once(" bytes").and_then(|(n, _)| n.parse::<usize>().ok());
    log.get(&stream).map(|log| log.iter().filter_map(bytes).sum()).unwrap_or_default()
}

fn zeros(bytes: usize) -> Event {
    Event::Data(Bytes::from(vec![0; bytes]))
}

#[test]
fn a_stream_without_credit_waits_and_the_others_do_not() {
    let mut pair = Pair::new(usize::MAX);
    let stuck: Vec<_> = (0..127).map(|_| pair.ask(upload())).collect();
    for stream in &stuck {
        pair.client.send(*stream, zeros(4 * WINDOW)).expect("a body");
    }
    pair.run();
    for stream in &stuck {
        assert_eq!(told(&pair.to_server, on_wire(*stream).number()), WINDOW);
        assert_eq!(pair.client.pending(*stream), 3 * WINDOW);
        assert!(!pair.client.wants_data(*stream));
    }
    let free = pair.ask(upload());
    assert!(!pair.client.can_open(), "128 at a time");
    for _ in 0..20 {
        assert!(pair.client.wants_data(free));
        pair.client.send(free, zeros(WINDOW)).expect("a body");
        pair.run();
        pair.server.credit(on_wire(free), WINDOW as u64);
        pair.run();
    }
    assert_eq!(told(&pair.to_server, on_wire(free).number()), 20 * WINDOW);
    assert_eq!(pair.client.pending(free), 0);
    // Credit in small parts, and more at a time than has come.
    pair.server.credit(on_wire(stuck[0]), u64::MAX);
    for _ in 0..WINDOW / 1_000 + 1 {
        pair.server.credit(on_wire(stuck[1]), 1_000);
    }
    pair.run();
    assert_eq!(told(&pair.to_server, on_wire(stuck[0]).number()), 4 * WINDOW);
    assert_eq!(told(&pair.to_server, on_wire(stuck[1]).number()), 2 * WINDOW);
}

#[test]
fn a_response_that_is_not_read_does_not_stop_the_others() {
    let mut pair = Pair::new(usize::MAX);
    let get = || [Event::RequestHead(Box::new(request(Method::GET, "/"))), Event::End];
    let (slow, quick) = (pair.ask(get()), pair.ask(get()));
    for stream in [slow, quick] {
        let head = response(200, BodySize::Length(10 * WINDOW as u64));
        pair.answer(stream, [Event::ResponseHead(Box::new(head)), zeros(10 * WINDOW), Event::End]);
    }
    for _ in 0..10 {
        pair.client.credit(quick, WINDOW as u64);
        pair.run();
    }
    assert_eq!(told(&pair.to_client, quick.number()), 10 * WINDOW);
    assert_eq!(told(&pair.to_client, slow.number()), WINDOW);
    assert_eq!(pair.to_client[&quick.number()].last().map(String::as_str), Some("end"));
}

#[test]
fn what_is_given_is_held_within_bounds_by_who_asks() {
    let mut pair = Pair::new(usize::MAX);
    let stream = pair.ask(upload());
    let mut given = 0;
    while pair.client.wants_data(stream) && given < 100 * WINDOW {
        pair.client.send(stream, zeros(1_000)).expect("a body");
        given += 1_000;
        pair.run();
    }
    assert!(given <= 2 * WINDOW + 1_000, "{given} bytes without credit");
    assert_eq!(pair.client.pending(stream), given - WINDOW);
}

#[derive(Clone, Copy, Debug)]
enum Fate {
    ResetByClient,
    ResetByServer,
    Answered,
    AnsweredAndAwaited,
    Refused,
    EndedUnread,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn windows_are_whole_after_any_ends(
        fates in prop::collection::vec(
            (
                prop_oneof![
                    Just(Fate::ResetByClient),
                    Just(Fate::ResetByServer),
                    Just(Fate::Answered),
                    Just(Fate::AnsweredAndAwaited),
                    Just(Fate::Refused),
                    Just(Fate::EndedUnread),
                ],
                0..3 * WINDOW,
                0_u64..40_000,
                any::<bool>(),
            ),
            1..20,
        ),
        piece in prop_oneof![Just(usize::MAX), 1_000..20_000_usize],
    ) {
        let mut pair = Pair::new(piece);
        for (fate, bytes, credit, settle) in fates {
            let stream = pair.ask(upload());
            pair.client.send(stream, zeros(bytes)).expect("a body");
            if settle {
                pair.run();
            }
            pair.server.credit(on_wire(stream), credit);
            match fate {
                Fate::ResetByClient => {
                    pair.client.send(stream, Event::Reset(ResetReason::Cancelled)).expect("a reset");
                }
                Fate::ResetByServer => {
                    pair.answer(stream, [Event::Reset(ResetReason::Cancelled)]);
                }
                Fate::Refused => pair.answer(stream, [Event::Retry]),
                Fate::Answered => {
                    let head = Event::ResponseHead(Box::new(response(200, BodySize::Empty)));
                    pair.answer(stream, [head, Event::End]);
                    // What the client has not sent nobody wants.
                    let _ = pair.client.send(stream, Event::Reset(ResetReason::Cancelled));
                }
                Fate::AnsweredAndAwaited => {
                    let head = Event::ResponseHead(Box::new(response(200, BodySize::Empty)));
                    pair.answer(stream, [head, Event::End]);
                }
                Fate::EndedUnread => {
                    pair.client.send(stream, Event::End).expect("the end");
                    pair.run();
                    pair.client.send(stream, Event::Reset(ResetReason::Cancelled)).expect("a reset");
                }
            }
            pair.run();
            pair.server.advance(1_000);
            pair.client.advance(1_000);
        }
        // Nobody waits for the rest of a request for ever.
        pair.server.advance(2_000);
        pair.run();
        prop_assert!(pair.server.is_idle() && pair.client.is_idle());
        // The window of the connection is 128 times that of a stream: as many can fill theirs.
        let full: Vec<_> = (0..128).map(|_| pair.ask(upload())).collect();
        for stream in &full {
            pair.client.send(*stream, zeros(WINDOW)).expect("a body");
        }
        pair.run();
        for stream in full {
            prop_assert_eq!(told(&pair.to_server, on_wire(stream).number()), WINDOW);
        }
    }
}
