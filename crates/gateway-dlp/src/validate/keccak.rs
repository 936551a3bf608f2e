//! Keccak-256 as Ethereum uses it: the Keccak of 2011, whose padding is not that of SHA-3
//! (FIPS 202 sections 3.2 to 4, with padding `1 0* 1`). For a few bytes at a time.

/// Bytes that are taken in before each permutation.
const RATE: usize = 136;
/// Constants of the rounds (step iota).
const ROUNDS: [u64; 24] = [
    0x0000_0000_0000_0001,
    0x0000_0000_0000_8082,
    0x8000_0000_0000_808A,
    0x8000_0000_8000_8000,
    0x0000_0000_0000_808B,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8009,
    0x0000_0000_0000_008A,
    0x0000_0000_0000_0088,
    0x0000_0000_8000_8009,
    0x0000_0000_8000_000A,
    0x0000_0000_8000_808B,
    0x8000_0000_0000_008B,
    0x8000_0000_0000_8089,
    0x8000_0000_0000_8003,
    0x8000_0000_0000_8002,
    0x8000_0000_0000_0080,
    0x0000_0000_0000_800A,
    0x8000_0000_8000_000A,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8080,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8008,
];
/// By how much each lane is turned (step rho), row by row.
const TURNS: [u32; 25] =
    [0, 1, 62, 28, 27, 36, 44, 6, 55, 20, 3, 10, 43, 25, 39, 41, 45, 15, 21, 8, 18, 2, 61, 56, 14];

/// The Keccak-256 of `bytes`.
pub(crate) fn keccak256(bytes: &[u8]) -> [u8; 32] {
    let mut padded = bytes.to_vec();
    padded.push(1);
    padded.resize(padded.len().next_multiple_of(RATE), 0);
    if let Some(last) = padded.last_mut() {
        *last |= 0x80;
    }
    let mut lanes = [0_u64; 25];
    for block in padded.chunks(RATE) {
        for (lane, bytes) in lanes.iter_mut().zip(block.as_chunks().0) {
            *lane ^= u64::from_le_bytes(*bytes);
        }
        for round in ROUNDS {
            lanes = permuted(&lanes, round);
        }
    }
    let mut digest = [0; 32];
    for (bytes, lane) in digest.chunks_mut(8).zip(lanes) {
        bytes.copy_from_slice(&lane.to_le_bytes());
    }
    digest
}

/// One round. Lane (x, y) is at x + 5y.
fn permuted(lanes: &[u64; 25], round: u64) -> [u64; 25] {
    let lane = |lanes: &[u64; 25], x: usize, y: usize| lanes[x % 5 + 5 * (y % 5)];
    let column = |x: usize| (0..5).fold(0, |sum, y| sum ^ lane(lanes, x, y));
    let mut turned = [0; 25];
    for y in 0..5 {
        for x in 0..5 {
            let theta = column(x + 4) ^ column(x + 1).rotate_left(1);
            let value = (lane(lanes, x, y) ^ theta).rotate_left(TURNS[x + 5 * y]);
            turned[y + 5 * ((2 * x + 3 * y) % 5)] = value;
        }
    }
    let mut next = [0; 25];
    for y in 0..5 {
        for x in 0..5 {
            let chi = !lane(&turned, x + 1, y) & lane(&turned, x + 2, y);
            next[x + 5 * y] = lane(&turned, x, y) ^ chi;
        }
    }
    next[0] ^= round;
    next
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &[u8], expected: &str) {
        let digest: String = keccak256(text).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(digest, expected);
    }

    #[test]
    fn published_digests() {
        check(b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
        check(b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
    }
}
