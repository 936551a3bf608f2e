//! Why a chore stopped, in the words that the terminal shows.

use std::fmt;

/// A chore that did not succeed. It is only ever printed, so it holds the text alone.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// A failure of which everything has been said already.
    pub(crate) fn told() -> Self {
        Self(String::new())
    }

    /// Whether nothing is left to say.
    pub(crate) fn is_told(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Names what was being done when an error came up.
pub(crate) trait During<T> {
    fn during(self, what: impl FnOnce() -> String) -> Result<T, Failure>;
}

impl<T, E: fmt::Display> During<T> for Result<T, E> {
    fn during(self, what: impl FnOnce() -> String) -> Result<T, Failure> {
        self.map_err(|error| Failure(format!("{}: {error}", what())))
    }
}
