//! What can be wrong with a WebSocket connection after its handshake, and the code to close with.

/// The peer broke a rule, or a limit was met. Nothing more is read from the direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum WsError {
    /// A close frame gives a code that must not be sent (RFC 6455 §7.4).
    #[error("close code {code} must not be sent")]
    CloseCode {
        /// The code.
        code: u16,
    },
    /// A close frame has a payload of one byte: no code fits (RFC 6455 §5.5.1).
    #[error("a close frame has half a code")]
    CloseLength,
    /// Compressed data cannot be decompressed, or does not end where its message does
    /// (RFC 7692 §7.2.2).
    #[error("the compressed data is corrupt")]
    Corrupt,
    /// A control frame is not whole (RFC 6455 §5.5).
    #[error("a control frame is fragmented")]
    FragmentedControl,
    /// Text that is not UTF-8 (RFC 6455 §8.1).
    #[error("text is not valid UTF-8")]
    InvalidUtf8,
    /// A length has its highest bit set (RFC 6455 §5.2).
    #[error("a frame is longer than 2^63 - 1 bytes")]
    LengthTooLarge,
    /// A control frame has more than 125 bytes of payload (RFC 6455 §5.5).
    #[error("a control frame has more than 125 bytes")]
    LongControl,
    /// A server masks its frames (RFC 6455 §5.1).
    #[error("a frame of the server is masked")]
    Masked,
    /// A length could have been written in fewer bytes (RFC 6455 §5.2).
    #[error("a length is not written in the fewest bytes")]
    NonMinimalLength,
    /// A message begins within another (RFC 6455 §5.4).
    #[error("a message begins before the one before it has ended")]
    NotContinued,
    /// Compressed data unpacks into more than the allowed multiple of its size.
    #[error("a message unpacks into more than the allowed multiple of its size")]
    RatioExceeded,
    /// A reserved bit is set that no agreed extension gives a meaning (RFC 6455 §5.2).
    #[error("a reserved bit is set")]
    ReservedBits,
    /// An opcode that RFC 6455 §5.2 reserves.
    #[error("opcode {opcode} is reserved")]
    ReservedOpcode {
        /// The opcode.
        opcode: u8,
    },
    /// A message unpacks into more bytes than allowed.
    #[error("a message unpacks into too many bytes")]
    TooLarge,
    /// A continuation without a message to continue (RFC 6455 §5.4).
    #[error("a continuation continues nothing")]
    UnexpectedContinuation,
    /// A client does not mask its frames (RFC 6455 §5.1).
    #[error("a frame of the client is not masked")]
    Unmasked,
}

impl WsError {
    /// The code of the close frame that answers it (RFC 6455 §7.4.1).
    #[must_use]
    pub const fn close_code(self) -> u16 {
        match self {
            Self::CloseCode { .. }
            | Self::CloseLength
            | Self::FragmentedControl
            | Self::LengthTooLarge
            | Self::LongControl
            | Self::Masked
            | Self::NonMinimalLength
            | Self::NotContinued
            | Self::ReservedBits
            | Self::ReservedOpcode { .. }
            | Self::UnexpectedContinuation
            | Self::Unmasked => 1002,
            Self::Corrupt | Self::InvalidUtf8 => 1007,
            Self::RatioExceeded | Self::TooLarge => 1009,
        }
    }
}
