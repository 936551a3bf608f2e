//! Dutch VAT numbers.

use super::digits::{is_digits, value};
use super::iso7064::mod_97_10;
use super::nl_bsn::nl_bsn;

/// Whether these are nine digits, `B` and two digits: a citizen service number or the number of a
/// company, or with `NL` before it right by ISO 7064 MOD 97-10.
pub(crate) fn nl_vat(number: &[u8]) -> bool {
    let [digits @ .., b'B', c0, c1] = number else { return false };
    is_digits(digits, 9)
        && is_digits(&[*c0, *c1], 2)
        && value(&[*c0, *c1]) > 0
        && (nl_bsn(digits) || mod_97_10(b"NL".iter().chain(number).copied()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(nl_vat(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("836047545B05", true),
            ("511904769B40", true),
            ("738361100B65", true),
            ("420171885B56", true),
            ("575544065B95", true),
            ("836047145B05", false),
            ("511908769B40", false),
            ("758361100B65", false),
            ("920171885B56", false),
            ("836047545B0", false),
            ("836047545B050", false),
            ("", false),
        ]);
    }
}
