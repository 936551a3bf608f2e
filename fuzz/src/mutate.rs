//! Seeded mutations: a poor man's fuzzer that gives the same inputs on every run.

/// `count` variants of `input`, each a few edits away from it. The same arguments give the same
/// variants.
pub fn mutations(input: &[u8], seed: u64, count: usize) -> impl Iterator<Item = Vec<u8>> {
    let mut dice = Dice(seed ^ 0x9e37_79b9_7f4a_7c15);
    (0..count).map(move |_| {
        let mut bytes = input.to_vec();
        for _ in 0..=dice.below(3) {
            edit(&mut bytes, &mut dice);
        }
        bytes
    })
}

fn edit(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let at = dice.below(bytes.len());
    let to = at + dice.below(bytes.len() - at).min(64);
    match dice.below(5) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..to)),
        2 => bytes.extend_from_within(at..to),
        3 => bytes.insert(at, dice.byte()),
        _ => match bytes.get_mut(at) {
            Some(byte) => *byte = dice.byte(),
            None => bytes.push(dice.byte()),
        },
    }
}

/// The generator xorshift64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn byte(&mut self) -> u8 {
        self.roll().to_le_bytes()[5]
    }

    /// A number from 0 to `max`, both included.
    fn below(&mut self, max: usize) -> usize {
        let range = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1);
        usize::try_from((self.roll() >> 8) % range).unwrap_or(max)
    }
}

#[cfg(test)]
mod tests {
    use super::mutations;

    #[test]
    fn runs_are_equal_and_variants_are_not() {
        let input = b"GET / HTTP/1.1";
        let run = |seed| mutations(input, seed, 50).collect::<Vec<_>>();
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
        let changed = run(1).iter().filter(|bytes| *bytes != input).count();
        assert!(changed > 40, "{changed}");
    }

    #[test]
    fn nothing_grows_into_something() {
        assert!(mutations(b"", 7, 50).any(|bytes| !bytes.is_empty()));
    }
}
