//! Character references of HTML and XML (WHATWG HTML, section 13.5): the numeric ones, and those
//! names that stand for characters of which identifiers are made.

/// The longest name here, without `&` and `;`.
pub(super) const NAME_BYTES_MAX: usize = 8;

/// By name, in their order; U+0000 stands for nothing at all.
const NAMES: &[(&str, char)] = &[
    ("NewLine", '\n'),
    ("Tab", '\t'),
    ("amp", '&'),
    ("apos", '\''),
    ("ast", '*'),
    ("bsol", '\\'),
    ("colon", ':'),
    ("comma", ','),
    ("commat", '@'),
    ("dash", '-'),
    ("dollar", '$'),
    ("emsp", ' '),
    ("ensp", ' '),
    ("equals", '='),
    ("euro", '\u{20ac}'),
    ("excl", '!'),
    ("grave", '`'),
    ("gt", '>'),
    ("hyphen", '-'),
    ("lbrace", '{'),
    ("lowbar", '_'),
    ("lpar", '('),
    ("lsqb", '['),
    ("lt", '<'),
    ("mdash", '\u{2014}'),
    ("nbsp", ' '),
    ("ndash", '\u{2013}'),
    ("num", '#'),
    ("percnt", '%'),
    ("period", '.'),
    ("plus", '+'),
    ("pound", '\u{a3}'),
    ("quest", '?'),
    ("quot", '"'),
    ("rbrace", '}'),
    ("rpar", ')'),
    ("rsqb", ']'),
    ("semi", ';'),
    ("shy", '\0'),
    ("sol", '/'),
    ("thinsp", ' '),
    ("zwj", '\0'),
    ("zwnj", '\0'),
];

/// The character of a reference, given without `&` and `;`.
pub(super) fn character(reference: &[u8]) -> Option<char> {
    let number = match reference {
        [b'#', b'x' | b'X', digits @ ..] => read(digits, 16),
        [b'#', digits @ ..] => read(digits, 10),
        _ => {
            let found = NAMES.binary_search_by(|(name, _)| name.as_bytes().cmp(reference));
            return found.ok().and_then(|at| NAMES.get(at)).map(|(_, c)| *c);
        }
    };
    match number? {
        0xa0 => Some(' '),
        // The soft hyphen and what has no width.
        0xad | 0x200b..=0x200d | 0x2060 | 0xfeff => Some('\0'),
        number => char::from_u32(number),
    }
}

fn read(digits: &[u8], radix: u32) -> Option<u32> {
    std::str::from_utf8(digits).ok().and_then(|digits| u32::from_str_radix(digits, radix).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_their_order_and_are_found() {
        assert!(NAMES.is_sorted_by_key(|(name, _)| *name));
        for (name, c) in NAMES {
            assert!(name.len() <= NAME_BYTES_MAX, "{name}");
            assert_eq!(character(name.as_bytes()), Some(*c), "{name}");
        }
        assert_eq!([&b""[..], b"am", b"AMP", b"zz"].map(character), [None; 4]);
    }
}
