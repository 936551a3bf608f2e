//! Frames by hand.

pub(super) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pub(super) const DATA: u8 = 0x0;
pub(super) const HEADERS: u8 = 0x1;
pub(super) const PRIORITY: u8 = 0x2;
pub(super) const RST_STREAM: u8 = 0x3;
pub(super) const SETTINGS: u8 = 0x4;
pub(super) const PUSH_PROMISE: u8 = 0x5;
pub(super) const PING: u8 = 0x6;
pub(super) const GOAWAY: u8 = 0x7;
pub(super) const WINDOW_UPDATE: u8 = 0x8;
pub(super) const CONTINUATION: u8 = 0x9;

pub(super) const END_STREAM: u8 = 0x1;
pub(super) const END_HEADERS: u8 = 0x4;
pub(super) const ENDS: u8 = END_STREAM | END_HEADERS;
pub(super) const PADDED: u8 = 0x8;
pub(super) const WITH_PRIORITY: u8 = 0x20;

pub(super) const PROTOCOL_ERROR: u32 = 0x1;
pub(super) const FLOW_CONTROL_ERROR: u32 = 0x3;
pub(super) const STREAM_CLOSED: u32 = 0x5;
pub(super) const FRAME_SIZE_ERROR: u32 = 0x6;
pub(super) const REFUSED_STREAM: u32 = 0x7;
pub(super) const COMPRESSION_ERROR: u32 = 0x9;

/// Status 200 as the static table of RFC 7541 has it, and status 400.
pub(super) const OK: u8 = 0x80 | 8;
pub(super) const BAD_REQUEST: u8 = 0x80 | 12;

/// A frame that came back.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) kind: u8,
    pub(super) flags: u8,
    pub(super) stream: u32,
    pub(super) payload: Vec<u8>,
}

impl Sent {
    /// Whether it is the head of a response with this status.
    pub(super) fn has_status(&self, status: u8) -> bool {
        self.payload.first() == Some(&status)
    }

    /// The code of RST_STREAM or GOAWAY.
    pub(super) fn code(&self) -> u32 {
        let at = if self.kind == GOAWAY { 4 } else { 0 };
        let code = self.payload.get(at..at + 4).unwrap_or_default();
        code.try_into().map_or(u32::MAX, u32::from_be_bytes)
    }
}

pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

pub(super) fn reset(stream: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, &[0, 0, 0, 8])
}

pub(super) fn window(stream: u32, bytes: u32) -> Vec<u8> {
    frame(WINDOW_UPDATE, 0, stream, &bytes.to_be_bytes())
}

pub(super) fn priority(stream: u32, on: u32, weight: u8) -> Vec<u8> {
    frame(PRIORITY, 0, stream, &[&on.to_be_bytes()[..], &[weight]].concat())
}

pub(super) fn setting(id: u16, value: u32) -> Vec<u8> {
    frame(SETTINGS, 0, 0, &[&id.to_be_bytes()[..], &value.to_be_bytes()].concat())
}

/// Fields as literals that go into no table; texts are shorter than 127 bytes.
pub(super) fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let text = |text: &str| [&[text.len() as u8], text.as_bytes()].concat();
    fields.iter().flat_map(|(name, value)| [vec![0], text(name), text(value)].concat()).collect()
}

/// Requests for the fixed origin.
pub(super) struct Wire {
    pub(super) authority: String,
}

impl Wire {
    /// The pseudo-fields of a request.
    pub(super) fn pseudo(&self, method: &'static str) -> [(&'static str, &str); 4] {
        [(":method", method), (":scheme", "http"), (":authority", &self.authority), (":path", "/")]
    }

    /// The block of a GET.
    pub(super) fn get(&self) -> Vec<u8> {
        block(&self.pseudo("GET"))
    }

    /// The frame of a POST with these fields besides.
    pub(super) fn post(&self, flags: u8, more: &[(&str, &str)]) -> Vec<u8> {
        frame(HEADERS, flags, 1, &[block(&self.pseudo("POST")), block(more)].concat())
    }

    /// A GET, whole.
    pub(super) fn asked(&self, stream: u32) -> Vec<u8> {
        frame(HEADERS, ENDS, stream, &self.get())
    }

    /// A POST on stream 1 whose body is still to come.
    pub(super) fn open(&self) -> Vec<u8> {
        self.post(END_HEADERS, &[])
    }
}
