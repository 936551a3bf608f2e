//! What the sender declares a part to be: a Content-Type, read as far as unpacking needs it.
//!
//! It only chooses between readings of the same bytes, such as a boundary or a charset. What a part
//! *is* its first bytes tell, whatever is declared.

use encoding_rs::Encoding;

/// Parameter values are kept up to this length; a boundary has at most 70 characters (RFC 2046,
/// section 5.1.1).
const VALUE_BYTES_MAX: usize = 256;

/// A declared media type, as far as it matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Media {
    /// None, or none that matters.
    #[default]
    Any,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `application/json` and the like: escapes in strings are undone. The number is how often.
    Escaped(u8),
    /// `message/rfc822` and its kin.
    Mail,
    /// `multipart/…`, with a boundary.
    Multipart,
}

/// What is declared about a part.
#[derive(Clone, Debug, Default)]
pub(crate) struct Declared {
    pub(crate) media: Media,
    /// A charset that is neither UTF-8 nor unknown.
    pub(crate) charset: Option<&'static Encoding>,
    /// Whether a charset is declared that is known.
    pub(crate) has_charset: bool,
    /// Whether the charset is UTF-7, which the web does not know any more.
    pub(crate) is_utf_7: bool,
    /// Of a multipart.
    pub(crate) boundary: Vec<u8>,
    /// Whether it may be what a page of a PDF shows, whose strings in `<…>` are shown as a text apart.
    pub(crate) shows_strings: bool,
    /// Whether nothing says that it is encoded at all but how it looks.
    pub(crate) is_guess: bool,
}

/// How often escapes are undone in what is declared JSON: JSON within a JSON string is common.
const ESCAPED: Media = Media::Escaped(2);

impl Declared {
    /// Text in which escapes may stand, as it came out of a form or a JSON document.
    pub(crate) fn escaped(times: u8) -> Self {
        Self { media: Media::Escaped(times), ..Self::default() }
    }

    /// Reads a Content-Type value (RFC 9110, section 8.3.1).
    pub(crate) fn read(content_type: &[u8]) -> Self {
        let mut fields = content_type.splitn(2, |b| *b == b';');
        let media = fields.next().unwrap_or_default().trim_ascii().to_ascii_lowercase();
        let parameters = fields.next().unwrap_or_default();
        let boundary = parameter(parameters, b"boundary").unwrap_or_default();
        let label = parameter(parameters, b"charset").unwrap_or_default();
        let has_charset = Encoding::for_label(&label).is_some();
        let is_utf_7 = label.eq_ignore_ascii_case(b"utf-7");
        let charset = charset(&label);
        let media = match &*media {
            b"application/x-www-form-urlencoded" => Media::Form,
            b"message/rfc822" | b"message/global" | b"message/news" => Media::Mail,
            m if m.starts_with(b"multipart/") && !boundary.is_empty() => Media::Multipart,
            m if m.ends_with(b"json") => ESCAPED,
            _ => Media::Any,
        };
        Self { media, charset, has_charset, is_utf_7, boundary, ..Self::default() }
    }
}

/// The encoding of that name, unless it is UTF-8 anyway.
pub(crate) fn charset(label: &[u8]) -> Option<&'static Encoding> {
    Encoding::for_label(label)
        .filter(|encoding| *encoding != encoding_rs::UTF_8 && *encoding != encoding_rs::REPLACEMENT)
}

/// The value of a parameter, without quotes; `name*=` in the form of RFC 8187 and `name*0=`
/// continuations (RFC 2231) count as well.
pub(crate) fn parameter(parameters: &[u8], name: &[u8]) -> Option<Vec<u8>> {
    let mut rest = parameters;
    let mut joined: Option<Vec<u8>> = None;
    while !rest.is_empty() {
        let (field, value, after) = next_parameter(rest);
        rest = after;
        let Some(suffix) = strip_prefix_ignore_case(field, name) else { continue };
        match suffix {
            b"" => return Some(value),
            b"*" => return Some(extended(&value)),
            [b'*', digits @ ..] => {
                let piece = match digits.strip_suffix(b"*") {
                    Some(b"0") => extended(&value),
                    Some(_) => percent_decoded(&value),
                    None => value,
                };
                let whole = joined.get_or_insert_default();
                whole.extend_from_slice(&piece);
                whole.truncate(VALUE_BYTES_MAX);
            }
            _ => {}
        }
    }
    joined
}

/// Takes one `name=value` off; blanks, comments and stray semicolons are left out.
fn next_parameter(input: &[u8]) -> (&[u8], Vec<u8>, &[u8]) {
    let skip = |b: &u8| matches!(b, b';' | b' ' | b'\t' | b'\r' | b'\n');
    let start = input.iter().take_while(|b| skip(b)).count();
    let input = input.get(start..).unwrap_or_default();
    let stop = input.iter().position(|b| matches!(b, b'=' | b';')).unwrap_or(input.len());
    let (field, after) = input.split_at(stop);
    let field = field.trim_ascii();
    let Some(after) = after.strip_prefix(b"=") else {
        return (field, Vec::new(), after.get(1..).unwrap_or_default());
    };
    let after = after.trim_ascii_start();
    let mut value = Vec::new();
    let mut keep = |b: u8| {
        if value.len() < VALUE_BYTES_MAX {
            value.push(b);
        }
    };
    let Some(quoted) = after.strip_prefix(b"\"") else {
        let stop = after.iter().position(|b| *b == b';').unwrap_or(after.len());
        let (bare, rest) = after.split_at(stop);
        bare.trim_ascii().iter().for_each(|b| keep(*b));
        return (field, value, rest);
    };
    let mut bytes = quoted.iter().enumerate();
    while let Some((i, byte)) = bytes.next() {
        match byte {
            b'"' => return (field, value, quoted.get(i + 1..).unwrap_or_default()),
            // Browsers send `\` of file names as it is; only a quote is ever escaped.
            b'\\' if quoted.get(i + 1) == Some(&b'"') => {
                let _ = bytes.next();
                keep(b'"');
            }
            byte => keep(*byte),
        }
    }
    (field, value, &[])
}

/// `charset'language'value` with percent escapes (RFC 8187).
fn extended(value: &[u8]) -> Vec<u8> {
    let text = value.splitn(3, |b| *b == b'\'').nth(2).unwrap_or(value);
    percent_decoded(text)
}

pub(crate) fn percent_decoded(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((byte, after)) = rest.split_first() {
        let pair = after.first_chunk::<2>().and_then(|[a, b]| hex_pair(*a, *b));
        match (byte, pair) {
            (b'%', Some(decoded)) => {
                out.push(decoded);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                out.push(*byte);
                rest = after;
            }
        }
    }
    out
}

/// The value of one hexadecimal digit.
pub(crate) const fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// The value of two hexadecimal digits.
pub(crate) fn hex_pair(high: u8, low: u8) -> Option<u8> {
    Some(hex_digit(high)? << 4 | hex_digit(low)?)
}

fn strip_prefix_ignore_case<'a>(text: &'a [u8], prefix: &[u8]) -> Option<&'a [u8]> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_types_are_read() {
        let read = Declared::read(b"Multipart/Form-Data; x=y; boundary=\"a b\"; charset=utf-8");
        assert_eq!((read.media, &*read.boundary), (Media::Multipart, &b"a b"[..]));
        assert!(read.charset.is_none());
        let read = Declared::read(b"text/plain;charset=Shift_JIS");
        assert_eq!(read.charset, Some(encoding_rs::SHIFT_JIS));
        assert_eq!(Declared::read(b"multipart/mixed").media, Media::Any);
        assert_eq!(Declared::read(b"application/ld+json").media, Media::Escaped(2));
        assert_eq!(Declared::read(b"application/x-www-form-urlencoded").media, Media::Form);
        assert_eq!(Declared::read(b"").media, Media::Any);
    }

    #[test]
    fn parameters_are_read() {
        for (input, name, want) in [
            (&b"; filename=\"a\\\"b.txt\"; x"[..], &b"filename"[..], Some(&b"a\"b.txt"[..])),
            (b"form-data; name = f ; filename=c:\\x", b"filename", Some(b"c:\\x")),
            (b"filename*=UTF-8''%e2%82%ac.zip", b"filename", Some("\u{20ac}.zip".as_bytes())),
            (b"boundary*0=ab; boundary*1=\"cd\"", b"boundary", Some(b"abcd")),
            (b"name=\"open", b"name", Some(b"open")),
            (b"name", b"name", Some(b"")),
            (b"names=x", b"name", None),
        ] {
            assert_eq!(parameter(input, name).as_deref(), want, "{input:?}");
        }
    }
}
