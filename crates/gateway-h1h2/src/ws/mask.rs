//! Masking (RFC 6455 §5.3): the same operation puts a mask on and takes it off.

/// Applies `key` to `bytes`, which begin at position `at` of their payload.
pub fn apply_mask(bytes: &mut [u8], key: [u8; 4], at: u64) {
    let [a, b, c, d] = key;
    let key = match at % 4 {
        0 => [a, b, c, d],
        1 => [b, c, d, a],
        2 => [c, d, a, b],
        _ => [d, a, b, c],
    };
    let wide = (u64::from(u32::from_ne_bytes(key)) << 32) | u64::from(u32::from_ne_bytes(key));
    // Whole words of a known width: the compiler makes vector instructions of this.
    let (words, rest) = bytes.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
    }
    for (byte, key) in rest.iter_mut().zip(key.into_iter().cycle()) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::apply_mask;

    #[test]
    fn the_example_of_the_standard() {
        let mut bytes = *b"\x7f\x9f\x4d\x51\x58";
        apply_mask(&mut bytes, [0x37, 0xfa, 0x21, 0x3d], 0);
        assert_eq!(&bytes, b"Hello");
    }

    proptest! {
        #[test]
        fn every_byte_meets_its_own(
            bytes in proptest::collection::vec(any::<u8>(), 0..100),
            key in any::<[u8; 4]>(),
            at in any::<u64>(),
        ) {
            let mut masked = bytes.clone();
            apply_mask(&mut masked, key, at);
            for (i, (one, other)) in bytes.iter().zip(&masked).enumerate() {
                let place = usize::try_from(at % 4).unwrap() + i;
                prop_assert_eq!(*one ^ key[place % 4], *other);
            }
        }
    }
}
