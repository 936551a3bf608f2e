//! From text to a checked syntax tree.

pub(crate) fn is_reserved(name: &str) -> bool {
    matches!(name, "not" | "any" | "all" | "true" | "false")
}
