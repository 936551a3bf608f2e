//! DER in PEM's textual form (RFC 7468). Writing only; reading is `rustls-pki-types`' work.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// One PEM section, lines of 64 characters.
pub(crate) fn encode(label: &str, der: &[u8]) -> String {
    let mut out = format!("-----BEGIN {label}-----\n");
    // 48 bytes make a line of 64 characters.
    for line in der.chunks(48) {
        for group in line.chunks(3) {
            push_group(group, &mut out);
        }
        out.push('\n');
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}

/// Four characters for one to three bytes (RFC 4648 §4).
fn push_group(group: &[u8], out: &mut String) {
    let bits = group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
    let bits = bits << (8 * (3 - group.len()));
    for place in 0..4 {
        let sextet = (bits >> (18 - 6 * place) & 0b11_1111) as usize;
        out.push(if place <= group.len() { char::from(ALPHABET[sextet]) } else { '=' });
    }
}

#[cfg(test)]
mod tests {
    use rustls_pki_types::CertificateDer;
    use rustls_pki_types::pem::PemObject;

    use super::*;

    #[test]
    fn reads_back_at_every_length() {
        for len in 0..200_u8 {
            let der: Vec<u8> = (0..len).map(|i| i.wrapping_mul(37)).collect();
            let pem = encode("CERTIFICATE", &der);
            assert!(pem.lines().all(|line| line.len() <= 64), "{pem}");
            if len > 0 {
                let read = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
                assert_eq!(read.as_ref(), der);
            }
        }
    }
}
