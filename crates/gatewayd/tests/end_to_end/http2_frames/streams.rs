//! RFC 9113 §5: the states of streams, their numbers, and how many there may be.

use super::Answer::{Ends, GoesOn, Resets, Response};
use super::wire::*;
use super::{Case, case};

pub(super) fn cases(wire: &Wire) -> Vec<Case> {
    [idle(wire), half_closed(wire), closed(wire), numbers(wire)].into_iter().flatten().collect()
}

fn idle(w: &Wire) -> Vec<Case> {
    const S: &str = "RFC 9113 §5.1, idle";
    vec![
        case(S, "PRIORITY", vec![priority(1, 0, 9), w.asked(1)], Response(1)),
        case(S, "DATA", vec![frame(DATA, END_STREAM, 1, b"x")], Ends(&[PROTOCOL_ERROR])),
        case(S, "RST_STREAM", vec![reset(1)], Ends(&[PROTOCOL_ERROR])),
        case(S, "WINDOW_UPDATE", vec![window(1, 1)], Ends(&[PROTOCOL_ERROR])),
        case(
            S,
            "CONTINUATION",
            vec![frame(CONTINUATION, END_HEADERS, 1, &w.get())],
            Ends(&[PROTOCOL_ERROR]),
        ),
    ]
}

fn half_closed(w: &Wire) -> Vec<Case> {
    const S: &str = "RFC 9113 §5.1, half-closed (remote)";
    vec![
        case(S, "WINDOW_UPDATE", vec![w.asked(1), window(1, 1)], Response(1)),
        case(S, "PRIORITY", vec![w.asked(1), priority(1, 0, 9)], Response(1)),
        case(S, "RST_STREAM", vec![w.asked(1), reset(1)], GoesOn),
        case(
            S,
            "DATA",
            vec![w.asked(1), frame(DATA, END_STREAM, 1, b"x")],
            Resets(1, &[STREAM_CLOSED]),
        ),
        case(S, "HEADERS", vec![w.asked(1), w.asked(1)], Resets(1, &[STREAM_CLOSED])),
        case(
            S,
            "CONTINUATION",
            vec![w.asked(1), frame(CONTINUATION, END_HEADERS, 1, &w.get())],
            Ends(&[PROTOCOL_ERROR]),
        ),
    ]
}

fn closed(w: &Wire) -> Vec<Case> {
    const R: &str = "RFC 9113 §5.1, closed by a reset";
    const S: &str = "RFC 9113 §5.1, closed in order";
    let gone = |late: Vec<u8>| vec![w.open(), reset(1), late];
    let data = || frame(DATA, END_STREAM, 1, b"x");
    let continuation = || frame(CONTINUATION, END_HEADERS, 1, &w.get());
    // The response has come when the last frame is sent.
    let done = |about, late, answer| Case {
        source: S,
        about,
        steps: vec![(w.asked(1), super::Answer::Body(16)), (late, answer)],
    };
    vec![
        case(R, "DATA", gone(data()), Resets(1, &[STREAM_CLOSED])),
        case(R, "HEADERS", gone(w.asked(1)), Resets(1, &[STREAM_CLOSED])),
        case(R, "CONTINUATION", gone(continuation()), Ends(&[PROTOCOL_ERROR])),
        done("DATA", data(), Resets(1, &[STREAM_CLOSED])),
        done("HEADERS", w.asked(1), Ends(&[STREAM_CLOSED])),
        done("CONTINUATION", continuation(), Ends(&[PROTOCOL_ERROR])),
        done("PRIORITY", priority(1, 0, 9), GoesOn),
        done("WINDOW_UPDATE", window(1, 1), GoesOn),
        done("RST_STREAM", reset(1), GoesOn),
    ]
}

fn numbers(w: &Wire) -> Vec<Case> {
    const N: &str = "RFC 9113 §5.1.1";
    const D: &str = "RFC 7540 §5.3.1";
    // Without a window the responses do not end.
    let many: Vec<u8> = (0..129).flat_map(|number| w.asked(2 * number + 1)).collect();
    let on_itself = [&[0, 0, 0, 1, 9][..], &w.get()].concat();
    vec![
        case(N, "even", vec![w.asked(2)], Ends(&[PROTOCOL_ERROR])),
        case(N, "lower than the last", vec![w.asked(5), w.asked(3)], Ends(&[PROTOCOL_ERROR])),
        case(
            "RFC 9113 §5.1.2",
            "one more than may be",
            vec![setting(4, 0), many],
            Resets(257, &[REFUSED_STREAM, PROTOCOL_ERROR]),
        ),
        case(
            D,
            "a request that depends on itself",
            vec![frame(HEADERS, ENDS | WITH_PRIORITY, 1, &on_itself)],
            Resets(1, &[PROTOCOL_ERROR]),
        ),
        case(
            D,
            "PRIORITY on itself",
            vec![w.open(), priority(1, 1, 9)],
            Resets(1, &[PROTOCOL_ERROR]),
        ),
    ]
}
