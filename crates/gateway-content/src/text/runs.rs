//! Finds the stretches of a text that encode bytes, in whatever pieces the text comes.
//!
//! What is found is a function of the text alone. Most text has few characters of one alphabet in a
//! row, so only every 24th byte is looked at.

use std::sync::LazyLock;

use memchr::memchr2_iter;
use memchr::memmem::Finder;

use super::base64::is_digit;
use super::content::{encoded, is_content, is_wide_hex};
use super::fields::Fields;
use super::lines::{Lines, check_lines};
use super::numbers::{self, Parted};
use super::strings::Strings;
use super::tail::Tail;
use super::{marks, uu, yenc};
use crate::declared::hex_digit;

/// Characters of base64, or hex digits, that make a run when what they encode looks like content.
pub(super) const RUN: usize = 24;
/// Bytes of a list by which numbers are told, and how many there are in these at least.
const NUMBERS: usize = 96;
const NUMBERS_COUNT: usize = 18;
/// How many, if they begin what is content.
const NUMBERS_FEW: usize = 8;
/// Characters that make a run whatever they encode.
pub(super) const LONG_RUN: usize = 512;
/// Different characters that a run of that length has at least.
pub(super) const LONG_DISTINCT: usize = 8;
/// Escapes in a row that make a run.
const ESCAPES: usize = 4;
/// Longest line that is looked at as the beginning of uuencoded lines.
const BEGIN_BYTES_MAX: usize = 400;
/// Longest line that is looked at as a boundary of a multipart: `--` and 70 characters.
const BOUNDARY_BYTES_MAX: usize = 72;

const BEGIN: &[u8] = b"begin";
const YENC: &[u8] = b"=ybegin ";
/// What the one has before the other.
const BEFORE_YENC: &[u8] = b"=y";
const HEADER: &[u8] = b"\nContent-";
/// What a PDF begins with, and how far behind the start of a file readers look for it.
const PDF: &[u8] = b"%PDF-";
const PDF_AT_MAX: u64 = 1_024;

/// What a run is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Base64,
    /// base64 behind `;base64,`.
    Uri,
    /// base64 of a file of this name, behind `begin-base64`.
    Begun(Vec<u8>),
    Hex,
    /// Bytes as numbers.
    Numbers,
    /// Escapes that begin with this.
    Escapes(&'static [u8]),
    /// uuencoded lines of a file of this name.
    Uu(Vec<u8>),
    /// yEnc of a file of this name.
    Yenc(Vec<u8>),
    /// A part of a multipart with this boundary, of which a header line has begun.
    Multipart(Vec<u8>),
    /// A message, in whose header this is the last that has come.
    Message(Vec<u8>),
    /// A PDF.
    Pdf,
    /// A script of Microsoft's Script Encoder.
    Script,
    /// Text in UTF-7.
    Utf7,
}

/// A run that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) kind: Kind,
    /// Bytes of the run before the text that was searched.
    pub(super) back: usize,
    /// Where it begins in that text, if it does.
    pub(super) start: usize,
    /// Where it was recognized; what is in front of that is part of it.
    pub(super) to: usize,
}

/// The search.
#[derive(Debug)]
pub(super) struct Runs {
    /// Characters of base64 at the end of what was searched.
    digits: usize,
    /// The same of what a list of numbers is made of.
    numbers: usize,
    /// UTF-16 in hex digits behind `<` is the string of a page.
    shows_strings: bool,
    /// Up to where no headers are looked for.
    parts_from: u64,
    strings: Strings,
    lines: Lines,
    fields: Fields,
}

/// What looks for words.
struct Finders {
    begin: Finder<'static>,
    header: Finder<'static>,
    pdf: Finder<'static>,
}

/// Made once: there may be thousands of short texts in a body.
static FINDERS: LazyLock<Finders> = LazyLock::new(|| Finders {
    begin: Finder::new(BEGIN),
    header: Finder::new(HEADER),
    pdf: Finder::new(PDF),
});

impl Runs {
    pub(super) fn new() -> Self {
        Self {
            digits: 0,
            numbers: 0,
            shows_strings: false,
            parts_from: 0,
            strings: Strings::default(),
            lines: Lines::default(),
            fields: Fields::default(),
        }
    }

    /// In what pages of a PDF show, where a text of some hundred pages would be thousands of runs, each of a
    /// line in the numbers of a font.
    pub(super) fn beside_strings() -> Self {
        Self { shows_strings: true, ..Self::new() }
    }

    /// The same at the first byte of a text that may be a message.
    pub(super) fn with_fields(self) -> Self {
        Self { fields: Fields::begun(), ..self }
    }

    /// The same without multiparts that have a header before `at`.
    pub(super) fn without_parts_before(self, at: u64) -> Self {
        Self { parts_from: at, ..self }
    }

    /// What follows stands on its own.
    pub(super) fn restart(&mut self) {
        (self.digits, self.numbers) = (0, 0);
        self.strings.restart();
        self.lines = Lines::default();
    }

    /// The run in `text`, which follows `tail` and begins at `at` of the part, that is recognized
    /// first.
    pub(super) fn find(&mut self, tail: &Tail, text: &[u8], at: u64) -> Option<Hit> {
        let mut fields = self.fields.clone();
        let message = fields.find(text);
        let hits = [
            message.map(|(name, to)| Hit::behind(Kind::Message(name), to)),
            self.find_digits(tail, text),
            self.find_numbers(tail, text),
            self.strings.find(tail, text, at),
            find_escapes(tail, text),
            find_begin(tail, text),
            self.find_header(tail, text, at),
            marks::find(tail, text),
            self.find_pdf(tail, text, at),
        ];
        let hit = hits.into_iter().flatten().min_by_key(|hit| hit.to);
        match hit.as_ref().and_then(|hit| text.get(..hit.to)) {
            // What is behind it is looked at again.
            Some(text) => drop(self.fields.find(text)),
            None => self.fields = fields,
        }
        hit
    }

    fn find_pdf(&self, tail: &Tail, text: &[u8], at: u64) -> Option<Hit> {
        if at > PDF_AT_MAX {
            return None;
        }
        let to = find_mark(&FINDERS.pdf, tail, text)?;
        let is_near = at + to as u64 <= PDF_AT_MAX + PDF.len() as u64;
        is_near.then(|| Hit::of(Kind::Pdf, PDF.len(), to))
    }

    /// A list of numbers, told by its first [`NUMBERS`] bytes.
    fn find_numbers(&mut self, tail: &Tail, text: &[u8]) -> Option<Hit> {
        let carried = std::mem::take(&mut self.numbers);
        let head = text.iter().take_while(|b| numbers::fits(**b)).count();
        let mut at = 0;
        if carried + head > 0 {
            let hit = check_numbers(tail, text, carried, 0, head);
            if hit.is_some() {
                return hit;
            }
            if head == text.len() {
                self.numbers = carried + head;
                return None;
            }
            at = head;
        }
        while let Some((start, end)) = next_stretch(text, at, NUMBERS, numbers::fits) {
            let hit = check_numbers(tail, text, 0, start, end);
            if hit.is_some() {
                return hit;
            }
            if end == text.len() {
                self.numbers = end - start;
            }
            at = end;
        }
        None
    }

    fn find_digits(&mut self, tail: &Tail, text: &[u8]) -> Option<Hit> {
        let carried = std::mem::take(&mut self.digits);
        let head = text.iter().take_while(|b| is_digit(**b)).count();
        let mut at = 0;
        if carried + head > 0 {
            let hit = self.check_stretch(tail, text, Stretch { carried, start: 0, end: head });
            if hit.is_some() {
                return hit;
            }
            if head == text.len() {
                self.digits = carried + head;
                return None;
            }
            if carried + head < RUN {
                // Too few for a line: they may be part of a joint.
                let before = tail.bytes();
                let before = before.get(before.len().saturating_sub(carried)..);
                self.lines.between(before.unwrap_or_default());
                self.lines.between(text.get(..head).unwrap_or_default());
            } else {
                self.lines.line(carried + head);
            }
            at = head;
        }
        let mut seen = at;
        while let Some((start, end)) = next_stretch(text, at, RUN, is_digit) {
            self.lines.between(text.get(seen..start).unwrap_or_default());
            let hit = self.check_stretch(tail, text, Stretch { carried: 0, start, end });
            if hit.is_some() {
                return hit;
            }
            if end == text.len() {
                self.digits = end - start;
            } else {
                self.lines.line(end - start);
            }
            (at, seen) = (end, end);
        }
        self.lines.between(text.get(seen..).unwrap_or_default());
        None
    }

    /// A header line behind a boundary.
    fn find_header(&self, tail: &Tail, text: &[u8], at: u64) -> Option<Hit> {
        let hit = |before: &[u8], to: usize| {
            if at + (to as u64) < self.parts_from {
                return None;
            }
            let line = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
            let line = before.get(line..).unwrap_or_default();
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let boundary = line.strip_prefix(b"--").filter(|b| !b.is_empty())?;
            let fits =
                line.len() <= BOUNDARY_BYTES_MAX && boundary.iter().all(u8::is_ascii_graphic);
            let kind = Kind::Multipart(boundary.to_vec());
            fits.then_some(Hit { kind, back: 0, start: to, to })
        };
        let near = |end: usize| {
            let from = end.saturating_sub(BOUNDARY_BYTES_MAX + 4);
            let here = text.get(from..end).unwrap_or_default();
            if from > 0 { here.to_vec() } else { [tail.bytes(), here].concat() }
        };
        let last = HEADER.len() - 1;
        let edge = tail.bytes().get(tail.bytes().len().saturating_sub(last)..).unwrap_or_default();
        if edge.contains(&b'\n') {
            let joined = [edge, text.get(..last).unwrap_or(text)].concat();
            if let Some(at) = FINDERS.header.find(&joined)
                && let Some(to) = (at + HEADER.len()).checked_sub(edge.len())
            {
                let until = tail.bytes().len() - (edge.len() - at.min(edge.len()));
                let found = hit(tail.bytes().get(..until).unwrap_or_default(), to);
                if found.is_some() {
                    return found;
                }
            }
        }
        FINDERS.header.find_iter(text).find_map(|at| hit(&near(at), at + HEADER.len()))
    }

    /// A run in this stretch of characters, or in the lines that end with it, whichever is told first.
    fn check_stretch(&self, tail: &Tail, text: &[u8], stretch: Stretch) -> Option<Hit> {
        let (Stretch { carried, start, .. }, len) = (stretch, stretch.len());
        let missing = self.lines.missing().filter(|many| carried < *many && *many <= len);
        let of_lines = missing.and_then(|many| {
            check_lines(tail, text, self.lines.bytes() + many, start + many - carried)
        });
        let of_stretch = self.check_digits(tail, text, stretch);
        [of_stretch, of_lines].into_iter().flatten().min_by_key(|hit| hit.to)
    }

    /// Whether this stretch is a run that was none yet when the text began.
    fn check_digits(&self, tail: &Tail, text: &[u8], stretch: Stretch) -> Option<Hit> {
        let (Stretch { carried, start, .. }, len) = (stretch, stretch.len());
        let first = |count: usize| -> Vec<u8> {
            let tail = tail.bytes();
            let before = tail.get(tail.len().saturating_sub(carried)..).unwrap_or_default();
            let before = before.get(..count).unwrap_or(before);
            let here = text.get(start..start + (count - before.len())).unwrap_or_default();
            [before, here].concat()
        };
        let hit =
            |kind, count: usize| Hit { kind, back: carried, start, to: start + count - carried };
        if len >= RUN && carried < RUN {
            let digits = first(RUN);
            let is_string =
                self.shows_strings && byte_before(tail, text, carried, start) == Some(b'<');
            if !(is_string && is_wide_hex(&digits))
                && let Some(kind) = encoded(&digits)
            {
                return Some(hit(kind, RUN));
            }
        }
        if len >= LONG_RUN && carried < LONG_RUN {
            let digits = first(LONG_RUN);
            let is_hex = digits.iter().all(|b| hex_digit(*b).is_some());
            let mut seen = [false; 256];
            digits.iter().for_each(|b| seen[usize::from(*b)] = true);
            if seen.iter().filter(|seen| **seen).count() >= LONG_DISTINCT {
                return Some(hit(if is_hex { Kind::Hex } else { Kind::Base64 }, LONG_RUN));
            }
        }
        None
    }
}

/// Characters of a run: those carried up to the beginning of a text, or from `start`, and on to `end`.
#[derive(Clone, Copy)]
struct Stretch {
    carried: usize,
    start: usize,
    end: usize,
}

impl Stretch {
    const fn len(self) -> usize {
        self.carried + (self.end - self.start)
    }
}

/// A line that begins with the word: `begin 644 name`, `begin-base64 644 name`, `=ybegin … name=name`.
fn find_begin(tail: &Tail, text: &[u8]) -> Option<Hit> {
    let line_of = |from: usize| {
        let rest = text.get(from..)?;
        let rest = rest.get(..BEGIN_BYTES_MAX).unwrap_or(rest);
        memchr::memchr(b'\n', rest).map(|end| (rest.get(..end).unwrap_or_default(), from + end + 1))
    };
    let hit = |line: &[u8], to| {
        let kind = match (yenc::begin_name(line), uu::begin(line)) {
            (Some(name), _) => Kind::Yenc(name.to_vec()),
            (None, Some(uu::Begin::Uu(name))) => Kind::Uu(name.to_vec()),
            (None, Some(uu::Begin::Base64(name))) => Kind::Begun(name.to_vec()),
            (None, None) => return None,
        };
        Some(Hit::behind(kind, to))
    };
    // The line that the tail ends with.
    let line = memchr::memrchr(b'\n', tail.bytes()).map_or(0, |at| at + 1);
    let open = tail.bytes().get(line..).unwrap_or_default();
    let is_begun =
        [BEGIN, YENC].iter().any(|word| open.starts_with(word) || word.starts_with(open));
    let fits = open.len() < BEGIN_BYTES_MAX && is_begun;
    if fits
        && let Some((rest, to)) = line_of(0)
        && open.len() + rest.len() < BEGIN_BYTES_MAX
        && let found @ Some(_) = hit(&[open, rest].concat(), to)
    {
        return found;
    }
    // One search is for both words.
    FINDERS.begin.find_iter(text).find_map(|at| {
        let before = text.get(..at).unwrap_or_default();
        let at = before.strip_suffix(BEFORE_YENC).map_or(at, <[u8]>::len);
        let is_first = at > 0 && text.get(at - 1) == Some(&b'\n');
        if !is_first {
            return None;
        }
        let (line, to) = line_of(at)?;
        (line.len() < BEGIN_BYTES_MAX).then(|| hit(line, to)).flatten()
    })
}

/// Where the first mark ends that does not end in `tail`.
fn find_mark(finder: &Finder<'_>, tail: &Tail, text: &[u8]) -> Option<usize> {
    let last = finder.needle().len() - 1;
    let edge = tail.bytes().get(tail.bytes().len().saturating_sub(last)..).unwrap_or_default();
    let first = finder.needle().first().copied().unwrap_or(0);
    if memchr::memchr(first, edge).is_some() {
        let joined = [edge, text.get(..last).unwrap_or(text)].concat();
        if let Some(at) = finder.find(&joined) {
            return Some((at + last + 1).saturating_sub(edge.len()));
        }
    }
    finder.find(text).map(|at| at + last + 1)
}

impl Hit {
    /// A run that begins at `to`.
    pub(super) fn behind(kind: Kind, to: usize) -> Self {
        Self { kind, back: 0, start: to, to }
    }

    /// A run that begins with a mark of `len` bytes, which ends at `to`.
    pub(super) fn of(kind: Kind, len: usize, to: usize) -> Self {
        Self { kind, back: len.saturating_sub(to), start: to.saturating_sub(len), to }
    }
}

/// The next stretch of fitting bytes from `at` on that has `least` of them or touches the end.
fn next_stretch(
    text: &[u8],
    at: usize,
    least: usize,
    fits: impl Fn(u8) -> bool,
) -> Option<(usize, usize)> {
    let fits = |i: usize| text.get(i).is_some_and(|b| fits(*b));
    let back_from =
        |end: usize, from: usize| (from..end).rev().take_while(|i| fits(*i)).last().unwrap_or(end);
    let mut from = at;
    let mut sample = at + least - 1;
    while sample < text.len() {
        if !fits(sample) {
            from = sample + 1;
            sample += least;
            continue;
        }
        let start = back_from(sample, from);
        let end = (sample..text.len()).find(|i| !fits(*i)).unwrap_or(text.len());
        if end - start >= least || end == text.len() {
            return Some((start, end));
        }
        from = end;
        sample = end + least;
    }
    let start = back_from(text.len(), from.min(text.len()));
    (start < text.len()).then_some((start, text.len()))
}

/// Whether the bytes from `carried` before `text`, or from `start`, to `end` are a list of numbers that
/// was none yet when the text began.
fn check_numbers(
    tail: &Tail,
    text: &[u8],
    carried: usize,
    start: usize,
    end: usize,
) -> Option<Hit> {
    if carried >= NUMBERS || carried + (end - start) < NUMBERS {
        return None;
    }
    let before = tail.bytes();
    let before = before.get(before.len().checked_sub(carried)?..)?;
    let to = start + NUMBERS - carried;
    let list = [before, text.get(start..to)?].concat();
    // A number in front of it may be of something else.
    let (bytes, parted) = numbers::read(&list)?;
    let is_list = parted == Parted::By(b',') && bytes.len() >= NUMBERS_COUNT;
    let is_run = is_list || bytes.len() >= NUMBERS_FEW && is_content(&bytes);
    is_run.then_some(Hit { kind: Kind::Numbers, back: carried, start, to })
}

/// What stands before a run, of which the text begins with the rest where some was `carried`.
fn byte_before(tail: &Tail, text: &[u8], carried: usize, start: usize) -> Option<u8> {
    let tail = tail.bytes();
    match start.checked_sub(1) {
        Some(at) => text.get(at).copied(),
        None => tail.get(tail.len().checked_sub(carried + 1)?).copied(),
    }
}

/// The first [`ESCAPES`] escapes in a row.
fn find_escapes(tail: &Tail, text: &[u8]) -> Option<Hit> {
    // What a window that ends in the text has before it.
    const BEFORE: usize = ESCAPES * 6 - 1;
    let tail = tail.bytes();
    let edge = tail.get(tail.len().saturating_sub(BEFORE)..).unwrap_or_default();
    if edge.iter().any(|b| matches!(b, b'%' | b'\\')) {
        let joined = [edge, text.get(..BEFORE).unwrap_or(text)].concat();
        if let Some((start, end, mark)) = escapes_in(&joined, edge.len()) {
            let back = edge.len().saturating_sub(start);
            let start = start.saturating_sub(edge.len());
            return Some(Hit { kind: Kind::Escapes(mark), back, start, to: end - edge.len() });
        }
    }
    let (start, to, mark) = escapes_in(text, 0)?;
    Some(Hit { kind: Kind::Escapes(mark), back: 0, start, to })
}

/// The first escapes that end behind `after`.
fn escapes_in(text: &[u8], after: usize) -> Option<(usize, usize, &'static [u8])> {
    memchr2_iter(b'%', b'\\', text).find_map(|at| {
        let rest = text.get(at..).unwrap_or_default();
        let mark: &'static [u8] = match rest {
            [b'%', b'u', ..] => b"%u00",
            [b'%', high, ..] if hex_digit(*high).is_some() => b"%",
            [b'\\', b'u', ..] => b"\\u00",
            [b'\\', b'x', ..] => b"\\x",
            _ => return None,
        };
        let len = ESCAPES * (mark.len() + 2);
        let is_escape = |escape: &[u8]| {
            escape
                .strip_prefix(mark)
                .is_some_and(|pair| pair.len() == 2 && pair.iter().all(|b| hex_digit(*b).is_some()))
        };
        let all = rest.get(..len)?.chunks(mark.len() + 2).all(is_escape);
        (all && at + len > after).then_some((at, at + len, mark))
    })
}
