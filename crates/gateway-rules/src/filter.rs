//! Filters: one expression, read, printed and evaluated on its own.
//!
//! Many expressions with actions are a [`RuleSet`](crate::RuleSet), which is not built of filters.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use crate::ast::Expr;
use crate::diagnostic::Diagnostic;
use crate::evaluate::Evaluator;
use crate::facts::Facts;
use crate::json::{self, JsonError};
use crate::options::ParseOptions;
use crate::oracle::Oracle;
use crate::parse::{self, Checked};
use crate::pattern::Patterns;
use crate::phase::PhaseSet;
use crate::print::Printed;
use crate::program::Program;
use crate::quick::Quick;
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

impl From<bool> for Truth {
    #[inline]
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

impl Truth {
    pub(crate) const fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::NotYet => Self::NotYet,
        }
    }

    pub(crate) const fn xor(self, other: Self) -> Self {
        match self {
            Self::True => other.not(),
            Self::False => other,
            Self::NotYet => Self::NotYet,
        }
    }
}

/// What a filter yields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// One truth value; also `NotYet` of a filter that will yield an array.
    Bool(Truth),
    /// One truth value for each element.
    Array(Vec<bool>),
}

/// Why a text is no filter: up to eight diagnostics, in the order of the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", headline(diagnostics))]
pub struct ParseError {
    pub(crate) diagnostics: Vec<Diagnostic>,
}

fn headline(diagnostics: &[Diagnostic]) -> String {
    diagnostics.first().map_or_else(String::new, ToString::to_string)
}

impl ParseError {
    /// What is wrong: at least one diagnostic, in the order of the text.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }
}

/// One compiled expression. Two filters are equal if they mean the same by the same words, however
/// they are spaced and parenthesised.
///
/// ```
/// use gateway_rules::{Facts, Filter, ParseOptions, Scheme, Truth, field};
///
/// let scheme = Scheme::gateway();
/// let text = r#"net.dst.port in {80, 443} and http.request.host wildcard "*.example""#;
/// let filter = Filter::parse(&scheme, text, &ParseOptions::default())?;
/// let mut facts = Facts::new(&scheme);
/// facts.set(field::NET_DST_PORT, 443_i64);
/// assert_eq!(filter.truth(&facts), Truth::NotYet);
/// facts.set(field::HTTP_REQUEST_HOST, "www.example");
/// assert_eq!(filter.truth(&facts), Truth::True);
/// # Ok::<(), gateway_rules::ParseError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Filter {
    scheme: Arc<Scheme>,
    expr: Expr,
    pub(crate) is_array: bool,
    pub(crate) program: Program,
    quick: Quick,
}

impl Filter {
    /// Reads an expression over the fields of `scheme`.
    ///
    /// # Errors
    /// [`ParseError`] with up to eight diagnostics.
    pub fn parse(
        scheme: &Arc<Scheme>,
        text: &str,
        options: &ParseOptions,
    ) -> Result<Self, ParseError> {
        let refused = |diagnostics| ParseError { diagnostics };
        let Checked { expr, is_array } = parse::parse(scheme, text, options).map_err(refused)?;
        let mut program = Program::default();
        program
            .push(&expr, &mut Patterns::default(), options)
            .map_err(|diagnostic| refused(vec![diagnostic]))?;
        let quick = if is_array { Quick::Constant(false) } else { Quick::new(&program, 0) };
        Ok(Self { scheme: Arc::clone(scheme), expr, is_array, program, quick })
    }

    /// The syntax tree as JSON, for tools; [`from_json`](Self::from_json) reads it back. Values of
    /// constants stand in place of their names.
    #[must_use]
    pub fn to_json(&self) -> String {
        json::expression(&self.scheme, &self.expr)
    }

    /// Reads what [`to_json`](Self::to_json) writes, or a tool in its form. It is held to the same
    /// checks as a text.
    ///
    /// # Errors
    /// [`JsonError`]; where the tree is no filter, with the text of the tree.
    pub fn from_json(
        scheme: &Arc<Scheme>,
        text: &str,
        options: &ParseOptions,
    ) -> Result<Self, JsonError> {
        let expr = json::read(scheme, text, options)?;
        let text = Printed { scheme, expr: &expr }.to_string();
        Self::parse(scheme, &text, options).map_err(|error| JsonError::Filter { text, error })
    }

    /// Whether the filter holds, as far as is known; `False` for one that yields an array.
    #[must_use]
    #[inline]
    pub fn truth(&self, facts: &Facts) -> Truth {
        match self.quick.truth(facts) {
            Some(truth) => Truth::from(truth),
            None => self.truth_so_far(facts),
        }
    }

    #[cold]
    fn truth_so_far(&self, facts: &Facts) -> Truth {
        Evaluator::new(&self.program, facts).truth(0)
    }

    /// What the filter yields.
    #[must_use]
    pub fn answer(&self, facts: &Facts) -> Answer {
        if !self.is_array {
            return Answer::Bool(self.truth(facts));
        }
        let values = Evaluator::new(&self.program, facts).array(0);
        values.map_or(Answer::Bool(Truth::NotYet), Answer::Array)
    }

    /// What the filter yields by the plainest reading of its tree, slowly: what tests and fuzzers
    /// compare [`answer`](Self::answer) with. The facts must be final, and the options those that
    /// the filter was parsed with; `None` where they do not allow its patterns.
    #[must_use]
    pub fn oracle(&self, facts: &Facts, options: &ParseOptions) -> Option<Answer> {
        Oracle { facts, options }.answer(&self.expr).ok()
    }

    /// The fields that it reads, each once, in ascending order.
    pub fn fields(&self) -> impl Iterator<Item = FieldId> + use<> {
        self.program.fields(0).collect::<BTreeSet<_>>().into_iter()
    }

    /// The phases in which its fields become known.
    #[must_use]
    pub fn phases(&self) -> PhaseSet {
        self.fields().fold(PhaseSet::EMPTY, |set, field| set.union(self.scheme.phases(field)))
    }
}

impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        self.expr == other.expr && self.scheme == other.scheme
    }
}

impl Eq for Filter {}

/// Writes an expression that reads back as an equal filter.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printed { scheme: &self.scheme, expr: &self.expr }.fmt(f)
    }
}
