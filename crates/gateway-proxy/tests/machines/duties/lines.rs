//! The lines of a head.

use super::subject::{GET, Subject, answered, asked, refused, response_refused};

const HEAD: &str = "POST http://a.test/x HTTP/1.1\r\nHost: a.test\r\n";

pub(super) fn rfc_9112_5_1_blanks_before_the_colon(subject: &dyn Subject) {
    for line in ["Content-Length : 3", "Content-Length\t: 3", "X : y", " X: y"] {
        refused(subject, &format!("{HEAD}{line}\r\n\r\nabc"), 400);
    }
    for line in ["Content-Length : 3", "X\t: y"] {
        response_refused(subject, &format!("HTTP/1.1 200 OK\r\n{line}\r\n\r\nabc"));
    }
    let passes = asked(subject, &format!("{HEAD}X:  y\t\r\nContent-Length:3\r\n\r\nabc"));
    assert!(passes.contains("\r\nX: y\r\n") && passes.contains("\r\nContent-Length: 3\r\n"));
}

pub(super) fn rfc_9112_5_2_folded_fields(subject: &dyn Subject) {
    for line in ["X: y\r\n z", "X: y\r\n\tz", "X:\r\n y", "Transfer-Encoding:\r\n chunked"] {
        refused(subject, &format!("{HEAD}{line}\r\n\r\n"), 400);
        response_refused(subject, &format!("HTTP/1.1 200 OK\r\n{line}\r\n\r\n"));
    }
    let passes = asked(subject, &format!("{HEAD}X: y z\r\nContent-Length: 0\r\n\r\n"));
    assert!(passes.starts_with("POST /x HTTP/1.1\r\n") && passes.contains("\r\nX: y z\r\n"));
}

pub(super) fn rfc_9112_2_2_lf_or_cr_alone(subject: &dyn Subject) {
    for request in [
        "GET http://a.test/x HTTP/1.1\nHost: a.test\r\n\r\n".to_owned(),
        "GET http://a.test/x HTTP/1.1\r\nHost: a.test\n\n".to_owned(),
        "GET http://a.test/x HTTP/1.1\r\nHost: a.test\r\n\n".to_owned(),
        format!("{HEAD}X: y\nZ: z\r\n\r\n"),
        format!("{HEAD}X: y\rZ: z\r\n\r\n"),
        format!("{HEAD}X: y\r\r\n\r\n"),
        format!("{HEAD}X: y\0z\r\n\r\n"),
        format!("{HEAD}X\0: y\r\n\r\n"),
    ] {
        refused(subject, &request, 400);
    }
    for response in [
        "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\n\n",
        "HTTP/1.1 200 O\rK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: y\rz\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: y\0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\nab\r\n0\r\n\r\n",
    ] {
        response_refused(subject, response);
    }
    // Around chunks: the head was good and has gone on, the message never comes to its end.
    for body in ["2\nab\r\n0\r\n\r\n", "2\r\nab\n0\r\n\r\n", "2;a\nab\r\n0\r\n\r\n", "0\n\r\n"] {
        let mut talk = subject.begin();
        talk.client(format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n{body}").as_bytes());
        let sent = talk.at_origin();
        assert!(!sent.contains("\r\n0\r\n"), "{body:?}: {sent}");
        assert!(!sent.replace("\r\n", "").contains('\n'), "{body:?}: {sent}");
        assert!(talk.client_text().starts_with("HTTP/1.1 400 "), "{body:?}");
        assert!(talk.client_is_closed(), "{body:?}");
    }
    assert!(asked(subject, GET).ends_with("\r\n\r\n"));
}

pub(super) fn rfc_9112_2_2_empty_lines_before_a_request(subject: &dyn Subject) {
    let passes = asked(subject, &format!("\r\n{GET}"));
    assert!(passes.starts_with("GET /x HTTP/1.1\r\n"), "{passes}");
    refused(subject, &format!("\r\n\r\n{GET}"), 400);
    refused(subject, &format!("\n{GET}"), 400);
    let passes = answered(subject, "\r\nHTTP/1.1 204 No Content\r\n\r\n");
    assert!(passes.starts_with("HTTP/1.1 204 "), "{passes}");
}
