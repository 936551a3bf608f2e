//! The filters that packers put before programs for processors other than x86, and the one for data
//! in rows: targets of branches are absolute in the packed form, and bytes are differences.

use bytes::{BufMut, BytesMut};
use gateway_inspect::Unscannable;

use super::bcj::X86;
use super::decoder::Decoded;
use super::transform::Transform;

/// A processor whose instructions have one length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Processor {
    Arm,
    Arm64,
    ArmThumb,
    Ia64,
    PowerPc,
    Sparc,
}

/// The filter of that number, as xz and 7z have them, with its properties.
pub(crate) fn filter(number: u64, properties: &[u8]) -> Option<Box<dyn Transform>> {
    let processor = match number {
        3 => {
            let distance = usize::from(properties.first().copied().unwrap_or(0)) + 1;
            return Some(Box::new(Delta { distance, ..Delta::default() }));
        }
        // That it begins elsewhere than at the start no writer makes of this one.
        4 if properties.iter().all(|byte| *byte == 0) => return Some(Box::new(X86::default())),
        5 => Processor::PowerPc,
        6 => Processor::Ia64,
        7 => Processor::Arm,
        8 => Processor::ArmThumb,
        9 => Processor::Sparc,
        10 => Processor::Arm64,
        _ => return None,
    };
    let at = match properties {
        [] => 0,
        _ => u32::from_le_bytes(properties.try_into().ok()?),
    };
    Some(Box::new(Branch { at, ..Branch::new(processor) }))
}

/// The filter of one processor.
#[derive(Debug)]
pub(crate) struct Branch {
    processor: Processor,
    /// Position of the first byte that waits, modulo 2^32 as the filters count.
    at: u32,
    waiting: Vec<u8>,
}

impl Branch {
    pub(crate) const fn new(processor: Processor) -> Self {
        Self { processor, at: 0, waiting: Vec::new() }
    }

    /// Bytes that are looked at together, and from one such place to the next.
    const fn bytes(&self) -> (usize, usize) {
        match self.processor {
            Processor::Ia64 => (16, 16),
            Processor::ArmThumb => (4, 2),
            _ => (4, 4),
        }
    }

    /// Filters what stands at the front of `bytes`: how many bytes are done.
    fn instruction(&self, bytes: &mut [u8], at: u32) -> usize {
        let (_, step) = self.bytes();
        match self.processor {
            Processor::Ia64 => ia64(bytes, at),
            Processor::ArmThumb => return thumb(bytes, at),
            _ => {
                let Some(four) = bytes.first_chunk_mut::<4>() else { return step };
                *four = match self.processor {
                    Processor::PowerPc | Processor::Sparc => {
                        self.turned(u32::from_be_bytes(*four), at).to_be_bytes()
                    }
                    _ => self.turned(u32::from_le_bytes(*four), at).to_le_bytes(),
                };
            }
        }
        step
    }

    /// An instruction of four bytes, with its target made relative if it has one.
    fn turned(&self, word: u32, at: u32) -> u32 {
        match self.processor {
            Processor::Arm if word >> 24 == 0xeb => {
                let target = (word << 2).wrapping_sub(at.wrapping_add(8)) >> 2;
                0xeb00_0000 | target & 0x00ff_ffff
            }
            Processor::PowerPc if word & 0xfc00_0003 == 0x4800_0001 => {
                let target = (word & 0x03ff_fffc).wrapping_sub(at);
                0x4800_0001 | target & 0x03ff_fffc
            }
            Processor::Sparc if word >> 22 == 0x100 || word >> 22 == 0x1ff => {
                let target = (word << 2).wrapping_sub(at) >> 2;
                let sign = 0u32.wrapping_sub(target >> 22 & 1) << 22 & 0x3fff_ffff;
                sign | 0x4000_0000 | target & 0x003f_ffff
            }
            Processor::Arm64 if word >> 26 == 0x25 => {
                let target = word.wrapping_sub(at >> 2);
                0x9400_0000 | target & 0x03ff_ffff
            }
            Processor::Arm64 if word & 0x9f00_0000 == 0x9000_0000 => page(word, at),
            _ => word,
        }
    }
}

/// The instruction ADRP of ARM64, whose target is a page.
fn page(word: u32, at: u32) -> u32 {
    let source = word >> 29 & 3 | word >> 3 & 0x001f_fffc;
    // Only targets near enough were turned.
    if source.wrapping_add(0x0002_0000) & 0x001c_0000 != 0 {
        return word;
    }
    let target = source.wrapping_sub(at >> 12);
    word & 0x9000_001f
        | (target & 3) << 29
        | (target & 0x0003_fffc) << 3
        | 0u32.wrapping_sub(target & 0x0002_0000) & 0x00e0_0000
}

/// A pair of instructions of Thumb: how many bytes are done.
fn thumb(bytes: &mut [u8], at: u32) -> usize {
    let Some([a, b, c, d]) = bytes.first_chunk_mut::<4>() else { return 2 };
    if *b & 0xf8 != 0xf0 || *d & 0xf8 != 0xf8 {
        return 2;
    }
    let part = |high: u8, low: u8| u32::from(high & 7) << 8 | u32::from(low);
    let source = (part(*b, *a) << 11 | part(*d, *c)) << 1;
    let target = source.wrapping_sub(at.wrapping_add(4)) >> 1;
    let [_, high, mid, low] = target.to_be_bytes();
    // The target has 22 bits: eleven in each instruction.
    *b = 0xf0 | high >> 3 & 7;
    *a = high << 5 | mid >> 3;
    *d = 0xf8 | mid & 7;
    *c = low;
    4
}

/// Three instructions of 41 bits behind a template of five.
fn ia64(bytes: &mut [u8], at: u32) {
    /// Which of the three may be branches, by template.
    const BRANCHES: [u8; 32] = [
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 4, 6, 6, 0, 0, 7, 7, 4, 4, 0, 0, 4, 4,
        0, 0,
    ];
    let Some(all) = bytes.first_chunk_mut::<16>() else { return };
    let mut bundle = u128::from_le_bytes(*all);
    let mask = BRANCHES.get((bundle & 0x1f) as usize).copied().unwrap_or(0);
    for slot in (0..3u32).filter(|slot| mask >> slot & 1 == 1) {
        let shift = 5 + 41 * slot;
        let instruction = bundle >> shift & 0x1ff_ffff_ffff;
        if instruction >> 37 & 0xf != 5 || instruction >> 9 & 7 != 0 {
            continue;
        }
        let source = (instruction >> 13 & 0xf_ffff | (instruction >> 36 & 1) << 20) << 4;
        // The target has 25 bits.
        let target = u128::from((source as u32).wrapping_sub(at)) >> 4;
        let cleared = instruction & !(0x8f_ffff_u128 << 13);
        let turned = cleared | (target & 0xf_ffff) << 13 | (target & 0x10_0000) << 16;
        bundle = bundle & !(0x1ff_ffff_ffff_u128 << shift) | turned << shift;
    }
    *all = bundle.to_le_bytes();
}

impl Transform for Branch {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        self.waiting.extend_from_slice(input);
        let (want, _) = self.bytes();
        let mut done = 0;
        let mut waiting = std::mem::take(&mut self.waiting);
        while let Some(rest) = waiting.get_mut(done..).filter(|rest| rest.len() >= want) {
            // Positions count modulo 2^32, and so does the cast.
            done += self.instruction(rest, self.at.wrapping_add(done as u32));
        }
        out.put_slice(waiting.get(..done).unwrap_or_default());
        waiting.drain(..done);
        self.waiting = waiting;
        self.at = self.at.wrapping_add(done as u32);
        (input.len(), Decoded::More)
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        out.put_slice(&self.waiting);
        self.waiting.clear();
        Ok(())
    }

    fn is_settled(&self) -> bool {
        self.waiting.is_empty()
    }
}

/// Bytes as differences to those some places before.
#[derive(Debug, Default)]
pub(crate) struct Delta {
    distance: usize,
    /// The bytes that came out last, in a ring.
    before: Vec<u8>,
    at: usize,
}

impl Transform for Delta {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        self.before.resize(self.distance.max(1), 0);
        for byte in input {
            if let Some(slot) = self.before.get_mut(self.at) {
                *slot = slot.wrapping_add(*byte);
                out.put_u8(*slot);
            }
            self.at = (self.at + 1) % self.before.len();
        }
        (input.len(), Decoded::More)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(number: u64, properties: &[u8], packed: &[u8], want: &[u8]) {
        for cut in 1..=packed.len() {
            let (mut filter, mut out) = (filter(number, properties).unwrap(), BytesMut::new());
            for piece in packed.chunks(cut) {
                filter.run(piece, &mut out);
            }
            filter.finish(&mut out).unwrap();
            assert_eq!(&*out, want, "filter {number} by {cut}");
        }
    }

    /// As Python's `lzma` turns them, behind eight bytes; differences as they are counted.
    #[test]
    fn branches_are_turned_back() {
        let behind = |code: &[u8]| [&[0; 8], code].concat();
        check(7, &[], &behind(&[4, 0, 0, 0xeb, 1]), &behind(&[0, 0, 0, 0xeb, 1]));
        check(5, &[], &behind(&[0x48, 0, 0, 0x11]), &behind(&[0x48, 0, 0, 0x09]));
        check(9, &[], &behind(&[0x40, 0, 0, 4]), &behind(&[0x40, 0, 0, 2]));
        check(8, &[], &behind(&[0, 0xf0, 8, 0xf8]), &behind(&[0, 0xf0, 2, 0xf8]));
        check(10, &[], &behind(&[4, 0, 0, 0x94]), &behind(&[2, 0, 0, 0x94]));
        let bundle = |bytes: [u8; 16]| [[0; 16], bytes].concat();
        check(
            6,
            &[],
            &bundle([22, 0, 24, 141, 4, 20, 0, 48, 26, 9, 44, 0, 96, 52, 18, 80]),
            &bundle([22, 0, 20, 141, 4, 20, 0, 40, 26, 9, 44, 0, 80, 52, 18, 80]),
        );
        check(3, &[1], &[1, 10, 1, 10, 1], &[1, 10, 2, 20, 3]);
        assert!(filter(7, &[1]).is_none() && filter(11, &[]).is_none());
        assert!(filter(4, &[0, 16, 0, 0]).is_none());
    }

    /// A program whose first byte is at 4,096.
    #[test]
    fn branches_of_what_begins_elsewhere_are_turned_back() {
        let (mut arm, mut out) = (filter(7, &[0, 16, 0, 0]).unwrap(), BytesMut::new());
        arm.run(&[0x02, 0x04, 0, 0xeb], &mut out);
        arm.finish(&mut out).unwrap();
        assert_eq!(&out[..], [0, 0, 0, 0xeb]);
    }
}
