//! What names and values of fields consist of, and which names frame a message. Not what fields mean.

/// Whether these bytes are a token (RFC 9110 §5.6.2).
pub(crate) fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|byte| is_token_byte(*byte))
}

/// Whether this byte may stand in a token.
pub(crate) const fn is_token_byte(byte: u8) -> bool {
    TOKEN_BYTES[byte as usize]
}

const TOKEN_BYTES: [bool; 256] = {
    let (mut table, mut byte) = ([false; 256], 0_u8);
    while byte < 0x80 {
        table[byte as usize] = may_stand_in_token(byte);
        byte += 1;
    }
    table
};

const fn may_stand_in_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        )
}

/// Whether this byte may stand in a field value (RFC 9110 §5.5).
pub(crate) const fn is_value_byte(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

/// Whether this field says where the message ends.
pub(crate) fn is_framing(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"content-length") || name.eq_ignore_ascii_case(b"transfer-encoding")
}

/// Whether the name becomes that of a framing field for readers who take every mark for the same,
/// as those do that make variables of names (RFC 3875 §4.1.18).
#[inline]
pub(crate) fn is_framing_lookalike(name: &[u8]) -> bool {
    matches!(name.len(), 14 | 17) && is_framing_in_other_marks(name)
}

fn is_framing_in_other_marks(name: &[u8]) -> bool {
    let same = |framing: &[u8]| {
        name.len() == framing.len()
            && name.iter().zip(framing).all(|(byte, expected)| {
                byte.eq_ignore_ascii_case(expected)
                    || (*expected == b'-' && !byte.is_ascii_alphanumeric())
            })
    };
    match name.len() {
        14 => same(b"content-length") && !is_framing(name),
        17 => same(b"transfer-encoding") && !is_framing(name),
        _ => false,
    }
}

/// The members of a comma-separated list, blanks trimmed, empty members left out (RFC 9110 §5.6.1).
pub(crate) fn members(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).filter(|member| !member.is_empty())
}
