//! The header of a frame (RFC 6455 §5.2), read and written; what it means for a message is the
//! reader's matter.

use super::WsError;

/// The longest header: two bytes, eight of length, four of mask.
pub(super) const HEADER_BYTES_MAX: usize = 14;
/// The longest payload of a control frame.
pub(super) const CONTROL_BYTES_MAX: usize = 125;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Opcode {
    /// More of the message before.
    Continuation,
    /// A message of UTF-8 begins.
    Text,
    /// A message of any bytes begins.
    Binary,
    /// The sender sends no more.
    Close,
    /// Asks for a pong.
    Ping,
    /// Answers a ping, or nothing.
    Pong,
}

/// The header of one frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FrameHeader {
    /// Whether the message ends with this frame.
    pub fin: bool,
    /// The bit that an extension gave a meaning: with permessage-deflate, that the message is
    /// compressed. The other two reserved bits are always 0.
    pub rsv1: bool,
    /// What the frame is.
    pub opcode: Opcode,
    /// What the payload is masked with.
    pub mask: Option<[u8; 4]>,
    /// Bytes of payload.
    pub length: u64,
}

impl Opcode {
    const fn parse(bits: u8) -> Option<Self> {
        Some(match bits {
            0 => Self::Continuation,
            1 => Self::Text,
            2 => Self::Binary,
            8 => Self::Close,
            9 => Self::Ping,
            10 => Self::Pong,
            _ => return None,
        })
    }

    const fn bits(self) -> u8 {
        match self {
            Self::Continuation => 0,
            Self::Text => 1,
            Self::Binary => 2,
            Self::Close => 8,
            Self::Ping => 9,
            Self::Pong => 10,
        }
    }

    /// Whether it is a control frame, which may come within a message.
    #[must_use]
    pub const fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

impl FrameHeader {
    /// Reads a header from the start of `bytes`: it and its length, or `None` if more bytes are
    /// needed. An error shows with the first byte that makes it certain.
    ///
    /// # Errors
    /// What RFC 6455 §5.2 and §5.5 say about a frame by itself.
    pub fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, WsError> {
        let Some(&first) = bytes.first() else { return Ok(None) };
        if first & 0x30 != 0 {
            return Err(WsError::ReservedBits);
        }
        let opcode =
            Opcode::parse(first & 0x0f).ok_or(WsError::ReservedOpcode { opcode: first & 0x0f })?;
        let (fin, rsv1) = (first & 0x80 != 0, first & 0x40 != 0);
        if opcode.is_control() && !fin {
            return Err(WsError::FragmentedControl);
        }
        let Some(&second) = bytes.get(1) else { return Ok(None) };
        let short = second & 0x7f;
        if opcode.is_control() && usize::from(short) > CONTROL_BYTES_MAX {
            return Err(WsError::LongControl);
        }
        let Some((length, at)) = parse_length(short, bytes.get(2..).unwrap_or_default())? else {
            return Ok(None);
        };
        let (mask, end) = if second & 0x80 == 0 {
            (None, at)
        } else {
            match bytes.get(at..).and_then(|rest| rest.first_chunk::<4>()) {
                Some(mask) => (Some(*mask), at + 4),
                None => return Ok(None),
            }
        };
        Ok(Some((Self { fin, rsv1, opcode, mask, length }, end)))
    }

    /// Writes the header at the end of `out`, its length in the fewest bytes. A length beyond
    /// 2^63 - 1 is written as that.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let (fin, rsv1) = (u8::from(self.fin) << 7, u8::from(self.rsv1) << 6);
        out.push(fin | rsv1 | self.opcode.bits());
        let masked = u8::from(self.mask.is_some()) << 7;
        match (u8::try_from(self.length), u16::try_from(self.length)) {
            (Ok(length @ ..=125), _) => out.push(masked | length),
            (_, Ok(length)) => {
                out.push(masked | 126);
                out.extend_from_slice(&length.to_be_bytes());
            }
            (_, Err(_)) => {
                out.push(masked | 127);
                out.extend_from_slice(&self.length.min(LENGTH_MAX).to_be_bytes());
            }
        }
        out.extend_from_slice(self.mask.as_ref().map_or(&[], <[u8; 4]>::as_slice));
    }
}

const LENGTH_MAX: u64 = u64::MAX >> 1;

/// The length that `short` begins and `bytes` go on with, and where the header goes on.
fn parse_length(short: u8, bytes: &[u8]) -> Result<Option<(u64, usize)>, WsError> {
    let (length, least, end) = match short {
        126 => match bytes.first_chunk() {
            Some(length) => (u64::from(u16::from_be_bytes(*length)), 126, 4),
            None => return Ok(None),
        },
        127 => match bytes.first_chunk() {
            Some(length) => (u64::from_be_bytes(*length), 1 << 16, 10),
            None => return Ok(None),
        },
        _ => return Ok(Some((u64::from(short), 2))),
    };
    if length < least {
        return Err(WsError::NonMinimalLength);
    }
    if length > LENGTH_MAX {
        return Err(WsError::LengthTooLarge);
    }
    Ok(Some((length, end)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_frame_may_not_say() {
        for (bytes, error) in [
            (&b"\xa1"[..], WsError::ReservedBits),
            (b"\x91", WsError::ReservedBits),
            (b"\x83", WsError::ReservedOpcode { opcode: 3 }),
            (b"\x8b", WsError::ReservedOpcode { opcode: 11 }),
            (b"\x09", WsError::FragmentedControl),
            (b"\x89\x7e", WsError::LongControl),
            (b"\x88\xff", WsError::LongControl),
            (b"\x82\x7e\x00\x7d", WsError::NonMinimalLength),
            (b"\x82\x7f\x00\x00\x00\x00\x00\x00\xff\xff", WsError::NonMinimalLength),
            (b"\x82\x7f\x80\x00\x00\x00\x00\x01\x00\x00", WsError::LengthTooLarge),
        ] {
            assert_eq!(FrameHeader::parse(bytes), Err(error), "{bytes:x?}");
            let before = &bytes[..bytes.len() - 1];
            assert_eq!(FrameHeader::parse(before), Ok(None), "{before:x?}");
        }
    }

    pub(crate) fn any_header() -> impl Strategy<Value = FrameHeader> {
        let length = prop_oneof![0..300_u64, 65_530..65_545_u64, 0..=LENGTH_MAX,];
        let opcode = 0..6_usize;
        (any::<bool>(), any::<bool>(), opcode, any::<Option<[u8; 4]>>(), length).prop_map(
            |(fin, rsv1, opcode, mask, length)| {
                use Opcode::*;
                let opcode = [Continuation, Text, Binary, Close, Ping, Pong][opcode];
                let control = opcode.is_control();
                let length = if control { length % 126 } else { length };
                FrameHeader { fin: fin || control, rsv1, opcode, mask, length }
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(header in any_header(), behind in any::<[u8; 3]>()) {
            let mut bytes = Vec::new();
            header.encode(&mut bytes);
            let end = bytes.len();
            for short in 0..end {
                prop_assert_eq!(FrameHeader::parse(&bytes[..short]), Ok(None));
            }
            bytes.extend(behind);
            prop_assert_eq!(FrameHeader::parse(&bytes), Ok(Some((header, end))));
            prop_assert!(end <= HEADER_BYTES_MAX);
        }
    }
}
