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
}

impl BodyInfo {
    /// A body in `codings`, of `declared_bytes` on the wire.
    #[must_use]
    pub const fn new(codings: Vec<Coding>, declared_bytes: Option<u64>) -> Self {
        Self { codings, declared_bytes, opaque: None, content_type: None }
    }

    /// A body in a coding that is not supported: its raw bytes are shown, and the root ends as
    /// [`Unscannable::Unsupported`].
    #[must_use]
    pub const fn undecodable(declared_bytes: Option<u64>) -> Self {
        let opaque = Some(Unscannable::Unsupported);
        Self { codings: Vec::new(), declared_bytes, opaque, content_type: None }
    }

    /// The same body, declared to be of this media type.
    #[must_use]
    pub fn with_content_type(mut self, content_type: &[u8]) -> Self {
        self.content_type = Some(content_type.to_vec());
        self
    }
}
