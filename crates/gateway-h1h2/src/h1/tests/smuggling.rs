//! The classes of request and response smuggling, by their names, on the strict defaults.
//!
//! A message is safe here in one of two ways: it is refused, or it is read in the one way in
//! which the serializer writes it out again, so that nobody behind can read it otherwise.

use http::Method;

use crate::Close;
use crate::h1::{Check, Options, Transcript, replay_requests, replay_responses};

use super::outline;

fn outline_of(transcript: &Transcript) -> String {
    let events: Vec<_> = transcript.events.iter().map(|(_, event)| event.clone()).collect();
    outline(&events)
}

/// A request (its head without method line and `Host`) that must be refused by `check`.
#[track_caller]
fn refused(rest: &str, check: Check) {
    let input = format!("POST / HTTP/1.1\r\nHost: a\r\n{rest}");
    let transcript = replay_requests(Options::default(), [input.as_bytes()]);
    let error = transcript.error.unwrap_or_else(|| panic!("passes: {input}"));
    assert_eq!(error.check, check, "{input}");
    assert_eq!(transcript.close, Some(Close::Graceful), "nothing more is read: {input}");
    let answer = String::from_utf8_lossy(&transcript.output).into_owned();
    assert!(answer.contains("Connection: close"), "{answer}");
    assert!(answer.contains(error.status().as_str()), "{answer}");
}

/// The same, for a response to GET.
#[track_caller]
fn refused_response(input: &str, check: Check) {
    let transcript = replay_responses(Options::default(), &[Method::GET], [input.as_bytes()]);
    let error = transcript.error.unwrap_or_else(|| panic!("passes: {input}"));
    assert_eq!((error.check, error.status().as_u16()), (check, 502), "{input}");
    assert_eq!(transcript.close, Some(Close::Graceful), "{input}");
}

const BOTH: Check = Check::ContentLengthAndTransferEncoding;

#[test]
fn cl_te_and_te_cl() {
    let lines = ["Content-Length: 6\r\n", "Transfer-Encoding: chunked\r\n"];
    for (first, second) in [(lines[0], lines[1]), (lines[1], lines[0])] {
        refused(&format!("{first}{second}\r\n0\r\n\r\nG"), BOTH);
        refused_response(&format!("HTTP/1.1 200 OK\r\n{first}{second}\r\n0\r\n\r\nG"), BOTH);
    }
}

#[test]
fn te_te_obfuscated() {
    use Check::{
        FieldFolded, FieldNameBlank, FieldNameLookalike, FieldNameSyntax, FieldValueByte, HeadNul,
        LineBareCr, LineBareLf, TransferEncodingRepeated, TransferEncodingUnknown,
    };
    for (line, check) in [
        ("Transfer-Encoding: xchunked", TransferEncodingUnknown),
        ("Transfer-Encoding: chunked;q=1", TransferEncodingUnknown),
        ("Transfer-Encoding: \"chunked\"", TransferEncodingUnknown),
        ("Transfer-Encoding: identity", TransferEncodingUnknown),
        ("Transfer-Encoding: chunked, identity", TransferEncodingUnknown),
        ("Transfer-Encoding: gzip, chunked", TransferEncodingUnknown),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: x", TransferEncodingUnknown),
        ("Transfer-Encoding: chunked, chunked", TransferEncodingRepeated),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", TransferEncodingRepeated),
        ("Transfer-Encoding: ,chunked", TransferEncodingRepeated),
        ("Transfer-Encoding:", TransferEncodingRepeated),
        ("Transfer-Encoding : chunked", FieldNameBlank),
        ("Transfer-Encoding\t: chunked", FieldNameBlank),
        ("Transfer_Encoding: chunked", FieldNameLookalike),
        ("Transfer Encoding: chunked", FieldNameSyntax),
        ("X: y\r\n Transfer-Encoding: chunked", FieldFolded),
        ("Transfer-Encoding:\r\n chunked", FieldFolded),
        ("X: y\nTransfer-Encoding: chunked", LineBareLf),
        ("X: y\rTransfer-Encoding: chunked", LineBareCr),
        ("Transfer-Encoding: \x0bchunked", FieldValueByte),
        ("Transfer-Encoding: chunked\0", HeadNul),
    ] {
        refused(&format!("Content-Length: 3\r\n{line}\r\n\r\n0\r\n\r\n"), check);
        refused(&format!("{line}\r\n\r\n0\r\n\r\n"), check);
        refused_response(&format!("HTTP/1.1 200 OK\r\n{line}\r\n\r\n0\r\n\r\n"), check);
    }
}

#[test]
fn te_in_http_1_0() {
    let input = b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".as_slice();
    let transcript = replay_requests(Options::default(), [input]);
    assert_eq!(transcript.error.map(|e| e.check), Some(Check::TransferEncodingInHttp10));
    refused_response(
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        Check::TransferEncodingInHttp10,
    );
}

#[test]
fn double_and_odd_content_length() {
    for (lines, check) in [
        ("Content-Length: 3\r\nContent-Length: 4", Check::ContentLengthDiffers),
        ("Content-Length: 3, 4", Check::ContentLengthDiffers),
        ("Content-Length: 3\r\nContent-Length: 3", Check::ContentLengthRepeated),
        ("Content-Length: 3, 3", Check::ContentLengthList),
        ("Content-Length: +3", Check::ContentLengthSyntax),
        ("Content-Length: -3", Check::ContentLengthSyntax),
        ("Content-Length: 0x3", Check::ContentLengthSyntax),
        ("Content-Length: 3 4", Check::ContentLengthSyntax),
        ("Content-Length: 3,", Check::ContentLengthSyntax),
        ("Content-Length: 3;", Check::ContentLengthSyntax),
        ("Content-Length:", Check::ContentLengthSyntax),
        ("Content-Length: 18446744073709551616", Check::ContentLengthSyntax),
        ("Content-Length: \u{0663}", Check::ContentLengthSyntax),
        ("Content_Length: 3", Check::FieldNameLookalike),
    ] {
        refused(&format!("{lines}\r\n\r\nabc"), check);
        refused_response(&format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\nabc"), check);
    }
}

/// CL.0: a server that ignores the body would take it for a request. Here the body is a body.
#[test]
fn cl_0() {
    let smuggled = "GET /evil HTTP/1.1\r\nHost: a\r\n\r\n";
    let input = format!(
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{smuggled}",
        smuggled.len()
    );
    let transcript = replay_requests(Options::default(), [input.as_bytes()]);
    assert_eq!(transcript.error, None);
    let body = smuggled.escape_default().to_string().replace("\\u{d}", "\\r");
    assert_eq!(outline_of(&transcript), format!("GET / \"{body}\" End"));
}

/// 0.CL: without framing fields a request has no body, and what follows is the next request.
#[test]
fn zero_cl() {
    let input = "POST /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n";
    let transcript = replay_requests(Options::default(), [input.as_bytes()]);
    assert_eq!(outline_of(&transcript), "POST /a End GET /b End");
}

/// TERM.EXT and EXT.TERM: one side ends a chunk line at LF, the other does not.
#[test]
fn chunk_extension_newline() {
    let chunked = "Transfer-Encoding: chunked\r\n\r\n";
    for (body, check) in [
        ("2;\nxx\r\n0\r\n\r\n", Check::ChunkLineEnd),
        ("2;a=\"\n\"\r\nxx\r\n0\r\n\r\n", Check::ChunkLineEnd),
        ("2;a\rb\r\nxx\r\n0\r\n\r\n", Check::ChunkLineEnd),
        ("2\nxx\n0\n\n", Check::ChunkLineEnd),
        ("2;a=\"\r\nxx\r\n0\r\n\r\n", Check::ChunkExtensionSyntax),
        ("2 ;a\r\nxx\r\n0\r\n\r\n", Check::ChunkSizeSyntax),
    ] {
        refused(&format!("{chunked}{body}"), check);
        refused_response(&format!("HTTP/1.1 200 OK\r\n{chunked}{body}"), check);
    }
}

/// TERM.SPILL and SPILL.TERM: the end of chunk data is taken for granted or looked for.
#[test]
fn chunk_data_spill() {
    let chunked = "Transfer-Encoding: chunked\r\n\r\n";
    for body in ["2\r\nxxx\r\n0\r\n\r\n", "2\r\nxxXX0\r\n\r\n", "2\r\nxx\n0\r\n\r\n"] {
        refused(&format!("{chunked}{body}"), Check::ChunkDataEnd);
    }
    for size in ["-1", "+2", "0x2", "2_0", " 2", "\u{0662}", ""] {
        refused(&format!("{chunked}{size}\r\nxx\r\n0\r\n\r\n"), Check::ChunkSizeSyntax);
    }
    refused(&format!("{chunked}10000000000000002\r\nxx\r\n"), Check::ChunkSizeTooLarge);
}

#[test]
fn trailers_that_would_govern() {
    for trailer in
        ["Content-Length: 9", "Host: b", "Transfer-Encoding: chunked", "Authorization: x"]
    {
        let rest = format!("Transfer-Encoding: chunked\r\n\r\n0\r\n{trailer}\r\n\r\n");
        refused(&rest, Check::TrailerForbidden);
    }
}

#[test]
fn options_that_would_strip() {
    for option in ["Host", "content-length", "Transfer-Encoding", "Authorization", "Cookie"] {
        refused(
            &format!("Connection: keep-alive, {option}\r\n\r\n"),
            Check::ConnectionOptionProtected,
        );
    }
    // What large content networks send is no attack.
    let response = b"HTTP/1.1 200 OK\r\nConnection: Transfer-Encoding\r\n\
                     Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        .as_slice();
    let transcript = replay_responses(Options::default(), &[Method::GET], [response]);
    assert_eq!((transcript.error, outline_of(&transcript).as_str()), (None, "200 End"));
}

/// A body behind a response that has none must not answer the next request.
#[test]
fn bodies_of_bodiless_responses() {
    for (method, head) in [
        (Method::HEAD, "HTTP/1.1 200 OK\r\nContent-Length: 38\r\n\r\n"),
        (Method::GET, "HTTP/1.1 304 Not Modified\r\nContent-Length: 38\r\n\r\n"),
        (Method::GET, "HTTP/1.1 204 No Content\r\nContent-Length: 38\r\n\r\n"),
    ] {
        let input = format!("{head}HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        let transcript = replay_responses(Options::default(), &[method], [input.as_bytes()]);
        assert_eq!(transcript.error.map(|e| e.check), Some(Check::ResponseUnasked), "{input}");
    }
}

#[test]
fn host_contradictions() {
    for (input, check) in [
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", Check::HostRepeated),
        ("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", Check::HostInvalid),
        ("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", Check::HostInvalid),
        ("GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", Check::HostInvalid),
        ("GET / HTTP/1.1\r\nHost: a:70000\r\n\r\n", Check::HostInvalid),
        ("GET / HTTP/1.1\r\nHost:\r\n\r\n", Check::HostInvalid),
        ("GET / HTTP/1.1\r\n\r\n", Check::HostMissing),
        ("GET http://u:p@a/ HTTP/1.1\r\nHost: a\r\n\r\n", Check::TargetUserInfo),
        ("GET http://a\\b/ HTTP/1.1\r\nHost: a\r\n\r\n", Check::TargetAuthority),
        ("GET a HTTP/1.1\r\nHost: a\r\n\r\n", Check::TargetForm),
        ("CONNECT http://a:1/ HTTP/1.1\r\nHost: a:1\r\n\r\n", Check::TargetAuthority),
    ] {
        let transcript = replay_requests(Options::default(), [input.as_bytes()]);
        assert_eq!(transcript.error.map(|e| e.check), Some(check), "{input}");
    }
}
