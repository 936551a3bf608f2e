//! The words of labels for what records tell: few, so that there are few series.

use gateway_log::{Action, CloseReason, Record};

/// What a client has spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Http10,
    Http11,
    Http2,
    Http3,
    Other,
}

impl Protocol {
    /// How many there are.
    pub(super) const ALL: usize = 5;

    pub(super) fn of(record: &Record) -> Self {
        match record.http.version.as_bytes() {
            b"HTTP/1.0" => Self::Http10,
            b"HTTP/1.1" => Self::Http11,
            b"HTTP/2" | b"HTTP/2.0" => Self::Http2,
            b"HTTP/3" | b"HTTP/3.0" => Self::Http3,
            _ => Self::Other,
        }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Http10 => "http1.0",
            Self::Http11 => "http1.1",
            Self::Http2 => "http2",
            Self::Http3 => "http3",
            Self::Other => "other",
        }
    }
}

/// What went wrong with a request, if anything did. A block by rule is no error.
pub(crate) fn error(record: &Record) -> Option<&'static str> {
    match record.close_reason {
        Some(CloseReason::ClientClosed | CloseReason::OriginClosed) | None => {
            let status = record.http.status.unwrap_or(0);
            (status >= 500).then_some("status_5xx")
        }
        Some(reason) => Some(close_reason(reason)),
    }
}

pub(super) const fn close_reason(reason: CloseReason) -> &'static str {
    match reason {
        CloseReason::ClientClosed => "client_closed",
        CloseReason::ClientIdleTimeout => "client_idle_timeout",
        CloseReason::ClientTlsError => "client_tls_error",
        CloseReason::ClientError => "client_error",
        CloseReason::OriginClosed => "origin_closed",
        CloseReason::OriginTlsError => "origin_tls_error",
        CloseReason::OriginError => "origin_error",
        CloseReason::OriginUnreachable => "origin_unreachable",
        CloseReason::OriginUnroutable => "origin_unroutable",
        CloseReason::ProxyConnRefused => "refused",
        _ => "other",
    }
}

/// What became of a response for which a page stood; those who ask for it later are not counted.
pub(super) fn deferred(record: &Record) -> Option<&'static str> {
    let release = &record.inspection.release;
    if release.mode.as_bytes() != b"progress" || !release.request_id.is_empty() {
        return None;
    }
    Some(match record.decision.action {
        Some(Action::Block | Action::Quarantine | Action::Redirect) => "refused",
        _ if record.close_reason.is_some() => "failed",
        _ => "ready",
    })
}

/// The reasons of `gateway_inspect`, and one word for any other.
pub(super) fn unscannable(reason: &[u8]) -> &'static str {
    let mut known = gateway_inspect::Unscannable::ALL.iter().map(|known| known.name());
    known.find(|known| known.as_bytes() == reason).unwrap_or("other")
}
