//! Strings of a program that are one string in the end: `'TVqQ' + 'AAMA'`, the items of a list, what is added to a
//! variable line by line. Whatever joins them, it is an operator, or the same from each to the next.
//!
//! A run in such strings goes on from each to the next; one in strings too short to be told by themselves is found by
//! [`Strings`](super::strings::Strings).

use bytes::BytesMut;
use gateway_inspect::Unscannable;

use super::base64::is_digit;
use super::runs::RUN;
use crate::coding::decoder::Decoded;
use crate::coding::transform::Transform;

/// Bytes from the quote that ends a string to the one that begins the next, at the most, but for that.
pub(super) const JOINT_BYTES_MAX: usize = 48;
/// Bytes of a run that are searched for the end of a string at once.
const STEP: usize = 256;

/// What stands between strings that are joined by operators, or are items of a list.
static OPERATORS: [bool; 256] = {
    let (mut is_operator, bytes, mut i) = ([false; 256], b" \t\r\n+.&_\\,", 0);
    while i < bytes.len() {
        is_operator[bytes[i] as usize] = true;
        i += 1;
    }
    is_operator
};
/// What stands at the end of what adds to something.
const ADDS: &[&[u8]] = &[b"&=", b"+=", b".=", b"Append(", b"append(", b"concat(", b"push("];

/// Whether a string begins or ends with a byte.
pub(super) const fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

/// What has joined the strings so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known<'k> {
    /// None are joined yet.
    Nothing,
    Operators,
    /// These words, and operators here and there.
    Words(&'k [u8]),
}

/// Whether a string of `chars` characters and the next are joined by what stands between their quotes: by operators, by
/// what adds to something, or by the same as those before. What joins the first two may be anything, unless the first
/// is a run of its own. Then it is this that is known.
pub(super) fn join<'k>(between: &'k [u8], known: Known<'k>, chars: usize) -> Option<Known<'k>> {
    if between.iter().all(|byte| OPERATORS[usize::from(*byte)]) {
        return Some(if known == Known::Nothing { Known::Operators } else { known });
    }
    let joins = match known {
        Known::Words(words) => words == between,
        Known::Nothing if chars < RUN => between.trim_ascii() != b":",
        Known::Nothing | Known::Operators => adds(between),
    };
    joins.then_some(Known::Words(between))
}

/// The same, kept.
#[derive(Clone, Debug, Default)]
pub(super) struct Joints {
    is_begun: bool,
    words: Option<Vec<u8>>,
}

impl Joints {
    /// Whether they are joined.
    pub(super) fn join(&mut self, between: &[u8], chars: usize) -> bool {
        let known = match &self.words {
            Some(words) => Known::Words(words),
            None if self.is_begun => Known::Operators,
            None => Known::Nothing,
        };
        match join(between, known, chars) {
            None => return false,
            Some(Known::Words(words)) if self.words.is_none() => self.words = Some(words.to_vec()),
            Some(_) => {}
        }
        self.is_begun = true;
        true
    }
}

/// Whether these bytes end with what adds a string to something: `x += `, `x = x & `, `x.push(`.
fn adds(bytes: &[u8]) -> bool {
    let bytes = bytes.trim_ascii_end();
    if ADDS.iter().any(|end| bytes.ends_with(end)) {
        return true;
    }
    let Some((b'+' | b'&' | b'.', rest)) = bytes.split_last() else { return false };
    let rest = rest.trim_ascii_end();
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
    let start = rest.iter().rposition(|byte| !is_name(byte)).map_or(0, |at| at + 1);
    let Some((before, name)) = rest.split_at_checked(start) else { return false };
    let target = before.trim_ascii_end().strip_suffix(b"=").unwrap_or_default();
    !name.is_empty() && target.trim_ascii_end().ends_with(name)
}

/// What may join two strings, from the quote that ends the one, as far as it has come.
#[derive(Clone, Debug, Default)]
pub(super) struct Joint {
    held: Vec<u8>,
    /// Bytes of it up to the next string, once that has begun.
    whole: Option<usize>,
}

/// What comes of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joining {
    /// It goes on.
    On,
    /// The next string has begun, and this is its first character.
    Over,
    /// It joins nothing.
    Broken,
}

impl Joint {
    /// Whether none has begun.
    pub(super) const fn is_none(&self) -> bool {
        self.held.is_empty()
    }

    /// A string has ended with `quote`.
    pub(super) fn begin(&mut self, quote: u8) {
        self.held.push(quote);
    }

    /// The next byte, behind a string of `chars` characters.
    pub(super) fn step(&mut self, byte: u8, chars: usize, joints: &mut Joints) -> Joining {
        if self.whole.is_some() {
            return Joining::Over;
        }
        if is_quote(byte) {
            let between = self.held.get(1..).unwrap_or_default();
            if self.held.first() != Some(&byte) || !joints.join(between, chars) {
                return Joining::Broken;
            }
            self.whole = Some(self.held.len() + 1);
        } else if self.held.len() > JOINT_BYTES_MAX {
            return Joining::Broken;
        }
        self.held.push(byte);
        Joining::On
    }

    /// It was one.
    pub(super) fn clear(&mut self) {
        self.held.clear();
        self.whole = None;
    }

    /// Whether it is what stands between the items of a list.
    fn is_item(&self) -> bool {
        self.held.get(..self.whole.unwrap_or(0)).is_some_and(|joint| joint.contains(&b','))
    }

    /// Characters of the next string that are held.
    fn string(&self) -> &[u8] {
        self.whole.and_then(|whole| self.held.get(whole..)).unwrap_or_default()
    }
}

/// A run that goes on from each string to the next.
#[derive(Debug)]
pub(super) struct Joined<T> {
    run: T,
    /// Characters of the string at hand.
    chars: usize,
    joints: Joints,
    joint: Joint,
    /// Whether runs are items of a list: more than one is.
    is_list: bool,
}

impl<T: Transform> Joined<T> {
    pub(super) fn new(run: T) -> Self {
        Self { run, chars: 0, joints: Joints::default(), joint: Joint::default(), is_list: false }
    }

    /// Of a run that is one however short its first string is.
    pub(super) fn announced(run: T) -> Self {
        Self { chars: RUN, ..Self::new(run) }
    }

    /// Takes in what may be part of a string, up to its end: how much of it is.
    fn string(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let near = input.get(..STEP).unwrap_or(input);
        let end = memchr::memchr3(b'"', b'\'', b'`', near).unwrap_or(near.len());
        if end == 0
            && let Some(quote) = near.first()
            && self.run.is_settled()
        {
            self.joint.begin(*quote);
            return (1, Decoded::More);
        }
        let (used, decoded) = self.run.run(near.get(..end.max(1)).unwrap_or(near), out);
        self.chars = self.chars.saturating_add(used);
        (used, decoded)
    }
}

impl<T: Transform> Joined<T> {
    /// Takes in a character behind a joint: whether it is part of the run. What follows a run and a comma is mostly
    /// something else, and has to be a run by its own characters the first time.
    fn begin_string(&mut self, byte: u8, out: &mut BytesMut) -> bool {
        let begun = self.joint.string();
        if self.chars >= RUN && !self.is_list && self.joint.is_item() {
            if !is_digit(byte) {
                return false;
            }
            if begun.len() + 1 < RUN {
                self.joint.held.push(byte);
                return true;
            }
            self.is_list = true;
        }
        let string = [begun, &[byte]].concat();
        let before = out.len();
        let (used, decoded) = self.run.run(&string, out);
        if used < string.len() || decoded != Decoded::More {
            // It is given back.
            out.truncate(before);
            return false;
        }
        self.joint.clear();
        self.chars = string.len();
        true
    }
}

impl<T: Transform> Transform for Joined<T> {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let mut at = 0;
        while let Some(rest @ [byte, ..]) = input.get(at..) {
            if self.joint.is_none() {
                let (used, decoded) = self.string(rest, out);
                at += used;
                if decoded != Decoded::More {
                    return (at, decoded);
                }
                continue;
            }
            match self.joint.step(*byte, self.chars, &mut self.joints) {
                Joining::On => at += 1,
                Joining::Broken => return (at, Decoded::End),
                Joining::Over => {
                    if !self.begin_string(*byte, out) {
                        return (at, Decoded::End);
                    }
                    at += 1;
                }
            }
        }
        (input.len(), Decoded::More)
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        self.run.finish(out)
    }

    fn is_settled(&self) -> bool {
        self.joint.is_none() && self.run.is_settled()
    }

    fn unread(&self) -> &[u8] {
        if self.joint.is_none() { self.run.unread() } else { &self.joint.held }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_joins_strings() {
        for (between, is_short, is_long) in [
            ("", true, true),
            (" + ", true, true),
            (",", true, true),
            (" & _\r\n  ", true, true),
            (";\ndata += ", true, true),
            ("\r\na = a & ", true, true),
            (";\n$a = $a . ", true, true),
            (");\na.push(", true, true),
            (").concat(", true, true),
            (";\na = b + ", true, false),
            (");\nf(", true, false),
            (": ", false, false),
        ] {
            let join = |chars| Joints::default().join(between.as_bytes(), chars);
            assert_eq!((join(RUN - 1), join(RUN)), (is_short, is_long), "{between:?}");
        }
    }

    #[test]
    fn what_joins_stays_the_same() {
        let mut joints = Joints::default();
        for (between, want) in
            [(");\nf(", true), (" + ", true), (");\nf(", true), (");\ng(", false)]
        {
            assert_eq!(joints.join(between.as_bytes(), 4), want, "{between:?}");
        }
        let mut joints = Joints::default();
        for (between, want) in [(",", true), ("];\nx = ", false), (";\nx += ", true)] {
            assert_eq!(joints.join(between.as_bytes(), 4), want, "{between:?}");
        }
    }
}
