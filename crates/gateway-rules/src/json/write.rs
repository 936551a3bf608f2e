//! From a syntax tree to JSON, without a call for each level.

use bytes::Bytes;
use serde_json::{Value as Json, json};

use crate::ast::{
    AddressItem, Argument, Case, Expr, ExprKind, Index, Literal, Operand, Source, Test,
};
use crate::scheme::{Field, Scheme};

/// What is still to be written.
enum Left<'e> {
    Condition(&'e Expr),
    Operand(&'e Operand),
    Literal(&'e Literal),
    Path(&'e [Index]),
    Json(Json),
    Sign(&'static str),
}

/// The tree of a condition.
pub(crate) fn expression(scheme: &Scheme, expr: &Expr) -> String {
    let mut text = String::new();
    // The next one is the last.
    let mut left = vec![Left::Condition(expr)];
    while let Some(next) = left.pop() {
        let from = left.len();
        match next {
            Left::Condition(expr) => condition(expr, &mut left),
            Left::Operand(operand) => self::operand(scheme, operand, &mut left),
            Left::Literal(value) => text.push_str(&literal(value).to_string()),
            Left::Path(path) => {
                text.push_str(&path.iter().map(index).collect::<Json>().to_string());
            }
            Left::Json(value) => text.push_str(&value.to_string()),
            Left::Sign(sign) => text.push_str(sign),
        }
        if let Some(added) = left.get_mut(from..) {
            added.reverse();
        }
    }
    text
}

fn condition<'e>(expr: &'e Expr, left: &mut Vec<Left<'e>>) {
    match &expr.kind {
        ExprKind::Constant(value) => {
            left.push(Left::Json(json!({"op": "constant", "value": value})));
        }
        ExprKind::Joined(connective, items) => {
            left.extend([Left::Sign(r#"{"op":""#), Left::Sign(connective.word())]);
            left.push(Left::Sign(r#"","items":["#));
            separated(items.iter().map(Left::Condition), left);
            left.push(Left::Sign("]}"));
        }
        ExprKind::Not(inner) => {
            left.extend([Left::Sign(r#"{"op":"not","item":"#), Left::Condition(inner)]);
            left.push(Left::Sign("}"));
        }
        ExprKind::Quantified(quantifier, inner) => {
            left.extend([Left::Sign(r#"{"op":""#), Left::Sign(quantifier.word())]);
            left.extend([Left::Sign(r#"","item":"#), Left::Condition(inner), Left::Sign("}")]);
        }
        ExprKind::Test(operand, test) => {
            let (op, right) = self::test(test);
            left.extend([Left::Sign(r#"{"op":""#), Left::Sign(op), Left::Sign(r#"","left":"#)]);
            left.push(Left::Operand(operand));
            if let Some(right) = right {
                left.extend([Left::Sign(r#","right":"#), right]);
            }
            left.push(Left::Sign("}"));
        }
    }
}

fn separated<'e>(items: impl Iterator<Item = Left<'e>>, left: &mut Vec<Left<'e>>) {
    for (at, item) in items.enumerate() {
        if at > 0 {
            left.push(Left::Sign(","));
        }
        left.push(item);
    }
}

/// The operator, and what stands on its right.
fn test(test: &Test) -> (&'static str, Option<Left<'_>>) {
    let (op, right) = match test {
        Test::IsTrue => return ("is_true", None),
        Test::Order(order, value) => return (order.symbol(), Some(Left::Literal(value))),
        Test::Against(order, right) => return (order.symbol(), Some(Left::Operand(right))),
        Test::Mask(mask) => ("&", json!({"int": mask})),
        Test::InInts(ranges) => ("in", json!({"ints": ranges})),
        Test::InAddresses(items) => {
            let item = |item: &AddressItem| match item {
                AddressItem::Network(address, bits) => format!("{address}/{bits}"),
                AddressItem::Range(first, last) => format!("{first}..{last}"),
            };
            ("in", json!({"addresses": items.iter().map(item).collect::<Vec<_>>()}))
        }
        Test::InBytes(values) => {
            ("in", json!({"strings": values.iter().map(bytes).collect::<Vec<_>>()}))
        }
        Test::InList(listed) => ("in", json!({"list": &*listed.name})),
        Test::Contains(needle) => ("contains", bytes(needle)),
        Test::Matches(pattern) => ("matches", json!(pattern)),
        Test::Wildcard(Case::Ignored, pattern) => ("wildcard", bytes(pattern)),
        Test::Wildcard(Case::Exact, pattern) => ("strict wildcard", bytes(pattern)),
    };
    (op, Some(Left::Json(right)))
}

fn operand<'e>(scheme: &Scheme, operand: &'e Operand, left: &mut Vec<Left<'e>>) {
    match &operand.source {
        Source::Field(field) => {
            let name = scheme.field(*field).map_or("", Field::name);
            left.extend([Left::Sign(r#"{"field":"#), Left::Json(json!(name))]);
        }
        Source::Call(call) => {
            let name = call.function.function().name;
            left.extend([Left::Sign(r#"{"call":"#), Left::Json(json!(name))]);
            left.push(Left::Sign(r#","arguments":["#));
            let argument = |argument: &'e Argument| match argument {
                Argument::Literal(value) => Left::Literal(value),
                Argument::Operand(argument) => Left::Operand(argument),
            };
            separated(call.arguments.iter().map(argument), left);
            left.push(Left::Sign("]"));
        }
    }
    if !operand.path.is_empty() {
        left.extend([Left::Sign(r#","path":"#), Left::Path(&operand.path)]);
    }
    left.push(Left::Sign("}"));
}

fn index(index: &Index) -> Json {
    match index {
        Index::At(position) => json!({"index": position}),
        Index::Key(key) => json!({"key": bytes(key)}),
        Index::Each => json!("*"),
    }
}

fn literal(literal: &Literal) -> Json {
    match literal {
        Literal::Bool(value) => json!({"bool": value}),
        Literal::Int(value) => json!({"int": value}),
        Literal::Ip(value) => json!({"ip": value.to_string()}),
        Literal::Bytes(value) => bytes(value),
    }
}

fn bytes(value: &Bytes) -> Json {
    match std::str::from_utf8(value) {
        Ok(text) => json!(text),
        Err(_) => {
            let hex: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
            json!({"hex": hex})
        }
    }
}
