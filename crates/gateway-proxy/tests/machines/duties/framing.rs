//! Where a message ends.

use super::subject::{GET, Subject, answered, asked, refused, response_refused};

const HEAD: &str = "POST http://a.test/x HTTP/1.1\r\nHost: a.test\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\n";

pub(super) fn rfc_9112_6_1_both_framing_fields(subject: &dyn Subject) {
    let lines = ["Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"];
    for (first, second) in [(lines[0], lines[1]), (lines[1], lines[0])] {
        refused(subject, &format!("{HEAD}{first}{second}\r\n0\r\n\r\n"), 400);
        response_refused(subject, &format!("{OK}{first}{second}\r\n0\r\n\r\n"));
    }
    let passes = asked(subject, &format!("{HEAD}Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n"));
    assert!(passes.contains("\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), "{passes}");
}

pub(super) fn rfc_9112_6_1_transfer_encoding(subject: &dyn Subject) {
    for (coding, status) in [
        ("gzip", 501),
        ("gzip, chunked", 501),
        ("chunked, gzip", 501),
        ("identity", 501),
        ("xchunked", 501),
        ("chunked;q=1", 501),
        ("\"chunked\"", 501),
        ("chunked, chunked", 400),
        (",chunked", 400),
        ("chunked,", 400),
        ("chunked\r\nTransfer-Encoding: chunked", 400),
    ] {
        let rest = format!("Transfer-Encoding: {coding}\r\n\r\n0\r\n\r\n");
        refused(subject, &format!("{HEAD}{rest}"), status);
        response_refused(subject, &format!("{OK}{rest}"));
    }
    let old = "POST http://a.test/x HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    refused(subject, old, 400);
    response_refused(subject, "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    let passes = asked(subject, &format!("{HEAD}Transfer-Encoding:\tCHUNKED \r\n\r\n0\r\n\r\n"));
    assert!(passes.contains("\r\nTransfer-Encoding: chunked\r\n"), "{passes}");
}

pub(super) fn rfc_9110_8_6_content_length(subject: &dyn Subject) {
    for length in [
        "+3",
        "-3",
        "0x3",
        "3 3",
        "3,",
        ",3",
        "3, 3",
        "3, 4",
        "3.0",
        "3;",
        "",
        "\u{0663}",
        "18446744073709551616",
        "3\r\nContent-Length: 3",
        "3\r\nContent-Length: 4",
        "3\r\ncontent-length: 0",
        "3\r\nContent_Length: 4",
    ] {
        let rest = format!("Content-Length: {length}\r\n\r\nabc");
        refused(subject, &format!("{HEAD}{rest}"), 400);
        response_refused(subject, &format!("{OK}{rest}"));
    }
    let passes = asked(subject, &format!("{HEAD}Content-Length: 003\r\n\r\nabc"));
    assert!(passes.ends_with("\r\nContent-Length: 3\r\n\r\nabc"), "{passes}");
}

pub(super) fn rfc_9112_6_3_where_a_body_ends(subject: &dyn Subject) {
    // A body behind what has none is not taken for the next response.
    for (method, head) in [
        ("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
        ("HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        ("GET", "HTTP/1.1 204 No Content\r\n\r\n"),
        ("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"),
    ] {
        let mut talk = subject.begin();
        let request = format!("{method} http://a.test/x HTTP/1.1\r\nHost: a.test\r\n\r\n");
        talk.client(request.as_bytes());
        talk.origin(format!("{head}HTTP/1.1 200 Evil\r\nContent-Length: 4\r\n\r\nevil").as_bytes());
        talk.client(request.replace("/x", "/next").as_bytes());
        let text = talk.client_text();
        assert!(text.starts_with("HTTP/1.1 ") && !text.contains("vil"), "{method} {head}: {text}");
        assert!(talk.at_origin().contains(" /next "), "{method} {head}");
    }
    // Without framing fields a request has no body: what follows is the next request.
    let mut talk = subject.begin();
    talk.client(
        format!("{HEAD}\r\nGET http://a.test/next HTTP/1.1\r\nHost: a.test\r\n\r\n").as_bytes(),
    );
    talk.origin(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let sent = talk.at_origin();
    assert!(sent.contains("POST /x ") && sent.contains("\r\nContent-Length: 0\r\n"), "{sent}");
    assert!(sent.contains("GET /next HTTP/1.1\r\n"), "{sent}");
    // A body that lasts until the origin closes has an end of its own behind the gateway.
    let mut talk = subject.begin();
    talk.client(GET.as_bytes());
    talk.origin(b"HTTP/1.1 200 OK\r\n\r\nabc");
    talk.origin_ends();
    let streamed = talk.client_text();
    assert!(streamed.contains("\r\nTransfer-Encoding: chunked\r\n"), "{streamed}");
    assert!(streamed.ends_with("c\r\n0\r\n\r\n"), "{streamed}");
    // A length stays what it was.
    let passes = answered(subject, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
    assert!(passes.contains("\r\nContent-Length: 3\r\n") && passes.ends_with("\r\n\r\nabc"));
}

pub(super) fn rfc_9112_7_1_1_chunks(subject: &dyn Subject) {
    let chunked = format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n");
    let passes =
        asked(subject, &format!("{chunked}2;a=b;c=\"d\\\"\"\r\nab\r\n0003\r\ncde\r\n0;x\r\n\r\n"));
    let (_, body) = passes.split_once("\r\n\r\n").unwrap();
    assert!(!body.contains(';'), "extensions are dropped: {body}");
    assert!(body.ends_with("\r\n0\r\n\r\n"), "{body}");
    assert_eq!(body.replace("\r\n", "").replace(['0', '2', '3', '5'], ""), "abcde");
    let long = format!("2;{}\r\nab\r\n0\r\n\r\n", "x".repeat(5_000));
    for body in [
        "0x2\r\nab\r\n0\r\n\r\n",
        "+2\r\nab\r\n0\r\n\r\n",
        " 2\r\nab\r\n0\r\n\r\n",
        "2 \r\nab\r\n0\r\n\r\n",
        "2_0\r\nab\r\n0\r\n\r\n",
        "\r\nab\r\n0\r\n\r\n",
        "g\r\nab\r\n0\r\n\r\n",
        "10000000000000002\r\nab\r\n0\r\n\r\n",
        "2\r\nabc\r\n0\r\n\r\n",
        "2;a\rb\r\nab\r\n0\r\n\r\n",
        "2;a=\"b\r\nab\r\n0\r\n\r\n",
        &*long,
    ] {
        let mut talk = subject.begin();
        talk.client(format!("{chunked}{body}").as_bytes());
        assert!(
            talk.client_text().starts_with("HTTP/1.1 400 "),
            "{body:.20}: {}",
            talk.client_text()
        );
        assert!(talk.client_is_closed() && !talk.at_origin().contains("\r\n0\r\n"), "{body:.20}");
        let mut talk = subject.begin();
        talk.client(GET.as_bytes());
        talk.origin(format!("{OK}Transfer-Encoding: chunked\r\n\r\n{body}").as_bytes());
        assert!(!talk.client_text().contains("\r\n0\r\n"), "{body:.20}: {}", talk.client_text());
        assert!(talk.origin_is_closed(), "{body:.20}");
    }
}

pub(super) fn rfc_9110_6_5_trailers(subject: &dyn Subject) {
    let chunked = format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n");
    let passes = asked(subject, &format!("{chunked}X-Sum: 1;y\r\n\r\n"));
    assert!(passes.ends_with("2\r\nab\r\n0\r\nX-Sum: 1;y\r\n\r\n"), "{passes}");
    for trailer in [
        "Content-Length: 2",
        "Transfer-Encoding: chunked",
        "transfer_encoding: chunked",
        "Host: b.test",
        "Authorization: x",
        "Cookie: a=b",
        "Connection: x",
        "X : y",
        "X",
    ] {
        let mut talk = subject.begin();
        talk.client(format!("{chunked}{trailer}\r\n\r\n").as_bytes());
        let sent = talk.at_origin();
        assert!(!sent.contains("\r\n0\r\n"), "{trailer}: {sent}");
        assert!(talk.client_text().starts_with("HTTP/1.1 400 "), "{trailer}");
    }
    let response = format!("{OK}Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n");
    let passes = answered(subject, &format!("{response}X-Sum: 1\r\n\r\n"));
    assert!(passes.ends_with("\r\n0\r\nX-Sum: 1\r\n\r\n"), "{passes}");
    let cut = answered(subject, &format!("{response}Set-Cookie: a=b\r\n\r\n"));
    assert!(!cut.contains("Set-Cookie") && !cut.contains("\r\n0\r\n"), "{cut}");
}

pub(super) fn rfc_9110_7_7_no_transform(subject: &dyn Subject) {
    let head = "HTTP/1.1 200 OK\r\nCache-Control: no-transform\r\nContent-Type: text/plain\r\n";
    let fields = "Content-Encoding: x-own\r\nETag: \"1\"\r\nAccept-Ranges: bytes\r\n";
    let body = "  <b>as it \t is</b> ";
    let length = format!("Content-Length: {}\r\n\r\n", body.len());
    let passes = answered(subject, &format!("{head}{fields}{length}{body}"));
    for line in head.lines().skip(1).chain(fields.lines()) {
        assert!(passes.contains(&format!("\r\n{line}\r\n")), "{line}: {passes}");
    }
    assert!(passes.ends_with(&format!("{length}{body}")), "{passes}");
    let blocked = answered(subject, &format!("{head}Content-Length: 6\r\n\r\nSECRET"));
    assert!(blocked.starts_with("HTTP/1.1 403 ") && !blocked.contains("SECRET"), "{blocked}");
}
