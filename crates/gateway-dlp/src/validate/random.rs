//! Whether text looks as if it were drawn at random, or as if a person had made it up to stand for
//! something: placeholders, rows of one character, alphabets.

use super::entropy::entropy_bits;
use super::stop_words::has_stop_word;

/// Characters in a row of which each is the one before it, or one more: not by chance.
const RUN_MAX: usize = 7;

/// Whether `body` may have been drawn at random: its entropy is at least six tenths of what a draw
/// of sixteen letters could have at best, no character repeats and no alphabet runs for long, and
/// no word of those that mark placeholders is in it.
pub(crate) fn is_random(body: &[u8]) -> bool {
    let best = f64::from(u32::try_from(body.len().min(16)).unwrap_or(16)).log2();
    !body.is_empty()
        && entropy_bits(body) >= 0.6 * best
        && longest_run(body) <= RUN_MAX
        && !has_stop_word(body)
}

/// The most characters in a row of which each is the same as the one before it, or the most of
/// which each is one more.
fn longest_run(body: &[u8]) -> usize {
    let [mut longest, mut same, mut up] = [1; 3];
    for [before, byte] in body.array_windows() {
        same = if byte == before { same + 1 } else { 1 };
        up = if before.checked_add(1) == Some(*byte) { up + 1 } else { 1 };
        longest = longest.max(same).max(up);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (body, expected) in cases {
            assert_eq!(is_random(body.as_bytes()), *expected, "{body}");
        }
    }

    #[test]
    fn what_is_drawn_and_what_is_made_up() {
        check(&[
            ("q8Zt2LmV0cXr7YpKw3Hd", true),
            ("9f2c81d07ab34e65", true),
            ("83710462", true),
            ("7c1e0d9a4b6f2835e1c0a97d", true),
            ("xxxxxxxxxxxxxxxxxxxx", false),
            ("abababababababababab", false),
            ("q8Zt2LmV0000000000dd", false),
            ("abcdefghijklmnopqrst", false),
            ("0123456789abcdef", false),
            ("q8Zt2LmYourTokenHere", false),
            ("EXAMPLEq8Zt2LmV0cXr7", false),
            ("", false),
        ]);
    }
}
