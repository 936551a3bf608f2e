//! What a service says of itself (RFC 3507 §4.10.2).

use std::time::Duration;

use crate::Fields;
use crate::fields::members;

/// The answer to `OPTIONS`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceOptions {
    /// Whether it changes requests.
    pub reqmod: bool,
    /// Whether it changes responses.
    pub respmod: bool,
    /// Bytes of a body that it wants to see first; `None` where it wants no preview.
    pub preview: Option<u32>,
    /// Whether it says 204 outside of previews to those who allow it.
    pub allow_204: bool,
    /// Connections that it wants to have at most.
    pub max_connections: Option<u32>,
    /// For how long this is true; `None` for as long as one likes.
    pub ttl: Option<Duration>,
    /// Changes when its answers may change: what was learnt under another tag is void.
    pub istag: Vec<u8>,
}

impl ServiceOptions {
    /// Reads the fields of an answer. What is malformed counts as not said.
    pub(super) fn of(fields: &Fields) -> Self {
        let methods = || fields.all("methods").flat_map(members);
        let offers = |method: &[u8]| methods().any(|one| one.eq_ignore_ascii_case(method));
        Self {
            reqmod: offers(b"REQMOD"),
            respmod: offers(b"RESPMOD"),
            preview: number(fields, "preview"),
            allow_204: fields.all("allow").flat_map(members).any(|one| one == b"204"),
            max_connections: number(fields, "max-connections"),
            ttl: number(fields, "options-ttl").map(|s| Duration::from_secs(s.into())),
            istag: fields.get("istag").unwrap_or_default().to_vec(),
        }
    }

    /// Whether what was learnt so long ago is still true.
    #[must_use]
    pub fn is_fresh(&self, age: Duration) -> bool {
        self.ttl.is_none_or(|ttl| age < ttl)
    }
}

fn number(fields: &Fields, name: &str) -> Option<u32> {
    let text = std::str::from_utf8(fields.get(name)?).ok()?;
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}
