//! The filter BCJ2 of 7z: a program for x86 in four streams, of which one has all but the targets of
//! calls and jumps, two have these, and one tells which instructions have theirs there.

use bytes::{BufMut, BytesMut};
use gateway_inspect::Unscannable;

use super::decoder::Decoded;
use super::held::HeldThrough;
use super::inflate::WINDOW;
use super::transform::Transform;

const MODEL_BITS: u32 = 11;
const MOVE_BITS: u32 = 5;
/// Below this the range takes in another byte.
const RANGE_MIN: u32 = 1 << 24;
const CALL: u8 = 0xe8;
const JUMP: u8 = 0xe9;

/// A program on its way; of the stream below nothing is taken.
pub(crate) struct Bcj2 {
    main: Source,
    calls: Source,
    jumps: Source,
    choices: Source,
    /// How likely each choice is, by the byte before a call, for jumps, and for conditional ones.
    model: [u16; 256 + 2],
    range: u32,
    code: Option<u32>,
    last: u8,
    at: u32,
    left: u64,
    over: Option<Decoded>,
}

/// One of the streams.
struct Source {
    through: HeldThrough,
    ready: BytesMut,
    is_over: bool,
}

impl Source {
    fn new(through: HeldThrough) -> Self {
        Self { through, ready: BytesMut::new(), is_over: false }
    }

    /// The next byte.
    fn next(&mut self) -> Result<u8, Unscannable> {
        while self.ready.is_empty() && !self.is_over {
            match self.through.run(&[], &mut self.ready).1 {
                Decoded::More => {}
                Decoded::End => self.is_over = true,
                Decoded::Failed(reason) => return Err(reason),
                Decoded::Foreign { .. } => return Err(Unscannable::Malformed),
            }
        }
        let first = self.ready.first().copied().ok_or(Unscannable::Malformed)?;
        let _ = self.ready.split_to(1);
        Ok(first)
    }
}

impl Bcj2 {
    /// Of `unpacked` bytes, by the streams of everything else, calls, jumps and choices.
    pub(crate) fn new(streams: [HeldThrough; 4], unpacked: u64) -> Self {
        let [main, calls, jumps, choices] = streams.map(Source::new);
        Self {
            main,
            calls,
            jumps,
            choices,
            model: [1 << (MODEL_BITS - 1); 256 + 2],
            range: u32::MAX,
            code: None,
            last: 0,
            at: 0,
            left: unpacked,
            over: None,
        }
    }

    /// One byte, with the target behind it if it has one elsewhere.
    fn step(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        if self.code.is_none() {
            let mut code = 0u32;
            for _ in 0..5 {
                code = code << 8 | u32::from(self.choices.next()?);
            }
            self.code = Some(code);
        }
        let byte = self.main.next()?;
        self.put(byte, out);
        let before = std::mem::replace(&mut self.last, byte);
        let model = match byte {
            CALL => usize::from(before),
            JUMP => 256,
            0x80..=0x8f if before == 0x0f => 257,
            _ => return Ok(()),
        };
        if self.left == 0 || !self.choice(model)? {
            return Ok(());
        }
        let source = if byte == CALL { &mut self.calls } else { &mut self.jumps };
        let mut target = 0u32;
        for _ in 0..4 {
            target = target << 8 | u32::from(source.next()?);
        }
        let relative = target.wrapping_sub(self.at.wrapping_add(4)).to_le_bytes();
        relative.iter().for_each(|byte| self.put(*byte, out));
        self.last = relative[3];
        Ok(())
    }

    fn put(&mut self, byte: u8, out: &mut BytesMut) {
        if self.left > 0 {
            out.put_u8(byte);
            self.left -= 1;
            self.at = self.at.wrapping_add(1);
        }
    }

    /// Whether the target stands elsewhere.
    fn choice(&mut self, model: usize) -> Result<bool, Unscannable> {
        let (Some(code), Some(likely)) = (self.code, self.model.get_mut(model)) else {
            return Err(Unscannable::Malformed);
        };
        let bound = (self.range >> MODEL_BITS) * u32::from(*likely);
        let (mut code, is_elsewhere) = if code < bound {
            self.range = bound;
            *likely += ((1 << MODEL_BITS) - *likely) >> MOVE_BITS;
            (code, false)
        } else {
            self.range -= bound;
            *likely -= *likely >> MOVE_BITS;
            (code - bound, true)
        };
        if self.range < RANGE_MIN {
            self.range <<= 8;
            code = code << 8 | u32::from(self.choices.next()?);
        }
        self.code = Some(code);
        Ok(is_elsewhere)
    }
}

impl Transform for Bcj2 {
    fn run(&mut self, _input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let before = out.len();
        while self.over.is_none() && out.len() - before < WINDOW {
            if self.left == 0 {
                self.over = Some(Decoded::End);
            } else if let Err(reason) = self.step(out) {
                self.over = Some(Decoded::Failed(reason));
            }
        }
        (0, self.over.unwrap_or(Decoded::More))
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

    fn work(&self) -> u64 {
        [&self.main, &self.calls, &self.jumps, &self.choices]
            .map(|source| source.through.work())
            .iter()
            .sum()
    }

    fn memory_max(&self) -> usize {
        let each = |source: &Source| source.through.memory_max() + 2 * WINDOW;
        [&self.main, &self.calls, &self.jumps, &self.choices].map(each).iter().sum()
    }
}
