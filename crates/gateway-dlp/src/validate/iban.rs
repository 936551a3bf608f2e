//! International bank account numbers (ISO 13616).

use super::digits::is_digits;
use super::iso7064::mod_97_10;

/// Whether these characters begin with a country, go on in the form of its accounts and are right
/// by ISO 7064 MOD 97-10.
pub(crate) fn iban(number: &[u8]) -> bool {
    let Some((country, rest)) = number.split_at_checked(2) else { return false };
    let Some((check, account)) = rest.split_at_checked(2) else { return false };
    let form = FORMS.iter().find(|(code, _)| code.as_bytes() == country);
    // The check digits are 98 less a rest by 97: 00, 01 and 99 are never given.
    is_digits(check, 2)
        && !matches!(check, b"00" | b"01" | b"99")
        && form.is_some_and(|(_, form)| fits(account, form))
        && mod_97_10(account.iter().chain(country).chain(check).copied())
}

/// Letters and digits of a number of the country of this code, if there is one.
pub(crate) fn iban_len(country: [u8; 2]) -> Option<usize> {
    let [first, second] = country.map(|letter| usize::from(letter.wrapping_sub(b'A')));
    let len = *LENGTHS.get(first)?.get(second)?;
    (len > 0).then_some(usize::from(len))
}

/// The lengths of numbers by the letters of their country; 0 is none.
const LENGTHS: [[u8; 26]; 26] = {
    let mut lengths = [[0; 26]; 26];
    let mut rest = FORMS;
    while let [(country, form), behind @ ..] = rest {
        if let [first, second] = country.as_bytes() {
            lengths[(*first - b'A') as usize][(*second - b'A') as usize] = 4 + len(form);
        }
        rest = behind;
    }
    lengths
};

/// The characters of an account of this form.
const fn len(form: &str) -> u8 {
    let mut rest = form.as_bytes();
    let (mut sum, mut count) = (0, 0);
    while let [byte, behind @ ..] = rest {
        if byte.is_ascii_digit() {
            count = count * 10 + (*byte - b'0');
        } else {
            (sum, count) = (sum + count, 0);
        }
        rest = behind;
    }
    sum
}

/// Whether `account` has the form: counts and, behind each, what there are so many of, digits
/// (`n`), capitals (`a`) or either (`c`).
fn fits(account: &[u8], form: &str) -> bool {
    let mut rest = account;
    let mut count = 0_usize;
    for byte in form.bytes() {
        if byte.is_ascii_digit() {
            count = count * 10 + usize::from(byte - b'0');
            continue;
        }
        let Some((part, behind)) = rest.split_at_checked(count) else { return false };
        let is_one = |character: &u8| match byte {
            b'n' => character.is_ascii_digit(),
            b'a' => character.is_ascii_uppercase(),
            _ => character.is_ascii_digit() || character.is_ascii_uppercase(),
        };
        if !part.iter().all(is_one) {
            return false;
        }
        (rest, count) = (behind, 0);
    }
    rest.is_empty()
}

/// The forms of accounts by country: the IBAN registry of SWIFT.
const FORMS: &[(&str, &str)] = &[
    ("AD", "4n4n12c"),
    ("AE", "3n16n"),
    ("AL", "8n16c"),
    ("AT", "5n11n"),
    ("AZ", "4a20c"),
    ("BA", "3n3n8n2n"),
    ("BE", "3n7n2n"),
    ("BG", "4a4n2n8c"),
    ("BH", "4a14c"),
    ("BI", "5n5n11n2n"),
    ("BR", "8n5n10n1a1c"),
    ("BY", "4c4n16c"),
    ("CH", "5n12c"),
    ("CR", "4n14n"),
    ("CY", "3n5n16c"),
    ("CZ", "4n16n"),
    ("DE", "8n10n"),
    ("DJ", "5n5n11n2n"),
    ("DK", "4n9n1n"),
    ("DO", "4c20n"),
    ("EE", "2n14n"),
    ("EG", "4n4n17n"),
    ("ES", "4n4n1n1n10n"),
    ("FI", "3n11n"),
    ("FK", "2a12n"),
    ("FO", "4n9n1n"),
    ("FR", "5n5n11c2n"),
    ("GB", "4a6n8n"),
    ("GE", "2a16n"),
    ("GI", "4a15c"),
    ("GL", "4n9n1n"),
    ("GR", "3n4n16c"),
    ("GT", "4c20c"),
    ("HN", "4a20n"),
    ("HR", "7n10n"),
    ("HU", "3n4n1n15n1n"),
    ("IE", "4a6n8n"),
    ("IL", "3n3n13n"),
    ("IQ", "4a3n12n"),
    ("IS", "4n2n6n10n"),
    ("IT", "1a5n5n12c"),
    ("JO", "4a4n18c"),
    ("KW", "4a22c"),
    ("KZ", "3n13c"),
    ("LB", "4n20c"),
    ("LC", "4a24c"),
    ("LI", "5n12c"),
    ("LT", "5n11n"),
    ("LU", "3n13c"),
    ("LV", "4a13c"),
    ("LY", "3n3n15n"),
    ("MC", "5n5n11c2n"),
    ("MD", "2c18c"),
    ("ME", "3n13n2n"),
    ("MK", "3n10c2n"),
    ("MN", "4n12n"),
    ("MR", "5n5n11n2n"),
    ("MT", "4a5n18c"),
    ("MU", "4a2n2n12n3n3a"),
    ("NI", "4a20n"),
    ("NL", "4a10n"),
    ("NO", "4n6n1n"),
    ("OM", "3n16c"),
    ("PK", "4a16c"),
    ("PL", "8n16n"),
    ("PS", "4a21c"),
    ("PT", "4n4n11n2n"),
    ("QA", "4a21c"),
    ("RO", "4a16c"),
    ("RS", "3n13n2n"),
    ("RU", "9n5n15c"),
    ("SA", "2n18c"),
    ("SC", "4a2n2n16n3a"),
    ("SD", "2n12n"),
    ("SE", "3n16n1n"),
    ("SI", "5n8n2n"),
    ("SK", "4n6n10n"),
    ("SM", "1a5n5n12c"),
    ("SO", "4n3n12n"),
    ("ST", "4n4n11n2n"),
    ("SV", "4a20n"),
    ("TL", "3n14n2n"),
    ("TN", "2n3n13n2n"),
    ("TR", "5n1n16c"),
    ("UA", "6n19c"),
    ("VA", "3n15n"),
    ("VG", "4a16n"),
    ("XK", "4n10n2n"),
    ("YE", "4a4n18c"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(iban(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("VA98670476701671604309", true),
            ("BH88QGXP14484544237915", true),
            ("FR2015667270726741546129138", true),
            ("FR9032532806530784235139789", true),
            ("RS24696563596604433874", true),
            ("DE97955897884880367675", true),
            ("DE00955897884880367675", false),
            ("DE98861903177264177614", true),
            ("DE01861903177264177614", false),
            ("DE02019446277377139153", true),
            ("DE99019446277377139153", false),
            ("LA98670476701671604309", false),
            ("HH88QGXP14484544237915", false),
            ("FR2015667270726741546129137", false),
            ("FR9032532806530084235139789", false),
            ("VA9867047670167160430", false),
            ("VA986704767016716043090", false),
            ("", false),
        ]);
    }

    #[test]
    fn the_country_tells_how_long_a_number_is() {
        for (country, len) in
            [(b"DE", Some(22)), (b"NO", Some(15)), (b"RU", Some(33)), (b"QQ", None)]
        {
            assert_eq!(iban_len(*country), len);
        }
        for other in [*b"de", *b"12", *b"D ", [0xFF, 0]] {
            assert_eq!(iban_len(other), None);
        }
        for (country, form) in FORMS {
            let long = iban_len(country.as_bytes().try_into().unwrap()).unwrap();
            let account = form.bytes().fold((String::new(), 0), |(text, count), byte| match byte {
                b'0'..=b'9' => (text, count * 10 + usize::from(byte - b'0')),
                b'a' => (text + &"A".repeat(count), 0),
                _ => (text + &"1".repeat(count), 0),
            });
            assert!(fits(account.0.as_bytes(), form) && account.0.len() + 4 == long, "{country}");
        }
    }
}
