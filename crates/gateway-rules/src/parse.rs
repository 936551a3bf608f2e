//! From text to a checked syntax tree: connectives, `not`, quantifiers and parentheses.
//!
//! Grammar, the loosest first: `or`/`||`, `xor`/`^^`, `and`/`&&`, `not`/`!`, then a comparison,
//! `any(…)`, `all(…)` or parentheses. After a faulty operand reading goes on behind the next
//! connective, so that one run reports several faults.

mod call;
mod comparison;
mod cursor;
#[cfg(test)]
mod faulty;
mod literal;
mod operator;
mod string;
#[cfg(test)]
mod tests;

use crate::ast::{AddressItem, Connective, Expr, ExprKind, Quantifier, Span};
use crate::diagnostic::Diagnostic;
use crate::options::{ParseOptions, Yields};
use crate::problem::{Extension, Problem};
use crate::scheme::Scheme;
use crate::value::Type;

pub(crate) use self::literal::network_of;
pub(crate) use self::string::wildcard_fault;

use self::cursor::{Cursor, Parsed};

/// The most diagnostics of one filter.
const DIAGNOSTICS_MAX: usize = 8;

/// Whether a name is a word of the language where an operand begins.
pub(crate) fn is_reserved(name: &str) -> bool {
    matches!(name, "not" | "any" | "all" | "true" | "false")
}

/// The words that cannot be operands in another spelling either.
fn is_keyword(word: &str) -> bool {
    matches!(word, "not" | "any" | "all" | "and" | "or" | "xor")
}

/// A checked expression and whether it is one truth value or an array.
pub(crate) struct Checked {
    pub(crate) expr: Expr,
    pub(crate) is_array: bool,
}

/// Reads and checks a whole filter.
///
/// # Errors
/// At least one diagnostic, in the order of the text.
pub(crate) fn parse(
    scheme: &Scheme,
    text: &str,
    options: &ParseOptions,
) -> Result<Checked, Vec<Diagnostic>> {
    let bytes_max = options.filter_bytes_max.min(u32::MAX as usize);
    if text.len() > bytes_max {
        let problem = Problem::TooLong { bytes: text.len(), bytes_max };
        return Err(vec![Diagnostic::new(problem, bytes_max..text.len())]);
    }
    let mut parser = Parser {
        scheme,
        cursor: Cursor::new(text, options),
        depth: 0,
        depth_max: options.max_nesting_depth.min(ParseOptions::NESTING_DEPTH_CEILING),
        quantifiers: 0,
    };
    let typed = parser.filter();
    let mut diagnostics = parser.cursor.diagnostics;
    if diagnostics.is_empty() {
        return Ok(Checked { expr: typed.expr, is_array: typed.shape == Shape::Array });
    }
    diagnostics.sort_by_key(|diagnostic| diagnostic.span().start);
    diagnostics.truncate(DIAGNOSTICS_MAX);
    Err(diagnostics)
}

/// Reads a text that is nothing but a number or a range of them.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn read_int_range(text: &str) -> Result<(i64, i64), Diagnostic> {
    read_alone(text, |cursor| cursor.int_range())
}

/// Reads a text that is nothing but an address, a network or a range.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn read_address_item(text: &str) -> Result<AddressItem, Diagnostic> {
    read_alone(text, |cursor| cursor.address_item())
}

fn read_alone<T>(text: &str, item: impl Fn(&mut Cursor<'_>) -> Parsed<T>) -> Parsed<T> {
    let options = ParseOptions::default();
    let mut cursor = Cursor::new(text, &options);
    let read = item(&mut cursor)?;
    if cursor.is_at_end() { Ok(read) } else { Err(cursor.unexpected("nothing more")) }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    One,
    Array,
    /// A fault was reported; says nothing more.
    Faulty,
}

impl Shape {
    fn ty(self) -> Type {
        match self {
            Self::One | Self::Faulty => Type::Bool,
            Self::Array => Type::Array(Box::new(Type::Bool)),
        }
    }
}

struct Typed {
    expr: Expr,
    shape: Shape,
}

struct Parser<'a> {
    scheme: &'a Scheme,
    cursor: Cursor<'a>,
    depth: usize,
    depth_max: usize,
    /// How many `any` and `all` stand around.
    quantifiers: usize,
}

impl Parser<'_> {
    fn filter(&mut self) -> Typed {
        self.cursor.skip_space();
        if self.cursor.is_at_end() {
            self.cursor.report(Problem::Empty, 0..0);
            return self.faulty();
        }
        let typed = self.joined(Connective::Or);
        if !self.cursor.is_at_end() && self.may_go_on() {
            let fault = self.cursor.unexpected("`and`, `or`, `xor` or the end of the filter");
            self.cursor.diagnostics.push(fault);
        }
        if typed.shape == Shape::Array {
            self.check_array_result(&typed.expr);
        }
        typed
    }

    fn check_array_result(&mut self, expr: &Expr) {
        match self.cursor.options.yields {
            Yields::Bool => {
                let ty = Shape::Array.ty();
                self.cursor.report(Problem::ArrayResult { ty }, expr.span.range());
            }
            Yields::BoolOrArray => {
                // An array joined with itself says nothing that it does not say alone: what was
                // meant is a truth value.
                if let ExprKind::Joined(connective, items) = &expr.kind
                    && let [first, rest @ ..] = items.as_slice()
                    && rest.iter().all(|item| item == first)
                {
                    let operand = self.cursor.slice(first.span.range()).to_owned();
                    let problem = Problem::SameArray { operator: connective.word(), operand };
                    self.cursor.report(problem, expr.span.range());
                }
            }
        }
    }

    /// Items of the connective's own level, or the only one.
    fn joined(&mut self, connective: Connective) -> Typed {
        let start = self.cursor.at;
        let first = self.item(connective);
        if !self.eat_connective(connective) {
            return first;
        }
        let (mut items, mut shape) = (vec![first.expr], first.shape);
        loop {
            let item = self.item(connective);
            if shape == Shape::Faulty {
                shape = item.shape;
            } else if item.shape != Shape::Faulty && item.shape != shape {
                let operator = connective.word();
                let (left, right) = (shape.ty(), item.shape.ty());
                let problem = Problem::MixedOperands { operator, left, right };
                self.cursor.report(problem, item.expr.span.range());
            }
            let end = item.expr.span.end;
            items.push(item.expr);
            if !self.eat_connective(connective) {
                let span = Span { end, ..self.cursor.span(start) };
                return Typed {
                    expr: Expr { kind: ExprKind::Joined(connective, items), span },
                    shape,
                };
            }
        }
    }

    fn item(&mut self, connective: Connective) -> Typed {
        match connective {
            Connective::Or => self.joined(Connective::Xor),
            Connective::Xor => self.joined(Connective::And),
            Connective::And => {
                self.cursor.skip_space();
                let depth = self.depth;
                let typed = self.unary().unwrap_or_else(|fault| {
                    self.cursor.diagnostics.push(fault);
                    self.depth = depth;
                    self.skip_operand();
                    self.faulty()
                });
                self.cursor.skip_space();
                typed
            }
        }
    }

    fn faulty(&self) -> Typed {
        let expr = Expr { kind: ExprKind::Constant(false), span: self.cursor.span(self.cursor.at) };
        Typed { expr, shape: Shape::Faulty }
    }

    fn may_go_on(&self) -> bool {
        self.cursor.diagnostics.len() < DIAGNOSTICS_MAX
    }

    fn eat_connective(&mut self, wanted: Connective) -> bool {
        let Some((connective, length)) = self.peek_connective() else { return false };
        if connective != wanted || !self.may_go_on() {
            return false;
        }
        let start = self.cursor.at;
        self.cursor.at += length;
        let found = self.cursor.slice(start..self.cursor.at);
        if found.contains(|c: char| c.is_ascii_uppercase()) {
            let problem = Problem::OperatorCase { found: found.into() };
            self.cursor.report(problem, start..self.cursor.at);
        }
        true
    }

    /// The connective that comes next, in any case of its letters, and its length in bytes.
    fn peek_connective(&self) -> Option<(Connective, usize)> {
        let rest = self.cursor.rest();
        for (symbol, connective) in
            [("&&", Connective::And), ("^^", Connective::Xor), ("||", Connective::Or)]
        {
            if rest.starts_with(symbol) {
                return Some((connective, symbol.len()));
            }
        }
        let word = self.cursor.peek_word();
        let connective = [Connective::And, Connective::Xor, Connective::Or]
            .into_iter()
            .find(|connective| word.eq_ignore_ascii_case(connective.word()))?;
        Some((connective, word.len()))
    }

    fn unary(&mut self) -> Parsed<Typed> {
        let start = self.cursor.at;
        let word = self.cursor.peek_word();
        if word == "not" || self.cursor.peek() == Some('!') {
            self.cursor.at += word.len().max(1);
            return self.negated(start);
        }
        if self.cursor.eat("(") {
            self.enter(start)?;
            let mut inner = self.joined(Connective::Or);
            self.leave()?;
            // The group's own place covers its parentheses.
            inner.expr.span = self.cursor.span(start);
            return Ok(inner);
        }
        for quantifier in [Quantifier::Any, Quantifier::All] {
            if word == quantifier.word() {
                self.cursor.at += word.len();
                return self.quantified(quantifier, start);
            }
        }
        self.check_spelling(word, start)?;
        if let "true" | "false" = word {
            self.cursor.at += word.len();
            self.cursor.extension(Extension::Constant, start);
            let kind = ExprKind::Constant(word == "true");
            let expr = Expr { kind, span: self.cursor.span(start) };
            return Ok(Typed { expr, shape: Shape::One });
        }
        self.comparison()
    }

    fn check_spelling(&self, word: &str, start: usize) -> Parsed<()> {
        let lower = word.to_ascii_lowercase();
        if lower != word && is_keyword(&lower) && self.scheme.id(word).is_none() {
            let problem = Problem::OperatorCase { found: word.into() };
            return Err(Diagnostic::new(problem, start..start + word.len()));
        }
        if is_keyword(word) && !is_reserved(word) && self.scheme.id(word).is_none() {
            return Err(self.cursor.unexpected("a condition"));
        }
        Ok(())
    }

    fn negated(&mut self, start: usize) -> Parsed<Typed> {
        self.enter(start)?;
        self.cursor.skip_space();
        let inner = self.unary()?;
        self.depth -= 1;
        let span = Span { end: inner.expr.span.end, ..self.cursor.span(start) };
        let kind = ExprKind::Not(Box::new(inner.expr));
        Ok(Typed { expr: Expr { kind, span }, shape: inner.shape })
    }

    fn quantified(&mut self, quantifier: Quantifier, start: usize) -> Parsed<Typed> {
        self.cursor.skip_space();
        if !self.cursor.eat("(") {
            return Err(self.cursor.unexpected("`(`"));
        }
        self.enter(start)?;
        self.cursor.skip_space();
        self.quantifiers += 1;
        let inner = self.joined(Connective::Or);
        self.quantifiers -= 1;
        self.leave()?;
        if inner.shape == Shape::One && self.cursor.is_extended() {
            // Of one truth value any is true, and all are, where it is.
            let span = self.cursor.span(start);
            return Ok(Typed { expr: Expr { span, ..inner.expr }, ..inner });
        }
        if inner.shape == Shape::One {
            let problem =
                Problem::QuantifierOperand { quantifier: quantifier.word(), found: Type::Bool };
            self.cursor.report(problem, inner.expr.span.range());
        }
        let kind = ExprKind::Quantified(quantifier, Box::new(inner.expr));
        Ok(Typed { expr: Expr { kind, span: self.cursor.span(start) }, shape: Shape::One })
    }

    fn enter(&mut self, start: usize) -> Parsed<()> {
        if self.depth >= self.depth_max {
            let problem = Problem::Nesting { depth_max: self.depth_max };
            let span = self.cursor.since(start);
            // What is too deep is stepped over whole.
            self.cursor.at = start;
            return Err(Diagnostic::new(problem, span));
        }
        self.depth += 1;
        Ok(())
    }

    fn leave(&mut self) -> Parsed<()> {
        self.depth -= 1;
        if self.cursor.eat(")") {
            return Ok(());
        }
        Err(self.cursor.unexpected("an operator or `)`"))
    }

    /// Steps behind a faulty operand: to the next connective or closing parenthesis of its level.
    fn skip_operand(&mut self) {
        let mut open = 0_usize;
        while let Some(next) = self.cursor.peek() {
            match next {
                ')' if open == 0 => return,
                '(' | '[' | '{' => open += 1,
                ')' | ']' | '}' => open = open.saturating_sub(1),
                '"' | '\'' => {
                    let (_, span) = self.cursor.found();
                    self.cursor.at = span.end;
                    continue;
                }
                _ => {}
            }
            let word = self.cursor.peek_word();
            if open == 0 && self.peek_connective().is_some() {
                return;
            }
            self.cursor.at += word.len().max(next.len_utf8());
        }
    }
}
