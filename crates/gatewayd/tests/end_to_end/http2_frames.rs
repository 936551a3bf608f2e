//! The gateway as a server of HTTP/2, frame by frame and through all of it: what comes back of
//! frames that are right, and of those that are not. Each case is a connection of its own to a
//! gateway in front of one fixed origin. What the codec alone does is tested where the codec is.

mod fields;
mod frames;
mod messages;
mod streams;
mod wire;

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::h2spec::fixed_origin;
use wire::{
    BAD_REQUEST, DATA, GOAWAY, HEADERS, OK, PING, PREFACE, PROTOCOL_ERROR, RST_STREAM, SETTINGS,
    Sent, Wire, frame,
};

/// What has to come back, whatever else comes before it.
enum Answer {
    /// The head of a response on this stream.
    Response(u32),
    /// A response with status 400 on stream 1, which may stand in for an error of the stream
    /// (RFC 9113 §8.1.1).
    Refusal,
    /// A response on stream 1 without a body.
    Bodiless,
    /// So many bytes of the body on stream 1 in one frame.
    Body(usize),
    /// The answer to a PING, with its own bytes.
    Pong([u8; 8]),
    /// The acknowledgement of settings.
    Settled,
    /// The connection goes on: a PING is answered, and nothing was reset before.
    GoesOn,
    /// An error of the connection (RFC 9113 §5.4.1): GOAWAY with one of these codes.
    Ends(&'static [u32]),
    /// An error of the stream (§5.4.2): RST_STREAM with one of these codes, or an error of the
    /// connection with one of them, which may stand in for it.
    Resets(u32, &'static [u32]),
}

/// One connection: what is sent, and what has to come back of it, step by step.
struct Case {
    /// The text that asks for it.
    source: &'static str,
    about: &'static str,
    steps: Vec<(Vec<u8>, Answer)>,
}

/// A case of one step.
fn case(source: &'static str, about: &'static str, sent: Vec<Vec<u8>>, answer: Answer) -> Case {
    Case { source, about, steps: vec![(sent.concat(), answer)] }
}

/// A connection that was greeted, or is to be.
struct Peer(TcpStream);

impl Peer {
    fn new(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        Self(stream)
    }

    fn greeted(port: u16) -> Self {
        let mut peer = Self::new(port);
        peer.send(&[PREFACE, &frame(SETTINGS, 0, 0, &[])].concat());
        let settings = peer.frame().unwrap();
        assert_eq!((settings.kind, settings.flags), (SETTINGS, 0), "a server greets");
        peer.send(&frame(SETTINGS, 1, 0, &[]));
        peer
    }

    fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).unwrap();
    }

    fn frame(&mut self) -> io::Result<Sent> {
        let mut header = [0; 9];
        self.0.read_exact(&mut header)?;
        let length = u32::from_be_bytes([0, header[0], header[1], header[2]]) as usize;
        let stream = u32::from_be_bytes([header[5], header[6], header[7], header[8]]);
        let mut payload = vec![0; length];
        self.0.read_exact(&mut payload)?;
        Ok(Sent { kind: header[3], flags: header[4], stream, payload })
    }

    /// Reads up to the answer; what came instead of it.
    fn expect(&mut self, answer: &Answer) -> Result<(), String> {
        if matches!(answer, Answer::GoesOn) {
            self.send(&frame(PING, 0, 0, b"goes on?"));
        }
        loop {
            let sent = match self.frame() {
                Ok(sent) => sent,
                // What was on its way when the other end closed is lost to some.
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {
                    return matches!(answer, Answer::Ends(_) | Answer::Resets(..))
                        .then_some(())
                        .ok_or_else(|| error.to_string());
                }
                Err(error) => return Err(error.to_string()),
            };
            match answer.is_given_by(&sent) {
                Some(true) => return Ok(()),
                Some(false) => return Err(format!("{sent:?}")),
                None => {}
            }
        }
    }
}

impl Answer {
    /// Whether a frame is the answer, cannot come in its place, or says nothing of it.
    fn is_given_by(&self, sent: &Sent) -> Option<bool> {
        let (code, of) = (sent.code(), sent.stream);
        match (self, sent.kind) {
            (Self::Ends(codes), GOAWAY) => Some(codes.contains(&code)),
            (Self::Resets(_, codes), GOAWAY) => Some(codes.contains(&code)),
            (Self::Resets(stream, codes), RST_STREAM) if *stream == of => {
                Some(codes.contains(&code))
            }
            // Who was told good-bye may say it too.
            (_, GOAWAY) => (code != 0).then_some(false),
            (Self::Response(stream), HEADERS) if *stream == of => Some(sent.has_status(OK)),
            (Self::Refusal, HEADERS) => Some(sent.has_status(BAD_REQUEST)),
            (Self::Response(stream), RST_STREAM) if *stream == of => Some(false),
            (Self::GoesOn | Self::Refusal | Self::Bodiless | Self::Body(_), RST_STREAM) => {
                Some(false)
            }
            (Self::Bodiless, HEADERS) => Some(sent.has_status(OK) && sent.flags & 1 != 0),
            (Self::Bodiless, DATA) => Some(false),
            (Self::Body(bytes), DATA) => Some((of, sent.payload.len()) == (1, *bytes)),
            (Self::Pong(own), PING) => Some(sent.flags == 1 && sent.payload == own),
            (Self::GoesOn, PING) => Some(sent.flags == 1 && sent.payload == b"goes on?"),
            (Self::Settled, SETTINGS) if sent.flags == 1 => Some(sent.payload.is_empty()),
            _ => None,
        }
    }
}

#[test]
fn every_case_is_answered_as_it_has_to_be() {
    let (gateway, _origin) = fixed_origin();
    let wire = Wire { authority: format!("localhost:{}", gateway.port) };
    let chapters =
        [frames::cases(&wire), streams::cases(&wire), messages::cases(&wire), fields::cases(&wire)];
    let (mut count, mut wrong) = (0, Vec::new());
    for case in chapters.into_iter().flatten() {
        count += 1;
        let mut peer = Peer::greeted(gateway.port);
        for (sent, answer) in case.steps {
            peer.send(&sent);
            if let Err(instead) = peer.expect(&answer) {
                wrong.push(format!("{}, {}: {instead}", case.source, case.about));
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(count, 157, "cases");
}

#[test]
fn a_connection_begins_with_its_preface() {
    let (gateway, _origin) = fixed_origin();
    // RFC 9113 §3.4. What is no preface at all is taken for HTTP/1 and refused in its words.
    let mut peer = Peer::new(gateway.port);
    peer.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\x08\x06\0\0\0\0\x0012345678");
    assert_eq!(peer.expect(&Answer::Ends(&[PROTOCOL_ERROR])), Ok(()), "SETTINGS come first");
    let mut peer = Peer::new(gateway.port);
    peer.send(b"INVALID CONNECTION PREFACE\r\n\r\n");
    let mut answer = Vec::new();
    peer.0.read_to_end(&mut answer).unwrap();
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 400 "), "{}", answer.escape_ascii());
}
