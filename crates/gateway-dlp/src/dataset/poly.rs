//! A hash of text that can be put together from those of its pieces: a polynomial over a secret
//! point, modulo 2⁶¹ − 1.

/// 2⁶¹ − 1.
const PRIME: u64 = (1 << 61) - 1;

/// The secret point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Point(u64);

/// The hash of a text, and the power of the point that its length is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Poly {
    pub(super) hash: u64,
    power: u64,
}

impl Point {
    /// The point that a salt gives.
    pub(super) fn new(salt: u64) -> Self {
        // Small points would make the hashes of short texts differ in their low bits alone.
        Self(salt % (PRIME - (1 << 32)) + (1 << 32))
    }
}

impl Poly {
    /// The hash of nothing.
    pub(super) const EMPTY: Self = Self { hash: 0, power: 1 };

    /// This text and a byte.
    pub(super) const fn push(self, byte: u8, point: Point) -> Self {
        // One more, so that leading zero bytes count.
        let hash = multiply(self.hash, point.0) + byte as u64 + 1;
        Self { hash: reduce(hash), power: multiply(self.power, point.0) }
    }

    /// This text and another behind it.
    pub(super) const fn join(self, other: Self) -> Self {
        let hash = multiply(self.hash, other.power) + other.hash;
        Self { hash: reduce(hash), power: multiply(self.power, other.power) }
    }
}

const fn reduce(value: u64) -> u64 {
    if value >= PRIME { value - PRIME } else { value }
}

#[expect(clippy::cast_possible_truncation, reason = "each half has 61 bits")]
const fn multiply(one: u64, other: u64) -> u64 {
    let product = one as u128 * other as u128;
    reduce((product as u64 & PRIME) + (product >> 61) as u64)
}

/// The bits of `hash`, mixed: equal hashes stay equal.
pub(super) const fn mix(hash: u64) -> u64 {
    let mut bits = hash;
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, point: Point) -> Poly {
        text.bytes().fold(Poly::EMPTY, |poly, byte| poly.push(byte, point))
    }

    #[test]
    fn pieces_make_the_whole() {
        let point = Point::new(0x1234_5678_9ABC_DEF0);
        let whole = of("john smith", point);
        assert_eq!(of("john", point).join(of(" smith", point)), whole);
        assert_eq!(of("", point).join(whole), whole);
        assert_ne!(of("john smiti", point).hash, whole.hash);
        assert_ne!(of("\0", point).hash, of("\0\0", point).hash);
    }
}
