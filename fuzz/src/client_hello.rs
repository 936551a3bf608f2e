//! The peek at a ClientHello: the answer depends on the bytes alone, not on how they are split
//! into segments or TLS records, and it is given only once.

use gateway_tls::{ClientHelloPeek, Peek, PeekLimits};

/// The first byte is the length of the segments less one, the rest is what a client sends.
pub fn client_hello(data: &[u8]) {
    let Some((&segment, wire)) = data.split_first() else { return };
    let mut limits = PeekLimits::default();
    // Small enough that a fuzzer meets them.
    limits.hello_bytes_max = 2 << 10;
    limits.wire_bytes_max = 16 << 10;
    let whole = peek(&limits, [wire]);
    assert_eq!(peek(&limits, wire.chunks(usize::from(segment) + 1)), whole, "in segments");
    assert_eq!(peek(&limits, wire.chunks(1)), whole, "byte by byte");
    if let Peek::Hello(hello) = &whole {
        let records = one_byte_records(wire, hello.hello_bytes);
        assert_eq!(peek(&limits, [&*records]), whole, "in records of one byte");
    }
}

/// The first answer to `segments`, which no later one changes.
fn peek<'a>(limits: &PeekLimits, segments: impl IntoIterator<Item = &'a [u8]>) -> Peek {
    let mut peek = ClientHelloPeek::new(*limits);
    let mut decided = Peek::NeedMore;
    for segment in segments {
        let answer = peek.push(segment);
        if decided != Peek::NeedMore {
            assert_eq!(answer, decided, "a decision was changed");
        }
        decided = answer;
    }
    decided
}

/// The first `hello_bytes` of the handshake that `wire` carries, each in a record of its own.
fn one_byte_records(mut wire: &[u8], hello_bytes: usize) -> Vec<u8> {
    let mut handshake = Vec::new();
    while let Some((&[_, _, _, high, low], rest)) = wire.split_first_chunk() {
        let (payload, after) =
            rest.split_at(rest.len().min(u16::from_be_bytes([high, low]).into()));
        handshake.extend_from_slice(payload);
        wire = after;
    }
    handshake.truncate(hello_bytes);
    handshake.into_iter().flat_map(|byte| [22, 3, 1, 0, 1, byte]).collect()
}
