//! An encoder for tests, of variant H with the coder that has no carries: it answers the decoder's questions so that
//! the byte at hand comes out.

use std::collections::VecDeque;

use super::coder::{BITS, Parts};
use super::heap::{Heap, STATE};
use super::model::Model;
use super::{Restoration, Variant};
use crate::coding::range::Source;

/// The end of a context's parts: none of its symbols.
const NONE: u32 = u32::MAX;

/// A stream on its way.
pub(crate) struct Written {
    model: Model,
    answers: Answers,
}

/// What is answered, and what is written of it.
struct Answers {
    next: VecDeque<u32>,
    low: u32,
    range: u32,
    out: Vec<u8>,
}

impl Answers {
    fn new() -> Self {
        Self { next: VecDeque::new(), low: 0, range: u32::MAX, out: Vec::new() }
    }
}

impl Parts for Answers {
    fn part(&mut self, total: u32) -> Option<u32> {
        self.range /= total;
        self.next.pop_front().map(|part| part.min(total - 1))
    }

    fn take(&mut self, start: u32, size: u32, _source: &mut Source<'_>) {
        self.low = self.low.wrapping_add(start * self.range);
        self.range *= size;
        loop {
            let is_settled = (self.low ^ self.low.wrapping_add(self.range)) < 1 << 24;
            if !is_settled && self.range >= 1 << 15 {
                return;
            }
            if !is_settled {
                self.range = self.low.wrapping_neg() & 0x7fff;
            }
            self.out.push((self.low >> 24) as u8);
            (self.low, self.range) = (self.low << 8, self.range << 8);
        }
    }

    fn bit(&mut self, size: u32, source: &mut Source<'_>) -> Option<bool> {
        let is_first = self.part(1 << BITS)? == 0;
        let (start, size) = if is_first { (0, size) } else { (size, (1 << BITS) - size) };
        self.take(start, size, source);
        Some(is_first)
    }
}

impl Written {
    /// A model of that order and so many bytes.
    pub(crate) fn new(order: u32, memory: u32) -> Self {
        let heap = Heap::new(Variant::H, memory, usize::MAX >> 1);
        let model = Model::new(Variant::H, order, Restoration::Restart, heap);
        Self { model, answers: Answers::new() }
    }

    /// Adds `bytes`.
    pub(crate) fn put(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.answer(*byte);
            let mut source = Source { bytes: &[], at: 0, short: false };
            let told = self.model.decode(&mut self.answers, &mut source);
            assert_eq!((told, self.answers.next.len()), (Ok(Some(*byte)), 0));
        }
    }

    /// What was written since the coder began, which begins anew.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        let Answers { low, mut out, .. } = std::mem::replace(&mut self.answers, Answers::new());
        out.extend_from_slice(&low.to_be_bytes());
        out
    }

    /// What leads to `byte`.
    fn answer(&mut self, byte: u8) {
        let (heap, mut context) = (&self.model.heap, self.model.least);
        let mut excluded = Vec::new();
        loop {
            let (states, first) = (heap.states(context), heap.first(context));
            let all =
                (0..states).map(|i| (heap.symbol(first + STATE * i), heap.freq(first + STATE * i)));
            let open: Vec<(u8, u8)> =
                all.filter(|(symbol, _)| !excluded.contains(symbol)).collect();
            let below = open.iter().take_while(|(symbol, _)| *symbol != byte);
            let part = below.map(|(_, freq)| u32::from(*freq)).sum();
            if open.iter().any(|(symbol, _)| *symbol == byte) {
                return self.answers.next.push_back(part);
            }
            self.answers.next.push_back(NONE);
            excluded.extend(open.iter().map(|(symbol, _)| *symbol));
            context = heap.suffix(context);
            while heap.states(context) == states {
                context = heap.suffix(context);
            }
        }
    }
}

mod tests {
    use bytes::BytesMut;
    use proptest::prelude::*;

    use super::super::{Kind, Parameters, Ppmd};
    use super::*;
    use crate::Limits;
    use crate::coding::transform::Transform;

    proptest! {
        /// In memory that is full again and again.
        #[test]
        fn what_is_written_comes_out(
            order in 2u32..65,
            memory in 2_048u32..9_000,
            content in prop::collection::vec(prop_oneof![any::<u8>(), 0u8..3], 0..600),
        ) {
            let mut written = Written::new(order, memory);
            written.put(&content);
            let (variant, kind, restoration) = (Variant::H, Kind::Carryless, Restoration::Restart);
            let parameters = Parameters { variant, kind, order, memory, restoration };
            let mut ppmd = Ppmd::new(parameters, content.len() as u64, &Limits::default());
            let (mut out, packed) = (BytesMut::new(), written.take());
            let mut rest = &*packed;
            while !rest.is_empty() && out.len() < content.len() {
                let (used, _) = ppmd.run(rest, &mut out);
                rest = &rest[used..];
            }
            prop_assert_eq!(ppmd.finish(&mut out), Ok(()));
            prop_assert!(out == content);
        }
    }
}
