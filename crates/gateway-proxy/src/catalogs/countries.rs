//! Countries of addresses, by networks, and the continents that countries lie in.

use std::net::IpAddr;

use super::{CatalogFault, rows};

/// A country, by its two letters (ISO 3166-1), in upper case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Country([u8; 2]);

impl Country {
    /// The country of these two letters; `None` if they are none.
    #[must_use]
    pub fn new(letters: &str) -> Option<Self> {
        match *letters.as_bytes() {
            [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
                Some(Self([a.to_ascii_uppercase(), b.to_ascii_uppercase()]))
            }
            _ => None,
        }
    }

    /// The two letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The continent that it lies in, by two letters: `AF`, `AN`, `AS`, `EU`, `NA`, `OC` or `SA`;
    /// `None` for letters of no country.
    #[must_use]
    pub fn continent(&self) -> Option<&'static str> {
        let is_there = |countries: &str| countries.split(' ').any(|one| one == self.as_str());
        CONTINENTS.iter().find(|(_, countries)| is_there(countries)).map(|(name, _)| *name)
    }
}

const CONTINENTS: [(&str, &str); 7] = [
    (
        "AF",
        "AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW KE KM LR LS LY MA MG \
         ML MR MU MW MZ NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TD TG TN TZ UG YT ZA ZM ZW",
    ),
    ("AN", "AQ BV GS HM TF"),
    (
        "AS",
        "AE AF AM AZ BD BH BN BT CC CN CX GE HK ID IL IN IO IQ IR JO JP KG KH KP KR KW KZ LA LB LK \
         MM MN MO MV MY NP OM PH PK PS QA SA SG SY TH TJ TL TM TR TW UZ VN YE",
    ),
    (
        "EU",
        "AD AL AT AX BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI \
         LT LU LV MC MD ME MK MT NL NO PL PT RO RS RU SE SI SJ SK SM UA VA XK",
    ),
    (
        "NA",
        "AG AI AW BB BL BM BQ BS BZ CA CR CU CW DM DO GD GL GP GT HN HT JM KN KY LC MF MQ MS MX NI \
         PA PM PR SV SX TC TT US VC VG VI",
    ),
    ("OC", "AS AU CK FJ FM GU KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV UM VU WF WS"),
    ("SA", "AR BO BR CL CO EC FK GF GY PE PY SR UY VE"),
];

/// Countries by network; of networks within each other the smallest counts.
#[derive(Clone, Debug, Default)]
pub struct Countries {
    v4: Vec<(u32, Option<Country>)>,
    v6: Vec<(u128, Option<Country>)>,
}

impl Countries {
    /// Reads lines of `network,country`: a CIDR or an address, and two letters. Lines that are empty
    /// or begin with `#` are passed over.
    ///
    /// # Errors
    /// Every line that is something else.
    pub fn parse(text: &str) -> Result<Self, Vec<CatalogFault>> {
        let rows = rows(text, |fields| {
            let [network, country] = fields else { return Err("a network and a country") };
            let network = network_of(network).ok_or("a network, without host bits")?;
            let country = Country::new(country).ok_or("the two letters of a country")?;
            Ok((network, country))
        })?;
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for ((address, bits), country) in rows {
            match address {
                IpAddr::V4(first) => {
                    let first = u32::from(first);
                    v4.push((first, first | u32::MAX.checked_shr(bits).unwrap_or(0), country));
                }
                IpAddr::V6(first) => {
                    let first = u128::from(first);
                    v6.push((first, first | u128::MAX.checked_shr(bits).unwrap_or(0), country));
                }
            }
        }
        let v4 = borders(v4, |last| last.checked_add(1));
        Ok(Self { v4, v6: borders(v6, |last| last.checked_add(1)) })
    }

    /// Whether nothing is told.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// The country of an address.
    #[must_use]
    pub fn of(&self, address: IpAddr) -> Option<Country> {
        match address.to_canonical() {
            IpAddr::V4(address) => within(&self.v4, address.into()),
            IpAddr::V6(address) => within(&self.v6, address.into()),
        }
    }
}

fn network_of(text: &str) -> Option<(IpAddr, u32)> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits.parse::<u32>().ok()?)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let (value, width) = match address {
        // At the upper end, so that both widths are shifted alike.
        IpAddr::V4(v4) => (u128::from(u32::from(v4)) << 96, 32),
        IpAddr::V6(v6) => (u128::from(v6), 128),
    };
    let bits = bits.unwrap_or(width);
    let host_bits = value & u128::MAX.checked_shr(bits).unwrap_or(0);
    (bits <= width && host_bits == 0).then_some((address, bits))
}

/// Where what is told changes, ascending: from each number on it is the value beside it.
fn borders<T: Ord + Copy>(
    mut networks: Vec<(T, T, Country)>,
    after: impl Fn(T) -> Option<T>,
) -> Vec<(T, Option<Country>)> {
    // A network stands before those within it.
    networks.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
    let mut borders: Vec<(T, Option<Country>)> = Vec::new();
    let mut note = |from: T, country| match borders.last_mut() {
        Some(last) if last.0 == from => last.1 = country,
        _ => borders.push((from, country)),
    };
    let mut open: Vec<(T, Country)> = Vec::new();
    let close = |open: &mut Vec<(T, Country)>, note: &mut dyn FnMut(T, Option<Country>)| {
        if let Some((last, _)) = open.pop()
            && let Some(next) = after(last)
        {
            note(next, open.last().map(|(_, country)| *country));
        }
    };
    for (first, last, country) in networks {
        while open.last().is_some_and(|(end, _)| *end < first) {
            close(&mut open, &mut note);
        }
        note(first, Some(country));
        open.push((last, country));
    }
    while !open.is_empty() {
        close(&mut open, &mut note);
    }
    borders
}

fn within<T: Ord>(borders: &[(T, Option<Country>)], value: T) -> Option<Country> {
    let behind = borders.partition_point(|(from, _)| *from <= value);
    borders.get(behind.checked_sub(1)?)?.1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, address: &str, expected: Option<&str>) {
        let countries = Countries::parse(text).expect(text);
        let found = countries.of(address.parse().expect(address));
        assert_eq!(found.as_ref().map(Country::as_str), expected, "{address}");
    }

    #[test]
    fn the_smallest_network_counts() {
        let text = "10.0.0.0/8,de\n10.1.0.0/16,FR\n10.1.2.3,US\n2001:db8::/32,JP\n255.0.0.0/8,BR\n";
        for (address, expected) in [
            ("9.255.255.255", None),
            ("10.0.0.0", Some("DE")),
            ("10.1.0.0", Some("FR")),
            ("10.1.2.2", Some("FR")),
            ("10.1.2.3", Some("US")),
            ("10.1.2.4", Some("FR")),
            ("10.2.0.0", Some("DE")),
            ("11.0.0.0", None),
            ("255.255.255.255", Some("BR")),
            ("::ffff:10.1.2.3", Some("US")),
            ("2001:db8:1::1", Some("JP")),
            ("2001:db9::", None),
        ] {
            check(text, address, expected);
        }
    }

    #[test]
    fn faulty_lines_are_refused() {
        for line in ["10.0.0.1/8,DE", "10.0.0.0/33,DE", "10.0.0.0/8", "10.0.0.0/8,DEU", "x,DE"] {
            assert_eq!(Countries::parse(line).expect_err(line).len(), 1, "{line}");
        }
    }

    #[test]
    fn countries_lie_in_continents() {
        for (country, continent) in
            [("DE", Some("EU")), ("us", Some("NA")), ("TW", Some("AS")), ("ZZ", None)]
        {
            assert_eq!(Country::new(country).expect(country).continent(), continent, "{country}");
        }
        let all: Vec<&str> = CONTINENTS.iter().flat_map(|(_, all)| all.split(' ')).collect();
        let distinct: std::collections::BTreeSet<&str> = all.iter().copied().collect();
        assert_eq!(all.len(), distinct.len());
        assert_eq!(all.len(), 250);
    }

    proptest! {
        /// The same as going through all networks for the longest prefix.
        #[test]
        fn look_ups_equal_the_longest_prefix(
            networks in prop::collection::vec((0_u8..8, 24_u32..=32, 0_u8..26), 0..12),
            address in 0_u8..16,
        ) {
            let mut told: Vec<(u32, u32, Country)> = Vec::new();
            let mut text = String::new();
            for (start, bits, letter) in networks {
                let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
                let first = (0x0a00_0000 | u32::from(start)) & mask;
                if told.iter().any(|(f, b, _)| (*f, *b) == (first, bits)) {
                    continue;
                }
                let letters = format!("A{}", char::from(b'A' + letter));
                let address = std::net::Ipv4Addr::from(first);
                text.push_str(&format!("{address}/{bits},{letters}\n"));
                told.push((first, bits, Country::new(&letters).expect("letters")));
            }
            let asked = 0x0a00_0000 | u32::from(address);
            let holds = |(first, bits, _): &&(u32, u32, Country)| {
                asked & u32::MAX.checked_shl(32 - bits).unwrap_or(0) == *first
            };
            let expected = told.iter().filter(holds).max_by_key(|(_, bits, _)| *bits);
            let countries = Countries::parse(&text).expect("sound");
            let found = countries.of(IpAddr::V4(asked.into()));
            prop_assert_eq!(found, expected.map(|(_, _, country)| *country));
        }
    }
}
