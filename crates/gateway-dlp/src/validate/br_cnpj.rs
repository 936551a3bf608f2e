//! Brazilian company numbers.

/// Whether the last two of these 14 characters are the check digits of the others, digits or
/// capitals.
pub(crate) fn br_cnpj(number: &[u8]) -> bool {
    let weights = [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2];
    let check = |len: usize| {
        let body = number.iter().take(len).map(|byte| u32::from(byte.saturating_sub(b'0')));
        let weights = weights.iter().skip(weights.len() - len);
        let sum: u32 = body.zip(weights).map(|(value, weight)| value * weight).sum();
        let digit = (11 - sum % 11) % 11 % 10;
        number.get(len).map(|byte| u32::from(byte.wrapping_sub(b'0'))) == Some(digit)
    };
    number.len() == 14
        && number.iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
        && !number.starts_with(b"000000000000")
        && check(12)
        && check(13)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(br_cnpj(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("16124673055257", true),
            ("33094309343265", true),
            ("99867463606185", true),
            ("94817641520261", true),
            ("34192322442706", true),
            ("16624673055257", false),
            ("33094309443265", false),
            ("99863463606185", false),
            ("94817641620261", false),
            ("1612467305525", false),
            ("161246730552570", false),
            ("", false),
        ]);
    }
}
