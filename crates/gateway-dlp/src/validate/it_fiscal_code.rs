//! Italian fiscal codes of persons. Digits may be written as letters, where two persons would have
//! the same code.

/// Letters that stand for the digits in their order.
const LETTERS_FOR_DIGITS: &[u8] = b"LMNPQRSTUV";

/// Whether these 16 characters hold a date and end with the check letter.
pub(crate) fn it_fiscal_code(number: &[u8]) -> bool {
    const ODD: [u32; 26] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24,
        23,
    ];
    let value = |(place, byte): (usize, &u8)| {
        let index = if byte.is_ascii_digit() { byte & 0x0F } else { byte.wrapping_sub(b'A') };
        match place % 2 {
            0 => ODD.get(usize::from(index)).copied().unwrap_or_default(),
            _ => u32::from(index),
        }
    };
    let sum: u32 = number.iter().take(15).enumerate().map(value).sum();
    it_fiscal_form(number)
        && number.last().map(|byte| u32::from(byte.wrapping_sub(b'A'))) == Some(sum % 26)
}

/// Whether these are 16 characters that hold a date.
pub(crate) fn it_fiscal_form(number: &[u8]) -> bool {
    let is_digit = |byte: &u8| byte.is_ascii_digit() || LETTERS_FOR_DIGITS.contains(byte);
    let digit = |at: usize| {
        let byte = number.get(at)?;
        let letter = LETTERS_FOR_DIGITS.iter().position(|letter| letter == byte);
        letter.or_else(|| byte.is_ascii_digit().then(|| usize::from(byte & 0x0F)))
    };
    let day = digit(9).zip(digit(10)).map(|(tens, ones)| (tens * 10 + ones) % 40);
    let digits = [6, 7, 9, 10, 12, 13, 14];
    let is_formed = number.iter().enumerate().all(|(at, byte)| match digits.contains(&at) {
        true => is_digit(byte),
        false => byte.is_ascii_uppercase(),
    });
    number.len() == 16
        && is_formed
        && number.get(8).is_some_and(|month| b"ABCDEHLMPRST".contains(month))
        && day.is_some_and(|day| (1..=31).contains(&day))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(it_fiscal_code(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("AWOSMD65E16K482U", true),
            ("XDQBMW25M04R682B", true),
            ("WKQEKU21E17Z977L", true),
            ("NXAOVD17H66Z395O", true),
            ("MXLQJT77L21X389I", true),
            ("AWOSMD65C16K482U", false),
            ("XDQBMW25M04R680B", false),
            ("WKQEKU21E19Z977L", false),
            ("NXTOVD17H66Z395O", false),
            ("AWOSMD65E16K482", false),
            ("AWOSMD65E16K482U0", false),
            ("", false),
        ]);
    }
}
