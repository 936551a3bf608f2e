//! What loading a database came to: how much was taken in, and what was not, by reason.

use std::collections::BTreeMap;
use std::fmt;

use crate::image::{Input, Stored, stored_enum};

/// Counts of signatures: those in force, and those that are well formed but not supported.
///
/// Its `Display` is one line: `10 loaded, 3 unsupported (2 regex, 1 target)`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Signatures in force.
    pub loaded: u64,
    /// Signatures that are not in force because an `.ign` or `.ign2` file names them.
    pub ignored: u64,
    /// Digests of files in which nothing is found, from `.fp` and `.sfp` files.
    pub exempt: u64,
    /// Signatures left out, by reason.
    pub unsupported: BTreeMap<Unsupported, u64>,
}

impl Report {
    /// How many signatures were left out, for whatever reason.
    #[must_use]
    pub fn unsupported_total(&self) -> u64 {
        self.unsupported.values().sum()
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.loaded += other.loaded;
        self.ignored += other.ignored;
        self.exempt += other.exempt;
        for (reason, count) in &other.unsupported {
            *self.unsupported.entry(*reason).or_default() += count;
        }
    }

    /// Takes out what a part of it came to.
    pub(crate) fn take_out(&mut self, part: &Self) {
        self.loaded = self.loaded.saturating_sub(part.loaded);
        self.ignored = self.ignored.saturating_sub(part.ignored);
        self.exempt = self.exempt.saturating_sub(part.exempt);
        for (reason, count) in &part.unsupported {
            if let Some(all) = self.unsupported.get_mut(reason) {
                *all = all.saturating_sub(*count);
            }
        }
        self.unsupported.retain(|_, count| *count > 0);
    }

    pub(crate) fn count_unsupported(&mut self, reason: Unsupported) {
        *self.unsupported.entry(reason).or_default() += 1;
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} loaded, {} unsupported", self.loaded, self.unsupported_total())?;
        for (i, (reason, count)) in self.unsupported.iter().enumerate() {
            write!(f, "{}{count} {reason}", if i == 0 { " (" } else { ", " })?;
        }
        if !self.unsupported.is_empty() {
            f.write_str(")")?;
        }
        if self.ignored > 0 {
            write!(f, ", {} ignored", self.ignored)?;
        }
        if self.exempt > 0 { write!(f, ", {} exempt", self.exempt) } else { Ok(()) }
    }
}

/// Why a well-formed signature is not in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Unsupported {
    /// A byte at a distance from the rest, `[n-m]`, before a body that begins at an offset.
    AnchoredByte,
    /// A condition of a logical signature that cannot be told: `IconGroup1`, `IconGroup2`,
    /// `HandlerType` of a type that no signatures are for, and those that are not known.
    Attribute,
    /// A mark for a line or word boundary, `(B)`, `(L)` or `(W)`, beside a bounded gap or inside
    /// a wide body.
    BoundaryMark,
    /// A subsignature that compares a number in digits of either kind with the lowest pair first.
    ByteCompare,
    /// The checksum of a member of a container.
    Checksum,
    /// A type of container that is no [`PartKind`](gateway_inspect::PartKind) of its own.
    Container,
    /// An offset from the end of the file together with a gap in the body.
    EndOffsetWithGap,
    /// A signature in a file of a kind that is not supported, such as bytecode or phishing domains.
    File,
    /// A type that is not told by bytes at one place near the beginning.
    FileType,
    /// A subsignature that looks from one that has no body of its own, or of which the place shows at
    /// the end of a part only.
    FollowsFollower,
    /// A subsignature that is the hash of a picture.
    FuzzyImage,
    /// Its range of functionality levels is not one that this loader is in.
    FunctionalityLevel,
    /// Its bounded gaps let its length vary by more than
    /// [`gap_bytes_max`](crate::DatabaseLimits::gap_bytes_max).
    GapTooWide,
    /// A subsignature that is a regular expression, with what cannot be said in another one.
    Regex,
    /// Such a subsignature with what never goes back: `(?>…)`, `a++`.
    RegexAtomic,
    /// Such a subsignature with a reference to what it has matched, or to itself.
    RegexBackReference,
    /// Such a subsignature that looks ahead or behind: `(?=…)`, or `$` before more.
    RegexLookAround,
    /// Such a subsignature that takes more than 1 MiB.
    RegexTooLarge,
    /// A target type that is no [`PartKind`](gateway_inspect::PartKind) of its own.
    Target,
    /// It looks back over more bytes than
    /// [`lookback_bytes_max`](crate::DatabaseLimits::lookback_bytes_max).
    TooLong,
}

impl Unsupported {
    /// The name that reports use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AnchoredByte => "anchored byte",
            Self::Attribute => "attribute",
            Self::BoundaryMark => "boundary mark",
            Self::ByteCompare => "byte compare",
            Self::Checksum => "checksum",
            Self::Container => "container",
            Self::EndOffsetWithGap => "end offset with gap",
            Self::File => "kind of file",
            Self::FileType => "file type",
            Self::FunctionalityLevel => "functionality level",
            Self::FollowsFollower => "subsignature without body",
            Self::FuzzyImage => "fuzzy image",
            Self::GapTooWide => "gap too wide",
            Self::Regex => "regex",
            Self::RegexAtomic => "regex without a way back",
            Self::RegexBackReference => "regex with a back reference",
            Self::RegexLookAround => "regex with look-around",
            Self::RegexTooLarge => "regex too large",
            Self::Target => "target",
            Self::TooLong => "too long",
        }
    }
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

stored_enum!(Unsupported {
    0 => AnchoredByte,
    1 => Attribute,
    2 => BoundaryMark,
    3 => ByteCompare,
    4 => Checksum,
    5 => Container,
    6 => EndOffsetWithGap,
    7 => File,
    8 => FileType,
    9 => FunctionalityLevel,
    10 => FollowsFollower,
    11 => FuzzyImage,
    12 => GapTooWide,
    13 => Regex,
    14 => RegexAtomic,
    15 => RegexBackReference,
    16 => RegexLookAround,
    17 => RegexTooLarge,
    18 => Target,
    19 => TooLong,
});

impl Stored for Report {
    fn store(&self, out: &mut Vec<u8>) {
        (self.loaded, self.ignored, self.exempt).store(out);
        let all: Vec<_> =
            self.unsupported.iter().map(|(reason, count)| (*reason, *count)).collect();
        all.store(out);
    }

    fn load(input: &mut Input<'_>) -> Option<Self> {
        let (loaded, ignored, exempt) = Stored::load(input)?;
        let unsupported: Vec<_> = Stored::load(input)?;
        Some(Self { loaded, ignored, exempt, unsupported: unsupported.into_iter().collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_one_line() {
        let mut report = Report { loaded: 10, ..Report::default() };
        assert_eq!(report.to_string(), "10 loaded, 0 unsupported");
        for reason in [Unsupported::Target, Unsupported::Regex, Unsupported::Target] {
            report.count_unsupported(reason);
        }
        let twice = report.clone();
        report.add(&twice);
        let line = "20 loaded, 6 unsupported (2 regex, 4 target)";
        assert_eq!(report.to_string(), line);
    }
}
