//! "Did you mean": the known id that is nearest to an unknown one.

/// The one of `known` that is at most a third of `wanted` away from it; the first if several are.
pub(crate) fn nearest<'a>(
    wanted: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let far = wanted.len() / 3 + 1;
    known
        .into_iter()
        .map(|id| (distance(wanted, id), id))
        .filter(|(distance, _)| *distance <= far)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, id)| id)
}

/// Edit distance in bytes (Levenshtein), one row at a time.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, y) in row.iter_mut().skip(1).zip(b.bytes()) {
            let best = (diagonal + usize::from(x != y)).min(*cell + 1).min(left + 1);
            diagonal = std::mem::replace(cell, best);
            left = best;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (a, b, expected) in
            [("", "", 0), ("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3), ("ab", "ba", 2)]
        {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
    }

    #[test]
    fn the_nearest_is_suggested_and_nothing_far() {
        let known = ["payment_card", "us_ssn"];
        assert_eq!(nearest("paymentcard", known), Some("payment_card"));
        assert_eq!(nearest("ussn", known), Some("us_ssn"));
        assert_eq!(nearest("iban", known), None);
    }
}
