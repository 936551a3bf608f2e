//! The values that PDF is written in (ISO 32000-1, section 7.3), read from complete bytes.

/// Values within values.
const DEPTH_MAX: u8 = 24;
/// Bytes of a keyword that are kept; `endcodespacerange` has 17.
const KEYWORD_BYTES: usize = 20;
/// Values of one array or dictionary that are kept.
const VALUES_MAX: usize = 4_096;

/// A value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Value {
    #[default]
    Null,
    Integer(i64),
    Real(f64),
    Name(Vec<u8>),
    Text(Vec<u8>),
    Array(Vec<Self>),
    Dictionary(Vec<(Vec<u8>, Self)>),
    Reference(u32),
    /// Anything else: `true`, or the operator of a content stream.
    Keyword(Keyword),
}

/// A word as far as it tells it from the operators, of which none is as long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Keyword {
    bytes: [u8; KEYWORD_BYTES],
    len: u8,
}

impl Keyword {
    fn new(word: &[u8]) -> Self {
        let mut bytes = [0; KEYWORD_BYTES];
        bytes.iter_mut().zip(word).for_each(|(slot, byte)| *slot = *byte);
        Self { bytes, len: word.len().min(KEYWORD_BYTES) as u8 }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len.into()).unwrap_or_default()
    }
}

impl Value {
    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Dictionary(entries) = self else { return None };
        entries.iter().find(|(name, _)| name == key.as_bytes()).map(|(_, value)| value)
    }

    /// The name that is the value of a key.
    pub(super) fn name(&self, key: &str) -> Option<&[u8]> {
        match self.get(key) {
            Some(Self::Name(name)) => Some(name),
            _ => None,
        }
    }

    pub(super) fn integer(&self) -> Option<i64> {
        match self {
            Self::Integer(value) => Some(*value),
            _ => None,
        }
    }

    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Integer(value) => Some(*value as f64),
            Self::Real(value) => Some(*value),
            _ => None,
        }
    }
}

/// Reads values one after the other.
pub(super) struct Parser<'a> {
    bytes: &'a [u8],
    at: usize,
}

const fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

/// Which bytes are neither.
const REGULAR: [bool; 256] = {
    let mut regular = [false; 256];
    let mut byte = 0;
    while byte < regular.len() {
        regular[byte] = !is_delimiter(byte as u8) && !is_blank(byte as u8);
        byte += 1;
    }
    regular
};

const fn is_regular(byte: u8) -> bool {
    REGULAR[byte as usize]
}

impl<'a> Parser<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// How far it has read.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn skip_blanks(&mut self) {
        while let Some(byte) = self.peek() {
            if byte == b'%' {
                let line = self.rest().iter().position(|b| matches!(b, b'\r' | b'\n'));
                self.at += line.unwrap_or_else(|| self.rest().len());
            } else if is_blank(byte) {
                self.at += 1;
            } else {
                break;
            }
        }
    }

    /// Whether all was read.
    pub(super) fn is_at_end(&mut self) -> bool {
        self.skip_blanks();
        self.at >= self.bytes.len()
    }

    /// If `stream` follows, where its bytes begin.
    pub(super) fn stream_start(&mut self) -> Option<usize> {
        self.skip_blanks();
        let after = self.rest().strip_prefix(b"stream")?;
        let after = after.strip_prefix(b"\r").unwrap_or(after);
        let after = after.strip_prefix(b"\n").unwrap_or(after);
        Some(self.bytes.len() - after.len())
    }

    /// The next value.
    pub(super) fn value(&mut self) -> Value {
        self.nested(0)
    }

    fn nested(&mut self, depth: u8) -> Value {
        self.skip_blanks();
        let Some(byte) = self.peek() else { return Value::Null };
        if depth >= DEPTH_MAX {
            self.at += 1;
            return Value::Null;
        }
        match byte {
            b'<' if self.rest().starts_with(b"<<") => self.dictionary(depth),
            b'<' => self.hex_text(),
            b'(' => self.text(),
            b'/' => {
                self.at += 1;
                Value::Name(self.name())
            }
            b'[' => self.array(depth),
            b'0'..=b'9' | b'+' | b'-' | b'.' => self.number(),
            _ if is_delimiter(byte) => {
                self.at += if self.rest().starts_with(b">>") { 2 } else { 1 };
                Value::Null
            }
            _ => Value::Keyword(Keyword::new(self.regular())),
        }
    }

    fn regular(&mut self) -> &'a [u8] {
        let rest = self.rest();
        let len = rest.iter().position(|b| !is_regular(*b)).unwrap_or(rest.len());
        self.at += len;
        rest.get(..len).unwrap_or_default()
    }

    fn name(&mut self) -> Vec<u8> {
        let mut rest = self.regular();
        if !rest.contains(&b'#') {
            return rest.to_vec();
        }
        let mut name = Vec::new();
        while let Some((byte, after)) = rest.split_first() {
            let pair = after.first_chunk().and_then(|[a, b]| crate::declared::hex_pair(*a, *b));
            match (byte, pair) {
                (b'#', Some(decoded)) => {
                    name.push(decoded);
                    rest = after.get(2..).unwrap_or_default();
                }
                _ => {
                    name.push(*byte);
                    rest = after;
                }
            }
        }
        name
    }

    /// A number, or `12 0 R`.
    fn number(&mut self) -> Value {
        let text = std::str::from_utf8(self.regular()).unwrap_or_default();
        let Ok(integer) = text.parse::<i64>() else {
            return text.parse().map_or(Value::Null, Value::Real);
        };
        let before = self.at;
        self.skip_blanks();
        let generation = self.regular();
        self.skip_blanks();
        let is_reference = !generation.is_empty()
            && generation.iter().all(u8::is_ascii_digit)
            && self.rest().starts_with(b"R")
            && !self.rest().get(1).is_some_and(u8::is_ascii_alphanumeric);
        if let (true, Ok(number)) = (is_reference, u32::try_from(integer)) {
            self.at += 1;
            return Value::Reference(number);
        }
        self.at = before;
        Value::Integer(integer)
    }

    fn array(&mut self, depth: u8) -> Value {
        self.at += 1;
        let mut values = Vec::new();
        loop {
            self.skip_blanks();
            match self.peek() {
                None => break,
                Some(b']') => {
                    self.at += 1;
                    break;
                }
                Some(_) if self.rest().starts_with(b">>") || self.rest().starts_with(b"endobj") => {
                    break;
                }
                // What is not kept is not read either.
                Some(byte) if values.len() >= VALUES_MAX && (byte == b'/' || is_regular(byte)) => {
                    self.at += 1;
                    let _ = self.regular();
                }
                Some(_) => {
                    let value = self.nested(depth + 1);
                    if values.len() < VALUES_MAX {
                        values.push(value);
                    }
                }
            }
        }
        Value::Array(values)
    }

    fn dictionary(&mut self, depth: u8) -> Value {
        self.at += 2;
        let mut entries = Vec::new();
        loop {
            self.skip_blanks();
            match self.peek() {
                None => break,
                Some(b'>') => {
                    self.at += if self.rest().starts_with(b">>") { 2 } else { 1 };
                    break;
                }
                Some(b'/') => {
                    self.at += 1;
                    let name = self.name();
                    let value = self.nested(depth + 1);
                    if entries.len() < VALUES_MAX {
                        entries.push((name, value));
                    }
                }
                Some(_)
                    if self.rest().starts_with(b"endobj") || self.rest().starts_with(b"stream") =>
                {
                    break;
                }
                Some(_) => {
                    let _ = self.nested(depth + 1);
                }
            }
        }
        Value::Dictionary(entries)
    }

    fn hex_text(&mut self) -> Value {
        self.at += 1;
        let rest = self.rest();
        let len = rest.iter().position(|b| *b == b'>').unwrap_or(rest.len());
        self.at += (len + 1).min(rest.len());
        let digits = rest.get(..len).unwrap_or_default().iter();
        let digits: Vec<u8> = digits.filter_map(|b| crate::declared::hex_digit(*b)).collect();
        let byte = |pair: &[u8]| pair.first().unwrap_or(&0) << 4 | pair.get(1).unwrap_or(&0);
        Value::Text(digits.chunks(2).map(byte).collect())
    }

    fn text(&mut self) -> Value {
        self.at += 1;
        let (mut text, mut depth) = (Vec::new(), 1u32);
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'(' => depth = depth.saturating_add(1),
                b')' => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                }
                b'\\' => {
                    self.escape(&mut text);
                    continue;
                }
                _ => {}
            }
            text.push(byte);
        }
        Value::Text(text)
    }

    fn escape(&mut self, text: &mut Vec<u8>) {
        let Some(byte) = self.peek() else { return };
        self.at += 1;
        match byte {
            b'n' => text.push(b'\n'),
            b'r' => text.push(b'\r'),
            b't' => text.push(b'\t'),
            b'b' => text.push(8),
            b'f' => text.push(12),
            b'\n' => {}
            b'\r' => {
                if self.peek() == Some(b'\n') {
                    self.at += 1;
                }
            }
            b'0'..=b'7' => {
                let mut value = u32::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek() else { break };
                    value = value << 3 | u32::from(digit - b'0');
                    self.at += 1;
                }
                text.push((value & 0xff) as u8);
            }
            other => text.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_beyond_those_that_are_kept_are_passed_over() {
        let many = format!("[{}/b 12 0 R (]) [1] word <5d>]9", "/a ".repeat(VALUES_MAX));
        let mut parser = Parser::new(many.as_bytes(), 0);
        let Value::Array(values) = parser.value() else { panic!("no array") };
        assert_eq!((values.len(), values.last()), (VALUES_MAX, Some(&Value::Name(b"a".to_vec()))));
        assert_eq!(parser.value(), Value::Integer(9));
        let word = Parser::new(b"endcodespacerange", 0).value();
        assert_eq!(word, Value::Keyword(Keyword::new(b"endcodespacerange")));
        assert_eq!(Keyword::new(b"endcodespacerange").bytes(), b"endcodespacerange");
    }
}
