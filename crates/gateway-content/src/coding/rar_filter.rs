//! The filters of RAR, undone behind its symbols: targets of calls in programs, differences of bytes in
//! rows.

use bytes::BytesMut;
use gateway_inspect::Unscannable;

use super::decoder::Decoded;
use super::rar3::{Rar3, Version};
use super::rar5::Rar5;
use super::remains::Remains;
use super::stepped::{Stepped, Symbols};
use super::transform::Transform;

/// Size of a program, as the filter takes it.
const PROGRAM_BYTES: u32 = 0x0100_0000;

/// A filter: from which byte on, for how many, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Filter {
    pub(crate) start: u64,
    pub(crate) bytes: usize,
    pub(crate) kind: Kind,
}

/// What a filter does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Differences, the bytes of each of so many channels one behind the other.
    Delta {
        channels: usize,
    },
    /// Calls of x86, and calls and jumps.
    E8,
    E8E9,
    /// Branches of ARM.
    Arm,
}

impl Filter {
    /// Undoes it on `block`, which begins at `at` of the file.
    fn undo(&self, block: &mut [u8], at: u32) {
        match self.kind {
            Kind::Delta { channels } => undelta(block, channels.max(1)),
            Kind::E8 => calls(block, at, |byte| byte == 0xe8),
            Kind::E8E9 => calls(block, at, |byte| matches!(byte, 0xe8 | 0xe9)),
            Kind::Arm => branches(block, at),
        }
    }
}

fn undelta(block: &mut [u8], channels: usize) {
    let packed = block.to_vec();
    let mut differences = packed.iter();
    for channel in 0..channels {
        let mut last = 0u8;
        for slot in block.iter_mut().skip(channel).step_by(channels) {
            last = last.wrapping_sub(differences.next().copied().unwrap_or(0));
            *slot = last;
        }
    }
}

fn calls(block: &mut [u8], at: u32, is_call: impl Fn(u8) -> bool) {
    let mut i = 0;
    while i + 5 <= block.len() {
        i += 1;
        if !block.get(i - 1).is_some_and(|byte| is_call(*byte)) {
            continue;
        }
        // Positions count within the size of a program.
        let position = at.wrapping_add(i as u32) % PROGRAM_BYTES;
        let Some(place) = block.get_mut(i..).and_then(|rest| rest.first_chunk_mut::<4>()) else {
            break;
        };
        let target = u32::from_le_bytes(*place);
        let turned = if target & 0x8000_0000 != 0 {
            let is_turned = target.wrapping_add(position) & 0x8000_0000 == 0;
            is_turned.then(|| target.wrapping_add(PROGRAM_BYTES))
        } else {
            let is_turned = target.wrapping_sub(PROGRAM_BYTES) & 0x8000_0000 != 0;
            is_turned.then(|| target.wrapping_sub(position))
        };
        if let Some(turned) = turned {
            *place = turned.to_le_bytes();
        }
        i += 4;
    }
}

fn branches(block: &mut [u8], at: u32) {
    for (i, place) in block.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        let [a, b, c, 0xeb] = *place else { continue };
        let offset = u32::from_le_bytes([a, b, c, 0]);
        // Instructions count, modulo what fits.
        let position = at.wrapping_add(4 * i as u32) / 4;
        let [a, b, c, _] = offset.wrapping_sub(position).to_le_bytes();
        *place = [a, b, c, 0xeb];
    }
}

/// Symbols that tell of filters.
pub(crate) trait Filtered: Symbols {
    /// Those that were met so far, in order of their start.
    fn filters(&self) -> &[Filter];

    /// What is left of them at the end of a member.
    fn remains(stepped: &mut Stepped<Self>) -> Option<Remains>
    where
        Self: Sized;
}

impl Filtered for Rar5 {
    fn filters(&self) -> &[Filter] {
        Self::filters(self)
    }

    fn remains(stepped: &mut Stepped<Self>) -> Option<Remains> {
        let kept = stepped.kept(Self::new(1, 1, 1))?;
        Some(Remains::Rar5(Box::new(kept.with(Self::for_next))))
    }
}

impl Filtered for Rar3 {
    fn filters(&self) -> &[Filter] {
        Self::filters(self)
    }

    fn remains(stepped: &mut Stepped<Self>) -> Option<Remains> {
        let kept = stepped.kept(Self::new(Version::Two, 1, 0))?;
        Some(Remains::Rar3(Box::new(kept.with(Self::for_next))))
    }
}

/// A packed member with its filters undone.
pub(crate) struct Unfiltered<S> {
    inner: Stepped<S>,
    /// What came out and may be part of a block that a filter is for, and where that begins.
    pending: BytesMut,
    at: u64,
    /// Filters that are done.
    done: usize,
}

impl<S: Filtered> Unfiltered<S> {
    pub(crate) fn new(inner: Stepped<S>) -> Self {
        Self { inner, pending: BytesMut::new(), at: 0, done: 0 }
    }

    /// Passes on what no filter is for any more.
    fn pass(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        while let Some(filter) = self.inner.symbols().filters().get(self.done).copied() {
            let before = filter.start.checked_sub(self.at).ok_or(Unscannable::Malformed)?;
            let before = usize::try_from(before).unwrap_or(usize::MAX).min(self.pending.len());
            self.take(before, out);
            if self.at < filter.start || self.pending.len() < filter.bytes {
                return Ok(());
            }
            let last = self.inner.symbols().filters().get(self.done + 1);
            let is_chained = last.is_some_and(|next| next.start == filter.start);
            let block = self.pending.get_mut(..filter.bytes).unwrap_or_default();
            // Positions count modulo 2^32, and so does the cast.
            filter.undo(block, self.at as u32);
            self.done += 1;
            if !is_chained {
                self.take(filter.bytes, out);
            }
        }
        self.take(self.pending.len(), out);
        Ok(())
    }

    fn take(&mut self, n: usize, out: &mut BytesMut) {
        out.extend_from_slice(&self.pending.split_to(n));
        self.at += n as u64;
    }
}

impl<S: Filtered> Transform for Unfiltered<S> {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let (used, decoded) = self.inner.run(input, &mut self.pending);
        if let Err(reason) = self.pass(out) {
            return (used, Decoded::Failed(reason));
        }
        if decoded != Decoded::More {
            // A filter for more than there is.
            self.take(self.pending.len(), out);
        }
        (used, decoded)
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        self.take(self.pending.len(), out);
        self.inner.finish(out)
    }

    fn is_drained(&self) -> bool {
        self.inner.is_drained()
    }

    fn is_settled(&self) -> bool {
        self.pending.is_empty()
    }

    fn lag(&self) -> usize {
        self.inner.lag()
    }

    fn expands(&self) -> bool {
        true
    }

    fn is_checked(&self) -> bool {
        true
    }

    fn work(&self) -> u64 {
        self.inner.work()
    }

    fn remains(&mut self) -> Option<Remains> {
        S::remains(&mut self.inner)
    }

    fn memory_max(&self) -> usize {
        // What waits is no longer than what one filter is for, and what one step brings.
        self.inner.memory_max() + (5 << 20)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::coding::stepped::Sizes;
    use crate::{Limits, packed};

    /// What comes out of `body` in pieces.
    fn unpack(mut transform: Box<dyn Transform>, body: &[u8], cut: usize) -> (Vec<u8>, Decoded) {
        let (mut out, mut decoded) = (BytesMut::new(), Decoded::More);
        for piece in body.chunks(cut) {
            let mut rest = piece;
            while decoded == Decoded::More && !(rest.is_empty() && transform.is_drained()) {
                let (used, next) = transform.run(rest, &mut out);
                rest = &rest[used..];
                decoded = next;
            }
        }
        (out.to_vec(), decoded)
    }

    #[test]
    fn what_rar_packed_is_unpacked() {
        let limits = Limits::default();
        for (name, digits, crc) in [
            ("5.0", packed::RAR_5, 0xc5b7_e6a2),
            ("2.9", packed::RAR_3, 0xc5b7_e6a2),
            ("2.9, best", packed::RAR_3_BEST, 0xc5b7_e6a2),
            ("2.0", packed::RAR_2, 0x7e32_65a8),
        ] {
            let body = packed::bytes(digits);
            for cut in 1..=body.len() {
                let unpacked = if name == "2.0" { 4 } else { 2_048 };
                let sizes = Sizes { packed: Some(body.len() as u64), unpacked };
                let transform: Box<dyn Transform> = if name == "5.0" {
                    let symbols = Rar5::new(1 << 17, unpacked, limits.window_bytes_max);
                    Box::new(Unfiltered::new(Stepped::new(symbols, sizes, &limits)))
                } else {
                    let version = if name == "2.0" { Version::Two } else { Version::Three };
                    let symbols = Rar3::new(version, 1 << 16, limits.model_bytes_max);
                    Box::new(Unfiltered::new(Stepped::new(symbols, sizes, &limits)))
                };
                let (out, decoded) = unpack(transform, &body, cut);
                let text = String::from_utf8_lossy(&out);
                assert_eq!((crc32fast::hash(&out), decoded), (crc, Decoded::End), "{name}: {text}");
                assert!(name == "2.0" || out == packed::lines(), "{name}");
            }
        }
    }

    #[test]
    fn filters_are_undone() {
        // The first of three channels, then the second, then the third.
        let mut block = [255, 255, 254, 253, 0, 1];
        Filter { start: 0, bytes: 6, kind: Kind::Delta { channels: 3 } }.undo(&mut block, 0);
        assert_eq!(block, [1, 2, 0, 2, 5, 255]);
        // A call to 0x100 that stands at 0x10 of the file.
        let mut block = [0x90, 0xe8, 0x00, 0x01, 0, 0, 0xe9, 0x00, 0x01, 0, 0];
        Filter { start: 0, bytes: 11, kind: Kind::E8 }.undo(&mut block, 0x10);
        assert_eq!(block, [0x90, 0xe8, 0xee, 0, 0, 0, 0xe9, 0x00, 0x01, 0, 0]);
        Filter { start: 0, bytes: 11, kind: Kind::E8E9 }.undo(&mut block, 0x10);
        assert_eq!(&block[6..], [0xe9, 0xe9, 0, 0, 0]);
        let mut block = [0x10, 0, 0, 0xeb, 0x10, 0, 0, 0xea];
        Filter { start: 0, bytes: 8, kind: Kind::Arm }.undo(&mut block, 8);
        assert_eq!(block, [0x0e, 0, 0, 0xeb, 0x10, 0, 0, 0xea]);
    }

    /// Calls as the packer turns them.
    fn turn(block: &mut [u8], at: u32) {
        let mut i = 0;
        while i + 5 <= block.len() {
            i += 1;
            if block[i - 1] != 0xe8 {
                continue;
            }
            let position = at.wrapping_add(i as u32) % PROGRAM_BYTES;
            let offset = u32::from_le_bytes(block[i..i + 4].try_into().unwrap());
            let target = offset.wrapping_add(position);
            let turned = if target < PROGRAM_BYTES {
                Some(target)
            } else if (offset as i32) >= 0 && offset < PROGRAM_BYTES {
                Some(offset.wrapping_sub(PROGRAM_BYTES))
            } else {
                None
            };
            if let Some(turned) = turned {
                block[i..i + 4].copy_from_slice(&turned.to_le_bytes());
            }
            i += 4;
        }
    }

    proptest! {
        #[test]
        fn calls_come_back(
            block in prop::collection::vec(prop::sample::select(vec![0xe8u8, 0, 1, 0x7f, 0xff]), 0..80),
            at in 0u32..0x200_0000,
        ) {
            let mut turned = block.clone();
            turn(&mut turned, at);
            calls(&mut turned, at, |byte| byte == 0xe8);
            prop_assert_eq!(turned, block);
        }
    }
}
