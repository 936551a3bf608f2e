//! The syntax tree of a filter, typed and checked; equality disregards places in the text.

use std::net::IpAddr;
use std::ops::Range;

use bytes::Bytes;

use crate::functions::FunctionId;
use crate::lists::Listed;
use crate::scheme::FieldId;

/// A place in the text. It is not part of the meaning, so any two are equal.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl PartialEq for Span {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Span {}

impl Span {
    /// The place as the tree keeps it; the parser refuses texts whose places do not fit.
    pub(crate) fn new(range: Range<usize>) -> Self {
        let narrow = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self { start: narrow(range.start), end: narrow(range.end) }
    }

    pub(crate) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// The connectives between conditions, the loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Connective {
    Or,
    Xor,
    And,
}

impl Connective {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Or => "or",
            Self::Xor => "xor",
            Self::And => "and",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quantifier {
    Any,
    All,
}

impl Quantifier {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::All => "all",
        }
    }
}

/// A condition: one truth value, or an array of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expr {
    pub(crate) kind: ExprKind,
    pub(crate) span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ExprKind {
    Constant(bool),
    /// At least two items.
    Joined(Connective, Vec<Expr>),
    Not(Box<Expr>),
    Quantified(Quantifier, Box<Expr>),
    Test(Operand, Test),
}

/// What stands left of an operator.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Operand {
    pub(crate) source: Source,
    pub(crate) path: Vec<Index>,
}

/// Where an operand comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    Field(FieldId),
    Call(Box<Call>),
}

/// A function with what it is given.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Call {
    pub(crate) function: FunctionId,
    pub(crate) arguments: Vec<Argument>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Argument {
    Literal(Literal),
    Operand(Operand),
}

impl Operand {
    /// Whether it yields one value for each element: `[*]` is in its path.
    pub(crate) fn is_mapped(&self) -> bool {
        self.path.contains(&Index::Each)
    }
}

impl Call {
    /// Whether it is made once for each element of its first argument.
    pub(crate) fn is_mapped(&self) -> bool {
        matches!(self.arguments.first(), Some(Argument::Operand(first)) if first.is_mapped())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Index {
    At(u32),
    Key(Bytes),
    Each,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    pub(crate) const fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

/// Operator and right-hand side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Test {
    /// A Bool standing alone; without `[*]` on an array of Bools, the array itself.
    IsTrue,
    Order(Order, Literal),
    /// Another operand of the same type, which yields one value.
    Against(Order, Operand),
    /// `&`: any of these bits is set.
    Mask(i64),
    InInts(Vec<(i64, i64)>),
    InAddresses(Vec<AddressItem>),
    InBytes(Vec<Bytes>),
    /// In the list of this name.
    InList(Listed),
    Contains(Bytes),
    /// The pattern as the regular expression engine reads it.
    Matches(String),
    Wildcard(Case, Bytes),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Case {
    /// `wildcard`: ASCII case counts nothing.
    Ignored,
    /// `strict wildcard`.
    Exact,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Literal {
    Bool(bool),
    Int(i64),
    Ip(IpAddr),
    Bytes(Bytes),
}

/// A member of a set of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AddressItem {
    /// The address has no bit set beyond the prefix.
    Network(IpAddr, u8),
    /// Both ends are of one family and in order.
    Range(IpAddr, IpAddr),
}
