//! Streams of capsules: pieces make no difference, and what is read is written and read again.

use bytes::Bytes;
use gateway_h1h2::capsule::{CapsuleError, CapsuleReader, Datagram, encode_datagram};

/// The first byte is the length of the pieces less one, the rest the stream.
pub fn capsule(data: &[u8]) {
    let Some((&piece, wire)) = data.split_first() else { return };
    let whole = read([wire]);
    assert_eq!(read(wire.chunks(usize::from(piece) + 1)), whole, "in pieces");
    let mut again = Vec::new();
    for datagram in &whole.0 {
        encode_datagram(datagram.context, &datagram.payload, &mut again);
    }
    assert_eq!(read([&*again]), (whole.0, None, true), "written and read");
}

fn read<'a>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Datagram>, Option<CapsuleError>, bool) {
    let mut reader = CapsuleReader::new(1_500);
    let mut datagrams = Vec::new();
    for piece in pieces {
        let mut input = Bytes::copy_from_slice(piece);
        loop {
            match reader.next(&mut input) {
                Ok(Some(datagram)) => datagrams.push(datagram),
                Ok(None) => break,
                Err(error) => return (datagrams, Some(error), false),
            }
        }
        assert!(input.is_empty(), "all that is read is used");
    }
    (datagrams, None, reader.is_between_capsules())
}
