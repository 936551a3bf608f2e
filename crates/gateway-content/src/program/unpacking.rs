//! Programs packed by whatever: what they unpack to when they are run, for as long as that takes.
//!
//! Only a program that shows a cheap sign of it is run: one that starts in a section that it may
//! write to, or in none. Of such a program it counts as a failure if nothing comes out and it looks
//! packed besides.

use bytes::{Bytes, BytesMut};
use gateway_inspect::Unscannable;

use super::layout::Layout;
use super::loader;
use super::rebuild::rebuild;
use super::run::{Ended, Run};
use crate::Limits;
use crate::archive::Member;
use crate::coding::decoder::{Decoded, Decoder};
use crate::coding::inflate::WINDOW;
use crate::coding::transform::Transform;

/// Instructions that are done before others may have a look.
const STEPS: u64 = 16 << 10;
/// Instructions that any program may do, some 15 ms, and those for each of its bytes: what unpacks takes
/// some ten to fifty for each byte that comes out. Of the packers of ClamAV's test files the
/// slowest takes 138 for each byte of a program of 2 KB, and 82 for one of 16 KB.
const STEPS_MIN: u64 = 1 << 19;
const STEPS_PER_BYTE: u64 = 128;
/// Bytes that could be decompressed in the time of an instruction.
const WORK: u64 = 2;
/// Bytes from which on it matters how even they are, and how many bits each has to hold at the least
/// to be packed ones: code holds some six.
const EVEN_BYTES_MIN: usize = 1 << 10;
const BITS_MIN: f64 = 7.0;

/// What a process of 32 bits has for itself: a larger image is loaded by no system.
const IMAGE_BYTES_MAX: u32 = 2 << 30;

/// Whether a program may be one of those.
pub(crate) fn is_likely(layout: &Layout) -> bool {
    layout.is_x86 && layout.image <= IMAGE_BYTES_MAX && layout.starts_writable()
}

/// What the program in `file` unpacks to, if it could be loaded.
pub(crate) fn member(file: &Bytes, layout: &Layout, limits: &Limits) -> Option<Member> {
    let bytes_max = limits.gathered_bytes_max;
    let decoder = if layout.image as usize > bytes_max {
        Err(Unscannable::TooLarge)
    } else if loader::loads(layout, bytes_max) {
        Ok(Decoder::Other(Box::new(Unpacking::new(file, layout, limits))))
    } else if looks_packed(file, layout) {
        // It belongs where it cannot be laid.
        Err(Unscannable::Unsupported)
    } else {
        return None;
    };
    let member = Member::stream("unpacked", Vec::new(), Decoder::unbounded());
    Some(Member { from: Some(0), decoder, ..member })
}

/// A program that unpacks itself, then the bytes of what became of it.
pub(crate) struct Unpacking {
    stage: Stage,
    packed: Bytes,
    layout: Layout,
    /// Bytes of memory that it gets.
    bytes_max: usize,
    /// Instructions it may do in all and for now, and those it has done.
    steps_max: u64,
    allowed: u64,
    steps: u64,
    out: Vec<u8>,
    at: usize,
    out_max: usize,
    failed: Option<Unscannable>,
    memory_max: usize,
}

/// How far it is.
enum Stage {
    /// It is not loaded: that it may be run at all is not certain.
    Before,
    Running(Box<Run>),
    Over,
}

impl Unpacking {
    fn new(packed: &Bytes, layout: &Layout, limits: &Limits) -> Self {
        let by_ratio = packed
            .len()
            .saturating_mul(limits.ratio_max as usize)
            .max(usize::try_from(limits.ratio_floor_bytes).unwrap_or(usize::MAX));
        let steps_max = STEPS_MIN.saturating_add(STEPS_PER_BYTE * packed.len() as u64);
        Self {
            stage: Stage::Before,
            packed: packed.clone(),
            layout: layout.clone(),
            bytes_max: limits.gathered_bytes_max,
            steps_max,
            allowed: limits.run_steps_max.min(steps_max),
            steps: 0,
            out: Vec::new(),
            at: 0,
            out_max: by_ratio,
            failed: None,
            // Memory, what was written to it, and a copy; its stack and what it calls.
            memory_max: packed.len() + limits.gathered_bytes_max / 8 * 17 + (256 << 10),
        }
    }

    /// Loads it, if it may be run.
    fn load(&mut self) {
        let run = if self.allowed == 0 {
            Err(Unscannable::WorkExceeded)
        } else {
            Run::new(&self.packed, &self.layout, self.bytes_max).ok_or(Unscannable::Unsupported)
        };
        self.stage = match run {
            Ok(run) => Stage::Running(Box::new(run)),
            Err(reason) => {
                self.failed = Some(reason);
                Stage::Over
            }
        };
    }

    fn end(&mut self, ended: Ended) {
        self.stage = Stage::Over;
        self.failed = ended.failed;
        let Some(unpacked) = ended.unpacked else {
            // It was a plain program after all.
            let is_plain = self.failed == Some(Unscannable::Unsupported)
                && !looks_packed(&self.packed, &self.layout);
            self.failed = self.failed.filter(|_| !is_plain);
            return;
        };
        self.out = rebuild(&self.packed, &self.layout, unpacked);
        if self.out.len() > self.out_max {
            let end = self.out.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
            self.out.truncate(end);
        }
        if self.out.len() > self.out_max {
            self.out.truncate(self.out_max);
            self.failed = Some(Unscannable::RatioExceeded);
        }
    }
}

impl Transform for Unpacking {
    fn run(&mut self, _input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        if let Stage::Before = self.stage {
            self.load();
        }
        if let Stage::Running(run) = &mut self.stage {
            let ended = run.go_on(STEPS.min(self.allowed));
            self.allowed = self.allowed.saturating_sub(run.steps() - self.steps);
            let ended = match ended {
                None if self.allowed == 0 => Some(run.end(None)),
                ended => ended,
            };
            self.steps = run.steps();
            let Some(ended) = ended else { return (0, Decoded::More) };
            self.end(ended);
        }
        let rest = self.out.get(self.at..).unwrap_or_default();
        let piece = rest.get(..WINDOW).unwrap_or(rest);
        out.extend_from_slice(piece);
        self.at += piece.len();
        let decoded = match self.failed {
            _ if self.at < self.out.len() => Decoded::More,
            Some(reason) => Decoded::Failed(reason),
            None => Decoded::End,
        };
        (0, decoded)
    }

    fn is_drained(&self) -> bool {
        false
    }

    fn is_settled(&self) -> bool {
        false
    }

    fn expands(&self) -> bool {
        true
    }

    fn allow(&mut self, steps: u64) {
        self.allowed = steps.min(self.steps_max.saturating_sub(self.steps));
    }

    fn steps(&self) -> u64 {
        self.steps
    }

    fn work(&self) -> u64 {
        self.steps * WORK + self.at as u64
    }

    fn memory_max(&self) -> usize {
        self.memory_max
    }
}

/// Whether a section is to be run that has nothing in the file, or holds what is packed.
fn looks_packed(file: &[u8], layout: &Layout) -> bool {
    let is_even = |bytes: &[u8]| bytes.len() >= EVEN_BYTES_MIN && bits(bytes) >= BITS_MIN;
    layout.has_room_to_run()
        || layout.sections.iter().any(|section| {
            let from = file.get(section.start() as usize..).unwrap_or_default();
            is_even(from.get(..section.bytes as usize).unwrap_or(from))
        })
}

/// Bits that a byte holds, as bytes are spread (Shannon's entropy).
fn bits(bytes: &[u8]) -> f64 {
    let mut counts = [0u32; 256];
    for byte in bytes {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let share = |count: u32| f64::from(count) / bytes.len() as f64;
    let shares = counts.iter().filter(|count| **count > 0).map(|count| share(*count));
    -shares.map(|share| share * share.log2()).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::fixture::{packed, plain, unpack};
    use crate::program::layout;

    /// Code that writes `inner`, which stands behind it, to 401000, decrypted by `key`, and goes there.
    fn stub(inner: &[u8], key: u8) -> Vec<u8> {
        let mut code = vec![0xbe, 0x1e, 0x30, 0x40, 0, 0xbf, 0, 0x10, 0x40, 0, 0xb9];
        code.extend((inner.len() as u32).to_le_bytes());
        code.extend([0xac, 0x34, key, 0xaa, 0xe2, 0xfa, 0xb8, 0, 0x10, 0x40, 0, 0xff, 0xe0]);
        code.resize(0x1e, 0x90);
        code.extend(inner.iter().map(|byte| byte ^ key));
        code
    }

    #[test]
    fn a_program_is_rebuilt_from_memory() {
        let inner = [b"\xc3 what it is ", &[7; 600][..], b"its end"].concat();
        let file = packed(&stub(&inner, 0x5a));
        let (out, end, _) = unpack(&file, &Limits::default()).unwrap();
        assert_eq!(end, Decoded::End);
        assert_eq!(out.get(0x1000..0x1000 + inner.len()), Some(&*inner));
        let layout = layout::read(&out).unwrap().unwrap();
        assert_eq!(layout.entry, 0x1000);
        assert_eq!(layout.end(), out.len() as u64);
        assert!(!is_likely(&layout), "what is unpacked is not to be unpacked again");
        let lies = layout.sections.iter().map(|section| (section.offset, section.bytes));
        assert_eq!(lies.collect::<Vec<_>>(), [(0x1000, 0x2000), (0x3000, 0x1000)]);
    }

    #[test]
    fn layers_are_followed_to_the_last() {
        // The first goes to 401000 by itself, and there is one that goes back to 403000.
        let mut second = stub(b"\xc3 the second", 0x33);
        for at in [7, 23] {
            second[at] = 0x38;
        }
        second[1..5].copy_from_slice(&0x0040_101e_u32.to_le_bytes());
        let file = packed(&stub(&second, 0x5a));
        let (out, end, _) = unpack(&file, &Limits::default()).unwrap();
        assert_eq!(end, Decoded::End);
        assert_eq!(out.get(0x3800..0x380c), Some(&b"\xc3 the second"[..]));
        assert_eq!(layout::read(&out).unwrap().unwrap().entry, 0x3800);
    }

    #[test]
    fn what_does_not_unpack_itself_has_a_reason_or_is_plain() {
        let few = Limits { run_steps_max: 100_000, ..Limits::default() };
        let noise: Vec<u8> =
            (0..4_096u32).map(|i| (i.wrapping_mul(0x9e37_79b9) >> 13) as u8).collect();
        let fld1 = [0xd9, 0xe8];
        for (file, want) in [
            (packed(&[0xeb, 0xfe]), Decoded::Failed(Unscannable::WorkExceeded)),
            (plain(&[0xeb, 0xfe]), Decoded::Failed(Unscannable::WorkExceeded)),
            (packed(&fld1), Decoded::Failed(Unscannable::Unsupported)),
            (packed(&[0xa1, 0, 0, 0, 0]), Decoded::Failed(Unscannable::Unsupported)),
            (plain(&[&fld1[..], &noise].concat()), Decoded::Failed(Unscannable::Unsupported)),
            (plain(&fld1), Decoded::End),
            (plain(&[0xc3]), Decoded::End),
        ] {
            let (out, end, steps) = unpack(&file, &few).unwrap();
            assert_eq!((out.len(), end), (0, want), "{:02x?}", &file[0x200..0x210]);
            assert!(steps <= 120_000, "{steps}");
        }
    }

    #[test]
    fn what_was_unpacked_before_the_end_is_shown() {
        let inner = [&b"\xeb\xfe"[..], b" what it is"].concat();
        let few = Limits { run_steps_max: 10_000, ..Limits::default() };
        let (out, end, _) = unpack(&packed(&stub(&inner, 1)), &few).unwrap();
        assert_eq!(end, Decoded::Failed(Unscannable::WorkExceeded));
        assert_eq!(out.get(0x1002..0x100d), Some(&b" what it is"[..]));
    }

    #[test]
    fn a_large_program_is_refused() {
        let file = Bytes::from(packed(&[0xc3]));
        let layout = layout::read(&file).unwrap().unwrap();
        let small = Limits { gathered_bytes_max: 0x3fff, ..Limits::default() };
        let member = member(&file, &layout, &small).unwrap();
        assert_eq!(member.decoder.err(), Some(Unscannable::TooLarge));
    }
}
