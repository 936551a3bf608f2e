//! The first datagram of a flow (RFC 7983 and RFC 9443 for what shares a port with WebRTC).

use super::{Protocol, dns};
use crate::stun;

/// QUIC version 1, 2 (RFC 9369) and the one of version negotiation.
const QUIC_VERSIONS: [u32; 3] = [1, 0x6b33_43cf, 0];

/// Tells the protocol of one datagram.
///
/// Marks that can hardly come about by chance are asked first, so that a DNS query with a queer
/// identifier is no RTP.
///
/// ```
/// use gateway_h1h2::sniff::{Protocol, sniff_datagram};
///
/// let binding = b"\0\x01\0\0\x21\x12\xa4\x42abcdefghijkl";
/// assert_eq!(sniff_datagram(binding), Some(Protocol::Stun));
/// assert_eq!(sniff_datagram(b"hello"), None);
/// ```
#[must_use]
pub fn sniff_datagram(datagram: &[u8]) -> Option<Protocol> {
    if let Some(message) = stun::Message::read(datagram) {
        return Some(if message.method.is_relay() { Protocol::Turn } else { Protocol::Stun });
    }
    let told = [
        (Protocol::Quic, is_quic as fn(&[u8]) -> bool),
        (Protocol::Dtls, is_dtls),
        (Protocol::Dns, dns::is_query),
        (Protocol::BitTorrent, is_bittorrent),
        (Protocol::Turn, |bytes| stun::ChannelData::read(bytes).is_some()),
        (Protocol::Rtcp, is_rtcp),
        (Protocol::Rtp, is_rtp),
    ];
    told.into_iter().find(|(_, fits)| fits(datagram)).map(|(protocol, _)| protocol)
}

/// A long header with the fixed bit and a known version (RFC 9000 §17.2). Versions that force
/// negotiation (RFC 9000 §15) are QUIC too.
fn is_quic(datagram: &[u8]) -> bool {
    let Some((&[first, v0, v1, v2, v3, id_bytes], rest)) = datagram.split_first_chunk() else {
        return false;
    };
    let version = u32::from_be_bytes([v0, v1, v2, v3]);
    let known = QUIC_VERSIONS.contains(&version) || version & 0x0f0f_0f0f == 0x0a0a_0a0a;
    let fixed_bit = first & 0x40 != 0 || version == 0;
    first & 0x80 != 0 && fixed_bit && known && id_bytes <= 20 && rest.len() > id_bytes.into()
}

/// One record after another, the first being whole (RFC 6347 §4.1).
fn is_dtls(datagram: &[u8]) -> bool {
    let Some((header, rest)) = datagram.split_first_chunk::<13>() else { return false };
    let [kind, major, minor, _, _, _, _, _, _, _, _, high, low] = *header;
    let length = usize::from(u16::from_be_bytes([high, low]));
    // Change cipher spec to heartbeat; versions 1.0, 1.2 and the odd one of 1.3.
    matches!(kind, 20..=26) && major == 0xfe && minor >= 0xfc && (1..=rest.len()).contains(&length)
}

/// Sender and receiver reports and their like, with a length in words that fits (RFC 3550 §6.1).
fn is_rtcp(datagram: &[u8]) -> bool {
    let Some(&[first, kind, high, low]) = datagram.first_chunk() else { return false };
    let bytes = (usize::from(u16::from_be_bytes([high, low])) + 1) * 4;
    first & 0xc0 == 0x80 && matches!(kind, 192..=223) && (8..=datagram.len()).contains(&bytes)
}

/// A query, an answer or an error between nodes (BEP 5): a bencoded dictionary whose first key is
/// of theirs.
fn is_bittorrent(datagram: &[u8]) -> bool {
    let begins = [&b"d1:ad2:id20:"[..], b"d1:rd2:id20:", b"d1:eli2"];
    begins.iter().any(|begin| datagram.starts_with(begin)) && datagram.ends_with(b"e")
}

/// What a single packet can be checked for (RFC 3550 §A.1): version 2, a payload type that is in
/// use, room for the sources that the header counts, for an extension, and for the padding.
fn is_rtp(datagram: &[u8]) -> bool {
    let Some((&[first, kind, ..], _)) = datagram.split_first_chunk::<12>() else { return false };
    // Static types, those of RFC 3551 §3 for dynamic use, and those that are left once the first
    // are used up; without what would be RTCP (RFC 5761 §4).
    let type_is_used = matches!(kind & 0x7f, 0 | 3..=18 | 25..=28 | 31..=63 | 96..=127);
    let mut header = 12 + 4 * usize::from(first & 0x0f);
    if first & 0x10 != 0 {
        let Some(&[_, _, high, low]) = datagram.get(header..).and_then(<[u8]>::first_chunk) else {
            return false;
        };
        header += 4 + 4 * usize::from(u16::from_be_bytes([high, low]));
    }
    let padding = match (first & 0x20, datagram.last()) {
        (0, _) | (_, None) => 0,
        (_, Some(&padding)) => usize::from(padding.max(1)),
    };
    first & 0xc0 == 0x80 && type_is_used && datagram.len() >= header + padding
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datagrams_are_told_apart() {
        let dtls = [&[22, 0xfe, 0xfd][..], &[0; 8], &[0, 3, 1, 2, 3]].concat();
        let quic = [&[0xc3, 0, 0, 0, 1, 8][..], &[7; 30]].concat();
        let quic2 = [&[0xd3, 0x6b, 0x33, 0x43, 0xcf, 8][..], &[7; 30]].concat();
        let odd_id = b"\x80\x78\x01\0\0\x01\0\0\0\0\0\0\x07example\x03com\0\0\x01\0\x01";
        for (datagram, expected) in [
            (&dtls[..], Some(Protocol::Dtls)),
            (&quic, Some(Protocol::Quic)),
            (&quic2, Some(Protocol::Quic)),
            (odd_id, Some(Protocol::Dns)),
            (b"\0\x03\0\0\x21\x12\xa4\x42abcdefghijkl", Some(Protocol::Turn)),
            (b"\x40\0\0\x02ab", Some(Protocol::Turn)),
            (b"\x80\x60\0\x01\0\0\0\x01\0\0\0\x01payload", Some(Protocol::Rtp)),
            (b"\x80\xc8\0\x01\0\0\0\x01", Some(Protocol::Rtcp)),
            (b"\0\x01\0\0\x21\x12\xa4\x43abcdefghijkl", None),
            (b"\x16\xfe\xfd", None),
            (b"", None),
            (b"\xc3\0\0\0\x09\0\0", None),
        ] {
            assert_eq!(sniff_datagram(datagram), expected, "{datagram:?}");
        }
    }
}
