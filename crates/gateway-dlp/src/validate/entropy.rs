//! Shannon entropy: how many bits one character of a text tells.

/// Bits that a byte of `bytes` tells on average, by how often each occurs; 0 to 8. Nothing tells
/// nothing, so that it is below any demand.
pub(crate) fn entropy_bits(bytes: &[u8]) -> f64 {
    if bytes.is_empty() {
        return -1.0;
    }
    let mut counts = [0_u32; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let total = f64::from(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    let bits = |count: &u32| {
        let share = f64::from(*count) / total;
        -share * share.log2()
    };
    counts.iter().filter(|count| **count > 0).map(bits).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_texts() {
        let cases: &[(&[u8], f64)] =
            &[(b"", -1.0), (b"a", 0.0), (b"aaaa", 0.0), (b"abab", 1.0), (b"abcd", 2.0)];
        for (text, expected) in cases {
            assert!((entropy_bits(text) - expected).abs() < 1e-9, "{text:?}");
        }
        let all: Vec<u8> = (0..=255).collect();
        assert!((entropy_bits(&all) - 8.0).abs() < 1e-9);
    }
}
