//! Peeking at a connection's first bytes: TLS records put together until the ClientHello is whole.
//! It consumes nothing, keeps no time and takes no decision about the connection.

use bytes::Bytes;
use thiserror::Error;

use crate::hello::{ClientHello, HelloPart};
use crate::host::HostError;
use crate::ja4::Carrier;

const CONTENT_TYPE_HANDSHAKE: u8 = 22;
/// Every TLS version calls itself 3.x on the wire; the minor number is to be ignored
/// (RFC 8446 §5.1).
const VERSION_MAJOR: u8 = 3;
const HANDSHAKE_TYPE_CLIENT_HELLO: u8 = 1;
const RECORD_HEADER_BYTES: usize = 5;
const MESSAGE_HEADER_BYTES: usize = 4;
/// Longest plain-text record (RFC 8446 §5.1).
const RECORD_BYTES_MAX: usize = 1 << 14;

/// How much a peek reads before it gives up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PeekLimits {
    /// Bytes of the ClientHello, its four-byte header included; the peek holds as many.
    /// Default 64 KiB.
    pub hello_bytes_max: usize,
    /// Bytes on the wire up to the end of the ClientHello, record headers included: what the
    /// caller has to keep. Default 128 KiB, so that one-byte records have room for 21 KiB.
    pub wire_bytes_max: usize,
}

impl Default for PeekLimits {
    fn default() -> Self {
        Self { hello_bytes_max: 64 * 1024, wire_bytes_max: 128 * 1024 }
    }
}

/// Why the first bytes are TLS but no ClientHello to rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HelloError {
    /// A record other than a handshake record came before the ClientHello was whole.
    #[error("record of type {content_type} inside the ClientHello")]
    UnexpectedRecord {
        /// The record's content type.
        content_type: u8,
    },
    /// A record's version is not 3.x.
    #[error("record of version {major}.x inside the ClientHello")]
    RecordVersion {
        /// The version's first byte.
        major: u8,
    },
    /// A handshake record of no bytes, which RFC 8446 §5.1 forbids.
    #[error("empty handshake record")]
    EmptyRecord,
    /// A record longer than 16,384 bytes.
    #[error("record of {bytes} bytes, at most 16384 are allowed")]
    RecordTooLong {
        /// The length that the record claims.
        bytes: usize,
    },
    /// The first handshake message is another one.
    #[error("handshake message of type {handshake_type} instead of a ClientHello")]
    UnexpectedMessage {
        /// The message's type.
        handshake_type: u8,
    },
    /// The ClientHello claims more than [`PeekLimits::hello_bytes_max`].
    #[error("ClientHello of {bytes} bytes, at most {bytes_max} are allowed")]
    HelloTooLong {
        /// The length that the message claims, header included.
        bytes: usize,
        /// The limit.
        bytes_max: usize,
    },
    /// The ClientHello is spread over more than [`PeekLimits::wire_bytes_max`].
    #[error("ClientHello not complete after {bytes_max} bytes on the wire")]
    WireTooLong {
        /// The limit.
        bytes_max: usize,
    },
    /// A part of the ClientHello is too short, too long, or followed by stray bytes.
    #[error("malformed {part} in the ClientHello")]
    Syntax {
        /// The part.
        part: HelloPart,
    },
    /// An extension stands twice (RFC 8446 §4.2).
    #[error("extension {extension} stands twice in the ClientHello")]
    DuplicateExtension {
        /// The extension's type.
        extension: u16,
    },
    /// The server name is no host.
    #[error("server name in the ClientHello: {0}")]
    ServerName(#[from] HostError),
}

/// What is known about a connection after its bytes so far.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Peek {
    /// Nothing yet: the ClientHello is not complete. A time-out here is a refusal, never a reason
    /// to let the connection through.
    NeedMore,
    /// The client opens TLS with this message.
    Hello(Box<ClientHello>),
    /// The first bytes rule TLS out.
    NotTls,
    /// It is TLS, but no ClientHello to rely on.
    Malformed(HelloError),
}

/// Reads the ClientHello that opens a TLS connection from a copy of its bytes.
///
/// Feed it what comes, in pieces of any size; the bytes themselves stay with the caller, who
/// replays them to a TLS stack or an origin. It decides on a complete ClientHello only: split
/// over any number of pushes and records the result is the same. Work is linear in the bytes
/// pushed, memory is in the order of [`PeekLimits::hello_bytes_max`].
///
/// Once decided, it answers the same for ever and looks at nothing more.
///
/// ```
/// use gateway_tls::{ClientHelloPeek, Peek};
///
/// let mut peek = ClientHelloPeek::default();
/// assert_eq!(peek.push(&[22, 3]), Peek::NeedMore);
/// assert!(matches!(peek.push(&[1, 0, 0]), Peek::Malformed(_)), "an empty record");
/// assert_eq!(ClientHelloPeek::default().push(b"GET / HTTP/1.1"), Peek::NotTls);
/// ```
#[derive(Clone, Debug)]
pub struct ClientHelloPeek {
    limits: PeekLimits,
    header: [u8; RECORD_HEADER_BYTES],
    header_bytes: usize,
    /// Bytes of the current record that are still to come.
    record_bytes_left: usize,
    hello: Vec<u8>,
    wire_bytes: usize,
    decided: Peek,
}

impl Default for ClientHelloPeek {
    fn default() -> Self {
        Self::new(PeekLimits::default())
    }
}

impl ClientHelloPeek {
    /// A peek at a connection that has sent nothing.
    #[must_use]
    pub const fn new(limits: PeekLimits) -> Self {
        Self {
            limits,
            header: [0; RECORD_HEADER_BYTES],
            header_bytes: 0,
            record_bytes_left: 0,
            hello: Vec::new(),
            wire_bytes: 0,
            decided: Peek::NeedMore,
        }
    }

    /// Takes the next bytes of the connection.
    pub fn push(&mut self, bytes: &[u8]) -> Peek {
        let mut rest = bytes;
        while self.decided == Peek::NeedMore && !rest.is_empty() {
            let allowed = self.limits.wire_bytes_max - self.wire_bytes;
            let (now, _) = rest.split_at(rest.len().min(allowed));
            let step = match now.first() {
                None => {
                    Err(HelloError::WireTooLong { bytes_max: self.limits.wire_bytes_max }.into())
                }
                Some(&byte) if self.record_bytes_left == 0 => self.take_header(byte).map(|()| 1),
                Some(_) => self.take_payload(now),
            };
            match step {
                Ok(taken) => {
                    self.wire_bytes += taken;
                    rest = rest.get(taken..).unwrap_or_default();
                }
                Err(decided) => {
                    self.hello = Vec::new();
                    self.decided = decided;
                }
            }
        }
        self.decided.clone()
    }

    /// Takes one byte of a record header.
    fn take_header(&mut self, byte: u8) -> Result<(), Peek> {
        // Before the first record is known to be one, anything may be on the wire.
        let is_first = self.wire_bytes < RECORD_HEADER_BYTES;
        match self.header_bytes {
            0 if byte != CONTENT_TYPE_HANDSHAKE && is_first => return Err(Peek::NotTls),
            0 if byte != CONTENT_TYPE_HANDSHAKE => {
                return Err(HelloError::UnexpectedRecord { content_type: byte }.into());
            }
            1 if byte != VERSION_MAJOR && is_first => return Err(Peek::NotTls),
            1 if byte != VERSION_MAJOR => {
                return Err(HelloError::RecordVersion { major: byte }.into());
            }
            _ => {}
        }
        if let Some(place) = self.header.get_mut(self.header_bytes) {
            *place = byte;
        }
        self.header_bytes += 1;
        if self.header_bytes == RECORD_HEADER_BYTES {
            let [_, _, _, high, low] = self.header;
            let bytes = usize::from(u16::from_be_bytes([high, low]));
            match bytes {
                0 => return Err(HelloError::EmptyRecord.into()),
                1..=RECORD_BYTES_MAX => self.record_bytes_left = bytes,
                _ => return Err(HelloError::RecordTooLong { bytes }.into()),
            }
            self.header_bytes = 0;
        }
        Ok(())
    }

    /// Takes bytes of a record's payload: as far as the record, the message's header or the
    /// message goes. Gives how many it took.
    fn take_payload(&mut self, bytes: &[u8]) -> Result<usize, Peek> {
        let wanted = self.message_bytes().unwrap_or(MESSAGE_HEADER_BYTES) - self.hello.len();
        let taken = wanted.min(self.record_bytes_left).min(bytes.len());
        self.hello.extend(bytes.iter().take(taken));
        self.record_bytes_left -= taken;
        if let Some(&handshake_type) = self.hello.first()
            && handshake_type != HANDSHAKE_TYPE_CLIENT_HELLO
        {
            return Err(HelloError::UnexpectedMessage { handshake_type }.into());
        }
        let Some(message_bytes) = self.message_bytes() else {
            return Ok(taken);
        };
        let bytes_max = self.limits.hello_bytes_max;
        if message_bytes > bytes_max {
            return Err(HelloError::HelloTooLong { bytes: message_bytes, bytes_max }.into());
        }
        if self.hello.len() < message_bytes {
            return Ok(taken);
        }
        let hello = Bytes::from(std::mem::take(&mut self.hello));
        Err(match ClientHello::parse(&hello.slice(MESSAGE_HEADER_BYTES..), Carrier::Tcp) {
            Ok(hello) => Peek::Hello(Box::new(hello)),
            Err(error) => error.into(),
        })
    }

    /// The length of the whole message with its header, once the header is there.
    fn message_bytes(&self) -> Option<usize> {
        let [_, high, middle, low] = *self.hello.first_chunk::<MESSAGE_HEADER_BYTES>()?;
        let body_bytes = u32::from_be_bytes([0, high, middle, low]);
        Some(MESSAGE_HEADER_BYTES + body_bytes as usize)
    }
}

impl From<HelloError> for Peek {
    fn from(error: HelloError) -> Self {
        Self::Malformed(error)
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::sample::{Sample, any_sample, message, records};

    /// Pushes pieces of the given lengths, the last one repeated to the end.
    fn peek_in(limits: PeekLimits, wire: &[u8], lengths: &[usize]) -> Peek {
        let mut peek = ClientHelloPeek::new(limits);
        let (mut rest, mut lengths, mut length) = (wire, lengths.iter().copied(), usize::MAX);
        while !rest.is_empty() {
            length = lengths.next().unwrap_or(length).max(1);
            let (piece, tail) = rest.split_at(length.min(rest.len()));
            let _ = peek.push(piece);
            rest = tail;
        }
        peek.push(&[])
    }

    fn peek(wire: &[u8]) -> Peek {
        peek_in(PeekLimits::default(), wire, &[])
    }

    #[track_caller]
    fn check(wire: &[u8], expected: impl Into<Peek>) {
        let expected = expected.into();
        assert_eq!(peek(wire), expected);
        assert_eq!(peek_in(PeekLimits::default(), wire, &[1]), expected, "byte by byte");
    }

    #[test]
    fn other_protocols_are_not_tls() {
        for wire in [&b"GET / HTTP/1.1\r\n"[..], b"SSH-2.0-", b"\x80\x2e\x01", b"\0", b"\x16\x02"] {
            check(wire, Peek::NotTls);
        }
        check(b"\x16", Peek::NeedMore);
        check(b"", Peek::NeedMore);
    }

    #[test]
    fn records_are_checked() {
        let hello = Sample::browser("a.example").message();
        let wire = records(&hello, &[100]);
        let after_first = |bytes: &[u8]| [&wire[..105], bytes].concat();

        check(&[22, 3, 1, 0, 0], HelloError::EmptyRecord);
        check(&after_first(&[22, 3, 3, 0, 0]), HelloError::EmptyRecord);
        check(&[22, 3, 1, 0x40, 1], HelloError::RecordTooLong { bytes: 16_385 });
        check(&[22, 3, 1, 0x40, 0], Peek::NeedMore);
        check(&after_first(&[21]), HelloError::UnexpectedRecord { content_type: 21 });
        check(&after_first(&[22, 2]), HelloError::RecordVersion { major: 2 });
        let other = message(2, &[0; 50]);
        check(&records(&other, &[]), HelloError::UnexpectedMessage { handshake_type: 2 });
    }

    #[test]
    fn every_prefix_needs_more_and_the_rest_changes_nothing() {
        let hello = Sample::browser("a.example").message();
        for record_bytes in [1, 20, 100, 16_384] {
            let wire = records(&hello, &[record_bytes]);
            let whole = peek(&wire);
            assert!(
                matches!(&whole, Peek::Hello(hello) if hello.sni.as_deref() == Some("a.example"))
            );
            let mut peek = ClientHelloPeek::default();
            for &byte in &wire[..wire.len() - 1] {
                assert_eq!(peek.push(&[byte]), Peek::NeedMore);
            }
            assert_eq!(peek.push(&wire[wire.len() - 1..]), whole);
            assert_eq!(peek.push(b"GET / HTTP/1.1\r\n"), whole);
            check(&[&wire[..], b"early data"].concat(), whole);
        }
    }

    #[test]
    fn lengths_are_bounded() {
        let mut limits = PeekLimits::default();
        let hello = Sample::browser("a.example").message();
        let wire = records(&hello, &[10]);

        limits.hello_bytes_max = hello.len();
        limits.wire_bytes_max = wire.len();
        assert!(matches!(peek_in(limits, &wire, &[7]), Peek::Hello(_)));

        limits.wire_bytes_max = wire.len() - 1;
        let error = HelloError::WireTooLong { bytes_max: wire.len() - 1 };
        assert_eq!(peek_in(limits, &wire, &[7]), error.into());

        limits.hello_bytes_max = hello.len() - 1;
        let error = HelloError::HelloTooLong { bytes: hello.len(), bytes_max: hello.len() - 1 };
        // Known from the message's header already.
        assert_eq!(peek_in(limits, &records(&hello[..4], &[]), &[1]), error.into());
        check(
            &records(&message(1, &[0; 0x1_0000]), &[]),
            HelloError::HelloTooLong { bytes: 0x1_0004, bytes_max: 0x1_0000 },
        );
    }

    proptest! {
        #[test]
        fn any_split_and_any_records_give_the_same(
            sample in any_sample(),
            record_lengths in vec(1_usize..600, 1..8),
            push_lengths in vec(1_usize..600, 1..8),
        ) {
            let hello = sample.message();
            let whole = peek(&records(&hello, &[]));
            prop_assert!(matches!(whole, Peek::Hello(_) | Peek::Malformed(_)));
            let wire = records(&hello, &record_lengths);
            prop_assert_eq!(peek_in(PeekLimits::default(), &wire, &push_lengths), whole);
        }

        #[test]
        fn any_bytes_give_the_same_in_any_split(
            record_header in any::<bool>(),
            wire in vec(any::<u8>(), 0..300),
            push_lengths in vec(1_usize..50, 1..8),
        ) {
            let header = [22, 3, 1, 0, 200, 1, 0, 0, 90, 3, 3];
            let wire = [if record_header { &header[..] } else { &[] }, &wire].concat();
            let whole = peek(&wire);
            prop_assert_eq!(peek_in(PeekLimits::default(), &wire, &push_lengths), whole);
        }

        #[test]
        fn a_damaged_hello_gives_the_same_in_any_split(
            sample in any_sample(),
            at in any::<prop::sample::Index>(),
            byte in any::<u8>(),
            push_lengths in vec(1_usize..600, 1..8),
        ) {
            let mut wire = records(&sample.message(), &[50, 300]);
            let at = at.index(wire.len());
            wire[at] = byte;
            let whole = peek(&wire);
            prop_assert_eq!(peek_in(PeekLimits::default(), &wire, &push_lengths), whole);
        }
    }
}
