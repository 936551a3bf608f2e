//! How often bytes stand in what people and programs write: enough to tell which of two ways to
//! notice an entry comes up for nothing less often.

use crate::anchor::Literal;
use crate::bytes::ByteSet;

/// How many of a thousand bytes are `byte`, roughly, in prose, source text, JSON and HTML taken
/// together.
const fn of_thousand(byte: u8) -> f64 {
    match byte {
        b' ' => 130.0,
        b'e' | b't' => 50.0,
        b'a' | b'i' | b'n' | b'o' | b'r' | b's' => 38.0,
        b'\n' | b'"' | b'c' | b'd' | b'l' | b'm' | b'p' | b'u' => 20.0,
        b'b' | b'f' | b'g' | b'h' | b'y' | b',' | b'-' | b'.' | b'/' | b'_' => 10.0,
        b'0'..=b'9' | b'k' | b'v' | b'w' | b'x' | b'(' | b')' | b':' | b'<' | b'=' | b'>' => 7.0,
        b'A'..=b'Z' | b'j' | b'q' | b'z' | b';' | b'{' | b'}' | b'\'' => 2.5,
        b'!'..=b'~' => 1.5,
        0x80..=0xFF => 0.3,
        _ => 0.3,
    }
}

/// The share of all bytes that are in `set`.
pub(crate) fn share(set: &ByteSet) -> f64 {
    (set.iter().map(of_thousand).sum::<f64>() / 1_000.0).min(1.0)
}

/// How many places are looked at, on average, before something that stands up to `spread` bytes
/// farther away or nearer, with no bytes but those of `between` before it.
pub(crate) fn places(between: &ByteSet, spread: usize) -> f64 {
    let most = u32::try_from(spread + 1).map_or(f64::MAX, f64::from);
    (1.0 / (1.0 - share(between))).min(most)
}

/// At how many places, as a share of all, one of `literals` stands, in small letters or capitals,
/// times the places that it may be noticed for.
pub(crate) fn share_of_literals(literals: &[Literal]) -> f64 {
    let byte = |byte: &u8| {
        let capital = byte.to_ascii_uppercase();
        let both = of_thousand(*byte) + if capital == *byte { 0.0 } else { of_thousand(capital) };
        both / 1_000.0
    };
    let one = |literal: &Literal| {
        let places = places(&literal.between, literal.far - literal.near);
        literal.bytes.iter().map(byte).product::<f64>() * places
    };
    literals.iter().map(one).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_bytes_are_a_thousand() {
        let all: f64 = (0..=u8::MAX).map(of_thousand).sum();
        assert!((950.0..1_050.0).contains(&all), "{all}");
        assert!(share(&ByteSet::ALL) > 0.95 && share(&ByteSet::EMPTY) < 0.001);
    }

    #[test]
    fn long_literals_are_rare() {
        let literal = |text: &str, near: usize| Literal {
            bytes: text.bytes().collect(),
            near,
            far: text.len(),
            between: ByteSet::ALL,
            any: 0,
        };
        let share = |text: &str| share_of_literals(&[literal(text, text.len())]);
        assert!(share("at") > 1.0 / 1_000.0 && share("github") < 1.0 / 1e8);
        assert!(share_of_literals(&[literal("key", 1)]) > 2.0 * share("key"));
    }
}
