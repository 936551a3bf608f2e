//! Answers to GET on one connection, with the gateway's own HTTP/1.1 codec.

use std::time::Duration;

use ::http::{Method, StatusCode};
use bytes::{Bytes, BytesMut};
use gateway_h1h2::h1::{Connection, Options};
use gateway_h1h2::{BodySize, Event, RequestHead, ResponseHead};
use serde::Serialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long a client may take for a request, or to read an answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes of a read.
const READ_BYTES: usize = 4 << 10;

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) media_type: &'static str,
    pub(super) body: Bytes,
}

impl Answer {
    /// A few words.
    pub(super) fn text(status: StatusCode, words: &'static str) -> Self {
        let body = Bytes::from_static(words.as_bytes());
        Self { status, media_type: "text/plain; charset=utf-8", body }
    }

    /// A value.
    pub(super) fn json(value: &impl Serialize) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => {
                Self { status: StatusCode::OK, media_type: "application/json", body: body.into() }
            }
            Err(_) => Self::text(StatusCode::INTERNAL_SERVER_ERROR, "it cannot be shown\n"),
        }
    }
}

/// Answers what comes on `stream`: `answer` is given the path and the `Accept` field of each GET.
/// Whatever breaks the rules of HTTP ends the connection.
pub(super) async fn serve(mut stream: TcpStream, answer: impl Fn(&str, &[u8]) -> Answer) {
    let _ = stream.set_nodelay(true);
    let mut codec = Connection::server(Options::default());
    let mut pieces = Vec::new();
    while codec.wants_close().is_none() {
        let mut read = BytesMut::with_capacity(READ_BYTES);
        match timeout(PATIENCE, stream.read_buf(&mut read)).await {
            Ok(Ok(0)) => codec.receive_eof(),
            Ok(Ok(_)) => codec.receive(read.freeze()),
            Ok(Err(_)) | Err(_) => return,
        }
        loop {
            match codec.poll_event() {
                Ok(Some((stream, Event::RequestHead(head)))) => {
                    let (head, body) = response(&head, &answer);
                    let events =
                        [Some(Event::ResponseHead(Box::new(head))), body, Some(Event::End)];
                    for event in events.into_iter().flatten() {
                        if codec.send(stream, event).is_err() {
                            return;
                        }
                    }
                }
                // Bodies of requests are of no interest.
                Ok(Some((stream, Event::Data(data)))) => {
                    codec.credit(stream, u64::try_from(data.len()).unwrap_or(0));
                }
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(_) => return,
            }
        }
        codec.poll_output(&mut pieces);
        for piece in pieces.drain(..) {
            if !matches!(timeout(PATIENCE, stream.write_all(&piece)).await, Ok(Ok(()))) {
                return;
            }
        }
    }
    let _ = stream.shutdown().await;
}

fn response(
    request: &RequestHead,
    answer: impl Fn(&str, &[u8]) -> Answer,
) -> (ResponseHead, Option<Event>) {
    let path = request.target.path_and_query().map_or("", |target| target.path());
    let Answer { status, media_type, body } = match request.method {
        Method::GET | Method::HEAD => {
            answer(path, request.fields.get("accept").unwrap_or_default())
        }
        _ => Answer::text(StatusCode::METHOD_NOT_ALLOWED, "There is GET alone.\n"),
    };
    let mut head = ResponseHead::new(status);
    for (name, value) in [("Content-Type", media_type), ("Cache-Control", "no-store")] {
        // Only fixed names and values stand here.
        let _ = head.fields.append(name, value);
    }
    head.body = BodySize::Length(u64::try_from(body.len()).unwrap_or(0));
    let shown = request.method != Method::HEAD && !body.is_empty();
    (head, shown.then_some(Event::Data(body)))
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    async fn ask(request: &str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let serving = tokio::spawn(serve(stream, |path, accept| match path {
            "/a" => Answer::json(&String::from_utf8_lossy(accept)),
            _ => Answer::text(StatusCode::NOT_FOUND, "no\n"),
        }));
        client.write_all(request.as_bytes()).await.unwrap();
        client.shutdown().await.unwrap();
        let mut answer = String::new();
        let _ = client.read_to_string(&mut answer).await;
        serving.await.unwrap();
        answer
    }

    #[tokio::test]
    async fn gets_are_answered_one_after_the_other_and_nothing_else() {
        let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: x\r\nAccept: text/x\r\n\r\n");
        let two = ask(&(get("/a?b") + &get("/c"))).await;
        let (a, c) = two.split_once("\"text/x\"").unwrap_or_else(|| panic!("{two}"));
        assert!(a.starts_with("HTTP/1.1 200 ") && a.contains("application/json"), "{two}");
        assert!(c.starts_with("HTTP/1.1 404 ") && c.ends_with("\r\n\r\nno\n"), "{two}");
        let head = ask("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert!(head.contains("Content-Length: 2\r\n") && head.ends_with("\r\n\r\n"), "{head}");
        let post = ask("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab").await;
        assert!(post.starts_with("HTTP/1.1 405 "), "{post}");
        assert_eq!(ask("nonsense\r\n\r\n").await, "");
    }
}
