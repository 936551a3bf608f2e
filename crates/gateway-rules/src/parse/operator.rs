//! Operators between a field and a value, and what people write in their place.

use super::Parser;
use super::cursor::Parsed;
use crate::ast::{Case, Order};
use crate::diagnostic::Diagnostic;
use crate::problem::Problem;
use crate::suggest;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Order(Order),
    Mask,
    In,
    Contains,
    Matches,
    Wildcard(Case),
}

const WORDS: [(&str, Operator); 11] = [
    ("bitwise_and", Operator::Mask),
    ("contains", Operator::Contains),
    ("eq", Operator::Order(Order::Equal)),
    ("ge", Operator::Order(Order::GreaterOrEqual)),
    ("gt", Operator::Order(Order::Greater)),
    ("in", Operator::In),
    ("le", Operator::Order(Order::LessOrEqual)),
    ("lt", Operator::Order(Order::Less)),
    ("matches", Operator::Matches),
    ("ne", Operator::Order(Order::NotEqual)),
    ("wildcard", Operator::Wildcard(Case::Ignored)),
];

const SYMBOLS: [(&str, Operator); 8] = [
    ("!=", Operator::Order(Order::NotEqual)),
    ("&", Operator::Mask),
    ("<", Operator::Order(Order::Less)),
    ("<=", Operator::Order(Order::LessOrEqual)),
    ("==", Operator::Order(Order::Equal)),
    (">", Operator::Order(Order::Greater)),
    (">=", Operator::Order(Order::GreaterOrEqual)),
    ("~", Operator::Matches),
];

/// What other languages call our operators.
const FOREIGN: [(&str, &str); 12] = [
    ("!==", "!="),
    ("<>", "!="),
    ("=<", "<="),
    ("===", "=="),
    ("=>", ">="),
    ("=~", "matches"),
    ("equals", "=="),
    ("has", "contains"),
    ("includes", "contains"),
    ("is", "=="),
    ("like", "wildcard"),
    ("regex", "matches"),
];

impl Parser<'_> {
    /// The operator that comes next and its text; `None` where the condition ends.
    pub(super) fn operator(&mut self) -> Parsed<Option<(Operator, String)>> {
        if self.cursor.is_at_end()
            || self.cursor.peek() == Some(')')
            || self.peek_connective().is_some()
        {
            return Ok(None);
        }
        let start = self.cursor.at;
        let symbol = self.cursor.take_while(|c| "=!<>~&".contains(c));
        let (text, known) = if symbol.is_empty() {
            let word = self.cursor.take_while(|c| c.is_ascii_alphabetic() || c == '_');
            if word == "strict" {
                return self.strict_wildcard(start).map(Some);
            }
            (word, lookup(&WORDS, word))
        } else {
            (symbol, lookup(&SYMBOLS, symbol))
        };
        if let Some(operator) = known {
            return Ok(Some((operator, text.to_owned())));
        }
        if text.is_empty() {
            return Err(self.cursor.unexpected("an operator"));
        }
        let span = self.cursor.since(start);
        let found = text.to_owned();
        let problem = if text == "=" {
            Problem::Assignment
        } else if lookup(&WORDS, &text.to_ascii_lowercase()).is_some() {
            Problem::OperatorCase { found }
        } else {
            let suggestion = lookup(&FOREIGN, text)
                .or_else(|| suggest::closest(text, WORDS.map(|(word, _)| word)))
                .map(Into::into);
            Problem::UnknownOperator { found, suggestion }
        };
        Err(Diagnostic::new(problem, span))
    }

    fn strict_wildcard(&mut self, start: usize) -> Parsed<(Operator, String)> {
        self.cursor.skip_space();
        if self.cursor.peek_word() == "wildcard" {
            self.cursor.eat("wildcard");
            let text = self.cursor.slice(self.cursor.since(start)).to_owned();
            return Ok((Operator::Wildcard(Case::Exact), text));
        }
        Err(self.cursor.unexpected("`wildcard`"))
    }
}

fn lookup<T: Copy>(table: &[(&str, T)], text: &str) -> Option<T> {
    table.iter().find(|(known, _)| *known == text).map(|&(_, meaning)| meaning)
}
