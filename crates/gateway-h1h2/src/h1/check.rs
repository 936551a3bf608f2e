//! Strictness as a table: every check that the codec makes, by name.
//!
//! The table is the documentation: a row says what is checked, by which text, what a server
//! answers, and how much leeway there is. What the checks do is in the parsing modules.

use std::fmt;

/// What happens when a check finds something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Severity {
    /// The message is refused.
    Reject,
    /// The message is mended, so that policy and wire both see the mended form, and counted.
    Repair,
    /// The message passes as it is and is counted.
    Observe,
}

/// How far a check can be relaxed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leeway {
    /// Never.
    Fixed,
    /// It can be mended.
    Mend,
    /// It is mended unless told otherwise.
    Mends,
    /// It can pass as it is.
    Pass,
    /// It can be mended, or pass as it is.
    Any,
}

struct Row {
    id: &'static str,
    source: &'static str,
    status: u16,
    leeway: Leeway,
    doc: &'static str,
}

macro_rules! checks {
    ($($name:ident $id:literal $source:literal $status:literal $leeway:ident $doc:literal;)+) => {
        /// A named check.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        #[repr(u8)]
        pub enum Check {
            $(#[doc = concat!($doc, " (", $source, "; ", stringify!($status), ")")] $name,)+
        }

        impl Check {
            /// All checks, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$name),+];
        }

        const ROWS: &[Row] = &[$(Row {
            id: $id, source: $source, status: $status, leeway: Leeway::$leeway, doc: $doc,
        }),+];
    };
}

checks! {
    // The head as a whole.
    HeadTooLarge "head-too-large" "RFC 6585 §5" 431 Fixed
        "The head has more bytes than `Limits::head_bytes_max`.";
    HeadFieldsTooMany "head-fields-too-many" "RFC 6585 §5" 431 Fixed
        "The head has more fields than `Limits::fields_max`.";
    HeadTruncated "head-truncated" "RFC 9112 §8" 400 Fixed
        "The connection ended inside a request head.";
    LineBareLf "line-bare-lf" "RFC 9112 §2.2" 400 Mend
        "A line of the head ends in LF alone. Repair reads it as CR LF.";
    LineBareCr "line-bare-cr" "RFC 9112 §2.2" 400 Fixed
        "A CR is not followed by LF.";
    LineEmptyBeforeStart "line-empty-before-start" "RFC 9112 §2.2" 400 Mend
        "More than one empty line comes before the start line. Repair skips them.";
    HeadNul "head-nul" "RFC 9110 §5.5" 400 Fixed
        "The head holds a NUL byte.";
    // The start line.
    StartLineSyntax "start-line-syntax" "RFC 9112 §3" 400 Fixed
        "The start line does not consist of its three parts with one space between them.";
    StartLineThenBlank "start-line-then-blank" "RFC 9112 §2.2" 400 Fixed
        "The line after the start line begins with a blank.";
    MethodSyntax "method-syntax" "RFC 9110 §9.1" 400 Fixed
        "The method is not a token.";
    MethodTooLong "method-too-long" "RFC 9112 §3" 501 Fixed
        "The method has more bytes than `Limits::method_bytes_max`.";
    VersionSyntax "version-syntax" "RFC 9112 §2.3" 400 Fixed
        "The version is missing (HTTP/0.9) or is not `HTTP/` digit `.` digit.";
    VersionUnsupported "version-unsupported" "RFC 9110 §15.6.6" 505 Fixed
        "The version is neither 1.0 nor 1.1.";
    Http2Preface "http2-preface" "RFC 9113 §3.4" 505 Fixed
        "The client speaks HTTP/2: the bytes are its connection preface.";
    StatusSyntax "status-syntax" "RFC 9112 §4" 502 Fixed
        "The status code does not have three digits from 100 to 999.";
    ReasonSyntax "reason-syntax" "RFC 9112 §4" 502 Fixed
        "The reason phrase holds a control character.";
    // The request target.
    TargetTooLong "target-too-long" "RFC 9110 §15.5.15" 414 Fixed
        "The target has more bytes than `Limits::target_bytes_max`.";
    TargetByte "target-byte" "RFC 9112 §3.2" 400 Fixed
        "The target holds a control, a space or a byte that is not ASCII.";
    TargetFragment "target-fragment" "RFC 9112 §3.2" 400 Fixed
        "The target has a fragment.";
    TargetUserInfo "target-user-info" "RFC 9110 §4.2.4" 400 Fixed
        "The target has a user name.";
    TargetAuthority "target-authority" "RFC 9112 §3.2.3" 400 Fixed
        "Host or port of the target is invalid, or CONNECT names no port.";
    TargetScheme "target-scheme" "RFC 9112 §3.2.2" 400 Fixed
        "The scheme of the target is neither http nor https.";
    TargetForm "target-form" "RFC 9112 §3.2" 400 Fixed
        "The form of the target does not suit the method.";
    // Field lines.
    FieldNameSyntax "field-name-syntax" "RFC 9112 §5" 400 Mend
        "A field name is empty or not a token. Repair drops the line.";
    FieldNameBlank "field-name-blank" "RFC 9112 §5.1" 400 Mend
        "Blanks stand between a field name and its colon. Repair takes them away.";
    FieldColonMissing "field-colon-missing" "RFC 9112 §5" 400 Mend
        "A field line has no colon. Repair drops the line.";
    FieldNameLookalike "field-name-lookalike" "RFC 3875 §4.1.18" 400 Any
        "A field is a framing field to a gateway that takes other marks for `-`. Repair drops it.";
    FieldValueByte "field-value-byte" "RFC 9110 §5.5" 400 Fixed
        "A field value holds a control character other than a tab.";
    FieldFolded "field-folded" "RFC 9112 §5.2" 400 Mend
        "A field goes on in a further line. Repair joins the lines with blanks.";
    // Host.
    HostMissing "host-missing" "RFC 9112 §3.2" 400 Mend
        "An HTTP/1.1 request has no `Host`. Repair takes it from the target, if it can.";
    HostRepeated "host-repeated" "RFC 9112 §3.2" 400 Fixed
        "There is more than one `Host`.";
    HostInvalid "host-invalid" "RFC 9112 §3.2" 400 Fixed
        "The value of `Host` is no host with an optional port.";
    HostNotTarget "host-not-target" "RFC 9112 §3.2.2" 400 Mends
        "`Host` contradicts the target. Repair, the default, replaces it from the target.";
    // Framing.
    ContentLengthSyntax "content-length-syntax" "RFC 9110 §8.6" 400 Fixed
        "`Content-Length` is not a number of at most 64 bits.";
    ContentLengthList "content-length-list" "RFC 9110 §8.6" 400 Mend
        "`Content-Length` repeats one number in a list. Repair takes it once.";
    ContentLengthRepeated "content-length-repeated" "RFC 9110 §8.6" 400 Mend
        "Several `Content-Length` lines agree. Repair takes the number once.";
    ContentLengthDiffers "content-length-differs" "RFC 9112 §6.3" 400 Fixed
        "Two content lengths differ.";
    ContentLengthAndTransferEncoding "content-length-and-transfer-encoding" "RFC 9112 §6.3" 400 Mend
        "There are both framing fields. Repair drops the length and closes after the exchange.";
    TransferEncodingUnknown "transfer-encoding-unknown" "RFC 9112 §6.1" 501 Fixed
        "`Transfer-Encoding` names a coding other than `chunked`.";
    TransferEncodingRepeated "transfer-encoding-repeated" "RFC 9112 §6.1" 400 Fixed
        "`Transfer-Encoding` is not exactly one line with the one word `chunked`.";
    TransferEncodingInHttp10 "transfer-encoding-in-http-1.0" "RFC 9112 §6.1" 400 Fixed
        "An HTTP/1.0 message has a `Transfer-Encoding`.";
    FramingInBodiless "framing-in-bodiless" "RFC 9110 §8.6" 502 Mends
        "A response that cannot have a body has a framing field. Repair, the default, drops it.";
    BodyInConnect "body-in-connect" "RFC 9110 §9.3.6" 400 Fixed
        "A CONNECT request announces a body.";
    BodyInTrace "body-in-trace" "RFC 9110 §9.3.8" 400 Fixed
        "A TRACE request announces a body.";
    BodyInUpgrade "body-in-upgrade" "RFC 9110 §7.8" 400 Mend
        "A request with `Upgrade` announces a body. Repair drops the `Upgrade`.";
    // Connection options and expectations.
    ConnectionOptionProtected "connection-option-protected" "RFC 9110 §7.6.1" 400 Mend
        "`Connection` names a field that is meant for the other end. Repair ignores the name.";
    ExpectUnknown "expect-unknown" "RFC 9110 §10.1.1" 417 Pass
        "`Expect` holds something other than `100-continue`.";
    // Chunked bodies and trailers.
    ChunkSizeSyntax "chunk-size-syntax" "RFC 9112 §7.1" 400 Fixed
        "A chunk size is empty or has a byte that is no hexadecimal digit.";
    ChunkSizeTooLarge "chunk-size-too-large" "RFC 9112 §7.1" 400 Fixed
        "A chunk size has more than 16 digits.";
    ChunkLineEnd "chunk-line-end" "RFC 9112 §7.1" 400 Fixed
        "A chunk size line does not end in CR LF.";
    ChunkDataEnd "chunk-data-end" "RFC 9112 §7.1" 400 Fixed
        "The data of a chunk is not followed by CR LF.";
    ChunkExtensionSyntax "chunk-extension-syntax" "RFC 9112 §7.1.1" 400 Mend
        "A chunk extension is malformed. Repair drops it, as it drops all extensions.";
    ChunkExtensionsTooLarge "chunk-extensions-too-large" "RFC 9112 §7.1.1" 400 Fixed
        "The chunk extensions of a message exceed `Limits::chunk_extension_bytes_max`.";
    TrailersTooLarge "trailers-too-large" "RFC 9112 §7.1.2" 431 Fixed
        "The trailers have more bytes or fields than `Limits` allows.";
    TrailerForbidden "trailer-forbidden" "RFC 9110 §6.5.1" 400 Mend
        "A trailer is a field for framing, routing or authentication. Repair drops it.";
    // Responses.
    InformationalTooMany "informational-too-many" "RFC 9110 §15.2" 502 Fixed
        "More interim responses came than `Limits::informational_max`.";
    SwitchUnasked "switch-unasked" "RFC 9110 §15.2.2" 502 Fixed
        "A 101 came though the request did not ask for an upgrade, or not for this one.";
    ResponseUnasked "response-unasked" "RFC 9112 §9.2" 502 Fixed
        "Bytes came from the server while no request was waiting.";
}

impl Severity {
    /// All severities, the strictest first.
    pub const ALL: [Self; 3] = [Self::Reject, Self::Repair, Self::Observe];

    /// The name, as settings, logs and counters write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reject => "reject",
            Self::Repair => "repair",
            Self::Observe => "observe",
        }
    }

    /// The severity of this name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.name() == name)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Check {
    const fn row(self) -> &'static Row {
        // One macro makes both: there is a row for every value, in the order of the values.
        &ROWS[self as usize]
    }

    /// The name of the check, as settings, logs and counters write it.
    pub fn id(self) -> &'static str {
        self.row().id
    }

    /// The check of this name.
    pub fn by_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|check| check.id() == id)
    }

    /// What is checked, in one or two sentences.
    pub fn doc(self) -> &'static str {
        self.row().doc
    }

    /// The text that asks for it.
    pub fn source(self) -> &'static str {
        self.row().source
    }

    /// The status that a server answers when the check refuses a request. A proxy answers 502
    /// when it refuses a response.
    pub fn status(self) -> http::StatusCode {
        http::StatusCode::from_u16(self.row().status).unwrap_or(http::StatusCode::BAD_REQUEST)
    }

    /// The severity unless set otherwise: `Reject`, save for the two rows that say `Repair`.
    pub const fn severity(self) -> Severity {
        match self.row().leeway {
            Leeway::Mends => Severity::Repair,
            Leeway::Fixed | Leeway::Mend | Leeway::Pass | Leeway::Any => Severity::Reject,
        }
    }

    /// Whether the check can have this severity.
    pub fn offers(self, severity: Severity) -> bool {
        match severity {
            Severity::Reject => true,
            Severity::Repair => {
                matches!(self.row().leeway, Leeway::Mend | Leeway::Mends | Leeway::Any)
            }
            Severity::Observe => matches!(self.row().leeway, Leeway::Pass | Leeway::Any),
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// The severity of every check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checks([Severity; ROWS.len()]);

/// A check cannot have the severity that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("check `{check}` cannot be set to `{severity}`")]
pub struct SeverityError {
    /// The check.
    pub check: Check,
    /// The severity that it does not offer.
    pub severity: Severity,
}

impl Checks {
    /// Sets the severity of one check.
    ///
    /// # Errors
    /// If the check does not offer it: an ambiguity that cannot be mended is refused always.
    pub fn set(&mut self, check: Check, severity: Severity) -> Result<(), SeverityError> {
        if !check.offers(severity) {
            return Err(SeverityError { check, severity });
        }
        if let Some(entry) = self.0.get_mut(check as usize) {
            *entry = severity;
        }
        Ok(())
    }

    /// The severity of one check.
    pub fn severity(&self, check: Check) -> Severity {
        self.0.get(check as usize).copied().unwrap_or(Severity::Reject)
    }
}

/// Every check with its own severity: strict, see [`Check::severity`].
impl Default for Checks {
    fn default() -> Self {
        const STRICT: [Severity; ROWS.len()] = {
            let (mut severities, mut index) = ([Severity::Reject; ROWS.len()], 0);
            while index < ROWS.len() {
                severities[index] = Check::ALL[index].severity();
                index += 1;
            }
            severities
        };
        Self(STRICT)
    }
}
