//! Lines: where the tokens of a filter are broken into lines.

use super::{Kind, Token, canonical, is_apart};

/// The most columns of a line that could be broken.
const COLUMNS_MAX: usize = 100;
const INDENT: usize = 4;

/// A token in its canonical form.
struct Word {
    kind: Kind,
    text: String,
    begins_line: bool,
    /// Where the bracket that it opens is closed.
    close: Option<usize>,
    /// The bracket that it stands in.
    within: Option<char>,
}

/// The tokens on lines, each of which begins with `blanks` blanks.
pub(super) fn lay_out(tokens: &[Token<'_>], blanks: usize) -> String {
    let words = words(tokens);
    let end = words.len();
    let mut lines = Lines { words: &words, blanks, out: " ".repeat(blanks), due: None, last: None };
    lines.sequence(0, end, 0);
    lines.out
}

/// The tokens without the commas of sets.
fn words(tokens: &[Token<'_>]) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::with_capacity(tokens.len());
    let mut open: Vec<usize> = Vec::new();
    let mut begins_line = false;
    for token in tokens {
        begins_line |= token.begins_line;
        let is_symbol = token.kind == Kind::Symbol;
        let bracket = |at: Option<&usize>| {
            at.and_then(|at| words.get(*at)).and_then(|word| word.text.chars().next())
        };
        if is_symbol && token.text == "," && bracket(open.last()) == Some('{') {
            continue;
        }
        let at = words.len();
        if is_symbol
            && matches!(token.text, ")" | "]" | "}")
            && let Some(opened) = open.pop()
            && let Some(opened) = words.get_mut(opened)
        {
            opened.close = Some(at);
        }
        let within = open.last().and_then(|at| words.get(*at));
        let within = within.and_then(|word| word.text.chars().next());
        let before = words.last().map(|word| (word.kind, word.text.clone()));
        let text = canonical(token, before.as_ref());
        // `&&` is the word `and` from here on.
        let is_word = text.starts_with(|c: char| c.is_ascii_alphabetic());
        let kind = if is_symbol && is_word { Kind::Word } else { token.kind };
        words.push(Word { kind, text, begins_line, close: None, within });
        if is_symbol && matches!(token.text, "(" | "[" | "{") {
            open.push(at);
        }
        begins_line = false;
    }
    words
}

/// How loosely a connective binds.
fn looseness(word: &Word) -> Option<u8> {
    if word.kind != Kind::Word || word.within == Some('{') {
        return None;
    }
    match word.text.as_str() {
        "or" => Some(3),
        "xor" => Some(2),
        "and" => Some(1),
        _ => None,
    }
}

struct Lines<'w> {
    words: &'w [Word],
    blanks: usize,
    out: String,
    /// The depth of the line that the next word begins.
    due: Option<usize>,
    /// The word before.
    last: Option<usize>,
}

impl Lines<'_> {
    /// Conditions and what joins them, from one word to before another.
    fn sequence(&mut self, mut from: usize, to: usize, depth: usize) {
        while let Some(comment) = self.words.get(from).filter(|_| from < to)
            && comment.kind == Kind::Comment
        {
            self.comment(from, depth);
            from += 1;
        }
        if self.is_free(from, to) && self.fits(from, to) {
            return self.flat(from, to);
        }
        let joints = self.joints(from, to);
        if joints.is_empty() {
            return self.run(from, to, depth);
        }
        let ends = joints.iter().copied().chain([to]);
        let mut start = from;
        for end in ends {
            if start > from {
                self.due = Some(depth);
                self.word(start - 1);
            }
            if self.joints(start, end).is_empty() {
                self.run(start, end, depth);
            } else {
                self.sequence(start, end, depth + 1);
            }
            start = end + 1;
        }
    }

    /// The loosest connectives, outside of brackets.
    fn joints(&self, from: usize, to: usize) -> Vec<usize> {
        let (mut joints, mut loosest) = (Vec::new(), 0);
        let mut at = from;
        while let Some(word) = self.words.get(at).filter(|_| at < to) {
            if let Some(looseness) = looseness(word) {
                if looseness > loosest {
                    joints.clear();
                    loosest = looseness;
                }
                if looseness == loosest {
                    joints.push(at);
                }
            }
            at = word.close.unwrap_or(at) + 1;
        }
        joints
    }

    /// Words that no connective parts.
    fn run(&mut self, from: usize, to: usize, depth: usize) {
        let mut at = from;
        while let Some(word) = self.words.get(at).filter(|_| at < to) {
            if word.kind == Kind::Comment {
                self.comment(at, depth);
                at += 1;
                continue;
            }
            if at > from
                && self.is_filled(at)
                && (word.begins_line || !self.fits(at, self.unit(at, to)))
            {
                self.due = Some(depth);
            }
            match word.close.filter(|_| word.text != "[") {
                Some(close) if !self.is_free(at, close + 1) || !self.fits(at, close + 1) => {
                    self.broken(at, close, depth);
                    at = close + 1;
                }
                Some(close) => {
                    self.flat(at, close + 1);
                    at = close + 1;
                }
                None => {
                    self.word(at);
                    at += 1;
                }
            }
        }
    }

    /// A bracket whose contents stand on lines of their own, unless all of them is one condition
    /// that ends with a bracket: then that one is broken.
    fn broken(&mut self, open: usize, close: usize, depth: usize) {
        self.word(open);
        let mut from = open + 1;
        if self.is_one(from, close) {
            self.run(from, close, depth);
            return self.word(close);
        }
        if let Some(first) = self.words.get(from)
            && first.kind == Kind::Comment
            && !first.begins_line
        {
            self.word(from);
            from += 1;
        }
        if from < close {
            self.due = Some(depth + 1);
            self.sequence(from, close, depth + 1);
        }
        self.due = Some(depth);
        self.word(close);
    }

    /// Whether words are one condition or call that ends with a bracket, on the line of what stands
    /// before.
    fn is_one(&self, from: usize, to: usize) -> bool {
        let mut at = from;
        let mut ends_with_bracket = false;
        while let Some(word) = self.words.get(at).filter(|_| at < to) {
            let is_comma = word.kind == Kind::Symbol && word.text == ",";
            if word.kind == Kind::Comment
                || word.within == Some('{')
                || looseness(word).is_some()
                || is_comma
                || (at == from && word.begins_line)
            {
                return false;
            }
            ends_with_bracket = word.close.is_some() && word.text != "[";
            at = word.close.unwrap_or(at) + 1;
        }
        ends_with_bracket
    }

    fn comment(&mut self, at: usize, depth: usize) {
        if self.last.is_some() && self.words.get(at).is_some_and(|word| word.begins_line) {
            self.due = Some(depth);
        }
        self.word(at);
        self.due = Some(depth);
    }

    fn flat(&mut self, from: usize, to: usize) {
        (from..to).for_each(|at| self.word(at));
    }

    /// One word, on the line that is due or behind the word before.
    fn word(&mut self, at: usize) {
        let Some(word) = self.words.get(at) else { return };
        match self.due.take() {
            Some(depth) if self.last.is_some() => {
                self.out.push('\n');
                self.out.push_str(&" ".repeat(self.blanks + INDENT * depth));
            }
            Some(_) | None => {
                if self.is_apart(at) {
                    self.out.push(' ');
                }
            }
        }
        self.out.push_str(&word.text);
        self.last = Some(at);
    }

    /// Whether a blank stands before a word that begins no line.
    fn is_apart(&self, at: usize) -> bool {
        let before = self.last.and_then(|last| self.words.get(last));
        before.zip(self.words.get(at)).is_some_and(|(before, word)| {
            word.kind == Kind::Comment || is_apart(&before.text, before.kind, &word.text, word.kind)
        })
    }

    /// Whether lines are filled with what begins here: a member of a set or an argument.
    fn is_filled(&self, at: usize) -> bool {
        let is_comma = |word: &Word| word.kind == Kind::Symbol && word.text == ",";
        let before = at.checked_sub(1).and_then(|before| self.words.get(before));
        self.words.get(at).is_some_and(|word| word.within == Some('{'))
            || before.is_some_and(is_comma)
    }

    /// Where the member or argument that begins here ends.
    fn unit(&self, from: usize, to: usize) -> usize {
        let mut at = from;
        while let Some(word) = self.words.get(at).filter(|_| at < to) {
            at = word.close.unwrap_or(at) + 1;
            if word.within == Some('{') || (word.kind == Kind::Symbol && word.text == ",") {
                break;
            }
        }
        at
    }

    /// Whether nothing asks for a line break behind the first word.
    fn is_free(&self, from: usize, to: usize) -> bool {
        let breaks = |at: usize| {
            let Some(word) = self.words.get(at) else { return false };
            let before = at.checked_sub(1).and_then(|before| self.words.get(before));
            let is_opened = before.is_some_and(|word| matches!(word.text.as_str(), "(" | "{"));
            let is_closing = word.kind == Kind::Symbol && matches!(word.text.as_str(), ")" | "}");
            let may_break =
                looseness(word).is_some() || is_opened || is_closing || self.is_filled(at);
            word.kind == Kind::Comment || (at > from && word.begins_line && may_break)
        };
        !(from..to).any(breaks)
    }

    /// Whether words fit on the line as it is.
    fn fits(&self, from: usize, to: usize) -> bool {
        let line = self.out.rsplit('\n').next().unwrap_or_default();
        let mut column = match self.due {
            Some(depth) => self.blanks + INDENT * depth,
            None => line.chars().count(),
        };
        let mut before = if self.due.is_some() { None } else { self.last };
        for at in from..to {
            let Some(word) = self.words.get(at) else { return true };
            let last = before.and_then(|last| self.words.get(last));
            let is_apart =
                last.is_some_and(|last| is_apart(&last.text, last.kind, &word.text, word.kind));
            column += usize::from(is_apart) + word.text.chars().count();
            if column > COLUMNS_MAX || word.text.contains('\n') {
                return false;
            }
            before = Some(at);
        }
        true
    }
}
