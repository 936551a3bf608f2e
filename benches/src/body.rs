//! Bodies to scan: what people write, what programs write, and what is compressed or encrypted.

use crate::Dice;

const WORDS: &[&str] = &[
    "account", "after", "and", "are", "at", "between", "card", "customer", "day", "for", "from",
    "has", "in", "invoice", "is", "it", "key", "meeting", "month", "number", "of", "on", "order",
    "paid", "please", "project", "report", "secret", "that", "the", "their", "they", "this", "to",
    "token", "was", "week", "which", "will", "with", "year", "you",
];

/// A generated body.
#[derive(Clone, Debug)]
pub struct Body {
    /// What it is like.
    pub name: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Text, JSON and random bytes, `count` bytes of each and always the same ones.
#[must_use]
pub fn bodies(count: usize) -> [Body; 3] {
    let mut dice = Dice::new(7);
    let mut fill = |name, write: fn(&mut Dice, &mut Vec<u8>)| {
        let mut bytes = Vec::with_capacity(count + 256);
        while bytes.len() < count {
            write(&mut dice, &mut bytes);
        }
        bytes.truncate(count);
        Body { name, bytes }
    };
    [
        fill("text", sentence),
        fill("json", object),
        fill("random", |dice, out| out.extend(dice.roll().to_be_bytes())),
    ]
}

fn sentence(dice: &mut Dice, out: &mut Vec<u8>) {
    for place in 0..5 + dice.below(12) {
        let mut word = dice.pick(WORDS).as_bytes().to_vec();
        if place == 0 {
            word[0] = word[0].to_ascii_uppercase();
        }
        out.extend(word);
        if dice.below(30) == 0 {
            out.extend(format!(" {}", dice.below(10_000)).bytes());
        }
        out.push(b' ');
    }
    out.pop();
    out.extend(b". ");
    if dice.below(6) == 0 {
        out.push(b'\n');
    }
}

fn object(dice: &mut Dice, out: &mut Vec<u8>) {
    let (id, amount) = (dice.roll(), dice.below(100_000));
    let (name, note) = (*dice.pick(WORDS), *dice.pick(WORDS));
    let (day, hour) = (1 + dice.below(28), dice.below(24));
    let line = format!(
        "{{\"id\":\"{id:016x}\",\"amount\":{amount},\"at\":\"2025-06-{day:02}T{hour:02}:00:00Z\",\
         \"name\":\"{name}\",\"tags\":[\"{note}\",\"{name}\"],\"active\":true,\"parent\":null}},\n"
    );
    out.extend(line.bytes());
}

#[cfg(test)]
mod tests {
    use super::bodies;

    #[test]
    fn bodies_are_the_same_every_time() {
        let (one, other) = (bodies(10_000), bodies(10_000));
        for (one, other) in one.iter().zip(&other) {
            assert_eq!((one.bytes.len(), one.name), (10_000, other.name));
            assert!(one.bytes == other.bytes, "{}", one.name);
        }
        assert!(one[1].bytes.starts_with(b"{\"id\":\""));
    }
}
