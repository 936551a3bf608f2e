//! Queries of DNS, told by their whole form: the header has no mark of its own.

use super::fit::Fit;

const HEADER_BYTES: usize = 12;
/// Length of a name with the lengths of its labels (RFC 1035 §2.3.4).
const NAME_BYTES_MAX: usize = 255;
/// A question and the additional records of EDNS and the like.
const ADDITIONAL_MAX: u16 = 4;
/// Longer queries exist on paper.
const QUERY_BYTES_MAX: usize = 4096;

/// Whether a whole datagram is a query.
pub(super) fn is_query(message: &[u8]) -> bool {
    message.len() <= QUERY_BYTES_MAX
        && header(message) == Fit::Yes
        && message.get(HEADER_BYTES..).is_some_and(|rest| question(rest) == Fit::Yes)
}

/// The first query on a stream, behind its length in two bytes (RFC 1035 §4.2.2).
pub(super) fn on_stream(bytes: &[u8]) -> Fit {
    let Some((&[high, low], message)) = bytes.split_first_chunk() else { return Fit::Open };
    let length = usize::from(u16::from_be_bytes([high, low]));
    if !(HEADER_BYTES + 5..=QUERY_BYTES_MAX).contains(&length) {
        return Fit::No;
    }
    let within = message.get(..length).unwrap_or(message);
    match header(within) {
        Fit::Yes => match question(within.get(HEADER_BYTES..).unwrap_or_default()) {
            // The length leaves no room for the rest of it.
            Fit::Open if within.len() == length => Fit::No,
            fit => fit,
        },
        fit => fit,
    }
}

/// A standard query of one question (RFC 1035 §4.1.1).
fn header(message: &[u8]) -> Fit {
    let Some(header) = message.first_chunk::<HEADER_BYTES>() else {
        return match message.get(2) {
            Some(flags) if flags & 0xfe != 0 => Fit::No,
            Some(_) | None => Fit::Open,
        };
    };
    let [_, _, flags, more, q0, q1, a0, a1, n0, n1, r0, r1] = *header;
    let additional = u16::from_be_bytes([r0, r1]);
    // No answer, opcode 0, not authoritative, not cut; the bit that must be zero is.
    let asks = flags & 0xfe == 0 && more & 0xcf == 0;
    let one_question = [q0, q1, a0, a1, n0, n1] == [0, 1, 0, 0, 0, 0];
    if asks && one_question && additional <= ADDITIONAL_MAX { Fit::Yes } else { Fit::No }
}

/// A name without pointers, a type and a class that is in use (RFC 1035 §4.1.2).
fn question(bytes: &[u8]) -> Fit {
    let mut at = 0;
    loop {
        let Some(&length) = bytes.get(at) else { return Fit::Open };
        at += 1;
        if length == 0 {
            break;
        }
        at += usize::from(length);
        if length > 63 || at >= NAME_BYTES_MAX {
            return Fit::No;
        }
    }
    match bytes.get(at..at + 4) {
        None => Fit::Open,
        // Internet, chaos, hesiod, none, any.
        Some(&[_, _, 0, 1 | 3 | 4 | 254 | 255]) => Fit::Yes,
        Some(_) => Fit::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(name: &[u8], flags: [u8; 2], class: u8) -> Vec<u8> {
        let header = [0xab, 0xcd, flags[0], flags[1], 0, 1, 0, 0, 0, 0, 0, 0];
        [&header[..], name, &[0, 28, 0, class]].concat()
    }

    #[test]
    fn only_queries_are_queries() {
        let name = b"\x01a\x07example\0";
        assert!(is_query(&query(name, [1, 0x20], 1)));
        assert!(is_query(&query(b"\0", [0, 0], 1)));
        assert!(!is_query(&query(name, [0x81, 0], 1)), "an answer");
        assert!(!is_query(&query(name, [1, 0], 7)), "no such class");
        assert!(!is_query(&query(b"\xc0\x0c", [1, 0], 1)), "a pointer");
        assert!(!is_query(&query(&[b"\x3f", &[b'a'; 63][..]].concat().repeat(5), [1, 0], 1)));
        let whole = query(name, [1, 0], 1);
        assert!((0..whole.len()).all(|end| !is_query(&whole[..end])));
    }
}
