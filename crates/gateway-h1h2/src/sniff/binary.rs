//! Protocols whose clients begin with numbers: each by as many bytes as no other one begins with.

use super::fit::{Fit, literal};
use crate::stun;

/// The longest user name and host of SOCKS 4 that are waited for.
const SOCKS4_TEXT_BYTES_MAX: usize = 255;
/// The longest message that opens a connection of PostgreSQL (its `MAX_STARTUP_PACKET_LENGTH`).
const POSTGRES_BYTES_MAX: u32 = 10_000;

/// A handshake record whose first message is a ClientHello: type, major version, any minor one,
/// length, type of the message (RFC 8446 §5.1).
pub(super) fn tls(bytes: &[u8]) -> Fit {
    match *bytes {
        [] | [22] | [22, 3] | [22, 3, _] | [22, 3, _, _] | [22, 3, _, _, _] => Fit::Open,
        [22, 3, _, _, _, 1, ..] => Fit::Yes,
        _ => Fit::No,
    }
}

/// Of version 5 the whole list of methods (RFC 1928 §3), of version 4 the whole request.
pub(super) fn socks(bytes: &[u8]) -> Fit {
    match *bytes {
        [] | [4 | 5] => Fit::Open,
        [5, count @ 1..=16, ref rest @ ..] => {
            let count = usize::from(count);
            let methods = rest.get(..count).unwrap_or(rest);
            // Those that the registry has, and beside one of them private ones; none twice.
            let registered = |method: &u8| matches!(method, 0..=3 | 5..=9);
            let known = |method: &u8| registered(method) || matches!(method, 0x80..=0xfe);
            let twice = methods.iter().enumerate().any(|(at, method)| {
                methods.get(..at).is_some_and(|before| before.contains(method))
            });
            match methods.iter().all(known) && !twice {
                true if methods.len() < count => Fit::Open,
                true if methods.iter().any(registered) => Fit::Yes,
                true | false => Fit::No,
            }
        }
        [4, 1 | 2, ref rest @ ..] => socks4(rest),
        _ => Fit::No,
    }
}

/// What follows version and command: a port, an address, a user, and a name where the address says
/// so (0.0.0.x, of which x is not 0).
fn socks4(rest: &[u8]) -> Fit {
    let Some((&[p0, p1, a, b, c, d], text)) = rest.split_first_chunk() else {
        return Fit::Open;
    };
    let user = text_to_nul(text);
    match (user, [a, b, c, d]) {
        _ if [p0, p1] == [0, 0] => Fit::No,
        (Err(fit), _) => fit,
        (Ok(_), [0, 0, 0, 0]) => Fit::No,
        (Ok(end), [0, 0, 0, _]) => match text_to_nul(text.get(end + 1..).unwrap_or_default()) {
            Ok(0) => Fit::No,
            Ok(_) => Fit::Yes,
            Err(fit) => fit,
        },
        (Ok(_), _) => Fit::Yes,
    }
}

/// How many bytes of text stand before a zero; else whether it may still be so.
fn text_to_nul(bytes: &[u8]) -> Result<usize, Fit> {
    let window = bytes.get(..=SOCKS4_TEXT_BYTES_MAX).unwrap_or(bytes);
    match window.iter().position(|byte| !matches!(byte, b' '..=b'~')) {
        Some(end) if window.get(end) == Some(&0) => Ok(end),
        None if window.len() <= SOCKS4_TEXT_BYTES_MAX => Err(Fit::Open),
        Some(_) | None => Err(Fit::No),
    }
}

/// A connection request of X.224 in a TPKT (RFC 1006 §6, ITU-T X.224 §13.3) whose user data is
/// that of RDP: a cookie, a negotiation request, or none (\[MS-RDPBCGR\] §2.2.1.1).
pub(super) fn rdp(bytes: &[u8]) -> Fit {
    const BEFORE_DATA: u16 = 11;
    let length = match *bytes {
        [] | [3] | [3, 0] | [3, 0, _] => return Fit::Open,
        [3, 0, high, low, ..] => u16::from_be_bytes([high, low]),
        _ => return Fit::No,
    };
    let Some(rest) = bytes.get(4..) else { return Fit::Open };
    // The length indicator counts what follows it: all but the TPKT header and itself.
    let indicated = length.checked_sub(5).and_then(|bytes| u8::try_from(bytes).ok());
    let (Some(indicated), true) = (indicated, length >= BEFORE_DATA) else { return Fit::No };
    let expected = [indicated, 0xe0, 0, 0];
    match literal(rest, &expected) {
        Fit::Yes => {}
        fit => return fit,
    }
    // Two bytes of the client's own, the class, then the data.
    match rest.get(6..).unwrap_or_default() {
        [] => Fit::Open,
        [0] if length == BEFORE_DATA => Fit::Yes,
        [0, ..] if length == BEFORE_DATA => Fit::Yes,
        [0] => Fit::Open,
        [0, 1, ..] => Fit::Yes,
        [0, data @ ..] => literal(data, b"Cookie: "),
        _ => Fit::No,
    }
}

/// A CONNECT packet (MQTT 5.0 §3.1, 3.1.1 §3.1): type, length in up to four bytes, the protocol's
/// name and a level that goes with it.
pub(super) fn mqtt(bytes: &[u8]) -> Fit {
    let Some((&0x10, rest)) = bytes.split_first() else {
        return if bytes.is_empty() { Fit::Open } else { Fit::No };
    };
    let window = rest.get(..4).unwrap_or(rest);
    let Some(end) = window.iter().position(|byte| byte & 0x80 == 0) else {
        return if window.len() == 4 { Fit::No } else { Fit::Open };
    };
    let body = rest.get(end + 1..).unwrap_or_default();
    let named = [&b"\0\x04MQTT\x04"[..], b"\0\x04MQTT\x05", b"\0\x06MQIsdp\x03"];
    let fits = named.map(|name| literal(body, name));
    match fits {
        _ if fits.contains(&Fit::Yes) => Fit::Yes,
        _ if fits.contains(&Fit::Open) => Fit::Open,
        _ => Fit::No,
    }
}

/// A startup message, or one of the requests in its place (PostgreSQL, "Message Formats"): length,
/// a code, and of a startup the first byte of its parameters.
pub(super) fn postgres(bytes: &[u8]) -> Fit {
    let Some((&head, rest)) = bytes.split_first_chunk::<8>() else {
        return match bytes {
            [] | [0] | [0, 0, ..] => Fit::Open,
            _ => Fit::No,
        };
    };
    let [l0, l1, l2, l3, c0, c1, c2, c3] = head;
    let length = u32::from_be_bytes([l0, l1, l2, l3]);
    match ([c0, c1, c2, c3], length) {
        // SSL, GSS encryption, cancel.
        ([0x04, 0xd2, 0x16, 0x2f | 0x30], 8) | ([0x04, 0xd2, 0x16, 0x2e], 16) => Fit::Yes,
        ([0, 3, 0, 0 | 2], 9..=POSTGRES_BYTES_MAX) => match rest.first() {
            None => Fit::Open,
            Some(0) if length == 9 => Fit::Yes,
            Some(byte) if byte.is_ascii_lowercase() || *byte == b'_' => Fit::Yes,
            Some(_) => Fit::No,
        },
        _ => Fit::No,
    }
}

/// The handshake of peers (BEP 3).
pub(super) fn bittorrent(bytes: &[u8]) -> Fit {
    literal(bytes, b"\x13BitTorrent protocol")
}

/// A STUN message as it stands on a stream: bare (RFC 8489 §6.2.2), or behind its length in two
/// bytes (RFC 4571, which ICE uses).
pub(super) fn on_stream(bytes: &[u8], wanted: fn(stun::Method) -> bool) -> Fit {
    let fit = |message: &[u8]| match stun::Header::read(message) {
        stun::Reading::NeedMore => Fit::Open,
        stun::Reading::Is(header) if wanted(header.method) => Fit::Yes,
        stun::Reading::Is(_) | stun::Reading::Not => Fit::No,
    };
    let framed = match bytes {
        [] | [_] => Fit::Open,
        [_, _, message @ ..] => fit(message),
    };
    match (fit(bytes), framed) {
        (Fit::Yes, _) | (_, Fit::Yes) => Fit::Yes,
        (Fit::Open, _) | (_, Fit::Open) => Fit::Open,
        (Fit::No, Fit::No) => Fit::No,
    }
}
