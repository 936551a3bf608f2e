//! Filters: the evaluator yields what the plainest reading of the tree does; the tree survives
//! being JSON; what nobody knows yet decides nothing that all facts decide otherwise.

use gateway_rules::{Answer, Facts, Filter, NilNotEqual, ParseOptions, Truth, Yields};

use crate::rules_world::{CHOICES, facts, scheme};

/// The first byte chooses how a missing value is compared, the next ones the facts; the rest is the
/// text.
pub fn rules_evaluate(data: &[u8]) {
    let Some((&mode, data)) = data.split_first() else { return };
    let Some((choices, text)) = data.split_at_checked(CHOICES) else { return };
    let text = String::from_utf8_lossy(text);
    let options = ParseOptions {
        yields: Yields::BoolOrArray,
        nil_not_equal: if mode & 1 == 1 { NilNotEqual::False } else { NilNotEqual::True },
        // So that compiling a regular expression does not take most of the time.
        regex_bytes_max: 1 << 18,
        ..ParseOptions::default()
    };
    let Ok(filter) = Filter::parse(scheme(), &text, &options) else { return };
    let facts = facts(choices);
    let answer = filter.answer(&facts);
    if let Some(expected) = filter.oracle(&facts, &options) {
        assert_eq!(answer, expected, "{filter}");
    }
    let early = filter.answer(&Facts::new(scheme()));
    assert!(early == Answer::Bool(Truth::NotYet) || early == answer, "{filter}: {early:?}");
    let json = filter.to_json();
    let options = ParseOptions { filter_bytes_max: usize::MAX, ..options };
    assert_eq!(Filter::from_json(scheme(), &json, &options).as_ref(), Ok(&filter), "{json}");
}
