//! How a body left the gateway, where that depends on its type.

use crate::Text;

/// How the body of a response was released.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReleaseFacts {
    /// The way, such as `hold`, `trickle` or `progress`.
    pub mode: Text,
    /// The request whose body this one is about: it asked for a progress page, or for what stood behind one.
    pub request_id: Text,
}

impl ReleaseFacts {
    /// Nothing is known.
    pub(crate) const UNKNOWN: Self = Self { mode: Text::UNKNOWN, request_id: Text::UNKNOWN };
}
