//! What packers did before deflate: each method by the plainest encoder that uses all of it.

use std::collections::HashMap;

use super::{Writer, repeated};

/// Shrunk data: codes are forgotten when there are no more.
pub(crate) fn shrunk(content: &[u8]) -> Vec<u8> {
    const CODES: u16 = 1 << 13;
    let mut out = Writer::default();
    let mut width = 9;
    // What a code stands for: another with one more byte.
    let mut strings: Vec<Option<(u16, u8)>> = vec![None; CODES.into()];
    let mut codes: HashMap<(u16, u8), u16> = HashMap::new();
    let mut from = 257;
    let Some((first, rest)) = content.split_first() else { return Vec::new() };
    let mut at = u16::from(*first);
    for byte in rest {
        if let Some(longer) = codes.get(&(at, *byte)) {
            at = *longer;
            continue;
        }
        emit(&mut out, &mut width, at);
        let mut free = (from..CODES).find(|code| strings[usize::from(*code)].is_none());
        if free.is_none() {
            out.low(256, width);
            out.low(2, width);
            let parents: Vec<u16> = strings.iter().flatten().map(|(parent, _)| *parent).collect();
            for code in 257..CODES {
                if !parents.contains(&code)
                    && let Some(string) = strings[usize::from(code)].take()
                {
                    codes.remove(&string);
                }
            }
            free = (257..CODES).find(|code| strings[usize::from(*code)].is_none());
        }
        let code = free.unwrap();
        strings[usize::from(code)] = Some((at, *byte));
        if code != at {
            // Of itself no string can be made.
            codes.insert((at, *byte), code);
        }
        (from, at) = (code + 1, (*byte).into());
    }
    emit(&mut out, &mut width, at);
    out.bytes(|i| i as u8)
}

/// A code, after it was said that codes become longer.
fn emit(out: &mut Writer, width: &mut u32, code: u16) {
    while code >> *width > 0 {
        out.low(256, *width);
        out.low(1, *width);
        *width += 1;
    }
    out.low(code.into(), *width);
}

/// Reduced data: matches of one distance, and the likeliest bytes behind each.
pub(crate) fn reduced(factor: u32, content: &[u8], distance: usize) -> Vec<u8> {
    let (length_bits, longest) = (8 - factor, (1 << (8 - factor)) - 1);
    let mut bytes = Vec::new();
    let mut at = 0;
    while at < content.len() {
        match (repeated(content, at, distance, longest + 3 + 255), content[at]) {
            (Some(len), _) => {
                let high = (distance - 1) >> 8 << length_bits;
                let low = (distance - 1) & 255;
                bytes.extend([144, (high | (len - 3).min(longest)) as u8]);
                if len - 3 >= longest {
                    bytes.push((len - 3 - longest) as u8);
                }
                bytes.push(low as u8);
                at += len;
                continue;
            }
            (None, 144) => bytes.extend([144, 0]),
            (None, byte) => bytes.push(byte),
        }
        at += 1;
    }
    let mut followers: Vec<Vec<u8>> = vec![Vec::new(); 256];
    for (before, byte) in std::iter::once(&0).chain(&bytes).zip(&bytes) {
        let of = &mut followers[usize::from(*before)];
        if !of.contains(byte) && of.len() < 32 {
            of.push(*byte);
        }
    }
    let mut out = Writer::default();
    for of in followers.iter().rev() {
        out.low(of.len(), 6);
        of.iter().for_each(|byte| out.low((*byte).into(), 8));
    }
    for (before, byte) in std::iter::once(&0).chain(&bytes).zip(&bytes) {
        let of = &followers[usize::from(*before)];
        // Numbers are as wide as the greatest of them, and one bit at least.
        let width = (1..6).find(|width| of.len() <= 1 << width).unwrap();
        match of.iter().position(|follower| follower == byte) {
            _ if of.is_empty() => out.low((*byte).into(), 8),
            Some(number) => {
                out.low(0, 1);
                out.low(number, width);
            }
            None => {
                out.low(1, 1);
                out.low((*byte).into(), 8);
            }
        }
    }
    out.bytes(|i| i as u8)
}
