//! Which entry or profile of `dlp.toml` an error of the scanner's builder is about.

use gateway_dlp::BuildError;

/// What an error is about.
#[derive(Clone, Copy)]
pub(super) enum Culprit<'a> {
    /// The entry of this id.
    Entry(&'a str),
    /// The profile of this id.
    Profile(&'a str),
    /// The id of one or the other.
    Id(&'a str),
    /// Neither.
    Unknown,
}

impl<'a> Culprit<'a> {
    /// What `error` is about.
    pub(super) fn of(error: &'a BuildError) -> Self {
        match error {
            BuildError::Condition { entry, .. }
            | BuildError::DuplicateEntry { entry }
            | BuildError::EmptyWord { entry, .. }
            | BuildError::LongWord { entry, .. }
            | BuildError::MatchesEmpty { entry }
            | BuildError::MatchesNothing { entry }
            | BuildError::Similarity { entry, .. }
            | BuildError::Syntax { entry, .. }
            | BuildError::TooLarge { entry, .. }
            | BuildError::TooManyWords { entry, .. }
            | BuildError::UnicodeWordBoundary { entry }
            | BuildError::RequiredInTurn { entry }
            | BuildError::UnknownRequired { entry, .. } => Self::Entry(entry),
            BuildError::DuplicateProfile { profile }
            | BuildError::EmptyProfile { profile }
            | BuildError::Precision { profile, .. }
            | BuildError::RepeatedEntry { profile, .. }
            | BuildError::Threshold { profile, .. }
            | BuildError::UnknownEntry { profile, .. } => Self::Profile(profile),
            BuildError::InvalidId { id } => Self::Id(id),
            _ => Self::Unknown,
        }
    }

    /// The id that it is about.
    pub(super) const fn id(self) -> Option<&'a str> {
        match self {
            Self::Entry(id) | Self::Profile(id) | Self::Id(id) => Some(id),
            Self::Unknown => None,
        }
    }
}
