//! §8: messages.

use super::*;

/// A request with these fields is a stream error, or refused by a response of ours.
#[track_caller]
fn malformed(fields: &[(&str, &str)]) {
    let mut side = server(&[frame(HEADERS, ENDS, 1, &block(fields))]);
    let told = side.told(1).first().copied().unwrap_or_default().to_owned();
    assert!(told.is_empty() || told.ends_with(" 400"), "{fields:?}: {told}");
    match side.ended() {
        // A connection error may stand in for one of a stream (§5.4.1).
        Some(_) => ends(&side, PROTOCOL_ERROR),
        None if told.is_empty() => resets(&mut side, PROTOCOL_ERROR),
        None => {}
    }
}

/// The request of [`GET`] without some fields, and with some more in front and behind.
fn with(
    front: &[(&'static str, &'static str)],
    without: &str,
    behind: &[(&'static str, &'static str)],
) -> Vec<(&'static str, &'static str)> {
    let kept = GET.iter().copied().filter(|(name, _)| *name != without);
    front.iter().copied().chain(kept).chain(behind.iter().copied()).collect()
}

mod s8_1 {
    use super::*;

    #[test]
    fn a_second_head_ends_the_stream() {
        resets(
            &mut server(&[open(), frame(HEADERS, END_HEADERS, 1, &block(&[("a", "b")]))]),
            PROTOCOL_ERROR,
        );
    }

    #[test]
    fn trailers_end_a_message() {
        let side = server(&[
            open(),
            frame(DATA, 0, 1, b"x"),
            frame(HEADERS, ENDS, 1, &block(&[("sum", "1")])),
        ]);
        assert_eq!(side.told(1)[1..], ["data x", "trailers sum=1", "end"]);
    }
}

mod s8_1_1 {
    use super::*;

    #[test]
    fn a_body_is_as_long_as_was_said() {
        let head = |flags| get(1, flags, &[("content-length", "4")]);
        resets(
            &mut server(&[head(END_HEADERS), frame(DATA, END_STREAM, 1, b"abc")]),
            PROTOCOL_ERROR,
        );
        let parts =
            [head(END_HEADERS), frame(DATA, 0, 1, b"abc"), frame(DATA, END_STREAM, 1, b"de")];
        resets(&mut server(&parts), PROTOCOL_ERROR);
        resets(&mut server(&[head(ENDS)]), PROTOCOL_ERROR);
        let mut side = server(&[head(END_HEADERS), frame(DATA, END_STREAM, 1, b"abcd")]);
        assert_eq!(side.told(1)[1..], ["data abcd", "end"]);
        goes_on(&mut side);
    }
}

mod s8_2 {
    use super::*;

    #[test]
    fn names_are_in_lower_case() {
        malformed(&with(&[], "", &[("X-TEST", "ok")]));
    }
}

mod s8_2_1 {
    use super::*;

    #[test]
    fn names_and_values_hold_no_controls() {
        for field in [
            ("a b", "c"),
            ("a\r\nb", "c"),
            ("a", "b\r\nc: d"),
            ("a", "b\0"),
            ("a", " b"),
            ("a", "b\t"),
        ] {
            malformed(&with(&[], "", &[field]));
        }
    }
}

mod s8_2_2 {
    use super::*;

    #[test]
    fn fields_of_one_connection() {
        for field in [
            ("connection", "keep-alive"),
            ("proxy-connection", "keep-alive"),
            ("keep-alive", "timeout=5"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "h2c"),
            ("te", "trailers, deflate"),
        ] {
            malformed(&with(&[], "", &[field]));
        }
        let mut side = server(&[get(1, ENDS, &[("te", "trailers")])]);
        assert_eq!(side.told(1).len(), 2);
        goes_on(&mut side);
    }
}

mod s8_3 {
    use super::*;

    #[test]
    fn pseudo_fields_come_first_and_are_known() {
        malformed(&with(&[(":test", "ok")], "", &[]));
        malformed(&with(&[(":status", "200")], "", &[]));
        malformed(&with(&[("x", "y")], "", &[]));
        malformed(&with(&[], ":path", &[("x", "y"), (":path", "/")]));
        let trailers = frame(HEADERS, ENDS, 1, &block(&[(":method", "200")]));
        let mut side = server(&[open(), trailers]);
        match side.ended() {
            Some(_) => ends(&side, PROTOCOL_ERROR),
            None => resets(&mut side, PROTOCOL_ERROR),
        }
    }
}

mod s8_3_1 {
    use super::*;

    #[test]
    fn each_request_has_one_of_each() {
        malformed(&with(&[(":path", "")], ":path", &[]));
        for name in [":method", ":scheme", ":path"] {
            malformed(&with(&[], name, &[]));
        }
        for twice in [GET[0], GET[1], GET[2], GET[3]] {
            malformed(&with(&[twice], "", &[]));
        }
    }
}

mod s8_3_2 {
    use super::*;

    #[test]
    fn each_response_has_a_status() {
        for fields in
            [&[("a", "b")][..], &[(":status", "abc")], &[(":status", "200"), (":status", "200")]]
        {
            let mut side = Side::client(options(), vec![request(Method::GET, "/")]);
            side.feed(&frame(HEADERS, ENDS, 1, &block(fields)));
            let told = side.told(0).first().copied().unwrap_or_default().to_owned();
            assert!(told.ends_with(" 502") || told == "reset Unanswered", "{fields:?}: {told}");
        }
    }
}

mod s8_4 {
    use super::*;

    #[test]
    fn a_client_does_not_push() {
        let promise = [&[0, 0, 0, 2][..], &block(&GET)].concat();
        ends(&server(&[open(), frame(PUSH_PROMISE, END_HEADERS, 1, &promise)]), PROTOCOL_ERROR);
    }
}

mod s8_5 {
    use super::*;

    #[test]
    fn connect_names_host_and_port_and_nothing_else() {
        let connect = [(":method", "CONNECT"), (":authority", "a.example:443")];
        let side = server(&[frame(HEADERS, END_HEADERS, 1, &block(&connect))]);
        assert_eq!(side.told(1), ["CONNECT a.example:443 Empty host=a.example:443", "end"]);
        for more in [(":path", "/"), (":scheme", "https")] {
            malformed(&[connect[0], connect[1], more]);
        }
        malformed(&connect[..1]);
    }
}

mod s8_6 {
    use super::*;

    #[test]
    fn there_is_no_status_101() {
        let mut side = Side::client(options(), vec![request(Method::GET, "/")]);
        side.feed(&frame(HEADERS, END_HEADERS, 1, &block(&[(":status", "101")])));
        assert_eq!(side.told(0), ["status 502"]);
    }
}
