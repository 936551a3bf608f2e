//! Why content could not be looked at in full.

use std::fmt;

/// The reason for which content is neither clean nor found.
///
/// No path leads from a limit or an error to "clean": each of these is a value that policy sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Unscannable {
    /// Two places of a container say different things about the same member.
    Contradiction,
    /// It is encrypted.
    Encrypted,
    /// It breaks the rules of its own format.
    Malformed,
    /// No memory could be reserved to look at it.
    NoMemory,
    /// It unpacks into more than the allowed multiple of its size.
    RatioExceeded,
    /// Containers are nested deeper than allowed.
    TooDeep,
    /// It is larger than allowed.
    TooLarge,
    /// It holds more members, or more to be found, than allowed.
    TooMany,
    /// The format, or the way it is packed, is known but not supported.
    Unsupported,
    /// Looking at it took more work than allowed.
    WorkExceeded,
}

impl Unscannable {
    /// Every reason, in the order of their names.
    pub const ALL: &'static [Self] = &[
        Self::Contradiction,
        Self::Encrypted,
        Self::Malformed,
        Self::NoMemory,
        Self::RatioExceeded,
        Self::TooDeep,
        Self::TooLarge,
        Self::TooMany,
        Self::Unsupported,
        Self::WorkExceeded,
    ];

    /// The name that rules and records use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Contradiction => "contradiction",
            Self::Encrypted => "encrypted",
            Self::Malformed => "malformed",
            Self::NoMemory => "no_memory",
            Self::RatioExceeded => "ratio_exceeded",
            Self::TooDeep => "too_deep",
            Self::TooLarge => "too_large",
            Self::TooMany => "too_many",
            Self::Unsupported => "unsupported",
            Self::WorkExceeded => "work_exceeded",
        }
    }
}

impl fmt::Display for Unscannable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
