//! What was found, and where.

use std::sync::Arc;

use crate::{Mask, Offset, PartId, Span};

/// What an inspector looks for: a detector of a DLP profile, a signature. Shared by all findings
/// of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The scanner that it belongs to, such as `dlp` or `av`.
    pub scanner: &'static str,
    /// Its id within the scanner, such as `payment_card`; stable across releases.
    pub id: Arc<str>,
    /// Its name for people.
    pub name: Arc<str>,
    /// The profiles that count it.
    pub profiles: Vec<Arc<Profile>>,
}

impl Entry {
    /// The strictest of what `of` says of the profiles that count it, `otherwise` standing for those
    /// of which it says nothing, and for none.
    pub fn mask(&self, of: impl Fn(&Profile) -> Option<Mask>, otherwise: Mask) -> Mask {
        let masks = self.profiles.iter().map(|profile| of(profile).unwrap_or(otherwise));
        masks.max().unwrap_or(otherwise)
    }
}

/// A group of entries that matches a body together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The id that rules name, such as `financial`.
    pub id: Arc<str>,
    /// Findings of its entries, over all parts of a body, from which on it matches; at least 1.
    pub matches_min: u32,
    /// Different entries of it that must be found, from which on it matches; at least 1.
    pub distinct_min: u32,
    /// Bytes of one part within which those different entries must start; `None` for anywhere in
    /// the body.
    pub within_bytes: Option<u64>,
    /// From when on bytes are held for it.
    pub hold_from: HoldFrom,
    /// How much of its matches a record shows, if that is not the same for all profiles.
    pub mask: Option<Mask>,
    /// How much of them is shown to those who can open what is sealed, if that is not the same for
    /// all profiles.
    pub payload_mask: Option<Mask>,
}

impl Profile {
    /// A profile that matches at the first finding of any of its entries.
    #[must_use]
    pub fn new(id: impl Into<Arc<str>>) -> Self {
        Self {
            id: id.into(),
            matches_min: 1,
            distinct_min: 1,
            within_bytes: None,
            hold_from: HoldFrom::Threshold,
            mask: None,
            payload_mask: None,
        }
    }
}

/// From when on the bytes of a body are held for a profile that needs several findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HoldFrom {
    /// From the start of the first finding on, until the profile matches or the body ends: no
    /// counted byte leaves before the decision.
    FirstMatch,
    /// From the start of the finding that makes the profile match: earlier ones have left.
    #[default]
    Threshold,
}

/// One thing found in one part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was found.
    pub entry: Arc<Entry>,
    /// Where.
    pub place: Place,
    /// How sure the inspector is.
    pub confidence: Confidence,
}

impl Finding {
    /// A finding of `entry` in the bytes `span` of `part`.
    #[must_use]
    pub fn content(entry: Arc<Entry>, part: PartId, span: Span, confidence: Confidence) -> Self {
        Self { entry, place: Place::Content { part, span }, confidence }
    }

    /// A finding of `entry` about `part` as a whole, known from `detected_at` on.
    #[must_use]
    pub fn structural(entry: Arc<Entry>, part: PartId, detected_at: Offset) -> Self {
        let place = Place::Structural { part, detected_at };
        Self { entry, place, confidence: Confidence::High }
    }
}

/// Where something was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A stretch of bytes.
    Content {
        /// The part.
        part: PartId,
        /// Its bytes, counted in the unpacked part.
        span: Span,
    },
    /// The part as a whole: its digest, its structure.
    Structural {
        /// The part.
        part: PartId,
        /// The position in the unpacked part at which it was known.
        detected_at: Offset,
    },
}

impl Place {
    /// The part that it lies in.
    #[must_use]
    pub const fn part(self) -> PartId {
        match self {
            Self::Content { part, .. } | Self::Structural { part, .. } => part,
        }
    }

    /// The first byte that must not leave before the finding is decided; `None` when the finding
    /// concerns the part as a whole.
    #[must_use]
    pub const fn start(self) -> Option<Offset> {
        match self {
            Self::Content { span, .. } => Some(span.start),
            Self::Structural { .. } => None,
        }
    }
}

/// How sure an inspector is of a finding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// The form fits.
    Low,
    /// The form fits and something speaks for it: a checksum or a keyword near it.
    #[default]
    Medium,
    /// All but certain.
    High,
}
