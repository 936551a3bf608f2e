//! A wrapper that keeps matched content out of logs.

use std::fmt;

/// Content that must not reach a log by accident: its `Debug` shows the length only.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sensitive<T>(T);

impl<T> Sensitive<T> {
    /// Marks `content` as sensitive.
    pub const fn new(content: T) -> Self {
        Self(content)
    }

    /// The content, for a caller that has the right to show it.
    pub const fn reveal(&self) -> &T {
        &self.0
    }

    /// The content, for good.
    pub fn into_revealed(self) -> T {
        self.0
    }
}

impl<T: AsRef<[u8]>> fmt::Debug for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sensitive({} bytes)", self.0.as_ref().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_content() {
        assert_eq!(format!("{:?}", Sensitive::new("4111111111111111")), "Sensitive(16 bytes)");
    }
}
