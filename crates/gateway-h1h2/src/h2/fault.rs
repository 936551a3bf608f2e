//! The table of faults: what can be wrong with an HTTP/2 peer, and what follows from it.

use std::fmt;

use http::StatusCode;

/// Something that a peer must not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// An authority that is no host and port.
    Authority,
    /// Too many frames of all kinds that move nothing on.
    BudgetAll,
    /// Too many streams that came to nothing.
    BudgetCancelled,
    /// A header block in too many frames.
    BudgetContinuation,
    /// Too many empty DATA frames.
    BudgetDataEmpty,
    /// Too many tiny DATA frames.
    BudgetDataSmall,
    /// Too many frames that mean nothing.
    BudgetIgnored,
    /// Too many PING frames.
    BudgetPing,
    /// Too many SETTINGS frames.
    BudgetSettings,
    /// Too many WINDOW_UPDATE frames.
    BudgetWindowUpdate,
    /// A content-length that is not one number, or not what came.
    ContentLength,
    /// A field name that is a framing field of HTTP/1.1 to those who take other marks for `-`.
    FieldName,
    /// A field value with blanks around it or a control character.
    FieldValue,
    /// More fields than allowed.
    FieldsTooMany,
    /// A header block or frame that was begun and not ended in time.
    HeadTimeout,
    /// Host and :authority do not agree, or neither is there.
    Host,
    /// More interim responses than allowed.
    InformationalTooMany,
    /// A malformed message.
    Message,
    /// A method that is longer than allowed, or reserved.
    Method,
    /// The connection does not begin as HTTP/2 does.
    Preface,
    /// Header compression that cannot be undone.
    Compression,
    /// Frames of a kind that are only meant to cost.
    Flood,
    /// More bytes than the window allows.
    FlowControl,
    /// A frame of a wrong size.
    FrameSize,
    /// The frames break the protocol.
    Protocol,
    /// A push, which was refused beforehand.
    PushPromise,
    /// SETTINGS that were not acknowledged in time.
    SettingsTimeout,
    /// A body that the peer gives no window for.
    Stalled,
    /// A status that HTTP/2 does not have.
    Status,
    /// A body or head on a stream that the peer has ended or reset.
    StreamClosed,
    /// A target that is invalid or does not suit the method.
    Target,
    /// A path longer than allowed.
    TargetTooLong,
    /// More trailers than allowed.
    TrailersTooMany,
}

/// One row of the table.
struct Row {
    id: &'static str,
    code: u32,
    status: StatusCode,
    doc: &'static str,
}

/// `PROTOCOL_ERROR`
const PROTOCOL: u32 = 0x1;
/// `FLOW_CONTROL_ERROR`
const FLOW_CONTROL: u32 = 0x3;
/// `SETTINGS_TIMEOUT`
const SETTINGS_TIMEOUT: u32 = 0x4;
/// `STREAM_CLOSED`
const STREAM_CLOSED: u32 = 0x5;
/// `FRAME_SIZE_ERROR`
const FRAME_SIZE: u32 = 0x6;
/// `CANCEL`
const CANCEL: u32 = 0x8;
/// `COMPRESSION_ERROR`
const COMPRESSION: u32 = 0x9;
/// `ENHANCE_YOUR_CALM`
const CALM: u32 = 0xb;

impl Fault {
    fn row(self) -> Row {
        let (id, code, status, doc) = match self {
            Self::Authority => {
                ("authority", PROTOCOL, 400, "an authority that is no host and port")
            }
            Self::BudgetAll => ("budget-all", CALM, 429, "too many frames that move nothing on"),
            Self::BudgetCancelled => ("budget-cancelled", CALM, 429, "too many cancelled streams"),
            Self::BudgetContinuation => {
                ("budget-continuation", CALM, 431, "a header block in too many frames")
            }
            Self::BudgetDataEmpty => ("budget-data-empty", CALM, 429, "too many empty DATA frames"),
            Self::BudgetDataSmall => ("budget-data-small", CALM, 429, "too many tiny DATA frames"),
            Self::BudgetIgnored => {
                ("budget-ignored", CALM, 429, "too many frames that mean nothing")
            }
            Self::BudgetPing => ("budget-ping", CALM, 429, "too many PING frames"),
            Self::BudgetSettings => ("budget-settings", CALM, 429, "too many SETTINGS frames"),
            Self::BudgetWindowUpdate => {
                ("budget-window-update", CALM, 429, "too many WINDOW_UPDATE frames")
            }
            Self::ContentLength => ("content-length", PROTOCOL, 400, "a wrong content-length"),
            Self::FieldName => {
                ("field-name", PROTOCOL, 400, "a field name that looks like a framing field")
            }
            Self::FieldValue => {
                ("field-value", PROTOCOL, 400, "a field value with blanks around it")
            }
            Self::FieldsTooMany => ("fields-too-many", CALM, 431, "more fields than allowed"),
            Self::HeadTimeout => ("head-timeout", CALM, 408, "a head or frame without an end"),
            Self::Host => ("host", PROTOCOL, 400, "no host, or two"),
            Self::InformationalTooMany => {
                ("informational-too-many", CALM, 502, "more interim responses than allowed")
            }
            Self::Message => ("message", PROTOCOL, 400, "a malformed message"),
            Self::Method => {
                ("method", PROTOCOL, 501, "a method that is longer than allowed, or reserved")
            }
            Self::Preface => {
                ("preface", PROTOCOL, 400, "the connection does not begin as HTTP/2 does")
            }
            Self::Compression => {
                ("compression", COMPRESSION, 400, "header compression that cannot be undone")
            }
            Self::Flood => ("flood", CALM, 429, "frames of a kind that are only meant to cost"),
            Self::FlowControl => {
                ("flow-control", FLOW_CONTROL, 400, "more bytes than the window allows")
            }
            Self::FrameSize => ("frame-size", FRAME_SIZE, 400, "a frame of a wrong size"),
            Self::Protocol => ("protocol", PROTOCOL, 400, "the frames break the protocol"),
            Self::PushPromise => {
                ("push-promise", PROTOCOL, 502, "a push, which was refused beforehand")
            }
            Self::SettingsTimeout => {
                ("settings-timeout", SETTINGS_TIMEOUT, 408, "settings that are not acknowledged")
            }
            Self::Stalled => ("stalled", CANCEL, 408, "a body that gets no window"),
            Self::Status => ("status", PROTOCOL, 502, "a status that HTTP/2 does not have"),
            Self::StreamClosed => {
                ("stream-closed", STREAM_CLOSED, 400, "a frame on a stream that was ended")
            }
            Self::Target => {
                ("target", PROTOCOL, 400, "a target that is invalid or does not suit the method")
            }
            Self::TargetTooLong => ("target-too-long", PROTOCOL, 414, "a path longer than allowed"),
            Self::TrailersTooMany => ("trailers-too-many", CALM, 400, "more trailers than allowed"),
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
        Row { id, code, status, doc }
    }

    /// The name in logs and counters.
    pub fn id(self) -> &'static str {
        self.row().id
    }

    /// What is wrong, in a few words.
    pub fn doc(self) -> &'static str {
        self.row().doc
    }

    /// The error code that the peer is told (RFC 9113 §7).
    pub fn code(self) -> u32 {
        self.row().code
    }

    /// The status for a client that did it.
    pub fn status(self) -> StatusCode {
        self.row().status
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}
