//! Every check of the table: an input that it finds, one that it lets pass, and what a lower
//! severity makes of the first.

use http::Method;

use crate::h1::{Check, Limits, Options, Severity, Transcript, replay_requests, replay_responses};

use super::outline;

/// Small limits, so that the inputs of this table can be read.
fn options() -> Options {
    Options {
        limits: Limits {
            head_bytes_max: 160,
            fields_max: 4,
            method_bytes_max: 8,
            target_bytes_max: 32,
            chunk_extension_bytes_max: 12,
            trailer_bytes_max: 40,
            informational_max: 1,
            ..Limits::default()
        },
        ..Options::default()
    }
}

enum Side {
    Request,
    Response(&'static [Method]),
}
use Side::{Request, Response};

struct Row {
    check: Check,
    side: Side,
    /// Found by the check.
    bad: &'static [u8],
    /// Not found, though close.
    good: &'static [u8],
    /// What comes of `bad` under the lowest severity that the check offers.
    mended: &'static str,
}

fn replay(side: &Side, input: &[u8], options: Options) -> Transcript {
    match side {
        Request => replay_requests(options, [input]),
        Response(methods) => replay_responses(options, methods, [input]),
    }
}

fn check(row: &Row) {
    let Row { check, side, bad, good, mended } = row;
    let strict = replay(side, bad, options());
    if check.severity() == Severity::Reject {
        let error = strict.error.unwrap_or_else(|| panic!("{check} does not refuse"));
        assert_eq!(error.check, *check, "refused by another check");
        assert!(error.offset <= bad.len() as u64, "{check}: offset {}", error.offset);
    } else {
        assert_eq!(strict.error, None, "{check}");
    }
    assert_eq!(strict.counts.of(*check), 1, "{check} counts");

    let passed = replay(side, good, options());
    assert_eq!(passed.error, None, "{check}: the good input");
    assert_eq!(passed.counts.of(*check), 0, "{check}: the good input is counted");
    assert!(!passed.events.is_empty(), "{check}: the good input says nothing");

    let lowest = [Severity::Repair, Severity::Observe].into_iter().find(|s| check.offers(*s));
    let Some(severity) = lowest else {
        assert_eq!(*mended, "", "{check} has no leeway");
        assert!(options().checks.set(*check, Severity::Repair).is_err());
        return;
    };
    let mut lenient = options();
    lenient.checks.set(*check, severity).expect("offered");
    let lenient = replay(side, bad, lenient);
    assert_eq!(lenient.error, None, "{check} still refuses");
    let events: Vec<_> = lenient.events.into_iter().map(|(_, event)| event).collect();
    assert_eq!(outline(&events), *mended, "{check}");
    assert_eq!(lenient.counts.of(*check), 1, "{check} counts");
}

const GET: &[Method] = &[Method::GET];
const CONNECT: &[Method] = &[Method::CONNECT];

macro_rules! rows {
    ($($check:ident $side:expr, $bad:expr, $good:expr, $mended:expr;)+) => {
        const ROWS: &[Row] = &[$(Row {
            check: Check::$check, side: $side, bad: $bad, good: $good, mended: $mended,
        }),+];
    };
}

rows! {
    HeadTooLarge Request,
        b"GET / HTTP/1.1\r\nHost: a\r\nX: 0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: 0123456789012345678901234567890123456789\r\n\r\n", "";
    HeadFieldsTooMany Request,
        b"GET / HTTP/1.1\r\nHost: a\r\nB: 1\r\nC: 1\r\nD: 1\r\nE: 1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nB: 1\r\nC: 1\r\nD: 1\r\n\r\n", "";
    HeadTruncated Request,
        b"GET / HTTP/1.1\r\nHost: a\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "";
    LineBareLf Request,
        b"GET / HTTP/1.1\r\nHost: a\nB: 1\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nB: 1\r\n\r\n",
        "GET / End";
    LineBareCr Request,
        b"GET / HTTP/1.1\r\nHost: a\rB: 1\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "";
    LineEmptyBeforeStart Request,
        b"\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", b"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / End";
    HeadNul Request,
        b"GET / HTTP/1.1\r\nHost: a\r\nB: \0\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nB: \\0\r\n\r\n", "";
    StartLineSyntax Request,
        b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "";
    StartLineThenBlank Request,
        b"GET / HTTP/1.1\r\n Host: a\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "";
    MethodSyntax Request,
        b"G(T / HTTP/1.1\r\nHost: a\r\n\r\n", b"G-T / HTTP/1.1\r\nHost: a\r\n\r\n", "";
    MethodTooLong Request,
        b"PROPPATCH / HTTP/1.1\r\nHost: a\r\n\r\n", b"PROPFIND / HTTP/1.1\r\nHost: a\r\n\r\n", "";
    VersionSyntax Request,
        b"GET / http/1.1\r\nHost: a\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n", "";
    VersionUnsupported Request,
        b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "";
    Http2Preface Request,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"PRIO / HTTP/1.1\r\nHost: a\r\n\r\n", "";
    StatusSyntax Response(GET),
        b"HTTP/1.1 20 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n", "";
    ReasonSyntax Response(GET),
        b"HTTP/1.1 200 O\x01K\r\n\r\n", b"HTTP/1.1 200 \xc3\x96K\r\n\r\n", "";
    TargetTooLong Request,
        b"GET /123456789012345678901234567890123 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /1234567890123456789012345678901 HTTP/1.1\r\nHost: a\r\n\r\n", "";
    TargetByte Request,
        b"GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n", b"GET /%C3%A9 HTTP/1.1\r\nHost: a\r\n\r\n", "";
    TargetFragment Request,
        b"GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", b"GET /a%23b HTTP/1.1\r\nHost: a\r\n\r\n", "";
    TargetUserInfo Request,
        b"GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", b"GET http://a/@ HTTP/1.1\r\nHost: a\r\n\r\n", "";
    TargetAuthority Request,
        b"CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n", b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", "";
    TargetScheme Request,
        b"GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", b"GET HTTP://a/ HTTP/1.1\r\nHost: a\r\n\r\n", "";
    TargetForm Request,
        b"GET * HTTP/1.1\r\nHost: a\r\n\r\n", b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "";
    FieldNameSyntax Request,
        b"GET / HTTP/1.1\r\nHost: a\r\nB(: 1\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nB|: 1\r\n\r\n",
        "GET / End";
    FieldNameBlank Request,
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 1\r\n\r\nx",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length:1\r\n\r\nx",
        "POST / \"x\" End";
    FieldColonMissing Request,
        b"GET / HTTP/1.1\r\nHost: a\r\nB\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nB:\r\n\r\n",
        "GET / End";
    FieldNameLookalike Request,
        b"POST / HTTP/1.1\r\nHost: a\r\nContent_Length: 5\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent_Lengths: 5\r\n\r\n",
        "POST / End";
    FieldValueByte Request,
        b"GET / HTTP/1.1\r\nHost: a\r\nB: \x0b\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nB: \t\xff\r\n\r\n",
        "";
    FieldFolded Request,
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n 1\r\n\r\nx",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \t 1 \t\r\n\r\nx",
        "POST / \"x\" End";
    HostMissing Request,
        b"GET http://b/ HTTP/1.1\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n", "GET http://b/ End";
    HostRepeated Request,
        b"GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "";
    HostInvalid Request,
        b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", b"GET / HTTP/1.1\r\nHost: [::1]:8\r\n\r\n", "";
    HostNotTarget Request,
        b"GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", b"GET http://B/ HTTP/1.1\r\nHost: b:80\r\n\r\n",
        "GET http://b/ End";
    ContentLengthSyntax Request,
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", "";
    ContentLengthList Request,
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\nx",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 01\r\n\r\nx", "POST / \"x\" End";
    ContentLengthRepeated Request,
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", "POST / \"x\" End";
    ContentLengthDiffers Request,
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nxx", "";
    ContentLengthAndTransferEncoding Request,
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
        "POST / \"x\" End";
    TransferEncodingUnknown Request,
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "";
    TransferEncodingRepeated Request,
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked,\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \tchunked \r\n\r\n0\r\n\r\n", "";
    TransferEncodingInHttp10 Request,
        b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.0\r\nContent-Length: 1\r\n\r\nx", "";
    FramingInBodiless Response(CONNECT),
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n", "200 Upgrade";
    BodyInConnect Request,
        b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nContent-Length: 1\r\n\r\nx",
        b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nContent-Length: 0\r\n\r\n", "";
    BodyInTrace Request,
        b"TRACE / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx",
        b"TRACE / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "";
    BodyInUpgrade Request,
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: b\r\nContent-Length: 1\r\n\r\nx",
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: b\r\n\r\n",
        "GET / \"x\" End";
    ConnectionOptionProtected Request,
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close, Host\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close, Hosts\r\n\r\n", "GET / End";
    ExpectUnknown Request,
        b"GET / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\n\r\n", "GET / End";
    ChunkSizeSyntax Request,
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\nx\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n01\r\nx\r\n0\r\n\r\n", "";
    ChunkSizeTooLarge Request,
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n00000000000000001\r\nx\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0000000000000001\r\nx\r\n0\r\n\r\n",
        "";
    ChunkLineEnd Request,
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\nx\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n\n\r\n0\r\n\r\n", "";
    ChunkDataEnd Request,
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxy0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nxy\r\n0\r\n\r\n", "";
    ChunkExtensionSyntax Request,
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;\r\nx\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;a\r\nx\r\n0;a=\"\\\"\"\r\n\r\n",
        "POST / \"x\" End";
    ChunkExtensionsTooLarge Request,
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;a=123456\r\nx\r\n0;b=123456\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;a=1234\r\nx\r\n0;b=1234\r\n\r\n",
        "";
    TrailersTooLarge Request,
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: 0123456789012345678901234567890123456789\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: 0123456789\r\n\r\n", "";
    TrailerForbidden Request,
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nHost: b\r\nC: d\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nC: d\r\n\r\n",
        "POST / {\"C\": \"d\"} End";
    InformationalTooMany Response(GET),
        b"HTTP/1.1 103 A\r\n\r\nHTTP/1.1 103 B\r\n\r\nHTTP/1.1 204 C\r\n\r\n",
        b"HTTP/1.1 103 A\r\n\r\nHTTP/1.1 204 C\r\n\r\n", "";
    SwitchUnasked Response(GET),
        b"HTTP/1.1 101 Switch\r\nUpgrade: b\r\n\r\n", b"HTTP/1.1 204 C\r\n\r\n", "";
    ResponseUnasked Response(GET),
        b"HTTP/1.1 204 C\r\n\r\nHTTP/1.1 204 C\r\n\r\n", b"HTTP/1.1 204 C\r\n\r\n", "";
}

#[test]
fn each_check_finds_and_lets_pass() {
    for row in ROWS {
        check(row);
    }
}

#[test]
fn the_table_is_whole() {
    for check in Check::ALL {
        assert_eq!(ROWS.iter().filter(|row| row.check == *check).count(), 1, "{check}");
        assert_eq!(Check::by_id(check.id()), Some(*check), "ids are unique");
        assert!(check.doc().ends_with('.') && check.source().starts_with("RFC "), "{check}");
        assert!(check.status().is_client_error() || check.status().is_server_error());
        assert!(check.offers(check.severity()));
    }
    assert!(Check::ALL.len() >= 50);
}
