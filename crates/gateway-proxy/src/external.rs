//! Scanners outside the process, as the machines know them: a copy of a body goes out, a verdict
//! comes back late. Nothing here knows which protocol a scanner speaks; that is the driver's.

use std::sync::Arc;

use gateway_inspect::{HoldPolicy, Unscannable};

use crate::adapter::{Offer, Takes};
use crate::transaction::Leg;

/// A scanner outside the process that looks for malware: what it finds are facts of `av`.
///
/// It gets a copy of each body, its content-codings taken off, while some enforcing rule wants to
/// know of malware in it. Members of archives it must unpack by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct External {
    /// Its name in the record, such as `clamd`.
    pub name: Arc<str>,
    /// What it gets besides bodies.
    pub gets: Gets,
    /// Whose bodies it gets.
    pub takes: Takes,
    /// What a body must wait for, as it looks at bodies as a whole.
    pub hold: HoldPolicy,
    /// What becomes of a body on which it gives no verdict.
    pub on_failure: OnFailure,
    /// Bytes of a body that it takes; one with more is not scanned in full.
    pub bytes_max: u64,
    /// What its verdict counts for beside those of other scanners.
    pub opinion: Opinion,
}

/// What an external scanner gets besides bodies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gets {
    /// Nothing.
    #[default]
    Body,
    /// First the message that the body is of.
    Message,
}

/// What the verdict of an external scanner counts for beside those of others, the ones within included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Opinion {
    /// Whoever finds something first is enough for the rules; nobody need look on.
    #[default]
    Any,
    /// The rules learn of nothing found in a body before it has spoken too, so that a record names all who
    /// have found something.
    All,
    /// A second one, later: nothing waits for it, and a failure of its is told in the record alone. What it
    /// finds while the body is still here counts as if it were the first's; later it is a
    /// [`Late`](crate::Late) finding.
    Second,
}

/// What becomes of a body on which an external scanner gives no verdict.
///
/// Rules see the failure in any case, as a reason in `av.unscannable`, and may refuse for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// It is refused as if a rule had blocked it.
    #[default]
    Block,
    /// The rules alone decide.
    Allow,
}

/// Names one scan within a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ScanId {
    /// The side whose body it is.
    pub leg: Leg,
    /// Position of the scanner in [`Settings::external`](crate::Settings::external).
    pub scanner: usize,
}

/// What a scan is given. It begins with its first bytes, or with the message before them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScanInput {
    /// The message whose body follows, as it is without its content-codings.
    Message(Box<Offer>),
    /// The next bytes. Say [`ScanReport::Taken`] when they no longer wait.
    Data(bytes::Bytes),
    /// That was all: the verdict is waited for.
    End,
    /// Nobody waits for the verdict any more.
    Cancel,
}

/// What a scan says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScanReport {
    /// So many more bytes have been sent to the scanner.
    Taken(u64),
    /// The scanner has spoken, or never will. Nothing comes after it.
    Verdict(Verdict),
}

/// How a scan ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// All was looked at, and nothing was found.
    Clean,
    /// The scanner does not want to see such a body: it has not looked, and did not fail to.
    Declined,
    /// A signature of this name was found.
    Found(String),
    /// There is no verdict.
    Failed(ScanFailure),
}

/// Why there is no verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ScanFailure {
    /// The connection broke.
    Broken,
    /// As many scans as allowed were running for too long.
    Busy,
    /// The content is encrypted.
    Encrypted,
    /// The answer is not one of the protocol.
    Garbled,
    /// A request came back that leads elsewhere.
    Misdirected,
    /// The scanner says that it could not scan.
    Refused,
    /// It has failed several times in a row, and is left alone for a moment.
    Resting,
    /// No answer came in time, or bytes were not taken in time.
    TimedOut,
    /// The content is larger than the scanner, or the gateway, allows.
    TooLarge,
    /// The scanner cannot be connected to.
    Unreachable,
}

impl ScanFailure {
    /// The name in records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::Busy => "busy",
            Self::Encrypted => "encrypted",
            Self::Garbled => "garbled",
            Self::Misdirected => "misdirected",
            Self::Refused => "refused",
            Self::Resting => "resting",
            Self::TimedOut => "timed_out",
            Self::TooLarge => "too_large",
            Self::Unreachable => "unreachable",
        }
    }

    /// What rules see of it.
    #[must_use]
    pub const fn reason(self) -> Unscannable {
        match self {
            Self::Encrypted => Unscannable::Encrypted,
            Self::TooLarge => Unscannable::TooLarge,
            Self::TimedOut => Unscannable::ScannerTimedOut,
            Self::Broken
            | Self::Busy
            | Self::Garbled
            | Self::Misdirected
            | Self::Refused
            | Self::Resting
            | Self::Unreachable => Unscannable::ScannerFailed,
        }
    }
}
