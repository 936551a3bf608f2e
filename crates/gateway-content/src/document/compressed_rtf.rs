//! RTF as Outlook packs it ([MS-OXRTFCP]): the text of mails in `winmail.dat` and in saved messages.
//!
//! A header says how it is packed: by references to the 4 KiB that came last, or not at all. Its
//! checksum is not looked at, as readers do not.

use bytes::{BufMut, BytesMut};
use gateway_inspect::Unscannable;

use crate::coding::decoder::Decoded;
use crate::coding::transform::Transform;

const HEADER_BYTES: usize = 16;
const PACKED: &[u8] = b"LZFu";
const STORED: &[u8] = b"MELA";
const WINDOW: usize = 4 << 10;
/// What the window holds before the first byte (section 2.1.3.1.1).
const PRESET: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \
    \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\
    \\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

/// Such a text on its way.
pub(crate) struct CompressedRtf {
    state: State,
    window: Box<[u8; WINDOW]>,
    at: usize,
}

/// What comes next.
enum State {
    Header(Vec<u8>),
    /// Bytes as they are.
    Stored,
    /// The bits of eight items.
    Flags,
    /// An item by the lowest of the bits, of which there are so many.
    Item {
        flags: u8,
        left: u8,
    },
    /// The second byte of a reference.
    Reference {
        first: u8,
        flags: u8,
        left: u8,
    },
}

impl State {
    /// Behind an item.
    const fn behind(flags: u8, left: u8) -> Self {
        if left > 1 { Self::Item { flags: flags >> 1, left: left - 1 } } else { Self::Flags }
    }
}

impl CompressedRtf {
    pub(crate) fn new() -> Self {
        let mut window = Box::new([b' '; WINDOW]);
        let preset = window.get_mut(..PRESET.len()).unwrap_or_default();
        preset.copy_from_slice(PRESET);
        Self { state: State::Header(Vec::new()), window, at: PRESET.len() }
    }

    fn put(&mut self, byte: u8, out: &mut BytesMut) {
        out.put_u8(byte);
        if let Some(place) = self.window.get_mut(self.at) {
            *place = byte;
        }
        self.at = (self.at + 1) % WINDOW;
    }

    /// Copies what a reference says: whether it is no mark of the end.
    fn copy(&mut self, reference: u16, out: &mut BytesMut) -> bool {
        let from = usize::from(reference >> 4);
        if from == self.at {
            return false;
        }
        for i in 0..usize::from(reference & 15) + 2 {
            let byte = self.window.get((from + i) % WINDOW).copied().unwrap_or_default();
            self.put(byte, out);
        }
        true
    }

    /// What one byte does.
    fn step(&mut self, byte: u8, out: &mut BytesMut) -> Decoded {
        self.state = match std::mem::replace(&mut self.state, State::Flags) {
            State::Header(mut header) => {
                header.push(byte);
                match header.get(8..12) {
                    _ if header.len() < HEADER_BYTES => State::Header(header),
                    Some(PACKED) => State::Flags,
                    Some(STORED) => State::Stored,
                    _ => return Decoded::Failed(Unscannable::Malformed),
                }
            }
            State::Stored => {
                out.put_u8(byte);
                State::Stored
            }
            State::Flags => State::Item { flags: byte, left: 8 },
            State::Item { flags, left } if flags & 1 == 0 => {
                self.put(byte, out);
                State::behind(flags, left)
            }
            State::Item { flags, left } => State::Reference { first: byte, flags, left },
            State::Reference { first, flags, left } => {
                if !self.copy(u16::from_be_bytes([first, byte]), out) {
                    return Decoded::End;
                }
                State::behind(flags, left)
            }
        };
        Decoded::More
    }
}

impl Transform for CompressedRtf {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        for (i, byte) in input.iter().enumerate() {
            match self.step(*byte, out) {
                Decoded::More => {}
                over => return (i + 1, over),
            }
        }
        (input.len(), Decoded::More)
    }

    fn finish(&mut self, _out: &mut BytesMut) -> Result<(), Unscannable> {
        match &self.state {
            State::Header(header) if !header.is_empty() => Err(Unscannable::Malformed),
            // Many writers leave the mark of the end out.
            _ => Ok(()),
        }
    }

    fn memory_max(&self) -> usize {
        WINDOW
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// `text` packed so that every other item is a reference, where one fits.
    pub(crate) fn packed(text: &[u8]) -> Vec<u8> {
        let (mut items, mut window, mut at) = (Vec::new(), [b' '; WINDOW], PRESET.len());
        window[..PRESET.len()].copy_from_slice(PRESET);
        let mut rest = text;
        while !rest.is_empty() {
            let fits = |len: usize| {
                let from = window[..at].windows(len).position(|w| rest.starts_with(w));
                from.filter(|_| items.len() % 2 == 0).map(|from| (from, len))
            };
            let (item, len) = match (2..=17).rev().find_map(fits) {
                Some((from, len)) => (((from << 4 | (len - 2)) as u16).to_be_bytes().to_vec(), len),
                None => (vec![rest[0]], 1),
            };
            items.push(item);
            window[at..at + len].copy_from_slice(&rest[..len]);
            (at, rest) = (at + len, &rest[len..]);
        }
        items.push(((at as u16) << 4).to_be_bytes().to_vec());
        let mut data = Vec::new();
        for run in items.chunks(8) {
            data.push((0..).zip(run).map(|(i, item)| u8::from(item.len() == 2) << i).sum());
            run.iter().for_each(|item| data.extend_from_slice(item));
        }
        let sizes = [data.len() as u32 + 12, text.len() as u32].map(u32::to_le_bytes).concat();
        [&sizes, PACKED, &[0; 4], &data].concat()
    }

    fn unpack(packed: &[u8], cut: usize) -> (Vec<u8>, Decoded) {
        let (mut rtf, mut out) = (CompressedRtf::new(), BytesMut::new());
        for piece in packed.chunks(cut) {
            let (_, decoded) = rtf.run(piece, &mut out);
            if decoded != Decoded::More {
                return (out.to_vec(), decoded);
            }
        }
        (out.to_vec(), rtf.finish(&mut out).map_or_else(Decoded::Failed, |()| Decoded::End))
    }

    #[test]
    fn text_comes_out_packed_or_stored() {
        assert_eq!(PRESET.len(), 207);
        let text =
            b"{\\rtf1\\ansi\\deff0 the MALWARE, the MALWARE, and the MALWARE\\par }".repeat(30);
        let packed = packed(&text);
        let stored = [&[0; 8], STORED, &[0; 4], &text].concat();
        assert!(packed.len() < text.len());
        for cut in [1, 2, 7, packed.len()] {
            // What is behind the end belongs to nothing.
            let longer = [&packed[..], b"and so on"].concat();
            assert_eq!(unpack(&longer, cut), (text.clone(), Decoded::End), "pieces of {cut}");
            assert_eq!(unpack(&stored, cut), (text.clone(), Decoded::End), "pieces of {cut}");
            let unmarked = &packed[..packed.len() - 2];
            assert_eq!(unpack(unmarked, cut), (text.clone(), Decoded::End), "pieces of {cut}");
        }
    }

    #[test]
    fn another_kind_is_a_fault() {
        let malformed = Decoded::Failed(Unscannable::Malformed);
        assert_eq!(unpack(b"\0\0\0\0\0\0\0\0LZFx\0\0\0\0text", 1), (Vec::new(), malformed));
        assert_eq!(unpack(b"\0\0\0\0", 1), (Vec::new(), malformed));
        assert_eq!(unpack(b"", 1), (Vec::new(), Decoded::End));
    }
}
