//! The encoders: one record in, one line out. What a field is called and where it comes from
//! stands in `fields`; here is only how it is written.

mod human;
mod json;

pub use human::HumanLine;
pub use json::JsonLines;

/// The piece of `bytes` that fits into `bytes_max` without cutting a UTF-8 character, and how many
/// bytes it leaves out.
fn cut(bytes: &[u8], bytes_max: usize) -> (&[u8], usize) {
    let Some(head) = bytes.get(..bytes_max) else {
        return (bytes, 0);
    };
    if head.len() == bytes.len() {
        return (bytes, 0);
    }
    // Step back over at most three continuation bytes to the start of a character: bytes that are
    // not UTF-8 anyway may be cut anywhere.
    let is_continuation =
        |at: usize| bytes.get(at).is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000);
    let end = (bytes_max.saturating_sub(3)..=bytes_max)
        .rev()
        .find(|&at| !is_continuation(at))
        .unwrap_or(bytes_max);
    (bytes.get(..end).unwrap_or(head), bytes.len() - end)
}

/// Whether a character can disturb a terminal or a line-based reader: a control character, a line
/// or paragraph separator, or one that changes the direction of writing.
const fn is_disruptive(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{1f}'
        | '\u{7f}'..='\u{9f}'
        | '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, bytes_max: usize, expected: &str) {
        let (head, left_out) = cut(text.as_bytes(), bytes_max);
        assert_eq!(head, expected.as_bytes());
        assert_eq!(left_out, text.len() - expected.len());
    }

    #[test]
    fn cuts_between_characters() {
        check("abc", 3, "abc");
        check("abc", 4, "abc");
        check("abc", 2, "ab");
        check("abc", 0, "");
        check("aé", 2, "a");
        check("a€b", 3, "a");
        check("a€b", 4, "a€");
        check("😀😀", 7, "😀");
        check("😀", 3, "");
    }

    #[test]
    fn cuts_what_is_not_utf8_at_the_limit() {
        assert_eq!(cut(&[0x80; 10], 5), (&[0x80; 5][..], 5));
    }
}
