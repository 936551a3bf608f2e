//! The bytes of a sparse file, with zeros where it has holes.

use std::collections::VecDeque;

use bytes::{BufMut, BytesMut};
use gateway_inspect::Unscannable;

use super::decoder::Decoded;
use super::inflate::WINDOW;
use super::ratio::Ratio;
use super::transform::Transform;
use crate::Limits;

/// Stretches of data in a file, at the most.
pub(crate) const STRETCHES_MAX: usize = 1 << 16;

/// A list of numbers before the data fills blocks of that size.
const BLOCK: u64 = 512;

/// Bytes that are there, and where in the file they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) at: u64,
    pub(crate) len: u64,
}

/// Where the list of stretches is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Map {
    Known(Vec<Stretch>),
    /// Before the data: numbers in decimal digits, each in a line, of which the first is how many
    /// stretches there are.
    Ahead,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// A line of the list; so many numbers are to come behind the first, which says that.
    Line {
        value: u64,
        left: Option<u64>,
    },
    /// What fills the last block of the list.
    Padding,
    Data,
}

/// The way from the bytes that are there to the file.
pub(crate) struct Sparse {
    next: Next,
    stretches: VecDeque<Stretch>,
    /// The place of a stretch whose length is to come.
    begun: Option<u64>,
    /// Bytes of the list, then of all, that were taken; all that there are.
    taken: u64,
    packed: u64,
    /// Where in the file it is, and how long that is.
    at: u64,
    size: u64,
    ratio: Ratio,
    drained: bool,
}

impl Sparse {
    /// A file of `size` bytes, of which `packed` are there, the list of stretches included if that is
    /// ahead.
    pub(crate) fn new(
        map: Map,
        packed: u64,
        size: u64,
        limits: &Limits,
    ) -> Result<Self, Unscannable> {
        let (next, stretches) = match map {
            Map::Known(stretches) => (Next::Data, stretches.into()),
            Map::Ahead => (Next::Line { value: 0, left: None }, VecDeque::new()),
        };
        let sparse = Self {
            next,
            stretches,
            begun: None,
            taken: 0,
            packed,
            at: 0,
            size,
            ratio: Ratio::new(limits),
            drained: false,
        };
        if next == Next::Data {
            sparse.check()?;
        }
        Ok(sparse)
    }

    /// Whether the stretches follow each other within the file, and are all that is there.
    fn check(&self) -> Result<(), Unscannable> {
        let mut end = Some(0u64);
        let mut there = Some(0u64);
        for stretch in &self.stretches {
            let start = end.filter(|end| *end <= stretch.at).map(|_| stretch.at);
            end = start.and_then(|start| start.checked_add(stretch.len));
            there = there.and_then(|there| there.checked_add(stretch.len));
        }
        let fits = end.is_some_and(|end| end <= self.size);
        let is_all = there == self.packed.checked_sub(self.taken);
        if fits && is_all { Ok(()) } else { Err(Unscannable::Contradiction) }
    }

    /// Reads one byte of the list.
    fn read(&mut self, byte: u8) -> Result<(), Unscannable> {
        let Next::Line { value, left } = self.next else {
            if self.taken.is_multiple_of(BLOCK) {
                self.next = Next::Data;
                self.check()?;
            }
            return Ok(());
        };
        if byte.is_ascii_digit() {
            let value = value.checked_mul(10).and_then(|ten| ten.checked_add((byte - b'0').into()));
            self.next = Next::Line { value: value.ok_or(Unscannable::Malformed)?, left };
            return Ok(());
        }
        if byte != b'\n' {
            return Err(Unscannable::Malformed);
        }
        let left = match (left, self.begun.take()) {
            (None, _) if value > STRETCHES_MAX as u64 => return Err(Unscannable::TooMany),
            (None, _) => 2 * value,
            (Some(left), None) => {
                self.begun = Some(value);
                left - 1
            }
            (Some(left), Some(at)) => {
                self.stretches.push_back(Stretch { at, len: value });
                left - 1
            }
        };
        self.next = Next::Line { value: 0, left: Some(left) };
        if left == 0 {
            self.next = Next::Padding;
            if self.taken.is_multiple_of(BLOCK) {
                self.next = Next::Data;
                self.check()?;
            }
        }
        Ok(())
    }

    /// Puts out zeros and bytes of `input`, as far as there is room: how many bytes were used.
    fn put(&mut self, input: &[u8], out: &mut BytesMut) -> usize {
        let before = out.len();
        let mut used = 0;
        loop {
            let room = (WINDOW - (out.len() - before).min(WINDOW)) as u64;
            let stretch = self.stretches.front_mut();
            let end = stretch.as_ref().map_or(self.size, |stretch| stretch.at);
            let zeros = end.saturating_sub(self.at);
            if zeros > 0 {
                let n = zeros.min(room);
                out.put_bytes(0, usize::try_from(n).unwrap_or(WINDOW));
                self.at += n;
                self.drained = false;
                if n < zeros {
                    return used;
                }
                continue;
            }
            let Some(stretch) = stretch else { return used };
            if stretch.len == 0 {
                self.stretches.pop_front();
                continue;
            }
            let rest = input.get(used..).unwrap_or_default();
            let n = usize::try_from(stretch.len.min(room)).unwrap_or(WINDOW).min(rest.len());
            out.extend_from_slice(rest.get(..n).unwrap_or_default());
            used += n;
            stretch.at += n as u64;
            stretch.len -= n as u64;
            self.at += n as u64;
            if stretch.len > 0 {
                self.drained = used == input.len();
                return used;
            }
        }
    }
}

impl Transform for Sparse {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let input = self.ratio.of_step(input, self.drained);
        let before = out.len();
        let mut used = 0;
        while self.next != Next::Data {
            let Some(byte) = input.get(used).filter(|_| self.taken < self.packed) else { break };
            (used, self.taken) = (used + 1, self.taken + 1);
            if let Err(reason) = self.read(*byte) {
                return (used, Decoded::Failed(reason));
            }
        }
        self.drained = true;
        if self.next == Next::Data {
            let n = self.put(input.get(used..).unwrap_or_default(), out);
            (used, self.taken) = (used + n, self.taken + n as u64);
        } else if self.taken == self.packed {
            return (used, Decoded::Failed(Unscannable::Malformed));
        }
        if let Err(reason) = self.ratio.add(used, out.len() - before, out) {
            return (used, Decoded::Failed(reason));
        }
        let is_over = self.next == Next::Data && self.at == self.size && self.stretches.is_empty();
        (used, if is_over { Decoded::End } else { Decoded::More })
    }

    fn finish(&mut self, _out: &mut BytesMut) -> Result<(), Unscannable> {
        Err(Unscannable::Malformed)
    }

    fn is_drained(&self) -> bool {
        self.drained
    }

    fn expands(&self) -> bool {
        true
    }

    fn work(&self) -> u64 {
        self.ratio.unpacked()
    }

    fn memory_max(&self) -> usize {
        STRETCHES_MAX * size_of::<Stretch>()
    }
}
