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
}

macro_rules! catalog {
    ($($id:ident $name:literal [$($ty:tt)+] $phases:ident $($optional:ident)? $doc:literal;)+) => {
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
            $(let builder = declare!(builder, $name, [$($ty)+], $phases, $doc $(, $optional)?);)+
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
    DEVICE_POSTURE_CHECKS_FAILED "device_posture.checks.failed" [Array(Bytes)] CONNECT optional "Ids of the posture checks that the device does not pass.";
    DEVICE_POSTURE_CHECKS_PASSED "device_posture.checks.passed" [Array(Bytes)] CONNECT optional "Ids of the posture checks that the device passes.";
    DLP_COUNT "dlp.count" [Int] BODIES "Matches of all data-loss profiles in both bodies.";
    DLP_DOWNLOAD_COUNT "dlp.download.count" [Int] DOWNLOAD "Matches of all data-loss profiles in the response body.";
    DLP_DOWNLOAD_ENTRIES "dlp.download.entries" [Array(Bytes)] DOWNLOAD "Ids of the profile entries that matched in the response body.";
    DLP_DOWNLOAD_PROFILES "dlp.download.profiles" [Array(Bytes)] DOWNLOAD "Ids of the data-loss profiles that the response body meets.";
    DLP_ENTRIES "dlp.entries" [Array(Bytes)] BODIES "Ids of the profile entries that matched in either body.";
    DLP_PROFILES "dlp.profiles" [Array(Bytes)] BODIES "Ids of the data-loss profiles that either body meets.";
    DLP_UPLOAD_COUNT "dlp.upload.count" [Int] UPLOAD "Matches of all data-loss profiles in the request body.";
    DLP_UPLOAD_ENTRIES "dlp.upload.entries" [Array(Bytes)] UPLOAD "Ids of the profile entries that matched in the request body.";
    DLP_UPLOAD_PROFILES "dlp.upload.profiles" [Array(Bytes)] UPLOAD "Ids of the data-loss profiles that the request body meets.";
    HTTP_AUTHORITY_MISMATCH "http.authority_mismatch" [Bool] REQUEST "Whether the request's authority differs from the CONNECT target or the SNI.";
    HTTP_CONN_DST_IP "http.conn.dst_ip" [Array(Ip)] CONNECT "Addresses that the target resolves to.";
    HTTP_CONN_SRC_IP "http.conn.src_ip" [Ip] CONNECT "Address of the client.";
    HTTP_DOWNLOAD_FILE_SIZE "http.download.file.size" [Int] DOWNLOAD "Size of the response body in MiB, rounded up.";
    HTTP_DOWNLOAD_FILE_TYPES "http.download.file.types" [Array(Bytes)] DOWNLOAD "File types found in the response body and in what it contains, such as `zip`.";
    HTTP_DOWNLOAD_MIME "http.download.mime" [Bytes] DOWNLOAD "Media type of the response body by its content.";
    HTTP_REQUEST_DOMAINS "http.request.domains" [Array(Bytes)] REQUEST "The host of the request and every domain above it.";
    HTTP_REQUEST_HEADERS "http.request.headers" [Map(Array(Bytes))] REQUEST "Request fields by lower-case name, values in order.";
    HTTP_REQUEST_HOST "http.request.host" [Bytes] REQUEST "Host of the request, lower-case, without port.";
    HTTP_REQUEST_METHOD "http.request.method" [Bytes] REQUEST "Method of the request, such as `GET`.";
    HTTP_REQUEST_SCHEME "http.request.scheme" [Bytes] REQUEST "`http` or `https`.";
    HTTP_REQUEST_URI "http.request.uri" [Bytes] REQUEST "The whole URL of the request.";
    HTTP_REQUEST_URI_PATH "http.request.uri.path" [Bytes] REQUEST "Path of the URL.";
    HTTP_REQUEST_URI_PATH_AND_QUERY "http.request.uri.path_and_query" [Bytes] REQUEST "Path and query of the URL.";
    HTTP_REQUEST_URI_QUERY "http.request.uri.query" [Bytes] REQUEST "Query of the URL without the question mark.";
    HTTP_REQUEST_VERSION "http.request.version" [Bytes] REQUEST "Version of the request, such as `HTTP/1.1`.";
    HTTP_RESPONSE_HEADERS "http.response.headers" [Map(Array(Bytes))] RESPONSE "Response fields by lower-case name, values in order.";
    HTTP_RESPONSE_MIME "http.response.mime" [Bytes] RESPONSE "Media type that the response declares, lower-case, without parameters." ;
    HTTP_RESPONSE_STATUS_CODE "http.response.status_code" [Int] RESPONSE "Status code of the final response.";
    HTTP_UPLOAD_FILE_SIZE "http.upload.file.size" [Int] UPLOAD "Size of the request body in MiB, rounded up.";
    HTTP_UPLOAD_FILE_TYPES "http.upload.file.types" [Array(Bytes)] UPLOAD "File types found in the request body and in what it contains, such as `zip`.";
    HTTP_UPLOAD_MIME "http.upload.mime" [Bytes] UPLOAD "Media type of the request body by its content.";
    IDENTITY_EMAIL "identity.email" [Bytes] CONNECT optional "E-mail address of the user.";
    IDENTITY_GROUPS_EMAIL "identity.groups.email" [Array(Bytes)] CONNECT optional "E-mail addresses of the groups that the user is in.";
    IDENTITY_GROUPS_ID "identity.groups.id" [Array(Bytes)] CONNECT optional "Ids of the groups that the user is in.";
    IDENTITY_GROUPS_NAME "identity.groups.name" [Array(Bytes)] CONNECT optional "Names of the groups that the user is in.";
    IDENTITY_NAME "identity.name" [Bytes] CONNECT optional "Name of the user.";
    NET_DST_HOST "net.dst.host" [Bytes] CONNECT "Host name or address that the client asked for.";
    NET_DST_IP "net.dst.ip" [Ip] CONNECT "Address of the origin.";
    NET_DST_PORT "net.dst.port" [Int] CONNECT "Port of the origin.";
    NET_PROTOCOL "net.protocol" [Bytes] CONNECT "`tcp` or `udp`.";
    NET_PROTOCOL_DETECTION "net.protocol.detection" [Bytes] HELLO "Protocol that the first bytes show, such as `tls`, `ssh` or `quic`; missing where they show none.";
    NET_SNI_DOMAINS "net.sni.domains" [Array(Bytes)] HELLO "The host of the SNI and every domain above it.";
    NET_SNI_HOST "net.sni.host" [Bytes] HELLO "Host that the ClientHello names, lower-case.";
    NET_SRC_IP "net.src.ip" [Ip] CONNECT "Address of the client.";
    NET_SRC_PORT "net.src.port" [Int] CONNECT "Port of the client.";
    QUIC_ALPN "quic.alpn" [Array(Bytes)] HELLO "Protocols that the ClientHello of QUIC offers, in its order.";
    QUIC_SNI "quic.sni" [Bytes] HELLO "Host that the ClientHello of QUIC names, lower-case.";
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
}
