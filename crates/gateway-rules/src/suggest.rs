//! "Did you mean": the nearest known word to a mistyped one.

/// The candidate nearest to `word`, if one is near enough to have been meant.
pub(crate) fn closest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    if word.is_empty() || word.len() > WORD_BYTES_MAX {
        return None;
    }
    let near = (word.len() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .filter(|candidate| candidate.len().abs_diff(word.len()) <= near)
        .map(|candidate| (distance(word.as_bytes(), candidate.as_bytes()), candidate))
        .filter(|&(distance, _)| distance <= near)
        .min()
        .map(|(_, candidate)| candidate)
}

/// The clause that names the suggestion, or nothing.
pub(crate) fn hint(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(String::new, |word| format!("; did you mean `{word}`?"))
}

const WORD_BYTES_MAX: usize = 64;

/// Insertions, deletions, substitutions and swaps of neighbours between two words, ASCII case
/// counting nothing.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    let mut a_before = None;
    for (row, a_byte) in a.iter().map(u8::to_ascii_lowercase).enumerate() {
        let mut line = Vec::with_capacity(b.len() + 1);
        line.push(row + 1);
        let mut b_before = None;
        for (column, b_byte) in b.iter().map(u8::to_ascii_lowercase).enumerate() {
            let replaced = above[column] + usize::from(a_byte != b_byte);
            let mut least = replaced.min(above[column + 1] + 1).min(line[column] + 1);
            if a_before == Some(b_byte) && b_before == Some(a_byte) && column > 0 {
                least = least.min(before[column - 1] + 1);
            }
            line.push(least);
            b_before = Some(b_byte);
        }
        before = std::mem::replace(&mut above, line);
        a_before = Some(a_byte);
    }
    above.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_found_and_far_ones_are_not() {
        let words = ["http.host", "http.request.host", "tcp.port", "ssl"];
        for (word, expected) in [
            ("htp.host", Some("http.host")),
            ("HTTP.HOST", Some("http.host")),
            ("tcp.prot", Some("tcp.port")),
            ("http.reqest.hosst", Some("http.request.host")),
            ("sl", Some("ssl")),
            ("example", None),
            ("", None),
        ] {
            assert_eq!(closest(word, words), expected, "{word}");
        }
    }

    #[test]
    fn a_swap_costs_one() {
        assert_eq!(distance(b"ab", b"ba"), 1);
        assert_eq!(distance(b"kitten", b"sitting"), 3);
        assert_eq!(distance(b"", b"abc"), 3);
    }
}
