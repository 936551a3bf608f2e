//! Blocks of RAR 2.9 that are packed by context (PPMd, variant H): bytes, and behind an escape matches, programs and
//! ends.

use super::bits::{Bits, Fault, MALFORMED};
use super::ppmd::{Kind, Parameters, Restoration, Running, SYMBOL_BYTES_MAX, Variant, memory_max};
use super::range::Source;

/// The byte that is the escape as long as no other is told.
const ESCAPE: u8 = 2;
/// Flags of the head of a block: the model begins anew, and another escape follows.
const RESETS: u8 = 0x20;
const HAS_ESCAPE: u8 = 0x40;
/// The largest model that may be told.
const MEMORY_MAX: u32 = 256 << 20;

/// The model of a stream, from block to block.
pub(super) struct Context {
    running: Option<Box<Running>>,
    escape: u8,
    state: State,
    model_bytes_max: usize,
}

/// What the next byte is.
#[derive(Debug)]
enum State {
    /// A byte, or the escape.
    Byte,
    /// What follows the escape.
    Escaped,
    /// One of three bytes of a distance or, behind them, a length.
    Far { bytes: u8, distance: u32 },
    /// The length of a match of the last byte.
    Near,
    /// One of a program.
    Program(Vec<u8>),
}

/// What a byte comes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Told {
    Nothing,
    Byte(u8),
    Match {
        distance: usize,
        length: usize,
    },
    /// What the first byte and those behind it say.
    Program {
        flags: u8,
        code: Vec<u8>,
    },
    /// The next block follows.
    Block,
    End,
}

impl Context {
    /// A stream without a block so far, whose model may fill as many bytes.
    pub(super) const fn new(model_bytes_max: usize) -> Self {
        Self { running: None, escape: ESCAPE, state: State::Byte, model_bytes_max }
    }

    /// Reads the head of a block, of which the first bit, at a byte, has told that it is one.
    pub(super) fn begin(&mut self, bits: &mut Bits<'_>) -> Result<(), Fault> {
        let flags = bits.byte()?;
        let memory = if flags & RESETS != 0 { Some(bits.byte()?) } else { None };
        let escape = if flags & HAS_ESCAPE != 0 { bits.byte()? } else { self.escape };
        let start = [bits.byte()?, bits.byte()?, bits.byte()?, bits.byte()?];
        let (variant, kind, restoration) = (Variant::H, Kind::Carryless, Restoration::Restart);
        match (memory, &mut self.running) {
            (Some(memory), _) => {
                let order = match u32::from(flags & 0x1f) + 1 {
                    1 => return Err(MALFORMED),
                    order @ ..=16 => order,
                    order => 16 + 3 * (order - 16),
                };
                let memory = (u32::from(memory) + 1) << 20;
                let parameters = Parameters { variant, kind, order, memory, restoration };
                let running = Running::new(parameters, &start, self.model_bytes_max);
                self.running = Some(Box::new(running.ok_or(MALFORMED)?));
            }
            (None, Some(running)) => running.begin_again(kind, &start).ok_or(MALFORMED)?,
            (None, None) => return Err(MALFORMED),
        }
        (self.escape, self.state) = (escape, State::Byte);
        Ok(())
    }

    /// Reads the next byte; with `is_last` no more bytes come than have.
    pub(super) fn read(&mut self, bits: &mut Bits<'_>, is_last: bool) -> Result<Told, Fault> {
        let mut source = Source { bytes: bits.rest(), at: 0, short: false };
        if !is_last && source.bytes.len() < SYMBOL_BYTES_MAX {
            return Err(Fault::Short);
        }
        let running = self.running.as_mut().ok_or(MALFORMED)?;
        let byte = running.symbol(&mut source).map_err(Fault::Broken)?.ok_or(MALFORMED)?;
        // No more than one symbol takes.
        bits.skip(8 * source.at as u32)?;
        Ok(self.tell(byte))
    }

    /// All bytes have come out: reads the mark of the end of the member. The next begins with the head of a block.
    pub(super) fn close(&mut self, bits: &mut Bits<'_>, is_last: bool) -> Result<(), Fault> {
        if !is_last && bits.rest().len() < 2 * SYMBOL_BYTES_MAX {
            return Err(Fault::Short);
        }
        match (self.read(bits, true)?, self.read(bits, true)?) {
            (Told::Nothing, Told::End) => Ok(()),
            _ => Err(MALFORMED),
        }
    }

    fn tell(&mut self, byte: u8) -> Told {
        match std::mem::replace(&mut self.state, State::Byte) {
            State::Byte if byte != self.escape => return Told::Byte(byte),
            State::Byte => self.state = State::Escaped,
            State::Escaped => match byte {
                0 => return Told::Block,
                2 => return Told::End,
                3 => self.state = State::Program(Vec::new()),
                4 => self.state = State::Far { bytes: 0, distance: 0 },
                5 => self.state = State::Near,
                // The escape itself.
                _ => return Told::Byte(self.escape),
            },
            State::Far { bytes: 3, distance } => {
                return Told::Match {
                    distance: distance as usize + 2,
                    length: usize::from(byte) + 32,
                };
            }
            State::Far { bytes, distance } => {
                let distance = distance << 8 | u32::from(byte);
                self.state = State::Far { bytes: bytes + 1, distance };
            }
            State::Near => return Told::Match { distance: 1, length: usize::from(byte) + 4 },
            State::Program(mut bytes) => {
                bytes.push(byte);
                match program(&bytes) {
                    Some((flags, code)) => return Told::Program { flags, code: code.to_vec() },
                    None => self.state = State::Program(bytes),
                }
            }
        }
        Told::Nothing
    }

    /// What the models have cost, in bytes of output that take as long.
    pub(super) fn work(&self) -> u64 {
        self.running.as_ref().map_or(0, |running| running.work())
    }

    /// Bytes that it may hold at the most.
    pub(super) fn memory_max(&self) -> usize {
        memory_max(MEMORY_MAX, self.model_bytes_max) + (64 << 10)
    }
}

/// The flags and the bytes of a program, once all of them are there.
fn program(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let (flags, rest) = bytes.split_first()?;
    let (len, code) = match flags & 7 {
        6 => rest.split_first().map(|(more, code)| (usize::from(*more) + 7, code))?,
        7 => rest.split_first_chunk().map(|(len, code)| (u16::from_be_bytes(*len).into(), code))?,
        few => (usize::from(few) + 1, rest),
    };
    (code.len() >= len).then_some((*flags, code))
}

#[cfg(test)]
mod tests {
    use gateway_inspect::Unscannable;

    use super::*;
    use crate::coding::ppmd::Written;
    use crate::containers::seen;
    use crate::crafted::solid::{Packed, bytes, rar4_of, three};
    use crate::{Limits, packed};

    const TEXT: &[u8] = b"the account holder is MALWARE, and that is that\n";
    /// Order 6, 1 MiB; the top bit is that of blocks by context.
    const HEAD: [u8; 2] = [0x80 | RESETS | 5, 0];

    fn member(bytes: Vec<u8>, content: &[u8]) -> Packed<'_> {
        let (is_stored, goes_on, is_encrypted) = (false, false, false);
        Packed { name: b'a', bytes, content, is_stored, goes_on, is_encrypted }
    }

    /// Why the member of an archive could not be looked at that is packed so.
    fn reasons(packed: Vec<u8>, content: &[u8]) -> Vec<(String, Unscannable)> {
        seen(&rar4_of(29, 0, &[member(packed, content)]), &Limits::default()).1
    }

    #[test]
    fn bytes_matches_and_blocks_come_out() {
        let mut written = Written::new(6, 1 << 20);
        written.put(TEXT);
        // The escape as a byte, a far match of 32, a near one of 4, the end of a block.
        written.put(&[2, 1, 2, 4, 0, 0, 33, 0, 2, 5, 0, 2, 0]);
        let first = [&HEAD[..], &written.take()].concat();
        // The same model, and another escape.
        written.put(b"again\x02");
        written.put(&[7, 0]);
        let second = [&[0x80 | HAS_ESCAPE, 7][..], &written.take()].concat();
        let last = three(&bytes(b" and on"), true, false);
        let mut content = [TEXT, &[2]].concat();
        (0..32).for_each(|_| content.push(content[content.len() - 35]));
        (0..4).for_each(|_| content.push(content[content.len() - 1]));
        content.extend_from_slice(b"again\x02 and on");
        assert_eq!(reasons([first, second, last].concat(), &content), []);
    }

    #[test]
    fn models_go_on_in_solid_archives() {
        let body = packed::bytes(packed::RAR_3_SOLID);
        let (whole, reasons) = seen(&body, &Limits::default());
        assert_eq!(reasons, []);
        let sizes: Vec<u64> = whole.ends.iter().map(|end| end.bytes).collect();
        assert_eq!(sizes, [2, 2, body.len() as u64]);
        // Without the mark at its end nothing goes on from the first.
        let unsupported = ("rar:a".to_owned(), Unscannable::Unsupported);
        for (mark, want) in [(&[2, 2][..], vec![]), (&[], vec![unsupported])] {
            let mut written = Written::new(6, 1 << 20);
            written.put(TEXT);
            written.put(mark);
            let first = member([&HEAD[..], &written.take()].concat(), TEXT);
            written.put(TEXT);
            let second = member([&[0x80][..], &written.take()].concat(), TEXT);
            let archive = rar4_of(29, 8, &[first, Packed { goes_on: true, ..second }]);
            assert_eq!(seen(&archive, &Limits::default()).1, want, "{mark:?}");
        }
    }

    #[test]
    fn long_texts_of_any_order_come_out() {
        for (flags, order) in [(1, 2), (15, 16), (16, 19), (31, 64)] {
            let mut written = Written::new(order, 1 << 20);
            let content = TEXT.repeat(20);
            written.put(&content);
            written.put(&[2, 2]);
            let packed = [&[0x80 | RESETS | flags, 0][..], &written.take()].concat();
            assert_eq!(reasons(packed, &content), [], "{order}");
        }
    }

    #[test]
    fn what_makes_no_sense_or_is_not_known_says_so() {
        use Unscannable::{Malformed, Unsupported};
        let block = |head: &[u8], text: &[u8]| {
            let mut written = Written::new(6, 1 << 20);
            written.put(text);
            [head, &written.take()].concat()
        };
        for (what, packed, want) in [
            ("no model before", block(&[0x85], TEXT), Malformed),
            ("order 1", block(&[0x80 | RESETS, 0], TEXT), Malformed),
            ("an end before all is out", block(&HEAD, b"the\x02\x02"), Malformed),
            ("a match too far", block(&HEAD, b"\x02\x04\xff\xff\xff\x00"), Malformed),
            (
                "a program that is not known",
                block(&HEAD, b"\x02\x03\x83\x00\x00\x40\x00"),
                Unsupported,
            ),
            ("a cut", block(&HEAD, TEXT)[..20].to_vec(), Malformed),
        ] {
            assert_eq!(reasons(packed, TEXT), [("rar:a".to_owned(), want)], "{what}");
        }
    }

    #[test]
    fn programs_are_whole_once_their_length_has_come() {
        for (bytes, want) in [
            (&[0x80][..], None),
            (&[0x80, 1], Some(1)),
            (&[5, 1, 2, 3, 4, 5], None),
            (&[5, 1, 2, 3, 4, 5, 6], Some(6)),
            (&[6, 1, 2, 3, 4, 5, 6, 7, 8], None),
            (&[6, 0, 2, 3, 4, 5, 6, 7, 8], Some(7)),
            (&[7, 0], None),
            (&[7, 0, 2, 1, 2], Some(2)),
        ] {
            assert_eq!(program(bytes).map(|(_, code)| code.len()), want, "{bytes:?}");
        }
    }
}
