//! The text of RTF (its specification, version 1.9.1). Digits of objects and pictures come out on
//! lines of their own: they are runs of hex digits as any text may have them.

use std::collections::BTreeMap;

use bytes::{BufMut, BytesMut};
use encoding_rs::Encoding;
use gateway_inspect::Unscannable;

use crate::coding::decoder::Decoded;
use crate::coding::transform::Transform;
use crate::declared::hex_digit;
use crate::text::code_page::{of_code_page, of_font_charset};
use crate::text::put_char;

/// Groups within groups that are told apart.
const DEPTH_MAX: usize = 256;
/// Fonts whose charsets are kept.
const FONTS_MAX: usize = 1_024;
/// The longest control word, its number included.
const WORD_BYTES_MAX: usize = 48;

/// What the text of a group is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group {
    Text,
    /// Fonts, styles and the like.
    Hidden,
    /// Digits.
    Data,
}

/// Where the next byte stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Text,
    /// After a backslash.
    Control,
    Word,
    /// In `\'hh`.
    Hex(Option<u8>),
    /// Bytes behind `\bin`.
    Binary(u64),
}

/// The text.
pub(crate) struct Rtf {
    state: State,
    word: Vec<u8>,
    groups: Vec<Group>,
    /// Groups beyond those that are told apart.
    deeper: u64,
    /// The charset of each group by its font, where that has one of its own.
    charsets: Vec<Option<&'static Encoding>>,
    /// The charset of the rest.
    page: &'static Encoding,
    /// The charsets of fonts by their numbers, and the font that is described.
    fonts: BTreeMap<i64, &'static Encoding>,
    font: i64,
    /// Bytes of a character, the last of which have not come.
    lead: Vec<u8>,
    /// Characters to be left out behind `\u`, and how many there are by `\uc`.
    skip: u32,
    fallback: u32,
    high: Option<u16>,
    starred: bool,
    /// Bytes that are taken one by one.
    singly: usize,
}

impl Rtf {
    pub(crate) fn new() -> Self {
        Self {
            state: State::Text,
            word: Vec::new(),
            groups: vec![Group::Text],
            charsets: vec![None],
            page: encoding_rs::WINDOWS_1252,
            fonts: BTreeMap::new(),
            font: 0,
            lead: Vec::new(),
            deeper: 0,
            skip: 0,
            fallback: 1,
            high: None,
            starred: false,
            singly: 0,
        }
    }

    fn group(&self) -> Group {
        self.groups.last().copied().unwrap_or(Group::Text)
    }

    fn set_group(&mut self, group: Group) {
        if let Some(last) = self.groups.last_mut() {
            *last = group;
        }
    }

    fn put(&mut self, c: char, out: &mut BytesMut) {
        if self.skip > 0 {
            self.skip -= 1;
        } else if self.group() == Group::Text {
            put_char(Some(c), out);
        }
    }

    /// A byte of text in the charset at hand.
    fn put_byte(&mut self, byte: u8, out: &mut BytesMut) {
        if self.skip > 0 {
            self.skip -= 1;
            return;
        }
        if self.group() != Group::Text {
            return;
        }
        let charset = self.charsets.last().copied().flatten().unwrap_or(self.page);
        self.lead.push(byte);
        let (text, is_broken) = charset.decode_without_bom_handling(&self.lead);
        let longest = match charset.is_single_byte() {
            true => 1,
            false if charset == encoding_rs::UTF_8 || charset == encoding_rs::GB18030 => 4,
            false => 2,
        };
        if !is_broken || self.lead.len() >= longest {
            text.chars().for_each(|c| put_char(Some(c), out));
            self.lead.clear();
        }
    }

    /// Bytes of text up to the next that means something else, at once: how many there are. None if some of them are
    /// no text in their charset, which are taken one by one.
    fn plain(&mut self, input: &[u8], out: &mut BytesMut) -> usize {
        if self.singly > 0 {
            self.singly -= 1;
            return 0;
        }
        let is_text = self.state == State::Text && self.group() == Group::Text;
        let charset = self.charsets.last().copied().flatten().unwrap_or(self.page);
        if !is_text || self.skip > 0 || !self.lead.is_empty() || !charset.is_ascii_compatible() {
            return 0;
        }
        let stops = |byte: &u8| matches!(byte, b'\\' | b'{' | b'}' | b'\r' | b'\n');
        let end = input.iter().position(stops).unwrap_or(input.len());
        let text = input.get(..end).unwrap_or_default();
        let decoded = charset.decode_without_bom_handling_and_without_replacement(text);
        let Some(decoded) = decoded else {
            self.singly = end.saturating_sub(1);
            return 0;
        };
        out.extend_from_slice(decoded.as_bytes());
        end
    }

    /// What one byte does: whether it was used.
    fn step(&mut self, byte: u8, out: &mut BytesMut) -> bool {
        match self.state {
            State::Text => self.text(byte, out),
            State::Control => self.control(byte, out),
            State::Word => {
                let has_number = self.word.iter().any(|b| b.is_ascii_digit() || *b == b'-');
                let goes_on = match byte {
                    b'a'..=b'z' | b'A'..=b'Z' => !has_number,
                    b'-' => !has_number,
                    b'0'..=b'9' => true,
                    _ => false,
                };
                if goes_on && self.word.len() < WORD_BYTES_MAX {
                    self.word.push(byte);
                    return true;
                }
                self.state = State::Text;
                self.end_word(out);
                return byte == b' ';
            }
            State::Hex(high) => match (hex_digit(byte), high) {
                (Some(low), Some(high)) => {
                    self.state = State::Text;
                    self.put_byte(high << 4 | low, out);
                }
                (Some(high), None) => self.state = State::Hex(Some(high)),
                (None, _) => {
                    self.state = State::Text;
                    return false;
                }
            },
            State::Binary(left) => {
                if self.group() == Group::Data {
                    // As digits, so that they are of one run.
                    out.extend_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
                }
                self.state = if left > 1 { State::Binary(left - 1) } else { State::Text };
            }
        }
        true
    }

    fn text(&mut self, byte: u8, out: &mut BytesMut) {
        match byte {
            b'\\' => self.state = State::Control,
            b'{' => {
                self.skip = 0;
                self.lead.clear();
                if self.groups.len() < DEPTH_MAX {
                    let group = self.group();
                    self.groups.push(group);
                    self.charsets.push(self.charsets.last().copied().flatten());
                } else {
                    self.deeper += 1;
                }
                self.starred = false;
            }
            b'}' => {
                self.skip = 0;
                self.lead.clear();
                if self.deeper > 0 {
                    self.deeper -= 1;
                } else if self.groups.len() > 1 {
                    let ended = self.groups.pop();
                    self.charsets.pop();
                    if ended == Some(Group::Data) && self.group() != Group::Data {
                        out.put_u8(b'\n');
                    }
                }
            }
            b'\r' | b'\n' => {}
            _ if self.group() == Group::Data => {
                if hex_digit(byte).is_some() {
                    out.put_u8(byte);
                }
            }
            _ => self.put_byte(byte, out),
        }
    }

    fn control(&mut self, byte: u8, out: &mut BytesMut) {
        self.state = State::Text;
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {
                self.word.clear();
                self.word.push(byte);
                self.state = State::Word;
            }
            b'\'' => self.state = State::Hex(None),
            b'\\' | b'{' | b'}' => self.put(char::from(byte), out),
            b'~' => self.put(' ', out),
            b'_' => self.put('-', out),
            b'\r' | b'\n' => self.put('\n', out),
            b'*' => self.starred = true,
            _ => {}
        }
    }

    fn end_word(&mut self, out: &mut BytesMut) {
        self.lead.clear();
        let word = std::mem::take(&mut self.word);
        let digits = word.iter().position(|b| !b.is_ascii_alphabetic()).unwrap_or(word.len());
        let (name, number) = word.split_at(digits);
        let number: Option<i64> = std::str::from_utf8(number).ok().and_then(|n| n.parse().ok());
        let starred = std::mem::take(&mut self.starred);
        if self.set_charset(name, number) {
            return;
        }
        match name {
            b"par" | b"line" | b"row" | b"sect" | b"page" => self.put('\n', out),
            b"tab" | b"cell" | b"nestcell" => self.put('\t', out),
            b"emdash" => self.put('\u{2014}', out),
            b"endash" => self.put('\u{2013}', out),
            b"lquote" | b"rquote" => self.put('\'', out),
            b"ldblquote" | b"rdblquote" => self.put('"', out),
            b"uc" => {
                self.fallback = number.and_then(|n| u32::try_from(n).ok()).unwrap_or(1).min(16);
            }
            b"u" => {
                self.skip = 0;
                // Numbers above 32,767 are written as negative ones.
                self.unit((number.unwrap_or(0) & 0xffff) as u16, out);
                self.skip = self.fallback;
            }
            b"bin" => {
                if let Some(bytes @ 1..) = number.and_then(|n| u64::try_from(n).ok()) {
                    self.state = State::Binary(bytes);
                }
            }
            b"objdata" | b"pict" | b"datafield" => {
                out.put_u8(b'\n');
                self.set_group(Group::Data);
            }
            b"fonttbl" | b"colortbl" | b"stylesheet" | b"listtable" | b"rsidtbl" | b"themedata" => {
                self.set_group(Group::Hidden);
            }
            b"shppict" | b"nonshppict" | b"fldinst" | b"shpinst" | b"objclass" | b"object" => {}
            // A destination that older readers leave out. Its text is looked at still.
            _ if starred => {}
            _ => {}
        }
    }

    /// What a word says of charsets: whether it is such a word.
    fn set_charset(&mut self, name: &[u8], number: Option<i64>) -> bool {
        let positive = || number.and_then(|number| u32::try_from(number).ok());
        match name {
            b"ansicpg" => self.page = positive().and_then(of_code_page).unwrap_or(self.page),
            b"mac" => self.page = encoding_rs::MACINTOSH,
            b"fcharset" if self.fonts.len() < FONTS_MAX => {
                // Of 0 the code page of the text is meant.
                let charset = positive().filter(|number| *number != 0).and_then(of_font_charset);
                if let Some(charset) = charset {
                    self.fonts.insert(self.font, charset);
                }
            }
            b"f" => {
                self.font = number.unwrap_or(0);
                if let Some(charset) = self.charsets.last_mut() {
                    *charset = self.fonts.get(&self.font).copied();
                }
            }
            b"plain" => {
                if let Some(charset) = self.charsets.last_mut() {
                    *charset = None;
                }
            }
            _ => return false,
        }
        true
    }

    fn unit(&mut self, unit: u16, out: &mut BytesMut) {
        if self.group() != Group::Text {
            return;
        }
        match (self.high.take(), unit) {
            (_, 0xd800..=0xdbff) => self.high = Some(unit),
            (Some(high), _) => char::decode_utf16([high, unit]).for_each(|c| put_char(c.ok(), out)),
            (None, _) => put_char(char::from_u32(unit.into()), out),
        }
    }
}

fn digit(value: u8) -> u8 {
    char::from_digit(u32::from(value), 16).map_or(b'0', |c| c as u8)
}

impl Transform for Rtf {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        out.reserve(input.len());
        let mut rest = input;
        while let Some((byte, behind)) = rest.split_first() {
            let plain = self.plain(rest, out);
            if plain > 0 {
                rest = rest.get(plain..).unwrap_or_default();
                continue;
            }
            if !self.step(*byte, out) {
                self.step(*byte, out);
            }
            rest = behind;
        }
        (input.len(), Decoded::More)
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        if self.state == State::Word {
            self.end_word(out);
        }
        Ok(())
    }

    fn is_settled(&self) -> bool {
        self.high.is_none() && self.lead.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(input: &str, want: &str) {
        for cut in [1, 2, 3, input.len()] {
            let (mut rtf, mut out) = (Rtf::new(), BytesMut::new());
            for piece in input.as_bytes().chunks(cut) {
                rtf.run(piece, &mut out);
            }
            rtf.finish(&mut out).unwrap();
            assert_eq!(String::from_utf8_lossy(&out), want, "pieces of {cut}");
        }
    }

    #[test]
    fn text_is_taken_out_of_its_controls() {
        check(
            "{\\rtf1\\ansi {\\fonttbl{\\f0 Arial;}}4111\\b 1111\\b0 \\par x\\'e9\\u8364?y}",
            "41111111\nx\u{e9}\u{20ac}y",
        );
        check("{\\rtf1 a{\\*\\objdata 01 0 5\r\n}b\\{c\\}}", "a\n0105\nb{c}");
        check("{\\rtf1{\\object{\\*\\objdata \\bin2 AB}}}", "\n4142\n");
    }

    #[test]
    fn bytes_are_read_by_the_charset_of_their_font() {
        let fonts = "{\\fonttbl{\\f0\\fcharset0 A;}{\\f1\\fcharset204 B;}{\\f2\\fcharset128 C;}}";
        check(
            &format!(
                "{{\\rtf1\\ansi\\ansicpg1250{fonts}\\'9a{{\\f1\\'cf}}\\'9a\\f2 \\'83A\\'83\\'42b}}"
            ),
            "\u{161}\u{41f}\u{161}\u{30a2}\u{30a3}b",
        );
        check("{\\rtf1\\ansi\\ansicpg65001 \\'e2\\'82\\'ac\\u8364\\'80x}", "\u{20ac}\u{20ac}x");
        // What is no character ends with its group or a word.
        check("{\\rtf1\\ansicpg932 {\\'83}A\\'83\\b0 A}", "AA");
    }
}
