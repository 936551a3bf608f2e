//! Which Social Security numbers are issued (Social Security Administration, POMS RM 10201.035,
//! and the numbers that it has declared void).

/// Whether these nine ASCII digits may be a Social Security number: no group is all zeros, the
/// area is neither 666 nor 900 or above (those are taxpayer numbers), and it is not one of the
/// numbers that advertisements made void.
pub(crate) fn ssn(digits: &[u8]) -> bool {
    let [a0, a1, a2, g0, g1, serial @ ..] = digits else { return false };
    let area = [*a0, *a1, *a2];
    serial.len() == 4
        && area != *b"000"
        && area != *b"666"
        && *a0 != b'9'
        && [*g0, *g1] != *b"00"
        && serial != b"0000"
        && digits != b"078051120"
        && digits != b"219099999"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (digits, expected) in cases {
            assert_eq!(ssn(digits.as_bytes()), *expected, "{digits}");
        }
    }

    #[test]
    fn groups() {
        check(&[
            ("536221234", true),
            ("001010001", true),
            ("772019999", true),
            ("899999999", true),
            ("000121234", false),
            ("666121234", false),
            ("900121234", false),
            ("987654321", false),
            ("536001234", false),
            ("536220000", false),
            ("078051120", false),
            ("219099999", false),
            ("53622123", false),
            ("5362212345", false),
            ("", false),
        ]);
    }
}
