//! The keys of a client's Initial packets, and opening them (RFC 9001 §5; RFC 9369 §3.3).

use std::fmt;

use aws_lc_rs::aead::quic::{AES_128, HeaderProtectionKey};
use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};

use super::packet::{Initial, QuicVersion};

const SALT_V1: [u8; 20] = [
    0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad,
    0xcc, 0xbb, 0x7f, 0x0a,
];
const SALT_V2: [u8; 20] = [
    0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb,
    0xf9, 0xbd, 0x2e, 0xd9,
];
/// Bytes after the packet number's begin at which the sample for its protection begins
/// (RFC 9001 §5.4.2): as if the number had four bytes.
const SAMPLE_AFTER: usize = 4;
const SAMPLE_BYTES: usize = 16;

/// The keys of one connection's client.
pub(super) struct Keys {
    pub(super) version: QuicVersion,
    /// The identifier that they come from.
    destination_id: Vec<u8>,
    header: HeaderProtectionKey,
    payload: LessSafeKey,
    iv: [u8; 12],
}

/// Tells nothing of the keys.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("version", &self.version).finish_non_exhaustive()
    }
}

/// A length for the expansion.
struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

impl Keys {
    /// The keys that the first destination identifier of a client gives.
    pub(super) fn of_client(version: QuicVersion, destination_id: &[u8]) -> Option<Self> {
        let (salt, key, iv, hp) = match version {
            QuicVersion::V1 => (SALT_V1, "quic key", "quic iv", "quic hp"),
            QuicVersion::V2 => (SALT_V2, "quicv2 key", "quicv2 iv", "quicv2 hp"),
        };
        let initial = Salt::new(HKDF_SHA256, &salt).extract(destination_id);
        let client = Prk::new_less_safe(HKDF_SHA256, &expand::<32>(&initial, "client in")?);
        let header = HeaderProtectionKey::new(&AES_128, &expand::<16>(&client, hp)?).ok()?;
        let payload = UnboundKey::new(&AES_128_GCM, &expand::<16>(&client, key)?).ok()?;
        let iv = expand(&client, iv)?;
        let destination_id = destination_id.to_vec();
        Some(Self { version, destination_id, header, payload: LessSafeKey::new(payload), iv })
    }

    /// Whether a packet belongs to the same connection: it opens with these keys, or with those of
    /// the version that the two ends have agreed to change to (RFC 9369 §4.1).
    pub(super) fn fit(&self, packet: &Initial<'_>) -> bool {
        if packet.version == self.version {
            return self.open(packet).is_some();
        }
        Self::of_client(packet.version, &self.destination_id)
            .is_some_and(|keys| keys.open(packet).is_some())
    }

    /// What a packet holds, if it is sealed with these keys.
    pub(super) fn open(&self, packet: &Initial<'_>) -> Option<Vec<u8>> {
        let sample_at = packet.number_at + SAMPLE_AFTER;
        let sample = packet.bytes.get(sample_at..sample_at + SAMPLE_BYTES)?;
        let [mask, number_mask @ ..] = self.header.new_mask(sample).ok()?;
        let first = packet.bytes.first()? ^ mask & 0x0f;
        let number_bytes = usize::from(first & 3) + 1;
        let payload_at = packet.number_at + number_bytes;
        let mut head = packet.bytes.get(..payload_at)?.to_vec();
        if let Some(byte) = head.first_mut() {
            *byte = first;
        }
        // The first packets of a connection have small numbers: none is cut off at its top.
        let mut number = 0_u32;
        let masked = head.get_mut(packet.number_at..)?;
        for (byte, mask) in masked.iter_mut().zip(number_mask) {
            *byte ^= mask;
            number = number << 8 | u32::from(*byte);
        }
        let mut nonce = self.iv;
        if let Some(tail) = nonce.last_chunk_mut::<4>() {
            *tail = (u32::from_be_bytes(*tail) ^ number).to_be_bytes();
        }
        let nonce = Nonce::assume_unique_for_key(nonce);
        let mut payload = packet.bytes.get(payload_at..)?.to_vec();
        let plain_bytes =
            self.payload.open_in_place(nonce, Aad::from(head), &mut payload).ok()?.len();
        payload.truncate(plain_bytes);
        Some(payload)
    }
}

/// HKDF-Expand-Label with an empty context (RFC 8446 §7.1).
fn expand<const N: usize>(secret: &Prk, label: &str) -> Option<[u8; N]> {
    let length = u16::try_from(N).ok()?.to_be_bytes();
    let label_bytes = [u8::try_from("tls13 ".len() + label.len()).ok()?];
    let info = [&length[..], &label_bytes, b"tls13 ", label.as_bytes(), &[0]];
    let mut out = [0; N];
    secret.expand(&info, Length(N)).ok()?.fill(&mut out).ok()?;
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::hex;

    /// RFC 9001 Appendix A.1 and RFC 9369 Appendix A.1.
    #[test]
    fn keys_are_those_of_the_standards() {
        let id = hex("8394c8f03e515708");
        for (salt, prefix, client, key, iv, hp) in [
            (
                SALT_V1,
                "quic",
                "c00cf151ca5be075ed0ebfb5c80323c42d6b7db67881289af4008f1f6c357aea",
                "1f369613dd76d5467730efcbe3b1a22d",
                "fa044b2f42a3fd3b46fb255c",
                "9f50449e04a0e810283a1e9933adedd2",
            ),
            (
                SALT_V2,
                "quicv2",
                "14ec9d6eb9fd7af83bf5a668bc17a7e283766aade7ecd0891f70f9ff7f4bf47b",
                "8b1a0bc121284290a29e0971b5cd045d",
                "91f73e2351d8fa91660e909f",
                "45b95e15235d6f45a6b19cbcb0294ba9",
            ),
        ] {
            let initial = Salt::new(HKDF_SHA256, &salt).extract(&id);
            let secret = expand::<32>(&initial, "client in").unwrap();
            assert_eq!(secret.to_vec(), hex(client));
            let secret = Prk::new_less_safe(HKDF_SHA256, &secret);
            assert_eq!(expand::<16>(&secret, &format!("{prefix} key")).unwrap().to_vec(), hex(key));
            assert_eq!(expand::<12>(&secret, &format!("{prefix} iv")).unwrap().to_vec(), hex(iv));
            assert_eq!(expand::<16>(&secret, &format!("{prefix} hp")).unwrap().to_vec(), hex(hp));
        }
    }
}
