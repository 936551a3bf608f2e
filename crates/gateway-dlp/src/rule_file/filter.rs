//! The `filter` of a rule of betterleaks: an expression that is true of what is no secret after all.
//! The least entropy is read, by which nearly all of them begin; the rest is told as not carried over.

/// What is known of a filter.
#[derive(Debug, PartialEq)]
pub(super) struct Filter<'a> {
    /// Bits of entropy for each character that the secret must have more than.
    pub(super) entropy_above: Option<f64>,
    /// The rest of it; empty if there is none.
    pub(super) rest: &'a str,
}

/// Reads a filter: `entropy(finding["secret"])`, `<` or `<=`, a number, and for some `||` and more.
pub(super) fn filter(text: &str) -> Filter<'_> {
    let text = text.trim();
    bound(text).unwrap_or(Filter { entropy_above: None, rest: text })
}

fn bound(text: &str) -> Option<Filter<'_>> {
    let than =
        text.strip_prefix(r#"entropy(finding["secret"])"#)?.trim_start().strip_prefix('<')?;
    let (or_equal, number) = match than.strip_prefix('=') {
        Some(number) => (true, number.trim_start()),
        None => (false, than.trim_start()),
    };
    let end = number.find(|one: char| !one.is_ascii_digit() && one != '.').unwrap_or(number.len());
    let (number, rest) = number.split_at_checked(end)?;
    let rest = rest.trim_start();
    // Behind `&&` the entropy alone tells nothing.
    let rest = if rest.is_empty() { rest } else { rest.strip_prefix("||")?.trim_start() };
    let bits: f64 = number.parse().ok()?;
    Some(Filter { entropy_above: Some(if or_equal { bits } else { bits.next_down() }), rest })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_entropy_is_read() {
        for (text, entropy_above, rest) in [
            (r#"entropy(finding["secret"]) <= 3.5"#, Some(3.5), ""),
            ("\nentropy(finding[\"secret\"]) < 3.0\n", Some(3.0_f64.next_down()), ""),
            (r#"entropy(finding["secret"]) <= 2 || a || b"#, Some(2.0), "a || b"),
            (
                r#"entropy(finding["secret"]) <= 2 && a"#,
                None,
                r#"entropy(finding["secret"]) <= 2 && a"#,
            ),
            (r#"entropy(finding["secret"]) > 2"#, None, r#"entropy(finding["secret"]) > 2"#),
            (r#"entropy(finding["secret"]) <= ."#, None, r#"entropy(finding["secret"]) <= ."#),
            (r#"entropy(finding["match"]) <= 2"#, None, r#"entropy(finding["match"]) <= 2"#),
            ("a", None, "a"),
            ("", None, ""),
        ] {
            assert_eq!(filter(text), Filter { entropy_above, rest }, "{text}");
        }
    }
}
