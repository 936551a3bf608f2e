//! The frames that an Initial packet may hold (RFC 9000 §12.4, §19).

use super::QuicError;
use super::packet::Cursor;

const PADDING: u8 = 0x00;
const PING: u8 = 0x01;
const ACK: u8 = 0x02;
const ACK_ECN: u8 = 0x03;
const CRYPTO: u8 = 0x06;
const CONNECTION_CLOSE: u8 = 0x1c;
/// Ranges of an ACK that are gone over.
const ACK_RANGES_MAX: usize = 256;

/// Gives every piece of the handshake that `payload` carries to `take`, with its offset.
pub(super) fn crypto(
    payload: &[u8],
    mut take: impl FnMut(usize, &[u8]) -> Result<(), QuicError>,
) -> Result<(), QuicError> {
    let mut at = Cursor { bytes: payload, at: 0 };
    while let Some(kind) = at.byte() {
        match kind {
            PADDING | PING => {}
            ACK | ACK_ECN => skip_ack(&mut at, kind).ok_or(QuicError::Frames)?,
            CRYPTO => {
                let (offset, data) = piece(&mut at).ok_or(QuicError::Frames)?;
                take(offset, data)?;
            }
            // What follows the end of a connection says nothing any more.
            CONNECTION_CLOSE => return Ok(()),
            _ => return Err(QuicError::Frames),
        }
    }
    Ok(())
}

fn piece<'a>(at: &mut Cursor<'a>) -> Option<(usize, &'a [u8])> {
    let (offset, length) = (at.number()?, at.number()?);
    Some((offset, at.take(length)?))
}

fn skip_ack(at: &mut Cursor<'_>, kind: u8) -> Option<()> {
    let (_largest, _delay, ranges, _first) =
        (at.number()?, at.number()?, at.number()?, at.number()?);
    if ranges > ACK_RANGES_MAX {
        return None;
    }
    let counts = if kind == ACK_ECN { 3 } else { 0 };
    for _ in 0..ranges * 2 + counts {
        at.number()?;
    }
    Some(())
}
