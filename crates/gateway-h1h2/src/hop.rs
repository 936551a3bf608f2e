//! Fields that belong to one hop: what a proxy takes out before it passes a message on, and `Via`.
//!
//! Pure functions over [`Fields`]; codecs do not call them. `Transfer-Encoding` and
//! `Content-Length` never stand in `Fields`, so they need no stripping.

use crate::fields::members;
use crate::{FieldError, Fields, Version};

/// Fields that are always for one hop (RFC 9110 §7.6.1, §11.7; `Proxy-Connection` by custom).
const HOP_BY_HOP: [&str; 6] = [
    "connection",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
];

/// Fields that a `Connection` option must not name, since they are for the other end or for the
/// routing of the message (RFC 9110 §7.6.1).
const PROTECTED: [&str; 20] = [
    "authorization",
    "cache-control",
    "content-encoding",
    "content-length",
    "content-range",
    "content-type",
    "cookie",
    "date",
    "expect",
    "forwarded",
    "host",
    "location",
    "max-forwards",
    "set-cookie",
    "transfer-encoding",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
];

/// What [`strip_hop_by_hop`] does with an offer or a choice to leave HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpgradeField {
    /// `Upgrade` is taken out.
    Strip,
    /// `Upgrade` stays, without `h2c`, which would carry requests past every check.
    Keep,
}

/// Takes out all fields that are for this hop only: those that `Connection` names, and the fixed
/// list of RFC 9110 §7.6.1 with `Proxy-Authorization` and `Proxy-Connection`.
///
/// `TE` stays if it holds `trailers`, then as just that; `Upgrade` by choice. For what stays, a
/// `Connection` field is written anew. Fields that `Connection` must not name (`Host`,
/// `Authorization` and the like) are never taken out.
pub fn strip_hop_by_hop(fields: &mut Fields, upgrade: UpgradeField) -> Result<(), FieldError> {
    todo!()
}

/// Appends this hop to `Via` (RFC 9110 §7.6.3): the version received and the name of this proxy.
///
/// # Errors
/// [`FieldError::Value`] if `pseudonym` holds a control character.
pub fn append_via(
    fields: &mut Fields,
    received: Version,
    pseudonym: &str,
) -> Result<(), FieldError> {
    todo!()
}

/// Whether `Via` says that the message has passed `pseudonym` before: a loop.
pub fn via_names(fields: &Fields, pseudonym: &str) -> bool {
    todo!()
}
