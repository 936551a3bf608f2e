//! The lines of a head or trailer section in one pass over its bytes: where the parts of the start
//! line and the fields are. What they mean is weighed in `head`.
//!
//! Only what has no fault of form is read: every line ends in CR LF, names are tokens with the colon
//! right behind them, nothing is folded (RFC 9112 §2 to §5). All else is [`Look::Odd`], and `mend`
//! says what is wrong with it.

use std::ops::Range;

use bytes::Bytes;

use super::scan::FIELDS_CAP;
use crate::fields::FieldLines;
use crate::fields::octets::{beyond_ascii, name_end, token_end, value_end, visible_end};
use crate::{Fields, Version};

/// Bytes of an average field line of those that browsers and servers send, rather too few: for how
/// many fields there is room at first.
const LINE_BYTES: usize = 32;
/// Room is made for no more fields than this before they are met.
const ROOM: usize = 32;

/// What lies at the front of some bytes.
pub(crate) enum Look<T> {
    /// A whole section.
    Whole(T),
    /// The beginning of one: so many lines, and an unfinished one from here on.
    More { lines: usize, line_at: usize },
    /// Something that is no section of sound form, seen when so many bytes had been looked at.
    Odd { seen: usize },
}

/// A complete section, its fields not yet weighed.
pub(crate) struct Section<S> {
    pub(super) start: S,
    pub(super) lines: FieldLines,
    /// Bytes of the section, its empty line included.
    pub(super) bytes: usize,
}

/// Where the parts of a request line are.
pub(super) struct RequestLine {
    pub(super) method: Range<usize>,
    pub(super) target: Range<usize>,
    pub(super) version: Version,
}

/// What a status line says, and where its phrase is.
pub(super) struct StatusLine {
    pub(super) version: Version,
    /// Three digits.
    pub(super) code: u16,
    pub(super) reason: Range<usize>,
}

impl<S> Section<S> {
    /// The start line, and the fields over `head`: the bytes in which the section was found.
    pub(super) fn over(self, head: Bytes) -> (S, Fields) {
        (self.start, self.lines.over(head))
    }
}

impl Section<()> {
    /// The fields of a section without a start line, over its `bytes`; `None` if it does not reach to
    /// their end.
    pub(crate) fn whole(self, bytes: &Bytes) -> Option<Fields> {
        (self.bytes == bytes.len()).then(|| self.lines.over(bytes.clone()))
    }
}

/// Looks at a request head with at most so many fields.
pub(super) fn request(bytes: &[u8], fields_max: usize) -> Look<Section<RequestLine>> {
    let method = 0..token_end(bytes, 0);
    // What cannot become a message is refused at once, instead of waiting for the end of a line.
    if method.is_empty() || bytes.get(method.end).is_some_and(|byte| *byte != b' ') {
        return Look::Odd { seen: method.end + 1 };
    }
    let target = method.end + 1..visible_end(bytes, method.end + 1);
    let rest = bytes.get(target.end..).unwrap_or_default();
    let version = match rest.first_chunk() {
        Some(b" HTTP/1.1\r\n") => Version::Http11,
        Some(b" HTTP/1.0\r\n") => Version::Http10,
        Some(_) => return Look::Odd { seen: target.end.min(bytes.len()) },
        None => return unfinished(bytes, rest),
    };
    if target.is_empty() {
        return Look::Odd { seen: target.end };
    }
    let first = target.end + 11;
    fields(bytes, first, fields_max, RequestLine { method, target, version })
}

/// Looks at a response head with at most so many fields.
pub(super) fn response(bytes: &[u8], fields_max: usize) -> Look<Section<StatusLine>> {
    const REASON: usize = 13;
    let version = match bytes.first_chunk() {
        Some(b"HTTP/1.1 ") => Version::Http11,
        Some(b"HTTP/1.0 ") => Version::Http10,
        Some(_) => return Look::Odd { seen: 9 },
        None if bytes.first() != Some(&b'H') => return Look::Odd { seen: 1 },
        None => return unfinished(bytes, bytes),
    };
    let Some([hundreds, tens, ones, behind]) = bytes.get(9..REASON) else {
        return unfinished(bytes, bytes);
    };
    let digits = [hundreds, tens, ones];
    if !digits.iter().all(|digit| digit.is_ascii_digit()) {
        return Look::Odd { seen: REASON };
    }
    let code = digits.iter().fold(0, |code, digit| code * 10 + u16::from(**digit - b'0'));
    let reason = match behind {
        b' ' => REASON..value_end(bytes, REASON),
        b'\r' => REASON - 1..REASON - 1,
        _ => return Look::Odd { seen: REASON },
    };
    let rest = bytes.get(reason.end..).unwrap_or_default();
    match rest.first_chunk() {
        Some(b"\r\n") => {}
        Some(_) => return Look::Odd { seen: reason.end },
        None => return unfinished(bytes, rest),
    }
    let first = reason.end + 2;
    // Nobody says what bytes beyond ASCII mean here: the phrase is as good as missing.
    let foreign = bytes.get(reason.clone()).is_some_and(beyond_ascii);
    let reason = if foreign { reason.start..reason.start } else { reason };
    fields(bytes, first, fields_max, StatusLine { version, code, reason })
}

/// Looks at a section of fields alone.
pub(crate) fn alone(bytes: &[u8], fields_max: usize) -> Look<Section<()>> {
    fields(bytes, 0, fields_max, ())
}

/// A start line without its end, of which `rest` has not been looked at.
fn unfinished<T>(bytes: &[u8], rest: &[u8]) -> Look<T> {
    match rest.contains(&b'\n') {
        true => Look::Odd { seen: bytes.len() },
        false => Look::More { lines: 0, line_at: 0 },
    }
}

/// Looks at the fields from `at` on, behind a start line.
#[inline(always)]
fn fields<S>(bytes: &[u8], at: usize, fields_max: usize, start: S) -> Look<Section<S>> {
    let fields_max = fields_max.min(FIELDS_CAP);
    let mut lines = FieldLines::new((bytes.len() / LINE_BYTES).min(ROOM));
    let mut line = at;
    loop {
        // Found before the name is looked at: where the next line begins depends on nothing else.
        let end = value_end(bytes, line);
        let break_at = bytes.get(end..).unwrap_or_default();
        let is_ended = break_at.first_chunk() == Some(b"\r\n");
        if end == line && is_ended {
            return Look::Whole(Section { start, lines, bytes: line + 2 });
        }
        // The line goes on behind what there is.
        let is_open = matches!(break_at, [] | [b'\r']);
        if end == line {
            return if is_open { more(at, &lines, line) } else { Look::Odd { seen: line } };
        }
        let colon = name_end(bytes, line);
        match bytes.get(colon) {
            Some(b':') if colon > line => {}
            Some(_) => return Look::Odd { seen: colon },
            None => return more(at, &lines, line),
        }
        if !is_ended {
            return if is_open { more(at, &lines, line) } else { Look::Odd { seen: end } };
        }
        // As a rule one blank is here and none behind the value.
        let mut value = colon + 1;
        while bytes.get(value).is_some_and(|byte| is_blank(*byte)) {
            value += 1;
        }
        let (mut value_end, next) = (end, end + 2);
        while value < value_end && bytes.get(value_end - 1).is_some_and(|byte| is_blank(*byte)) {
            value_end -= 1;
        }
        if lines.len() >= fields_max {
            return Look::Odd { seen: next };
        }
        lines.push(bytes, [line, colon, value, value_end, next]);
        line = next;
    }
}

/// A section that goes on behind what there is; `at` is where its fields begin.
fn more<T>(at: usize, fields: &FieldLines, line_at: usize) -> Look<T> {
    Look::More { lines: fields.len() + usize::from(at > 0), line_at }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is seen of all bytes, and that every shorter beginning is the beginning of it.
    #[track_caller]
    fn check(look: impl Fn(&[u8]) -> String, text: &str, expected: &str) {
        assert_eq!(look(text.as_bytes()), expected, "{text:?}");
        for end in 1..text.len() {
            let cut = look(&text.as_bytes()[..end]);
            let lines = text[..end].matches("\r\n").count();
            if cut != expected {
                let line_at = text[..end].rfind("\r\n").map_or(0, |at| at + 2);
                assert_eq!(cut, format!("more {lines} {line_at}"), "{:?}", &text[..end]);
            }
        }
    }

    fn shown<S>(look: Look<Section<S>>, bytes: &[u8], start: impl Fn(S) -> String) -> String {
        match look {
            Look::Whole(section) => {
                let bytes = Bytes::copy_from_slice(&bytes[..section.bytes]);
                let (line, fields) = section.over(bytes);
                format!("{} {fields:?}", start(line))
            }
            Look::More { lines, line_at } => format!("more {lines} {line_at}"),
            Look::Odd { .. } => "odd".to_owned(),
        }
    }

    fn of_request(bytes: &[u8]) -> String {
        let text = |range: Range<usize>| std::str::from_utf8(&bytes[range]).expect("text");
        shown(request(bytes, 3), bytes, |RequestLine { method, target, version }| {
            format!("{} {} {}", text(method), text(target), version.number())
        })
    }

    fn of_response(bytes: &[u8]) -> String {
        let text = |range: Range<usize>| std::str::from_utf8(&bytes[range]).expect("text");
        shown(response(bytes, 3), bytes, |StatusLine { version, code, reason }| {
            format!("{} {code} <{}>", version.number(), text(reason))
        })
    }

    #[test]
    fn sound_requests() {
        check(of_request, "GET / HTTP/1.1\r\n\r\n", "GET / 1.1 {}");
        let head = "m!_ * HTTP/1.0\r\nA:\r\nb_c-0: \t x y\t z \t\r\nC:d\r\n\r\n";
        let expected = r#"m!_ * 1.0 {"A": "", "b_c-0": "x y\t z", "C": "d"}"#;
        check(of_request, head, expected);
        let long = format!("GET /{0} HTTP/1.1\r\nX-{0}: {0}\r\n\r\n", "a".repeat(50));
        let name = "a".repeat(50);
        check(of_request, &long, &format!("GET /{name} 1.1 {{\"X-{name}\": \"{name}\"}}"));
    }

    #[test]
    fn odd_requests() {
        for text in [
            " GET / HTTP/1.1\r\n\r\n",
            "GET  / HTTP/1.1\r\n\r\n",
            "GET /  HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1 \r\n\r\n",
            "GET / HTTP/1.2\r\n\r\n",
            "GET / http/1.1\r\n\r\n",
            "GET /\r\n",
            "GET /\x7f HTTP/1.1\r\n\r\n",
            "GET HTTP/1.1\r\n\r\n",
            "G(T / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\n\n",
            "GET\n",
            "GET\r\n",
            "GET / HTTP/1.1\r\n A: b\r\n\r\n",
            "GET / HTTP/1.1\r\nA : b\r\n\r\n",
            "GET / HTTP/1.1\r\n: b\r\n\r\n",
            "GET / HTTP/1.1\r\nA b\r\n\r\n",
            "GET / HTTP/1.1\r\nA: b\n\r\n",
            "GET / HTTP/1.1\r\nA: b\r\r\n",
            "GET / HTTP/1.1\r\nA: \0\r\n\r\n",
            "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
            "GET / HTTP/1.1\r\nA: b\r\n\rx",
            "GET / HTTP/1.1\r\nA: b\r\n\n",
            "GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n\r\n",
        ] {
            check(of_request, text, "odd");
        }
        assert_eq!(of_request(b"GET /\xe9 HTTP/1.1\r\n\r\n"), "odd");
    }

    #[test]
    fn responses() {
        check(of_response, "HTTP/1.1 200 OK\r\nA: b\r\n\r\n", r#"1.1 200 <OK> {"A": "b"}"#);
        check(of_response, "HTTP/1.0 999\r\n\r\n", "1.0 999 <> {}");
        check(of_response, "HTTP/1.0 099 \r\n\r\n", "1.0 99 <> {}");
        check(of_response, "HTTP/1.1 404 Not \t found \r\n\r\n", "1.1 404 <Not \t found > {}");
        assert_eq!(of_response(b"HTTP/1.1 200 \xe9\r\n\r\n"), "1.1 200 <> {}");
        for text in [
            "HTTP/1.2 200 OK\r\n\r\n",
            "HTTP/1.1  200 OK\r\n\r\n",
            "HTTP/1.1 20 OK\r\n\r\n",
            "HTTP/1.1 2000\r\n\r\n",
            "HTTP/1.1 200\n\n",
            "HTTP/1.1 200 O\0K\r\n\r\n",
            "HTTP/1.1 200 OK\n\r\n",
            "http/1.1 200 OK\r\n\r\n",
        ] {
            check(of_response, text, "odd");
        }
    }

    #[test]
    fn fields_alone() {
        let of_fields = |bytes: &[u8]| shown(alone(bytes, 3), bytes, |()| "-".to_owned());
        check(of_fields, "\r\n", "- {}");
        check(of_fields, "A: b\r\nC: d\r\n\r\n", r#"- {"A": "b", "C": "d"}"#);
        let bytes = Bytes::from_static(b"A: b\r\n\r\nx");
        let Look::Whole(section) = alone(&bytes, 3) else { panic!("no section") };
        assert!(section.whole(&bytes).is_none());
    }
}
