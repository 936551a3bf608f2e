//! What goes out, what may come back when, and what is made of it.

use http::{Method, StatusCode};
use proptest::prelude::*;

use super::*;
use crate::{BodySize, RequestHead, ResponseHead, Target};

fn service() -> Service {
    Service::parse("icap://icap.test/srv?a=b").unwrap()
}

fn request(body: BodySize) -> RequestHead {
    let target = Target::parse(&Method::POST, "http://a.test/x".into()).unwrap();
    let mut head = RequestHead::new(Method::POST, target);
    head.fields.append("Host", "a.test").unwrap();
    head.body = body;
    head
}

fn response(body: BodySize) -> ResponseHead {
    let mut head = ResponseHead::new(StatusCode::OK);
    head.fields.append("X-A", "b").unwrap();
    head.body = body;
    head
}

fn modify(preview: Option<u32>, allow_204: bool) -> Modify {
    Modify { preview, allow_204, ..Modify::default() }
}

fn output(exchange: &mut Exchange) -> String {
    let bytes: Vec<u8> = std::iter::from_fn(|| exchange.poll_output()).flatten().collect();
    String::from_utf8(bytes).unwrap()
}

fn events(exchange: &mut Exchange) -> Vec<Event> {
    std::iter::from_fn(|| exchange.poll_event()).collect()
}

/// An offer of a response whose body is `body`.
fn offer(modify: &Modify, body: &'static str) -> Exchange {
    let mut exchange = Exchange::respmod(&service(), modify, None, &response(BodySize::Unknown));
    exchange.push(body.as_bytes().into());
    exchange.finish();
    exchange
}

const CHANGED: &[u8] =
    b"ICAP/1.0 200 OK\r\nISTag: \"x\"\r\nEncapsulated: res-hdr=0, res-body=48\r\n\r\n\
    HTTP/1.1 403 No\r\nContent-Length: 1\r\nX-B: cde\r\n\r\n\
    3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";

#[test]
fn offers_are_written_as_rfc_3507_wants() {
    let mut exchange =
        Exchange::reqmod(&service(), &modify(Some(4), true), &request(BodySize::Length(6)));
    exchange.push("abcdef".into());
    exchange.finish();
    let http = "POST http://a.test/x HTTP/1.1\r\nHost: a.test\r\nContent-Length: 6\r\n\r\n";
    assert_eq!(
        output(&mut exchange),
        format!(
            "REQMOD icap://icap.test:1344/srv?a=b ICAP/1.0\r\nHost: icap.test:1344\r\nAllow: 204\r\n\
             Preview: 4\r\nEncapsulated: req-hdr=0, req-body={}\r\n\r\n{http}4\r\nabcd\r\n0\r\n\r\n",
            http.len()
        )
    );
    exchange.receive(b"ICAP/1.0 100 Continue\r\n\r\n").unwrap();
    assert_eq!(output(&mut exchange), "2\r\nef\r\n0\r\n\r\n");

    let mut exchange = Exchange::respmod(
        &service(),
        &modify(None, false),
        Some(&request(BodySize::Length(6))),
        &response(BodySize::Empty),
    );
    let req = "POST http://a.test/x HTTP/1.1\r\nHost: a.test\r\n\r\n";
    let res = "HTTP/1.1 200 OK\r\nX-A: b\r\n\r\n";
    let sections = format!("req-hdr=0, res-hdr={}, null-body={}", req.len(), req.len() + res.len());
    let sent = output(&mut exchange);
    assert!(sent.ends_with(&format!("Encapsulated: {sections}\r\n\r\n{req}{res}")), "{sent}");
}

#[test]
fn a_preview_ends_where_the_body_does_or_waits() {
    for (preview, body, ends) in [
        (4, "abc", "3\r\nabc\r\n0; ieof\r\n\r\n"),
        (3, "abc", "3\r\nabc\r\n0; ieof\r\n\r\n"),
        (2, "abc", "2\r\nab\r\n0\r\n\r\n"),
        (0, "abc", "\r\n\r\n0\r\n\r\n"),
        (0, "", "\r\n\r\n0; ieof\r\n\r\n"),
    ] {
        let mut exchange = offer(&modify(Some(preview), false), body);
        let sent = output(&mut exchange);
        assert!(sent.ends_with(ends), "{preview} {body}: {sent}");
        assert!(!exchange.wants_body());
        // 204 within a preview needs no leave.
        exchange.receive(b"ICAP/1.0 204 No\r\n\r\n").unwrap();
        assert_eq!(events(&mut exchange), [Event::Unmodified]);
        assert!(exchange.is_reusable());
    }
}

#[test]
fn a_changed_message_takes_the_place() {
    let mut exchange = offer(&modify(Some(1), false), "abc");
    exchange.receive(CHANGED).unwrap();
    let found = events(&mut exchange);
    let Some(Event::Response(head)) = found.first() else { panic!("{found:?}") };
    assert_eq!((head.status.as_u16(), head.body), (403, BodySize::Unknown));
    assert_eq!(head.fields.get("x-b"), Some(&b"cde"[..]));
    assert_eq!(found[1..], [Event::Data("abc".into()), Event::Data("de".into()), Event::End]);
    assert!(exchange.is_done() && exchange.is_reusable());
}

/// An answer that ends with the original from so many bytes on, or as it says.
fn partial(last: &str) -> Vec<u8> {
    let http = "HTTP/1.1 200 OK\r\nX-B: c\r\n\r\n";
    let length = http.len();
    format!(
        "ICAP/1.0 206 Partial Content\r\nISTag: \"1\"\r\nEncapsulated: res-hdr=0, res-body={length}\r\n\r\n\
         {http}3\r\nxyz\r\n{last}\r\n\r\n"
    )
    .into_bytes()
}

#[test]
fn a_message_in_part_ends_with_the_rest_of_the_original() {
    let allowed = |allow_204| Modify { allow_206: true, ..modify(Some(1), allow_204) };
    for (last, end) in [
        ("0; use-original-body=2", Some(Event::Original(2))),
        ("0;use-original-body = 0", Some(Event::Original(0))),
        ("0", Some(Event::End)),
        ("0; use-original-body", Some(Event::End)),
        ("0; use-original-body=", None),
        ("0; use-original-body=-1", None),
        ("0; use-original-body=99999999999999999999", None),
    ] {
        for size in [1, 7, 4096] {
            let mut exchange = offer(&allowed(false), "abc");
            assert!(output(&mut exchange).contains("\r\nAllow: 206\r\nPreview: 1\r\n"));
            let answer = partial(last);
            let error = answer.chunks(size).find_map(|piece| exchange.receive(piece).err());
            assert_eq!(error.is_none(), end.is_some(), "{last} {error:?}");
            let Some(end) = &end else { continue };
            let found = events(&mut exchange);
            assert_eq!(found.first(), Some(&Event::Partial), "{last}");
            assert!(matches!(found.get(1), Some(Event::Response(_))), "{last}");
            assert_eq!(found.last(), Some(end), "{last}");
            assert!(exchange.is_reusable());
        }
    }
    // Only to those who can do that, and once the preview is over only where all of it is kept.
    let mut exchange = offer(&modify(Some(1), true), "abc");
    assert_eq!(exchange.receive(&partial("0")), Err(IcapError::OutOfTurn(206)));
    for (allow_204, expected) in [(false, Err(IcapError::OutOfTurn(206))), (true, Ok(()))] {
        let mut exchange = offer(&allowed(allow_204), "abc");
        let says = output(&mut exchange);
        assert_eq!(says.contains("Allow: 204, 206\r\n"), allow_204, "{says}");
        exchange.receive(b"ICAP/1.0 100 Continue\r\n\r\n").unwrap();
        assert_eq!(exchange.receive(&partial("0")), expected);
    }
    // Of one that is said to be whole it means nothing.
    let mut exchange = offer(&allowed(true), "abc");
    let whole = String::from_utf8(partial("0; use-original-body=1")).unwrap();
    exchange.receive(whole.replacen("206 Partial Content", "200 OK", 1).as_bytes()).unwrap();
    assert_eq!(events(&mut exchange).last(), Some(&Event::End));
}

#[test]
fn what_comes_out_of_turn_is_an_error() {
    let no_preview = modify(None, false);
    let line = |status: u16| format!("ICAP/1.0 {status} X\r\n\r\n");
    for (modify, status, error) in [
        (modify(None, false), 204, Some(IcapError::OutOfTurn(204))),
        (modify(None, true), 204, None),
        (no_preview, 100, Some(IcapError::OutOfTurn(100))),
        (modify(Some(9), false), 100, Some(IcapError::OutOfTurn(100))),
        (modify(Some(1), false), 500, Some(IcapError::Refused(500))),
        (modify(Some(1), false), 206, Some(IcapError::OutOfTurn(206))),
        (modify(Some(1), false), 200, Some(IcapError::Encapsulated)),
    ] {
        let got = offer(&modify, "abc").receive(line(status).as_bytes());
        assert_eq!(got.err(), error, "{modify:?} {status}");
    }
    // After 100 the preview is over.
    let within = modify(Some(1), false);
    let mut exchange = offer(&within, "abc");
    exchange.receive(line(100).as_bytes()).unwrap();
    assert_eq!(exchange.receive(line(204).as_bytes()), Err(IcapError::OutOfTurn(204)));
}

#[test]
fn malformed_answers_are_errors() {
    for (answer, error) in [
        ("HTTP/1.1 200 OK\r\n\r\n", IcapError::Head),
        ("ICAP/1.0 20x OK\r\n\r\n", IcapError::Head),
        ("ICAP/1.0 200OK\r\n\r\n", IcapError::Head),
        ("ICAP/1.0 200 OK\r\nbad field\r\n\r\n", IcapError::Head),
        ("ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=1, res-body=9\r\n\r\n", IcapError::Encapsulated),
        ("ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, req-body=9\r\n\r\n", IcapError::Encapsulated),
        ("ICAP/1.0 200 OK\r\nEncapsulated: res-body=0\r\n\r\n", IcapError::Encapsulated),
        (
            "ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=+9\r\n\r\n",
            IcapError::Encapsulated,
        ),
        (
            "ICAP/1.0 200 OK\r\nEncapsulated: req-hdr=0, null-body=9\r\n\r\n",
            IcapError::Encapsulated,
        ),
        (
            "ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, null-body=99999\r\n\r\n",
            IcapError::HeadTooLong,
        ),
        (
            "ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, null-body=8\r\n\r\nHTTP\r\n\r\n",
            IcapError::Http,
        ),
        (
            "ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=19\r\n\r\n\
             HTTP/1.1 200 OK\r\n\r\nxyz\r\n",
            IcapError::Chunk,
        ),
        ("ICAP/1.0 204 OK\r\n\r\nmore", IcapError::Surplus),
    ] {
        let got = offer(&modify(Some(1), false), "abc").receive(answer.as_bytes());
        assert_eq!(got, Err(error), "{answer}");
    }
    let mut exchange = offer(&modify(Some(1), false), "abc");
    assert_eq!(exchange.receive(&vec![b'a'; 70_000]), Err(IcapError::HeadTooLong));
}

#[test]
fn an_early_answer_stops_the_sending_and_the_connection() {
    let mut exchange =
        Exchange::respmod(&service(), &modify(None, false), None, &response(BodySize::Unknown));
    exchange.push("abc".into());
    exchange.receive(CHANGED).unwrap();
    output(&mut exchange);
    exchange.push("more".into());
    exchange.finish();
    assert_eq!(output(&mut exchange), "");
    assert!(exchange.is_done() && !exchange.is_reusable() && !exchange.wants_body());
}

#[test]
fn a_service_tells_of_itself() {
    let mut exchange = Exchange::options(&service());
    let sent = output(&mut exchange);
    assert!(sent.starts_with("OPTIONS icap://icap.test:1344/srv?a=b ICAP/1.0\r\n"), "{sent}");
    let answer =
        b"ICAP/1.0 200 OK\r\nMethods: RESPMOD, REQMOD\r\nISTag: \"t\"\r\nMax-Connections: 20\r\n\
        Options-TTL: 3600\r\nPreview: 1024\r\nAllow: 204\r\nEncapsulated: null-body=0\r\n\r\n";
    exchange.receive(answer).unwrap();
    let [Event::Options(options)] = &events(&mut exchange)[..] else { panic!() };
    assert!(options.reqmod && options.respmod && options.allow_204);
    assert_eq!((options.preview, options.max_connections), (Some(1024), Some(20)));
    assert_eq!(options.istag, b"\"t\"");
    let hour = std::time::Duration::from_secs(3_600);
    assert!(options.is_fresh(hour / 2) && !options.is_fresh(hour));
    assert!(exchange.is_reusable());
}

#[test]
fn a_service_may_send_back_while_it_reads() {
    let mut exchange =
        Exchange::respmod(&service(), &modify(None, false), None, &response(BodySize::Unknown));
    exchange.push("abc".into());
    output(&mut exchange);
    let (head, rest) = CHANGED.split_at(CHANGED.len() - 20);
    exchange.receive(head).unwrap();
    exchange.push("def".into());
    assert!(exchange.wants_body() && !exchange.is_awaited());
    assert_eq!(output(&mut exchange), "3\r\ndef\r\n");
    exchange.finish();
    assert_eq!(output(&mut exchange), "0\r\n\r\n");
    assert!(exchange.is_awaited());
    exchange.receive(rest).unwrap();
    assert!(exchange.is_reusable());
}

#[test]
fn what_waits_for_a_preview_is_counted() {
    let mut exchange = offer(&modify(Some(1), true), "abcd");
    output(&mut exchange);
    assert_eq!(exchange.waiting_bytes(), 3);
    assert!(exchange.is_awaited() && !exchange.is_past_preview());
    exchange.receive(b"ICAP/1.0 100 Continue\r\n\r\n").unwrap();
    assert_eq!(exchange.waiting_bytes(), 0);
    assert!(exchange.is_past_preview());
    assert!(!offer(&modify(Some(9), false), "abcd").is_past_preview());
}

#[test]
fn findings_are_read_in_the_forms_that_scanners_use() {
    for (fields, finding) in [
        ("X-Infection-Found: Type=0; Resolution=2; Threat=Eicar-Test;\r\n", Some("Eicar-Test")),
        ("X-Infection-Found: something\r\n", Some("something")),
        ("X-Virus-ID: Eicar \r\n", Some("Eicar")),
        ("X-Virus-ID:\r\n", None),
        ("X-Violations-Found: 1\r\n\tfile.exe\r\n\tEicar\r\n\t0\r\n\t2\r\n", Some("Eicar")),
        ("X-Violations-Found: 1\r\n", Some("1")),
        ("X-Violations-Found: 0\r\n", None),
        ("X-Else: 1\r\n", None),
    ] {
        let mut exchange = offer(&modify(Some(9), false), "abc");
        let answer = format!("ICAP/1.0 204 No\r\nISTag: \"t\"\r\n{fields}\r\n");
        exchange.receive(answer.as_bytes()).unwrap();
        let told = exchange.told().unwrap();
        assert_eq!((told.status, &told.istag[..]), (204, &b"\"t\""[..]));
        assert_eq!(told.finding.as_deref(), finding, "{fields}");
    }
}

#[test]
fn extensions_say_how_much_is_shown_first() {
    let mut exchange = Exchange::options(&service());
    let answer = b"ICAP/1.0 200 OK\r\nTransfer-Preview: *\r\nTransfer-Ignore: JPG, png\r\n\
        Transfer-Complete: exe\r\nTransfer-Complete: zip\r\n\r\n";
    exchange.receive(answer).unwrap();
    let [Event::Options(options)] = &events(&mut exchange)[..] else { panic!() };
    for (extension, how) in [
        ("jpg", Transfer::Ignore),
        ("PNG", Transfer::Ignore),
        ("zip", Transfer::Complete),
        ("exe", Transfer::Complete),
        ("html", Transfer::Preview),
        ("*", Transfer::Preview),
        ("", Transfer::Preview),
    ] {
        assert_eq!(options.transfer(extension), how, "{extension}");
    }
    assert_eq!(ServiceOptions::default().transfer("jpg"), Transfer::Preview);
}

#[test]
fn addresses_of_services() {
    for (text, expected) in [
        ("icap://a.test/x", Some("icap://a.test:1344/x")),
        ("icap://a.test:99", Some("icap://a.test:99/")),
        ("icap://[::1]:99/x?y", Some("icap://[::1]:99/x?y")),
        ("icaps://a.test/x", Some("icaps://a.test:11344/x")),
        ("icaps://[::1]:99/x?y", Some("icaps://[::1]:99/x?y")),
        ("http://a.test/", None),
        ("icapss://a.test/", None),
        ("ICAPS://a.test/", None),
        ("a.test/", None),
        ("icap://a test/", None),
        ("icap:///x", None),
        ("icap://a.test/x y", None),
        ("icap://a.test/x\r\nEvil: 1", None),
    ] {
        assert_eq!(Service::parse(text).ok().map(|s| s.to_string()).as_deref(), expected, "{text}");
    }
}

/// What an exchange makes of `answer`, given in pieces of `size` bytes.
fn read(preview: Option<u32>, answer: &[u8], size: usize) -> (Vec<Event>, Option<IcapError>) {
    let mut exchange = offer(&modify(preview, false), "abc");
    let error = answer.chunks(size).find_map(|piece| exchange.receive(piece).err());
    let mut merged: Vec<Event> = Vec::new();
    for event in events(&mut exchange) {
        match (merged.last_mut(), event) {
            (Some(Event::Data(last)), Event::Data(next)) => {
                *last = [&last[..], &next[..]].concat().into();
            }
            (_, event) => merged.push(event),
        }
    }
    (merged, error)
}

proptest! {
    #[test]
    fn any_chunks_give_the_same_events(size in 1..80usize, flip in 0..CHANGED.len(), byte: u8, on: bool) {
        let mut answer = CHANGED.to_vec();
        if on {
            answer[flip] = byte;
        }
        let whole = read(Some(1), &answer, usize::MAX);
        let pieces = read(Some(1), &answer, size);
        // What was understood before an error may be more when it comes in pieces.
        if whole.1.is_none() {
            prop_assert_eq!(pieces, whole);
        } else {
            prop_assert!(pieces.1.is_some() || whole.1 == Some(IcapError::Surplus));
        }
    }

    #[test]
    fn what_is_offered_arrives(body in proptest::collection::vec(any::<u8>(), 0..300), preview in proptest::option::of(0..400u32), cut in 1..40usize) {
        let mut exchange =
            Exchange::respmod(&service(), &modify(preview, true), None, &response(BodySize::Unknown));
        for piece in body.chunks(cut) {
            exchange.push(bytes::Bytes::copy_from_slice(piece));
        }
        exchange.finish();
        let mut sent: Vec<u8> = std::iter::from_fn(|| exchange.poll_output()).flatten().collect();
        if preview.is_some_and(|preview| (preview as usize) < body.len()) {
            sent.truncate(sent.len() - b"0\r\n\r\n".len());
            exchange.receive(b"ICAP/1.0 100 Continue\r\n\r\n").unwrap();
            sent.extend(std::iter::from_fn(|| exchange.poll_output()).flatten());
        }
        let head_end = |bytes: &[u8]| bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        let http = head_end(&sent);
        let start = http + head_end(&sent[http..]);
        let mut input = bytes::BytesMut::from(&sent[start..]);
        let (mut chunks, mut arrived) = (chunks::Chunks::default(), Vec::new());
        loop {
            match chunks.step(&mut input).unwrap() {
                chunks::Chunk::Data(bytes) => arrived.extend(bytes),
                chunks::Chunk::End => break,
                chunks::Chunk::NeedInput => panic!("no end"),
            }
        }
        prop_assert_eq!(arrived, body);
        prop_assert!(input.is_empty());
    }
}
