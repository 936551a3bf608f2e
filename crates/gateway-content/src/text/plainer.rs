//! Numbers and addresses that are written so that a plain search does not see them: digits parted by the
//! blanks and dashes of typography, digits of full width, and characters escaped by `%` in which no URL
//! needs an escape. And runs parted by what has no width.
//!
//! A stretch of text is shown plainer, no more of it than is near what is changed: pages of numbers parted
//! so are common, and most are no numbers that anybody looks for.

use bytes::{BufMut, BytesMut};
use gateway_inspect::Unscannable;

use super::base64::is_digit;
use super::tail::Tail;
use crate::coding::decoder::Decoded;
use crate::coding::transform::Transform;
use crate::declared::hex_digit;

/// Bytes behind the last change that belong to a stretch.
const NEAR_BYTES: usize = 256;
/// Digits before a separator that is one of a number worth looking at.
const DIGITS_BEFORE: usize = 5;
/// Bytes before a separator in which these stand.
const BEFORE_BYTES: usize = 40;
/// Escapes in a row that are a run of their own.
const ESCAPES: usize = 4;
/// Bytes of the longest thing that is changed.
const CHANGE_BYTES: usize = 3;

/// What the bytes at some place are changed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    /// More bytes tell.
    Need,
    None,
    /// So many bytes are this byte, or nothing.
    To(usize, Option<u8>),
}

/// What `bytes` begin with.
fn change(bytes: &[u8]) -> Change {
    let to = |byte| Change::To(3, Some(byte));
    match *bytes {
        // NO-BREAK SPACE, SOFT HYPHEN.
        [0xc2, 0xa0, ..] => Change::To(2, Some(b' ')),
        [0xc2, 0xad, ..] => Change::To(2, None),
        // The other blanks, U+2212, and dashes.
        [0xe2, 0x80, 0x80..=0x8a | 0xaf, ..] | [0xe2, 0x81, 0x9f, ..] => to(b' '),
        [0xe2, 0x80, 0x90..=0x95, ..] | [0xe2, 0x88, 0x92, ..] => to(b'-'),
        // What has no width.
        [0xe2, 0x80, 0x8b..=0x8d, ..] | [0xe2, 0x81, 0xa0, ..] => Change::To(3, None),
        [0xef, 0xbc, digit @ 0x90..=0x99, ..] => to(digit - 0x90 + b'0'),
        [0xef, 0xbc, 0x8d, ..] => to(b'-'),
        [b'%', high, low, ..] => match (hex_digit(high), hex_digit(low)) {
            (Some(high), Some(low)) => to(high << 4 | low),
            _ => Change::None,
        },
        [b'%', high] if hex_digit(high).is_none() => Change::None,
        [0xc2 | 0xe2 | 0xef | b'%'] | [0xe2, 0x80 | 0x81 | 0x88] | [0xef, 0xbc] | [b'%', _] => {
            Change::Need
        }
        _ => Change::None,
    }
}

/// Where in `text`, which follows `tail`, a number or an address shows to have something to change: behind the
/// byte that follows that.
pub(super) fn find(tail: &Tail, text: &[u8]) -> Option<usize> {
    let tail = tail.bytes();
    let edge = tail.get(tail.len().saturating_sub(CHANGE_BYTES)..).unwrap_or_default();
    if edge.iter().any(|byte| is_lead(*byte)) {
        let near = tail.get(tail.len().saturating_sub(BEFORE_BYTES)..).unwrap_or_default();
        let joined = [near, text.get(..CHANGE_BYTES).unwrap_or(text)].concat();
        let leads = near.len() - edge.len()..near.len();
        let found = leads.filter_map(|at| told(&joined, at)).find(|to| *to > near.len());
        if let Some(to) = found {
            return Some(to - near.len());
        }
    }
    for at in leads(text) {
        let told = if at < BEFORE_BYTES {
            let near = tail.get(tail.len().saturating_sub(BEFORE_BYTES)..).unwrap_or_default();
            let joined = [near, text.get(..at + CHANGE_BYTES + 1).unwrap_or(text)].concat();
            told(&joined, near.len() + at).map(|to| to - near.len())
        } else {
            told(text, at)
        };
        if told.is_some() {
            return told;
        }
    }
    None
}

const fn is_lead(byte: u8) -> bool {
    matches!(byte, 0xc2 | 0xe2 | 0xef | b'%')
}

fn next_lead(text: &[u8]) -> Option<usize> {
    let wide = memchr::memchr3(0xc2, 0xe2, 0xef, text);
    let text = wide.and_then(|at| text.get(..at)).unwrap_or(text);
    memchr::memchr(b'%', text).or(wide)
}

/// Where all of them are in `text`, in their order. Each byte is searched once for either kind, however many there are.
fn leads(text: &[u8]) -> impl Iterator<Item = usize> {
    let mut wide = memchr::memchr3_iter(0xc2, 0xe2, 0xef, text).peekable();
    let mut escapes = memchr::memchr_iter(b'%', text).peekable();
    std::iter::from_fn(move || match (wide.peek(), escapes.peek()) {
        (Some(at), Some(escape)) if at < escape => wide.next(),
        (_, Some(_)) => escapes.next(),
        (_, None) => wide.next(),
    })
}

/// Where the byte ends that follows what is changed at `at`, if that is part of a number or an address.
fn told(text: &[u8], at: usize) -> Option<usize> {
    let Change::To(len, to) = change(text.get(at..)?) else { return None };
    let next = *text.get(at + len)?;
    let before = text.get(at.saturating_sub(BEFORE_BYTES)..at).unwrap_or_default();
    let is_told = match (text.get(at), to) {
        (Some(b'%'), Some(to)) => is_escape(before, to, next),
        (Some(0xef), Some(b'0'..=b'9')) => digits(before) >= DIGITS_BEFORE,
        (Some(0xe2), None) if is_digit(next) && parts_runs(before) => true,
        _ => next.is_ascii_digit() && digits(before) >= DIGITS_BEFORE,
    };
    is_told.then_some(at + len + 1)
}

/// Whether what has no width stands in `before`, between characters of base64 of which those behind it go on to its
/// end: words are parted so here and there, but not twice in a row.
fn parts_runs(before: &[u8]) -> bool {
    let Some(at) = before.iter().rposition(|byte| !is_digit(*byte)) else { return false };
    let Some((start, behind)) = before.split_at_checked(at + 1) else { return false };
    let Some((start, mark)) = start.split_last_chunk::<3>() else { return false };
    !behind.is_empty()
        && change(mark) == Change::To(3, None)
        && start.last().is_some_and(|byte| is_digit(*byte))
}

/// Whether the escape of `to` stands where none is needed, or parts a number or an address.
fn is_escape(before: &[u8], to: u8, next: u8) -> bool {
    if next == b'%' {
        // The last of several tells.
        return false;
    }
    let (mut rest, mut count, mut is_needless) = (before, 1, to.is_ascii_alphanumeric());
    while let [start @ .., b'%', high, low] = rest
        && let (Some(high), Some(low)) = (hex_digit(*high), hex_digit(*low))
    {
        (rest, count) = (start, count + 1);
        is_needless |= (high << 4 | low).is_ascii_alphanumeric();
    }
    if is_needless {
        return count < ESCAPES;
    }
    match to {
        b' ' | b'-' => next.is_ascii_digit() && digits(before) >= DIGITS_BEFORE,
        b'@' => {
            next.is_ascii_alphanumeric() && before.last().is_some_and(u8::is_ascii_alphanumeric)
        }
        _ => false,
    }
}

/// Digits at the end of `before`, those parted by single blanks, hyphens and what is changed to these included.
fn digits(before: &[u8]) -> usize {
    let (mut rest, mut count, mut is_parted) = (before, 0, true);
    loop {
        let changed = |len: usize| {
            let (start, end) = rest.split_at_checked(rest.len().checked_sub(len)?)?;
            let is_whole = matches!(change(end), Change::To(all, _) if all == len);
            is_whole.then_some((start, change(end)))
        };
        let (start, byte) = match (changed(3).or_else(|| changed(2)), rest) {
            (Some((start, Change::To(_, byte))), _) => (start, byte),
            (_, [start @ .., byte]) => (start, Some(*byte)),
            (_, []) => return count,
        };
        match byte {
            Some(b'0'..=b'9') => (count, is_parted) = (count + 1, false),
            None => {}
            Some(b' ' | b'-') if !is_parted || count == 0 => is_parted = true,
            Some(_) => return count,
        }
        rest = start;
    }
}

/// The view of such a stretch.
#[derive(Debug)]
pub(super) struct Plainer {
    /// Bytes of what may be changed, as far as they have come.
    begun: Vec<u8>,
    /// Bytes since the last change, if that ends it.
    since: Option<usize>,
}

/// Where a view ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    /// Some way behind what is changed.
    Near,
    /// With the text.
    Last,
}

impl Plainer {
    pub(super) fn new(ends: Ends) -> Self {
        Self { begun: Vec::new(), since: (ends == Ends::Near).then_some(0) }
    }

    /// Appends what has begun, as far as it is told.
    fn settle(&mut self, out: &mut BytesMut) {
        while let Some(first) = self.begun.first().copied() {
            let used = match change(&self.begun) {
                Change::Need => return,
                Change::To(len, byte) => {
                    out.extend(byte);
                    self.since = self.since.map(|_| 0);
                    len
                }
                Change::None => {
                    out.put_u8(first);
                    self.since = self.since.map(|since| since + 1);
                    1
                }
            };
            self.begun.drain(..used);
        }
    }
}

impl Transform for Plainer {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        out.reserve(input.len());
        let mut used = 0;
        while let Some(byte) = input.get(used) {
            if self.begun.is_empty() && !is_lead(*byte) {
                let rest = input.get(used..).unwrap_or_default();
                let plain = next_lead(rest).unwrap_or(rest.len());
                let left = self.since.map(|since| NEAR_BYTES.saturating_sub(since));
                if left == Some(0) {
                    return (used, Decoded::End);
                }
                let plain = left.map_or(plain, |left| plain.min(left));
                out.extend_from_slice(rest.get(..plain).unwrap_or_default());
                self.since = self.since.map(|since| since + plain);
                used += plain;
            } else {
                self.begun.push(*byte);
                used += 1;
                self.settle(out);
            }
        }
        (input.len(), Decoded::More)
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        out.extend_from_slice(&self.begun);
        self.begun.clear();
        Ok(())
    }

    fn is_settled(&self) -> bool {
        self.begun.is_empty()
    }

    fn keeps_text(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the view shows of `text`, and how much of it that is, the same by any pieces.
    fn shown(text: &[u8], ends: Ends) -> (String, usize) {
        let by = |cut: usize| {
            let (mut view, mut out, mut used) = (Plainer::new(ends), BytesMut::new(), 0);
            for piece in text.chunks(cut) {
                let (n, decoded) = view.run(piece, &mut out);
                used += n;
                if decoded != Decoded::More {
                    return (String::from_utf8_lossy(&out).into_owned(), used);
                }
            }
            view.finish(&mut out).unwrap();
            (String::from_utf8_lossy(&out).into_owned(), used)
        };
        let whole = by(text.len());
        (1..text.len()).for_each(|cut| assert_eq!(by(cut), whole, "by {cut}"));
        whole
    }

    #[test]
    fn what_is_changed() {
        for (text, want) in [
            ("4111\u{a0}1111\u{2007}1111\u{202f}1111", "4111 1111 1111 1111"),
            ("4111\u{2011}1111\u{2013}1111\u{2212}1111", "4111-1111-1111-1111"),
            ("41\u{ad}11\u{200b}11\u{2060}11", "41111111"),
            ("\u{ff14}\u{ff11}\u{ff0d}1", "41-1"),
            ("a%40b %34%31 100% 5%2 %g1 %%41", "a@b 41 100% 5%2 %g1 %A"),
            ("it\u{2019}s \u{e9}t\u{e9} \u{20ac}", "it\u{2019}s \u{e9}t\u{e9} \u{20ac}"),
            ("ends %4", "ends %4"),
        ] {
            assert_eq!(shown(text.as_bytes(), Ends::Near), (want.to_owned(), text.len()));
        }
    }

    #[test]
    fn a_stretch_ends_behind_the_last_change() {
        let text = [b"1\xc2\xa02".to_vec(), vec![b'x'; 400]].concat();
        assert_eq!(shown(&text, Ends::Near).1, 3 + NEAR_BYTES);
        assert_eq!(shown(&text, Ends::Last).1, text.len());
    }

    /// Where the first is found, the same by any pieces.
    fn found(text: &str) -> Option<usize> {
        let by = |cut: usize| {
            let (mut tail, mut at) = (Tail::default(), 0);
            for piece in text.as_bytes().chunks(cut) {
                if let Some(to) = find(&tail, piece) {
                    return Some(at + to);
                }
                tail.push(piece);
                at += piece.len();
            }
            None
        };
        let whole = by(text.len().max(1));
        (1..text.len()).for_each(|cut| assert_eq!(by(cut), whole, "{text} by {cut}"));
        whole
    }

    #[test]
    fn numbers_and_addresses_are_found() {
        let far = "a line of text\n".repeat(20);
        for text in [
            "4111\u{a0}1111\u{a0}1111\u{a0}1111",
            "4111 1111\u{2007}1111 1111",
            "078-05\u{2011}1120",
            "411111\u{200b}1111111111",
            "\u{ff14}\u{ff11}\u{ff11}\u{ff11}\u{ff11}\u{ff11}\u{ff11}, and",
            "a.b%40c.org",
            "number %34%31%31 ",
            "41111111%201111",
        ] {
            assert!(found(text).is_some(), "{text}");
            assert!(found(&format!("{far}{text}")).is_some_and(|to| to > far.len()));
        }
    }

    #[test]
    fn what_most_texts_have_is_nothing() {
        for text in [
            "10\u{a0}000 \u{20ac}, 1\u{a0}234\u{a0}kg, \u{a7}\u{a0}12",
            "pages 10\u{2013}12, 1914\u{2013}1918",
            "it\u{2019}s \u{201c}so\u{201d} \u{2014} \u{ff0c}\u{ff11}\u{ff12}",
            "https://a.org/a%20b%2Fc?d=%C3%A9%20e",
            "printf(\"%20d %5.2f%% %c\")",
            "100%, 50%ab",
            // A run of its own.
            "%41%42%43%44 ",
            "",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
