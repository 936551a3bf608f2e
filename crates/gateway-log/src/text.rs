//! Text of a record: bytes as they came, cheap to share, not necessarily UTF-8.
//! It escapes nothing; that is the encoders' work.

use std::fmt;

use bytes::Bytes;

/// A piece of text in a [`Record`](crate::Record): any bytes, shared and never copied.
///
/// URLs and header values come from the wire and may hold anything, so a text is not a `String`.
/// An empty text means "not known" and is left out of the encodings.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
// Most texts of a record are empty: those cost nothing to copy and to drop. Never `Some` of nothing.
pub struct Text(Option<Bytes>);

impl Text {
    /// No text: the fact is not known.
    pub const UNKNOWN: Self = Self(None);

    /// A text that is part of the program.
    #[must_use]
    pub const fn from_static(text: &'static str) -> Self {
        if text.is_empty() {
            return Self(None);
        }
        Self(Some(Bytes::from_static(text.as_bytes())))
    }

    /// The bytes as they came.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_deref().unwrap_or_default()
    }

    /// Whether there is no text, that is: the fact is not known.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // As `Bytes` shows itself.
        write!(f, "b\"{}\"", self.as_bytes().escape_ascii())
    }
}

impl From<Bytes> for Text {
    fn from(bytes: Bytes) -> Self {
        Self((!bytes.is_empty()).then_some(bytes))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Bytes::from(text).into()
    }
}

/// Copies the text.
impl From<&str> for Text {
    fn from(text: &str) -> Self {
        text.as_bytes().into()
    }
}

/// Copies the bytes.
impl From<&[u8]> for Text {
    fn from(bytes: &[u8]) -> Self {
        Bytes::copy_from_slice(bytes).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_it_came_to_be_empty_it_is_unknown() {
        let empty = [
            Text::default(),
            Text::from_static(""),
            "".into(),
            String::new().into(),
            b"".as_slice().into(),
            Bytes::new().into(),
        ];
        for text in empty {
            assert!(text.is_empty() && text.as_bytes().is_empty());
            assert_eq!(text, Text::default());
        }
        let text = Text::from("a\u{ff}b");
        assert_eq!((text.as_bytes(), text.is_empty()), ("a\u{ff}b".as_bytes(), false));
        assert_eq!(text, Text::from(Bytes::from("a\u{ff}b")));
        assert!(Text::default() < text);
        assert_eq!(format!("{:?}", Text::from("a\"\n")), r#"b"a\"\n""#);
    }
}
