//! What a request asks for, and of whom.

use super::subject::{Subject, asked, refused};

pub(super) fn rfc_9112_3_2_host(subject: &dyn Subject) {
    for request in [
        "GET http://a.test/x HTTP/1.1\r\n\r\n",
        "GET http://a.test/x HTTP/1.1\r\nHost: a.test\r\nHost: a.test\r\n\r\n",
        "GET http://a.test/x HTTP/1.1\r\nHost: a.test\r\nhost: b.test\r\n\r\n",
        "GET http://a.test/x HTTP/1.1\r\nHost: a.test, b.test\r\n\r\n",
        "GET http://a.test/x HTTP/1.1\r\nHost: u@a.test\r\n\r\n",
        "GET http://a.test/x HTTP/1.1\r\nHost: a.test/x\r\n\r\n",
        "GET http://a.test/x HTTP/1.1\r\nHost:\r\n\r\n",
    ] {
        refused(subject, request, 400);
    }
    let passes = asked(subject, "GET http://a.test/x HTTP/1.1\r\nHost: A.test:80\r\n\r\n");
    assert!(passes.contains("\r\nHost: a.test\r\n"), "{passes}");
}

pub(super) fn rfc_9112_3_2_2_absolute_form(subject: &dyn Subject) {
    let passes = asked(subject, "GET http://a.test/x?y HTTP/1.1\r\nHost: b.test\r\n\r\n");
    assert!(passes.starts_with("GET /x?y HTTP/1.1\r\nHost: a.test\r\n"), "{passes}");
    assert!(!passes.contains("b.test"), "{passes}");
}

pub(super) fn rfc_9112_3_2_3_authority_form(subject: &dyn Subject) {
    for target in ["a.test", "a.test:", "a.test:0", "a.test:x", "http://a.test:443/", "/"] {
        let request = format!("CONNECT {target} HTTP/1.1\r\nHost: a.test\r\n\r\n");
        refused(subject, &request, 400);
    }
    refused(subject, "GET a.test:80 HTTP/1.1\r\nHost: a.test\r\n\r\n", 400);
    refused(
        subject,
        "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\nContent-Length: 1\r\n\r\nx",
        400,
    );
    let mut talk = subject.begin();
    talk.client(b"CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n");
    assert!(talk.client_text().starts_with("HTTP/1.1 200 "), "{}", talk.client_text());
    assert_eq!(talk.at_origin(), "");
}

pub(super) fn rfc_9112_3_2_4_asterisk_form(subject: &dyn Subject) {
    let passes = asked(subject, "OPTIONS http://a.test:8080 HTTP/1.1\r\nHost: a.test:8080\r\n\r\n");
    assert!(passes.starts_with("OPTIONS * HTTP/1.1\r\nHost: a.test:8080\r\n"), "{passes}");
    let passes = asked(subject, "OPTIONS http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n");
    assert!(passes.starts_with("OPTIONS / HTTP/1.1\r\n"), "{passes}");
    refused(subject, "GET * HTTP/1.1\r\nHost: a.test\r\n\r\n", 400);
}

pub(super) fn rfc_9112_3_bytes_of_a_target(subject: &dyn Subject) {
    for target in [
        "/a b",
        "/a\tb",
        "/a\x01b",
        "/a\x7fb",
        "/a\u{e9}b",
        "/a#b",
        "http://u@a.test/",
        "http://u:p@a.test/",
        "http://a\\b.test/",
        "http://a%2etest/",
        "ftp://a.test/",
        "http:///x",
        "http://a.test:99999/",
    ] {
        let target =
            if target.starts_with('/') { format!("http://a.test{target}") } else { target.into() };
        refused(subject, &format!("GET {target} HTTP/1.1\r\nHost: a.test\r\n\r\n"), 400);
    }
    // What the rules see is what is sent: nothing is decoded, collapsed or removed.
    for path in ["//x/../y/./%2e%2E;a=b?c=%00&d", "/%62locked", "/{|}\\^`\"<>"] {
        let request = format!("GET http://a.test{path} HTTP/1.1\r\nHost: a.test\r\n\r\n");
        let passes = asked(subject, &request);
        assert!(passes.starts_with(&format!("GET {path} HTTP/1.1\r\n")), "{passes}");
    }
}
