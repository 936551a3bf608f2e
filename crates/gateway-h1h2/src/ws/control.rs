//! Control frames (RFC 6455 §5.5): what a close frame says, and how one is written.

use bytes::Bytes;

use super::header::CONTROL_BYTES_MAX;
use super::{FrameHeader, Opcode, WsError, apply_mask};

/// One whole control frame.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Control {
    /// The sender sends no more.
    Close {
        /// The frame as it came.
        wire: Bytes,
        /// What it says.
        close: Close,
    },
    /// Asks for a pong.
    Ping {
        /// The frame as it came.
        wire: Bytes,
    },
    /// Answers a ping, or nothing.
    Pong {
        /// The frame as it came.
        wire: Bytes,
    },
}

impl Control {
    /// The frame as it came.
    #[must_use]
    pub fn into_wire(self) -> Bytes {
        match self {
            Self::Close { wire, .. } | Self::Ping { wire } | Self::Pong { wire } => wire,
        }
    }
}

/// What a close frame says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Close {
    /// Why, if it says so.
    pub code: Option<u16>,
    /// The same for people; often empty. Comes from the peer: escape it before it is shown.
    pub reason: String,
}

impl Close {
    /// Reads the payload of a close frame, its mask taken off.
    ///
    /// # Errors
    /// Half a code, a code that must not be sent, a reason that is not UTF-8.
    pub fn parse(payload: &[u8]) -> Result<Self, WsError> {
        let Some((code, reason)) = payload.split_first_chunk() else {
            return if payload.is_empty() {
                Ok(Self::default())
            } else {
                Err(WsError::CloseLength)
            };
        };
        let code = u16::from_be_bytes(*code);
        // 1004 to 1006 and 1015 are never sent; 1016 to 2999 are for later versions and
        // extensions, of which none that is agreed on here defines one; the registry of RFC 6455
        // §11.7 has 1012 to 1014 besides.
        if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
            return Err(WsError::CloseCode { code });
        }
        let reason = std::str::from_utf8(reason).map_err(|_| WsError::InvalidUtf8)?;
        Ok(Self { code: Some(code), reason: reason.to_owned() })
    }
}

/// A close frame with `code` and as much of `reason` as fits, masked with `mask` if it is for a
/// server.
#[must_use]
pub fn close_frame(code: u16, reason: &str, mask: Option<[u8; 4]>) -> Bytes {
    let reason =
        reason.get(..reason.floor_char_boundary(CONTROL_BYTES_MAX - 2)).unwrap_or_default();
    let length = (2 + reason.len()) as u64;
    let header = FrameHeader { fin: true, rsv1: false, opcode: Opcode::Close, mask, length };
    let mut out = Vec::new();
    header.encode(&mut out);
    let at = out.len();
    out.extend_from_slice(&code.to_be_bytes());
    out.extend_from_slice(reason.as_bytes());
    if let (Some(mask), Some(payload)) = (mask, out.get_mut(at..)) {
        apply_mask(payload, mask, 0);
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ws::{FrameReader, Piece, Sender};

    #[test]
    fn what_a_close_frame_may_say() {
        let check = |payload: &[u8]| Close::parse(payload).map(|close| (close.code, close.reason));
        assert_eq!(check(b""), Ok((None, String::new())));
        assert_eq!(check(b"\x03\xe8"), Ok((Some(1000), String::new())));
        assert_eq!(check(b"\x0f\xa0bye"), Ok((Some(4000), "bye".into())));
        assert_eq!(check(b"\x03"), Err(WsError::CloseLength));
        assert_eq!(check(b"\x03\xe8\xff"), Err(WsError::InvalidUtf8));
        for code in [0_u16, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535] {
            assert_eq!(check(&code.to_be_bytes()), Err(WsError::CloseCode { code }));
        }
    }

    #[test]
    fn a_close_frame_that_is_written_is_read() {
        let long = "ä".repeat(100);
        for (mask, sender) in [(None, Sender::Server), (Some([1, 2, 3, 4]), Sender::Client)] {
            let wire = close_frame(1008, &long, mask);
            let mut reader = FrameReader::new(sender, None);
            let piece = reader.next(&mut wire.clone());
            let close = Close { code: Some(1008), reason: "ä".repeat(61) };
            assert_eq!(piece, Ok(Some(Piece::Control(Control::Close { wire, close }))));
        }
    }
}
