//! Words that stand in placeholders, and next to never in what is drawn at random.

/// In lower case, in order. None is shorter than four letters: three come by chance.
const STOP_WORDS: &[&str] = &[
    "****",
    "....",
    "<key>",
    "____",
    "access_key",
    "api_key",
    "apikey",
    "change_me",
    "changeme",
    "deadbeef",
    "dummy",
    "example",
    "fixture",
    "goes_here",
    "goeshere",
    "insert",
    "lorem",
    "notreal",
    "password",
    "placeholder",
    "redacted",
    "replace",
    "sample",
    "secret_key",
    "secretkey",
    "your_",
    "yourapi",
    "yourkey",
    "yoursecret",
    "yourtoken",
];

/// Whether a word that marks a placeholder stands in `text`, in any case.
pub(crate) fn has_stop_word(text: &[u8]) -> bool {
    text.windows(SIFTED).enumerate().any(|(at, part)| {
        let mut may_be = u64::MAX;
        for (byte, sieve) in part.iter().zip(&SIEVES) {
            may_be &= sieve[byte.to_ascii_lowercase() as usize];
        }
        may_be != 0 && text.get(at..).is_some_and(begins_with_stop_word)
    })
}

fn begins_with_stop_word(text: &[u8]) -> bool {
    let begins = |word: &&str| {
        text.get(..word.len()).is_some_and(|part| part.eq_ignore_ascii_case(word.as_bytes()))
    };
    STOP_WORDS.iter().any(begins)
}

/// Letters by which nearly every place is told to have no stop word.
const SIFTED: usize = 4;

/// For each of the first letters of a word, by what it is: a bit for each word that has it there.
static SIEVES: [[u64; 256]; SIFTED] = {
    assert!(STOP_WORDS.len() <= u64::BITS as usize);
    let mut sieves = [[0; 256]; SIFTED];
    let mut word = 0;
    while word < STOP_WORDS.len() {
        let mut at = 0;
        while at < SIFTED {
            sieves[at][STOP_WORDS[word].as_bytes()[at] as usize] |= 1 << word;
            at += 1;
        }
        word += 1;
    }
    sieves
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_in_order_and_long() {
        assert!(STOP_WORDS.is_sorted());
        assert!(STOP_WORDS.iter().all(|word| word.len() >= 4));
    }

    #[test]
    fn in_any_case_and_place() {
        for (text, expected) in [
            ("AKIAIOSFODNN7EXAMPLE", true),
            ("your_token", true),
            ("a-Placeholder-b", true),
            ("exampl", false),
            ("q8Zt2LmV0cXr7YpKw3Hd", false),
            ("", false),
        ] {
            assert_eq!(has_stop_word(text.as_bytes()), expected, "{text}");
        }
    }
}
