//! What a detector's judge is shown: the bytes that its pattern matched, and those around them.

use gateway_inspect::Confidence;

/// Bytes before a match that a judge may look at.
pub(crate) const BEFORE_MAX: usize = 2;

/// Bytes that a pattern matched, with what is around them.
#[derive(Clone, Copy)]
pub(crate) struct Sample<'a> {
    /// Up to [`BEFORE_MAX`] bytes before the match.
    pub(crate) before: &'a [u8],
    /// What the pattern matched.
    pub(crate) matched: &'a [u8],
}

/// What a judge thinks of a sample that it accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Judgement {
    /// How sure it is.
    pub(crate) confidence: Confidence,
    /// Bytes at the front of the match that are no part of the finding.
    pub(crate) lead: usize,
}

/// Tells whether what a pattern matched is the real thing; `None` is no.
pub(crate) type Judge = fn(&Sample<'_>) -> Option<Judgement>;

/// What makes a match of a pattern a finding.
#[derive(Clone, Copy)]
pub(crate) enum Test {
    /// That the pattern matches; so sure is one of it.
    Pattern(Confidence),
    /// That a judge accepts it.
    Judge(Judge),
}

impl Test {
    /// Whether the bytes of a match are looked at again.
    pub(crate) const fn is_judge(self) -> bool {
        matches!(self, Self::Judge(_))
    }
}

impl Judgement {
    /// The whole match is found, with `confidence`.
    pub(crate) const fn whole(confidence: Confidence) -> Option<Self> {
        Some(Self { confidence, lead: 0 })
    }
}

impl Sample<'_> {
    /// Whether the match is what stands behind the point of a decimal number.
    pub(crate) fn is_fraction(&self) -> bool {
        matches!(self.before, [.., digit, b'.'] if digit.is_ascii_digit())
    }
}
