//! The field `Encapsulated` (RFC 3507 §4.4.1): which parts of an HTTP message follow, and where.

use super::IcapError;

/// What an answer holds: at most one HTTP head, and perhaps a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Encapsulated {
    /// Bytes of a request head, or of a response head.
    pub(super) request: Option<usize>,
    pub(super) response: Option<usize>,
    /// Whether chunks of a body follow.
    pub(super) body: bool,
}

impl Encapsulated {
    /// Reads the value of the field in an answer.
    pub(super) fn parse(value: &[u8]) -> Result<Self, IcapError> {
        let text = std::str::from_utf8(value).map_err(|_| IcapError::Encapsulated)?;
        let mut parts = Vec::new();
        for part in text.split(',') {
            let (name, offset) = part.trim().split_once('=').ok_or(IcapError::Encapsulated)?;
            if offset.is_empty() || !offset.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(IcapError::Encapsulated);
            }
            let offset: usize = offset.parse().map_err(|_| IcapError::Encapsulated)?;
            parts.push((name, offset));
        }
        match parts[..] {
            [("null-body", 0)] | [("opt-body", 0)] => {
                Ok(Self { request: None, response: None, body: false })
            }
            [(head, 0), (body, length)] if length > 0 => {
                let body_of = |of: &str| match body {
                    "null-body" => Ok(false),
                    body if body == of => Ok(true),
                    _ => Err(IcapError::Encapsulated),
                };
                if length > super::HEAD_BYTES_MAX {
                    return Err(IcapError::HeadTooLong);
                }
                match head {
                    "req-hdr" => Ok(Self {
                        request: Some(length),
                        response: None,
                        body: body_of("req-body")?,
                    }),
                    "res-hdr" => Ok(Self {
                        request: None,
                        response: Some(length),
                        body: body_of("res-body")?,
                    }),
                    _ => Err(IcapError::Encapsulated),
                }
            }
            _ => Err(IcapError::Encapsulated),
        }
    }
}
