//! §6: the frames, one by one.

use super::*;

mod s6_1 {
    use super::*;

    #[test]
    fn data() {
        let mut side = server(&[
            open(),
            frame(DATA, 0, 1, b"one"),
            frame(DATA, PADDED, 1, b"\x03two\0\0\0"),
            frame(DATA, END_STREAM, 1, b""),
        ]);
        assert_eq!(side.told(1)[1..], ["data one", "data two", "end"]);
        goes_on(&mut side);
    }

    #[test]
    fn data_belongs_to_a_stream_that_is_open() {
        ends(&server(&[frame(DATA, 0, 0, b"x")]), PROTOCOL_ERROR);
        is_closed(&server(&[asked(), frame(DATA, END_STREAM, 1, b"x")]));
    }

    #[test]
    fn padding_is_within_the_frame() {
        for payload in [&b"\x04abc"[..], b"\xff", b""] {
            let side = server(&[open(), frame(DATA, PADDED | END_STREAM, 1, payload)]);
            let code = side.ended();
            assert!(matches!(code, Some(Some(PROTOCOL_ERROR | FRAME_SIZE_ERROR))), "{code:?}");
        }
    }
}

mod s6_2 {
    use super::*;

    #[test]
    fn headers_with_padding_and_priority() {
        let padded = [&[3][..], &block(&GET), &[0; 3]].concat();
        let both = [&[3, 0, 0, 0, 0, 9][..], &block(&GET), &[0; 3]].concat();
        for (flags, payload) in [(PADDED, padded), (PADDED | WITH_PRIORITY, both)] {
            let mut side = server(&[frame(HEADERS, ENDS | flags, 1, &payload)]);
            assert_eq!(side.told(1).len(), 2);
            goes_on(&mut side);
        }
    }

    #[test]
    fn headers_belong_to_a_stream_and_hold_their_padding() {
        ends(&server(&[frame(HEADERS, ENDS, 0, &block(&GET))]), PROTOCOL_ERROR);
        let padded = [&[255][..], &block(&GET)].concat();
        ends(&server(&[frame(HEADERS, ENDS | PADDED, 1, &padded)]), PROTOCOL_ERROR);
    }
}

mod s6_3 {
    use super::*;

    #[test]
    fn priority() {
        ends(&server(&[frame(PRIORITY, 0, 0, &[0, 0, 0, 0, 1])]), PROTOCOL_ERROR);
        let side = server(&[open(), frame(PRIORITY, 0, 1, &[0, 0, 0, 0])]);
        assert!(
            side.code(RST_STREAM) == Some(FRAME_SIZE_ERROR)
                || side.ended() == Some(Some(FRAME_SIZE_ERROR))
        );
    }
}

mod s6_4 {
    use super::*;

    #[test]
    fn rst_stream() {
        let code = CANCEL.to_be_bytes();
        let mut side = server(&[open(), frame(RST_STREAM, 0, 1, &code)]);
        assert_eq!(side.told(1)[1..], ["reset Cancelled"]);
        goes_on(&mut side);
        ends(&server(&[frame(RST_STREAM, 0, 0, &code)]), PROTOCOL_ERROR);
        ends(&server(&[frame(RST_STREAM, 0, 1, &code)]), PROTOCOL_ERROR);
        ends(&server(&[open(), frame(RST_STREAM, 0, 1, &code[..3])]), FRAME_SIZE_ERROR);
    }
}

mod s6_5 {
    use super::*;

    #[test]
    fn settings() {
        ends(&server(&[frame(SETTINGS, 1, 0, &[0; 6])]), FRAME_SIZE_ERROR);
        ends(&server(&[frame(SETTINGS, 0, 1, &[0, 3, 0, 0, 0, 9])]), PROTOCOL_ERROR);
        ends(&server(&[frame(SETTINGS, 0, 0, &[0, 3, 0])]), FRAME_SIZE_ERROR);
    }
}

mod s6_5_2 {
    use super::*;

    fn setting(id: u16, value: u32) -> Vec<u8> {
        frame(SETTINGS, 0, 0, &[&id.to_be_bytes()[..], &value.to_be_bytes()].concat())
    }

    #[test]
    fn values() {
        for (id, value, code) in [
            (2, 2, PROTOCOL_ERROR),
            (4, 1 << 31, FLOW_CONTROL_ERROR),
            (5, (1 << 14) - 1, PROTOCOL_ERROR),
            (5, 1 << 24, PROTOCOL_ERROR),
        ] {
            ends(&server(&[setting(id, value)]), code);
        }
        for (id, value) in [(1, 0), (2, 0), (3, 0), (4, 0), (5, (1 << 24) - 1), (6, 1), (0xff, 1)] {
            goes_on(&mut server(&[setting(id, value)]));
        }
    }

    #[test]
    fn what_we_announce() {
        let setting = |wire: &[(u8, u32, Vec<u8>)], id: u16| {
            let (_, _, settings) = wire.iter().find(|(kind, _, _)| *kind == SETTINGS)?;
            let mut pairs = settings.chunks_exact(6);
            let pair = pairs.find(|pair| pair[..2] == id.to_be_bytes())?;
            Some(u32::from_be_bytes([pair[2], pair[3], pair[4], pair[5]]))
        };
        let server = Side::server(options()).written;
        assert_eq!(setting(&server, 3), Some(128), "streams at a time");
        assert_eq!(setting(&server, 6), Some(64 * 1024), "bytes of a header list");
        assert_eq!(setting(&server, 8), Some(1), "extended CONNECT");
        let client = Side::client(options(), Vec::new()).written;
        assert_eq!(setting(&client, 2), Some(0), "no push");
        assert_eq!(setting(&client, 6), Some(64 * 1024));
    }
}

mod s6_5_3 {
    use super::*;

    #[test]
    fn settings_are_acknowledged_and_taken_in_order() {
        // The window of a stream: 100, then 1.
        let two = [[0, 4, 0, 0, 0, 100], [0, 4, 0, 0, 0, 1]].concat();
        let mut side = server(&[frame(SETTINGS, 0, 0, &two)]);
        let (kind, _, payload) = side.written.last().expect("an acknowledgement");
        assert_eq!((*kind, payload.len()), (SETTINGS, 0));
        side.feed(&asked());
        answer(&mut side, 1, "more than one");
        let sent: usize = side
            .written
            .iter()
            .filter(|(kind, _, _)| *kind == DATA)
            .map(|(_, _, data)| data.len())
            .sum();
        assert_eq!(sent, 1);
    }
}

mod s6_6 {
    use super::*;

    #[test]
    fn push_promise() {
        let promise = [&[0, 0, 0, 2][..], &block(&GET)].concat();
        ends(&server(&[open(), frame(PUSH_PROMISE, END_HEADERS, 1, &promise)]), PROTOCOL_ERROR);
        let mut side = Side::client(options(), vec![request(Method::GET, "/")]);
        side.feed(&frame(PUSH_PROMISE, END_HEADERS, 1, &promise));
        assert_eq!(side.told(u64::MAX), ["push-promise 502"]);
        ends(&side, PROTOCOL_ERROR);
    }
}

mod s6_7 {
    use super::*;

    #[test]
    fn ping() {
        goes_on(&mut server(&[]));
        let side = server(&[frame(PING, 1, 0, b"12345678")]);
        assert!(side.written.iter().all(|(kind, _, _)| *kind != PING), "an answer has no answer");
        ends(&server(&[frame(PING, 0, 1, b"12345678")]), PROTOCOL_ERROR);
        ends(&server(&[frame(PING, 0, 0, b"123456")]), FRAME_SIZE_ERROR);
    }
}

mod s6_8 {
    use super::*;

    #[test]
    fn go_away() {
        ends(&server(&[frame(GOAWAY, 0, 1, &[0; 8])]), PROTOCOL_ERROR);
        // A client that leaves still gets its response.
        let mut side = server(&[asked(), frame(GOAWAY, 0, 0, &[0; 8])]);
        answer(&mut side, 1, "x");
        assert!(side.written.iter().any(|(kind, stream, _)| (*kind, *stream) == (DATA, 1)));
    }

    #[test]
    fn what_a_server_that_leaves_has_not_seen_may_be_sent_again() {
        let requests = (0..3).map(|_| request(Method::GET, "/")).collect();
        let mut side = Side::client(options(), requests);
        side.feed(&frame(GOAWAY, 0, 0, &[0, 0, 0, 1, 0, 0, 0, 0]));
        assert_eq!((side.told(1), side.told(2)), (vec!["retry"], vec!["retry"]));
        assert!(!side.connection.can_open());
        side.feed(&frame(HEADERS, ENDS, 1, &block(&[(":status", "200")])));
        assert_eq!(side.told(0), ["200 Empty", "end"]);
        assert!(side.ended().is_some());
    }
}

mod s6_9 {
    use super::*;

    #[test]
    fn window_update() {
        ends(&server(&[frame(WINDOW_UPDATE, 0, 0, &[0; 4])]), PROTOCOL_ERROR);
        let mut side = server(&[open(), frame(WINDOW_UPDATE, 0, 1, &[0; 4])]);
        match side.ended() {
            Some(_) => ends(&side, PROTOCOL_ERROR),
            None => resets(&mut side, PROTOCOL_ERROR),
        }
        ends(&server(&[frame(WINDOW_UPDATE, 0, 0, &[0, 0, 1])]), FRAME_SIZE_ERROR);
    }
}

mod s6_9_1 {
    use super::*;

    const MOST: [u8; 4] = [0x7f, 0xff, 0xff, 0xff];

    #[test]
    fn windows_do_not_overflow() {
        ends(&server(&[frame(WINDOW_UPDATE, 0, 0, &MOST)]), FLOW_CONTROL_ERROR);
        let mut side = server(&[asked(), frame(WINDOW_UPDATE, 0, 1, &MOST)]);
        resets(&mut side, FLOW_CONTROL_ERROR);
    }

    #[test]
    fn who_sends_beyond_a_window_is_told_so() {
        let mut side = server(&[open()]);
        for _ in 0..5 {
            side.feed(&frame(DATA, 0, 1, &vec![0; 16_384]));
        }
        let code = side.code(RST_STREAM).or_else(|| side.ended().flatten());
        assert_eq!(code, Some(FLOW_CONTROL_ERROR));
    }

    #[test]
    fn nothing_is_sent_without_a_window() {
        let mut side = server(&[frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]), asked()]);
        answer(&mut side, 1, "some text");
        let sent = |side: &Side| {
            let data = side.written.iter().filter(|(kind, _, _)| *kind == DATA);
            data.map(|(_, _, data)| data.len()).sum::<usize>()
        };
        assert_eq!(sent(&side), 0);
        side.feed(&frame(WINDOW_UPDATE, 0, 1, &[0, 0, 0, 4]));
        assert_eq!(sent(&side), 4);
        side.feed(&frame(WINDOW_UPDATE, 0, 1, &[0, 0, 1, 0]));
        assert_eq!(sent(&side), 9);
    }
}

mod s6_9_2 {
    use super::*;

    #[test]
    fn windows_follow_the_settings_and_may_become_negative() {
        let window = |bytes: u8| frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, bytes]);
        let mut side = server(&[window(3), asked()]);
        answer(&mut side, 1, "some text");
        let sent = |side: &Side| {
            let data = side.written.iter().filter(|(kind, _, _)| *kind == DATA);
            data.map(|(_, _, data)| data.len()).sum::<usize>()
        };
        assert_eq!(sent(&side), 3);
        side.feed(&window(2));
        side.feed(&frame(WINDOW_UPDATE, 0, 1, &[0, 0, 0, 2]));
        assert_eq!(sent(&side), 4, "one less, two more");
        side.feed(&window(4));
        assert_eq!(sent(&side), 6);
        ends(
            &server(&[frame(SETTINGS, 0, 0, &[0, 4, 0xff, 0xff, 0xff, 0xff])]),
            FLOW_CONTROL_ERROR,
        );
    }
}

mod s6_10 {
    use super::*;

    #[test]
    fn continuation() {
        let (front, rest) = (block(&GET[..2]), block(&GET[2..]));
        let mut side = server(&[
            frame(HEADERS, END_STREAM, 1, &front),
            frame(CONTINUATION, 0, 1, &rest),
            frame(CONTINUATION, END_HEADERS, 1, &block(&[("a", "b")])),
        ]);
        assert_eq!(side.told(1), ["GET https://a.example/ Empty host=a.example a=b", "end"]);
        goes_on(&mut side);
    }

    #[test]
    fn continuation_without_a_block() {
        let more = || frame(CONTINUATION, END_HEADERS, 1, &block(&[("a", "b")]));
        ends(
            &server(&[
                frame(HEADERS, END_STREAM, 1, &block(&GET)),
                frame(CONTINUATION, END_HEADERS, 0, &[]),
            ]),
            PROTOCOL_ERROR,
        );
        ends(&server(&[asked(), more()]), PROTOCOL_ERROR);
        ends(&server(&[open(), frame(DATA, 0, 1, b"x"), more()]), PROTOCOL_ERROR);
        ends(
            &server(&[frame(HEADERS, END_STREAM, 1, &block(&GET)), more(), more()]),
            PROTOCOL_ERROR,
        );
    }
}
