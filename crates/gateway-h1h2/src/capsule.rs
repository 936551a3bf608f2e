//! Capsules (RFC 9297 §3): what a stream carries after a change of protocol that is not one of
//! bytes, and the datagrams in them. What a datagram is for is said by [`crate::connect_udp`].
//!
//! ```
//! use bytes::Bytes;
//! use gateway_h1h2::capsule::{CapsuleReader, encode_datagram};
//!
//! let mut wire = Vec::new();
//! encode_datagram(0, b"ping", &mut wire);
//! assert_eq!(wire, b"\0\x05\0ping");
//! // An unknown capsule is passed over.
//! wire.splice(0..0, *b"\x17\x02xx");
//! let mut reader = CapsuleReader::new(1_500);
//! let mut input = Bytes::from(wire);
//! let datagram = reader.next(&mut input)?.expect("a datagram");
//! assert_eq!((datagram.context, &*datagram.payload), (0, &b"ping"[..]));
//! assert!(reader.next(&mut input)?.is_none() && reader.is_between_capsules());
//! # Ok::<(), gateway_h1h2::capsule::CapsuleError>(())
//! ```

use bytes::{Buf, Bytes, BytesMut};

/// The capsule type that holds a datagram (RFC 9297 §3.5).
const DATAGRAM: u64 = 0;
/// The longest integer: 62 bits in eight bytes (RFC 9000 §16).
const VARINT_BYTES_MAX: usize = 8;
/// The largest value of an integer.
const VARINT_MAX: u64 = (1 << 62) - 1;

/// A datagram out of a capsule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Datagram {
    /// What it is for (RFC 9298 §4); 0 for a payload of UDP.
    pub context: u64,
    /// The bytes behind the context.
    pub payload: Bytes,
}

/// Why a stream of capsules cannot be read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CapsuleError {
    /// A datagram is longer than is taken.
    #[error("a capsule holds a datagram of {bytes} bytes, which is too long")]
    TooLong {
        /// Bytes of its capsule.
        bytes: u64,
    },
    /// A datagram ends within its context.
    #[error("a capsule holds a datagram without a whole context")]
    Context,
}

/// Takes the datagrams out of one direction of a stream, whatever pieces it comes in.
///
/// It holds one datagram at most; capsules of other types are passed over, however long they are
/// (RFC 9297 §3.2).
#[derive(Clone, Debug)]
pub struct CapsuleReader {
    payload_bytes_max: usize,
    state: State,
    /// The beginning of a head, or of a datagram.
    begun: BytesMut,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Type and length are awaited.
    Head,
    /// So many bytes of a datagram are awaited in all.
    Datagram(usize),
    /// So many bytes are to be passed over.
    Skip(u64),
    Failed(CapsuleError),
}

impl CapsuleReader {
    /// A stream at its start, of whose datagrams none may have more than `payload_bytes_max` bytes
    /// behind its context.
    #[must_use]
    pub fn new(payload_bytes_max: usize) -> Self {
        Self { payload_bytes_max, state: State::Head, begun: BytesMut::new() }
    }

    /// Whether the stream could end here (RFC 9297 §3.3).
    #[must_use]
    pub fn is_between_capsules(&self) -> bool {
        self.state == State::Head && self.begun.is_empty()
    }

    /// The next datagram of `input`, from whose start it takes what it has used; `None` when it has
    /// used all.
    ///
    /// # Errors
    /// [`CapsuleError`], the same again and again from then on.
    pub fn next(&mut self, input: &mut Bytes) -> Result<Option<Datagram>, CapsuleError> {
        loop {
            match self.state {
                State::Head => {
                    if !self.read_head(input)? {
                        return Ok(None);
                    }
                }
                State::Skip(left) => {
                    let skip = usize::try_from(left).unwrap_or(usize::MAX).min(input.len());
                    input.advance(skip);
                    match left - skip as u64 {
                        0 => self.state = State::Head,
                        left => {
                            self.state = State::Skip(left);
                            return Ok(None);
                        }
                    }
                }
                State::Datagram(bytes) => {
                    let Some(mut whole) = self.gather(bytes, input) else { return Ok(None) };
                    self.state = State::Head;
                    let Some((context, end)) = varint(&whole) else {
                        return Err(self.fail(CapsuleError::Context));
                    };
                    whole.advance(end);
                    return Ok(Some(Datagram { context, payload: whole }));
                }
                State::Failed(error) => return Err(error),
            }
        }
    }

    /// Reads type and length; whether they were whole.
    fn read_head(&mut self, input: &mut Bytes) -> Result<bool, CapsuleError> {
        loop {
            let head = varint(&self.begun)
                .and_then(|(kind, at)| Some((kind, varint(self.begun.get(at..)?)?.0)));
            if let Some((kind, length)) = head {
                self.begun.clear();
                let most = (self.payload_bytes_max + VARINT_BYTES_MAX) as u64;
                self.state = match kind {
                    DATAGRAM if length > most => {
                        return Err(self.fail(CapsuleError::TooLong { bytes: length }));
                    }
                    // It is at most as long as a `usize`.
                    DATAGRAM => State::Datagram(usize::try_from(length).unwrap_or(usize::MAX)),
                    _ => State::Skip(length),
                };
                return Ok(true);
            }
            // Byte by byte, so that nothing behind the head is taken.
            let Some((&byte, _)) = input.split_first() else { return Ok(false) };
            input.advance(1);
            self.begun.extend_from_slice(&[byte]);
        }
    }

    /// The next `bytes`, once they are there.
    fn gather(&mut self, bytes: usize, input: &mut Bytes) -> Option<Bytes> {
        if self.begun.is_empty() && input.len() >= bytes {
            return Some(input.split_to(bytes));
        }
        let take = input.len().min(bytes - self.begun.len());
        self.begun.extend_from_slice(&input.split_to(take));
        (self.begun.len() == bytes).then(|| self.begun.split().freeze())
    }

    fn fail(&mut self, error: CapsuleError) -> CapsuleError {
        self.state = State::Failed(error);
        error
    }
}

/// Writes a datagram in a capsule of its own at the end of `out`. A context beyond 2^62 - 1 is
/// written as that.
pub fn encode_datagram(context: u64, payload: &[u8], out: &mut Vec<u8>) {
    let mut head = Vec::new();
    encode_varint(context, &mut head);
    encode_varint(DATAGRAM, out);
    encode_varint((head.len() + payload.len()) as u64, out);
    out.extend_from_slice(&head);
    out.extend_from_slice(payload);
}

/// An integer and its length (RFC 9000 §16); `None` where bytes are missing.
fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let length = 1 << (first >> 6);
    let rest = bytes.get(1..length)?;
    let value =
        rest.iter().fold(u64::from(first & 0x3f), |value, byte| value << 8 | u64::from(*byte));
    Some((value, length))
}

/// Writes an integer in the fewest bytes.
fn encode_varint(value: u64, out: &mut Vec<u8>) {
    let value = value.min(VARINT_MAX);
    let (length, mark) = match value {
        0..0x40 => (1, 0x00),
        0x40..0x4000 => (2, 0x40),
        0x4000..0x4000_0000 => (4, 0x80),
        _ => (8, 0xc0),
    };
    let at = out.len();
    out.extend_from_slice(value.to_be_bytes().get(8 - length..).unwrap_or_default());
    if let Some(first) = out.get_mut(at) {
        *first |= mark;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The datagrams, the error that ended it, and whether it ended between capsules.
    type Read = (Vec<(u64, Vec<u8>)>, Option<CapsuleError>, bool);

    /// What is read of `pieces`, and why it ended.
    fn read<'a>(most: usize, pieces: impl IntoIterator<Item = &'a [u8]>) -> Read {
        let mut reader = CapsuleReader::new(most);
        let mut read = Vec::new();
        for piece in pieces {
            let mut input = Bytes::copy_from_slice(piece);
            loop {
                match reader.next(&mut input) {
                    Ok(Some(datagram)) => read.push((datagram.context, datagram.payload.to_vec())),
                    Ok(None) => break,
                    Err(error) => {
                        assert_eq!(reader.next(&mut input), Err(error), "again and again");
                        return (read, Some(error), false);
                    }
                }
            }
        }
        (read, None, reader.is_between_capsules())
    }

    #[test]
    fn integers_of_the_standard() {
        // RFC 9000 §A.1.
        for (bytes, value) in [
            (&b"\xc2\x19\x7c\x5e\xff\x14\xe8\x8c"[..], 151_288_809_941_952_652),
            (b"\x9d\x7f\x3e\x7d", 494_878_333),
            (b"\x7b\xbd", 15_293),
            (b"\x25", 37),
        ] {
            assert_eq!(varint(bytes), Some((value, bytes.len())));
            let mut out = Vec::new();
            encode_varint(value, &mut out);
            assert_eq!(out, bytes);
        }
        assert_eq!(varint(b"\x40\x25"), Some((37, 2)), "in more bytes than it needs");
    }

    #[test]
    fn what_cannot_be_read() {
        assert_eq!(read(9, [&b"\0\x40\x12"[..]]).1, Some(CapsuleError::TooLong { bytes: 18 }));
        assert_eq!(read(9, [&b"\0\0"[..]]).1, Some(CapsuleError::Context));
        assert_eq!(read(9, [&b"\0\x01\x40"[..]]).1, Some(CapsuleError::Context));
        // The stream ends within a capsule that nobody wants to read.
        assert_eq!(read(9, [&b"\x17\xc0\0\0\0\0\0\0\x09abc"[..]]), (vec![], None, false));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_in_any_pieces(
            datagrams in proptest::collection::vec(
                (0..=VARINT_MAX, proptest::collection::vec(any::<u8>(), 0..200), any::<bool>()),
                0..6,
            ),
            size in 1_usize..40,
        ) {
            let (mut wire, mut expected) = (Vec::new(), Vec::new());
            for (context, payload, others) in datagrams {
                if others {
                    encode_varint(0x1234, &mut wire);
                    encode_varint(payload.len() as u64, &mut wire);
                    wire.extend(&payload);
                }
                encode_datagram(context, &payload, &mut wire);
                expected.push((context, payload));
            }
            let told = (expected, None, true);
            prop_assert_eq!(&read(200, [&wire[..]]), &told);
            prop_assert_eq!(&read(200, wire.chunks(size)), &told);
        }
    }
}
