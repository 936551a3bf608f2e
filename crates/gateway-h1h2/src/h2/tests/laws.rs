//! Laws over any messages and any frames.

use proptest::prelude::*;

use super::wire::{PREFACE, frame};
use super::*;
use crate::Fields;
use crate::h2::{Answer, Budgets, Transcript, replay_requests, replay_responses};

/// Without budgets: what they do depends on what was done before.
fn generous() -> Options {
    let mut options = options();
    let all = u32::MAX;
    options.limits.budgets = Budgets {
        all,
        settings: all,
        ping: all,
        ignored: all,
        window_update: all,
        cancelled: all,
        data_empty: all,
        data_small: all,
        continuation: all,
    };
    options
}

fn some_fields() -> impl Strategy<Value = Fields> {
    prop::collection::vec(("[a-z][a-z0-9-]{0,12}", "[!-~]([ -~]{0,20}[!-~])?"), 0..12).prop_map(
        |lines| {
            let mut fields = Fields::new();
            for (number, (name, value)) in lines.into_iter().enumerate() {
                // Names of their own: equal ones are told next to each other, and some mean
                // something to a hop.
                let _ = fields.append(&format!("x-{number}-{name}"), value);
            }
            fields
        },
    )
}

fn a_body() -> impl Strategy<Value = Vec<Bytes>> {
    prop::collection::vec(prop::collection::vec(any::<u8>(), 1..3_000).prop_map(Bytes::from), 0..6)
}

fn size(body: &[Bytes], known: bool) -> BodySize {
    let bytes = body.iter().map(Bytes::len).sum::<usize>() as u64;
    if known { BodySize::Length(bytes) } else { BodySize::Unknown }
}

/// The events of one side of one stream: its head, its body in one piece, its trailers.
fn told(connection: &mut Connection) -> (Option<Event>, Vec<u8>, Option<Fields>, bool) {
    let (mut head, mut body, mut trailers, mut ended) = (None, Vec::new(), None, false);
    while let Some((_, event)) = connection.poll_event().expect("what the other side wrote") {
        match event {
            Event::Data(data) => body.extend_from_slice(&data),
            Event::Trailers(fields) => trailers = Some(*fields),
            Event::End => ended = true,
            event => head = Some(event),
        }
    }
    (head, body, trailers, ended)
}

fn carry_all(from: &mut Connection, to: &mut Connection, piece: usize) {
    let mut output = Vec::new();
    while from.poll_output(&mut output) > 0 {}
    for piece in output.concat().chunks(piece) {
        to.receive(Bytes::copy_from_slice(piece));
    }
}

/// Any frames: kinds and flags that there are and some that are not, on few streams.
fn some_frames() -> impl Strategy<Value = Vec<u8>> {
    let payload = prop_oneof![
        Just(wire::block(&wire::GET)),
        Just(wire::block(&[(":status", "200")])),
        Just(Vec::new()),
        Just(vec![0, 0, 0, 8]),
        Just(vec![0, 0, 0, 0, 0, 0, 0, 0]),
        prop::collection::vec(any::<u8>(), 0..40),
    ];
    let one = (0_u8..12, prop_oneof![Just(0_u8), Just(1), Just(4), Just(5), any::<u8>()], 0_u32..8)
        .prop_flat_map(move |(kind, flags, stream)| {
            payload.clone().prop_map(move |payload| frame(kind, flags, stream, &payload))
        });
    prop::collection::vec(one, 0..30).prop_map(|frames| frames.concat())
}

#[track_caller]
fn agree(pieces: &Transcript, whole: &Transcript) {
    assert!(pieces.agrees_with(whole), "{pieces:#?}\n{whole:#?}");
}

/// A complete answer to CONNECT, and behind it a block of fields that cannot be read.
#[test]
fn what_was_known_before_a_fault_is_told_in_any_pieces() {
    let answer = frame(1, 5, 7, &wire::block(&[(":status", "200")]));
    let wire = [frame(4, 0, 0, &[]), answer, frame(1, 4, 0, &[137, 238, 96, 151, 61, 25])].concat();
    let whole = replay_responses(generous(), [&*wire]);
    for piece in 1..wire.len() {
        agree(&replay_responses(generous(), wire.chunks(piece)), &whole);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn messages_mean_the_same_behind_the_wire(
        (asked, answered) in (some_fields(), some_fields()),
        (up, down) in (a_body(), a_body()),
        (known_up, known_down) in (any::<bool>(), any::<bool>()),
        trailers in some_fields(),
        piece in 1_usize..5_000,
    ) {
        let (mut client, mut server) =
            (Connection::client(generous()), Connection::server(generous()));
        carry_all(&mut client, &mut server, piece);
        told(&mut server);
        carry_all(&mut server, &mut client, piece);
        told(&mut client);
        let mut head = request(Method::POST, "/x?y");
        (head.fields, head.body) = (asked, size(&up, known_up));
        let mut answer = response(200, size(&down, known_down));
        answer.fields = answered;
        let stream = client.open();
        let end = || [Event::Trailers(Box::new(trailers.clone())), Event::End];
        let events = |head: Event, body: &[Bytes]| {
            let data = body.iter().cloned().map(Event::Data).collect::<Vec<_>>();
            [head].into_iter().chain(data).chain(end()).collect::<Vec<_>>()
        };
        for event in events(Event::RequestHead(Box::new(head.clone())), &up) {
            client.send(stream, event).expect("a request");
        }
        carry_all(&mut client, &mut server, piece);
        let (got, body, end_of_it, ended) = told(&mut server);
        let Some(Event::RequestHead(mut got)) = got else { panic!("{got:?}") };
        prop_assert!(ended);
        prop_assert_eq!(got.fields.remove("host"), 1);
        got.version = head.version;
        prop_assert_eq!(&*got, &head);
        prop_assert_eq!(body, up.concat());
        // Trailers behind a body that has an announced end of no bytes have no place.
        let empty = |body: BodySize| body == BodySize::Length(0);
        let expected = Some(trailers.clone()).filter(|all| !all.is_empty());
        prop_assert_eq!(end_of_it, expected.clone().filter(|_| !empty(head.body)));

        for event in events(Event::ResponseHead(Box::new(answer.clone())), &down) {
            server.send(StreamId::new(1), event).expect("a response");
        }
        carry_all(&mut server, &mut client, piece);
        let (got, body, end_of_it, ended) = told(&mut client);
        let Some(Event::ResponseHead(mut got)) = got else { panic!("{got:?}") };
        prop_assert!(ended);
        got.version = answer.version;
        prop_assert_eq!(&*got, &answer);
        prop_assert_eq!(body, down.concat());
        prop_assert_eq!(end_of_it, expected.filter(|_| !empty(answer.body)));
        prop_assert!(client.is_idle());
    }

    /// What a client sends in one go: bodies, trailers, resets, requests that are cut off.
    #[test]
    fn whole_conversations_give_equal_logs_at_every_feed_size(
        requests in prop::collection::vec((some_fields(), a_body(), some_fields(), 0_u8..4), 1..8),
        piece in 1_usize..20_000,
    ) {
        let mut client = Connection::client(generous());
        for (fields, body, trailers, end) in requests {
            let mut head = request(Method::POST, "/x");
            (head.fields, head.body) = (fields, BodySize::Unknown);
            let stream = client.open();
            client.send(stream, Event::RequestHead(Box::new(head))).expect("a head");
            for piece in body {
                client.send(stream, Event::Data(piece)).expect("a body");
            }
            match end {
                0 => {
                    client.send(stream, Event::Trailers(Box::new(trailers))).expect("trailers");
                }
                1 => client
                    .send(stream, Event::Reset(crate::ResetReason::Cancelled))
                    .expect("a reset"),
                _ => {}
            }
            if matches!(end, 0 | 2) {
                client.send(stream, Event::End).expect("the end");
            }
        }
        let mut wire = Vec::new();
        while client.poll_output(&mut wire) > 0 {}
        let wire = wire.concat();
        let whole = replay_requests(generous(), Answer::None, [&*wire]);
        prop_assert_eq!(whole.error, None);
        for piece in [1, piece] {
            let pieces = replay_requests(generous(), Answer::None, wire.chunks(piece));
            prop_assert_eq!(&pieces.streams, &whole.streams);
            prop_assert_eq!(pieces.error, None);
        }
    }

    #[test]
    fn any_frames_are_read_the_same_in_any_pieces(frames in some_frames(), piece in 1_usize..60) {
        let wire = [PREFACE, &frame(4, 0, 0, &[]), &frames].concat();
        let whole = replay_requests(generous(), Answer::None, [&*wire]);
        agree(&replay_requests(generous(), Answer::None, wire.chunks(piece)), &whole);
        let answered = replay_requests(options(), Answer::Page, wire.chunks(piece));
        prop_assert!(answered.written_bytes < 100_000);
        let early = replay_requests(options(), Answer::Early, wire.chunks(piece));
        prop_assert!(early.written_bytes < 100_000);
        let wire = [frame(4, 0, 0, &[]), frames].concat();
        let whole = replay_responses(generous(), [&*wire]);
        agree(&replay_responses(generous(), wire.chunks(piece)), &whole);
    }
}
