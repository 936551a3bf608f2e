//! The field `Encapsulated` (RFC 3507 §4.4.1): which parts of an HTTP message follow, and where.

use super::{HEAD_BYTES_MAX, IcapError, Kind};

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
        match list(value)?[..] {
            [("null-body", 0)] | [("opt-body", 0)] => {
                Ok(Self { request: None, response: None, body: false })
            }
            [(head, 0), (body, length)] if length > 0 => {
                let body_of = |of: &str| match body {
                    "null-body" => Ok(false),
                    body if body == of => Ok(true),
                    _ => Err(IcapError::Encapsulated),
                };
                if length > HEAD_BYTES_MAX {
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

/// What an offer holds: one HTTP head or two, and perhaps a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Offered {
    /// Bytes of a request head.
    pub(super) request: Option<usize>,
    /// Bytes of a response head, after it.
    pub(super) response: Option<usize>,
    /// Whether chunks of a body follow.
    pub(super) body: bool,
}

impl Offered {
    /// Reads the value of the field in an offer of `kind`, which must have the head that may be changed.
    pub(super) fn parse(value: &[u8], kind: Kind) -> Result<Self, IcapError> {
        let parts = list(value)?;
        let Some((body, heads)) = parts.split_last() else { return Err(IcapError::Encapsulated) };
        let own_body = match kind {
            Kind::Request => "req-body",
            Kind::Response => "res-body",
        };
        let has_body = match body.0 {
            "null-body" => false,
            name if name == own_body => true,
            _ => return Err(IcapError::Encapsulated),
        };
        let length = |from: usize, to: usize| match to.checked_sub(from) {
            Some(length @ 1..=HEAD_BYTES_MAX) => Ok(length),
            Some(0) | None => Err(IcapError::Encapsulated),
            Some(_) => Err(IcapError::HeadTooLong),
        };
        let (request, response) = match (kind, heads) {
            (Kind::Request, [("req-hdr", 0)]) => (Some(length(0, body.1)?), None),
            (Kind::Response, [("res-hdr", 0)]) => (None, Some(length(0, body.1)?)),
            (Kind::Response, [("req-hdr", 0), ("res-hdr", at)]) => {
                (Some(length(0, *at)?), Some(length(*at, body.1)?))
            }
            _ => return Err(IcapError::Encapsulated),
        };
        Ok(Self { request, response, body: has_body })
    }

    /// Bytes of both heads.
    pub(super) fn length(&self) -> usize {
        self.request.unwrap_or(0) + self.response.unwrap_or(0)
    }
}

/// The parts by name and offset; more than anybody needs are malformed.
fn list(value: &[u8]) -> Result<Vec<(&str, usize)>, IcapError> {
    const PARTS_MAX: usize = 4;
    let text = std::str::from_utf8(value).map_err(|_| IcapError::Encapsulated)?;
    let mut parts = Vec::new();
    for part in text.split(',') {
        let (name, offset) = part.trim().split_once('=').ok_or(IcapError::Encapsulated)?;
        let digits = offset.bytes().all(|byte| byte.is_ascii_digit());
        if offset.is_empty() || !digits || parts.len() == PARTS_MAX {
            return Err(IcapError::Encapsulated);
        }
        parts.push((name, offset.parse().map_err(|_| IcapError::Encapsulated)?));
    }
    Ok(parts)
}
