//! Filters as JSON: the syntax tree, for tools that show or change conditions.
//!
//! A condition is an object with `op`: `and`, `or`, `xor` (`items`), `not`, `any`, `all` (`item`),
//! `constant` (`value`), `is_true` (`left`), or an operator (`left` and `right`). An operand is
//! `{"field": name}` or `{"call": name, "arguments": […]}`, with `path` where there are indexes:
//! `{"index": n}`, `{"key": bytes}`, `"*"`. Bytes are a string, or `{"hex": "…"}` where they are no
//! UTF-8. What is read back is printed and parsed, so that it is checked like any text.

mod extras;
mod read;
mod rules;

use bytes::Bytes;
use serde_json::{Value as Json, json};

use crate::ast::{
    AddressItem, Argument, Case, Expr, ExprKind, Index, Literal, Operand, Source, Test,
};
use crate::scheme::{Field, Scheme};

pub use self::read::JsonError;
pub(crate) use self::read::expression as read;
pub use self::rules::{rules_from_json, rules_to_json};

pub(crate) fn expression(scheme: &Scheme, expr: &Expr) -> Json {
    match &expr.kind {
        ExprKind::Constant(value) => json!({"op": "constant", "value": value}),
        ExprKind::Joined(connective, items) => {
            let items: Vec<Json> = items.iter().map(|item| expression(scheme, item)).collect();
            json!({"op": connective.word(), "items": items})
        }
        ExprKind::Not(inner) => json!({"op": "not", "item": expression(scheme, inner)}),
        ExprKind::Quantified(quantifier, inner) => {
            json!({"op": quantifier.word(), "item": expression(scheme, inner)})
        }
        ExprKind::Test(left, Test::IsTrue) => {
            json!({"op": "is_true", "left": operand(scheme, left)})
        }
        ExprKind::Test(left, test) => {
            let (op, right) = self::test(scheme, test);
            json!({"op": op, "left": operand(scheme, left), "right": right})
        }
    }
}

fn test(scheme: &Scheme, test: &Test) -> (&'static str, Json) {
    match test {
        Test::IsTrue => ("is_true", Json::Null),
        Test::Order(order, value) => (order.symbol(), literal(value)),
        Test::Against(order, right) => (order.symbol(), operand(scheme, right)),
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
    }
}

fn operand(scheme: &Scheme, operand: &Operand) -> Json {
    let mut json = match &operand.source {
        Source::Field(field) => json!({"field": scheme.field(*field).map_or("", Field::name)}),
        Source::Call(call) => {
            let argument = |argument: &Argument| match argument {
                Argument::Literal(value) => literal(value),
                Argument::Operand(argument) => self::operand(scheme, argument),
            };
            let arguments: Vec<Json> = call.arguments.iter().map(argument).collect();
            json!({"call": call.function.function().name, "arguments": arguments})
        }
    };
    if let Some(members) = json.as_object_mut()
        && !operand.path.is_empty()
    {
        let index = |index: &Index| match index {
            Index::At(position) => json!({"index": position}),
            Index::Key(key) => json!({"key": bytes(key)}),
            Index::Each => json!("*"),
        };
        members.insert("path".to_owned(), operand.path.iter().map(index).collect());
    }
    json
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::filter::Filter;
    use crate::options::{ParseOptions, Yields};
    use crate::test_scheme::{self, Reads, condition};

    fn options() -> ParseOptions {
        ParseOptions { yields: Yields::BoolOrArray, ..ParseOptions::default() }
    }

    fn check(text: &str, json: &str) {
        let scheme = test_scheme::scheme();
        let filter = Filter::parse(&scheme, text, &options()).expect(text);
        let read = |json: &str| serde_json::from_str::<serde_json::Value>(json).expect("JSON");
        assert_eq!(read(&filter.to_json()), read(json), "{text}");
        assert_eq!(Filter::from_json(&scheme, json, &options()).as_ref(), Ok(&filter), "{json}");
    }

    #[test]
    fn trees_are_written_and_read() {
        check(
            r#"ssl and not port in {1..3 7}"#,
            r#"{"op": "and", "items": [
                {"op": "is_true", "left": {"field": "ssl"}},
                {"op": "not", "item":
                    {"op": "in", "left": {"field": "port"}, "right": {"ints": [[1, 3], [7, 7]]}}}]}"#,
        );
        check(
            r#"any(lower(names[*])[*] == "a\xff")"#,
            r#"{"op": "any", "item": {"op": "==", "right": {"hex": "61ff"}, "left":
                {"call": "lower", "arguments": [{"field": "names", "path": ["*"]}], "path": ["*"]}}}"#,
        );
        check(
            r#"headers["k"][0] strict wildcard "*""#,
            r#"{"op": "strict wildcard", "right": "*", "left":
                {"field": "headers", "path": [{"key": "k"}, {"index": 0}]}}"#,
        );
        check(
            "ip.src in {10.0.0.0/8 ::1 ::1..::2} or port == port2 or true",
            r#"{"op": "or", "items": [
                {"op": "in", "left": {"field": "ip.src"}, "right":
                    {"addresses": ["10.0.0.0/8", "::1/128", "::1..::2"]}},
                {"op": "==", "left": {"field": "port"}, "right": {"field": "port2"}},
                {"op": "constant", "value": true}]}"#,
        );
    }

    #[test]
    fn what_is_no_tree_is_refused() {
        let scheme = test_scheme::scheme();
        for (json, reason) in [
            ("{", "the text is no JSON: EOF while parsing an object at line 1 column 1"),
            ("[]", "expected an object with `op`, found `[]`"),
            (r#"{"op": "nand", "items": []}"#, "expected an operator, found `\"nand\"`"),
            (r#"{"op": "and", "items": []}"#, "expected two items or more, found `[]`"),
            (r#"{"op": "is_true", "left": {"field": "x"}}"#, "no field is called `x`"),
            (r#"{"op": "is_true", "left": {"call": "x"}}"#, "no function is called `x`"),
            (
                r#"{"op": "==", "left": {"field": "port"}, "right": "http"}"#,
                "expected a value of type Int, found `\"http\"`",
            ),
            (
                r#"{"op": "==", "left": {"field": "port"}, "right": {"int": 1.5}}"#,
                "expected an integer of 64 bits, found `1.5`",
            ),
        ] {
            let error = Filter::from_json(&scheme, json, &options()).expect_err(json);
            assert_eq!(error.to_string(), reason, "{json}");
        }
    }

    proptest! {
        #[test]
        fn every_filter_survives(text in condition(Reads::Everything)) {
            let scheme = test_scheme::scheme();
            let filter = Filter::parse(&scheme, &text, &options()).expect("well-formed");
            let again = Filter::from_json(&scheme, &filter.to_json(), &options());
            prop_assert_eq!(again.as_ref(), Ok(&filter));
        }
    }
}
