//! Filters as JSON: the syntax tree, for tools that show or change conditions.
//!
//! A condition is an object with `op`: `and`, `or`, `xor` (`items`), `not`, `any`, `all` (`item`),
//! `constant` (`value`), `is_true` (`left`), or an operator (`left` and `right`). An operand is
//! `{"field": name}` or `{"call": name, "arguments": […]}`, with `path` where there are indexes:
//! `{"index": n}`, `{"key": bytes}`, `"*"`. Bytes are a string, or `{"hex": "…"}` where they are no
//! UTF-8. What is read back is printed and parsed, so that it is checked like any text.

mod extras;
mod fault;
mod nested;
mod read;
mod rules;
mod write;

pub use self::fault::JsonError;
pub(crate) use self::read::expression as read;
pub use self::rules::{rules_from_json, rules_to_json};
pub(crate) use self::write::expression;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::JsonError;
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
            (
                "{",
                "the text is no JSON: expected a name in quotes, found the end of the text at line 1 \
                 column 2",
            ),
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

    /// Filters that are nested as deep as they may be.
    fn deepest(depth: usize) -> [String; 6] {
        [
            format!("{}ssl", "!".repeat(depth)),
            format!("{}ssl{}", "(ssl or ".repeat(depth), ")".repeat(depth)),
            format!("{}ssl{}", "(ssl or found xor ssl and ".repeat(depth), ")".repeat(depth)),
            format!("{}ssl{}", "not (ssl or ".repeat(depth / 2), ")".repeat(depth / 2)),
            format!("{}http.host{} == 'a'", "lower(".repeat(depth), ")".repeat(depth)),
            format!(
                "port == len({}http.host{})",
                "upper(".repeat(depth - 1),
                ")".repeat(depth - 1)
            ),
        ]
    }

    #[track_caller]
    fn check_deepest(depth: usize, stack_bytes: usize) {
        let small = std::thread::Builder::new().stack_size(stack_bytes).spawn(move || {
            let scheme = test_scheme::scheme();
            let options = ParseOptions { max_nesting_depth: depth, ..options() };
            for text in deepest(depth) {
                let filter = Filter::parse(&scheme, &text, &options).expect(&text);
                let json = filter.to_json();
                let again = Filter::from_json(&scheme, &json, &options);
                assert!(again.as_ref() == Ok(&filter), "{text}: {:?}", again.err());
                let fewer = ParseOptions { max_nesting_depth: depth - 2, ..options.clone() };
                let refused = Filter::from_json(&scheme, &json, &fewer).err();
                assert_eq!(refused, Some(JsonError::Nesting { depth_max: depth - 2 }), "{text}");
            }
        });
        small.expect("a thread").join().expect("no fault");
    }

    #[test]
    fn the_usual_nesting_survives_on_a_small_stack() {
        check_deepest(ParseOptions::default().max_nesting_depth, 1 << 20);
    }

    #[test]
    fn the_deepest_nesting_survives() {
        check_deepest(ParseOptions::NESTING_DEPTH_CEILING, 16 << 20);
    }

    #[test]
    fn what_is_nested_too_deep_is_refused() {
        let scheme = test_scheme::scheme();
        for (open, close) in [
            (r#"{"op":"not","item":"#, "}"),
            (r#"{"op":"and","items":["#, "]}"),
            (r#"{"op":"==","right":"a","left":{"call":"lower","arguments":["#, "]}}"),
            ("[", "]"),
        ] {
            let json = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
            let error = Filter::from_json(&scheme, &json, &options()).expect_err(open);
            assert_eq!(error, JsonError::Nesting { depth_max: 128 });
            assert_eq!(error.to_string(), "the filter is nested more than 128 deep");
        }
    }
}
