//! The text of legacy Office documents: [MS-DOC], [MS-XLS], [MS-PPT].
//!
//! Only where the text stands is read; what is not as it should be yields less text, and the streams
//! that it stands in are parts of their own.

use std::fmt::Write as _;

use encoding_rs::Encoding;

use crate::text::code_page::of_code_page;

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..).and_then(|b| b.first_chunk()).map_or(0, |b| u16::from_le_bytes(*b))
}

fn u32_at(bytes: &[u8], at: usize) -> usize {
    bytes.get(at..).and_then(|b| b.first_chunk()).map_or(0, |b| u32::from_le_bytes(*b) as usize)
}

/// UTF-16 of the given bytes.
fn wide(bytes: &[u8]) -> String {
    let (units, _) = bytes.as_chunks::<2>();
    char::decode_utf16(units.iter().map(|b| u16::from_le_bytes(*b)))
        .map(|c| c.unwrap_or('\u{fffd}'))
        .collect()
}

/// Text of one byte a character.
fn narrow(bytes: &[u8]) -> String {
    encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()
}

/// Line breaks and cells as they look elsewhere.
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\r' | '\u{b}' | '\u{c}' => '\n',
            '\u{7}' => '\t',
            c => c,
        })
        .collect()
}

/// Whether a Word or Excel stream is encrypted.
pub(super) fn is_encrypted(stream: &[u8]) -> bool {
    match u16_at(stream, 0) {
        // FibBase.fEncrypted.
        0xa5ec => u16_at(stream, 10) & 0x100 != 0,
        0x0809 => records(stream).take(8).any(|(kind, _)| kind == 0x2f),
        _ => false,
    }
}

/// Whether the stream that tells of the user of a PowerPoint document says that it is encrypted.
pub(super) fn is_encrypted_show(user: &[u8]) -> bool {
    // CurrentUserAtom.headerToken.
    u32_at(user, 12) == 0xf3d1_c4df
}

/// The text of a Word document, from its main stream and its table stream of the given name.
pub(super) fn word(document: &[u8], table: &[u8], table_name: &str) -> Option<String> {
    let which = if u16_at(document, 10) & 0x200 != 0 { "1Table" } else { "0Table" };
    if u16_at(document, 0) != 0xa5ec || which != table_name {
        return None;
    }
    let (at, len) = (u32_at(document, 0x1a2), u32_at(document, 0x1a6));
    let mut clx = table.get(at..at.checked_add(len)?)?;
    while let Some((1, rest)) = clx.split_first() {
        clx = rest.get(2 + usize::from(u16_at(rest, 0))..)?;
    }
    let pieces = clx.strip_prefix(&[2])?;
    let len = u32_at(pieces, 0);
    let pieces = pieces.get(4..4usize.checked_add(len)?)?;
    let count = len.checked_sub(4)? / 12;
    let mut text = String::new();
    for i in 0..count {
        let (from, to) = (u32_at(pieces, 4 * i), u32_at(pieces, 4 * i + 4));
        let place = u32_at(pieces, 4 * (count + 1) + 8 * i + 2);
        let chars = to.saturating_sub(from);
        // All pieces together are no longer than the document.
        if text.len() > 4 * document.len() {
            break;
        }
        if place & 0x4000_0000 != 0 {
            let at = (place & 0x3fff_ffff) / 2;
            let bytes = document.get(at..at.saturating_add(chars).min(document.len()));
            text.push_str(&plain(&narrow(bytes.unwrap_or_default())));
        } else {
            let to = place.saturating_add(chars.saturating_mul(2)).min(document.len());
            text.push_str(&plain(&wide(document.get(place..to).unwrap_or_default())));
        }
    }
    Some(text)
}

/// The records of a workbook: their kinds and bodies.
fn records(book: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut rest = book;
    std::iter::from_fn(move || {
        let (head, after) = rest.split_first_chunk::<4>()?;
        let (kind, len) = (u16_at(head, 0), usize::from(u16_at(head, 2)));
        let body = after.get(..len).unwrap_or(after);
        rest = after.get(len..).unwrap_or_default();
        Some((kind, body))
    })
}

/// The strings and numbers of an Excel workbook, one per line: of cells and of what formulas gave, of comments,
/// of headers and footers, and the names of sheets.
pub(super) fn excel(book: &[u8]) -> String {
    const SST: u16 = 0xfc;
    const CONTINUE: u16 = 0x3c;
    const LABEL: u16 = 0x204;
    const RICH_LABEL: u16 = 0xd6;
    const NUMBER: u16 = 0x203;
    const RK: u16 = 0x27e;
    const MULRK: u16 = 0xbd;
    const FORMULA: u16 = 0x06;
    const STRING: u16 = 0x207;
    const TEXT_OBJECT: u16 = 0x1b6;
    const HEADER: u16 = 0x14;
    const FOOTER: u16 = 0x15;
    const SHEET: u16 = 0x85;
    const BEGIN: u16 = 0x809;
    const CODE_PAGE: u16 = 0x42;
    let mut strings = Strings::default();
    let (mut text, mut shared, mut last): (String, Vec<&[u8]>, u16) =
        (String::new(), Vec::new(), 0);
    for (kind, body) in records(book) {
        match kind {
            SST => shared = vec![body.get(8..).unwrap_or_default()],
            CONTINUE if last == SST => shared.push(body),
            BEGIN => strings.are_old = u16_at(body, 0) <= 0x500,
            CODE_PAGE => {
                strings.narrow = of_code_page(u16_at(body, 0).into()).unwrap_or(strings.narrow);
            }
            LABEL | RICH_LABEL => strings.read(body.get(6..).unwrap_or_default(), &mut text),
            STRING | HEADER | FOOTER => strings.read(body, &mut text),
            SHEET => strings.read_short(body.get(6..).unwrap_or_default(), &mut text),
            // The text of a comment or of a box comes behind what describes it.
            CONTINUE if last == TEXT_OBJECT => {
                strings.characters(body, &mut text);
                text.push('\n');
                last = 0;
            }
            NUMBER => number(double(body.get(6..).unwrap_or_default()), &mut text),
            // What it gave, unless that is no number: then a string may follow.
            FORMULA if body.get(12..14) != Some(&[0xff, 0xff]) => {
                number(double(body.get(6..).unwrap_or_default()), &mut text);
            }
            RK => number(rk(u32_at(body, 6) as u32), &mut text),
            MULRK => {
                let cells = body.len().saturating_sub(6) / 6;
                (0..cells).for_each(|i| number(rk(u32_at(body, 6 + 6 * i) as u32), &mut text));
            }
            _ => {}
        }
        if kind != CONTINUE {
            last = kind;
        }
    }
    let mut cursor = Cursor { blocks: &shared, block: 0, at: 0 };
    while cursor.string(&mut text) {}
    text
}

/// How the strings of a workbook are written.
struct Strings {
    /// Before Excel 97: one byte a character, without flags.
    are_old: bool,
    narrow: &'static Encoding,
}

impl Default for Strings {
    fn default() -> Self {
        Self { are_old: false, narrow: encoding_rs::WINDOWS_1252 }
    }
}

impl Strings {
    /// A string behind its length in two bytes, and a line break.
    fn read(&self, body: &[u8], text: &mut String) {
        if !self.are_old {
            Cursor { blocks: &[body], block: 0, at: 0 }.string(text);
            return;
        }
        let chars = body.get(2..).unwrap_or_default();
        let chars = chars.get(..usize::from(u16_at(body, 0))).unwrap_or(chars);
        text.push_str(&self.narrow.decode_without_bom_handling(chars).0);
        text.push('\n');
    }

    /// The same with its length in one byte.
    fn read_short(&self, body: &[u8], text: &mut String) {
        let Some((len, rest)) = body.split_first() else { return };
        self.read(&[&[*len, 0], rest].concat(), text);
    }

    /// Characters behind their flags.
    fn characters(&self, body: &[u8], text: &mut String) {
        match body.split_first() {
            Some((flags, chars)) if flags & 1 != 0 => text.push_str(&wide(chars)),
            Some((_, chars)) => text.push_str(&self.narrow.decode_without_bom_handling(chars).0),
            None => {}
        }
    }
}

/// A number of eight bytes.
fn double(bytes: &[u8]) -> f64 {
    f64::from_bits(bytes.first_chunk().map_or(0, |b| u64::from_le_bytes(*b)))
}

/// A number as cells show it: one of many digits, or of many zeros in front, with its power of ten.
pub(crate) fn number(value: f64, text: &mut String) {
    const PLAIN: std::ops::Range<f64> = 1e-9..1e21;
    let _ = if value == 0.0 || PLAIN.contains(&value.abs()) {
        writeln!(text, "{value}")
    } else {
        writeln!(text, "{value:e}")
    };
}

/// A number in 30 bits: an integer or the high bits of a double, maybe times a hundred.
pub(crate) fn rk(value: u32) -> f64 {
    let number = if value & 2 != 0 {
        f64::from(value.cast_signed() >> 2)
    } else {
        f64::from_bits(u64::from(value & !3) << 32)
    };
    if value & 1 != 0 { number / 100.0 } else { number }
}

/// Reads strings that may go on in the next record.
struct Cursor<'a> {
    blocks: &'a [&'a [u8]],
    block: usize,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a [u8] {
        self.blocks.get(self.block).and_then(|block| block.get(self.at..)).unwrap_or_default()
    }

    fn take(&mut self, n: usize) -> &'a [u8] {
        let rest = self.rest();
        let taken = rest.get(..n).unwrap_or(rest);
        self.at += taken.len();
        taken
    }

    /// Goes to the next record once this one is used up: whether there is more.
    fn advance(&mut self) -> bool {
        while self.rest().is_empty() {
            if self.block + 1 >= self.blocks.len() {
                return false;
            }
            self.block += 1;
            self.at = 0;
        }
        true
    }

    /// One string, and a line break: whether there was one.
    fn string(&mut self, text: &mut String) -> bool {
        if !self.advance() {
            return false;
        }
        let head = self.take(3);
        let Some([_, _, flags]) = head.first_chunk::<3>() else { return false };
        let (mut left, mut is_wide) = (usize::from(u16_at(head, 0)), flags & 1 != 0);
        let runs = if flags & 8 != 0 { usize::from(u16_at(self.take(2), 0)) * 4 } else { 0 };
        let extra = if flags & 4 != 0 { u32_at(self.take(4), 0) } else { 0 };
        while left > 0 {
            let size = if is_wide { 2 } else { 1 };
            let bytes = self.take(left * size);
            let got = bytes.len() / size;
            text.push_str(&if is_wide { wide(bytes) } else { narrow(bytes) });
            left -= got.min(left);
            if left > 0 {
                if !self.advance() {
                    break;
                }
                // The rest says anew how wide its characters are.
                is_wide = self.take(1).first().is_some_and(|flags| flags & 1 != 0);
            }
        }
        let mut skip = runs + extra;
        while skip > 0 {
            let skipped = self.take(skip).len();
            skip -= skipped;
            if skipped == 0 && !self.advance() {
                break;
            }
        }
        text.push('\n');
        true
    }
}

/// The text of a PowerPoint document, and the objects in it, packed with zlib.
pub(super) fn power_point(stream: &[u8]) -> (String, Vec<&[u8]>) {
    const TEXT_WIDE: u16 = 0x0fa0;
    const TEXT: u16 = 0x0fa8;
    const STRING: u16 = 0x0fba;
    const OBJECT: u16 = 0x1011;
    let (mut text, mut objects, mut rest) = (String::new(), Vec::new(), stream);
    while let Some((head, after)) = rest.split_first_chunk::<8>() {
        let (version, kind, len) = (u16_at(head, 0), u16_at(head, 2), u32_at(head, 4));
        if version & 15 == 15 {
            // A container: its records follow.
            rest = after;
            continue;
        }
        let body = after.get(..len).unwrap_or(after);
        match kind {
            TEXT_WIDE | STRING => {
                text.push_str(&plain(&wide(body)));
                text.push('\n');
            }
            TEXT => {
                text.push_str(&plain(&narrow(body)));
                text.push('\n');
            }
            OBJECT if version >> 4 == 1 => objects.push(body.get(4..).unwrap_or_default()),
            _ => {}
        }
        rest = after.get(len..).unwrap_or_default();
    }
    (text, objects)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The records of a workbook.
    fn book(records: &[(u16, &[u8])]) -> Vec<u8> {
        let record = |(kind, body): &(u16, &[u8])| {
            [&kind.to_le_bytes(), &(body.len() as u16).to_le_bytes(), *body].concat()
        };
        records.iter().flat_map(record).collect()
    }

    #[test]
    fn what_formulas_gave_and_comments_are_text() {
        let formula = |result: [u8; 8]| [&[0; 6][..], &result, &[0; 8]].concat();
        let number = formula(4_111.5f64.to_le_bytes());
        let string = formula([0, 0, 0, 0, 0, 0, 0xff, 0xff]);
        let new = book(&[
            (0x809, &[0, 6, 5, 0]),
            (0x85, b"\0\0\0\0\0\0\x04\0Name"),
            (0x06, &number),
            (0x06, &string),
            (0x207, b"\x05\0\0given"),
            (0x14, b"\x04\0\x01h\0e\0a\0d\0"),
            (0x1b6, &[0; 18]),
            (0x3c, b"\0a comment"),
            (0x3c, &[0; 16]),
        ]);
        assert_eq!(excel(&new), "Name\n4111.5\ngiven\nhead\na comment\n");
    }

    #[test]
    fn strings_of_old_workbooks_have_a_code_page() {
        let label = [&[0; 6][..], b"\x03\0\xcf\xf0\xe8"].concat();
        let rich = [&[0; 6][..], b"\x02\0ab\x01\0\0"].concat();
        let old = book(&[
            (0x809, &[0, 5, 5, 0]),
            (0x42, &1_251u16.to_le_bytes()),
            (0x204, &label),
            (0xd6, &rich),
            (0x207, b"\x02\0cd"),
        ]);
        assert_eq!(excel(&old), "\u{41f}\u{440}\u{438}\nab\ncd\n");
    }

    #[test]
    fn a_show_says_that_it_is_encrypted() {
        let user = |token: u32| [&[0; 12][..], &token.to_le_bytes()].concat();
        assert!(is_encrypted_show(&user(0xf3d1_c4df)));
        assert!(!is_encrypted_show(&user(0xe391_c05f)));
        assert!(!is_encrypted_show(b""));
    }
}
