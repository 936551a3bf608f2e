//! What the daemon may answer when, and what is made of it.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Asking {
    Ping,
    Version,
    Content,
    HalfTheContent,
    File,
}

/// The first answer that `bytes` complete.
fn reply(connection: &mut Connection, bytes: &[u8]) -> Result<Option<Reply>, ClamdError> {
    connection.receive(bytes)?;
    Ok(connection.poll_reply().map(|(_, reply)| reply))
}

fn connection(asked: Asking) -> Connection {
    let mut connection = Connection::new(Limits::default());
    match asked {
        Asking::Ping => _ = connection.ping().unwrap(),
        Asking::Version => _ = connection.version().unwrap(),
        Asking::File => _ = connection.scan_file().unwrap(),
        Asking::Content | Asking::HalfTheContent => {
            connection.begin_scan().unwrap();
            connection.scan(Bytes::from_static(b"half")).unwrap();
        }
    }
    if asked == Asking::Content {
        connection.end_scan().unwrap();
    }
    connection
}

#[test]
fn answers_are_read_exactly() {
    use Asking::*;
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
        (File, "1: fd[10]: OK", Ok(Some(Reply::Clean))),
        (File, "1: fd[10]: Worm FOUND", found("Worm")),
        (File, "1: fd[x]: OK", malformed()),
        (File, "1: stream: OK", malformed()),
        (Content, "1: fd[10]: OK", malformed()),
        (Content, "HTTP/1.1 400 Bad Request", malformed()),
        (Content, "01: stream: OK", malformed()),
        (Content, "+1: stream: OK", malformed()),
    ] {
        let answer = reply(&mut connection(asked), &[line.as_bytes(), b"\0"].concat());
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
        (Asking::Content, "1: stream: OK\0", true),
        (Asking::Content, "1: stream: Worm FOUND\0", true),
        (Asking::HalfTheContent, "1: stream: Worm FOUND\0", false),
        (Asking::Content, "INSTREAM size limit exceeded. ERROR\0", false),
        (Asking::Content, "1: stream: OK", false),
        (Asking::Content, "1: stream: OK\0more", false),
        (Asking::Content, "gibberish\0", false),
    ] {
        let mut connection = connection(asked);
        let _ = connection.receive(line.as_bytes());
        assert_eq!(connection.is_idle(), reusable, "{line}");
        let takes_more = reusable || line == "1: stream: OK";
        assert_eq!(connection.begin_scan().is_ok(), takes_more, "{line}");
    }
    let mut idle = Connection::new(Limits::default());
    assert_eq!(idle.receive(b"1"), Err(ClamdError::Unasked));
}

#[test]
fn an_answer_without_end_is_not_waited_for() {
    let mut connection = connection(Asking::Content);
    assert_eq!(connection.receive(&[b'a'; 1_024]), Ok(()));
    assert_eq!(connection.receive(b"a"), Err(ClamdError::TooLong { bytes_max: 1_024 }));
}

#[test]
fn answers_come_in_any_order_and_go_to_what_they_answer() {
    let mut connection = connection(Asking::Content);
    assert_eq!(connection.scan(Bytes::new()), Err(ClamdError::OutOfTurn));
    assert_eq!(connection.begin_scan(), Ok(2));
    assert_eq!(connection.scan_file(), Err(ClamdError::OutOfTurn), "content is being sent");
    connection.end_scan().unwrap();
    assert_eq!((connection.scan_file(), connection.ping()), (Ok(3), Ok(4)));
    assert!(connection.takes_command() && !connection.is_idle());
    let wire = b"3: fd[9]: OK\x004: PONG\x002: stream: Worm FOUND\x001: stream: OK\0";
    for bytes in wire.chunks(5) {
        connection.receive(bytes).unwrap();
    }
    let replies: Vec<_> = std::iter::from_fn(|| connection.poll_reply()).collect();
    let found = Reply::Found("Worm".into());
    assert_eq!(replies, [(3, Reply::Clean), (4, Reply::Pong), (2, found), (1, Reply::Clean)]);
    assert!(connection.is_idle());
    connection.begin_scan().unwrap();
    assert_eq!(
        connection.receive(b"3: stream: OK\0"),
        Err(ClamdError::Unasked),
        "answered already"
    );
}

#[test]
fn a_refusal_of_what_is_being_sent_leaves_the_answers_before_it() {
    let mut connection = connection(Asking::Content);
    connection.begin_scan().unwrap();
    let wire = b"1: stream: OK\0INSTREAM size limit exceeded. ERROR\0";
    assert_eq!(connection.receive(wire), Ok(()));
    assert_eq!(connection.poll_reply(), Some((1, Reply::Clean)));
    assert_eq!(connection.poll_reply(), Some((2, Reply::TooLarge)));
    assert!(connection.is_unusable() && connection.end_scan().is_err());
}

#[test]
fn no_more_commands_are_open_than_allowed() {
    let limits = Limits { open_max: 2, ..Limits::default() };
    let mut connection = Connection::new(limits);
    assert_eq!((connection.ping(), connection.ping()), (Ok(1), Ok(2)));
    assert_eq!(connection.ping(), Err(ClamdError::OutOfTurn));
    connection.receive(b"1: PONG\0").unwrap();
    assert_eq!(connection.ping(), Ok(3));
    // A word about the connection, where nobody can tell whom it is for.
    assert_eq!(connection.receive(b"COMMAND READ TIMED OUT ERROR\0"), Err(ClamdError::Malformed));
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
        let whole = reply(&mut connection(Asking::Content), &line);
        let (first, second) = line.split_at(cut.min(line.len() - 1));
        let mut cut = connection(Asking::Content);
        prop_assert_eq!(reply(&mut cut, first), Ok(None));
        prop_assert_eq!(reply(&mut cut, second), whole);
    }
}
