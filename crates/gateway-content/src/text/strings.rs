//! Finds runs in short strings of a program that are [joined](super::joined): too short to be told by themselves, and
//! one run together.
//!
//! Only one of 32 bytes of a part is looked at, and only if that is a capital or a figure, as most of what encodes
//! anything is and little of other text, it is looked whether such strings are there.

use super::base64::is_digit;
use super::content::encoded;
use super::joined::{JOINT_BYTES_MAX, Joining, Joint, Joints, Known, is_quote, join};
use super::runs::{Hit, Kind, RUN};
use super::tail::Tail;

/// Bytes of a part of which one is looked at, and which of them in turn: not the same in strings of the same length.
const STEP: usize = 32;
const SAMPLES: [usize; 8] = [0, 13, 5, 22, 9, 28, 17, 3];
/// Bytes up to it in which the first string is looked for.
const NEAR_BYTES: usize = 1_024;
/// Bytes that are passed over where strings seemed to be joined and are not: each time all of them were read.
const PASSED_BYTES: u64 = 256;
/// Strings up to it, one after the other, by which they are told.
const STRINGS: usize = 3;
/// Of how many characters of these one is a capital or a figure at least.
const MARKED: usize = 4;

/// The search.
#[derive(Debug, Default)]
pub(super) struct Strings {
    chain: Option<Chain>,
    /// Up to where of the part nothing is looked at.
    passed: u64,
}

/// Strings that are joined.
#[derive(Debug)]
struct Chain {
    /// Where the first character stands in the part.
    start: u64,
    /// The first characters of all of them.
    first: Vec<u8>,
    /// Whether they are known to be no run.
    is_other: bool,
    /// Characters of the string at hand.
    chars: usize,
    joints: Joints,
    joint: Joint,
}

/// How far the strings go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// They go on.
    On,
    /// There are characters enough by now to tell.
    Tells,
    Over,
}

impl Strings {
    /// What follows stands on its own.
    pub(super) fn restart(&mut self) {
        *self = Self::default();
    }

    /// The first run in strings that shows in `text`, which follows `tail` and begins at `at` of the part.
    pub(super) fn find(&mut self, tail: &Tail, text: &[u8], at: u64) -> Option<Hit> {
        let mut here = 0;
        while here < text.len() {
            let reach = if let Some(chain) = &mut self.chain {
                let (used, reach) = chain.read(text.get(here..)?);
                here += used;
                reach
            } else {
                let passed = usize::try_from(self.passed.saturating_sub(at)).unwrap_or(usize::MAX);
                here = sample(text, here.max(passed).min(text.len()), at)? + 1;
                let near = Chain::near(tail, text.get(..here)?, at);
                let reach = near.as_ref().map_or(Reach::Over, |(_, reach)| *reach);
                if near.is_some() && reach == Reach::Over {
                    self.passed = at + here as u64 + PASSED_BYTES;
                }
                self.chain = near.map(|(chain, _)| chain);
                reach
            };
            match (reach, &mut self.chain) {
                (Reach::Tells, Some(chain)) => match encoded(&chain.first) {
                    Some(kind) => return Some(chain.hit(kind, at, here)),
                    None => chain.is_other = true,
                },
                (Reach::Over, _) => self.chain = None,
                (Reach::On | Reach::Tells, _) => {}
            }
        }
        None
    }
}

/// Where the next byte from `from` on of `text`, which is at `at` of the part, is that is looked at and marked.
fn sample(text: &[u8], from: usize, at: u64) -> Option<usize> {
    let behind = usize::try_from(at % (STEP * SAMPLES.len()) as u64).unwrap_or(0);
    let mut turn = (behind + from) / STEP;
    if turn * STEP + SAMPLES[turn % SAMPLES.len()] < behind + from {
        turn += 1;
    }
    loop {
        let here = (turn * STEP + SAMPLES[turn % SAMPLES.len()]).wrapping_sub(behind);
        if MARKS[usize::from(*text.get(here)?)] {
            return Some(here);
        }
        turn += 1;
    }
}

impl Chain {
    fn new(start: u64) -> Self {
        Self {
            start,
            first: Vec::with_capacity(RUN),
            is_other: false,
            chars: 0,
            joints: Joints::default(),
            joint: Joint::default(),
        }
    }

    /// Reads on, up to what tells: how much of it is part of the strings.
    fn read(&mut self, text: &[u8]) -> (usize, Reach) {
        let mut at = 0;
        while let Some(rest @ [byte, ..]) = text.get(at..) {
            if !self.joint.is_none() {
                match self.joint.step(*byte, self.chars, &mut self.joints) {
                    Joining::On => at += 1,
                    Joining::Broken => return (at, Reach::Over),
                    Joining::Over => {
                        self.joint.clear();
                        self.chars = 0;
                    }
                }
                continue;
            }
            let left = if self.is_other { usize::MAX } else { RUN - self.first.len() };
            let digits = rest.iter().position(|byte| !is_digit(*byte)).unwrap_or(rest.len());
            let digits = digits.min(left);
            self.chars += digits;
            at += digits;
            if !self.is_other {
                self.first.extend_from_slice(rest.get(..digits).unwrap_or_default());
                if self.first.len() == RUN {
                    return (at, Reach::Tells);
                }
            }
            let Some(rest @ [quote, ..]) = rest.get(digits..) else { break };
            if !is_quote(*quote) || self.chars == 0 {
                return (at, Reach::Over);
            }
            match self.whole_joint(rest) {
                Some(joint) => {
                    at += joint;
                    self.chars = 0;
                }
                None => {
                    self.joint.begin(*quote);
                    at += 1;
                }
            }
        }
        (text.len(), Reach::On)
    }

    /// Bytes of the joint that `rest` begins with, if all of it is there and it is one.
    fn whole_joint(&mut self, rest: &[u8]) -> Option<usize> {
        let (quote, rest) = rest.split_first()?;
        let near = rest.get(..JOINT_BYTES_MAX + 1).unwrap_or(rest);
        let end = near.iter().position(|byte| is_quote(*byte))?;
        let is_joint =
            near.get(end) == Some(quote) && self.joints.join(near.get(..end)?, self.chars);
        is_joint.then_some(end + 2)
    }

    fn hit(&self, kind: Kind, at: u64, to: usize) -> Hit {
        let back = usize::try_from(at.saturating_sub(self.start)).unwrap_or(0);
        let start = usize::try_from(self.start.saturating_sub(at)).unwrap_or(0);
        Hit { kind, back, start, to }
    }

    /// The strings in the last of which `text`, which begins at `at`, ends.
    /// And whether they are, and tell by now what they are.
    fn near(tail: &Tail, text: &[u8], at: u64) -> Option<(Self, Reach)> {
        // Most often it stands in none.
        let mut before = text.iter().rev().take(RUN);
        if before.find(|byte| !is_digit(**byte)).is_some_and(|byte| !is_quote(*byte)) {
            return None;
        }
        let joined;
        let near = match text.len().checked_sub(NEAR_BYTES) {
            Some(from) => text.get(from..)?,
            None => {
                let before = tail.bytes();
                let missing = NEAR_BYTES - text.len();
                joined = [before.get(before.len().saturating_sub(missing)..)?, text].concat();
                &joined
            }
        };
        let begun = near.get(first_string(near)?..)?;
        let mut chain = Self::new((at + text.len() as u64).checked_sub(begun.len() as u64)?);
        let (mut used, mut told) = (0, Reach::On);
        loop {
            match chain.read(begun.get(used..)?) {
                (_, Reach::Over) => return Some((chain, Reach::Over)),
                (_, Reach::On) => return Some((chain, told)),
                (more, Reach::Tells) => {
                    // What they are is told where they were met.
                    (used, told, chain.is_other) = (used + more, Reach::Tells, true);
                }
            }
        }
    }
}

/// Whether a byte is a capital or a figure.
static MARKS: [bool; 256] = {
    let (mut marks, mut byte) = ([false; 256], 0u8);
    while byte < 128 {
        marks[byte as usize] = byte.is_ascii_uppercase() || byte.is_ascii_digit();
        byte += 1;
    }
    marks
};

/// Where the first of the strings begins that are joined, the last of which is at the end of `near`.
fn first_string(near: &[u8]) -> Option<usize> {
    let mut start = string_at(near, near.len())?;
    let (mut known, mut strings, mut chars, mut marked) = (Known::Nothing, 1, 0, 0);
    while let Some((before, now)) = joined_before(near, start, known) {
        (known, strings) = (now, strings + 1);
        if strings <= STRINGS {
            let string = near.get(before..start)?.iter().take_while(|byte| !is_quote(**byte));
            string.for_each(|byte| {
                chars += 1;
                marked += usize::from(MARKS[usize::from(*byte)]);
            });
            if marked * MARKED < chars {
                return None;
            }
        }
        start = before;
    }
    (strings >= STRINGS).then_some(start)
}

/// Where the string begins, behind its quote, whose characters up to `end` may be part of a run that is none by itself.
fn string_at(near: &[u8], end: usize) -> Option<usize> {
    let from = end.saturating_sub(RUN);
    let before = near.get(from..end)?;
    let quote = before.iter().rposition(|byte| !is_digit(*byte))?;
    before.get(quote).is_some_and(|byte| is_quote(*byte)).then_some(from + quote + 1)
}

/// The same of one that ends with the quote at `end`.
fn string_before(near: &[u8], end: usize) -> Option<usize> {
    let start = string_at(near, end)?;
    let string = near.get(start..end)?;
    let is_string =
        near.get(start - 1) == near.get(end) && string.iter().any(u8::is_ascii_alphanumeric);
    is_string.then_some(start)
}

fn last_quote(bytes: &[u8]) -> Option<usize> {
    memchr::memrchr3(b'"', b'\'', b'`', bytes)
}

/// The same of the one to which the string that begins at `start` is joined, and what is known then.
fn joined_before<'n>(near: &'n [u8], start: usize, known: Known<'n>) -> Option<(usize, Known<'n>)> {
    let end = start.checked_sub(1)?;
    let from = end.saturating_sub(JOINT_BYTES_MAX + 1);
    let quote = from + last_quote(near.get(from..end)?)?;
    if near.get(quote) != near.get(end) {
        return None;
    }
    let before = string_before(near, quote)?;
    let now = join(near.get(quote + 1..end)?, known, quote - before)?;
    Some((before, now))
}
