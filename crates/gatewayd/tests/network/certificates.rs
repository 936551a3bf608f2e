//! An authority of the test, and certificates for its servers.

use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use gateway_tls::{Authority, AuthorityRequest, LeafRequest, SigningKey};

/// Writes `origin-ca.pem`, and for each name `NAME.pem`: chain and key.
pub(crate) fn write(dir: &Path, names: &[&str]) {
    let now_unix_s = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let request = AuthorityRequest {
        common_name: "Network test",
        now_unix_s: now_unix_s - 86_400,
        validity_days: 365,
        serial: random(),
    };
    let authority = Authority::create(&request, key()).unwrap();
    fs::write(dir.join("origin-ca.pem"), authority.cert_pem()).unwrap();
    for host in names {
        let leaf_key = key();
        let request = LeafRequest { host, origin: None, now_unix_s, serial: random() };
        let leaf = authority.mint(&request, &leaf_key).unwrap();
        let mut pem = String::new();
        for der in &leaf.chain {
            pem.push_str(&certificate_pem(der));
        }
        pem.push_str(&leaf_key.to_pem().unwrap());
        fs::write(dir.join(format!("{host}.pem")), pem).unwrap();
    }
}

fn key() -> SigningKey {
    SigningKey::from_random_bytes(&random()).unwrap()
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).unwrap();
    bytes
}

/// PEM (RFC 7468) of a certificate.
fn certificate_pem(der: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in der.chunks(3) {
        let padded = [three[0], *three.get(1).unwrap_or(&0), *three.get(2).unwrap_or(&0)];
        let bits = u32::from_be_bytes([0, padded[0], padded[1], padded[2]]);
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place > three.len() { '=' } else { char::from(digit) });
        }
    }
    let lines: Vec<&str> =
        (0..text.len()).step_by(64).map(|from| &text[from..(from + 64).min(text.len())]).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}
