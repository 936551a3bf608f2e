//! How the codes of a font are characters: its ToUnicode map (ISO 32000-1, section 9.10.3).

use std::collections::BTreeMap;
use std::rc::Rc;

use super::syntax::{Parser, Value};

/// Codes and ranges of them of one font, at the most, those counted that are told again.
const RANGES_MAX: usize = 70_000;
/// Characters that one code stands for, at the most: the format has no more than 256.
const CHARS_MAX: usize = 256;
/// Bytes of characters of them all, at the most.
const BYTES_MAX: usize = 1 << 20;
/// What a range costs, in bytes that are read in the same time.
const RANGE_COST: usize = 32;

/// Codes whose characters follow each other.
#[derive(Clone, Debug)]
struct Range {
    last: u32,
    /// The code from which `char` counts, which may have come to be another one's.
    from: u32,
    /// What stands before the last character of each, and that of `from`, if there is any.
    front: Rc<str>,
    char: Option<char>,
}

impl Range {
    fn show(&self, code: u32, text: &mut String) {
        let Some(char) = self.char else { return };
        text.push_str(&self.front);
        let char = u32::from(char).saturating_add(code.saturating_sub(self.from));
        text.push(char::from_u32(char).unwrap_or('\u{fffd}'));
    }
}

/// A font, as far as text is concerned.
#[derive(Clone, Debug)]
pub(super) struct Font {
    /// Characters by the first code of a range; without any, codes are Latin text.
    ranges: Rc<BTreeMap<u32, Range>>,
    /// Ranges that were told, and bytes of their characters.
    told: usize,
    bytes: usize,
    /// Bytes of a code.
    pub(super) width: usize,
}

impl Default for Font {
    fn default() -> Self {
        Self::plain(1)
    }
}

impl Font {
    /// A font without a map, of codes of so many bytes.
    pub(super) fn plain(width: usize) -> Self {
        Self { ranges: Rc::default(), told: 0, bytes: 0, width }
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
            match keyword.bytes() {
                b"endcodespacerange" => {
                    if let Some(Value::Text(code)) = values.last() {
                        font.width = code.len().clamp(1, 2);
                    }
                }
                b"endbfchar" => {
                    for pair in values.as_chunks::<2>().0 {
                        if let [Value::Text(code), Value::Text(text)] = pair {
                            let code = number(code);
                            font.add(code, code, &wide(text));
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
        self.told * RANGE_COST + self.bytes
    }

    /// Adds codes from `first` to `last`, of which the first stands for `text`.
    fn add(&mut self, first: u32, last: u32, text: &str) {
        self.told += 1;
        self.bytes += text.len();
        if last < first || self.told > RANGES_MAX || self.bytes > BYTES_MAX {
            return;
        }
        let ranges = Rc::make_mut(&mut self.ranges);
        // What was told before of these codes does not count any more.
        while let Some((&from, range)) = ranges.range_mut(..=last).next_back() {
            if range.last < first {
                break;
            }
            let behind = (range.last > last).then(|| range.clone());
            if from < first {
                range.last = first - 1;
            } else {
                ranges.remove(&from);
            }
            if let Some(behind) = behind {
                ranges.insert(last + 1, behind);
            }
            if from <= first {
                break;
            }
        }
        let mut chars = text.chars();
        let char = chars.next_back();
        ranges.insert(first, Range { last, from: first, front: chars.as_str().into(), char });
    }

    fn add_range(&mut self, range: &[Value; 3]) {
        let [Value::Text(from), Value::Text(to), target] = range else { return };
        let (from, to) = (number(from), number(to).min(0xffff));
        match target {
            Value::Text(text) => self.add(from, to, &wide(text)),
            Value::Array(texts) => {
                for (code, text) in (from..=to).zip(texts) {
                    if let Value::Text(text) = text {
                        self.add(code, code, &wide(text));
                    }
                }
            }
            _ => {}
        }
    }

    /// Appends the characters of a string of codes to `text`, as long as that has no more than `max` bytes.
    pub(super) fn show(&self, codes: &[u8], max: usize, text: &mut String) {
        if self.ranges.is_empty() {
            if self.width == 1 {
                text.push_str(&encoding_rs::WINDOWS_1252.decode_without_bom_handling(codes).0);
            }
            return;
        }
        for code in codes.chunks(self.width.max(1)) {
            if text.len() > max {
                break;
            }
            let number = number(code);
            let before = self.ranges.range(..=number).next_back();
            match before.filter(|(_, range)| number <= range.last) {
                Some((_, range)) => range.show(number, text),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_code_that_is_told_again_the_last_counts() {
        let check = |map: &str, codes: &[u8], want: &str| {
            let mut text = String::new();
            Font::read(map.as_bytes()).show(codes, usize::MAX, &mut text);
            assert_eq!(text, want, "{map}");
        };
        let all = "<00> <ff> <0041> endbfrange ";
        let codes = [0, 0x0f, 0x10, 0x11, 0x20, 0x22, 0x23];
        check(all, &codes, "APQRacd");
        check(&format!("{all}<10> <0058> endbfchar"), &codes, "APXRacd");
        check(&format!("{all}<20> <22> <00780079> endbfrange"), &codes, "APQRxyx{d");
        check(&format!("<10> <0058> endbfchar <11> <0059> endbfchar {all}"), &codes, "APQRacd");
        check(&format!("<10> <20> <0058> endbfrange {all}<0f> <22> <> endbfrange"), &codes, "Ad");
        check(&format!("{all}<10> <11> [<0031> <0032>] endbfrange"), &codes, "AP12acd");
        check("<10> <0f> <0041> endbfrange <30> <0042> endbfchar", b"\x100", "\u{10}B");
    }
}
