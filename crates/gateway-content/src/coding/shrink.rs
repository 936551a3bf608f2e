//! Shrunk data, method 1 of ZIP (APPNOTE.TXT, section 5.1): codes of 9 to 13 bits for strings that are
//! met on the way, of which those that begin no other are forgotten when the packer says so.

use super::bits::{Bits, Fault, MALFORMED, Order};
use super::stepped::{Sink, Symbols};

/// Codes there are, at the most.
const CODES: usize = 1 << WIDTH_MAX;
const WIDTH_MIN: u32 = 9;
const WIDTH_MAX: u32 = 13;
/// The code that tells about codes, by the one behind it.
const CONTROL: usize = 256;
/// Codes take one more bit; strings that begin no other are forgotten.
const WIDEN: usize = 1;
const CLEAR: usize = 2;

/// A set of codes.
type Codes = [u64; CODES / 64];

/// The symbols.
pub(crate) struct Shrink {
    width: u32,
    /// The code before, once there was one.
    before: Option<usize>,
    /// For each code that of its string without the last byte, and that byte.
    parents: Vec<u16>,
    bytes: Vec<u8>,
    /// How many strings each code is one byte shorter than.
    children: Vec<u16>,
    /// Codes without a string, and those whose string begins no other.
    free: Codes,
    leaves: Codes,
    /// Codes are given out from here on.
    from: usize,
    /// The string at hand, its last byte first.
    string: Vec<u8>,
}

impl Shrink {
    pub(crate) fn new() -> Self {
        let mut free = [u64::MAX; CODES / 64];
        free.iter_mut().take(CONTROL / 64).for_each(|word| *word = 0);
        set(&mut free, CONTROL, false);
        Self {
            width: WIDTH_MIN,
            before: None,
            parents: vec![0; CODES],
            bytes: vec![0; CODES],
            children: vec![0; CODES],
            free,
            leaves: [0; CODES / 64],
            from: CONTROL + 1,
            string: Vec::new(),
        }
    }

    /// Forgets the strings that begin no other. Those that do no more are leaves from now on.
    fn clear(&mut self) {
        let leaves = std::mem::replace(&mut self.leaves, [0; CODES / 64]);
        for (i, word) in leaves.into_iter().enumerate() {
            let mut word = word;
            while word != 0 {
                let code = 64 * i + word.trailing_zeros() as usize;
                word &= word - 1;
                set(&mut self.free, code, true);
                let parent = self.parents.get(code).map_or(0, |parent| usize::from(*parent));
                let Some(children) = self.children.get_mut(parent) else { continue };
                *children = children.saturating_sub(1);
                if *children == 0 && parent > CONTROL && !has(&self.free, parent) {
                    set(&mut self.leaves, parent, true);
                }
            }
        }
        self.from = CONTROL + 1;
    }

    /// Gives out the next code, for a string that is one byte longer than that of `before`.
    fn give_out(&mut self, before: usize) -> Option<usize> {
        let code = first(&self.free, self.from)?;
        self.from = code + 1;
        set(&mut self.free, code, false);
        *self.parents.get_mut(code)? = before as u16;
        *self.children.get_mut(before)? += 1;
        set(&mut self.leaves, before, false);
        // It may begin strings that were made before it had a string itself.
        let is_leaf = self.children.get(code) == Some(&0);
        set(&mut self.leaves, code, is_leaf);
        Some(code)
    }

    /// Puts together the string of `code`. The last byte of `new` is the first of this string.
    fn read(&mut self, code: usize, new: Option<usize>) -> Result<(), Fault> {
        self.string.clear();
        let (mut at, mut unknown) = (code, None);
        while at > CONTROL {
            // A string may be made of one that has been forgotten, or of itself.
            if has(&self.free, at) || self.string.len() >= CODES {
                return Err(MALFORMED);
            }
            if Some(at) == new {
                unknown = Some(self.string.len());
            }
            self.string.push(self.bytes.get(at).copied().ok_or(MALFORMED)?);
            at = self.parents.get(at).copied().ok_or(MALFORMED)?.into();
        }
        self.string.push(u8::try_from(at).map_err(|_| MALFORMED)?);
        let first = at as u8;
        if let Some(byte) = unknown.and_then(|unknown| self.string.get_mut(unknown)) {
            *byte = first;
        }
        if let Some(byte) = new.and_then(|new| self.bytes.get_mut(new)) {
            *byte = first;
        }
        Ok(())
    }
}

impl Symbols for Shrink {
    fn step(&mut self, bits: &mut Bits<'_>, sink: &mut Sink<'_>) -> Result<(), Fault> {
        let code = bits.number(self.width)?;
        if code == CONTROL {
            match bits.number(self.width)? {
                WIDEN if self.width < WIDTH_MAX => self.width += 1,
                CLEAR => self.clear(),
                _ => return Err(MALFORMED),
            }
            return Ok(());
        }
        let new = self.before.and_then(|before| self.give_out(before));
        self.read(code, new)?;
        self.string.iter().rev().for_each(|byte| sink.byte(*byte));
        self.before = Some(code);
        Ok(())
    }

    fn order(&self) -> Order {
        Order::Low
    }

    fn window(&self) -> (usize, u8) {
        // It goes by its strings, not by what came out.
        (1, 0)
    }

    fn memory_max(&self) -> usize {
        6 * CODES
    }
}

fn has(codes: &Codes, code: usize) -> bool {
    codes.get(code / 64).is_some_and(|word| word >> (code % 64) & 1 == 1)
}

fn set(codes: &mut Codes, code: usize, is_in: bool) {
    if let Some(word) = codes.get_mut(code / 64) {
        *word = *word & !(1 << (code % 64)) | u64::from(is_in) << (code % 64);
    }
}

/// The least of the codes from `from` on.
fn first(codes: &Codes, from: usize) -> Option<usize> {
    let words = codes.iter().enumerate().skip(from / 64);
    words.into_iter().find_map(|(i, word)| {
        let word = if i == from / 64 { word & u64::MAX << (from % 64) } else { *word };
        (word != 0).then(|| 64 * i + word.trailing_zeros() as usize)
    })
}
