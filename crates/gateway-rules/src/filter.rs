//! Filters: one expression, read, printed and evaluated.

use crate::diagnostic::Diagnostic;
use crate::facts::Facts;
use crate::options::ParseOptions;
use crate::phase::PhaseSet;
use crate::scheme::{FieldId, Scheme};

/// A truth value that may not be known yet (Kleene's strong logic).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Truth {
    /// It holds, whatever becomes known later.
    True,
    /// It does not hold, whatever becomes known later.
    False,
    /// Facts that are not known yet decide.
    NotYet,
}

/// What a filter yields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// One truth value.
    Bool(Truth),
    /// One truth value for each element, all of them known.
    Array(Vec<bool>),
}

/// Why a text is no filter: at least one diagnostic, in the order of the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.first())]
pub struct ParseError {
    diagnostics: Vec<Diagnostic>,
}

impl ParseError {
    fn first(&self) -> String {
        self.diagnostics.first().map_or_else(String::new, ToString::to_string)
    }

    /// What is wrong, in the order of the text.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }
}

/// One compiled expression.
#[derive(Clone, Debug)]
pub struct Filter {}

impl Filter {
    /// Reads an expression over the fields of `scheme`.
    ///
    /// # Errors
    /// [`ParseError`] with up to eight diagnostics.
    pub fn parse(scheme: &Scheme, text: &str, options: &ParseOptions) -> Result<Self, ParseError> {
        unimplemented!()
    }

    /// Whether the filter holds, as far as is known; `False` for one that yields an array.
    #[must_use]
    pub fn truth(&self, facts: &Facts) -> Truth {
        unimplemented!()
    }

    /// What the filter yields.
    #[must_use]
    pub fn answer(&self, facts: &Facts) -> Answer {
        unimplemented!()
    }

    /// The fields that it reads, each once, in ascending order.
    pub fn fields(&self) -> impl Iterator<Item = FieldId> {
        std::iter::empty()
    }

    /// The phases in which its fields become known.
    #[must_use]
    pub fn phases(&self) -> PhaseSet {
        unimplemented!()
    }
}
