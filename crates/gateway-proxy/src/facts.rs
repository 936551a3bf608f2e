//! From what the machines see to the typed facts that rules read.
//!
//! One function per phase; each sets only fields that some rule reads. Nothing here decides.

mod bodies;
mod catalogs;
pub(crate) mod flow;
mod named;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use gateway_h1h2::ws::offers_websocket;
use gateway_h1h2::{Fields, RequestHead, ResponseHead, Version};
use gateway_log::Text;
use gateway_rules::{Facts, FieldId, Phase, RuleSet, Value, field};
use gateway_tls::ClientHello;
use http::{Method, StatusCode};

pub(crate) use self::bodies::{BodySeen, body, body_ended, if_nothing_more_is_found, messages};
pub(crate) use self::catalogs::prompt_of;
pub(crate) use self::named::{Named, url};
use crate::key::literal;
use crate::policy::Policy;

/// The fields that need to know what a host resolves to.
pub(crate) const OF_ADDRESSES: [FieldId; 6] = [
    field::HTTP_CONN_DST_IP,
    field::HTTP_DST_IP_GEO_CONTINENT,
    field::HTTP_DST_IP_GEO_COUNTRY,
    field::NET_DST_GEO_CONTINENT,
    field::NET_DST_GEO_COUNTRY,
    field::NET_DST_IP,
];

/// Sets a field if some rule reads it.
struct Setter<'a> {
    rules: &'a RuleSet,
    facts: &'a mut Facts,
}

impl Setter<'_> {
    fn set<V: Into<Value>>(&mut self, id: FieldId, value: impl FnOnce() -> V) {
        if self.rules.uses(id) {
            self.facts.set(id, value());
        }
    }

    fn set_partial<V: Into<Value>>(&mut self, id: FieldId, value: impl FnOnce() -> V) {
        if self.rules.uses(id) {
            self.facts.set_partial(id, value());
        }
    }
}

/// What is known when a client has connected.
pub(crate) fn client(policy: &Policy, facts: &mut Facts, client: SocketAddr) {
    let mut to = Setter { rules: &policy.rules, facts };
    to.set(field::NET_SRC_IP, || client.ip());
    to.set(field::NET_SRC_PORT, || client.port());
    to.set(field::HTTP_CONN_SRC_IP, || client.ip());
    to.set(field::NET_PROTOCOL, || "tcp");
    to.set(field::NET_ONRAMP_TYPE, || "proxy_endpoint");
    to.set(field::NET_OFFRAMP_TYPE, || "internet");
    if is_private(client.ip()) {
        to.set(field::NET_SRC_INTERNAL_SRC_IP, || client.ip());
        to.set(field::HTTP_CONN_INTERNAL_SRC_IP, || client.ip());
    }
    catalogs::client(policy, facts, client.ip());
}

/// The client does not know of the gateway: the network led it here.
pub(crate) fn led_here(rules: &RuleSet, facts: &mut Facts) {
    Setter { rules, facts }.set(field::NET_ONRAMP_TYPE, || "transparent");
}

/// When the connection has come, or the request begins; what is later wins.
pub(crate) fn time(rules: &RuleSet, facts: &mut Facts, unix_ns: u64) {
    let seconds = unix_ns / 1_000_000_000;
    let value = || i64::try_from(seconds).unwrap_or(i64::MAX);
    Setter { rules, facts }.set(field::TIME_UNIX, value);
}

/// The Worker that asks of itself.
pub(crate) fn caller(rules: &RuleSet, facts: &mut Facts, worker: &str) {
    Setter { rules, facts }.set(field::WORKER_CALLER, || worker);
}

/// The Worker that the request is handed to.
pub(crate) fn worker(rules: &RuleSet, facts: &mut Facts, worker: &str) {
    Setter { rules, facts }.set(field::WORKER_NAME, || worker);
}

/// Whether an address is of networks that nobody routes to from outside (RFC 1918, RFC 4193, RFC
/// 6598), or of the link or the host itself.
fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || (a == 100 && b & 0xc0 == 64)
        }
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_loopback(),
    }
}

/// Where the client wants to go, once it has said so.
pub(crate) fn destination(policy: &Policy, facts: &mut Facts, host: &str, port: u16) {
    let mut to = Setter { rules: &policy.rules, facts };
    to.set(field::NET_DST_HOST, || host);
    to.set(field::NET_DST_PORT, || port);
    if let Some(ip) = literal(host) {
        addresses(policy, facts, &[ip]);
    } else {
        catalogs::host(policy, facts, host);
    }
}

/// What the host resolves to. The first address is the one that is tried first.
pub(crate) fn addresses(policy: &Policy, facts: &mut Facts, ips: &[IpAddr]) {
    let mut to = Setter { rules: &policy.rules, facts };
    to.set(field::HTTP_CONN_DST_IP, || ips.iter().copied().collect::<Value>());
    if let Some(first) = ips.first() {
        to.set(field::NET_DST_IP, || *first);
        catalogs::origin(policy, facts, *first);
    }
}

/// What the ClientHello says; closes its phase.
pub(crate) fn client_hello(policy: &Policy, facts: &mut Facts, hello: Option<&ClientHello>) {
    let mut to = Setter { rules: &policy.rules, facts };
    if let Some(hello) = hello {
        if let Some(name) = hello.sni.as_deref() {
            to.set(field::NET_SNI_HOST, || name);
            to.set(field::NET_SNI_DOMAINS, || domains(name));
        }
        to.set(field::TLS_ALPN, || hello.alpn.iter().cloned().collect::<Value>());
        to.set(field::TLS_ECH_PRESENT, || hello.ech_present);
        to.set(field::TLS_JA4, || &*hello.ja4);
        if let Some(name) = hello.sni.as_deref() {
            catalogs::host(policy, facts, name);
        }
    }
    facts.close(Phase::ClientHello);
}

/// What the request head says; closes its phase.
pub(crate) fn request_head(
    policy: &Policy,
    facts: &mut Facts,
    head: &RequestHead,
    named: &Named<'_>,
    url: &str,
    contradicts: bool,
) {
    let mut to = Setter { rules: &policy.rules, facts };
    let path_and_query = head.target.path_and_query();
    to.set(field::HTTP_REQUEST_METHOD, || head.method.as_str());
    to.set(field::HTTP_REQUEST_HOST, || named.host);
    to.set(field::HTTP_REQUEST_DOMAINS, || domains(named.host));
    to.set(field::HTTP_CONN_HOSTNAME, || named.host);
    to.set(field::HTTP_CONN_DOMAINS, || domains(named.host));
    to.set(field::HTTP_REQUEST_SCHEME, || named.scheme.as_str());
    to.set(field::HTTP_REQUEST_VERSION, || version(head.version));
    to.set(field::HTTP_REQUEST_URI, || url);
    if let Some(path_and_query) = path_and_query {
        to.set(field::HTTP_REQUEST_URI_PATH, || path_and_query.path());
        to.set(field::HTTP_REQUEST_URI_PATH_AND_QUERY, || path_and_query.as_str());
        to.set(field::HTTP_REQUEST_URI_QUERY, || path_and_query.query().unwrap_or_default());
    }
    to.set(field::HTTP_REQUEST_HEADERS, || headers(&head.fields));
    to.set(field::HTTP_AUTHORITY_MISMATCH, || contradicts);
    to.set(field::WEBSOCKET_REQUESTED, || offers_websocket(head));
    catalogs::request(policy, facts, named.host);
    catalogs::prompt(policy, facts, head, named.host);
    facts.close(Phase::RequestHead);
}

/// What the response head says; closes its phase.
pub(crate) fn response_head(rules: &RuleSet, facts: &mut Facts, head: &ResponseHead) {
    let mut to = Setter { rules, facts };
    to.set(field::HTTP_RESPONSE_STATUS_CODE, || head.status.as_u16());
    to.set(field::HTTP_RESPONSE_HEADERS, || headers(&head.fields));
    to.set(field::HTTP_RESPONSE_MIME, || media_type(&head.fields));
    if head.status == StatusCode::SWITCHING_PROTOCOLS {
        let protocol = head.fields.get("sec-websocket-protocol").unwrap_or_default();
        to.set(field::WEBSOCKET_PROTOCOL, || Bytes::copy_from_slice(protocol));
    }
    facts.close(Phase::ResponseHead);
}

/// The method, for a record.
pub(crate) fn method_text(method: &Method) -> Text {
    // Those that nearly all requests have are not copied.
    match method.as_str() {
        "GET" => Text::from_static("GET"),
        "HEAD" => Text::from_static("HEAD"),
        "OPTIONS" => Text::from_static("OPTIONS"),
        "POST" => Text::from_static("POST"),
        "PUT" => Text::from_static("PUT"),
        other => other.into(),
    }
}

/// The version as clients write it, for a record.
pub(crate) const fn version_text(version: Version) -> Text {
    Text::from_static(self::version(version))
}

/// The version as clients write it.
pub(crate) const fn version(version: Version) -> &'static str {
    match version {
        Version::Http10 => "HTTP/1.0",
        Version::Http11 => "HTTP/1.1",
        _ => "HTTP/2",
    }
}

/// A host and every domain above it; an address has none above it.
fn domains(host: &str) -> Value {
    if literal(host).is_some() {
        return [host].into_iter().collect();
    }
    let above = |name: &&'_ str| -> Option<usize> { name.find('.').map(|dot| dot + 1) };
    let names = std::iter::successors(Some(host), |name| name.get(above(name)?..));
    names.filter(|name| !name.is_empty()).collect()
}

fn headers(fields: &Fields) -> Value {
    let mut map: BTreeMap<Bytes, Vec<Value>> = BTreeMap::new();
    for (name, value) in fields.iter() {
        let name = Bytes::from(name.to_ascii_lowercase());
        map.entry(name).or_default().push(Value::Bytes(Bytes::copy_from_slice(value)));
    }
    Value::Map(map.into_iter().map(|(name, values)| (name, Value::Array(values))).collect())
}

fn media_type(fields: &Fields) -> Bytes {
    let value = fields.get("content-type").unwrap_or_default();
    let essence = value.split(|byte| *byte == b';').next().unwrap_or_default();
    Bytes::from(essence.trim_ascii().to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_stands_below_its_domains() {
        let expect = |names: &[&str]| names.iter().copied().collect::<Value>();
        assert_eq!(domains("a.b.example"), expect(&["a.b.example", "b.example", "example"]));
        assert_eq!(domains("10.0.0.1"), expect(&["10.0.0.1"]));
        assert_eq!(domains("::1"), expect(&["::1"]));
    }
}
