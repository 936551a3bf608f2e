//! The charset that a page or an XML document says itself that it is in: the HTML Standard, section 13.2.3.2
//! ("prescan a byte stream to determine its encoding"), and XML 1.0, appendix F.2.
//!
//! It only gives one more reading: the bytes themselves are read as well.

use encoding_rs::Encoding;

use crate::declared;
use crate::inbox::Inbox;

/// Bytes in which it has to stand.
pub(super) const PRESCAN_BYTES: usize = 1_024;

/// What the first bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// Nothing so far.
    Need,
    /// Nothing, whatever follows.
    Nothing,
    Charset(&'static Encoding),
}

/// The first bytes of a part, until they have told.
pub(super) struct Prescan {
    read: fn(&[u8]) -> Told,
    first: Vec<u8>,
}

impl Prescan {
    /// Of a part whose first bytes `read` reads.
    pub(super) const fn new(read: fn(&[u8]) -> Told) -> Self {
        Self { read, first: Vec::new() }
    }

    /// Bytes that were used and are put back.
    pub(super) fn carried(&self) -> usize {
        self.first.len()
    }

    /// Reads on through the front of `inbox`; all that was read is put back once it has told.
    pub(super) fn read_on(&mut self, inbox: &mut Inbox) -> Told {
        let front = inbox.front();
        let left = PRESCAN_BYTES.saturating_sub(self.first.len());
        let more = front.get(..left).unwrap_or(front);
        self.first.extend_from_slice(more);
        let n = more.len();
        inbox.advance(n);
        let told = (self.read)(&self.first);
        if told != Told::Need {
            self.put_back(inbox);
        }
        told
    }

    /// Puts back all that was read: whether there was any.
    pub(super) fn put_back(&mut self, inbox: &mut Inbox) -> bool {
        inbox.unread(&self.first);
        !std::mem::take(&mut self.first).is_empty()
    }
}

/// Reads the first bytes of a page. What was told once stands, whatever follows.
pub(super) fn html(first: &[u8]) -> Told {
    let first = first.get(..PRESCAN_BYTES).unwrap_or(first);
    read_html(first).unwrap_or(if first.len() == PRESCAN_BYTES {
        Told::Nothing
    } else {
        Told::Need
    })
}

/// The same of an XML document.
pub(super) fn xml(first: &[u8]) -> Told {
    let first = first.get(..PRESCAN_BYTES).unwrap_or(first);
    let Some(end) = first.iter().position(|byte| *byte == b'>') else {
        return if first.len() == PRESCAN_BYTES { Told::Nothing } else { Told::Need };
    };
    let head = first.get(..end).unwrap_or_default();
    let value = find(head, 0, b"encoding").and_then(|at| {
        let rest = head.get(at + b"encoding".len()..)?.trim_ascii_start().strip_prefix(b"=")?;
        quoted(rest.trim_ascii_start())
    });
    value.map_or(Told::Nothing, told)
}

/// What is told by bytes that are all there; none if they end before that.
fn read_html(bytes: &[u8]) -> Option<Told> {
    let mut at = 0;
    loop {
        at += memchr::memchr(b'<', bytes.get(at..)?)?;
        let rest = bytes.get(at + 1..)?;
        // What is cut short here may yet be any of these.
        match rest {
            [b'!', b'-', b'-', ..] => at = find(bytes, at + 2, b"-->")? + 3,
            [b'!'] | [b'!', b'-'] => return None,
            [] | [b'/'] => return None,
            [b'/', byte, ..] if byte.is_ascii_alphabetic() => {
                at = attributes(bytes, at + 2 + name_bytes(rest.get(1..)?)?)?.1;
            }
            [b'!' | b'?' | b'/', ..] => at += 1 + memchr::memchr(b'>', rest)? + 1,
            [byte, ..] if byte.is_ascii_alphabetic() => {
                let name = rest.get(..name_bytes(rest)?)?;
                let (found, end) = attributes(bytes, at + 1 + name.len())?;
                if name.eq_ignore_ascii_case(b"meta")
                    && let Some(label) = found.label()
                    && let known @ Told::Charset(_) = told(&label)
                {
                    return Some(known);
                }
                at = end;
            }
            _ => at += 1,
        }
    }
}

/// Bytes of the name of a tag, which something ends.
fn name_bytes(rest: &[u8]) -> Option<usize> {
    rest.iter().position(|byte| is_blank(*byte) || matches!(byte, b'>' | b'/'))
}

/// What the attributes of a tag say of a charset.
#[derive(Default)]
struct Found {
    charset: Option<Vec<u8>>,
    is_pragma: bool,
    content: Option<Vec<u8>>,
}

impl Found {
    fn label(&self) -> Option<Vec<u8>> {
        let of_content = || self.content.as_ref().filter(|_| self.is_pragma).and_then(|c| label(c));
        self.charset.clone().or_else(of_content)
    }
}

/// The attributes from `at` on, and where their tag ends.
fn attributes(bytes: &[u8], mut at: usize) -> Option<(Found, usize)> {
    let mut found = Found::default();
    loop {
        at += bytes.get(at..)?.iter().position(|byte| !is_blank(*byte) && *byte != b'/')?;
        if bytes.get(at) == Some(&b'>') {
            return Some((found, at + 1));
        }
        let rest = bytes.get(at..)?;
        let ends = |(i, byte): (usize, &u8)| {
            is_blank(*byte) || matches!(byte, b'/' | b'>') || (*byte == b'=' && i > 0)
        };
        let len = rest.iter().enumerate().position(|(i, byte)| ends((i, byte)))?;
        let name = rest.get(..len)?.to_ascii_lowercase();
        at += len;
        let behind = at + bytes.get(at..)?.iter().position(|byte| !is_blank(*byte))?;
        let mut value = Vec::new();
        if bytes.get(behind) == Some(&b'=') {
            at = behind + 1;
            at += bytes.get(at..)?.iter().position(|byte| !is_blank(*byte))?;
            let rest = bytes.get(at..)?;
            let (quote, inner) = match rest {
                [quote @ (b'"' | b'\''), inner @ ..] => (Some(*quote), inner),
                _ => (None, rest),
            };
            let len = inner.iter().position(|byte| match quote {
                Some(quote) => *byte == quote,
                None => is_blank(*byte) || *byte == b'>',
            })?;
            value = inner.get(..len)?.to_ascii_lowercase();
            at += len + if quote.is_some() { 2 } else { 0 };
        }
        match &*name {
            b"charset" if found.charset.is_none() => found.charset = Some(value),
            b"content" if found.content.is_none() => found.content = Some(value),
            b"http-equiv" => found.is_pragma |= value == b"content-type",
            _ => {}
        }
    }
}

/// The label in the value of a `content` (section 2.1.3, "extract a character encoding from a meta element").
fn label(content: &[u8]) -> Option<Vec<u8>> {
    let mut from = 0;
    loop {
        let at = find(content, from, b"charset")? + b"charset".len();
        let rest = content.get(at..)?.trim_ascii_start();
        let Some(value) = rest.strip_prefix(b"=") else {
            from = at;
            continue;
        };
        let value = value.trim_ascii_start();
        if let Some(b'"' | b'\'') = value.first() {
            return quoted(value).map(<[u8]>::to_vec);
        }
        let end = value.iter().position(|byte| is_blank(*byte) || *byte == b';');
        return Some(value.get(..end.unwrap_or(value.len()))?.to_vec());
    }
}

/// What stands in the quotes with which `value` begins.
fn quoted(value: &[u8]) -> Option<&[u8]> {
    let (quote, inner) = value.split_first()?;
    let end = inner.iter().position(|byte| byte == quote);
    inner.get(..end?).filter(|_| matches!(quote, b'"' | b'\''))
}

/// The encoding of that name. What is UTF-8 in the end needs no other reading.
fn told(label: &[u8]) -> Told {
    match Encoding::for_label(label) {
        None => Told::Nothing,
        Some(encoding) if encoding == encoding_rs::X_USER_DEFINED => {
            Told::Charset(encoding_rs::WINDOWS_1252)
        }
        // It was read as ASCII so far.
        Some(encoding)
            if encoding == encoding_rs::UTF_16BE || encoding == encoding_rs::UTF_16LE =>
        {
            Told::Charset(encoding_rs::UTF_8)
        }
        Some(encoding) => Told::Charset(encoding),
    }
}

/// What a page in `encoding` is declared as.
pub(super) fn declared(encoding: &'static Encoding) -> Option<&'static Encoding> {
    declared::charset(encoding.name().as_bytes())
}

fn find(bytes: &[u8], from: usize, word: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes.get(from..)?, word).map(|at| from + at)
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(read: fn(&[u8]) -> Told, page: &[u8], want: Told) {
        let told: Vec<Told> = (0..=page.len()).map(|n| read(&page[..n])).collect();
        assert_eq!(told.last(), Some(&want), "{}", String::from_utf8_lossy(page));
        // What was told once stands.
        let first = told.iter().find(|told| **told != Told::Need).unwrap_or(&Told::Need);
        assert_eq!(first, &want);
        let from = told.iter().position(|told| told == first).unwrap();
        assert!(told[from..].iter().all(|told| told == first));
    }

    #[test]
    fn pages_say_their_charset() {
        use encoding_rs::*;
        for (page, want) in [
            (&b"<html><meta charset=shift_jis>"[..], SHIFT_JIS),
            (b"<META CHARSET = 'Shift_JIS' >", SHIFT_JIS),
            (b"<html><head><meta charset=\"euc-kr\"/>", EUC_KR),
            (b"<meta name=a content='b>'><meta/charset=koi8-r>", KOI8_R),
            (
                b"<meta http-equiv=Content-Type content=\"text/html; charset=windows-1251\">",
                WINDOWS_1251,
            ),
            (b"<meta content='charset charset = \"gbk\"; a' http-equiv='content-type'>", GBK),
            (
                b"<!-- <meta charset=gbk> --><!doctype html><?a ?><p title='<meta charset=gbk>'>\
               </p x='>'><</ ><a<b></3><meta charset=big5>",
                BIG5,
            ),
            (b"<meta charset=nothing><meta charset=big5>", BIG5),
            (b"<meta charset=utf-16le>", UTF_8),
            (b"<meta charset=utf-8>", UTF_8),
            (b"<meta charset=x-user-defined>", WINDOWS_1252),
            (b"<meta =charset charset=big5 charset=gbk>", BIG5),
        ] {
            check(html, page, Told::Charset(want));
        }
    }

    #[test]
    fn pages_that_say_none() {
        for page in [
            &b"<html>"[..],
            b"<meta charset=big5",
            b"<meta content='text/html; charset=big5'>",
            b"<meta http-equiv=refresh content='text/html; charset=big5'>",
            b"<metal charset=big5>",
            b"<!-- <meta charset=big5>",
            b"<!--",
            b"meta charset=big5>",
        ] {
            check(html, page, Told::Need);
            let far = [page, &[b' '; PRESCAN_BYTES], b"><meta charset=big5>"].concat();
            assert_eq!(html(&far), Told::Nothing);
        }
    }

    #[test]
    fn documents_say_their_encoding() {
        use encoding_rs::*;
        let is = |encoding| Told::Charset(encoding);
        check(xml, b"<?xml version=\"1.0\" encoding=\"shift_jis\"?><a/>", is(SHIFT_JIS));
        check(xml, b"<?xml version='1.0' encoding = 'GBK' ?>", is(GBK));
        check(xml, b"<?xml version='1.0'?><a encoding='gbk'>", Told::Nothing);
        check(xml, b"<?xml encoding=gbk?>", Told::Nothing);
        check(xml, b"<?xml encoding='gbk", Told::Need);
    }
}
