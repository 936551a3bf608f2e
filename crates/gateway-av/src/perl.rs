//! Perl's regular expressions, as PCRE2 has them, in the words of `regex-automata`: bytes, no Unicode,
//! the leftmost match and of several there the first one tried.
//!
//! What cannot be said so that it means the same is refused, by what it is: look-around, references
//! back, groups that never go back, recursion. Three differences remain, all of them at the end of what
//! is searched: `^` of several lines holds behind a last line break too; `$`, where it may stand before
//! a last line break, takes that into the match; and there is no limit of steps at which a search fails.

use crate::{LineError, Unsupported};
use last::is_last;

mod class;
mod escape;
mod last;

/// The letters of an expression that say how it is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "one for each letter of the format")]
pub(crate) struct Letters {
    /// `i`: letters of either case are one.
    pub(crate) no_case: bool,
    /// `s`: the dot is a line break too.
    pub(crate) dot_all: bool,
    /// `m`: `^` and `$` hold at line breaks.
    pub(crate) lines: bool,
    /// `x`: white space and comments say nothing.
    pub(crate) extended: bool,
    /// `A`: a match begins where the search does.
    pub(crate) anchored: bool,
    /// `E`: `$` holds at the very end only.
    pub(crate) end_only: bool,
    /// `U`: as few repetitions as can be, not as many.
    pub(crate) few: bool,
}

/// Why an expression is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Unsupported(Unsupported),
    Malformed(LineError),
}

use Refusal::{Malformed, Unsupported as Refused};

/// It is none.
const WRONG: Refusal = Malformed(LineError::Regex);

/// What is refused without a name of its own.
const OTHER: Refusal = Refused(Unsupported::Regex);

/// Groups in one another.
const DEPTH_MAX: usize = 100;

/// `pattern` in the other words.
pub(crate) fn translate(pattern: &[u8], letters: Letters) -> Result<String, Refusal> {
    let mode = Mode { extended: letters.extended, lines: letters.lines };
    let mut all = Translator {
        rest: pattern,
        out: String::new(),
        mode,
        groups: Vec::new(),
        end_only: letters.end_only,
        repeatable: false,
    };
    while let Some((byte, rest)) = all.rest.split_first() {
        all.rest = rest;
        all.element(*byte)?;
    }
    if all.groups.is_empty() { Ok(all.out) } else { Err(WRONG) }
}

/// What letters within the expression may change that is not left to the other engine.
#[derive(Clone, Copy)]
struct Mode {
    extended: bool,
    lines: bool,
}

struct Translator<'a> {
    rest: &'a [u8],
    out: String,
    mode: Mode,
    /// The modes outside of the groups that are open.
    groups: Vec<Mode>,
    end_only: bool,
    /// Whether what came last may be repeated.
    repeatable: bool,
}

impl<'a> Translator<'a> {
    /// Takes `len` more bytes.
    fn skip(&mut self, len: usize) {
        self.rest = self.rest.get(len..).unwrap_or_default();
    }

    fn eat(&mut self, text: &[u8]) -> bool {
        let is_there = self.rest.starts_with(text);
        if is_there {
            self.skip(text.len());
        }
        is_there
    }

    /// What is before `end`, which is taken too.
    fn up_to(&mut self, end: &[u8]) -> Option<&'a [u8]> {
        let at = self.rest.windows(end.len()).position(|one| one == end)?;
        let before = self.rest.get(..at)?;
        self.skip(at + end.len());
        Some(before)
    }

    fn literal(&mut self, byte: u8) {
        push_byte(&mut self.out, byte);
        self.repeatable = true;
    }

    fn atom(&mut self, text: &str) {
        self.out += text;
        self.repeatable = true;
    }

    fn element(&mut self, byte: u8) -> Result<(), Refusal> {
        match byte {
            b'\\' => return self.escape(),
            b'[' => return self.class(),
            b'(' => return self.open(),
            b')' => {
                self.mode = self.groups.pop().ok_or(WRONG)?;
                self.atom(")");
            }
            b'|' => {
                self.out.push('|');
                self.repeatable = false;
            }
            b'^' => {
                self.out += if self.mode.lines { "(?m:^)" } else { r"\A" };
                self.repeatable = false;
            }
            b'$' => return self.end(),
            b'.' => self.atom("."),
            b'*' | b'+' | b'?' => return self.repeat(&char::from(byte).to_string()),
            b'{' => match self.bounds()? {
                Some(bounds) => return self.repeat(&bounds),
                None => self.literal(b'{'),
            },
            b' ' | 9..=13 if self.mode.extended => {}
            b'#' if self.mode.extended => self.pass_comment(),
            _ => self.literal(byte),
        }
        Ok(())
    }

    /// Passes over what says nothing between an element and how often it is repeated.
    fn pass_blank(&mut self) {
        while self.mode.extended {
            match self.rest.first() {
                Some(b' ' | 9..=13) => self.skip(1),
                Some(b'#') => self.pass_comment(),
                _ => break,
            }
        }
    }

    /// Passes over what is left of a line.
    fn pass_comment(&mut self) {
        let end = self.rest.iter().position(|byte| *byte == b'\n');
        self.skip(end.map_or(self.rest.len(), |at| at + 1));
    }

    fn repeat(&mut self, how: &str) -> Result<(), Refusal> {
        if !self.repeatable {
            return Err(OTHER);
        }
        self.out += how;
        self.repeatable = false;
        self.pass_blank();
        if self.eat(b"+") {
            return Err(Refused(Unsupported::RegexAtomic));
        }
        if self.eat(b"?") {
            self.out.push('?');
        }
        Ok(())
    }

    /// `n}`, `n,}` or `n,m}`, if that is what follows.
    fn bounds(&mut self) -> Result<Option<String>, Refusal> {
        let Some(end) = self.rest.iter().position(|byte| *byte == b'}') else { return Ok(None) };
        let inner = self.rest.get(..end).unwrap_or_default();
        let (min, max) = match inner.iter().position(|byte| *byte == b',') {
            None => (inner, None),
            Some(at) => (inner.get(..at).unwrap_or_default(), inner.get(at + 1..)),
        };
        let is_number = |digits: &[u8]| !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
        if !is_number(min) || max.is_some_and(|max| !max.is_empty() && !is_number(max)) {
            return Ok(None);
        }
        let number = |digits: &[u8]| std::str::from_utf8(digits).ok()?.parse::<u16>().ok();
        let from = number(min).ok_or(WRONG)?;
        let bounds = match max {
            None => format!("{{{from}}}"),
            Some([]) => format!("{{{from},}}"),
            Some(max) => {
                let to = number(max).filter(|to| from <= *to).ok_or(WRONG)?;
                format!("{{{from},{to}}}")
            }
        };
        self.skip(end + 1);
        Ok(Some(bounds))
    }

    /// What has begun with a parenthesis.
    fn open(&mut self) -> Result<(), Refusal> {
        if self.groups.len() >= DEPTH_MAX || self.rest.first() == Some(&b'*') {
            return Err(OTHER);
        }
        if !self.eat(b"?") {
            return self.group("(?:");
        }
        if self.eat(b"#") {
            return self.up_to(b")").map(drop).ok_or(WRONG);
        }
        for look in [&b"="[..], b"!", b"<=", b"<!"] {
            if self.rest.starts_with(look) {
                return Err(Refused(Unsupported::RegexLookAround));
            }
        }
        for (name, end) in [(&b"P<"[..], b">"), (b"<", b">"), (b"'", b"'")] {
            if self.eat(name) {
                self.up_to(end).ok_or(WRONG)?;
                return self.group("(?:");
            }
        }
        match self.rest.first() {
            Some(b'>') => Err(Refused(Unsupported::RegexAtomic)),
            Some(b'P' | b'&' | b'R' | b'0'..=b'9' | b'+') => {
                Err(Refused(Unsupported::RegexBackReference))
            }
            Some(b'(' | b'|' | b'C') => Err(OTHER),
            None => Err(WRONG),
            Some(_) => self.letters(),
        }
    }

    fn group(&mut self, begin: &str) -> Result<(), Refusal> {
        self.groups.push(self.mode);
        self.out += begin;
        self.repeatable = false;
        Ok(())
    }

    /// Letters that say how what follows is read: up to `)`, or `:` and a group.
    fn letters(&mut self) -> Result<(), Refusal> {
        let at = self.rest.iter().position(|byte| matches!(byte, b':' | b')')).ok_or(WRONG)?;
        let (all, rest) = self.rest.split_at(at);
        let is_group = rest.first() == Some(&b':');
        self.rest = rest.get(1..).unwrap_or_default();
        let outside = self.mode;
        let (mut on, mut off, mut is_on) = (String::new(), String::new(), true);
        for letter in all {
            match letter {
                b'-' if is_on => is_on = false,
                b'x' => self.mode.extended = is_on,
                b'm' => self.mode.lines = is_on,
                b'i' | b's' | b'U' => {
                    if is_on { &mut on } else { &mut off }.push(char::from(*letter));
                }
                b'0'..=b'9' => return Err(Refused(Unsupported::RegexBackReference)),
                _ => return Err(OTHER),
            }
        }
        let minus = if off.is_empty() { "" } else { "-" };
        if is_group {
            self.groups.push(outside);
            self.out += &format!("(?{on}{minus}{off}:");
        } else if !(on.is_empty() && off.is_empty()) {
            self.out += &format!("(?{on}{minus}{off})");
        }
        self.repeatable = false;
        Ok(())
    }

    /// `$`, or what is the same.
    fn end(&mut self) -> Result<(), Refusal> {
        if self.mode.lines {
            self.out += "(?m:$)";
        } else if self.end_only {
            self.out += r"\z";
        } else {
            return self.last_line();
        }
        self.repeatable = false;
        Ok(())
    }

    /// The end, or what is before a last line break.
    fn last_line(&mut self) -> Result<(), Refusal> {
        self.pass_blank();
        if !is_last(self.rest) {
            return Err(Refused(Unsupported::RegexLookAround));
        }
        self.out += r"(?:\x0A?\z)";
        self.repeatable = false;
        Ok(())
    }
}

/// A byte that stands for itself.
fn push_byte(out: &mut String, byte: u8) {
    if byte.is_ascii_alphanumeric() {
        out.push(char::from(byte));
    } else {
        *out += &format!("\\x{byte:02X}");
    }
}

#[cfg(test)]
mod tests {
    use regex_automata::meta::Regex;
    use regex_automata::util::syntax;

    use super::*;

    /// Where `pattern` matches first.
    fn find(pattern: &str, letters: Letters, text: &[u8]) -> Option<(usize, usize)> {
        let text_of = translate(pattern.as_bytes(), letters).expect(pattern);
        let config = syntax::Config::new()
            .unicode(false)
            .utf8(false)
            .case_insensitive(letters.no_case)
            .dot_matches_new_line(letters.dot_all)
            .swap_greed(letters.few);
        let regex = Regex::builder()
            .configure(Regex::config().utf8_empty(false))
            .syntax(config)
            .build(&text_of)
            .unwrap_or_else(|error| panic!("{pattern} as {text_of}: {error}"));
        regex.find(text).map(|one| (one.start(), one.end()))
    }

    /// What PCRE2 10.42 finds.
    #[test]
    fn expressions_mean_what_they_mean_to_perl() {
        let all = Letters::default();
        for (pattern, letters, text, expected) in [
            ("ab+c", all, &b"xabbc"[..], Some((1, 5))),
            ("a|ab", all, b"ab", Some((0, 1))),
            (r"\/\<\>\-\;", all, b"/<>-;", Some((0, 5))),
            (r"a{2}b{1,}c{0,2}d{,3}", all, b"aabd{,3}", Some((0, 8))),
            (r"{a}", all, b"{a}", Some((0, 3))),
            (r"x{", all, b"x{", Some((0, 2))),
            (r"\x41\x{42}\x4\x", all, b"AB\x04\0", Some((0, 4))),
            (r"\0\012\cA\e\a", all, b"\0\n\x01\x1b\x07", Some((0, 5))),
            (r"\Qa.b\E.c", all, b"a.bxc", Some((0, 5))),
            (r"[\]a-c&&~-]+", all, b"]b&~-z", Some((0, 5))),
            (r"[]x]+", all, b"x]", Some((0, 2))),
            (r"[^]x]", all, b"]xy", Some((2, 3))),
            (r"[[:alpha:]_[]+", all, b"1a_[1", Some((1, 4))),
            (r"[\h\v]+", all, b"a \xA0\x0B\x85b", Some((1, 5))),
            (r"\h\V\N", all, b"\t\t\r\xFF", Some((0, 3))),
            (r"[\b\12]+", all, b"a\x08\n", Some((1, 3))),
            ("\u{e9}", all, b"\xC3\xA9", Some((0, 2))),
            ("a.c", all, b"a\nc", None),
            ("a.c", Letters { dot_all: true, ..all }, b"a\nc", Some((0, 3))),
            ("aBc", Letters { no_case: true, ..all }, b"AbC", Some((0, 3))),
            (r"\x61", Letters { no_case: true, ..all }, b"A", Some((0, 1))),
            ("a+", Letters { few: true, ..all }, b"aaa", Some((0, 1))),
            ("a+?", Letters { few: true, ..all }, b"aaa", Some((0, 3))),
            ("^b", all, b"a\nb", None),
            ("^b", Letters { lines: true, ..all }, b"a\nb", Some((2, 3))),
            ("a$", all, b"a\n", Some((0, 2))),
            ("a$", Letters { end_only: true, ..all }, b"a\n", None),
            ("(a$|b(c))|d", all, b"ea", Some((1, 2))),
            ("a$", Letters { lines: true, ..all }, b"a\nb", Some((0, 1))),
            (r"a\Z", Letters { end_only: true, ..all }, b"a\n", Some((0, 2))),
            (r"a\z", all, b"a\n", None),
            ("a b # c", Letters { extended: true, ..all }, b"ab", Some((0, 2))),
            (r"a\ [ b]\#", Letters { extended: true, ..all }, b"a  #", Some((0, 4))),
            ("a$ # c", Letters { extended: true, ..all }, b"a\n", Some((0, 2))),
            ("a # c\n + b", Letters { extended: true, ..all }, b"aab", Some((0, 3))),
            ("(?i)a(?-i)b", all, b"Ab", Some((0, 2))),
            ("(?i)a(?-i)b", all, b"AB", None),
            ("(?x: a b )c d", all, b"abc d", Some((0, 5))),
            ("(?m)^b(?-m)$", all, b"a\nb", Some((2, 3))),
            ("(a(?i)b|c)d", all, b"Cd", Some((0, 2))),
            ("(?#no)a(?<n>b)(?P<m>c)(?'l'd)", all, b"abcd", Some((0, 4))),
            (r"\bfoo\b", all, b"xfoo foo", Some((5, 8))),
            (r"(a|b)*c", all, b"abac", Some((0, 4))),
        ] {
            assert_eq!(find(pattern, letters, text), expected, "{pattern}");
        }
    }

    #[test]
    fn what_cannot_be_said_is_refused_by_what_it_is() {
        let refused = |reason| Err(Refused(reason));
        for (pattern, expected) in [
            ("a(?=b)", refused(Unsupported::RegexLookAround)),
            ("(?<!a)b", refused(Unsupported::RegexLookAround)),
            ("a$b", refused(Unsupported::RegexLookAround)),
            ("(a$)+", refused(Unsupported::RegexLookAround)),
            (r"(a)\1", refused(Unsupported::RegexBackReference)),
            (r"(?<n>a)\k<n>", refused(Unsupported::RegexBackReference)),
            ("(?P=n)", refused(Unsupported::RegexBackReference)),
            ("(?R)", refused(Unsupported::RegexBackReference)),
            ("a++", refused(Unsupported::RegexAtomic)),
            ("(?>a)", refused(Unsupported::RegexAtomic)),
            (r"\R", refused(Unsupported::RegexAtomic)),
            ("(*FAIL)", Err(OTHER)),
            ("(?(1)a|b)", Err(OTHER)),
            (r"\Ka", Err(OTHER)),
            (r"\pL", Err(OTHER)),
            (r"[a-\d]", Err(OTHER)),
            ("(a", Err(WRONG)),
            ("a)", Err(WRONG)),
            ("[a", Err(WRONG)),
            ("*a", Err(OTHER)),
            ("a**", Err(OTHER)),
            ("a{3,2}", Err(WRONG)),
            ("[b-a]", Err(WRONG)),
            (r"a\", Err(WRONG)),
            (r"\x{100}", Err(WRONG)),
        ] {
            assert_eq!(translate(pattern.as_bytes(), Letters::default()), expected, "{pattern}");
        }
    }
}
