//! How the codes of a font are characters: its ToUnicode map (ISO 32000-1, section 9.10.3).

use std::collections::BTreeMap;
use std::rc::Rc;

use super::syntax::{Parser, Value};

/// Codes of one font, at the most, those counted that are told again.
const CODES_MAX: usize = 70_000;
/// Characters that one code stands for, at the most: the format has no more than 256.
const CHARS_MAX: usize = 256;
/// Bytes of characters of all codes, at the most.
const BYTES_MAX: usize = 1 << 20;
/// What a code costs, in bytes that are read in the same time.
const CODE_COST: usize = 16;

/// A font, as far as text is concerned.
#[derive(Clone, Debug, Default)]
pub(super) struct Font {
    /// Characters by code; without any, codes are Latin text.
    codes: Rc<BTreeMap<u32, String>>,
    /// Codes that were told, and bytes of their characters.
    told: usize,
    bytes: usize,
    /// Bytes of a code.
    pub(super) width: usize,
}

impl Font {
    /// A font without a map, of codes of so many bytes.
    pub(super) fn plain(width: usize) -> Self {
        Self { codes: Rc::default(), told: 0, bytes: 0, width }
    }

    /// Reads a map, a stream of its own.
    pub(super) fn read(map: &[u8]) -> Self {
        let mut font = Self::plain(1);
        let mut parser = Parser::new(map, 0);
        let mut values: Vec<Value> = Vec::new();
        while !parser.is_at_end() {
            let value = parser.value();
            let Value::Keyword(keyword) = &value else {
                values.push(value);
                continue;
            };
            match &**keyword {
                b"endcodespacerange" => {
                    if let Some(Value::Text(code)) = values.last() {
                        font.width = code.len().clamp(1, 2);
                    }
                }
                b"endbfchar" => {
                    for pair in values.as_chunks::<2>().0 {
                        if let [Value::Text(code), Value::Text(text)] = pair {
                            let _ = font.add(number(code), wide(text));
                        }
                    }
                }
                b"endbfrange" => {
                    for range in values.as_chunks::<3>().0 {
                        font.add_range(range);
                    }
                }
                _ => {}
            }
            values.clear();
        }
        font
    }

    /// What it has cost to read it, in bytes that are read in the same time, beyond its own.
    pub(super) const fn cost(&self) -> usize {
        self.told * CODE_COST + self.bytes
    }

    /// Adds a code: whether there is room for more.
    fn add(&mut self, code: u32, text: String) -> bool {
        self.told += 1;
        self.bytes += text.len();
        let has_room = self.told <= CODES_MAX && self.bytes <= BYTES_MAX;
        if has_room {
            Rc::make_mut(&mut self.codes).insert(code, text);
        }
        has_room
    }

    fn add_range(&mut self, range: &[Value; 3]) {
        let [Value::Text(from), Value::Text(to), target] = range else { return };
        let (from, to) = (number(from), number(to).min(0xffff));
        match target {
            Value::Text(text) => {
                let first = wide(text);
                let mut chars: Vec<char> = first.chars().collect();
                let last = chars.pop().map_or(0, u32::from);
                let front: String = chars.into_iter().collect();
                for code in from..=to {
                    let c = char::from_u32(last + (code - from)).unwrap_or('\u{fffd}');
                    if !self.add(code, format!("{front}{c}")) {
                        break;
                    }
                }
            }
            Value::Array(texts) => {
                for (code, text) in (from..=to).zip(texts) {
                    if let Value::Text(text) = text {
                        let _ = self.add(code, wide(text));
                    }
                }
            }
            _ => {}
        }
    }

    /// Appends the characters of a string of codes to `text`, as long as that has no more than `max` bytes.
    pub(super) fn show(&self, codes: &[u8], max: usize, text: &mut String) {
        if self.codes.is_empty() {
            if self.width == 1 {
                text.push_str(&encoding_rs::WINDOWS_1252.decode_without_bom_handling(codes).0);
            }
            return;
        }
        for code in codes.chunks(self.width.max(1)) {
            if text.len() > max {
                break;
            }
            match self.codes.get(&number(code)) {
                Some(chars) => text.push_str(chars),
                None if self.width == 1 => {
                    text.push_str(&encoding_rs::WINDOWS_1252.decode_without_bom_handling(code).0);
                }
                None => {}
            }
        }
    }
}

fn number(code: &[u8]) -> u32 {
    code.iter().take(4).fold(0, |sum, b| sum << 8 | u32::from(*b))
}

fn wide(text: &[u8]) -> String {
    let (units, _) = text.as_chunks::<2>();
    let units = units.iter().take(CHARS_MAX);
    char::decode_utf16(units.map(|b| u16::from_be_bytes(*b)))
        .map(|c| c.unwrap_or('\u{fffd}'))
        .collect()
}
