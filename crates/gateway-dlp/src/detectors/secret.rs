//! Secrets: random text behind a prefix of its own, or behind the name of what it opens.

use gateway_inspect::Confidence;

use super::lead_in::lead_in_len;
use crate::sample::{Judgement, Sample};
use crate::validate::{base62, crc32, has_stop_word, is_random};

/// A pattern for a value that is assigned to a name which holds the first part, in any case: in
/// source text, settings, JSON, XML, a URL or a sentence such as `name of it: value`.
macro_rules! assigned {
    ($name:expr, $value:expr) => {
        concat!(
            "(?i:",
            $name,
            r#")[0-9A-Za-z_. -]{0,30}[ \t"'`\\\])]*[=:>|,?(]+[\s"'`=>({\[\\]*"#,
            "(?:",
            $value,
            r")\b{end-half}",
        )
    };
}

pub(super) use assigned;

/// Judges a match of a pattern that begins with a prefix of `prefix` bytes, behind a lead-in if the
/// pattern has one: what follows the prefix must look random.
pub(super) fn token(
    sample: &Sample<'_>,
    prefix: usize,
    confidence: Confidence,
) -> Option<Judgement> {
    let lead = lead_in_len(sample.matched);
    let body = sample.matched.get(lead + prefix..)?;
    is_random(body).then_some(Judgement { confidence, lead, trail: 0 })
}

/// As [`token`], for patterns with a lead-in: what stands behind a point or a dash is the end of
/// something longer.
pub(super) fn token_alone(
    sample: &Sample<'_>,
    prefix: usize,
    confidence: Confidence,
) -> Option<Judgement> {
    if is_end_of_token(sample.before, 0) { None } else { token(sample, prefix, confidence) }
}

/// Whether a token behind these bytes is the end of something longer.
pub(super) const fn is_end_of_token(before: &[u8], _first: u8) -> bool {
    matches!(before, [.., b'.' | b'-'])
}

/// Judges a match of an [`assigned`] pattern: the value must look random, and it alone is found.
/// The value must have none of the characters that part it from the name, but `=` at its end.
pub(super) fn value(sample: &Sample<'_>, confidence: Confidence) -> Option<Judgement> {
    let lead = value_start(sample.matched);
    is_random(sample.matched.get(lead..)?).then_some(Judgement { confidence, lead, trail: 0 })
}

/// Where the value begins in a match of an [`assigned`] pattern.
pub(super) fn value_start(matched: &[u8]) -> usize {
    let padding = matched.iter().rev().take_while(|byte| **byte == b'=').count();
    let parts = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`=:>|,?({[\\".contains(byte);
    let unpadded = matched.get(..matched.len() - padding).unwrap_or_default();
    unpadded.iter().rposition(parts).map_or(0, |at| at + 1)
}

/// As [`token`], for tokens that end with six characters of checksum: high confidence where they
/// are the CRC-32 of what stands between the prefix and them, in base 62.
pub(super) fn checked(
    sample: &Sample<'_>,
    prefix: usize,
    confidence: Confidence,
) -> Option<Judgement> {
    let lead = lead_in_len(sample.matched);
    let (random, checksum) = sample.matched.get(lead + prefix..)?.split_last_chunk::<6>()?;
    if base62(crc32(random)) == *checksum {
        return Some(Judgement { confidence: Confidence::High, lead, trail: 0 });
    }
    token(sample, prefix, confidence)
}

/// Judges a URL with a user, a password and a host: the password must be none that manuals name,
/// and no reference to a variable.
pub(super) fn url_password(sample: &Sample<'_>, confidence: Confidence) -> Option<Judgement> {
    let scheme = sample.matched.windows(3).position(|part| part == b"://")?;
    let rest = sample.matched.get(scheme + 3..)?;
    let (user, _host) = rest.split_at_checked(rest.iter().rposition(|byte| *byte == b'@')?)?;
    let password = user.get(user.iter().position(|byte| *byte == b':')? + 1..)?;
    if is_told_password(password.iter().copied()) {
        return None;
    }
    Judgement::whole(confidence)
}

/// Passwords that manuals name, in lower case and in order.
const TOLD_PASSWORDS: &[&[u8]] = &[
    b"changeme",
    b"example",
    b"foobar",
    b"guest",
    b"hunter2",
    b"mypass",
    b"mypassword",
    b"pass",
    b"passwd",
    b"password",
    b"passwort",
    b"postgres",
    b"pw",
    b"pwd",
    b"root",
    b"secret",
    b"test",
    b"token",
    b"user",
    b"yourpassword",
];

/// Whether `password` is one that manuals name, one character again and again, or a reference to
/// a variable.
pub(super) fn is_told_password(password: impl Iterator<Item = u8>) -> bool {
    let password: Vec<u8> = password.map(|byte| byte.to_ascii_lowercase()).collect();
    let is_reference = matches!(password.as_slice(), [b'$' | b'%' | b'{' | b'[' | b'<', ..]);
    is_reference
        || password.windows(2).all(|pair| pair.first() == pair.last())
        || TOLD_PASSWORDS.contains(&password.as_slice())
        || has_stop_word(&password)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_begin_behind_what_parts_them_from_the_name() {
        for (matched, value) in [
            (r#"aws_key = "q8Zt2LmV""#, ""),
            (r#"aws_key = "q8Zt2LmV"#, "q8Zt2LmV"),
            ("aws_key:q8Zt2LmV==", "q8Zt2LmV=="),
            ("aws_key==q8+t/LmV=", "q8+t/LmV="),
            ("q8Zt2LmV", "q8Zt2LmV"),
            ("", ""),
        ] {
            assert_eq!(&matched[value_start(matched.as_bytes())..], value, "{matched}");
        }
    }

    #[test]
    fn told_passwords() {
        assert!(TOLD_PASSWORDS.is_sorted());
        for (password, expected) in [
            ("Password", true),
            ("${PGPASSWORD}", true),
            ("<password>", true),
            ("xxxx", true),
            ("", true),
            ("q8Zt2LmV0c", false),
            ("passphrase-1", false),
        ] {
            assert_eq!(is_told_password(password.bytes()), expected, "{password}");
        }
    }
}
