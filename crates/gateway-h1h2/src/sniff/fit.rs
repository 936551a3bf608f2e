//! Whether a prefix is the beginning of one protocol, and how prefixes are compared with words.

/// Whether a prefix is the beginning of one protocol. `Yes` and `No` hold for every longer prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    Yes,
    /// It may still become one.
    Open,
    No,
}

/// Whether `bytes` begin with `expected`.
pub(super) fn literal(bytes: &[u8], expected: &[u8]) -> Fit {
    if bytes.starts_with(expected) {
        Fit::Yes
    } else if expected.starts_with(bytes) {
        Fit::Open
    } else {
        Fit::No
    }
}

/// Whether `bytes` begin with one of `words`, in capitals or not.
pub(super) fn any_word(bytes: &[u8], words: &[&[u8]]) -> Fit {
    let mut fit = Fit::No;
    for word in words {
        let shared = word.len().min(bytes.len());
        let same = match (bytes.get(..shared), word.get(..shared)) {
            (Some(bytes), Some(word)) => bytes.eq_ignore_ascii_case(word),
            _ => false,
        };
        match same {
            true if shared == word.len() => return Fit::Yes,
            true => fit = Fit::Open,
            false => {}
        }
    }
    fit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_compared_as_far_as_they_are_there() {
        let words = [&b"HELO "[..], b"HELP"];
        for (bytes, fit) in
            [(&b""[..], Fit::Open), (b"he", Fit::Open), (b"Help me", Fit::Yes), (b"HELX", Fit::No)]
        {
            assert_eq!(any_word(bytes, &words), fit, "{bytes:?}");
        }
    }
}
