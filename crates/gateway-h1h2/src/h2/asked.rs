//! What decides about the body of a response besides its head: the method that it answers, and its
//! status.

use http::{Method, StatusCode};

/// What of a method decides about bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Head,
    Connect,
    Other,
}

impl From<&Method> for Asked {
    fn from(method: &Method) -> Self {
        match *method {
            Method::HEAD => Self::Head,
            Method::CONNECT => Self::Connect,
            _ => Self::Other,
        }
    }
}

/// Whether a response of this status has no body, whatever its head says (RFC 9110 §6.4.1).
pub(super) fn has_no_body(status: StatusCode) -> bool {
    status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED
}
