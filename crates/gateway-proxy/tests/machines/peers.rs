//! A scene with somebody at each end who speaks HTTP: the client, and an origin on every connection.

use std::collections::BTreeMap;

use bytes::Bytes;
use gateway_h1h2::{
    BodySize, Codec, CodecError, CodecOptions, Event, Fields, RequestHead, ResponseHead, StreamId,
    Target, Version,
};
use gateway_proxy::{Agreed, Input, OriginId, Session, Wire};
use http::{Method, StatusCode};

use crate::scene::Scene;

/// What one end has received, stream by stream in the order in which it came.
pub(crate) type Received = Vec<(StreamId, Event)>;

/// One end.
pub(crate) struct Peer {
    pub(crate) codec: Codec,
    pub(crate) received: Received,
    pub(crate) failed: Option<CodecError>,
    /// Bytes that came where nobody speaks HTTP.
    raw: Option<Vec<u8>>,
}

impl Peer {
    pub(crate) fn new(codec: Codec) -> Self {
        Self { codec, received: Vec::new(), failed: None, raw: None }
    }

    /// Takes bytes; gives what is to be written.
    fn turn(&mut self, bytes: &[u8]) -> Vec<u8> {
        if let Some(raw) = &mut self.raw {
            raw.extend_from_slice(bytes);
            return Vec::new();
        }
        if !bytes.is_empty() {
            self.codec.receive(Bytes::copy_from_slice(bytes));
        }
        let mut out = Vec::new();
        loop {
            match self.codec.poll_event() {
                Ok(Some(event)) => self.received.push(event),
                Err(error) if self.failed.is_none() => self.failed = Some(error),
                Ok(None) | Err(_) => {
                    if self.codec.poll_output(&mut out) == 0 {
                        return out.concat();
                    }
                }
            }
        }
    }

    /// The bytes that came to somebody who takes them as they are.
    pub(crate) fn taken(&mut self) -> Vec<u8> {
        self.raw.as_mut().map(std::mem::take).expect("one who takes bytes")
    }

    pub(crate) fn send(&mut self, stream: StreamId, events: impl IntoIterator<Item = Event>) {
        for event in events {
            self.codec.send(stream, event).unwrap();
        }
    }

    /// What came of one stream.
    pub(crate) fn of(&self, stream: StreamId) -> Vec<&Event> {
        let of_it = self.received.iter().filter(|(of, _)| *of == stream);
        of_it.map(|(_, event)| event).collect()
    }

    /// The body that came on one stream.
    pub(crate) fn body(&self, stream: StreamId) -> Vec<u8> {
        let mut body = Vec::new();
        for event in self.of(stream) {
            if let Event::Data(bytes) = event {
                body.extend_from_slice(bytes);
            }
        }
        body
    }

    /// The status that came on one stream.
    pub(crate) fn status(&self, stream: StreamId) -> Option<u16> {
        self.of(stream).into_iter().find_map(|event| match event {
            Event::ResponseHead(head) => Some(head.status.as_u16()),
            _ => None,
        })
    }

    /// The requests that came, in order.
    pub(crate) fn requests(&self) -> Vec<(StreamId, &RequestHead)> {
        let heads = self.received.iter().filter_map(|(stream, event)| match event {
            Event::RequestHead(head) => Some((*stream, &**head)),
            _ => None,
        });
        heads.collect()
    }

    /// Whether the message on one stream has come to its end.
    pub(crate) fn has_ended(&self, stream: StreamId) -> bool {
        self.of(stream).into_iter().any(|event| matches!(event, Event::End))
    }

    pub(crate) fn was_reset(&self, stream: StreamId) -> bool {
        self.of(stream).into_iter().any(|event| matches!(event, Event::Reset(_)))
    }
}

/// A session, its client and its origins.
pub(crate) struct Peers {
    pub(crate) scene: Scene,
    pub(crate) client: Peer,
    pub(crate) origins: BTreeMap<OriginId, Peer>,
}

impl Peers {
    /// The session of the branch that was asked for last, run as the driver would run it: it has got
    /// what its stream has brought.
    pub(crate) fn branch(&mut self) -> (OriginId, Scene) {
        let branch = self.scene.branches.pop().expect("a branch");
        let id = branch.id;
        let mut inner = Scene::with(branch.accepted.clone(), self.scene.now);
        inner.session = Session::within(branch, self.scene.now);
        inner.client(self.origin().taken());
        (id, inner)
    }

    /// A client that speaks `client` on the proxy port; nothing has been sent.
    pub(crate) fn at_the_proxy(scene: Scene, client: Version) -> Self {
        let client = Peer::new(Codec::client(client, CodecOptions::default()));
        Self { scene, client, origins: BTreeMap::new() }
    }

    /// A client inside a tunnel to `a.test` whose TLS is taken, with the versions on both sides.
    pub(crate) fn inside(mut scene: Scene, client: Version, origin: Version) -> Self {
        let agreed = |version| match version {
            Version::Http2 => Agreed::Http2,
            _ => Agreed::Http11,
        };
        scene.agreed = [agreed(origin), agreed(client)];
        scene.client("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n");
        assert!(scene.take_client().starts_with("HTTP/1.1 200 "));
        let offered = if client == Version::Http2 { "h2" } else { "http/1.1" };
        scene.client(crate::tunnels::hello_offering("a.test", &[offered]));
        Self::at_the_proxy(scene, client)
    }

    /// Lets bytes pass until nobody has more to say.
    pub(crate) fn settle(&mut self) {
        loop {
            let to_client = std::mem::take(&mut self.scene.to_client);
            let from_client = self.client.turn(&to_client);
            let mut quiet = to_client.is_empty() && from_client.is_empty();
            if !from_client.is_empty() && !self.scene.session.is_done() {
                self.scene.client(from_client);
            }
            let ids: Vec<OriginId> = self.scene.to_origin.keys().copied().collect();
            for id in ids {
                let closed = self.scene.closed.contains_key(&Wire::Origin(id));
                let bytes = self.scene.to_origin.get_mut(&id).map(std::mem::take).unwrap();
                if bytes.is_empty() && !self.origins.contains_key(&id) {
                    continue;
                }
                // An origin speaks the version that was agreed on when it was dialled.
                let h2 = bytes.starts_with(b"PRI ");
                let version = if h2 { Version::Http2 } else { Version::Http11 };
                let branches = self.scene.branches.iter().any(|branch| branch.id == id);
                let origin = self.origins.entry(id).or_insert_with(|| Peer {
                    raw: branches.then(Vec::new),
                    ..Peer::new(Codec::server(version, CodecOptions::default()))
                });
                let said = origin.turn(&bytes);
                quiet &= bytes.is_empty() && said.is_empty();
                if !said.is_empty() && !closed {
                    let bytes = Input::Bytes(Wire::Origin(id), said.into());
                    self.scene.give(bytes);
                }
            }
            if quiet {
                return;
            }
        }
    }

    /// The origin that was dialled last.
    pub(crate) fn origin(&mut self) -> &mut Peer {
        self.origins.values_mut().next_back().expect("an origin")
    }

    /// Sends the head of a request, which goes on if `body` says so.
    pub(crate) fn ask(&mut self, head: RequestHead) -> StreamId {
        let stream = self.client.codec.open();
        let ends = matches!(head.body, BodySize::Empty);
        self.client.send(stream, [Event::RequestHead(Box::new(head))]);
        if ends {
            self.client.send(stream, [Event::End]);
        }
        self.settle();
        stream
    }

    /// A GET for a path of `a.test`.
    pub(crate) fn get(&mut self, path: &str) -> StreamId {
        self.ask(request(Method::GET, path, BodySize::Empty))
    }
}

/// The head of a request for a path of `a.test`.
pub(crate) fn request(method: Method, path: &str, body: BodySize) -> RequestHead {
    let target = Target::parse(&method, Bytes::copy_from_slice(path.as_bytes())).unwrap();
    let mut head = RequestHead::new(method, target);
    head.fields.append("Host", "a.test").unwrap();
    head.body = body;
    head
}

/// A whole response.
pub(crate) fn response(status: u16, body: &str) -> Vec<Event> {
    let mut head = ResponseHead::new(StatusCode::from_u16(status).unwrap());
    head.body = BodySize::Length(body.len() as u64);
    let data = (!body.is_empty()).then(|| Event::Data(Bytes::copy_from_slice(body.as_bytes())));
    std::iter::once(Event::ResponseHead(Box::new(head))).chain(data).chain([Event::End]).collect()
}

/// One trailer.
pub(crate) fn trailers(name: &str, value: &str) -> Event {
    let mut fields = Fields::new();
    fields.append(name, value).unwrap();
    Event::Trailers(Box::new(fields))
}
