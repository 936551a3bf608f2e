//! What a WebSocket carried, in numbers.

use crate::Text;

/// What a WebSocket carried and how it was closed; empty for anything else. Its bytes stand among
/// those of the record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WebSocketFacts {
    /// Messages that the client began to send.
    pub messages_from_client: Option<u64>,
    /// Messages that the origin began to send.
    pub messages_from_origin: Option<u64>,
    /// Messages that the gateway left out or replaced, because a rule refused them.
    pub messages_refused: Option<u64>,
    /// The code of the client's close frame.
    pub close_code_of_client: Option<u16>,
    /// The code of the origin's close frame.
    pub close_code_of_origin: Option<u16>,
    /// The code of the close frame that the gateway sent to both.
    pub close_code_sent: Option<u16>,
    /// Whether permessage-deflate was agreed on.
    pub compressed: Option<bool>,
    /// The subprotocol that was agreed on.
    pub protocol: Text,
}

impl WebSocketFacts {
    /// Nothing is known.
    pub(crate) const UNKNOWN: Self = Self {
        messages_from_client: None,
        messages_from_origin: None,
        messages_refused: None,
        close_code_of_client: None,
        close_code_of_origin: None,
        close_code_sent: None,
        compressed: None,
        protocol: Text::UNKNOWN,
    };
}
