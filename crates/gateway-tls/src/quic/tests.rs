//! Packets of the standard's appendix, and handshakes in every order.

use aws_lc_rs::aead::quic::{AES_128, HeaderProtectionKey};
use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use proptest::prelude::*;

use super::*;
use crate::sample::{Sample, hex, message};

/// The CRYPTO frame of RFC 9001 Appendix A.2.
const CLIENT_FRAME: &str = "060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c00000413011302010000c000000010000e00000b6578616d706c652e636f6dff01000100000a00080006001d0017001800100007000504616c706e000500050100000000003300260024001d00209370b2c9caa47fbabaf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b0003020304000d0010000e0403050306030203080408050806002d00020101001c00024001003900320408ffffffffffffffff05048000ffff07048000ffff0801100104800075300901100f088394c8f03e51570806048000ffff";
const ID: [u8; 8] = [0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08];

/// The begin of a packet, key, iv and header key: of RFC 9001 and RFC 9369, both Appendix A.
type Version = (&'static str, &'static str, &'static str, &'static str);

const V1: Version = (
    "c300000001088394c8f03e5157080000",
    "1f369613dd76d5467730efcbe3b1a22d",
    "fa044b2f42a3fd3b46fb255c",
    "9f50449e04a0e810283a1e9933adedd2",
);
const V2: Version = (
    "d36b3343cf088394c8f03e5157080000",
    "8b1a0bc121284290a29e0971b5cd045d",
    "91f73e2351d8fa91660e909f",
    "45b95e15235d6f45a6b19cbcb0294ba9",
);

/// Seals frames into a packet of version 1 whose payload has `payload_bytes`.
fn seal(number: u8, frames: &[u8], payload_bytes: usize) -> Vec<u8> {
    seal_as(V1, number, frames, payload_bytes)
}

fn seal_as(version: Version, number: u8, frames: &[u8], payload_bytes: usize) -> Vec<u8> {
    let (begin, key, iv, header) = version;
    let key = hex(key);
    let mut nonce: [u8; 12] = hex(iv).try_into().unwrap();
    nonce[11] ^= number;
    let length = (payload_bytes + 4 + 16) as u16 | 0x4000;
    let mut packet = [&hex(begin)[..], &length.to_be_bytes()].concat();
    let number_at = packet.len();
    packet.extend([0, 0, 0, number]);
    let mut payload = frames.to_vec();
    payload.resize(payload_bytes, 0);
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).unwrap());
    let nonce = Nonce::assume_unique_for_key(nonce);
    key.seal_in_place_append_tag(nonce, Aad::from(packet.clone()), &mut payload).unwrap();
    let header = HeaderProtectionKey::new(&AES_128, &hex(header)).unwrap();
    let mask = header.new_mask(&payload[..16]).unwrap();
    packet[0] ^= mask[0] & 0x0f;
    for (byte, mask) in packet[number_at..].iter_mut().zip(&mask[1..]) {
        *byte ^= mask;
    }
    packet.extend(payload);
    packet
}

fn crypto_frame(offset: usize, data: &[u8]) -> Vec<u8> {
    let number = |n: usize| (n as u32 | 0x8000_0000).to_be_bytes();
    [&[6][..], &number(offset), &number(data.len()), data].concat()
}

fn peek<'a>(datagrams: impl IntoIterator<Item = &'a Vec<u8>>) -> QuicPeek {
    let mut peek = QuicHelloPeek::default();
    datagrams.into_iter().map(|datagram| peek.push(datagram)).last().unwrap_or(QuicPeek::NeedMore)
}

fn sni(seen: &QuicPeek) -> Option<&str> {
    match seen {
        QuicPeek::Hello(hello) => hello.sni.as_deref(),
        QuicPeek::NeedMore | QuicPeek::Malformed(_) => None,
    }
}

#[test]
fn the_packet_of_the_standard_is_read() {
    let packet = seal(2, &hex(CLIENT_FRAME), 1162);
    // RFC 9001 Appendix A.2: the protected header, the beginning and the end of the packet.
    assert_eq!(packet.len(), 1200);
    let begin = "c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11d242b123dc9b";
    assert_eq!(packet[..38], hex(begin));
    assert_eq!(packet[1184..], hex("e221af44860018ab0856972e194cd934"));
    let QuicPeek::Hello(hello) = peek([&packet]) else { panic!("no hello") };
    assert_eq!(hello.sni.as_deref(), Some("example.com"));
    assert_eq!(hello.alpn, ["alpn"]);
    assert_eq!(hello.supported_versions, [0x0304]);
    assert!(hello.ja4.starts_with("q13d02"), "{}", hello.ja4);
}

#[test]
fn a_packet_of_version_2_is_read() {
    let packet = seal_as(V2, 2, &hex(CLIENT_FRAME), 1162);
    // RFC 9369 Appendix A.2: the protected header.
    assert_eq!(packet[..22], hex("d76b3343cf088394c8f03e5157080000449ea0c95e82"));
    assert_eq!(sni(&peek([&packet])), Some("example.com"));
}

#[test]
fn version_2_has_keys_and_types_of_its_own() {
    // A version 2 packet cannot be opened as version 1 and the other way round.
    let mut packet = seal(2, &hex(CLIENT_FRAME), 1162);
    packet[1..5].copy_from_slice(&hex("6b3343cf"));
    packet[0] = packet[0] & 0xcf | 0x10;
    assert_eq!(peek([&packet]), QuicPeek::Malformed(QuicError::Sealed));
    packet[0] &= 0xcf;
    assert_eq!(peek([&packet]), QuicPeek::Malformed(QuicError::NotInitial));
}

#[test]
fn what_is_no_initial_is_told() {
    let packet = seal(2, &hex(CLIENT_FRAME), 1162);
    let check = |datagram: Vec<u8>, error| {
        assert_eq!(peek([&datagram]), QuicPeek::Malformed(error), "{:x?}", &datagram[..1]);
    };
    check(vec![], QuicError::NotInitial);
    check(vec![0x40; 1200], QuicError::NotInitial);
    check(packet[..1199].to_vec(), QuicError::NotInitial);
    let mut broken = packet;
    broken[700] ^= 1;
    check(broken, QuicError::Sealed);
    check(seal(0, &[0x08, 0], 1162), QuicError::Frames);
    check(seal(0, &[6, 0, 0x7f, 0xff], 4), QuicError::Frames);
    let other = crypto_frame(0, &message(2, b"x"));
    check(seal(0, &other, 1162), QuicError::UnexpectedMessage { handshake_type: 2 });
}

#[test]
fn one_story_only() {
    let hello = Sample::browser("a.example").message();
    let other = Sample::browser("b.example").message();
    let frames = [crypto_frame(0, &hello[..200]), crypto_frame(0, &other)].concat();
    assert_eq!(peek([&seal(0, &frames, 1162)]), QuicPeek::Malformed(QuicError::Contradiction));
}

#[test]
fn it_ends_within_the_limits() {
    let first = seal(0, &crypto_frame(1, b"x"), 1162);
    let mut peek = QuicHelloPeek::default();
    let limits = QuicLimits::default();
    for _ in 1..limits.datagrams_max {
        assert_eq!(peek.push(&first), QuicPeek::NeedMore);
    }
    assert!(matches!(peek.push(&first), QuicPeek::Malformed(QuicError::TooLong { .. })));
    let far = seal(0, &crypto_frame(65_536, b"x"), 1162);
    assert!(matches!(tests::peek([&far]), QuicPeek::Malformed(QuicError::TooLong { .. })));
}

#[test]
fn another_connection_is_not_taken_for_the_first() {
    let mut peek = QuicHelloPeek::default();
    let packet = seal(2, &hex(CLIENT_FRAME), 1162);
    assert_eq!(sni(&peek.push(&packet)), Some("example.com"));
    assert!(peek.is_of_connection(&seal(3, &[2, 0, 0, 0, 0], 1162)), "an acknowledgement");
    assert!(peek.is_of_connection(&[0x41; 40]), "a short header");
    let changed = seal_as(V2, 3, &[1], 1162);
    assert!(peek.is_of_connection(&changed), "the version may change");
    let mut other = packet;
    other[6] ^= 1;
    assert!(!peek.is_of_connection(&other));
}

proptest! {
    #[test]
    fn frames_packets_and_datagrams_make_no_difference(
        cuts in proptest::collection::vec(1_usize..200, 1..8),
        swaps in proptest::collection::vec((0_usize..8, 0_usize..8), 0..10),
        two_in_one in any::<bool>(),
    ) {
        let hello = Sample::browser("www.example.com").message();
        let mut frames = Vec::new();
        let mut at = 0;
        for cut in cuts {
            let end = (at + cut).min(hello.len());
            frames.push(crypto_frame(at, &hello[at..end]));
            at = end;
        }
        frames.push(crypto_frame(at, &hello[at..]));
        for (a, b) in swaps {
            let n = frames.len();
            frames.swap(a % n, b % n);
        }
        let packets: Vec<Vec<u8>> =
            frames.iter().enumerate().map(|(n, frame)| seal(n as u8, frame, 640)).collect();
        let datagrams: Vec<Vec<u8>> =
            packets.chunks(if two_in_one { 2 } else { 1 }).map(<[_]>::concat).collect();
        let seen = peek(&datagrams);
        prop_assert_eq!(sni(&seen), Some("www.example.com"));
    }
}

#[test]
fn the_identifier_is_that_of_the_standard() {
    assert_eq!(seal(0, &[1], 100)[6..14], ID);
}
