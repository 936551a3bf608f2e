//! Where in a part a body signature may begin.

/// The places at which the first sub-part of a signature may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    /// From position `first` of the part to position `last`, both included.
    Within { first: u64, last: u64 },
    /// `back` bytes before the end of the part, or up to `shift` bytes later.
    FromEnd { back: u64, shift: u64 },
}

impl Anchor {
    /// Anywhere.
    pub(crate) const ANYWHERE: Self = Self::Within { first: 0, last: u64::MAX };
}
