//! `is_timed_hmac_valid_v0(key Bytes, message_mac Bytes, ttl Int, now Int, separator_bytes Int
//! optional, flags Bytes optional) -> Bool`: whether a token was signed with the key and has not
//! expired.
//!
//! The token is a message, a separator of so many bytes (0 if not said), ten digits of the second in
//! which it was signed (Unix time), `-`, and the HMAC-SHA256 (RFC 2104) over message and digits, in
//! Base64 and percent-encoded. With the flag `s` it is 43 characters of the URL-safe alphabet
//! instead, as they are. It is valid until `ttl` seconds after it was signed, compared with `now`.
//! Key, `ttl`, separator and flags stand in the text of the filter.
//!
//! The MAC is compared in constant time.
//!
//! ```text
//! is_timed_hmac_valid_v0("mysecretkey", "/download/cat.jpg?verify=1484063787-JcOQEFurDwNF66OcDJLopQxjsg3cB1KVO5%2BBFS9zZZ0%3D", 100000, 1484063800, 8)
//! is_timed_hmac_valid_v0("mysecretkey", "/download/cat.jpg?verify=1484063787-JcOQEFurDwNF66OcDJLopQxjsg3cB1KVO5-BFS9zZZ0", 100000, 1484063800, 8, "s")
//! is_timed_hmac_valid_v0("mysecretkey", concat("/download/cat.jpg", "1484063787", "-", "JcOQEFurDwNF66OcDJLopQxjsg3cB1KVO5%2BBFS9zZZ0%3D"), 13, 1484063800)
//! not is_timed_hmac_valid_v0("mysecretkey", "/download/cat.jpg1484063787-JcOQEFurDwNF66OcDJLopQxjsg3cB1KVO5%2BBFS9zZZ0%3D", 12, 1484063800)
//! is_timed_hmac_valid_v0("mysecretkey", "/download/cat.jpg1484063787-JcOQEFurDwNF66OcDJLopQxjsg3cB1KVO5%2BBFS9zZZ0%3D", 0, 1484063786)
//! not is_timed_hmac_valid_v0("anotherkey", "/download/cat.jpg1484063787-JcOQEFurDwNF66OcDJLopQxjsg3cB1KVO5%2BBFS9zZZ0%3D", 100000, 1484063800)
//! not is_timed_hmac_valid_v0("mysecretkey", "/download/dog.jpg1484063787-JcOQEFurDwNF66OcDJLopQxjsg3cB1KVO5%2BBFS9zZZ0%3D", 100000, 1484063800)
//! not is_timed_hmac_valid_v0("mysecretkey", "/download/cat.jpg?verify=1484063787-JcOQEFurDwNF66OcDJLopQxjsg3cB1KVO5%2BBFS9zZZ0%3D", 100000, 1484063800, 7)
//! not is_timed_hmac_valid_v0("mysecretkey", "no token", 100000, 1484063800)
//! not is_timed_hmac_valid_v0("mysecretkey", nothing, 100000, 1484063800)
//! ```

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::base64::Alphabet;
use super::url_decode::decode_once;
use super::{Function, Given, Kind, Parameter, Repeats, Shape, check_flags, check_int, nothing};
use crate::value::{Type, Value};

pub(super) const FUNCTION: Function = Function {
    name: "is_timed_hmac_valid_v0",
    parameters: &[
        Parameter { name: "key", shapes: &[Shape::Bytes], kind: Kind::Literal },
        Parameter { name: "message_mac", shapes: &[Shape::Bytes], kind: Kind::Field },
        Parameter { name: "ttl", shapes: &[Shape::Int], kind: Kind::Literal },
        Parameter { name: "now", shapes: &[Shape::Int], kind: Kind::Any },
        Parameter { name: "separator_bytes", shapes: &[Shape::Int], kind: Kind::Literal },
        Parameter { name: "flags", shapes: &[Shape::Bytes], kind: Kind::Literal },
    ],
    required: 4,
    repeats: Repeats::No,
    yields: |arguments, _| {
        check_int(arguments, 2, 0..=i64::MAX, "a number of seconds")?;
        check_int(arguments, 4, 0..=i64::MAX, "a number of bytes")?;
        check_flags(arguments, 5, b"s", "the letter `s`")?;
        Ok(Type::Bool)
    },
    prepare: nothing,
    apply: |given| {
        let (token, now) = (given.bytes(1)?, given.int(3)?);
        Some(Value::Bool(is_valid(given, token, now).unwrap_or(false)))
    },
};

/// The digits of a time.
const TIME_BYTES: usize = 10;

fn is_valid(given: &Given<'_>, token: &[u8], now: i64) -> Option<bool> {
    let separator = usize::try_from(given.int(4).unwrap_or(0)).ok()?;
    let is_url_safe = given.bytes(5).is_some_and(|flags| flags.contains(&b's'));
    // The MAC is free of `-`, unless it is of the URL-safe alphabet: then its length is known.
    let dash = if is_url_safe {
        token.len().checked_sub(URL_SAFE_BYTES + 1)?
    } else {
        token.iter().rposition(|byte| *byte == b'-')?
    };
    let (signed, mac) = token.split_at_checked(dash)?;
    let mac = mac.strip_prefix(b"-")?;
    let mac = if is_url_safe {
        Alphabet::UrlSafe.decode(mac)?
    } else {
        Alphabet::Standard.decode(&percent_decoded(mac))?
    };
    let (lead, time) = signed.split_at_checked(signed.len().checked_sub(TIME_BYTES)?)?;
    let message = lead.get(..lead.len().checked_sub(separator)?)?;
    let digits =
        std::str::from_utf8(time).ok().filter(|text| text.bytes().all(|b| b.is_ascii_digit()))?;
    let issued: i64 = digits.parse().ok()?;
    let age = now.checked_sub(issued)?;
    let is_signed: bool = hmac(given.bytes(0)?, &[message, time]).as_slice().ct_eq(&mac).into();
    Some(is_signed && !message.is_empty() && age <= given.int(2)?)
}

/// 32 bytes in Base64 without padding.
const URL_SAFE_BYTES: usize = 43;

/// A `+` is one here, no blank.
fn percent_decoded(mac: &[u8]) -> Vec<u8> {
    let mut text = decode_once(mac);
    text.iter_mut().filter(|byte| **byte == b' ').for_each(|byte| *byte = b'+');
    text
}

/// HMAC-SHA256 (RFC 2104) over pieces.
fn hmac(key: &[u8], pieces: &[&[u8]]) -> [u8; 32] {
    let mut block = [0_u8; 64];
    let digest;
    let key = if key.len() > block.len() {
        digest = Sha256::digest(key);
        &digest[..]
    } else {
        key
    };
    block.iter_mut().zip(key).for_each(|(padded, byte)| *padded = *byte);
    let mut inner = Sha256::new_with_prefix(block.map(|byte| byte ^ 0x36));
    pieces.iter().for_each(|piece| inner.update(piece));
    let outer = Sha256::new_with_prefix(block.map(|byte| byte ^ 0x5c));
    outer.chain_update(inner.finalize()).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test cases 2 and 6.
    #[test]
    fn macs_are_those_of_the_standard() {
        let hex = |mac: [u8; 32]| mac.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(
            hex(hmac(b"Jefe", &[b"what do ya want ", b"for nothing?"])),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            hex(hmac(&[0xaa; 131], &[b"Test Using Larger Than Block-Size Key - Hash Key First"])),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }
}
