//! Whether content was looked at, and what was found: identifiers and counts, never content.

use super::{Adaptation, QuarantineFacts, Rare, ReleaseFacts};
use crate::Text;

/// Which way content went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Direction {
    /// From client to origin.
    #[default]
    Upload,
    /// From origin to client.
    Download,
}

impl Direction {
    /// The value of a member `Direction`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Download => "download",
        }
    }
}

/// Why a connection was relayed without looking inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpliceReason {
    /// A Do Not Inspect rule matched.
    DoNotInspect,
    /// Policy lets this protocol pass as it is.
    NotTls,
    /// The listener does not intercept.
    InterceptionOff,
}

/// Whether the gateway looked inside the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Interception {
    /// It read the plain text: TLS was terminated, or there was none.
    Inspected,
    /// It relayed the bytes as they were.
    Spliced(SpliceReason),
    /// The connection ended before that was settled, or was refused.
    Undecided,
}

impl Interception {
    /// The value of the field `InspectionVerdict`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inspected => "inspected",
            Self::Spliced(_) => "spliced",
            Self::Undecided => "undecided",
        }
    }

    /// The value of the field `InspectionReason`.
    #[must_use]
    pub const fn reason(self) -> Option<&'static str> {
        match self {
            Self::Inspected | Self::Undecided => None,
            Self::Spliced(SpliceReason::DoNotInspect) => Some("do_not_inspect"),
            Self::Spliced(SpliceReason::NotTls) => Some("not_tls"),
            Self::Spliced(SpliceReason::InterceptionOff) => Some("interception_off"),
        }
    }
}

/// A DLP profile that matched, with the number of matches that count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DlpProfileMatch {
    /// The profile's identifier.
    pub profile: Text,
    /// The entry's identifier within the profile.
    pub entry: Text,
    /// How often it matched.
    pub count: u64,
    /// Places at which it was overwritten.
    pub redacted: u64,
}

/// One match of a DLP entry, as far as it may be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DlpMatch {
    /// The entry's identifier.
    pub entry: Text,
    /// The path of the part that holds it.
    pub part: Text,
    /// Where it begins in that part, in bytes.
    pub start: u64,
    /// What of it is shown, masked.
    pub shown: Text,
}

/// What DLP found in one direction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DlpMatches {
    /// Profiles that matched, by identifier.
    pub profiles: Vec<Text>,
    /// Entries that matched, by identifier.
    pub entries: Vec<Text>,
    /// How often each entry matched.
    pub counts: Vec<DlpProfileMatch>,
    /// The application for which it carries a prompt.
    pub prompt_app: Text,
    /// Profiles that matched in that prompt.
    pub prompt_profiles: Vec<Text>,
    /// The first matches, masked.
    pub matches: Vec<DlpMatch>,
    /// The matches with what stands around them, sealed to the administrator's key, in base64.
    pub payload: Text,
}

impl DlpMatches {
    /// Nothing is known.
    pub(crate) const UNKNOWN: Self = Self {
        profiles: Vec::new(),
        entries: Vec::new(),
        counts: Vec::new(),
        prompt_app: Text::UNKNOWN,
        prompt_profiles: Vec::new(),
        matches: Vec::new(),
        payload: Text::UNKNOWN,
    };
}

/// A file that was seen in a body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileSeen {
    /// Which way it went.
    pub direction: Direction,
    /// Its name, from the part or the URL.
    pub name: Text,
    /// Its type, found by content.
    pub kind: Text,
    /// Its length in bytes.
    pub bytes: Option<u64>,
    /// Its SHA-256 in hexadecimal, where it was computed.
    pub sha256: Text,
}

/// The file that caused a block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BlockedFile {
    /// Its hash in hexadecimal.
    pub hash: Text,
    /// Its name, or its path through archives.
    pub name: Text,
    /// Why it was blocked.
    pub reason: Text,
    /// Its length in bytes.
    pub bytes: Option<u64>,
    /// Its type, found by content.
    pub kind: Text,
}

impl BlockedFile {
    /// Nothing is known.
    pub(crate) const UNKNOWN: Self = Self {
        hash: Text::UNKNOWN,
        name: Text::UNKNOWN,
        reason: Text::UNKNOWN,
        bytes: None,
        kind: Text::UNKNOWN,
    };
}

/// A malware signature that matched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignatureMatch {
    /// Which way the content went.
    pub direction: Direction,
    /// The signature's name.
    pub name: Text,
    /// The part that holds it, as a path through archives.
    pub part: Text,
    /// Who found it: `gateway`, or the name of an external scanner.
    pub scanner: Text,
}

/// How a scan by an external scanner ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScanVerdict {
    /// Nobody waited for its end.
    #[default]
    Abandoned,
    /// Nothing was found.
    Clean,
    /// It does not want to see such a body.
    Declined,
    /// There is no verdict.
    Failed,
    /// Something was found.
    Found,
    /// It goes on; what it finds is told in a record of its own.
    Pending,
}

impl ScanVerdict {
    /// The value of the member `Verdict`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Abandoned => "abandoned",
            Self::Clean => "clean",
            Self::Declined => "declined",
            Self::Failed => "failed",
            Self::Found => "found",
            Self::Pending => "pending",
        }
    }
}

/// What an external scanner said of a body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExternalScan {
    /// Which way the body went.
    pub direction: Direction,
    /// The scanner's name.
    pub scanner: Text,
    /// The group of scanners that a rule named for the body; empty where none did.
    pub group: Text,
    /// How it ended.
    pub verdict: ScanVerdict,
    /// The signature that was found, or why there is no verdict.
    pub detail: Text,
    /// Bytes that it was given.
    pub bytes: u64,
    /// From the first byte that it was given to its verdict.
    pub duration_ms: u64,
}

/// A part that could not be scanned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnscannablePart {
    /// Which way the content went.
    pub direction: Direction,
    /// The part, as a path through archives.
    pub part: Text,
    /// Why it could not be scanned, such as `encrypted` or `too_large`.
    pub reason: Text,
}

/// Whether and how content was looked at, and what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Inspection {
    /// Whether the gateway looked inside the connection.
    pub interception: Option<Interception>,
    /// Whether the minted certificate came from the cache.
    pub mint_cache_hit: Option<bool>,
    /// Whether a body was looked at for data loss as one of a sample, though no rule wanted it.
    pub dlp_sampled: Option<bool>,
    /// Whether this tells what a second opinion found once the body had left: one record more of a request.
    pub late_finding: Option<bool>,
    /// Decoded bytes that scanners saw, both ways.
    pub scanned_bytes: Option<u64>,
    /// What DLP found in the request body.
    pub upload_dlp: Rare<DlpMatches>,
    /// What DLP found in the response body.
    pub download_dlp: Rare<DlpMatches>,
    /// Files seen in the request and response bodies.
    pub files: Vec<FileSeen>,
    /// The file that caused a block.
    pub blocked_file: Rare<BlockedFile>,
    /// What became of a body that was to be kept aside.
    pub quarantine: Rare<QuarantineFacts>,
    /// How the response body was released, where its type decided.
    pub release: Rare<ReleaseFacts>,
    /// Malware signatures that matched.
    pub signatures: Vec<SignatureMatch>,
    /// What external scanners said.
    pub external_scans: Vec<ExternalScan>,
    /// What services made of the messages that went through them.
    pub adaptations: Vec<Adaptation>,
    /// Parts that could not be scanned.
    pub unscannable: Vec<UnscannablePart>,
}
