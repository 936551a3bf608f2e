//! Cabinets by Quantum: the arithmetic encoder, with the models of the decoder.

use super::{Writer, repeated};
use crate::coding::quantum::{Model, length_slot, slot};

const FRAME: usize = 32 << 10;

/// One frame on its way. Bits that are no part of the code stand where the decoder is by then: 16 bits
/// of the code ahead.
struct Frame {
    low: u32,
    high: u32,
    bits: Vec<bool>,
    pending: usize,
    plain: Vec<(usize, usize, u32)>,
}

impl Frame {
    fn put(&mut self, bit: bool) {
        self.bits.push(bit);
        self.bits.extend(vec![!bit; std::mem::take(&mut self.pending)]);
    }

    fn symbol(&mut self, model: &mut Model, symbol: usize) {
        let (place, range, all) = (model.place(symbol), self.high - self.low + 1, model.sum(0));
        self.high = self.low + model.sum(place) * range / all - 1;
        self.low += model.sum(place + 1) * range / all;
        model.count(place);
        loop {
            let (low, high) = (self.low >> 14, self.high >> 14);
            if low >> 1 == high >> 1 {
                self.put(low >> 1 == 1);
            } else if (low, high) == (1, 2) {
                self.pending += 1;
                (self.low, self.high) = (self.low & 0x3fff, self.high | 0x4000);
            } else {
                break;
            }
            (self.low, self.high) = (self.low << 1 & 0xffff, (self.high << 1 | 1) & 0xffff);
        }
    }

    fn plain(&mut self, value: usize, count: u32) {
        self.plain.push((self.bits.len() + self.pending + 16, value, count));
    }

    fn finish(mut self) -> Vec<u8> {
        (0..16).rev().for_each(|i| self.put(self.low >> i & 1 == 1));
        let mut out = Writer::default();
        let mut at = 0;
        for (place, value, count) in self.plain {
            self.bits[at..place].iter().for_each(|bit| out.high((*bit).into(), 1));
            out.high(value, count);
            at = place;
        }
        self.bits[at..].iter().for_each(|bit| out.high((*bit).into(), 1));
        out.bytes(|i| 7 - i as u8)
    }
}

/// The slot of a value: the last that begins no later.
fn find(value: usize, slot: fn(usize) -> (usize, u32)) -> (usize, usize, u32) {
    let number = (0..50).take_while(|number| slot(*number).0 <= value && *number < 42).last();
    let (base, extra) = slot(number.unwrap());
    (number.unwrap(), value - base, extra)
}

/// The frames of `content`, with matches of one distance.
fn frames(content: &[u8], distance: usize, window_bits: usize) -> Vec<Vec<u8>> {
    let mut kinds = Model::new(7);
    let mut groups = [(); 4].map(|()| Model::new(64));
    let slots = 2 * window_bits;
    let mut distances = [Model::new(slots.min(24)), Model::new(slots.min(36)), Model::new(slots)];
    let mut lengths = Model::new(27);
    let (mut out, mut at) = (Vec::new(), 0);
    while at < content.len() {
        let end = content.len().min((at / FRAME + 1) * FRAME);
        let (low, high, pending) = (0, 0xffff, 0);
        let mut frame = Frame { low, high, bits: Vec::new(), pending, plain: Vec::new() };
        while at < end {
            let Some(len) = repeated(&content[..end], at, distance, 259) else {
                let (group, byte) = (usize::from(content[at]) / 64, usize::from(content[at]) % 64);
                frame.symbol(&mut kinds, group);
                frame.symbol(&mut groups[group], byte);
                at += 1;
                continue;
            };
            let len = if len == 9 { 3 } else { len };
            frame.symbol(&mut kinds, 4 + len.min(5) - 3);
            if len >= 5 {
                let (number, rest, extra) = find(len - 5, |n| length_slot(n.min(26)));
                frame.symbol(&mut lengths, number.min(26));
                frame.plain(rest, extra);
            }
            let (number, rest, extra) = find(distance - 1, slot);
            frame.symbol(&mut distances[len.min(5) - 3], number);
            frame.plain(rest, extra);
            at += len;
        }
        out.push(frame.finish());
    }
    out
}

/// A cabinet with one file, in a window of so many bits.
pub(crate) fn cab_quantum(content: &[u8], distance: usize, window_bits: u8) -> Vec<u8> {
    let size = (content.len() as u32).to_le_bytes();
    let blocks = frames(content, distance, window_bits.into());
    let count = (blocks.len() as u16).to_le_bytes();
    let data = blocks.iter().zip(content.chunks(FRAME)).flat_map(|(block, of)| {
        let sizes = [block.len() as u16, of.len() as u16].map(u16::to_le_bytes);
        [&[0; 4], sizes.as_flattened(), block].concat()
    });
    let data: Vec<u8> = data.collect();
    let file = [&size[..], &[0; 4], &[0, 0], &[0; 4], &[0x20, 0], b"a.txt\0"].concat();
    let at = 36 + 8 + file.len() as u32;
    let all = (at + data.len() as u32).to_le_bytes();
    let head = [b"MSCF\0\0\0\0", &all[..], &[0; 4], &44u32.to_le_bytes(), &[0; 4]].concat();
    let head = [&head[..], &[3, 1, 1, 0, 1, 0], &[0; 6]].concat();
    [&head[..], &at.to_le_bytes(), &count, &[0x72, window_bits], &file, &data].concat()
}
