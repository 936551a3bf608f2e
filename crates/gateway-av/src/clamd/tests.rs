//! What the daemon may answer when, and what is made of it.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Asked {
    Ping,
    Version,
    Content,
    HalfTheContent,
}

fn connection(asked: Asked) -> Connection {
    let mut connection = Connection::new(Limits::default());
    match asked {
        Asked::Ping => connection.ping().unwrap(),
        Asked::Version => connection.version().unwrap(),
        Asked::Content | Asked::HalfTheContent => {
            connection.begin_scan().unwrap();
            connection.scan(Bytes::from_static(b"half")).unwrap();
        }
    }
    if asked == Asked::Content {
        connection.end_scan().unwrap();
    }
    connection
}

#[test]
fn answers_are_read_exactly() {
    use Asked::*;
    let found = |name: &str| Ok(Some(Reply::Found(name.into())));
    let malformed = || Err(ClamdError::Malformed);
    for (asked, line, expected) in [
        (Ping, "1: PONG", Ok(Some(Reply::Pong))),
        (Ping, "1: PONG ", malformed()),
        (Ping, "1: stream: OK", malformed()),
        (Version, "1: ClamAV 1.4.6/1/x", Ok(Some(Reply::Version("ClamAV 1.4.6/1/x".into())))),
        (Content, "1: stream: OK", Ok(Some(Reply::Clean))),
        (Content, "1: stream: ok", malformed()),
        (Content, "1: stream: OK OK", malformed()),
        (Content, "1: OK", malformed()),
        (Content, "stream: OK", malformed()),
        (Content, "2: stream: OK", Err(ClamdError::Unasked)),
        (Content, "99999999999: stream: OK", malformed()),
        (Content, "1: stream: Eicar-Test FOUND", found("Eicar-Test")),
        (Content, "1: stream:  FOUND", malformed()),
        (Content, "1: stream: a b FOUND", malformed()),
        (Content, "1: stream: a\u{7}b FOUND", malformed()),
        (
            Content,
            "1: stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND",
            Ok(Some(Reply::Unscanned("Heuristics.Limits.Exceeded.MaxFileSize".into()))),
        ),
        (Content, "1: Can't open file ERROR", Ok(Some(Reply::Refused("1: x".into())))),
        (Content, "INSTREAM size limit exceeded. ERROR", Ok(Some(Reply::TooLarge))),
        (HalfTheContent, "1: INSTREAM size limit exceeded. ERROR", Ok(Some(Reply::TooLarge))),
        (HalfTheContent, "1: stream: OK", Err(ClamdError::Early)),
        (HalfTheContent, "1: stream: Worm FOUND", found("Worm")),
        (Content, "HTTP/1.1 400 Bad Request", malformed()),
        (Content, "01: stream: OK", malformed()),
        (Content, "+1: stream: OK", malformed()),
    ] {
        let answer = connection(asked).receive(&[line.as_bytes(), b"\0"].concat());
        match expected {
            Ok(Some(Reply::Refused(_))) => {
                assert!(matches!(answer, Ok(Some(Reply::Refused(_)))), "{line}: {answer:?}");
            }
            expected => assert_eq!(answer, expected, "{line}"),
        }
    }
}

#[test]
fn only_what_was_answered_in_full_leaves_the_connection_usable() {
    for (asked, line, reusable) in [
        (Asked::Content, "1: stream: OK\0", true),
        (Asked::Content, "1: stream: Worm FOUND\0", true),
        (Asked::HalfTheContent, "1: stream: Worm FOUND\0", false),
        (Asked::Content, "INSTREAM size limit exceeded. ERROR\0", false),
        (Asked::Content, "1: stream: OK", false),
        (Asked::Content, "1: stream: OK\0more", false),
        (Asked::Content, "gibberish\0", false),
    ] {
        let mut connection = connection(asked);
        let _ = connection.receive(line.as_bytes());
        assert_eq!(connection.is_idle(), reusable, "{line}");
        assert_eq!(connection.begin_scan().is_ok(), reusable, "{line}");
    }
    let mut idle = Connection::new(Limits::default());
    assert_eq!(idle.receive(b"1"), Err(ClamdError::Unasked));
}

#[test]
fn an_answer_without_end_is_not_waited_for() {
    let mut connection = connection(Asked::Content);
    assert_eq!(connection.receive(&[b'a'; 1_024]), Ok(None));
    assert_eq!(connection.receive(b"a"), Err(ClamdError::TooLong { bytes_max: 1_024 }));
}

#[test]
fn commands_go_one_after_the_other() {
    let mut connection = connection(Asked::Content);
    assert_eq!(connection.scan(Bytes::new()), Err(ClamdError::OutOfTurn));
    assert_eq!(connection.ping(), Err(ClamdError::OutOfTurn));
    assert_eq!(connection.receive(b"1: stream: OK\0"), Ok(Some(Reply::Clean)));
    connection.begin_scan().unwrap();
    connection.end_scan().unwrap();
    assert_eq!(connection.receive(b"2: stream: OK\0"), Ok(Some(Reply::Clean)));
}

#[test]
fn content_goes_out_in_pieces_with_their_lengths() {
    let mut connection = Connection::new(Limits { piece_bytes_max: 3, ..Limits::default() });
    connection.begin_scan().unwrap();
    connection.scan(Bytes::from_static(b"abcd")).unwrap();
    connection.scan(Bytes::new()).unwrap();
    connection.end_scan().unwrap();
    let sent: Vec<u8> = std::iter::from_fn(|| connection.poll_output()).flatten().collect();
    assert_eq!(sent, b"zIDSESSION\0zINSTREAM\0\0\0\0\x03abc\0\0\0\x01d\0\0\0\0");
}

proptest! {
    #[test]
    fn any_chunks_give_the_same_answer(
        line in "(1: )?(stream: )?[a-zO .]{0,9}( FOUND|OK| ERROR)?",
        cut in 0..30usize,
    ) {
        let line = [line.as_bytes(), b"\0"].concat();
        let whole = connection(Asked::Content).receive(&line);
        let (first, second) = line.split_at(cut.min(line.len() - 1));
        let mut cut = connection(Asked::Content);
        prop_assert_eq!(cut.receive(first), Ok(None));
        prop_assert_eq!(cut.receive(second), whole);
    }
}
