//! What a service says beside its answer: the tag of its state, and what it has found (the
//! extensions of the ICAP-Extensions draft that scanners speak).

use crate::Fields;

/// Bytes of a finding's name that are kept.
const NAME_BYTES_MAX: usize = 256;

/// What the head of an answer says besides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Told {
    /// The status of ICAP.
    pub status: u16,
    /// The service's state when it answered (RFC 3507 §4.7), in quotes as it came; empty if it
    /// said none.
    pub istag: Vec<u8>,
    /// What was found in the message, by the service's own name: `X-Infection-Found`, `X-Virus-ID`
    /// or `X-Violations-Found`.
    pub finding: Option<String>,
}

impl Told {
    pub(super) fn of(status: u16, fields: &Fields) -> Self {
        let infection = || fields.get("x-infection-found").map(threat);
        let virus = || fields.get("x-virus-id").map(<[u8]>::trim_ascii);
        // Some say of everything how many there are, and that is none.
        let none = |violation: &&[u8]| *violation == b"0";
        let violation = || fields.get("x-violations-found").map(first_violation);
        let found = infection()
            .filter(|name| !name.is_empty())
            .or_else(virus)
            .or_else(|| violation().filter(|name| !none(name)))
            .filter(|name| !name.is_empty());
        Self {
            status,
            istag: fields.get("istag").unwrap_or_default().to_vec(),
            finding: found.map(|name| {
                let kept = name.get(..NAME_BYTES_MAX).unwrap_or(name);
                String::from_utf8_lossy(kept).into_owned()
            }),
        }
    }
}

/// The threat in `Type=0; Resolution=2; Threat=Name;`; all of it if it has no such form.
fn threat(value: &[u8]) -> &[u8] {
    let mut members = value.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
    members.find_map(|member| member.strip_prefix(b"Threat=")).unwrap_or(value).trim_ascii()
}

/// The problem of the first violation: after their number come, each on a line of its own, a file,
/// a problem, its number and what was done about it.
fn first_violation(value: &[u8]) -> &[u8] {
    let mut lines = value.split(|byte| *byte == b'\t').map(<[u8]>::trim_ascii);
    lines.nth(2).unwrap_or(value).trim_ascii()
}
