//! The JA4 fingerprint of a ClientHello, as FoxIO publishes it
//! (<https://github.com/FoxIO-LLC/ja4>; this part of the suite is under the BSD 3-clause licence).

use aws_lc_rs::digest::{SHA256, digest};

use crate::hello::ClientHello;

const EXTENSION_SERVER_NAME: u16 = 0;
const EXTENSION_ALPN: u16 = 16;

/// What carries a ClientHello.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carrier {
    Tcp,
    Quic,
    /// Datagram TLS, whose versions count down.
    Dtls,
}

/// `t13d1516h2_8daaf6152771_e5627efa2ab1`: carrier, version, server name, counts and first
/// protocol; a hash of the sorted cipher suites; a hash of the sorted extensions and the signature
/// algorithms.
pub(crate) fn fingerprint(hello: &ClientHello, carrier: Carrier) -> String {
    let mut ciphers = without_grease(&hello.cipher_suites);
    let mut extensions = without_grease(&hello.extensions);
    let versions = without_grease(&hello.supported_versions).into_iter();
    let (mark, version) = match carrier {
        Carrier::Tcp => ('t', versions.max()),
        Carrier::Quic => ('q', versions.max()),
        Carrier::Dtls => ('d', versions.min()),
    };
    let head = format!(
        "{mark}{}{}{:02}{:02}{}",
        version_name(version),
        if extensions.contains(&EXTENSION_SERVER_NAME) { 'd' } else { 'i' },
        ciphers.len().min(99),
        extensions.len().min(99),
        protocol_mark(hello.alpn.first().map(AsRef::as_ref)),
    );

    ciphers.sort_unstable();
    extensions.retain(|kind| !matches!(*kind, EXTENSION_SERVER_NAME | EXTENSION_ALPN));
    extensions.sort_unstable();
    let mut features = hex_list(&extensions);
    let algorithms = without_grease(&hello.signature_algorithms);
    if !features.is_empty() && !algorithms.is_empty() {
        features.push('_');
        features.push_str(&hex_list(&algorithms));
    }
    format!("{head}_{}_{}", short_hash(&hex_list(&ciphers)), short_hash(&features))
}

/// The values that mean something: GREASE (RFC 8701 §2) has the form 0x?a?a with equal bytes.
fn without_grease(values: &[u16]) -> Vec<u16> {
    let is_grease = |value: u16| {
        let [high, low] = value.to_be_bytes();
        high == low && low & 0x0f == 0x0a
    };
    values.iter().copied().filter(|value| !is_grease(*value)).collect()
}

const fn version_name(version: Option<u16>) -> &'static str {
    match version {
        Some(0x0304) => "13",
        Some(0x0303) => "12",
        Some(0x0302) => "11",
        Some(0x0301) => "10",
        Some(0x0300) => "s3",
        Some(0x0002) => "s2",
        Some(0xfeff) => "d1",
        Some(0xfefd) => "d2",
        Some(0xfefc) => "d3",
        Some(_) | None => "00",
    }
}

/// First and last character of the first protocol name, or of its hexadecimal form where one of
/// them is neither letter nor digit.
fn protocol_mark(protocol: Option<&[u8]>) -> String {
    let Some((&first, &last)) = protocol.and_then(|name| name.first().zip(name.last())) else {
        return "00".to_owned();
    };
    if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
        [char::from(first), char::from(last)].into_iter().collect()
    } else {
        format!("{:x}{:x}", first >> 4, last & 0x0f)
    }
}

fn hex_list(values: &[u16]) -> String {
    let words: Vec<String> = values.iter().map(|value| format!("{value:04x}")).collect();
    words.join(",")
}

/// The first twelve hexadecimal digits of the SHA-256, or zeros for nothing.
fn short_hash(text: &str) -> String {
    if text.is_empty() {
        return "0".repeat(12);
    }
    digest(&SHA256, text.as_bytes())
        .as_ref()
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
