//! Identity numbers of residents of China (GB 11643).

use super::date::is_date;
use super::digits::value;
use super::iso7064::mod_11_2;

/// Whether these 18 characters begin with the code of a province, hold a date and end with the
/// check character of ISO 7064 MOD 11-2.
pub(crate) fn cn_ric(number: &[u8]) -> bool {
    let part = |range| value(number.get(range).unwrap_or_default());
    let (digits, check) = number.split_at(number.len().min(17));
    let province = matches!(part(0..2), 11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83);
    number.len() == 18
        && digits.iter().all(u8::is_ascii_digit)
        && check.iter().all(|byte| byte.is_ascii_digit() || *byte == b'X')
        && province
        && is_date(part(6..10), part(10..12), part(12..14))
        && mod_11_2(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(cn_ric(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("110105199511043170", true),
            ("110106200207011627", true),
            ("110103197611068752", true),
            ("11010119610327953X", true),
            ("110107200712156444", true),
            ("110105099511043170", false),
            ("110706200207011627", false),
            ("110103197111068752", false),
            ("11010119610377953X", false),
            ("11010519951104317", false),
            ("1101051995110431700", false),
            ("", false),
        ]);
    }
}
