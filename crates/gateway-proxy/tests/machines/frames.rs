//! Frames of HTTP/2 as bytes, right ones and wrong ones: what no codec of ours would write.

/// The preface of a client and its SETTINGS.
pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const END_STREAM: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;

/// One frame.
pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Literal fields that go into no table (RFC 7541 §6.2.2), each shorter than 127 bytes.
pub(crate) fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let text = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    fields.iter().flat_map(|(name, value)| [vec![0], text(name), text(value)].concat()).collect()
}

/// A request for `path`, with some of its fields changed, or others besides.
pub(crate) fn request(stream: u32, flags: u8, path: &str, changes: &[(&str, &str)]) -> Vec<u8> {
    let mut fields =
        vec![(":method", "POST"), (":scheme", "http"), (":authority", "a.test"), (":path", path)];
    for (name, value) in changes {
        match fields.iter_mut().find(|(there, _)| there == name && name.starts_with(':')) {
            Some((_, there)) => *there = value,
            None => fields.push((name, value)),
        }
    }
    frame(HEADERS, flags | END_HEADERS, stream, &block(&fields))
}
