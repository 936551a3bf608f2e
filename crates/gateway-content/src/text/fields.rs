//! The header of a message at the start of a text, whatever its first field: told by the first field that says how
//! the body is to be read.

/// Bytes of the name of a field, at the most: what a line of a mail may have (RFC 5322, section 2.1.1).
const NAME_BYTES_MAX: usize = 998;
/// The fields by which a header is told.
const TELLING: [&[u8]; 2] = [b"content-type", b"content-transfer-encoding"];

/// Lines of a header, as long as there are no others.
#[derive(Clone, Debug, Default)]
pub(super) enum Fields {
    /// None any more, or none from the start on.
    #[default]
    Over,
    /// The name of a field, as far as it has come.
    Name(Vec<u8>),
    /// Its value, up to the end of the line.
    Value,
    /// The start of a line behind a field.
    Behind,
}

impl Fields {
    /// At the first byte of a text.
    pub(super) const fn begun() -> Self {
        Self::Name(Vec::new())
    }

    /// Goes on through `text`, up to the colon of a telling field: its name with the colon, and where that ends.
    pub(super) fn find(&mut self, text: &[u8]) -> Option<(Vec<u8>, usize)> {
        let mut at = 0;
        while let Some(byte) = text.get(at) {
            match self {
                Self::Over => return None,
                Self::Value => {
                    let rest = text.get(at..).unwrap_or_default();
                    let end = memchr::memchr(b'\n', rest)?;
                    at += end;
                    *self = Self::Behind;
                }
                Self::Behind if matches!(byte, b' ' | b'\t') => *self = Self::Value,
                Self::Behind | Self::Name(_) if byte.is_ascii_graphic() && *byte != b':' => {
                    if let Self::Behind = self {
                        *self = Self::begun();
                    }
                    match self {
                        Self::Name(name) if name.len() < NAME_BYTES_MAX => name.push(*byte),
                        _ => *self = Self::Over,
                    }
                }
                Self::Name(name) if *byte == b':' && !name.is_empty() => {
                    let mut name = std::mem::take(name);
                    *self = Self::Value;
                    if TELLING.iter().any(|telling| name.eq_ignore_ascii_case(telling)) {
                        *self = Self::Over;
                        name.push(b':');
                        return Some((name, at + 1));
                    }
                }
                // A blank line, or one that is no field.
                Self::Behind | Self::Name(_) => *self = Self::Over,
            }
            at += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, want: Option<&str>) {
        for cut in 1..=text.len() {
            let (mut fields, mut at) = (Fields::begun(), 0);
            let found = text.as_bytes().chunks(cut).find_map(|piece| {
                let found = fields.find(piece).map(|(name, end)| (name, at + end));
                at += piece.len();
                found
            });
            let found = found.map(|(name, end)| {
                assert!(text.as_bytes()[..end].ends_with(&name), "pieces of {cut}");
                &text[..end]
            });
            assert_eq!(found, want, "pieces of {cut}");
        }
    }

    #[test]
    fn a_header_is_told_by_what_it_says_of_the_body() {
        let header =
            "X-Any: a\r\n b: c\r\nSubject: Content-Type: d\r\nContent-TYPE: text/html\r\n\r\n";
        check(header, Some(&header[..header.find("TYPE").unwrap() + 5]));
        check("content-transfer-encoding: base64", Some("content-transfer-encoding:"));
        for text in [
            "",
            "Content-Typ: text/html\n",
            "A: b\n\nContent-Type: text/html\n",
            "some text\nContent-Type: text/html\n",
            "\nContent-Type: text/html\n",
            ": a\nContent-Type: text/html\n",
            " a: b\nContent-Type: text/html\n",
            "Content-Type text/html\n",
        ] {
            check(text, None);
        }
        let long = |bytes: usize| format!("{}: b\nContent-Type:", "a".repeat(bytes));
        check(&long(NAME_BYTES_MAX), Some(&long(NAME_BYTES_MAX)));
        check(&long(NAME_BYTES_MAX + 1), None);
    }
}
