//! What duties are shown on: the gateway, and three that fulfil none.

use gateway_h1h2::Version;
use gateway_proxy::{Input, Wire};

use crate::peers::Peers;
use crate::scene::Scene;
use crate::tunnels::hello;

/// Somebody between a client and an origin.
pub(super) trait Subject {
    fn name(&self) -> &'static str;

    /// A new connection of a client.
    fn begin(&self) -> Box<dyn Talk>;

    /// What an origin of HTTP/2 is asked when a client asks this over HTTP/1.1 inside a tunnel to
    /// `a.test`: the target as one URL, and the fields.
    fn asked_over_http2(&self, request: &str) -> Vec<Asked>;
}

/// One request at an origin.
pub(super) struct Asked {
    pub(super) url: String,
    pub(super) fields: Vec<(String, String)>,
}

/// One connection of a client, and those to origins that it gives rise to.
pub(super) trait Talk {
    /// Bytes from the client.
    fn client(&mut self, bytes: &[u8]);
    /// Bytes from the origin that was connected last, if one was.
    fn origin(&mut self, bytes: &[u8]);
    /// The end of what that origin sends.
    fn origin_ends(&mut self);
    /// All that origins were sent.
    fn at_origin(&self) -> String;
    /// All that the client was sent.
    fn at_client(&self) -> Vec<u8>;
    /// Whether the client's connection ends.
    fn client_is_closed(&self) -> bool;
    /// Whether the connection to the origin that was connected last ends.
    fn origin_is_closed(&self) -> bool;

    /// The same as text.
    fn client_text(&self) -> String {
        String::from_utf8_lossy(&self.at_client()).into_owned()
    }
}

pub(super) struct Gateway;

impl Subject for Gateway {
    fn name(&self) -> &'static str {
        "the gateway"
    }

    fn begin(&self) -> Box<dyn Talk> {
        Box::new(Scene::usual())
    }

    fn asked_over_http2(&self, request: &str) -> Vec<Asked> {
        let mut scene = Scene::usual();
        scene.agreed = [gateway_proxy::Agreed::Http2, gateway_proxy::Agreed::Http11];
        scene.client("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n");
        scene.take_client();
        scene.client(hello("a.test"));
        let mut peers = Peers::at_the_proxy(scene, Version::Http11);
        peers.scene.client(request);
        peers.settle();
        let requests = peers.origin().requests();
        let asked = requests.into_iter().map(|(_, head)| Asked {
            url: head.target.to_string(),
            fields: {
                let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
                head.fields.iter().map(|(name, value)| (name.to_owned(), text(value))).collect()
            },
        });
        asked.collect()
    }
}

impl Talk for Scene {
    fn client(&mut self, bytes: &[u8]) {
        if !self.session.is_done() {
            Self::client(self, bytes);
        }
    }

    fn origin(&mut self, bytes: &[u8]) {
        if !self.to_origin.is_empty() && !self.session.is_done() {
            Self::origin(self, bytes);
        }
    }

    fn origin_ends(&mut self) {
        if !self.to_origin.is_empty() {
            self.give(Input::End(Wire::Origin(self.last_origin())));
        }
    }

    fn at_origin(&self) -> String {
        self.to_origin.values().map(|bytes| String::from_utf8_lossy(bytes)).collect()
    }

    fn at_client(&self) -> Vec<u8> {
        self.to_client.clone()
    }

    fn client_is_closed(&self) -> bool {
        self.closed.contains_key(&Wire::Client)
    }

    fn origin_is_closed(&self) -> bool {
        let last = self.to_origin.last_key_value();
        last.is_some_and(|(id, _)| self.closed.contains_key(&Wire::Origin(*id)))
    }
}

/// Passes every byte on.
pub(super) struct Relay;

#[derive(Default)]
struct Wires {
    at_origin: Vec<u8>,
    at_client: Vec<u8>,
    relays: bool,
    closed: bool,
}

impl Talk for Wires {
    fn client(&mut self, bytes: &[u8]) {
        if self.relays {
            self.at_origin.extend_from_slice(bytes);
        }
    }

    fn origin(&mut self, bytes: &[u8]) {
        if self.relays {
            self.at_client.extend_from_slice(bytes);
        }
    }

    fn origin_ends(&mut self) {}

    fn at_origin(&self) -> String {
        String::from_utf8_lossy(&self.at_origin).into_owned()
    }

    fn at_client(&self) -> Vec<u8> {
        self.at_client.clone()
    }

    fn client_is_closed(&self) -> bool {
        self.closed
    }

    fn origin_is_closed(&self) -> bool {
        self.closed
    }
}

impl Subject for Relay {
    fn name(&self) -> &'static str {
        "a relay"
    }

    fn begin(&self) -> Box<dyn Talk> {
        Box::new(Wires { relays: true, ..Wires::default() })
    }

    fn asked_over_http2(&self, request: &str) -> Vec<Asked> {
        let (first, rest) = request.split_once("\r\n").unwrap();
        let fields = rest.lines().filter_map(|line| line.split_once(": "));
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let url = first.split(' ').nth(1).unwrap().to_owned();
        vec![Asked { url, fields: fields.map(owned).collect() }]
    }
}

/// Refuses everything.
pub(super) struct Wall;

impl Subject for Wall {
    fn name(&self) -> &'static str {
        "a wall"
    }

    fn begin(&self) -> Box<dyn Talk> {
        let refusal = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        Box::new(Wires { at_client: refusal.to_vec(), closed: true, ..Wires::default() })
    }

    fn asked_over_http2(&self, _: &str) -> Vec<Asked> {
        Vec::new()
    }
}

/// Takes what it gets and says nothing.
pub(super) struct Silence;

impl Subject for Silence {
    fn name(&self) -> &'static str {
        "silence"
    }

    fn begin(&self) -> Box<dyn Talk> {
        Box::new(Wires::default())
    }

    fn asked_over_http2(&self, _: &str) -> Vec<Asked> {
        Vec::new()
    }
}

/// The request passes, and this is what the origin is asked.
pub(super) fn asked(subject: &dyn Subject, request: &str) -> String {
    let mut talk = subject.begin();
    talk.client(request.as_bytes());
    let asked = talk.at_origin();
    assert!(!asked.is_empty(), "it does not pass: {request:?}: {}", talk.client_text());
    asked
}

/// The request is answered with `status` by the one in between, the origin gets nothing that could
/// be taken for a message, and the connection ends.
pub(super) fn refused(subject: &dyn Subject, request: &str, status: u16) {
    let mut talk = subject.begin();
    talk.client(request.as_bytes());
    assert_eq!(talk.at_origin(), "", "{request:?}");
    let answer = talk.client_text();
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{request:?}: {answer}");
    assert!(talk.client_is_closed(), "{request:?}");
    // What follows is not listened to.
    talk.client(b"GET http://a.test/after HTTP/1.1\r\nHost: a.test\r\n\r\n");
    assert_eq!(talk.at_origin(), "", "{request:?}");
}

pub(super) const GET: &str = "GET http://a.test/x HTTP/1.1\r\nHost: a.test\r\n\r\n";

/// What the client gets when the origin answers a GET with this.
pub(super) fn answered(subject: &dyn Subject, response: &str) -> String {
    let mut talk = subject.begin();
    talk.client(GET.as_bytes());
    talk.origin(response.as_bytes());
    talk.client_text()
}

/// A response that is answered with 502 instead, whose connection is not used again.
pub(super) fn response_refused(subject: &dyn Subject, response: &str) {
    let mut talk = subject.begin();
    talk.client(GET.as_bytes());
    assert!(talk.at_origin().starts_with("GET /x "), "{}", talk.at_origin());
    talk.origin(response.as_bytes());
    let answer = talk.client_text();
    assert!(answer.starts_with("HTTP/1.1 502 "), "{response:?}: {answer}");
    assert!(talk.origin_is_closed(), "{response:?}");
}
