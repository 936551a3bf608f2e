//! One `Host`, valid, and the same as the target: so that routing and policy see one name.

use std::ops::Range;

use super::Check;
use super::judge::{Fault, Judge};
use crate::authority::split;
use crate::{Authority, Fields, Scheme, Target, Version};

/// The `Host` lines met so far.
#[derive(Default)]
pub(super) struct Lines {
    count: usize,
    /// Where the value of the last one is in the head.
    value: Range<usize>,
    at: usize,
}

impl Lines {
    pub(super) fn add(&mut self, value: Range<usize>, at: usize) {
        self.count += 1;
        self.value = value;
        self.at = at;
    }
}

/// Checks `Host` and makes it agree with the authority of the target (RFC 9112 §3.2, §3.2.2).
pub(super) fn agree(
    fields: &mut Fields,
    lines: &Lines,
    target: &Target,
    version: Version,
    judge: &mut Judge<'_>,
) -> Result<(), Fault> {
    let named = target.authority();
    match lines.count {
        0 => {
            if version != Version::Http10 {
                judge.find(Check::HostMissing, 0)?;
                if named.is_none() {
                    // Nothing to take it from: the finding stands, whatever its severity.
                    return Err(Fault { check: Check::HostMissing, at: 0 });
                }
            }
            named.map_or(Ok(()), |authority| replace(fields, authority, judge))
        }
        1 => {
            let value = fields.received().get(lines.value.clone()).unwrap_or_default();
            let Ok((host_bytes, port)) = split(value) else {
                return Err(judge.refuse(Check::HostInvalid, lines.at));
            };
            let Some(authority) = named else {
                return Ok(());
            };
            let host = value.get(..host_bytes).unwrap_or_default();
            let same_host = host.eq_ignore_ascii_case(authority.host().as_bytes());
            if !same_host || !same_port(port, target, authority) {
                judge.find(Check::HostNotTarget, lines.at)?;
                return replace(fields, authority, judge);
            }
            let exact = host == authority.host().as_bytes() && port == authority.port();
            if exact { Ok(()) } else { replace(fields, authority, judge) }
        }
        _ => Err(judge.refuse(Check::HostRepeated, lines.at)),
    }
}

/// Clients often leave the port out of `Host` for CONNECT, and default ports everywhere.
fn same_port(port: Option<u16>, target: &Target, authority: &Authority) -> bool {
    match target {
        Target::Absolute { scheme, .. } => {
            effective(port, *scheme) == effective(authority.port(), *scheme)
        }
        Target::Authority(_) => port.is_none() || port == authority.port(),
        Target::Origin(_) | Target::Asterisk => true,
    }
}

fn effective(port: Option<u16>, scheme: Scheme) -> u16 {
    port.unwrap_or_else(|| scheme.port())
}

fn replace(fields: &mut Fields, authority: &Authority, judge: &mut Judge<'_>) -> Result<(), Fault> {
    // An authority is a valid field value by its own rules.
    fields.set("Host", authority.to_string()).map_err(|_| judge.refuse(Check::HostInvalid, 0))
}
