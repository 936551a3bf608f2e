//! Chilean role numbers.

/// Whether the last of these eight or nine characters is the check digit of the digits before, `K`
/// for ten.
pub(crate) fn cl_rut(number: &[u8]) -> bool {
    let Some((check, digits)) = number.split_last() else { return false };
    let weights = [2, 3, 4, 5, 6, 7].into_iter().cycle();
    let digit = |digit: &u8| u32::from(digit & 0x0F);
    let sum: u32 = digits.iter().rev().zip(weights).map(|(d, weight)| digit(d) * weight).sum();
    let check = match check {
        b'K' => 10,
        b'0'..=b'9' => digit(check),
        _ => return false,
    };
    matches!(digits.len(), 7 | 8)
        && digits.iter().all(u8::is_ascii_digit)
        && (11 - sum % 11) % 11 == check
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(cl_rut(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("484071535", true),
            ("841314751", true),
            ("534103247", true),
            ("341380170", true),
            ("036795948", true),
            ("484071135", false),
            ("841314651", false),
            ("534105247", false),
            ("341380270", false),
            ("4840715350", false),
            ("", false),
        ]);
    }
}
