//! From syntax tree to text: prints a filter so that reading it gives the same tree.

use std::fmt::{self, Write};
use std::net::IpAddr;

use bytes::Bytes;

use crate::ast::{
    AddressItem, Argument, Case, Expr, ExprKind, Index, Literal, Operand, Quantifier, Source, Test,
};
use crate::scheme::{Field, Scheme};
use crate::value::Value;

/// An expression with the scheme that names its fields.
pub(crate) struct Printed<'a> {
    pub(crate) scheme: &'a Scheme,
    pub(crate) expr: &'a Expr,
}

impl fmt::Display for Printed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        expression(f, self.scheme, self.expr)
    }
}

/// An operand with the scheme that names its field.
pub(crate) struct PrintedOperand<'a> {
    pub(crate) scheme: &'a Scheme,
    pub(crate) operand: &'a Operand,
}

impl fmt::Display for PrintedOperand<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        operand(f, self.scheme, self.operand)
    }
}

/// Writes scalars as filters have them, arrays as `[1, 2]` and maps as `{"k": "v"}`.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Ip(value) => write!(f, "{value}"),
            Self::Bytes(value) => quoted(f, value),
            Self::Array(items) => {
                f.write_char('[')?;
                for (index, item) in items.iter().enumerate() {
                    let comma = if index > 0 { ", " } else { "" };
                    write!(f, "{comma}{item}")?;
                }
                f.write_char(']')
            }
            Self::Map(items) => {
                f.write_char('{')?;
                for (index, (key, item)) in items.iter().enumerate() {
                    f.write_str(if index > 0 { ", " } else { "" })?;
                    quoted(f, key)?;
                    write!(f, ": {item}")?;
                }
                f.write_char('}')
            }
        }
    }
}

fn expression(f: &mut fmt::Formatter<'_>, scheme: &Scheme, expr: &Expr) -> fmt::Result {
    match &expr.kind {
        ExprKind::Constant(value) => write!(f, "{value}"),
        ExprKind::Joined(connective, items) => {
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    write!(f, " {} ", connective.word())?;
                }
                match &item.kind {
                    ExprKind::Joined(inner, _) if inner <= connective => grouped(f, scheme, item)?,
                    ExprKind::Joined(..)
                    | ExprKind::Constant(_)
                    | ExprKind::Not(_)
                    | ExprKind::Quantified(..)
                    | ExprKind::Test(..) => expression(f, scheme, item)?,
                }
            }
            Ok(())
        }
        ExprKind::Not(inner) => {
            f.write_str("not ")?;
            if matches!(inner.kind, ExprKind::Joined(..)) {
                grouped(f, scheme, inner)
            } else {
                expression(f, scheme, inner)
            }
        }
        ExprKind::Quantified(quantifier, inner) => {
            f.write_str(match quantifier {
                Quantifier::Any => "any(",
                Quantifier::All => "all(",
            })?;
            expression(f, scheme, inner)?;
            f.write_char(')')
        }
        ExprKind::Test(operand, test) => {
            self::operand(f, scheme, operand)?;
            self::test(f, scheme, test)
        }
    }
}

fn grouped(f: &mut fmt::Formatter<'_>, scheme: &Scheme, expr: &Expr) -> fmt::Result {
    f.write_char('(')?;
    expression(f, scheme, expr)?;
    f.write_char(')')
}

fn operand(f: &mut fmt::Formatter<'_>, scheme: &Scheme, operand: &Operand) -> fmt::Result {
    match &operand.source {
        Source::Field(field) => f.write_str(scheme.field(*field).map_or("", Field::name))?,
        Source::Call(call) => {
            write!(f, "{}(", call.function.function().name)?;
            for (index, argument) in call.arguments.iter().enumerate() {
                if index > 0 {
                    f.write_str(", ")?;
                }
                match argument {
                    Argument::Literal(value) => literal(f, value)?,
                    Argument::Operand(argument) => self::operand(f, scheme, argument)?,
                }
            }
            f.write_char(')')?;
        }
    }
    for index in &operand.path {
        match index {
            Index::At(position) => write!(f, "[{position}]")?,
            Index::Key(key) => {
                f.write_char('[')?;
                quoted(f, key)?;
                f.write_char(']')?;
            }
            Index::Each => f.write_str("[*]")?,
        }
    }
    Ok(())
}

fn test(f: &mut fmt::Formatter<'_>, scheme: &Scheme, test: &Test) -> fmt::Result {
    match test {
        Test::IsTrue => Ok(()),
        Test::Order(order, value) => {
            write!(f, " {} ", order.symbol())?;
            literal(f, value)
        }
        Test::Against(order, right) => {
            write!(f, " {} ", order.symbol())?;
            operand(f, scheme, right)
        }
        Test::Mask(mask) => write!(f, " & {mask}"),
        Test::InInts(ranges) => set(f, ranges, |f, &(first, last)| {
            if first == last { write!(f, "{first}") } else { write!(f, "{first}..{last}") }
        }),
        Test::InAddresses(items) => set(f, items, |f, item| match *item {
            AddressItem::Network(address, bits) if bits == width(address) => {
                write!(f, "{address}")
            }
            AddressItem::Network(address, bits) => write!(f, "{address}/{bits}"),
            AddressItem::Range(first, last) => write!(f, "{first}..{last}"),
        }),
        Test::InBytes(values) => set(f, values, quoted),
        Test::InList(listed) => write!(f, " in ${}", listed.name),
        Test::Contains(needle) => {
            f.write_str(" contains ")?;
            quoted(f, needle)
        }
        Test::Matches(pattern) => {
            f.write_str(" matches ")?;
            regex(f, pattern)
        }
        Test::Wildcard(case, pattern) => {
            f.write_str(match case {
                Case::Ignored => " wildcard ",
                Case::Exact => " strict wildcard ",
            })?;
            quoted(f, pattern)
        }
    }
}

fn set<T>(
    f: &mut fmt::Formatter<'_>,
    items: &[T],
    mut item: impl FnMut(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    f.write_str(" in {")?;
    for (index, value) in items.iter().enumerate() {
        if index > 0 {
            f.write_char(' ')?;
        }
        item(f, value)?;
    }
    f.write_char('}')
}

fn literal(f: &mut fmt::Formatter<'_>, literal: &Literal) -> fmt::Result {
    match literal {
        Literal::Bool(value) => write!(f, "{value}"),
        Literal::Int(value) => write!(f, "{value}"),
        Literal::Ip(value) => write!(f, "{value}"),
        Literal::Bytes(value) => quoted(f, value),
    }
}

const fn width(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

/// A quoted string: text as it is, what is no printable text as `\xHH`.
fn quoted(f: &mut fmt::Formatter<'_>, value: &Bytes) -> fmt::Result {
    f.write_char('"')?;
    for chunk in value.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '"' | '\\' => write!(f, "\\{c}")?,
                c if c.is_control() => {
                    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                        write!(f, "\\x{byte:02X}")?;
                    }
                }
                c => f.write_char(c)?,
            }
        }
        for byte in chunk.invalid() {
            write!(f, "\\x{byte:02X}")?;
        }
    }
    f.write_char('"')
}

/// A raw string with just enough `#`; a quoted one where 255 are not enough, which only a quoted
/// one can have brought about.
fn regex(f: &mut fmt::Formatter<'_>, pattern: &str) -> fmt::Result {
    let run = |rest: &str| rest.len() - rest.trim_start_matches('#').len();
    let longest = pattern.split('"').skip(1).map(|rest| run(rest) + 1).max().unwrap_or(0);
    if longest <= 255 {
        let hashes = "#".repeat(longest);
        return write!(f, "r{hashes}\"{pattern}\"{hashes}");
    }
    f.write_char('"')?;
    let mut in_class = false;
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                f.write_char(c)?;
                if let Some(escaped) = chars.next() {
                    f.write_char(escaped)?;
                }
                continue;
            }
            '[' => in_class = true,
            ']' => in_class = false,
            '"' if !in_class => f.write_char('\\')?,
            _ => {}
        }
        f.write_char(c)?;
    }
    f.write_char('"')
}
