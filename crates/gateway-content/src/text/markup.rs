//! The text of HTML and XML: tags taken out, runs joined, character references resolved.
//!
//! It follows the tokenizer of HTML (WHATWG HTML, section 13.2.5) where that differs from XML:
//! whatever the bytes, they come out as text or are part of a tag. Text in several runs of one paragraph,
//! `4111<b>1111</b>`, is joined; other tags break the line. Scripts, styles and comments come out as they
//! are. Of attributes those come out, on lines of their own, that are shown, `data:` URIs, and what encodes bytes.

use std::sync::LazyLock;

use bytes::{BufMut, BytesMut};
use gateway_inspect::Unscannable;
use memchr::memmem::Finder;
use memchr::{memchr, memchr2};

use super::base64::is_digit;
use super::content::encoded;
use super::runs::RUN;
use super::unescape::put_char;
use super::{entity, tag};
use crate::coding::decoder::Decoded;
use crate::coding::transform::Transform;

/// Where the next byte stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Text,
    /// After `<`, with what has come of the tag in `name`.
    Open,
    /// Inside of a tag, between attributes.
    Tag,
    AttributeName,
    /// After `=`.
    BeforeValue,
    Value {
        quote: Option<u8>,
    },
    /// In `<!…>` or `<?…>`.
    Declaration,
    /// In a comment: how much of `-->` has come.
    Comment(u8),
    /// In a CDATA section: how much of `]]>` has come.
    Cdata(u8),
    /// In a script or a style, up to its end tag.
    Raw,
}

/// The text of markup.
pub(super) struct Markup {
    state: State,
    name: Vec<u8>,
    /// `&` and what follows, where that may be a reference.
    reference: Vec<u8>,
    attribute: Vec<u8>,
    /// Beginning of a value, while it is not known whether it comes out.
    value: Vec<u8>,
    /// Whether the value comes out, once that is known.
    shows: Option<bool>,
    /// Whether it is a `data:` URI, or encodes something, of which readers leave out what breaks lines.
    is_uri: bool,
    /// The element whose end tag is waited for.
    raw: Vec<u8>,
    /// What may be that end tag.
    raw_end: Vec<u8>,
    at_line_start: bool,
    /// Whether it is the list of an OpenDocument file that says that others are encrypted.
    tells_encrypted: bool,
}

/// What that list has about each file that is encrypted (OpenDocument 1.3, part 2, section 4.4).
const ENCRYPTION: &[u8] = b"manifest:encryption-data";
const DATA: &[u8] = b"data:";
/// What a comment ends with.
static COMMENT_END: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"-->"));

impl Markup {
    pub(super) fn new() -> Self {
        Self {
            state: State::Text,
            name: Vec::new(),
            reference: Vec::new(),
            attribute: Vec::new(),
            value: Vec::new(),
            shows: None,
            is_uri: false,
            raw: Vec::new(),
            raw_end: Vec::new(),
            at_line_start: true,
            tells_encrypted: false,
        }
    }

    /// Takes as many bytes of `input` as belong together; at least one.
    fn step(&mut self, input: &[u8], byte: u8, out: &mut BytesMut) -> usize {
        match self.state {
            State::Text => return self.text(input, byte, out),
            State::Open => self.open(byte, out),
            State::Tag => match byte {
                b'>' => self.close_tag(out),
                b'/' | b' ' | b'\t' | b'\r' | b'\n' | 0x0c => {}
                _ => {
                    self.attribute.clear();
                    self.attribute.push(byte.to_ascii_lowercase());
                    self.state = State::AttributeName;
                }
            },
            State::AttributeName => match byte {
                b'=' => self.state = State::BeforeValue,
                b'>' => self.close_tag(out),
                b'/' | b' ' | b'\t' | b'\r' | b'\n' | 0x0c => self.state = State::Tag,
                _ => push_bounded(&mut self.attribute, byte.to_ascii_lowercase()),
            },
            State::BeforeValue => match byte {
                b' ' | b'\t' | b'\r' | b'\n' => {}
                b'>' => self.close_tag(out),
                b'"' | b'\'' => self.begin_value(Some(byte)),
                _ => {
                    self.begin_value(None);
                    return 0;
                }
            },
            State::Value { quote } => return self.value(input, byte, quote, out),
            State::Declaration => match byte {
                b'>' => self.state = State::Text,
                _ => return memchr(b'>', input).unwrap_or(input.len()),
            },
            State::Comment(0) => {
                // Up to the first end, or to hyphens of which more may follow.
                let hyphens = || input.iter().rev().take(2).take_while(|b| **b == b'-').count();
                let plain = COMMENT_END.find(input).unwrap_or_else(|| input.len() - hyphens());
                if plain > 0 {
                    self.put(input.get(..plain).unwrap_or_default(), out);
                    return plain;
                }
                self.comment(byte, 0, out);
            }
            State::Comment(have) => self.comment(byte, have, out),
            State::Cdata(have) => self.cdata(byte, have, out),
            State::Raw => return self.raw(input, byte, out),
        }
        1
    }

    fn text(&mut self, input: &[u8], byte: u8, out: &mut BytesMut) -> usize {
        if !self.reference.is_empty() {
            return self.reference(byte, out);
        }
        match byte {
            b'<' => {
                self.name.clear();
                self.state = State::Open;
            }
            b'&' if may_refer(input) => self.reference.push(byte),
            b'&' => {
                let rest = input.get(1..).unwrap_or_default();
                let plain = memchr2(b'<', b'&', rest).map_or(input.len(), |at| at + 1);
                self.put(input.get(..plain).unwrap_or_default(), out);
                return plain;
            }
            _ => {
                let plain = memchr2(b'<', b'&', input).unwrap_or(input.len());
                self.put(input.get(..plain).unwrap_or_default(), out);
                return plain;
            }
        }
        1
    }

    /// One more byte behind `&`; 0 if it is not part of the reference.
    fn reference(&mut self, byte: u8, out: &mut BytesMut) -> usize {
        let before = out.len();
        let (used, is_character) = self.resolve(byte, out);
        if let Some(last) = out.get(before..).and_then(<[u8]>::last) {
            self.at_line_start = !is_character && *last == b'\n';
        }
        used
    }

    /// The same, without a note of what came out: whether that is a character.
    fn resolve(&mut self, byte: u8, out: &mut BytesMut) -> (usize, bool) {
        let begun = self.reference.get(1..).unwrap_or_default();
        if byte == b'0' && matches!(begun, b"#" | b"#x" | b"#X") {
            // Zeros in front, of which there may be any number.
            return (1, false);
        }
        let fits = byte.is_ascii_alphanumeric() || (byte == b'#' && begun.is_empty());
        if fits && begun.len() < entity::NAME_BYTES_MAX {
            self.reference.push(byte);
            return (1, false);
        }
        let character = entity::character(begun);
        match character {
            Some('\0') => {}
            Some(c) => put_char(Some(c), out),
            None => out.extend_from_slice(&self.reference),
        }
        self.reference.clear();
        (usize::from(character.is_some() && byte == b';'), character.is_some())
    }

    fn open(&mut self, byte: u8, out: &mut BytesMut) {
        match (&*self.name, byte) {
            (b"", b'!' | b'?' | b'/') => self.name.push(byte),
            (b"", _) if !byte.is_ascii_alphabetic() => {
                self.state = State::Text;
                self.put(b"<", out);
                // What begins no tag is text, and so is what follows.
                match byte {
                    b'<' => self.state = State::Open,
                    b'&' => self.reference.push(byte),
                    _ => self.put(&[byte], out),
                }
            }
            (b"!-", b'-') => {
                self.break_line(out);
                self.state = State::Comment(0);
            }
            (b"![CDATA", b'[') => self.state = State::Cdata(0),
            (_, b'>') => self.close_tag(out),
            ([b'!' | b'?', ..], _)
                if b"!-".starts_with(&self.name) || b"![CDATA".starts_with(&self.name) =>
            {
                self.name.push(byte);
                let name = &*self.name;
                if !(b"!--".starts_with(name) || b"![CDATA[".starts_with(name)) {
                    self.state = State::Declaration;
                }
            }
            ([b'!' | b'?', ..], _) => self.state = State::Declaration,
            (_, b' ' | b'\t' | b'\r' | b'\n' | 0x0c) => self.state = State::Tag,
            (_, b'/') if self.name.len() > 1 => self.state = State::Tag,
            _ => push_bounded(&mut self.name, byte),
        }
    }

    /// A tag is over.
    fn close_tag(&mut self, out: &mut BytesMut) {
        self.state = State::Text;
        if matches!(self.name.first(), Some(b'!' | b'?')) {
            return;
        }
        self.tells_encrypted |= self.name == ENCRYPTION;
        let is_end = self.name.first() == Some(&b'/');
        let local = tag::local(self.name.get(usize::from(is_end)..).unwrap_or_default());
        if !is_end && matches!(&*local, b"script" | b"style") {
            self.raw = local;
            self.raw_end.clear();
            self.state = State::Raw;
            self.break_line(out);
        } else if local == b"s" && self.name.contains(&b':') {
            self.put(b" ", out);
        } else if !tag::is_inline(&local) {
            self.break_line(out);
        }
    }

    fn begin_value(&mut self, quote: Option<u8>) {
        self.value.clear();
        self.is_uri = false;
        self.shows = tag::is_shown(&tag::local(&self.attribute)).then_some(true);
        self.state = State::Value { quote };
    }

    fn value(&mut self, input: &[u8], byte: u8, quote: Option<u8>, out: &mut BytesMut) -> usize {
        let ends = match quote {
            Some(quote) => byte == quote,
            None => matches!(byte, b'>' | b' ' | b'\t' | b'\r' | b'\n' | 0x0c),
        };
        if ends {
            if !self.reference.is_empty() && self.shows.is_none() {
                self.begun_reference(byte, out);
            } else if !self.reference.is_empty() {
                self.reference(byte, out);
            }
            if self.shows == Some(true) {
                self.break_line(out);
            }
            self.state = State::Tag;
            if quote.is_none() && byte == b'>' {
                self.close_tag(out);
            }
            return 1;
        }
        match self.shows {
            Some(true) => self.shown(input, byte, quote, out),
            Some(false) => match quote {
                Some(quote) => memchr(quote, input).unwrap_or(input.len()),
                None => 1,
            },
            None if !self.reference.is_empty() => self.begun_reference(byte, out),
            None if byte == b'&' => {
                self.reference.push(byte);
                1
            }
            None if self.value.is_empty()
                && let Some(plain) = other_value(input) =>
            {
                self.shows = Some(false);
                plain
            }
            None => {
                self.begin(byte, out);
                1
            }
        }
    }

    /// The same of a value that comes out.
    fn shown(&mut self, input: &[u8], byte: u8, quote: Option<u8>, out: &mut BytesMut) -> usize {
        if !self.reference.is_empty() {
            let before = out.len();
            let used = self.reference(byte, out);
            if self.is_uri && out.get(before..).is_some_and(|c| c.iter().all(is_break)) {
                out.truncate(before);
            }
            return used;
        }
        if self.is_uri && is_break(&byte) {
            return 1;
        }
        if byte == b'&' {
            match may_refer(input) {
                true => self.reference.push(byte),
                false => self.put(b"&", out),
            }
            return 1;
        }
        if self.value.is_empty() {
            self.break_line(out);
            self.value.push(byte);
        }
        let stops = |b: &u8| {
            *b == b'&'
                || self.is_uri && is_break(b)
                || quote.map_or_else(|| b.is_ascii_whitespace() || *b == b'>', |q| q == *b)
        };
        let plain = input.iter().position(stops).unwrap_or(input.len()).max(1);
        self.put(input.get(..plain).unwrap_or_default(), out);
        plain
    }

    /// A byte of a value of which it is not known whether it comes out, as it does if it is a `data:` URI or begins with
    /// what encodes a file or a text; what readers of these leave out of them is left out.
    fn begin(&mut self, byte: u8, out: &mut BytesMut) {
        match byte {
            b'\t' | b'\r' | b'\n' => return,
            b' ' if self.value.is_empty() => return,
            _ => self.value.push(byte),
        }
        let count = self.value.len();
        let may_be_uri =
            DATA.get(..count).is_some_and(|data| data.eq_ignore_ascii_case(&self.value));
        if may_be_uri && count < DATA.len() || !may_be_uri && is_digit(byte) && count < RUN {
            return;
        }
        let is_uri = may_be_uri || is_digit(byte) && encoded(&self.value).is_some();
        (self.shows, self.is_uri) = (Some(is_uri), is_uri);
        if may_be_uri {
            self.break_line(out);
            self.put(DATA, out);
        } else if is_uri {
            let begun = std::mem::take(&mut self.value);
            self.break_line(out);
            self.put(&begun, out);
            self.value = begun;
        }
    }

    /// One more byte behind `&` in such a value; 0 if it is not part of the reference.
    fn begun_reference(&mut self, byte: u8, out: &mut BytesMut) -> usize {
        let mut resolved = BytesMut::new();
        let used = self.resolve(byte, &mut resolved);
        for byte in &resolved {
            match self.shows {
                None => self.begin(*byte, out),
                Some(true) if self.is_uri && is_break(byte) => {}
                Some(true) => self.put(&[*byte], out),
                Some(false) => {}
            }
        }
        used.0
    }

    fn comment(&mut self, byte: u8, have: u8, out: &mut BytesMut) {
        self.put(&[byte], out);
        self.state = match (have, byte) {
            (0 | 1, b'-') => State::Comment(have + 1),
            (2, b'-') => State::Comment(2),
            (2, b'>') => {
                self.break_line(out);
                State::Text
            }
            _ => State::Comment(0),
        };
    }

    fn cdata(&mut self, byte: u8, have: u8, out: &mut BytesMut) {
        self.state = match (have, byte) {
            (0 | 1, b']') => State::Cdata(have + 1),
            (2, b'>') => State::Text,
            (2, b']') => {
                self.put(b"]", out);
                State::Cdata(2)
            }
            (have, byte) => {
                self.put(b"]]".get(..usize::from(have)).unwrap_or_default(), out);
                self.put(&[byte], out);
                State::Cdata(0)
            }
        };
    }

    fn raw(&mut self, input: &[u8], byte: u8, out: &mut BytesMut) -> usize {
        let is_plain = byte != b'<' || input.get(1).is_some_and(|next| *next != b'/');
        if self.raw_end.is_empty() && is_plain {
            let rest = input.get(1..).unwrap_or_default();
            let plain = memchr(b'<', rest).map_or(input.len(), |at| at + 1);
            self.put(input.get(..plain).unwrap_or_default(), out);
            return plain;
        }
        let want = match self.raw_end.len() {
            0 => Some(b'<'),
            1 => Some(b'/'),
            n => self.raw.get(n - 2).copied(),
        };
        let fits = want.is_some_and(|want| want.eq_ignore_ascii_case(&byte));
        if fits {
            self.raw_end.push(byte);
            if self.raw_end.len() == self.raw.len() + 2 {
                self.raw_end.clear();
                self.name = [b"/", &*self.raw].concat();
                self.break_line(out);
                self.state = State::Tag;
            }
            return 1;
        }
        let begun = std::mem::take(&mut self.raw_end);
        self.put(&begun, out);
        let used = usize::from(begun.is_empty());
        self.raw_end = begun;
        self.raw_end.clear();
        used
    }

    fn put(&mut self, bytes: &[u8], out: &mut BytesMut) {
        if let Some(last) = bytes.last() {
            out.extend_from_slice(bytes);
            self.at_line_start = *last == b'\n';
        }
    }

    fn break_line(&mut self, out: &mut BytesMut) {
        if !self.at_line_start {
            out.put_u8(b'\n');
            self.at_line_start = true;
        }
    }
}

/// What URLs are read without (WHATWG URL, section 4.4).
fn is_break(byte: &u8) -> bool {
    matches!(byte, b'\t' | b'\r' | b'\n')
}

/// Whether what `input` begins with is no value that comes out, and how much of it is of that for certain.
fn other_value(input: &[u8]) -> Option<usize> {
    let begun = input.get(..RUN).unwrap_or(input);
    let end = begun.iter().position(|byte| !is_digit(*byte))?;
    let may_go_on = matches!(begun.get(end), Some(b':' | b'&' | b' ' | b'\t' | b'\r' | b'\n'));
    (!may_go_on).then_some(end.max(1))
}

/// Whether a reference may begin with the `&` that `input` begins with.
fn may_refer(input: &[u8]) -> bool {
    input.get(1).is_none_or(|next| next.is_ascii_alphanumeric() || *next == b'#')
}

/// Adds to a name, of which the beginning is enough.
fn push_bounded(name: &mut Vec<u8>, byte: u8) {
    if name.len() < tag::NAME_BYTES_MAX {
        name.push(byte);
    }
}

impl Transform for Markup {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        out.reserve(input.len() + 16);
        let mut rest = input;
        while let Some(byte) = rest.first() {
            let used = self.step(rest, *byte, out);
            rest = rest.get(used..).unwrap_or_default();
        }
        (input.len(), Decoded::More)
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        if !self.reference.is_empty() {
            self.reference(b';', out);
        }
        let raw = std::mem::take(&mut self.raw_end);
        self.put(&raw, out);
        if self.tells_encrypted { Err(Unscannable::Encrypted) } else { Ok(()) }
    }

    fn is_settled(&self) -> bool {
        let may_come_out = match self.state {
            State::Open => true,
            State::Value { .. } => self.shows.is_none(),
            State::Cdata(have) => have > 0,
            _ => false,
        };
        !may_come_out && self.reference.is_empty() && self.raw_end.is_empty()
    }

    fn keeps_text(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(input: &str, want: &str) {
        for cut in [1, 2, 3, 7, input.len().max(1)] {
            let (mut markup, mut out) = (Markup::new(), BytesMut::new());
            for piece in input.as_bytes().chunks(cut) {
                markup.run(piece, &mut out);
            }
            markup.finish(&mut out).unwrap();
            assert_eq!(String::from_utf8_lossy(&out), want, "pieces of {cut}");
        }
    }

    #[test]
    fn text_is_taken_out_and_runs_are_joined() {
        check("<p>4111<b>1111</b><i class='x>y'>1111</i>1111</p><p>b", "4111111111111111\nb");
        check("a&amp;b &lt;c&gt; &#65;&#x42;&nbsp;&shy;d &bogus; &", "a&b <c> AB d &bogus; &");
        check("<w:t>12</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>34</w:t></w:p>x", "1234\nx");
        check("<text:p>a<text:s/>b<text:span>c</text:span></text:p>", "a bc\n");
        check(
            "<!DOCTYPE html><!-- note --><script>if(a<b){x='</p>'}</SCRIPT >t",
            " note -->\nif(a<b){x='</p>'}\nt",
        );
        check("<![CDATA[a<b]]]>c<?xml v?>d", "a<b]cd");
        check("1 < 2 <3> << &lt", "1 < 2 <3> << <");
        check("<input value=\"a&#58;b\" id=c><img alt=x src=data:,1>", "a:b\nx\ndata:,1\n");
        check("<a href=\"DATA:text/plain;base64,QUJD\">t</a>", "data:text/plain;base64,QUJD\nt");
        check("<a href=' d&#97;t&#x00061&#58;,&lt;\n1'>t</a>", "data:,<1\nt");
        check("<a href='d&amp;ata:,1' id=d&#97;>t</a>", "t");
        check("<a href='da&Tab;ta:,1\n2&NewLine;3&#13;4\t&amp;'>t</a>", "data:,1234&\nt");
        check("<i title='1\n2&NewLine;3'>t</i>", "1\n2\n3\nt");
    }
}
