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
    let has = |word: &&str| {
        text.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
    };
    STOP_WORDS.iter().any(has)
}

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
