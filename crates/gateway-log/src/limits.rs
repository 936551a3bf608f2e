//! How much of each value a line may carry.

/// Caps on what one encoded record holds; what is cut off leaves a visible mark.
///
/// A cut text ends in `…(+N bytes)`, a cut list in an item that says how many are missing, so that
/// a reader never takes a part for the whole. All caps count before escaping, which makes a byte
/// at most six bytes long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of a URL or redirect target. Default 8 KiB.
    pub url_bytes_max: usize,
    /// Bytes of any other text. Default 1 KiB.
    pub text_bytes_max: usize,
    /// Items of a list. Default 64.
    pub list_items_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { url_bytes_max: 8 * 1024, text_bytes_max: 1024, list_items_max: 64 }
    }
}
