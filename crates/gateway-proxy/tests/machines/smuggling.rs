//! The classes of smuggling by their names, through the whole gateway, in both directions: what
//! arrives is read by a reader that forgives nothing, and is the messages that were meant, or none.
//! Every input is also cut at every byte, which must change nothing.

mod http2;

use gateway_proxy::{Input, Wire};

use crate::scene::Scene;

/// What came of one conversation.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    /// The first lines and bodies of what origins were asked.
    requests: Vec<(String, String)>,
    /// The first lines of what the client was answered.
    answers: Vec<String>,
}

/// The messages in `wire`, by a reader that panics where there are two ways to read it. A message
/// without its end has the body `…`.
fn messages(wire: &[u8]) -> Vec<(String, String)> {
    let (mut at, mut all) = (0, Vec::new());
    while at < wire.len() {
        let end = wire[at..].windows(4).position(|four| four == b"\r\n\r\n");
        let head = &wire[at..at + end.expect("a whole head")];
        at += head.len() + 4;
        let head = std::str::from_utf8(head).expect("text");
        let mut lines = head.split("\r\n");
        let start = lines.next().unwrap().to_owned();
        let (mut length, mut chunked) = (None, false);
        for line in lines {
            assert!(!line.contains(['\r', '\n', '\0']), "{head:?}");
            let (name, value) = line.split_once(": ").expect("a field");
            assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'), "{head:?}");
            match &*name.to_ascii_lowercase() {
                "content-length" => {
                    assert_eq!(length.replace(value.parse::<usize>().unwrap()), None);
                }
                "transfer-encoding" => {
                    assert!(
                        !std::mem::replace(&mut chunked, true) && value == "chunked",
                        "{head:?}"
                    );
                }
                _ => {}
            }
        }
        assert!(!(chunked && length.is_some()), "{head:?}");
        let rest = &wire[at..];
        let body = if chunked { chunks(rest) } else { counted(rest, length.unwrap_or(0)) };
        let (body, bytes) = body.unwrap_or_else(|| ("…".to_owned(), rest.len()));
        at += bytes;
        all.push((start, body));
    }
    all
}

fn counted(wire: &[u8], bytes: usize) -> Option<(String, usize)> {
    wire.get(..bytes).map(|body| (String::from_utf8_lossy(body).into_owned(), bytes))
}

fn chunks(wire: &[u8]) -> Option<(String, usize)> {
    let (mut at, mut whole) = (0, String::new());
    loop {
        let line = wire.get(at..)?.windows(2).position(|two| two == b"\r\n")?;
        let size = std::str::from_utf8(&wire[at..at + line]).unwrap();
        let size = usize::from_str_radix(size, 16).expect("a size and nothing else");
        at += line + 2;
        if size == 0 {
            let line = wire.get(at..)?.windows(2).position(|two| two == b"\r\n")?;
            assert_eq!(line, 0, "no trailers here");
            return Some((whole, at + 2));
        }
        whole.push_str(&counted(wire.get(at..)?, size)?.0);
        assert_eq!(wire.get(at + size..at + size + 2)?, b"\r\n");
        at += size + 2;
    }
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// A client that sends `pieces`; origins answer each request that they see whole with 200.
fn ask<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
    let mut scene = Scene::usual();
    for piece in pieces {
        if scene.session.is_done() {
            break;
        }
        scene.client(piece);
        answer_all(&mut scene);
    }
    let requests = scene.to_origin.values().flat_map(|wire| messages(wire)).collect();
    let answers = messages(&scene.to_client).into_iter().map(|(start, _)| start).collect();
    Outcome { requests, answers }
}

fn answer_all(scene: &mut Scene) {
    loop {
        let whole = |wire: &Vec<u8>| messages(wire).iter().filter(|(_, body)| body != "…").count();
        let asked: usize = scene.to_origin.values().map(whole).sum();
        let answered = messages(&scene.to_client)
            .iter()
            .filter(|(start, _)| start.starts_with("HTTP/1.1 200 OK"))
            .count();
        if asked <= answered || scene.session.is_done() {
            return;
        }
        scene.origin(OK);
    }
}

/// The outcome of an input, which is the same however it is cut.
fn outcome(input: &str) -> Outcome {
    let bytes = input.as_bytes();
    let whole = ask([bytes]);
    for cut in 1..bytes.len() {
        let (front, back) = bytes.split_at(cut);
        assert_eq!(ask([front, back]), whole, "cut at {cut}: {input:?}");
    }
    assert_eq!(ask(bytes.chunks(1)), whole, "byte by byte: {input:?}");
    whole
}

/// Nothing of the input reaches an origin as a whole message, and the client is told this.
fn stopped(input: &str, status: &str) {
    let Outcome { requests, answers } = outcome(input);
    assert!(requests.iter().all(|(_, body)| body == "…"), "{input:?}: {requests:?}");
    let [answer] = &answers[..] else { panic!("{input:?}: {answers:?}") };
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{input:?}: {answer}");
}

/// The input is these requests, whoever reads it.
fn passes(input: &str, requests: &[(&str, &str)]) {
    let outcome = outcome(input);
    let seen: Vec<_> = outcome.requests.iter().map(|(s, b)| (&**s, &**b)).collect();
    assert_eq!(seen, requests, "{input:?}");
}

/// The client asks for this and gets nothing of what the origin says as the answer to the next one.
fn response_stopped(response: &str) {
    for cut in 0..=response.len() {
        let mut scene = Scene::usual();
        scene.client(GET);
        let (front, back) = response.split_at(cut);
        scene.origin(front);
        if !scene.session.is_done()
            && !scene.closed.contains_key(&Wire::Origin(scene.last_origin()))
        {
            scene.origin(back);
        }
        let first = scene.last_origin();
        assert!(scene.closed.contains_key(&Wire::Origin(first)), "cut at {cut}: {response:?}");
        assert!(!scene.at_client().contains("evil"), "cut at {cut}: {response:?}");
        if !scene.session.is_done() {
            scene.client(GET);
            assert!(scene.session.is_done() || scene.last_origin() != first, "{response:?}");
        }
    }
}

const GET: &str = "GET http://a.test/next HTTP/1.1\r\nHost: a.test\r\n\r\n";
const NEXT: (&str, &str) = ("GET /next HTTP/1.1", "");
const POST: &str = "POST http://a.test/x HTTP/1.1\r\nHost: a.test\r\n";
const ASKED: &str = "POST /x HTTP/1.1";
const EVIL: &str = "GET http://a.test/evil HTTP/1.1\r\nHost: a.test\r\n\r\n";
const RESPONSE: &str = "HTTP/1.1 200 OK\r\n";
const EVIL_RESPONSE: &str = "HTTP/1.1 200 evil\r\nContent-Length: 4\r\n\r\nevil";

#[test]
fn cl_te_and_te_cl() {
    let body = format!("0\r\n\r\n{EVIL}");
    let lines =
        [format!("Content-Length: {}\r\n", body.len()), "Transfer-Encoding: chunked\r\n".into()];
    for (first, second) in [(&lines[0], &lines[1]), (&lines[1], &lines[0])] {
        stopped(&format!("{POST}{first}{second}\r\n{body}"), "400");
        response_stopped(&format!("{RESPONSE}{first}{second}\r\n0\r\n\r\n{EVIL_RESPONSE}"));
    }
}

#[test]
fn te_te() {
    for (line, status) in [
        ("Transfer-Encoding: xchunked", "501"),
        ("Transfer-Encoding : chunked", "400"),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: x", "501"),
        ("Transfer-Encoding: x\r\nTransfer-Encoding: chunked", "501"),
        ("Transfer-Encoding: ,chunked", "400"),
        ("Transfer-Encoding:\x0bchunked", "400"),
        ("Transfer_Encoding: chunked", "400"),
        ("X: y\r\n Transfer-Encoding: chunked", "400"),
        ("X: y\nTransfer-Encoding: chunked", "400"),
        ("X: y\rTransfer-Encoding: chunked", "400"),
        ("Transfer-Encoding: chunked\0", "400"),
    ] {
        stopped(&format!("{POST}Content-Length: 5\r\n{line}\r\n\r\n0\r\n\r\n{EVIL}"), status);
        response_stopped(&format!("{RESPONSE}{line}\r\n\r\n0\r\n\r\n{EVIL_RESPONSE}"));
    }
}

/// CL.0: a server that ignores the body of a GET would take it for a request.
#[test]
fn cl_0() {
    let input = format!(
        "GET http://a.test/x HTTP/1.1\r\nHost: a.test\r\nContent-Length: {}\r\n\r\n{EVIL}{GET}",
        EVIL.len()
    );
    passes(&input, &[("GET /x HTTP/1.1", EVIL), NEXT]);
}

/// 0.CL: a server that sees no length takes the body for a request.
#[test]
fn zero_cl() {
    passes(&format!("{POST}Content-Length: 0\r\n\r\n{GET}"), &[(ASKED, ""), NEXT]);
    passes(&format!("{POST}\r\n{GET}"), &[(ASKED, ""), NEXT]);
    for line in ["Content-Length:", "Content-Length: ", "Content-Length: 0, 5", "Content_Length: 5"]
    {
        stopped(&format!("{POST}{line}\r\n\r\n{EVIL}"), "400");
    }
}

#[test]
fn double_cl() {
    for lines in [
        "Content-Length: 0\r\nContent-Length: 5",
        "Content-Length: 5\r\nContent-Length: 0",
        "Content-Length: 5\r\ncontent-length: 5",
        "Content-Length: 5, 5",
    ] {
        stopped(&format!("{POST}{lines}\r\n\r\n{EVIL}"), "400");
        response_stopped(&format!("{RESPONSE}{lines}\r\n\r\nabcde{EVIL_RESPONSE}"));
    }
}

/// TERM.EXT and EXT.TERM: whether a lone LF ends the line of a chunk's size.
#[test]
fn term_ext_and_ext_term() {
    for body in [
        "2;\nxx\r\n0\r\n\r\n",
        "2;a\nxx\r\n0\r\n\r\n",
        "2\nxx\r\n0\r\n\r\n",
        "2;a\rxx\r\n0\r\n\r\n",
    ] {
        stopped(&format!("{POST}Transfer-Encoding: chunked\r\n\r\n{body}{EVIL}"), "400");
        response_stopped(&format!(
            "{RESPONSE}Transfer-Encoding: chunked\r\n\r\n{body}{EVIL_RESPONSE}"
        ));
    }
    let input = format!("{POST}Transfer-Encoding: chunked\r\n\r\n2;a=b\r\nxx\r\n0;c\r\n\r\n{GET}");
    passes(&input, &[(ASKED, "xx"), NEXT]);
}

/// TERM.SPILL and SPILL.TERM: whether the line end behind a chunk is looked at.
#[test]
fn term_spill_and_spill_term() {
    for body in
        ["2\r\nxx\n0\r\n\r\n", "2\r\nxxyy0\r\n\r\n", "2\r\nxx0\r\n\r\n", "2\r\nxx\r0\r\n\r\n"]
    {
        stopped(&format!("{POST}Transfer-Encoding: chunked\r\n\r\n{body}{EVIL}"), "400");
        response_stopped(&format!(
            "{RESPONSE}Transfer-Encoding: chunked\r\n\r\n{body}{EVIL_RESPONSE}"
        ));
    }
}

/// What is sent behind an offer to change protocols goes on as HTTP or not at all.
#[test]
fn upgrade_passthrough() {
    let offer =
        "GET http://a.test/x HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: x\r\n";
    passes(&format!("{offer}\r\n{GET}"), &[("GET /x HTTP/1.1", ""), NEXT]);
    stopped(&format!("{offer}Content-Length: {}\r\n\r\n{EVIL}", EVIL.len()), "400");
}

/// What is sent in hope behind a CONNECT that is refused is no request.
#[test]
fn connect_early_data() {
    stopped(&format!("CONNECT a.test:25 HTTP/1.1\r\nHost: a.test:25\r\n\r\n{EVIL}"), "403");
    stopped(&format!("CONNECT a.test HTTP/1.1\r\nHost: a.test\r\n\r\n{EVIL}"), "400");
}

/// A body behind a response that has none is not the answer to the next request.
#[test]
fn head_and_304_body() {
    for (method, head) in [
        ("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 49\r\n\r\n"),
        ("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 49\r\n\r\n"),
        ("GET", "HTTP/1.1 204 No Content\r\n\r\n"),
    ] {
        let mut scene = Scene::usual();
        let request = format!("{method} http://a.test/x HTTP/1.1\r\nHost: a.test\r\n\r\n");
        scene.client(&request);
        scene.origin(format!("{head}{EVIL_RESPONSE}"));
        let first = scene.last_origin();
        scene.client(&request);
        assert_ne!(scene.last_origin(), first, "{head:?}: another connection");
        assert!(!scene.at_client().contains("evil"), "{head:?}");
    }
}

/// CR LF where a line must not end would make two requests of one.
#[test]
fn tunnelling_through_line_ends() {
    for start in [
        "GET http://a.test/\r\nX: y HTTP/1.1",
        "GET http://a.test/ HTTP/1.1\r\nX: y\r\n\r\nGET / HTTP/1.1",
        "GET\r\nX http://a.test/ HTTP/1.1",
    ] {
        let whole = outcome(&format!("{start}\r\nHost: a.test\r\n\r\n"));
        assert!(whole.requests.is_empty(), "{start:?}: {:?}", whole.requests);
    }
    for line in ["X\r\nY", "X: y\r\n\r", ": y", "X\r: y"] {
        stopped(&format!("{POST}{line}\r\n\r\n"), "400");
    }
}

/// A client that pauses within a message, and an answer that comes meanwhile: the rest is the rest.
#[test]
fn pause_based() {
    let head = format!("{POST}Content-Length: {}\r\n\r\n", EVIL.len());
    let mut scene = Scene::usual();
    let (front, back) = EVIL.split_at(20);
    scene.client(format!("{head}{front}"));
    scene.origin(OK);
    assert!(scene.at_client().starts_with("HTTP/1.1 200 OK"));
    if !scene.session.is_done() {
        scene.client(format!("{back}{GET}"));
    }
    let starts: Vec<String> =
        scene.to_origin.values().flat_map(|wire| messages(wire)).map(|(start, _)| start).collect();
    assert!(!starts.iter().any(|start| start.contains("evil")), "{starts:?}");
}

/// Where each request of a connection goes is decided for itself, not by the first one.
#[test]
fn connection_state() {
    let mut scene = Scene::usual();
    scene.client(GET);
    scene.origin(OK);
    scene.client(GET.replace("http://a.test/next", "http://b.test/blocked"));
    assert!(scene.at_client().contains("HTTP/1.1 403 "), "{}", scene.at_client());
    assert_eq!(scene.asked, ["dial a.test:80"]);
    let mut scene = Scene::usual();
    scene.client("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n");
    scene.client(crate::tunnels::hello("a.test"));
    for (host, status) in [("a.test", "200"), ("b.test", "421")] {
        scene.take_client();
        scene.client(format!("GET /next HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        if status == "200" {
            scene.origin(OK);
        }
        assert!(scene.at_client().starts_with(&format!("HTTP/1.1 {status} ")), "{host}");
    }
}

/// The end of the connection is no end of a message.
#[test]
fn cut_messages() {
    for input in [
        format!("{POST}Content-Length: 9\r\n\r\nabcdefgh"),
        format!("{POST}Transfer-Encoding: chunked\r\n\r\n8\r\nabcdefgh\r\n"),
        format!("{POST}Transfer-Encoding: chunked\r\n\r\n8\r\nabcdefgh\r\n0\r\n"),
    ] {
        let mut scene = Scene::usual();
        scene.client(&input);
        scene.give(Input::End(Wire::Client));
        let whole = messages(scene.at_origin().as_bytes()).iter().any(|(_, body)| body != "…");
        assert!(!whole && !scene.at_origin().is_empty(), "{input:?}: {}", scene.at_origin());
        assert!(scene.closed.contains_key(&Wire::Origin(scene.last_origin())), "{input:?}");
    }
}
