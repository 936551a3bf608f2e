//! Where a request is to go: what its target, its `Host` and the tunnel that it came in say.

use gateway_h1h2::{Authority, RequestHead, Scheme, Target};
use http::StatusCode;

use super::Session;
use super::exchange::Inside;
use crate::key::{OriginKey, Security, TenantId, bare, literal};
use crate::policy::AuthorityMismatch;
use crate::transaction::Mismatch;

/// Why a request is not even a transaction.
pub(super) type Unfit = (StatusCode, &'static str, &'static str);

impl Session {
    /// Where a request is to go, the host that it names, and whether that contradicts the tunnel
    /// it came in.
    pub(super) fn destination(
        &self,
        head: &RequestHead,
    ) -> Result<(OriginKey, String, Mismatch), Unfit> {
        match &self.inside {
            None => {
                let Target::Absolute { scheme: Scheme::Http, authority, .. } = &head.target else {
                    return Err(NOT_A_WEB_SERVER);
                };
                let host = bare(authority.host()).to_owned();
                let key = OriginKey {
                    tenant: TenantId::default(),
                    security: Security::Plain,
                    host: host.clone(),
                    port: authority.port().unwrap_or(Scheme::Http.port()),
                };
                Ok((key, host, Mismatch::No))
            }
            Some(inside) => {
                let named = authority_of(head).ok_or(NO_HOST)?;
                let port = named.port().unwrap_or_else(|| inside.key.scheme().port());
                let host = bare(named.host());
                let by_address = literal(&inside.key.host).is_some();
                let same_host =
                    host == inside.key.host || (by_address && self.may_be_called(inside, host));
                let same_sni = inside.sni.as_deref().is_none_or(|sni| sni == host);
                let same_scheme = match &head.target {
                    Target::Absolute { scheme, .. } => *scheme == inside.key.scheme(),
                    Target::Origin(_) | Target::Authority(_) | Target::Asterisk => true,
                };
                let same_place = same_host && same_scheme && port == inside.key.port;
                let mismatch = !same_place || !same_sni;
                let refuse = self.policy.settings.authority_mismatch == AuthorityMismatch::Refuse;
                if mismatch && refuse && inside.answer.is_none() {
                    return Err(MISDIRECTED);
                }
                let mismatch = if mismatch { Mismatch::Yes } else { Mismatch::No };
                // WebSocket over HTTP/1.1 goes on over HTTP/1.1.
                let websocket = crate::rewrite::websocket(head, &self.policy.settings);
                let key =
                    if websocket.is_some() { inside.key.over_http11() } else { inside.key.clone() };
                Ok((key, host.to_owned(), mismatch))
            }
        }
    }

    /// Whether an origin that was given by its address may be called `host`: by the name in the
    /// ClientHello, or by any in the clear, where there is no other name for it.
    fn may_be_called(&self, inside: &Inside, host: &str) -> bool {
        match inside.key.security {
            Security::Plain | Security::Worker => self.pinned,
            Security::Tls { .. } => inside.sni.as_deref() == Some(host),
        }
    }
}

const NOT_A_WEB_SERVER: Unfit = (
    StatusCode::BAD_REQUEST,
    "This is a proxy",
    "Requests to a proxy name the whole URL, http://host/path; https goes through CONNECT.",
);

const NO_HOST: Unfit = (StatusCode::BAD_REQUEST, "Bad request", "The request names no host.");

const MISDIRECTED: Unfit = (
    StatusCode::MISDIRECTED_REQUEST,
    "Misdirected request",
    "The request names another host than the tunnel it came in.",
);

/// The authority that a request names: its target, else `Host` (RFC 9112 §3.3).
fn authority_of(head: &RequestHead) -> Option<Authority> {
    if let Some(authority) = head.target.authority() {
        return Some(authority.clone());
    }
    let host = head.fields.get("host")?;
    Authority::parse(bytes::Bytes::copy_from_slice(host)).ok()
}
