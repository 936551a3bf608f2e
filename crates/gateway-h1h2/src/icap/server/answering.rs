//! What is answered to a client of ICAP: that the message goes on, what takes its place, or a refusal.
//! What was offered is not read here.

use bytes::{Bytes, BytesMut};

use super::super::chunks::Chunks;
use super::super::head;
use super::Server;
use super::reading::{Kind, Reading};
use crate::{BodySize, ResponseHead};

/// What is said beside an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Said {
    /// The state of the service (RFC 3507 §4.7), without quotes, at most 32 bytes: another one makes
    /// what was said before void.
    pub istag: String,
    /// What was found, by name: `X-Infection-Found`.
    pub finding: Option<String>,
}

impl Said {
    /// Says the state alone.
    #[must_use]
    pub fn new(istag: &str) -> Self {
        Self { istag: istag.to_owned(), finding: None }
    }

    /// Says what was found too.
    #[must_use]
    pub fn found(mut self, name: &str) -> Self {
        self.finding = Some(name.to_owned());
        self
    }

    fn write(&self, out: &mut String) {
        let tag: String =
            self.istag.chars().filter(|c| is_plain(*c) && *c != '"').take(32).collect();
        out.push_str(&format!("ISTag: \"{tag}\"\r\n"));
        if let Some(name) = &self.finding {
            let plain = |c: char| if is_plain(c) && c != ';' { c } else { '_' };
            let name: String = name.chars().map(plain).take(256).collect();
            out.push_str(&format!("X-Infection-Found: Type=0; Resolution=2; Threat={name};\r\n"));
        }
    }
}

const fn is_plain(c: char) -> bool {
    c.is_ascii_graphic()
}

/// What a service says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct About {
    /// What it is, for people.
    pub service: String,
    /// Bytes of a body that it wants to see first.
    pub preview: u32,
    /// Seconds for which this is true.
    pub ttl_s: u32,
    /// Connections that it wants to have at most.
    pub connections_max: u32,
}

impl Default for About {
    fn default() -> Self {
        Self { service: "gateway".into(), preview: 4_096, ttl_s: 3_600, connections_max: 64 }
    }
}

/// What takes the place of a message, or goes on in its own.
#[derive(Clone, Copy, Debug)]
pub enum Head<'a> {
    /// The head that was offered, byte by byte.
    Original,
    /// This response.
    Response(&'a ResponseHead),
}

impl Server {
    /// within its preview still.
    #[must_use]
    pub const fn may_leave_unmodified(&self) -> bool {
        self.allow_204 || self.within_preview
    }

    /// Wants what is behind the preview.
    pub fn go_on(&mut self) {
        if matches!(self.reading, Reading::AtPreview) {
            self.within_preview = false;
            self.output.push_back(Bytes::from_static(b"ICAP/1.0 100 Continue\r\n\r\n"));
            self.reading = Reading::Body { chunks: Chunks::default(), in_preview: false };
        }
    }

    /// Says what the service is.
    pub fn options(&mut self, about: &About, said: &Said) {
        let mut out = self.start(200, said);
        out.push_str(&format!(
            "Service: {}\r\nMethods: REQMOD, RESPMOD\r\nAllow: 204\r\nPreview: {}\r\n\
             Transfer-Preview: *\r\nMax-Connections: {}\r\nOptions-TTL: {}\r\n\
             Encapsulated: null-body=0\r\n\r\n",
            about.service, about.preview, about.connections_max, about.ttl_s
        ));
        self.output.push_back(out.into());
        self.answered();
    }

    /// The message goes on as it is, and is not sent back. Only where it
    /// [may](Self::may_leave_unmodified); otherwise that is an error of the service, and is told so.
    pub fn unmodified(&mut self, said: &Said) {
        if !self.may_leave_unmodified() {
            return self.refuse(500);
        }
        let mut out = self.start(204, said);
        out.push_str("Encapsulated: null-body=0\r\n\r\n");
        self.output.push_back(out.into());
        self.answered();
    }

    /// Begins an answer with `head`; its body follows by [`push`](Self::push), if it has one, and it ends
    /// with [`finish`](Self::finish).
    pub fn begin(&mut self, said: &Said, head: Head<'_>, body: BodySize) {
        let (mut http, is_response) = (BytesMut::new(), self.kind == Kind::Response);
        let of = match head {
            Head::Original => {
                http.extend_from_slice(&self.original);
                if is_response { "res" } else { "req" }
            }
            Head::Response(response) => {
                head::write_response(response, &mut http);
                "res"
            }
        };
        let kind = if body == BodySize::Empty { "null".to_owned() } else { of.to_owned() };
        let mut out = self.start(200, said);
        out.push_str(&format!("Encapsulated: {of}-hdr=0, {kind}-body={}\r\n\r\n", http.len()));
        self.output.push_back(out.into());
        self.output.push_back(http.freeze());
    }

    /// The next bytes of the body of an answer.
    pub fn push(&mut self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.output.push_back(format!("{:x}\r\n", bytes.len()).into());
            self.output.push_back(bytes);
            self.output.push_back(Bytes::from_static(b"\r\n"));
        }
    }

    /// Ends an answer that has a body, or none.
    pub fn finish(&mut self, body: BodySize) {
        if body != BodySize::Empty {
            self.output.push_back(Bytes::from_static(b"0\r\n\r\n"));
        }
        self.answered();
    }

    /// Refuses what was asked with a status of ICAP, and ends the connection. Not after
    /// [`begin`](Self::begin).
    pub fn refuse(&mut self, status: u16) {
        let reason = match status {
            400 => "Bad request",
            404 => "Service not found",
            405 => "Method not allowed for service",
            408 => "Request timeout",
            501 => "Method not implemented",
            503 => "Service overloaded",
            _ => "Server error",
        };
        self.end();
        self.output.push_back(
            format!(
                "ICAP/1.0 {status} {reason}\r\nConnection: close\r\nEncapsulated: null-body=0\r\n\r\n"
            )
            .into(),
        );
    }

    /// Ends the connection without a word more: an answer that has begun stays without its end.
    pub fn end(&mut self) {
        self.reading = Reading::Over;
        self.input.clear();
    }

    fn start(&mut self, status: u16, said: &Said) -> String {
        // What has not been read of a request would be taken for the next.
        self.closes |= matches!(self.reading, Reading::Body { .. } | Reading::Http(_));
        let reason = if status == 204 { "No Content" } else { "OK" };
        let mut out = format!("ICAP/1.0 {status} {reason}\r\n");
        said.write(&mut out);
        out.push_str(if self.closes {
            "Connection: close\r\n"
        } else {
            "Connection: keep-alive\r\n"
        });
        out
    }

    fn answered(&mut self) {
        self.original = Bytes::new();
        (self.allow_204, self.within_preview) = (false, false);
        if self.closes {
            self.end();
        } else {
            self.reading = Reading::Command;
        }
    }
}
