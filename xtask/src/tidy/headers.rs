//! Headers: every file opens with `//!`, saying what it is and, where it helps, what it is not.

use super::Complaint;
use crate::source::Source;

pub(super) fn check(source: &Source) -> Vec<Complaint> {
    let opens = source.text.lines().next().and_then(|line| line.strip_prefix("//! "));
    if opens.is_some_and(|sentence| !sentence.trim().is_empty()) {
        return Vec::new();
    }
    vec![Complaint::fails(format!("{}:1", source.path), "open the file with `//! What it is.`")]
}

#[cfg(test)]
mod tests {
    use super::{super::lines_of, check};

    #[test]
    fn first_lines() {
        for (text, lines) in [
            ("//! What it is.\nfn f() {}", &[][..]),
            ("//!\n//! Late.", &["1"]),
            ("//! ", &["1"]),
            ("// A comment.", &["1"]),
            ("\n//! Second line.", &["1"]),
            ("", &["1"]),
        ] {
            assert_eq!(lines_of(check, "crates/a/src/b.rs", text), lines, "{text:?}");
        }
    }
}
