//! Strings: quoted with escapes, raw, byte strings, and the quoted strings of regular expressions.

use bytes::Bytes;

use super::cursor::{Cursor, Parsed, is_value_char};
use crate::ast::Literal;
use crate::diagnostic::Diagnostic;
use crate::problem::{Extension, Problem};
use crate::value::Type;

impl Cursor<'_> {
    /// A value of type Bytes in any of its notations.
    pub(super) fn bytes(&mut self) -> Parsed<Bytes> {
        if let Some(Literal::Bytes(value)) = self.constant(Type::Bytes)? {
            return Ok(value);
        }
        match self.string_start() {
            Some(StringStart::Quote(quote)) => self.quoted(quote).map(Into::into),
            Some(StringStart::Raw) => Ok(Bytes::copy_from_slice(self.raw()?.as_bytes())),
            None => self.byte_string(),
        }
    }

    /// The pattern of a regular expression; within quotes its backslashes stay.
    pub(super) fn regex(&mut self) -> Parsed<String> {
        let start = self.at;
        let pattern = match self.string_start() {
            Some(StringStart::Quote(quote)) => self.quoted_regex(quote)?,
            Some(StringStart::Raw) => self.raw()?.to_owned(),
            None => match self.constant(Type::Bytes)? {
                Some(Literal::Bytes(value)) => match String::from_utf8(value.into()) {
                    Ok(pattern) => pattern,
                    Err(_) => {
                        let reason = "the constant is not in UTF-8".to_owned();
                        let problem = Problem::RegexSyntax { reason };
                        return Err(Diagnostic::new(problem, self.since(start)));
                    }
                },
                Some(_) | None => return Err(self.wrong_type(Type::Bytes)),
            },
        };
        let mut parser = regex_syntax::ast::parse::Parser::new();
        match parser.parse(&pattern) {
            Ok(_) => Ok(pattern),
            Err(fault) => {
                let reason = fault.kind().to_string();
                Err(Diagnostic::new(Problem::RegexSyntax { reason }, self.since(start)))
            }
        }
    }

    /// A wildcard pattern, its own escapes still in it.
    pub(super) fn wildcard(&mut self) -> Parsed<Bytes> {
        let start = self.at;
        let pattern = match self.string_start() {
            Some(_) => self.bytes()?,
            None => match self.constant(Type::Bytes)? {
                Some(Literal::Bytes(value)) => value,
                Some(_) | None => return Err(self.wrong_type(Type::Bytes)),
            },
        };
        let stars_max = self.options.wildcard_star_limit;
        let fault = wildcard_fault(&pattern).or_else(|| {
            let stars = stars(&pattern);
            (stars > stars_max).then_some(Problem::TooManyStars { stars_max })
        });
        match fault {
            Some(problem) => Err(Diagnostic::new(problem, start..self.at)),
            None => Ok(pattern),
        }
    }

    /// Whether a quoted or raw string comes next.
    pub(super) fn string_ahead(&self) -> bool {
        self.string_start().is_some()
    }

    /// Whether a byte string such as `61:62` comes next.
    pub(super) fn byte_string_ahead(&self) -> bool {
        pairs(self.peek_value()).is_some()
    }

    fn string_start(&self) -> Option<StringStart> {
        let mut chars = self.rest().chars();
        match chars.next()? {
            quote @ ('"' | '\'') => Some(StringStart::Quote(quote)),
            'r' if matches!(chars.next(), Some('"' | '#')) => Some(StringStart::Raw),
            _ => None,
        }
    }

    fn quoted(&mut self, quote: char) -> Parsed<Vec<u8>> {
        let start = self.open(quote);
        let mut value = Vec::new();
        loop {
            let run = self.take_while(|c| c != quote && c != '\\');
            value.extend_from_slice(run.as_bytes());
            let at = self.at;
            match self.peek() {
                None => return Err(self.unclosed(start, quote)),
                Some('\\') => value.push(self.escape(quote).map_err(|found| {
                    let end = at + 1 + found.len();
                    if end >= self.text.len() {
                        return self.unclosed(start, quote);
                    }
                    Diagnostic::new(Problem::Escape { found }, at..end)
                })?),
                Some(_) => {
                    self.at += quote.len_utf8();
                    self.close(quote, start);
                    return Ok(value);
                }
            }
        }
    }

    /// One escape sequence; the error is the text behind the backslash.
    fn escape(&mut self, quote: char) -> Result<u8, String> {
        let rest = self.rest().get(1..).unwrap_or_default();
        let first: String = rest.chars().take(1).collect();
        let (digits, radix) = match rest.chars().next() {
            Some('\\') => {
                self.at += 2;
                return Ok(b'\\');
            }
            Some(c) if c == quote || c == '"' => {
                self.at += 2;
                return Ok(if c == '"' { b'"' } else { b'\'' });
            }
            Some('x') => (rest.get(1..3), 16),
            Some('0'..='7') => (rest.get(..3), 8),
            _ => return Err(first),
        };
        let all_digits = |digits: &&str| digits.chars().all(|c| c.is_digit(radix));
        let value = digits.filter(all_digits).and_then(|d| u8::from_str_radix(d, radix).ok());
        let Some(value) = value else { return Err(rest.chars().take(3).collect()) };
        self.at += 4;
        Ok(value)
    }

    fn quoted_regex(&mut self, quote: char) -> Parsed<String> {
        let start = self.open(quote);
        let mut pattern = String::new();
        let mut in_class = false;
        loop {
            let Some(c) = self.peek() else { return Err(self.unclosed(start, quote)) };
            self.at += c.len_utf8();
            match c {
                '\\' => {
                    let Some(escaped) = self.peek() else {
                        return Err(self.unclosed(start, quote));
                    };
                    self.at += escaped.len_utf8();
                    if in_class || escaped != quote {
                        pattern.push('\\');
                    }
                    pattern.push(escaped);
                    continue;
                }
                '[' => in_class = true,
                ']' => in_class = false,
                // Within a character class the quote is a character as any other.
                c if c == quote && !in_class => {
                    self.close(quote, start);
                    return Ok(pattern);
                }
                _ => {}
            }
            pattern.push(c);
        }
    }

    /// A raw string: `r`, up to 255 `#`, and everything up to the same quote and hashes.
    fn raw(&mut self) -> Parsed<&str> {
        let start = self.at;
        self.eat("r");
        let hashes = self.take_while(|c| c == '#');
        if hashes.len() > 255 {
            return Err(Diagnostic::new(Problem::RawHashes, self.since(start)));
        }
        if !self.eat("\"") {
            return Err(self.unexpected("`\"` after `r#`"));
        }
        let close = format!("\"{hashes}");
        let begin = self.at;
        let Some(length) = self.rest().find(&close) else {
            self.at = self.text.len();
            return Err(self.unclosed_by(start, &close));
        };
        self.at += length + close.len();
        Ok(self.slice(begin..begin + length))
    }

    /// Two bytes or more in hexadecimal with `:`, `-` or `.` between them.
    fn byte_string(&mut self) -> Parsed<Bytes> {
        let start = self.at;
        let word = self.take_while(is_value_char);
        if let Some(pairs) = pairs(word) {
            return Ok(pairs.into());
        }
        self.at = start;
        let first = word.split(is_separator).next().unwrap_or_default();
        if word.contains(':') && first.len() == 2 && first.bytes().all(|b| b.is_ascii_hexdigit()) {
            let span = start..start + word.len();
            return Err(Diagnostic::new(Problem::ByteString { found: word.into() }, span));
        }
        Err(self.wrong_type(Type::Bytes))
    }

    fn open(&mut self, quote: char) -> usize {
        let start = self.at;
        self.at += quote.len_utf8();
        start
    }

    fn close(&mut self, quote: char, start: usize) {
        if quote == '\'' {
            self.extension(Extension::SingleQuotes, start);
        }
    }

    fn unclosed(&mut self, start: usize, quote: char) -> Diagnostic {
        self.at = self.text.len();
        self.unclosed_by(start, quote.encode_utf8(&mut [0; 4]))
    }

    fn unclosed_by(&self, start: usize, close: &str) -> Diagnostic {
        let mut shown: String = self.slice(start..self.text.len()).chars().take(40).collect();
        shown.push_str(close);
        Diagnostic::new(Problem::StringUnclosed { close: shown }, start..self.text.len())
    }
}

/// What is wrong with a wildcard pattern but for the number of its `*`.
pub(crate) fn wildcard_fault(pattern: &[u8]) -> Option<Problem> {
    let mut after_star = false;
    let mut bytes = pattern.iter();
    while let Some(&byte) = bytes.next() {
        if byte == b'\\' {
            let escaped = bytes.next();
            if !matches!(escaped, Some(b'*' | b'\\')) {
                let found = escaped.map_or_else(String::new, |b| b.escape_ascii().to_string());
                return Some(Problem::WildcardEscape { found });
            }
        } else if byte == b'*' && after_star {
            return Some(Problem::DoubleStar);
        }
        after_star = byte == b'*';
    }
    None
}

/// The `*` of a sound pattern that are none of its escapes.
fn stars(pattern: &[u8]) -> usize {
    let mut stars = 0;
    let mut bytes = pattern.iter();
    while let Some(&byte) = bytes.next() {
        match byte {
            b'\\' => drop(bytes.next()),
            b'*' => stars += 1,
            _ => {}
        }
    }
    stars
}

const fn is_separator(c: char) -> bool {
    matches!(c, ':' | '-' | '.')
}

/// The two bytes or more that a word in hexadecimal stands for.
fn pairs(word: &str) -> Option<Vec<u8>> {
    let pair = |pair: &str| {
        let is_pair = pair.len() == 2 && pair.bytes().all(|b| b.is_ascii_hexdigit());
        u8::from_str_radix(pair, 16).ok().filter(|_| is_pair)
    };
    let pairs: Option<Vec<u8>> = word.split(is_separator).map(pair).collect();
    pairs.filter(|pairs| pairs.len() >= 2)
}

enum StringStart {
    Quote(char),
    Raw,
}
