//! How many different bytes there are: placeholders such as `XXXX…` have few.

/// The number of different bytes.
pub(crate) fn distinct(bytes: &[u8]) -> u32 {
    let mut seen = [0u64; 4];
    for byte in bytes {
        if let Some(word) = seen.get_mut(usize::from(byte >> 6)) {
            *word |= 1 << (byte & 63);
        }
    }
    seen.iter().map(|word| word.count_ones()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts() {
        assert_eq!(distinct(b""), 0);
        assert_eq!(distinct(b"XXXXXXXX"), 1);
        assert_eq!(distinct(b"abcabc"), 3);
        assert_eq!(distinct(&(0..=255).collect::<Vec<u8>>()), 256);
    }
}
