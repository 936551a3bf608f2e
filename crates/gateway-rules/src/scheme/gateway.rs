//! The catalog of the fields that the gateway knows: one line each with name, type, phases, doc.
//!
//! Names follow Cloudflare Gateway's selectors where there is one. Fields that bodies contribute
//! to only grow: arrays gain elements, counts go up, `false` turns `true`.

use std::sync::Arc;

use super::{FieldId, Scheme, SchemeBuilder};
use crate::phase::{Phase, PhaseSet};
use crate::value::Type;

macro_rules! ty {
    (Array($($inner:tt)+)) => { Type::Array(Box::new(ty!($($inner)+))) };
    (Map($($inner:tt)+)) => { Type::Map(Box::new(ty!($($inner)+))) };
    ($scalar:ident) => { Type::$scalar };
}

macro_rules! declare {
    ($builder:ident, $name:literal, [$($ty:tt)+], $phases:expr, $doc:literal) => {
        $builder.field($name, ty!($($ty)+), $phases, $doc)
    };
    ($builder:ident, $name:literal, [$($ty:tt)+], $phases:expr, $doc:literal, optional) => {
        $builder.optional_field($name, ty!($($ty)+), $phases, $doc)
    };
    ($builder:ident, $name:literal, [Bytes], $phases:expr, $doc:literal, body_phase) => {
        $builder.body_phase_field($name, $phases, $doc)
    };
    ($builder:ident, $name:literal, [$($ty:tt)+], $phases:expr, $doc:literal, never) => {
        $builder.foreign_field($name, ty!($($ty)+), $phases, $doc)
    };
}

macro_rules! catalog {
    ($($id:ident $name:literal [$($ty:tt)+] $phases:ident $($presence:ident)? $doc:literal;)+) => {
        #[expect(non_camel_case_types, reason = "they give the constants their names")]
        #[repr(u16)]
        enum Number { $($id),+ }

        /// The numbers of the fields of [`Scheme::gateway`].
        pub mod field {
            use super::{FieldId, Number};
            $(
                #[doc = concat!("`", $name, "`: ", $doc)]
                pub const $id: FieldId = FieldId(Number::$id as u16);
            )+
        }

        fn declare(builder: SchemeBuilder) -> SchemeBuilder {
            $(let builder = declare!(builder, $name, [$($ty)+], $phases, $doc $(, $presence)?);)+
            builder
        }
    };
}

const CONNECT: PhaseSet = PhaseSet::of(&[Phase::Connect]);
const HELLO: PhaseSet = PhaseSet::of(&[Phase::ClientHello]);
const REQUEST: PhaseSet = PhaseSet::of(&[Phase::RequestHead]);
const RESPONSE: PhaseSet = PhaseSet::of(&[Phase::ResponseHead]);
const UPLOAD: PhaseSet = PhaseSet::of(&[Phase::RequestBody]);
const DOWNLOAD: PhaseSet = PhaseSet::of(&[Phase::ResponseBody]);
const BODIES: PhaseSet = PhaseSet::of(&[Phase::RequestBody, Phase::ResponseBody]);

catalog! {
    ACCESS_PRIVATE_APP "access.private_app" [Bool] CONNECT never "Whether the destination is a private application of Cloudflare Access; never known here: name its hosts or addresses.";
    ACCESS_TARGET "access.target" [Bool] CONNECT never "Whether the destination is a target of Cloudflare Access; never known here: name its hosts or addresses.";
    APP_HOSTS_IDS "app.hosts_ids" [Array(Int)] HELLO optional "Ids of the applications that the host serves, by `data/applications.csv`.";
    APP_IDS "app.ids" [Array(Int)] HELLO optional "Ids of the applications that the host belongs to, by `data/applications.csv`.";
    APP_STATUSES "app.statuses" [Array(Bytes)] HELLO optional "What was decided about those applications: `approved`, `unapproved`, `in review` or `unreviewed`.";
    APP_SUPPORTS_IDS "app.supports_ids" [Array(Int)] HELLO optional "Ids of the applications that the host helps to run, by `data/applications.csv`.";
    APP_TYPE_IDS "app.type.ids" [Array(Int)] HELLO optional "Ids of the kinds of those applications, by `data/applications.csv`.";
    AV_DOWNLOAD_INFECTED "av.download.infected" [Bool] DOWNLOAD "Whether malware was found in the response body.";
    AV_DOWNLOAD_SIGNATURES "av.download.signatures" [Array(Bytes)] DOWNLOAD "Names of the malware signatures found in the response body.";
    AV_DOWNLOAD_UNSCANNABLE "av.download.unscannable" [Array(Bytes)] DOWNLOAD "Why parts of the response body could not be scanned for malware.";
    AV_INFECTED "av.infected" [Bool] BODIES "Whether malware was found in either body.";
    AV_SIGNATURES "av.signatures" [Array(Bytes)] BODIES "Names of the malware signatures found in either body.";
    AV_UNSCANNABLE "av.unscannable" [Array(Bytes)] BODIES "Why parts of either body could not be scanned for malware.";
    AV_UPLOAD_INFECTED "av.upload.infected" [Bool] UPLOAD "Whether malware was found in the request body.";
    AV_UPLOAD_SIGNATURES "av.upload.signatures" [Array(Bytes)] UPLOAD "Names of the malware signatures found in the request body.";
    AV_UPLOAD_UNSCANNABLE "av.upload.unscannable" [Array(Bytes)] UPLOAD "Why parts of the request body could not be scanned for malware.";
    CONTENT_DOWNLOAD_UNSCANNABLE "content.download.unscannable" [Array(Bytes)] DOWNLOAD "Why parts of the response body could not be unpacked.";
    CONTENT_UNSCANNABLE "content.unscannable" [Array(Bytes)] BODIES "Why parts of either body could not be unpacked.";
    CONTENT_UPLOAD_UNSCANNABLE "content.upload.unscannable" [Array(Bytes)] UPLOAD "Why parts of the request body could not be unpacked.";
    DEVICE_ID "device.id" [Bytes] CONNECT optional "What names the device, by its certificate.";
    DEVICE_POSTURE_CHECKS_FAILED "device_posture.checks.failed" [Array(Bytes)] CONNECT optional "Ids of the posture checks that the device does not pass.";
    DEVICE_POSTURE_CHECKS_PASSED "device_posture.checks.passed" [Array(Bytes)] CONNECT optional "Ids of the posture checks that the device passes.";
    DLP_COUNT "dlp.count" [Int] BODIES "Matches of all data-loss profiles in both bodies.";
    DLP_DOWNLOAD_COUNT "dlp.download.count" [Int] DOWNLOAD "Matches of all data-loss profiles in the response body.";
    DLP_DOWNLOAD_ENTRIES "dlp.download.entries" [Array(Bytes)] DOWNLOAD "Ids of the profile entries that matched in the response body.";
    DLP_DOWNLOAD_PROFILES "dlp.download.profiles" [Array(Bytes)] DOWNLOAD "Ids of the data-loss profiles that the response body meets.";
    DLP_ENTRIES "dlp.entries" [Array(Bytes)] BODIES "Ids of the profile entries that matched in either body.";
    DLP_PROFILES "dlp.profiles" [Array(Bytes)] BODIES "Ids of the data-loss profiles that either body meets.";
    DLP_PROMPT_APP "dlp.prompt.app" [Bytes] REQUEST optional "The application of language models for which the request carries a prompt, such as `chatgpt`.";
    DLP_PROMPT_PROFILES "dlp.prompt.profiles" [Array(Bytes)] UPLOAD "Ids of the data-loss profiles that the prompt in the request body meets.";
    DLP_UPLOAD_COUNT "dlp.upload.count" [Int] UPLOAD "Matches of all data-loss profiles in the request body.";
    DLP_UPLOAD_ENTRIES "dlp.upload.entries" [Array(Bytes)] UPLOAD "Ids of the profile entries that matched in the request body.";
    DLP_UPLOAD_PROFILES "dlp.upload.profiles" [Array(Bytes)] UPLOAD "Ids of the data-loss profiles that the request body meets.";
    DNS_AUTHORITATIVE_NS_IPS "dns.authoritative_ns_ips" [Array(Ip)] CONNECT never "Addresses of the name servers of a DNS query, which this gateway does not see; never known here: write `http.request.domains` or `net.dst.host`.";
    DNS_CATEGORIES_IN_REQUEST_CONTEXT_MATCHES "dns.categories_in_request_context_matches" [Bool] CONNECT never "Whether the categories that come with it match, of a DNS query, which this gateway does not see; never known here: write `http.request.domains` or `net.dst.host`.";
    DNS_CONTENT_CATEGORY "dns.content_category" [Array(Int)] CONNECT never "Ids of the categories of the name of a DNS query, which this gateway does not see; never known here: write `http.request.domains` or `net.dst.host`.";
    DNS_DOH_SUBDOMAIN "dns.doh_subdomain" [Bytes] CONNECT never "Label of the resolver of a DNS query, which this gateway does not see; never known here: write `http.request.domains` or `net.dst.host`.";
    DNS_DOMAINS "dns.domains" [Array(Bytes)] CONNECT never "The name, and every domain above it, of a DNS query, which this gateway does not see; never known here: write `http.request.domains` or `net.dst.host`.";
    DNS_DST_GEO_CONTINENT "dns.dst.geo.continent" [Bytes] CONNECT never "Continent of the answer of a DNS query, which this gateway does not see; never known here: write `http.request.domains` or `net.dst.host`.";
    DNS_DST_GEO_COUNTRY "dns.dst.geo.country" [Bytes] CONNECT never "Country of the answer of a DNS query, which this gateway does not see; never known here: write `http.request.domains` or `net.dst.host`.";
    DNS_FQDN "dns.fqdn" [Bytes] CONNECT never "The name of a DNS query, which this gateway does not see; never known here: write `http.request.domains` or `net.dst.host`.";
    DNS_INDICATOR_FEED "dns.indicator_feed" [Bool] CONNECT never "Whether a feed of indicators has the name of a DNS query, which this gateway does not see; never known here: write `http.request.domains` or `net.dst.host`.";
    DNS_LOCATION "dns.location" [Bytes] CONNECT never "Id of the location of a DNS query, which this gateway does not see; never known here: write `http.request.domains` or `net.dst.host`.";
    DNS_QUERY_RTYPE "dns.query_rtype" [Bytes] CONNECT never "Type of record of a DNS query, which this gateway does not see; never known here: write `http.request.domains` or `net.dst.host`.";
    DNS_RESOLVED_IP "dns.resolved_ip" [Array(Ip)] CONNECT never "Addresses of the resolver of a DNS query, which this gateway does not see; never known here: write `http.request.domains` or `net.dst.host`.";
    DNS_RESOLVED_IPS "dns.resolved_ips" [Array(Ip)] CONNECT never "Addresses in the answer of a DNS query, which this gateway does not see; never known here: write `http.request.domains` or `net.dst.host`.";
    DNS_RESPONSE_CNAME "dns.response.cname" [Array(Bytes)] CONNECT never "`CNAME` records in the answer of a DNS query, which this gateway does not see; never known here: write `http.request.domains` or `net.dst.host`.";
    DNS_RESPONSE_MX "dns.response.mx" [Array(Bytes)] CONNECT never "`MX` records in the answer of a DNS query, which this gateway does not see; never known here: write `http.request.domains` or `net.dst.host`.";
    DNS_RESPONSE_PTR "dns.response.ptr" [Array(Bytes)] CONNECT never "`PTR` records in the answer of a DNS query, which this gateway does not see; never known here: write `http.request.domains` or `net.dst.host`.";
    DNS_RESPONSE_TXT "dns.response.txt" [Array(Bytes)] CONNECT never "`TXT` records in the answer of a DNS query, which this gateway does not see; never known here: write `http.request.domains` or `net.dst.host`.";
    DNS_SECURITY_CATEGORY "dns.security_category" [Array(Int)] CONNECT never "Ids of the risks of the name of a DNS query, which this gateway does not see; never known here: write `http.request.domains` or `net.dst.host`.";
    DNS_SRC_GEO_CONTINENT "dns.src.geo.continent" [Bytes] CONNECT never "Continent of the sender of a DNS query, which this gateway does not see; never known here: write `http.request.domains` or `net.dst.host`.";
    DNS_SRC_GEO_COUNTRY "dns.src.geo.country" [Bytes] CONNECT never "Country of the sender of a DNS query, which this gateway does not see; never known here: write `http.request.domains` or `net.dst.host`.";
    DNS_SRC_INTERNAL_IP "dns.src_internal_ip" [Ip] CONNECT never "Private address of the sender of a DNS query, which this gateway does not see; never known here: write `http.request.domains` or `net.dst.host`.";
    DNS_SRC_IP "dns.src_ip" [Ip] CONNECT never "Address of the sender of a DNS query, which this gateway does not see; never known here: write `http.request.domains` or `net.dst.host`.";
    EXPERIMENTAL_IS_MCP "experimental.is_mcp" [Bool] CONNECT never "Whether the request is one of the Model Context Protocol; never known here: match `http.request.uri.path` and `http.request.headers`.";
    HTTP_AUTHORITY_MISMATCH "http.authority_mismatch" [Bool] REQUEST "Whether the request's authority differs from the CONNECT target or the SNI.";
    HTTP_BODY_PHASE "http.body_phase" [Bytes] BODIES body_phase "Which body is looked at, `upload` or `download`. A rule that names it is asked of each body apart: fields of either, such as `dlp.profiles`, are then those of that body.";
    HTTP_CONN_DOMAINS "http.conn.domains" [Array(Bytes)] REQUEST "The older name of `http.request.domains`.";
    HTTP_CONN_DST_IP "http.conn.dst_ip" [Array(Ip)] CONNECT "Addresses that the target resolves to.";
    HTTP_CONN_HOSTNAME "http.conn.hostname" [Bytes] REQUEST "The older name of `http.request.host`.";
    HTTP_CONN_INTERNAL_SRC_IP "http.conn.internal_src_ip" [Ip] CONNECT optional "Address of the client, if it is a private one.";
    HTTP_CONN_SRC_IP "http.conn.src_ip" [Ip] CONNECT "Address of the client.";
    HTTP_CONN_VNET_ID "http.conn.vnet_id" [Bytes] CONNECT never "Virtual network of Cloudflare's that the destination is in; never known here: compare addresses.";
    HTTP_DOWNLOAD_FILE_SIZE "http.download.file.size" [Int] DOWNLOAD "Size of the response body in MiB, rounded up.";
    HTTP_DOWNLOAD_FILE_TYPES "http.download.file.types" [Array(Bytes)] DOWNLOAD "File types found in the response body and in what it contains, such as `zip`.";
    HTTP_DOWNLOAD_MIME "http.download.mime" [Bytes] DOWNLOAD "Media type of the response body by its content.";
    HTTP_DST_IP_GEO_CONTINENT "http.dst_ip.geo.continent" [Bytes] CONNECT optional "Continent of the address that the target resolves to, such as `EU`, by `data/countries.csv`.";
    HTTP_DST_IP_GEO_COUNTRY "http.dst_ip.geo.country" [Bytes] CONNECT optional "Country of the address that the target resolves to, such as `DE`, by `data/countries.csv`.";
    HTTP_REQUEST_DOMAINS "http.request.domains" [Array(Bytes)] REQUEST "The host of the request and every domain above it.";
    HTTP_REQUEST_HEADERS "http.request.headers" [Map(Array(Bytes))] REQUEST "Request fields by lower-case name, values in order.";
    HTTP_REQUEST_HOST "http.request.host" [Bytes] REQUEST "Host of the request, lower-case, without port.";
    HTTP_REQUEST_METHOD "http.request.method" [Bytes] REQUEST "Method of the request, such as `GET`.";
    HTTP_REQUEST_SCHEME "http.request.scheme" [Bytes] REQUEST "`http` or `https`.";
    HTTP_REQUEST_URI "http.request.uri" [Bytes] REQUEST "The whole URL of the request.";
    HTTP_REQUEST_URI_CONTENT_CATEGORY "http.request.uri.content_category" [Array(Int)] REQUEST optional "Ids of the categories of the host, by `data/content_categories.csv`.";
    HTTP_REQUEST_URI_PATH "http.request.uri.path" [Bytes] REQUEST "Path of the URL.";
    HTTP_REQUEST_URI_PATH_AND_QUERY "http.request.uri.path_and_query" [Bytes] REQUEST "Path and query of the URL.";
    HTTP_REQUEST_URI_QUERY "http.request.uri.query" [Bytes] REQUEST "Query of the URL without the question mark.";
    HTTP_REQUEST_URI_SECURITY_CATEGORY "http.request.uri.security_category" [Array(Int)] REQUEST optional "Ids of the risks of the host, by `data/security_categories.csv`.";
    HTTP_REQUEST_VERSION "http.request.version" [Bytes] REQUEST "Version of the request, such as `HTTP/1.1`.";
    HTTP_RESPONSE_HEADERS "http.response.headers" [Map(Array(Bytes))] RESPONSE "Response fields by lower-case name, values in order.";
    HTTP_RESPONSE_MIME "http.response.mime" [Bytes] RESPONSE "Media type that the response declares, lower-case, without parameters." ;
    HTTP_RESPONSE_STATUS_CODE "http.response.status_code" [Int] RESPONSE "Status code of the final response.";
    HTTP_SRC_IP_GEO_CONTINENT "http.src_ip.geo.continent" [Bytes] CONNECT optional "Continent of the client's address, by `data/countries.csv`.";
    HTTP_SRC_IP_GEO_COUNTRY "http.src_ip.geo.country" [Bytes] CONNECT optional "Country of the client's address, by `data/countries.csv`.";
    HTTP_UPLOAD_FILE_SIZE "http.upload.file.size" [Int] UPLOAD "Size of the request body in MiB, rounded up.";
    HTTP_UPLOAD_FILE_TYPES "http.upload.file.types" [Array(Bytes)] UPLOAD "File types found in the request body and in what it contains, such as `zip`.";
    HTTP_UPLOAD_MIME "http.upload.mime" [Bytes] UPLOAD "Media type of the request body by its content.";
    IDENTITY_EMAIL "identity.email" [Bytes] CONNECT optional "E-mail address of the user.";
    IDENTITY_GROUPS_EMAIL "identity.groups.email" [Array(Bytes)] CONNECT optional "E-mail addresses of the groups that the user is in.";
    IDENTITY_GROUPS_ID "identity.groups.id" [Array(Bytes)] CONNECT optional "Ids of the groups that the user is in.";
    IDENTITY_GROUPS_NAME "identity.groups.name" [Array(Bytes)] CONNECT optional "Names of the groups that the user is in.";
    IDENTITY_ID "identity.id" [Bytes] CONNECT optional "What names the user where the user is known, such as the name of an account.";
    IDENTITY_NAME "identity.name" [Bytes] CONNECT optional "Name of the user.";
    IDENTITY_OIDC_CLAIMS "identity.oidc_claims" [Array(Bytes)] CONNECT optional "Claims of the user's token, each as `\"name=value\"`, its quotes included.";
    IDENTITY_SAML_ATTRIBUTES "identity.saml_attributes" [Map(Bytes)] CONNECT never "Attributes that a SAML provider tells of the user; never known here, where users log in by token, password, certificate or network.";
    NET_DST_GEO_CONTINENT "net.dst.geo.continent" [Bytes] CONNECT optional "Continent of the origin's address, such as `EU`, by `data/countries.csv`.";
    NET_DST_GEO_COUNTRY "net.dst.geo.country" [Bytes] CONNECT optional "Country of the origin's address, such as `DE`, by `data/countries.csv`.";
    NET_DST_HOST "net.dst.host" [Bytes] CONNECT "Host name or address that the client asked for.";
    NET_DST_IP "net.dst.ip" [Ip] CONNECT "Address of the origin.";
    NET_DST_PORT "net.dst.port" [Int] CONNECT "Port of the origin.";
    NET_FQDN_CONTENT_CATEGORY "net.fqdn.content_category" [Array(Int)] HELLO optional "Ids of the categories of the host asked for and of the SNI, by `data/content_categories.csv`.";
    NET_FQDN_SECURITY_CATEGORY "net.fqdn.security_category" [Array(Int)] HELLO optional "Ids of the risks of the host asked for and of the SNI, by `data/security_categories.csv`.";
    NET_IS_ISOLATED "net.is_isolated" [Bool] CONNECT never "Whether the session runs in Cloudflare's Browser Isolation; never known here, where no session does.";
    NET_OFFRAMP_TYPE "net.offramp.type" [Bytes] CONNECT "How traffic leaves: always `internet` here.";
    NET_ONRAMP_TYPE "net.onramp.type" [Bytes] CONNECT "How traffic comes in: `proxy_endpoint` from clients that know the gateway, `transparent` where the network led it here.";
    NET_PROTOCOL "net.protocol" [Bytes] CONNECT "`tcp` or `udp`.";
    NET_PROTOCOL_DETECTION "net.protocol.detection" [Bytes] HELLO "Protocol that the first bytes show, such as `tls`, `ssh` or `quic`; missing where they show none.";
    NET_SNI_DOMAINS "net.sni.domains" [Array(Bytes)] HELLO "The host of the SNI and every domain above it.";
    NET_SNI_HOST "net.sni.host" [Bytes] HELLO "Host that the ClientHello names, lower-case.";
    NET_SRC_GEO_CONTINENT "net.src.geo.continent" [Bytes] CONNECT optional "Continent of the client's address, by `data/countries.csv`.";
    NET_SRC_GEO_COUNTRY "net.src.geo.country" [Bytes] CONNECT optional "Country of the client's address, by `data/countries.csv`.";
    NET_SRC_INTERNAL_SRC_IP "net.src.internal_src_ip" [Ip] CONNECT optional "Address of the client, if it is a private one.";
    NET_SRC_IP "net.src.ip" [Ip] CONNECT "Address of the client.";
    NET_SRC_PORT "net.src.port" [Int] CONNECT "Port of the client.";
    NET_VNET_ID "net.vnet_id" [Bytes] CONNECT never "Virtual network of Cloudflare's that the destination is in; never known here: compare addresses.";
    PKG_ECOSYSTEM "pkg.ecosystem" [Bytes] CONNECT never "Kind of registry that a package is asked of; never known here: match `http.request.host` and `http.request.uri.path`.";
    PKG_NAME "pkg.name" [Bytes] CONNECT never "Name of the package asked for; never known here: match `http.request.host` and `http.request.uri.path`.";
    PKG_NAMESPACE "pkg.namespace" [Bytes] CONNECT never "Namespace of the package asked for; never known here: match `http.request.host` and `http.request.uri.path`.";
    PKG_PURL "pkg.purl" [Bytes] CONNECT never "Package URL of the package asked for; never known here: match `http.request.host` and `http.request.uri.path`.";
    PKG_VERSION "pkg.version" [Bytes] CONNECT never "Version of the package asked for; never known here: match `http.request.host` and `http.request.uri.path`.";
    PROXY_ENDPOINT "proxy.endpoint" [Bytes] CONNECT optional "Address and port of the proxy port that the client came to, such as `10.0.0.1:3128`.";
    QUIC_ALPN "quic.alpn" [Array(Bytes)] HELLO "Protocols that the ClientHello of QUIC offers, in its order.";
    QUIC_SNI "quic.sni" [Bytes] HELLO "Host that the ClientHello of QUIC names, lower-case.";
    QUOTA_EXCEEDED "quota.exceeded" [Array(Bytes)] REQUEST optional "Ids of the quotas of `quotas.toml` that are used up, by this request or before.";
    QUOTA_USED "quota.used" [Map(Int)] REQUEST optional "Requests or bytes by the id of each quota that counts the request, in the window that ends with it.";
    TIME_UNIX "time.unix" [Int] CONNECT "When the connection came or the request began, in seconds since 1970 (UTC).";
    TLS_ALPN "tls.alpn" [Array(Bytes)] HELLO "Protocols that the ClientHello offers, in its order.";
    TLS_ECH_PRESENT "tls.ech_present" [Bool] HELLO "Whether the ClientHello has an encrypted one inside.";
    TLS_JA4 "tls.ja4" [Bytes] HELLO optional "JA4 fingerprint of the ClientHello.";
    WEBRTC_DTLS_SNI "webrtc.dtls.sni" [Bytes] HELLO "Host that the ClientHello of datagram TLS names, lower-case.";
    WEBRTC_STUN_METHOD "webrtc.stun.method" [Bytes] HELLO "Method of a STUN or TURN message, such as `binding` or `allocate`.";
    WEBRTC_TURN_PEER_IP "webrtc.turn.peer_ip" [Array(Ip)] HELLO "Addresses that a TURN relay is asked to reach.";
    WEBRTC_TURN_PEER_PORT "webrtc.turn.peer_port" [Array(Int)] HELLO "Ports that a TURN relay is asked to reach, in the order of the addresses.";
    WEBRTC_TURN_REALM "webrtc.turn.realm" [Bytes] HELLO "Realm that a STUN or TURN message names.";
    WEBRTC_TURN_USERNAME "webrtc.turn.username" [Bytes] HELLO "User that a STUN or TURN message names.";
    WEBSOCKET_DOWNLOAD_MESSAGES "websocket.download.messages" [Int] DOWNLOAD "WebSocket messages that the origin has sent so far, the one under way included.";
    WEBSOCKET_PROTOCOL "websocket.protocol" [Bytes] RESPONSE "Subprotocol that the origin has chosen for a WebSocket.";
    WEBSOCKET_REQUESTED "websocket.requested" [Bool] REQUEST "Whether the request offers to change to WebSocket.";
    WEBSOCKET_UPLOAD_MESSAGES "websocket.upload.messages" [Int] UPLOAD "WebSocket messages that the client has sent so far, the one under way included.";
    WORKER_CALLER "worker.caller" [Bytes] REQUEST optional "Name of the Worker that makes the request of its own.";
    WORKER_NAME "worker.name" [Bytes] RESPONSE optional "Name of the Worker that the request was handed to.";
}

pub(super) fn scheme() -> Arc<Scheme> {
    // The catalog is constant and a test builds it: the empty scheme is never handed out.
    declare(SchemeBuilder::new()).build().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalog_builds_and_is_in_order() {
        let scheme = declare(SchemeBuilder::new()).build().expect("the catalog is sound");
        let names: Vec<&str> = scheme.fields().map(|(_, field)| field.name()).collect();
        assert!(names.is_sorted(), "{names:?}");
        assert!(scheme.fields().all(|(_, field)| field.doc().ends_with('.')));
        assert_eq!(scheme.id("tls.ja4"), Some(field::TLS_JA4));
        assert_eq!(scheme.id("av.download.infected"), Some(field::AV_DOWNLOAD_INFECTED));
    }

    #[test]
    fn each_twin_is_of_its_body_alone() {
        let scheme = Scheme::gateway();
        for (_, field) in scheme.fields() {
            if field.name().contains(".upload.") {
                assert_eq!(field.phases(), UPLOAD, "{}", field.name());
            } else if field.name().contains(".download.") {
                assert_eq!(field.phases(), DOWNLOAD, "{}", field.name());
            }
        }
    }

    const PAGE_HEAD: &str = "\
# Fields

What conditions may ask for, under the names of Cloudflare Gateway's selectors where there is one. A
field is known from its phase on; one of a body grows while the body streams. *Optional* fields may
have no value: see [rules-language.md](rules-language.md#what-is-missing).

Besides these, a condition that names `…[*].name` of an array means the elements' members:
`identity.groups[*].name` is `identity.groups.name[*]`.
";

    /// The catalog as a page, one table for each first word of the names.
    fn page() -> String {
        let mut page = PAGE_HEAD.to_owned();
        let mut group = String::new();
        for (_, field) in Scheme::gateway().fields() {
            let first = field.name().split('.').next().unwrap_or_default();
            if first != group {
                group = first.to_owned();
                page.push_str(&format!(
                    "\n## {group}\n\n| field | type | phase | |\n|---|---|---|---|\n"
                ));
            }
            let presence = match field.presence() {
                super::super::Presence::Mandatory | super::super::Presence::BodyPhase => "",
                super::super::Presence::Optional => " *Optional.*",
                super::super::Presence::Foreign => " **Has no value here.**",
            };
            let (name, ty, phases, doc) = (field.name(), field.ty(), field.phases(), field.doc());
            page.push_str(&format!(
                "| `{name}` | {} | {phases} | {doc}{presence} |\n",
                ty.to_string().replace('<', "\\<")
            ));
        }
        page
    }

    #[test]
    fn the_page_lists_the_fields() {
        let page = page();
        let written = include_str!("../../../../docs/fields.md");
        for (number, (ours, theirs)) in (1..).zip(page.lines().zip(written.lines())) {
            assert_eq!(theirs, ours, "docs/fields.md, line {number}: write what the catalog says");
        }
        assert_eq!(written.lines().count(), page.lines().count());
    }
}
