//! The Luhn check digit (ISO/IEC 7812-1, annex B).

/// Whether the last of these ASCII digits is the Luhn check digit of those before it.
pub(crate) fn luhn(digits: &[u8]) -> bool {
    let weigh = |(index, digit): (usize, &u8)| {
        let value = u32::from(digit & 0x0F);
        match index % 2 {
            0 => value,
            _ => value * 2 / 10 + value * 2 % 10,
        }
    };
    digits.len() > 1 && digits.iter().rev().enumerate().map(weigh).sum::<u32>() % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (digits, expected) in cases {
            assert_eq!(luhn(digits.as_bytes()), *expected, "{digits}");
        }
    }

    #[test]
    fn published_numbers() {
        check(&[
            ("17893729974", true), // The example of ISO/IEC 7812-1.
            ("17893729975", false),
            ("378282246310005", true),
            ("4111111111111111", true),
            ("4111111111111112", false),
            ("1411111111111111", false),
            ("0", false),
            ("", false),
        ]);
    }

    #[test]
    fn each_change_of_one_digit_shows() {
        let number = b"5555555555554444".to_vec();
        for at in 0..number.len() {
            for digit in b'0'..=b'9' {
                let mut changed = number.clone();
                changed[at] = digit;
                assert_eq!(luhn(&changed), changed == number);
            }
        }
    }
}
