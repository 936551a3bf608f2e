//! Frame headers (RFC 9113 §4.1), and where in a stream of bytes they stand. Payloads are the
//! business of the engine; here they are counted.

use bytes::{BufMut, BytesMut};

/// Bytes of a frame header.
pub(super) const HEADER_BYTES: usize = 9;
/// What a client sends before its first frame (RFC 9113 §3.4).
pub(super) const PREFACE_BYTES: usize = 24;

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

const END_STREAM: u8 = 0x1;
const ACK: u8 = 0x1;
const END_HEADERS: u8 = 0x4;
const PADDED: u8 = 0x8;
const WITH_PRIORITY: u8 = 0x20;

/// The header of one frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Header {
    /// Bytes of the payload.
    pub(super) length: u32,
    pub(super) kind: u8,
    flags: u8,
    pub(super) stream: u32,
}

impl Header {
    fn read([a, b, c, kind, flags, s0, s1, s2, s3]: [u8; HEADER_BYTES]) -> Self {
        Self {
            length: u32::from_be_bytes([0, a, b, c]),
            kind,
            flags,
            // The first bit is reserved and ignored.
            stream: u32::from_be_bytes([s0 & 0x7f, s1, s2, s3]),
        }
    }

    /// Whether this is a DATA or HEADERS frame that ends its stream.
    pub(super) fn ends_stream(self) -> bool {
        matches!(self.kind, DATA | HEADERS) && self.flags & END_STREAM != 0
    }

    /// Whether this is a DATA frame that begins with the length of its padding.
    pub(super) fn is_padded_data(self) -> bool {
        self.kind == DATA && self.flags & PADDED != 0
    }

    /// Whether this is a SETTINGS frame that acknowledges ours.
    pub(super) fn acknowledges(self) -> bool {
        self.kind == SETTINGS && self.flags & ACK != 0
    }

    /// Bytes of a HEADERS frame in front of its block.
    pub(super) fn bytes_before_block(self) -> u32 {
        let padded = u32::from(self.flags & PADDED != 0);
        let priority = if self.flags & WITH_PRIORITY != 0 { 5 } else { 0 };
        padded + priority
    }

    /// Whether a frame of this kind cannot be so long (RFC 9113 §6).
    pub(super) fn has_wrong_size(self) -> bool {
        match self.kind {
            PRIORITY => self.length != 5,
            RST_STREAM | WINDOW_UPDATE => self.length != 4,
            SETTINGS if self.acknowledges() => self.length != 0,
            SETTINGS => !self.length.is_multiple_of(6),
            PING => self.length != 8,
            GOAWAY => self.length < 8,
            _ => false,
        }
    }

    /// Whether this is a HEADERS or CONTINUATION frame that ends its block.
    pub(super) fn ends_block(self) -> bool {
        matches!(self.kind, HEADERS | CONTINUATION) && self.flags & END_HEADERS != 0
    }
}

/// A place in a stream of frames.
#[derive(Debug)]
pub(super) struct Place {
    header: [u8; HEADER_BYTES],
    /// Bytes of the header that are known.
    known: usize,
    /// Bytes of the payload, or of the preface, that are still to come.
    left: u32,
    /// The last header that was complete.
    frame: Header,
}

impl Place {
    /// Before the first frame, or before the preface of a client.
    pub(super) fn new(preface_bytes: usize) -> Self {
        Self {
            header: [0; HEADER_BYTES],
            known: 0,
            left: u32::try_from(preface_bytes).unwrap_or(0),
            // Nothing counts the preface: it looks like a frame of no kind that is known.
            frame: Header { kind: u8::MAX, ..Header::default() },
        }
    }

    /// The header at the front of `bytes`, where a payload has ended, and how many bytes further on it
    /// is complete. If it is not, all of them are remembered.
    #[inline]
    pub(super) fn enter(&mut self, bytes: &[u8]) -> Option<(Header, usize)> {
        let (header, taken) = match bytes.first_chunk() {
            Some(header) if self.known == 0 => (*header, HEADER_BYTES),
            Some(_) | None => self.complete(bytes)?,
        };
        let frame = Header::read(header);
        (self.header, self.known) = (header, 0);
        (self.left, self.frame) = (frame.length, frame);
        Some((frame, taken))
    }

    /// A header that comes in pieces, of which this is the next.
    #[cold]
    fn complete(&mut self, bytes: &[u8]) -> Option<([u8; HEADER_BYTES], usize)> {
        let missing = HEADER_BYTES - self.known;
        let piece = bytes.get(..missing).unwrap_or(bytes);
        let end = self.known + piece.len();
        self.header.get_mut(self.known..end)?.copy_from_slice(piece);
        self.known = end;
        (end == HEADER_BYTES).then_some((self.header, missing))
    }

    /// Goes back behind all but the last byte of the header that was entered last.
    pub(super) fn step_back(&mut self) {
        (self.known, self.left) = (HEADER_BYTES - 1, 0);
    }

    /// How many of `bytes` belong to the payload of the last frame, and go with this.
    #[inline]
    pub(super) fn pass(&mut self, bytes: &[u8]) -> usize {
        let taken = bytes.len().min(self.left as usize);
        self.left -= taken as u32;
        taken
    }

    /// The last frame that was entered.
    pub(super) fn frame(&self) -> Header {
        self.frame
    }

    /// Bytes of its payload that are still to come.
    pub(super) fn left(&self) -> u32 {
        self.left
    }

    /// Whether the end of a frame is missing that has no body in it, or of a header.
    pub(super) fn is_amid_head(&self) -> bool {
        self.known > 0 || (self.left > 0 && self.frame.kind != DATA)
    }

    /// Whether a frame ends here.
    pub(super) fn is_between_frames(&self) -> bool {
        self.known == 0 && self.left == 0
    }
}

/// Writes a GOAWAY frame (RFC 9113 §6.8).
pub(super) fn write_go_away(out: &mut BytesMut, last: u32, code: u32) {
    out.put_slice(&[0, 0, 8, GOAWAY, 0, 0, 0, 0, 0]);
    out.put_u32(last);
    out.put_u32(code);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The frames found in `wire` when it comes in pieces of `size` bytes, and how many bytes of their
    /// payloads.
    fn frames(wire: &[u8], size: usize) -> Vec<(Header, usize)> {
        let (mut place, mut found) = (Place::new(2), Vec::new());
        for mut piece in wire.chunks(size) {
            loop {
                let payload = place.pass(piece);
                if let Some((_, sum)) = found.last_mut() {
                    *sum += payload;
                }
                piece = &piece[payload..];
                if piece.is_empty() {
                    break;
                }
                let Some((frame, taken)) = place.enter(piece) else { break };
                // All but the last byte of a header can be given back.
                let (entered, header) = (place.frame(), place.header);
                place.step_back();
                assert!(!place.is_between_frames() && place.is_amid_head());
                assert_eq!(place.enter(&header[HEADER_BYTES - 1..]), Some((entered, 1)));
                found.push((frame, 0));
                piece = &piece[taken..];
            }
        }
        assert!(place.is_between_frames());
        found
    }

    #[test]
    fn frames_are_found_in_any_pieces() {
        let mut wire = b"##".to_vec();
        wire.extend([0, 0, 3, DATA, 1, 0x80, 0, 0, 5, b'a', b'b', b'c']);
        wire.extend([0, 0, 0, SETTINGS, 1, 0, 0, 0, 0]);
        let mut out = BytesMut::new();
        write_go_away(&mut out, 7, 11);
        wire.extend(&out);
        let whole = frames(&wire, wire.len());
        assert_eq!(whole.iter().map(|(_, bytes)| *bytes).collect::<Vec<_>>(), [3, 0, 8]);
        let (data, go_away) = (whole[0].0, whole[2].0);
        assert_eq!((data.stream, data.ends_stream(), data.ends_block()), (5, true, false));
        assert_eq!((go_away.kind, go_away.length, go_away.ends_stream()), (GOAWAY, 8, false));
        for size in 1..wire.len() {
            assert_eq!(frames(&wire, size), whole, "{size}");
        }
    }
}
