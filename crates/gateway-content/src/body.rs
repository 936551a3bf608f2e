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
}

impl BodyInfo {
    /// A body in `codings`, of `declared_bytes` on the wire.
    #[must_use]
    pub const fn new(codings: Vec<Coding>, declared_bytes: Option<u64>) -> Self {
        Self { codings, declared_bytes, opaque: None }
    }

    /// A body in a coding that is not supported: its raw bytes are shown, and the root ends as
    /// [`Unscannable::Unsupported`].
    #[must_use]
    pub const fn undecodable(declared_bytes: Option<u64>) -> Self {
        Self { codings: Vec::new(), declared_bytes, opaque: Some(Unscannable::Unsupported) }
    }
}
