//! Issuer ranges and lengths of payment cards (ISO/IEC 7812-1: the first digits name the issuer).

/// A card network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CardIssuer {
    Amex,
    Dankort,
    Diners,
    Discover,
    Elo,
    Hipercard,
    Jcb,
    Maestro,
    Mastercard,
    Mir,
    Uatp,
    UnionPay,
    Verve,
    Visa,
}

/// The network that issues card numbers with these ASCII digits: by its ranges *and* lengths.
/// Co-branded UnionPay numbers that Discover carries count as UnionPay.
pub(crate) fn card_issuer(digits: &[u8]) -> Option<CardIssuer> {
    let first = |n: usize| -> u32 {
        digits.iter().take(n).fold(0, |value, digit| value * 10 + u32::from(digit & 0x0F))
    };
    let issuer = match (first(2), first(4)) {
        (34 | 37, _) => CardIssuer::Amex,
        (_, 5019) => CardIssuer::Dankort,
        (36 | 38 | 39, _) | (_, 3000..=3059 | 3095) => CardIssuer::Diners,
        (65, _) | (_, 6011 | 6440..=6499) => CardIssuer::Discover,
        (_, 3528..=3589) => CardIssuer::Jcb,
        (_, 5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763) => CardIssuer::Maestro,
        (51..=55, _) | (_, 2221..=2720) => CardIssuer::Mastercard,
        (_, 2200..=2204) => CardIssuer::Mir,
        (10..=19, _) => CardIssuer::Uatp,
        (62, _) => CardIssuer::UnionPay,
        (40..=49, _) => CardIssuer::Visa,
        _ => card_issuer_of_six(first(6))?,
    };
    let fits = match issuer {
        CardIssuer::Amex | CardIssuer::Uatp => digits.len() == 15,
        CardIssuer::Diners => matches!(digits.len(), 14 | 16..=19),
        CardIssuer::Discover | CardIssuer::Jcb | CardIssuer::Mir | CardIssuer::UnionPay => {
            matches!(digits.len(), 16..=19)
        }
        CardIssuer::Maestro => matches!(digits.len(), 12..=19),
        CardIssuer::Dankort | CardIssuer::Elo | CardIssuer::Hipercard | CardIssuer::Mastercard => {
            digits.len() == 16
        }
        CardIssuer::Verve => matches!(digits.len(), 16 | 18 | 19),
        CardIssuer::Visa => matches!(digits.len(), 13 | 16 | 19),
    };
    fits.then_some(issuer)
}

/// The network whose ranges are told by these first six digits only. Cards of Elo that begin as those
/// of Discover, UnionPay and Visa do count as theirs.
fn card_issuer_of_six(digits: u32) -> Option<CardIssuer> {
    match digits {
        504_175 | 506_699..=506_778 | 509_000..=509_999 | 636_297 | 636_368 => {
            Some(CardIssuer::Elo)
        }
        606_282 | 637_095 | 637_568 | 637_599 | 637_609 | 637_612 => Some(CardIssuer::Hipercard),
        506_099..=506_198 | 507_865..=507_964 => Some(CardIssuer::Verve),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, usize, Option<CardIssuer>)]) {
        for (prefix, len, expected) in cases {
            let number = format!("{prefix:0<len$}");
            assert_eq!(card_issuer(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn ranges_and_lengths() {
        check(&[
            ("34", 15, Some(CardIssuer::Amex)),
            ("37", 15, Some(CardIssuer::Amex)),
            ("37", 16, None),
            ("1", 15, Some(CardIssuer::Uatp)),
            ("1", 16, None),
            ("300", 14, Some(CardIssuer::Diners)),
            ("3059", 14, Some(CardIssuer::Diners)),
            ("306", 14, None),
            ("3095", 14, Some(CardIssuer::Diners)),
            ("36", 15, None),
            ("38", 19, Some(CardIssuer::Diners)),
            ("6011", 16, Some(CardIssuer::Discover)),
            ("6012", 16, None),
            ("644", 19, Some(CardIssuer::Discover)),
            ("643", 16, None),
            ("65", 16, Some(CardIssuer::Discover)),
            ("3527", 16, None),
            ("3528", 16, Some(CardIssuer::Jcb)),
            ("3589", 19, Some(CardIssuer::Jcb)),
            ("3590", 16, None),
            ("506098", 16, None),
            ("506099", 16, Some(CardIssuer::Verve)),
            ("506198", 19, Some(CardIssuer::Verve)),
            ("506198", 17, None),
            ("506199", 16, None),
            ("506698", 16, None),
            ("506699", 16, Some(CardIssuer::Elo)),
            ("506778", 16, Some(CardIssuer::Elo)),
            ("506779", 16, None),
            ("509", 16, Some(CardIssuer::Elo)),
            ("509", 19, None),
            ("636368", 16, Some(CardIssuer::Elo)),
            ("606282", 16, Some(CardIssuer::Hipercard)),
            ("606283", 16, None),
            ("5019", 16, Some(CardIssuer::Dankort)),
            ("5019", 15, None),
            ("6759", 12, Some(CardIssuer::Maestro)),
            ("6763", 19, Some(CardIssuer::Maestro)),
            ("6764", 16, None),
            ("51", 16, Some(CardIssuer::Mastercard)),
            ("55", 16, Some(CardIssuer::Mastercard)),
            ("56", 16, None),
            ("55", 17, None),
            ("2199", 16, None),
            ("2200", 16, Some(CardIssuer::Mir)),
            ("2204", 19, Some(CardIssuer::Mir)),
            ("2204", 15, None),
            ("2205", 16, None),
            ("2220", 16, None),
            ("2221", 16, Some(CardIssuer::Mastercard)),
            ("2720", 16, Some(CardIssuer::Mastercard)),
            ("2721", 16, None),
            ("62", 17, Some(CardIssuer::UnionPay)),
            ("62", 15, None),
            ("4", 13, Some(CardIssuer::Visa)),
            ("4", 16, Some(CardIssuer::Visa)),
            ("4", 19, Some(CardIssuer::Visa)),
            ("4", 15, None),
            ("9", 16, None),
            ("", 0, None),
        ]);
    }
}
