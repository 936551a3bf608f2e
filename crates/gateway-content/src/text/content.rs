//! Whether what a run encodes looks like content: a text, or a file of a kind that is told by its first bytes.

use bytes::BytesMut;
use encoding_rs::Encoding;
use gateway_inspect::PartKind;

use super::base64::Base64Run;
use super::runs::Kind;
use crate::coding::transform::Transform;
use crate::declared::hex_pair;
use crate::sniff::{Ended, Sniff, sniff};

/// Whether the characters are hex digits of ASCII in UTF-16.
pub(super) fn is_wide_hex(digits: &[u8]) -> bool {
    let pairs = digits.as_chunks::<2>().0.iter();
    let bytes: Option<Vec<u8>> = pairs.map(|[a, b]| hex_pair(*a, *b)).collect();
    bytes.is_some_and(|bytes| wide(&bytes).is_some())
}

/// In what the characters encode something that looks like content, if they do.
pub(super) fn encoded(digits: &[u8]) -> Option<Kind> {
    let pairs = digits.as_chunks::<2>().0.iter();
    let hex: Option<Vec<u8>> = pairs.map(|[a, b]| hex_pair(*a, *b)).collect();
    if hex.is_some_and(|bytes| is_content(&bytes)) {
        return Some(Kind::Hex);
    }
    let mut bytes = BytesMut::new();
    Base64Run::default().run(digits, &mut bytes);
    is_content(&bytes).then_some(Kind::Base64)
}

/// Whether bytes begin what is a text, or a file of a kind that is told by its first bytes.
pub(super) fn is_content(bytes: &[u8]) -> bool {
    if wide(bytes).is_some() {
        return true;
    }
    match sniff(bytes, Ended::Yes) {
        // What is not told by so few bytes, more may.
        Sniff::Need | Sniff::Kind(PartKind::Unknown) => sniff(bytes, Ended::No) == Sniff::Need,
        Sniff::Kind(PartKind::Text | PartKind::Html | PartKind::Json | PartKind::Xml) => {
            is_printable(bytes)
        }
        Sniff::Kind(_) => true,
    }
}

fn is_printable(bytes: &[u8]) -> bool {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        // The last character may be cut.
        Err(error) if error.error_len().is_none() => {
            let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(valid).unwrap_or_default()
        }
        Err(_) => return bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff"),
    };
    !text.is_empty() && text.chars().all(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r'))
}

/// The form of UTF-16 in which the bytes are ASCII, if they are.
pub(super) fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    let (pairs, _) = bytes.as_chunks::<2>();
    let all = |low: usize| {
        let fits = |pair: &[u8; 2]| {
            pair[1 - low] == 0 && (pair[low].is_ascii_graphic() || pair[low].is_ascii_whitespace())
        };
        pairs.len() >= 4 && pairs.iter().all(fits)
    };
    if all(0) { Some(encoding_rs::UTF_16LE) } else { all(1).then_some(encoding_rs::UTF_16BE) }
}
