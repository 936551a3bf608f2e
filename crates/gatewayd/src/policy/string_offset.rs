//! From an offset in the value of a TOML string back to its place in the file, through quotes and
//! escapes (TOML 1.1, "String").

use std::ops::Range;

/// The byte of `text` at which byte `offset` of the string's value is written; `value` is where
/// the string stands in `text`, quotes included.
pub(super) fn in_file(text: &str, value: Range<usize>, offset: usize) -> usize {
    let start = value.start;
    let raw = text.get(value).unwrap_or_default();
    let (body, escapes) = body(raw);
    let mut at = body.start;
    let mut decoded = 0;
    while let Some((written, meant)) = raw.get(at..body.end).and_then(|rest| unit(rest, escapes)) {
        if decoded + meant > offset {
            break;
        }
        at += written;
        decoded += meant;
    }
    start + at
}

/// Whether a backslash means something.
#[derive(Clone, Copy)]
enum Escapes {
    Yes,
    No,
}

/// What lies between the quotes of the string `raw`. A line end right after opening triple quotes
/// does not belong to the value.
fn body(raw: &str) -> (Range<usize>, Escapes) {
    for (quotes, escapes) in
        [("\"\"\"", Escapes::Yes), ("'''", Escapes::No), ("\"", Escapes::Yes), ("'", Escapes::No)]
    {
        if raw.starts_with(quotes) && raw.len() >= 2 * quotes.len() {
            let mut start = quotes.len();
            let end = raw.len() - start;
            if start == 3 {
                let rest = raw.get(start..end).unwrap_or_default();
                let line_end = ["\n", "\r\n"].into_iter().find(|end| rest.starts_with(end));
                start += line_end.map_or(0, str::len);
            }
            return (start..end, escapes);
        }
    }
    (0..raw.len(), Escapes::No)
}

/// The first character or escape: how many bytes it is written in, how many bytes it stands for.
fn unit(rest: &str, escapes: Escapes) -> Option<(usize, usize)> {
    let first = rest.chars().next()?;
    if first != '\\' || matches!(escapes, Escapes::No) {
        return Some((first.len_utf8(), first.len_utf8()));
    }
    let digits = match rest.chars().nth(1)? {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        c if c.is_whitespace() => {
            let blank = rest.get(1..)?;
            return Some((1 + blank.len() - blank.trim_start().len(), 0));
        }
        c => return Some((1 + c.len_utf8(), 1)),
    };
    let code = u32::from_str_radix(rest.get(2..2 + digits)?, 16).ok()?;
    Some((2 + digits, char::from_u32(code)?.len_utf8()))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Sample {
        x: toml::Spanned<String>,
    }

    /// The mark `§` in the value must be found at the mark in the file.
    fn check(text: &str) {
        let sample: Sample = toml::from_str(text).unwrap();
        let offset = sample.x.get_ref().find('§').unwrap();
        let at = in_file(text, sample.x.span(), offset);
        assert_eq!(&text[at..at + 2], "§", "{text:?}: byte {at}");
    }

    #[test]
    fn every_form_of_string_is_followed() {
        for text in [
            "x = \"§\"",
            "x = \"ab§\" # §",
            "x = 'a\\b§'",
            "x = \"a\\\\\\\"\\t\\u00e9\\U0001F600é§\"",
            "x = '''\na\nb ' §'''",
            "x = '''a\n§'''",
            "x = \"\"\"\n\"a\" \\\n    \n   b §\"\"\"",
            "x = \"\"\"\\\n   §\"\"\"",
            "y = 1\nx = '''\r\na\r\nb§'''",
        ] {
            check(text);
        }
    }

    #[test]
    fn offsets_beyond_the_end_stand_for_the_end() {
        for (text, end) in [("x = 'ab'", 7), ("x = '''\nab'''", 10), ("x = ''", 5)] {
            let sample: Sample = toml::from_str(text).unwrap();
            assert_eq!(in_file(text, sample.x.span(), 99), end, "{text:?}");
        }
        assert_eq!(in_file("x", 7..9, 3), 7);
    }
}
