//! The unpacker: neither pieces nor budgets change what is seen, clearance only grows, and no
//! finding starts before it.

/// The first three bytes choose content-codings, pieces, budget and limits, the rest is the body.
pub fn content_tree(data: &[u8]) {
    gateway_content::content_tree(data);
}
