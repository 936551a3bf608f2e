//! What is known about a body before its first byte.

use gateway_inspect::Unscannable;

use crate::Coding;

/// What the head of the message says about its body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BodyInfo {
    /// The content-codings in the order in which they were applied (RFC 9110, section 8.4).
    pub codings: Vec<Coding>,
    /// Length on the wire in bytes, where it is declared.
    pub declared_bytes: Option<u64>,
    /// Why the body cannot be decoded at all, if so. Its raw bytes are shown, and the root ends
    /// with this reason.
    pub opaque: Option<Unscannable>,
    /// The value of Content-Type, where it is given. It tells the boundary of a multipart, the
    /// charset of a text, and a form from other text; what a body is its first bytes tell.
    pub content_type: Option<Vec<u8>>,
    /// Whether the body is offered as a file (RFC 6266): Content-Disposition says *attachment*, or a
    /// name for it. Such a body is taken for no image, audio or video, whatever its type.
    pub attachment: bool,
    /// The path of the body itself, before those of its parts. Default empty.
    pub name: String,
}

impl BodyInfo {
    /// A body in `codings`, of `declared_bytes` on the wire.
    #[must_use]
    pub const fn new(codings: Vec<Coding>, declared_bytes: Option<u64>) -> Self {
        Self {
            codings,
            declared_bytes,
            opaque: None,
            content_type: None,
            attachment: false,
            name: String::new(),
        }
    }

    /// A body in a coding that is not supported: its raw bytes are shown, and the root ends as
    /// [`Unscannable::Unsupported`].
    #[must_use]
    pub const fn undecodable(declared_bytes: Option<u64>) -> Self {
        let opaque = Some(Unscannable::Unsupported);
        Self {
            codings: Vec::new(),
            declared_bytes,
            opaque,
            content_type: None,
            attachment: false,
            name: String::new(),
        }
    }

    /// The same body, declared to be of this media type.
    #[must_use]
    pub fn with_content_type(mut self, content_type: &[u8]) -> Self {
        self.content_type = Some(content_type.to_vec());
        self
    }

    /// The same body, with `name` before the paths of its parts.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The same body, with this value of Content-Disposition.
    #[must_use]
    pub fn with_disposition(mut self, disposition: &[u8]) -> Self {
        let lower = disposition.trim_ascii_start().to_ascii_lowercase();
        let named = lower.windows(b"filename".len()).any(|word| word == b"filename");
        self.attachment = named || !lower.starts_with(b"inline");
        self
    }

    /// Whether it is declared to be an image, audio or video, and is not offered as a file.
    pub(crate) fn is_declared_media(&self) -> bool {
        let media = |content_type: &Vec<u8>| {
            let begins = |with: &[u8]| {
                let start = content_type.trim_ascii_start().get(..with.len());
                start.is_some_and(|start| start.eq_ignore_ascii_case(with))
            };
            begins(b"image/") || begins(b"audio/") || begins(b"video/")
        };
        !self.attachment && self.content_type.as_ref().is_some_and(media)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_are_what_says_so_and_is_no_file() {
        for (content_type, disposition, expected) in [
            ("image/png", "", true),
            ("Video/mp4; codecs=avc1", "", true),
            ("image/png", "inline", true),
            ("image/png", "attachment", false),
            ("image/png", "inline; FileName=a.exe", false),
            ("image/png", "form-data", false),
            ("imagery/png", "", false),
            ("application/zip", "", false),
            ("", "", false),
        ] {
            let mut info = BodyInfo::default().with_content_type(content_type.as_bytes());
            if !disposition.is_empty() {
                info = info.with_disposition(disposition.as_bytes());
            }
            assert_eq!(info.is_declared_media(), expected, "{content_type} {disposition}");
        }
    }
}
