//! Lines of base64 that are a run together: told as soon as there are characters enough in them, so
//! that what is kept of a text always reaches back to the first of them.

use super::base64::{WRAPPED_MIN, is_digit};
use super::runs::{Hit, Kind, LONG_DISTINCT, LONG_RUN};
use super::tail::Tail;

/// Bytes from the first of such lines up to what makes them a run, at the most: a text keeps as many.
const LINES_BYTES_MAX: usize = 640;
/// Bytes between two strings of a program that are one string in the end.
const GLUE_BYTES_MAX: usize = 32;
/// What stands between the quotes of such strings.
const OPERATORS: &[u8] = b" \t\r\n+.&_\\";

/// Whether two strings are joined by these bytes.
fn is_glue(bytes: &[u8]) -> bool {
    let (Some((first, rest)), true) = (bytes.split_first(), bytes.len() <= GLUE_BYTES_MAX) else {
        return false;
    };
    let Some((last, between)) = rest.split_last() else { return false };
    matches!(first, b'"' | b'\'')
        && last == first
        && between.iter().all(|byte| OPERATORS.contains(byte))
}

/// Lines of base64 alone, or strings of a program that are joined, one behind the other.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// Bytes from the first of them up to the end of the last, and characters of base64 in them.
    bytes: usize,
    digits: usize,
    /// What has come behind the last of them, as far as it may be a joint.
    gap: Vec<u8>,
}

impl Lines {
    /// A line of so many characters is over.
    pub(super) fn line(&mut self, digits: usize) {
        let before = self.joined();
        self.gap.clear();
        if before == 0 {
            self.bytes = 0;
        }
        if digits < WRAPPED_MIN {
            (self.bytes, self.digits) = (0, 0);
            return;
        }
        self.bytes += digits;
        self.digits = before + digits;
    }

    /// The characters of the lines to which one that begins here is joined.
    fn joined(&self) -> usize {
        let is_joint = matches!(&*self.gap, b"\n" | b"\r\n") || is_glue(&self.gap);
        if is_joint { self.digits } else { 0 }
    }

    /// Bytes from the first line up to what follows the last.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// With how many characters the line that begins here makes a run of all lines, if they were none.
    pub(super) fn missing(&self) -> Option<usize> {
        let before = self.joined();
        (0 < before && before < LONG_RUN).then(|| WRAPPED_MIN.max(LONG_RUN - before))
    }

    /// What follows the last line, as far as it goes.
    pub(super) fn between(&mut self, bytes: &[u8]) {
        let room = (GLUE_BYTES_MAX + 1).saturating_sub(self.gap.len());
        let kept = bytes.get(..room).unwrap_or(bytes);
        self.gap.extend_from_slice(kept);
        self.bytes += kept.len();
    }
}

/// Whether the lines of `bytes` bytes that end at `end` of the text, the last one not yet over, are of base64.
pub(super) fn check_lines(tail: &Tail, text: &[u8], bytes: usize, end: usize) -> Option<Hit> {
    if bytes > LINES_BYTES_MAX {
        // Where the text is cut must not decide.
        return None;
    }
    let (back, start) = (bytes.saturating_sub(end), end.saturating_sub(bytes));
    let before = tail.bytes();
    let before = before.get(before.len().checked_sub(back)?..)?;
    let here = text.get(start..end)?;
    let mut seen = [false; 256];
    let digits = before.iter().chain(here).filter(|b| is_digit(**b));
    digits.for_each(|b| seen[usize::from(*b)] = true);
    let is_run = seen.iter().filter(|seen| **seen).count() >= LONG_DISTINCT;
    is_run.then_some(Hit { kind: Kind::Base64, back, start, to: end })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &[usize]) -> Option<usize> {
        let mut all = Lines::default();
        for digits in lines {
            all.line(*digits);
            all.between(b"\n");
        }
        all.missing()
    }

    #[test]
    fn a_run_is_told_in_the_midst_of_a_line() {
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[259]), Some(LONG_RUN - 259));
        assert_eq!(of(&[76; 6]), Some(LONG_RUN - 6 * 76));
        assert_eq!(of(&[76, 400]), Some(WRAPPED_MIN));
        // They were one before, or the last is too short.
        assert_eq!(of(&[300, 300]), None);
        assert_eq!(of(&[300, 30]), None);
    }

    #[test]
    fn where_the_text_is_cut_decides_nothing() {
        let text: Vec<u8> = (b'a'..=b'z').cycle().take(900).collect();
        for (bytes, is_run) in [(LINES_BYTES_MAX, true), (LINES_BYTES_MAX + 1, false)] {
            for cut in 0..=bytes {
                let mut tail = Tail::default();
                tail.push(&text[..900 - bytes + cut]);
                let rest = &text[900 - bytes + cut..];
                assert_eq!(check_lines(&tail, rest, bytes, rest.len()).is_some(), is_run, "{cut}");
            }
        }
    }
}
