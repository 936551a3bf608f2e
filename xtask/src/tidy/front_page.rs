//! Front page: a library that exports something shows in at most 25 lines how it is used.
//!
//! The example stands in the documentation of `lib.rs`, where `cargo test --doc` runs it. Lines
//! that rustdoc hides count too, empty ones do not.

use syn::{Item, Visibility};

use super::Complaint;
use crate::source::Source;

const LINES_MAX: usize = 25;

pub(super) fn check(source: &Source) -> Vec<Complaint> {
    if !source.is_library() || !source.path.ends_with("/src/lib.rs") || !exports(source) {
        return Vec::new();
    }
    let page = source.text.lines().filter_map(|line| line.strip_prefix("//!")).map(str::trim);
    match shortest_example(page) {
        None => vec![Complaint::fails(&source.path, "the front page has no example that runs")],
        Some(lines) if lines > LINES_MAX => {
            let message = format!("the example has {lines} lines, {LINES_MAX} at most are read");
            vec![Complaint::fails(&source.path, message)]
        }
        Some(_) => Vec::new(),
    }
}

fn exports(source: &Source) -> bool {
    source.syntax.items.iter().any(|item| {
        let visibility = match item {
            Item::Const(item) => &item.vis,
            Item::Enum(item) => &item.vis,
            Item::Fn(item) => &item.vis,
            Item::Mod(item) => &item.vis,
            Item::Struct(item) => &item.vis,
            Item::Trait(item) => &item.vis,
            Item::Type(item) => &item.vis,
            Item::Use(item) => &item.vis,
            _ => return false,
        };
        matches!(visibility, Visibility::Public(_))
    })
}

/// The number of lines of the shortest fenced block that rustdoc takes for a program.
fn shortest_example<'a>(page: impl Iterator<Item = &'a str>) -> Option<usize> {
    let mut shortest = None;
    let mut open: Option<(bool, usize)> = None;
    for line in page {
        let fence = line.strip_prefix("```");
        open = match (fence, open) {
            (Some(language), None) => Some((matches!(language, "" | "rust" | "no_run"), 0)),
            (Some(_), Some((runs, lines))) => {
                if runs {
                    shortest = Some(shortest.map_or(lines, |least: usize| least.min(lines)));
                }
                None
            }
            (None, open) => open.map(|(runs, lines)| (runs, lines + usize::from(!line.is_empty()))),
        };
    }
    shortest
}

#[cfg(test)]
mod tests {
    use super::{super::lines_of, check};

    fn complains(path: &str, page: &str) -> bool {
        !lines_of(check, path, &format!("{page}\npub struct A;\n")).is_empty()
    }

    #[test]
    fn libraries_show_an_example() {
        let lib = "crates/gateway-a/src/lib.rs";
        let long = format!("//! A.\n//!\n//! ```\n{}//! ```", "//! let a = 1;\n".repeat(26));
        for (page, bad) in [
            ("//! A.", true),
            ("//! A.\n//!\n//! ```\n//! let a = 1;\n//! ```", false),
            ("//! A.\n//!\n//! ```text\n//! a\n//! ```", true),
            (
                "//! A.\n//!\n//! ```text\n//! a\n//! ```\n//! ```rust\n//! let a = 1;\n//! ```",
                false,
            ),
            (long.as_str(), true),
        ] {
            assert_eq!(complains(lib, page), bad, "{page}");
        }
        assert!(!complains("crates/gateway-a/src/b.rs", "//! A."));
        assert!(!complains("crates/gatewayd/src/lib.rs", "//! A."));
        assert!(lines_of(check, lib, "//! A.\nmod b;").is_empty());
    }
}
