//! Argentine tax numbers (CUIT, CUIL).

use super::digits::{is_digits, value, weighted};

/// Whether these eleven digits begin with a kind of persons or companies and end with the check
/// digit, for which 9 stands where it would be 10.
pub(crate) fn ar_cuit(number: &[u8]) -> bool {
    let part = |range| value(number.get(range).unwrap_or_default());
    let check = match (11 - weighted(number, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11 {
        10 => 9,
        check => u64::from(check),
    };
    is_digits(number, 11)
        && matches!(part(0..2), 20 | 23..=27 | 30 | 33 | 34 | 50 | 51 | 55)
        && check == part(10..11)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(ar_cuit(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("23111111129", true),
            ("30582593554", true),
            ("23545105446", true),
            ("23006675441", true),
            ("23343553242", true),
            ("23551043542", false),
            ("30268529858", false),
            ("23152531984", false),
            ("20839126995", false),
            ("3058259355", false),
            ("305825935540", false),
            ("", false),
        ]);
    }
}
