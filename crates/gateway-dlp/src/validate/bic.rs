//! Business identifier codes (ISO 9362).

/// Whether these 8 or 11 characters are four letters, the code of a country, and two or five
/// letters or digits.
pub(crate) fn bic(number: &[u8]) -> bool {
    let country = number.get(4..6).unwrap_or_default();
    matches!(number.len(), 8 | 11)
        && number.iter().take(6).all(u8::is_ascii_uppercase)
        && number.iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
        && COUNTRIES.as_bytes().chunks(3).any(|code| code.starts_with(country))
}

/// The countries and territories where people live (ISO 3166-1, and XK), two letters and a space each.
const COUNTRIES: &str = "\
    AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ \
    BR BS BT BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM \
    DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR \
    GT GU GW GY HK HN HR HT HU ID IE IL IM IN IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP \
    KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ \
    MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL \
    PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS \
    ST SV SX SY SZ TC TD TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG \
    VI VN VU WF WS XK YE YT ZA ZM ZW \
    ";

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(bic(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("DEUTDEFF", true),
            ("BNPAFRPPXXX", true),
            ("KIRBKIKI", true),
            ("KIRBAQKI", false),
            ("PASSWORD", false),
            ("DEUTDEF", false),
            ("DEUTDEFF1", false),
            ("deutdeff", false),
            ("", false),
        ]);
    }
}
