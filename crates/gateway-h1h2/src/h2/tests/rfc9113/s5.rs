//! §5: streams, their states, numbers and errors.

use super::*;

mod s5_1 {
    use super::*;

    #[test]
    fn idle() {
        for wrong in [
            frame(DATA, END_STREAM, 1, b"x"),
            frame(RST_STREAM, 0, 1, &CANCEL.to_be_bytes()),
            frame(WINDOW_UPDATE, 0, 1, &[0, 0, 0, 1]),
            frame(CONTINUATION, END_HEADERS, 1, &block(&GET)),
        ] {
            ends(&server(&[wrong]), PROTOCOL_ERROR);
        }
        goes_on(&mut server(&[frame(PRIORITY, 0, 1, &[0, 0, 0, 0, 1])]));
    }

    /// A body or head, ending its stream or not: none may come on a stream that the peer has ended.
    fn late() -> Vec<Vec<u8>> {
        let trailers = block(&[("a", "b")]);
        vec![
            frame(DATA, END_STREAM, 1, b"x"),
            frame(DATA, 0, 1, b""),
            frame(DATA, PADDED, 1, b"\x01x\0"),
            frame(HEADERS, ENDS, 1, &block(&GET)),
            frame(HEADERS, ENDS, 1, &trailers),
            frame(HEADERS, END_HEADERS, 1, &trailers),
            frame(HEADERS, END_STREAM, 1, &trailers),
        ]
    }

    /// No head is open that it could continue (§6.10).
    fn continuation() -> Vec<u8> {
        frame(CONTINUATION, END_HEADERS, 1, &block(&GET))
    }

    /// What may have been on its way.
    fn in_time() -> [Vec<u8>; 3] {
        [
            frame(WINDOW_UPDATE, 0, 1, &[0, 0, 0, 1]),
            frame(PRIORITY, 0, 1, &[0, 0, 0, 0, 1]),
            frame(RST_STREAM, 0, 1, &CANCEL.to_be_bytes()),
        ]
    }

    #[test]
    fn half_closed_remote() {
        let ended = [
            vec![asked()],
            vec![open(), frame(DATA, END_STREAM, 1, b"x")],
            vec![open(), frame(HEADERS, ENDS, 1, &block(&[("sum", "1")]))],
        ];
        for before in ended {
            for wrong in late() {
                is_closed(&server(&[before.clone(), vec![wrong]].concat()));
            }
            ends(&server(&[before.clone(), vec![continuation()]].concat()), PROTOCOL_ERROR);
            for right in in_time() {
                goes_on(&mut server(&[before.clone(), vec![right]].concat()));
            }
        }
    }

    #[test]
    fn closed_by_a_reset_of_the_peer() {
        let reset = || frame(RST_STREAM, 0, 1, &CANCEL.to_be_bytes());
        for before in [open(), asked()] {
            for wrong in late() {
                is_closed(&server(&[before.clone(), reset(), wrong]));
            }
            ends(&server(&[before.clone(), reset(), continuation()]), PROTOCOL_ERROR);
            for right in in_time() {
                goes_on(&mut server(&[before.clone(), reset(), right]));
            }
        }
    }

    #[test]
    fn closed_in_order() {
        for wrong in late() {
            is_closed(&closed(&[wrong]));
        }
        ends(&closed(&[continuation()]), PROTOCOL_ERROR);
        for right in in_time() {
            goes_on(&mut closed(&[right]));
        }
    }

    #[test]
    fn closed_while_others_are_open() {
        let others = [get(3, END_HEADERS, &[]), get(5, ENDS, &[]), frame(DATA, 0, 3, b"x")];
        for wrong in late() {
            is_closed(&server(&[&[asked()][..], &others, &[wrong]].concat()));
        }
        goes_on(&mut server(&[&[open()][..], &others, &[frame(DATA, 0, 1, b"x")]].concat()));
    }

    #[test]
    fn a_response_that_has_ended() {
        let head = frame(HEADERS, ENDS, 1, &block(&[(":status", "200")]));
        for wrong in [frame(DATA, 0, 1, b"x"), head.clone()] {
            let mut side = Side::client(options(), vec![request(Method::GET, "/")]);
            side.feed(&head);
            side.feed(&wrong);
            is_closed(&side);
            assert_eq!(side.told(0), ["200 Empty", "end"]);
            assert_eq!(side.told(u64::MAX), ["stream-closed 502"]);
        }
    }

    #[test]
    fn what_comes_for_a_stream_that_we_have_reset_is_ignored() {
        let mut side = server(&[open()]);
        let reset = Event::Reset(crate::ResetReason::Cancelled);
        side.connection.send(StreamId::new(1), reset).expect("a reset");
        for late in [frame(DATA, 0, 1, b"x"), frame(HEADERS, ENDS, 1, &block(&[("a", "b")]))] {
            side.feed(&late);
        }
        resets(&mut side, CANCEL);
    }
}

mod s5_1_1 {
    use super::*;

    #[test]
    fn streams_of_clients_are_odd_and_rise() {
        ends(&server(&[get(2, ENDS, &[])]), PROTOCOL_ERROR);
        ends(&server(&[get(0, ENDS, &[])]), PROTOCOL_ERROR);
        let side = server(&[get(5, ENDS, &[]), get(3, ENDS, &[])]);
        ends(&side, PROTOCOL_ERROR);
        assert!(side.told(3).is_empty());
    }

    #[test]
    fn a_server_opens_no_stream() {
        let mut side = Side::client(options(), vec![request(Method::GET, "/")]);
        side.feed(&frame(HEADERS, ENDS, 2, &block(&[(":status", "200")])));
        ends(&side, PROTOCOL_ERROR);
    }
}

mod s5_1_2 {
    use super::*;

    #[test]
    fn no_more_streams_than_were_announced() {
        let mut side = Side::server(options());
        for number in 0..129 {
            side.feed(&get(2 * number + 1, ENDS, &[]));
        }
        assert_eq!(side.code(RST_STREAM), Some(REFUSED_STREAM));
        assert_eq!((side.log.len(), side.ended()), (128, None));
    }
}

mod s5_3_1 {
    use super::*;

    /// Priorities have no meaning any more (§5.3.2); a stream that depends on itself was an error
    /// of RFC 7540 §5.3.1.
    #[test]
    fn a_stream_does_not_depend_on_itself() {
        let head = [&[0, 0, 0, 1, 1][..], &block(&GET)].concat();
        let side = server(&[frame(HEADERS, ENDS | WITH_PRIORITY, 1, &head)]);
        assert!(side.code(RST_STREAM) == Some(PROTOCOL_ERROR) || side.ended().is_some());
        let side = server(&[open(), frame(PRIORITY, 0, 1, &[0, 0, 0, 1, 1])]);
        assert!(side.code(RST_STREAM) == Some(PROTOCOL_ERROR) || side.ended().is_some());
    }

    #[test]
    fn priorities_are_taken_and_mean_nothing() {
        for weight in [0, 15, 255] {
            let head = [&[0x80, 0, 0, 0, weight][..], &block(&GET)].concat();
            goes_on(&mut server(&[frame(HEADERS, ENDS | WITH_PRIORITY, 1, &head)]));
            goes_on(&mut server(&[frame(PRIORITY, 0, 7, &[0, 0, 0, 3, weight])]));
        }
    }
}

mod s5_4_1 {
    use super::*;

    #[test]
    fn go_away_names_the_last_stream_and_then_the_connection_is_over() {
        let side = server(&[get(1, ENDS, &[]), get(3, ENDS, &[]), frame(PING, 0, 0, b"short")]);
        ends(&side, FRAME_SIZE_ERROR);
        let (_, _, payload) = side.written.last().expect("a GOAWAY");
        assert_eq!(payload[..4], [0, 0, 0, 3]);
        assert!(side.connection.wants_close().is_some() && !side.connection.wants_input());
    }
}

mod s5_5 {
    use super::*;

    #[test]
    fn extensions_are_ignored_but_within_a_block() {
        goes_on(&mut server(&[frame(0x16, 0, 0, &[0; 8])]));
        let block = frame(HEADERS, END_STREAM, 1, &block(&GET));
        ends(&server(&[block, frame(0x16, 0, 0, &[0; 8])]), PROTOCOL_ERROR);
    }
}
