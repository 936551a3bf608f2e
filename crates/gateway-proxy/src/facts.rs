//! From what the machines see to the typed facts that rules read.
//!
//! One function per phase; each sets only fields that some rule reads. Nothing here decides.

mod catalogs;
pub(crate) mod flow;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use gateway_h1h2::ws::offers_websocket;
use gateway_h1h2::{Fields, RequestHead, ResponseHead, Scheme, Version};
use gateway_inspect::{PartKind, Tally};
use gateway_log::{Direction, Text};
use gateway_rules::{Facts, FieldId, Phase, RuleSet, Value, field};
use gateway_tls::ClientHello;
use http::{Method, StatusCode};

pub(crate) use self::catalogs::prompt_of;
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

/// The fields that one body contributes to, by direction.
struct BodyFields {
    phase: Phase,
    profiles: FieldId,
    entries: FieldId,
    count: FieldId,
    infected: FieldId,
    signatures: FieldId,
    av_unscannable: FieldId,
    content_unscannable: FieldId,
    file_types: FieldId,
    file_size: FieldId,
    mime: FieldId,
}

const UPLOAD: BodyFields = BodyFields {
    phase: Phase::RequestBody,
    profiles: field::DLP_UPLOAD_PROFILES,
    entries: field::DLP_UPLOAD_ENTRIES,
    count: field::DLP_UPLOAD_COUNT,
    infected: field::AV_UPLOAD_INFECTED,
    signatures: field::AV_UPLOAD_SIGNATURES,
    av_unscannable: field::AV_UPLOAD_UNSCANNABLE,
    content_unscannable: field::CONTENT_UPLOAD_UNSCANNABLE,
    file_types: field::HTTP_UPLOAD_FILE_TYPES,
    file_size: field::HTTP_UPLOAD_FILE_SIZE,
    mime: field::HTTP_UPLOAD_MIME,
};

const DOWNLOAD: BodyFields = BodyFields {
    phase: Phase::ResponseBody,
    profiles: field::DLP_DOWNLOAD_PROFILES,
    entries: field::DLP_DOWNLOAD_ENTRIES,
    count: field::DLP_DOWNLOAD_COUNT,
    infected: field::AV_DOWNLOAD_INFECTED,
    signatures: field::AV_DOWNLOAD_SIGNATURES,
    av_unscannable: field::AV_DOWNLOAD_UNSCANNABLE,
    content_unscannable: field::CONTENT_DOWNLOAD_UNSCANNABLE,
    file_types: field::HTTP_DOWNLOAD_FILE_TYPES,
    file_size: field::HTTP_DOWNLOAD_FILE_SIZE,
    mime: field::HTTP_DOWNLOAD_MIME,
};

const fn body_fields(direction: Direction) -> &'static BodyFields {
    match direction {
        Direction::Upload => &UPLOAD,
        _ => &DOWNLOAD,
    }
}

/// What one body has shown so far.
pub(crate) struct BodySeen<'a> {
    pub(crate) tally: &'a Tally,
    /// What was found in the prompt that it carries, if it does.
    pub(crate) prompt: Option<&'a Tally>,
    /// The types of its parts.
    pub(crate) kinds: &'a std::collections::BTreeSet<PartKind>,
    /// The type of the body itself, once it has ended.
    pub(crate) root_kind: Option<PartKind>,
    /// Bytes of the body so far, as they are sent.
    pub(crate) bytes: u64,
}

/// What both bodies have shown so far, the one in `direction` having changed. All of it grows
/// only.
pub(crate) fn body(
    rules: &RuleSet,
    facts: &mut Facts,
    direction: Direction,
    seen: &BodySeen<'_>,
    other: Option<&Tally>,
) {
    let own = body_fields(direction);
    let mut to = Setter { rules, facts };
    let one = &[seen.tally][..];
    let both: Vec<&Tally> = one.iter().copied().chain(other).collect();
    for (tallies, profiles, entries, count, infected, signatures, av, content) in [
        (
            one,
            own.profiles,
            own.entries,
            own.count,
            own.infected,
            own.signatures,
            own.av_unscannable,
            own.content_unscannable,
        ),
        (
            &both[..],
            field::DLP_PROFILES,
            field::DLP_ENTRIES,
            field::DLP_COUNT,
            field::AV_INFECTED,
            field::AV_SIGNATURES,
            field::AV_UNSCANNABLE,
            field::CONTENT_UNSCANNABLE,
        ),
    ] {
        let texts = |of: &dyn Fn(&Tally) -> Vec<Bytes>| -> Value {
            tallies.iter().flat_map(|tally| of(tally)).collect()
        };
        let entry_ids = |tally: &Tally, scanner| {
            tally.entries(scanner).map(|(id, _)| text(id)).collect::<Vec<_>>()
        };
        let reasons = |tally: &Tally, scanner| {
            tally.unscannable(scanner).map(|r| Bytes::from_static(r.name().as_bytes())).collect()
        };
        to.set_partial(profiles, || texts(&|tally| tally.profiles().map(text).collect()));
        to.set_partial(entries, || texts(&|tally| entry_ids(tally, "dlp")));
        to.set_partial(count, || {
            let sum: u64 = tallies.iter().map(|tally| tally.count("dlp")).sum();
            i64::try_from(sum).unwrap_or(i64::MAX)
        });
        to.set_partial(infected, || tallies.iter().any(|tally| tally.count("av") > 0));
        to.set_partial(signatures, || texts(&|tally| entry_ids(tally, "av")));
        to.set_partial(av, || texts(&|tally| reasons(tally, "av")));
        to.set_partial(content, || texts(&|tally| reasons(tally, "content")));
    }
    if let Some(prompt) = seen.prompt {
        to.set_partial(field::DLP_PROMPT_PROFILES, || {
            prompt.profiles().map(text).collect::<Value>()
        });
    }
    to.set_partial(own.file_types, || seen.kinds.iter().map(|kind| kind.name()).collect::<Value>());
    to.set_partial(own.file_size, || {
        i64::try_from(seen.bytes.div_ceil(1 << 20)).unwrap_or(i64::MAX)
    });
    if let Some(kind) = seen.root_kind {
        to.set(own.mime, || kind.media_type());
    }
}

/// How many messages a WebSocket has carried from the client and from the origin.
pub(crate) fn messages(rules: &RuleSet, facts: &mut Facts, upload: u64, download: u64) {
    let mut to = Setter { rules, facts };
    for (id, count) in
        [(field::WEBSOCKET_UPLOAD_MESSAGES, upload), (field::WEBSOCKET_DOWNLOAD_MESSAGES, download)]
    {
        to.set_partial(id, || i64::try_from(count).unwrap_or(i64::MAX));
    }
}

/// The body in `direction` has ended: what it has not shown it will not show.
pub(crate) fn body_ended(facts: &mut Facts, direction: Direction) {
    facts.close(body_fields(direction).phase);
}

/// The facts as they were if no inspector found anything more, to tell whether what was found so
/// far is still undecided for another reason.
pub(crate) fn if_nothing_more_is_found(facts: &Facts, direction: Direction) -> Facts {
    let own = body_fields(direction);
    let mut settled = facts.clone();
    if let Direction::Upload = direction {
        settled.settle(field::DLP_PROMPT_PROFILES);
    }
    for id in [
        own.profiles,
        own.entries,
        own.count,
        own.infected,
        own.signatures,
        own.av_unscannable,
        own.content_unscannable,
        own.file_types,
        field::DLP_PROFILES,
        field::DLP_ENTRIES,
        field::DLP_COUNT,
        field::AV_INFECTED,
        field::AV_SIGNATURES,
        field::AV_UNSCANNABLE,
        field::CONTENT_UNSCANNABLE,
    ] {
        settled.settle(id);
    }
    settled
}

/// What a request names as its origin.
pub(crate) struct Named<'a> {
    pub(crate) scheme: Scheme,
    /// Host name, or IP literal without brackets.
    pub(crate) host: &'a str,
    pub(crate) port: u16,
}

/// Brackets, colon and port, at the most.
const AUTHORITY_EXTRA: usize = 8;

impl Named<'_> {
    /// `host[:port]`, the port left out where the scheme implies it, an IPv6 literal in brackets.
    pub(crate) fn authority(&self) -> String {
        let mut authority = String::with_capacity(self.host.len() + AUTHORITY_EXTRA);
        self.write_authority(&mut authority);
        authority
    }

    fn write_authority(&self, out: &mut String) {
        match self.host.contains(':') {
            true => out.extend(["[", self.host, "]"]),
            false => out.push_str(self.host),
        }
        if self.port != self.scheme.port() {
            out.extend([":", itoa::Buffer::new().format(self.port)]);
        }
    }
}

/// The whole URL that a request names.
pub(crate) fn url(named: &Named<'_>, head: &RequestHead) -> String {
    let path = head.target.path_and_query().map_or("", |path| path.as_str());
    let path = if path == "*" { "" } else { path };
    let scheme = named.scheme.as_str();
    let bytes = scheme.len() + "://".len() + named.host.len() + AUTHORITY_EXTRA + path.len();
    let mut url = String::with_capacity(bytes);
    url.extend([scheme, "://"]);
    named.write_authority(&mut url);
    url.push_str(path);
    url
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

fn text(id: &std::sync::Arc<str>) -> Bytes {
    Bytes::copy_from_slice(id.as_bytes())
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
