//! The law of printing, as a function that tests and fuzzers call: what a text means, its printed
//! form means too, and it is printed the same.

use std::sync::Arc;

use crate::filter::{Filter, ParseError};
use crate::options::ParseOptions;
use crate::scheme::Scheme;

/// How a filter failed to survive being printed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RoundTripError {
    /// The printed text is no filter.
    #[error("`{printed}` cannot be read back: {error}")]
    Unreadable {
        /// What was printed.
        printed: String,
        /// Why it cannot be read.
        error: ParseError,
    },
    /// The printed text is another filter.
    #[error("`{printed}` means something else")]
    Different {
        /// What was printed.
        printed: String,
    },
}

/// Reads `text`, prints the filter and reads that again: `None` if the text is no filter, else the
/// printed form.
///
/// # Errors
/// [`RoundTripError`] shows a fault of this crate, whatever the text.
pub fn round_trip(
    scheme: &Arc<Scheme>,
    text: &str,
    options: &ParseOptions,
) -> Result<Option<String>, RoundTripError> {
    let Ok(filter) = Filter::parse(scheme, text, options) else { return Ok(None) };
    let printed = filter.to_string();
    // Escapes may make the printed form longer than the limit for what people write.
    let options = ParseOptions { filter_bytes_max: usize::MAX, ..options.clone() };
    match Filter::parse(scheme, &printed, &options) {
        Ok(again) if again == filter && again.to_string() == printed => Ok(Some(printed)),
        Ok(_) => Err(RoundTripError::Different { printed }),
        Err(error) => Err(RoundTripError::Unreadable { printed, error }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::options::{Compat, Yields};
    use crate::test_scheme;

    fn check(text: &str, expected: &str) {
        let options = ParseOptions { yields: Yields::BoolOrArray, ..ParseOptions::default() };
        let printed = round_trip(&test_scheme::scheme(), text, &options).expect(text);
        assert_eq!(printed.as_deref(), Some(expected), "{text}");
    }

    #[test]
    fn filters_are_printed_in_one_spelling() {
        check("ssl", "ssl");
        check("((ssl))", "ssl");
        check("!ssl && !(ssl||ssl)", "not ssl and not (ssl or ssl)");
        check("ssl and (ssl and ssl)", "ssl and (ssl and ssl)");
        check("ssl or ssl and ssl ^^ ssl", "ssl or ssl and ssl xor ssl");
        check("port eq 0x10", "port == 16");
        check("port in {1..3,7 -1..-1}", "port in {1..3 7 -1}");
        check("port & 010", "port & 8");
        check("ip.src in {10.0.0.0/8 ::1/128 ::1..::2}", "ip.src in {10.0.0.0/8 ::1 ::1..::2}");
        check(r#"http.host == 61:22"#, r#"http.host == "a\"""#);
        check(r#"http.host == '\xff\'\x00é'"#, r#"http.host == "\xFF'\x00é""#);
        check(r#"http.host ~ "a\"b\.[\"]""#, r##"http.host matches r#"a"b\.[\"]"#"##);
        check(r#"http.host matches "a""#, r#"http.host matches r"a""#);
        check(r#"http.host strict  wildcard r"\**""#, r#"http.host strict wildcard "\\**""#);
        check(r#"any(names[*] contains 'x')"#, r#"any(names[*] contains "x")"#);
        check(r#"headers["a\"]"][0] == 'x'"#, r#"headers["a\"]"][0] == "x""#);
        check("flags and not flags[*]", "flags and not flags[*]");
        check("ssl == false # really\n", "ssl == false");
        check("true", "true");
    }

    #[test]
    fn a_pattern_that_no_raw_string_holds_is_quoted() {
        let hashes = "#".repeat(255);
        check(
            &format!(r#"http.host matches "a\"{hashes}[\"]""#),
            &format!(r#"http.host matches "a\"{hashes}[\"]""#),
        );
    }

    /// Text that is nearly a filter.
    fn text() -> impl Strategy<Value = String> {
        let operand = prop_oneof![
            Just("ssl".to_owned()),
            Just("flags".to_owned()),
            "(port|port2) (==|!=|<|ge|&) (-?[0-9]{1,3}|0x[0-9a-f]{1,3})",
            "port in \\{(-?[0-9]{1,2}(\\.\\.[0-9]{2})?[ ,]){0,3}\\}",
            "ip\\.src (==|<=|gt) (1\\.2\\.3\\.4|::[0-9a-f]{1,4})",
            "ip\\.src in \\{(10\\.0\\.0\\.0/8 |1\\.1\\.1\\.1 |::/[0-9] |1\\.1\\.1\\.1\\.\\.1\\.1\\.1\\.9 ){0,2}\\}",
            "http\\.host (==|lt|contains) \"([a-zé\u{7}]|\\\\x[0-9a-f]{2}|\\\\\"|\\\\\\\\){0,4}\"",
            "http\\.host in \\{(\"[a-z]{0,2}\" |61:62 |r#\"[a-z\"]{0,2}\"# ){0,3}\\}",
            "http\\.host (matches|~) (r\"[a-z.]{0,4}\"|\"(\\[[a-z\"]\\]|\\\\\"|[a-z.]|\\\\\\.){0,4}\")",
            "http\\.host (strict )?wildcard \"(\\*|[a-z]|\\\\\\\\\\*){0,4}\"",
            "(any|all)\\((not )?names\\[\\*\\] == \"[a-z]{0,2}\"\\)",
            "(any|all)\\(flags (and|or|xor) (names|headers\\[\"k\"\\])\\[\\*\\] != \"[a-z]\"\\)",
            "headers\\[\"[a-z\\\\\"]{0,2}\"\\]\\[[0-9*]\\] == 'x'",
            "[a-z\"(){}\\[\\]!=&| ]{0,8}",
        ];
        operand.prop_recursive(4, 24, 4, |inner| {
            let word = prop_oneof![Just(" and "), Just("||"), Just(" xor ")];
            prop_oneof![
                (inner.clone(), word, inner.clone())
                    .prop_map(|(a, word, b)| format!("{a}{word}{b}")),
                inner.clone().prop_map(|inner| format!("({inner})")),
                inner.clone().prop_map(|inner| format!("not {inner}")),
                inner.prop_map(|inner| format!("!({inner} )")),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_text_survives(text in text(), wirefilter in any::<bool>()) {
            let compat = if wirefilter { Compat::Wirefilter } else { Compat::Extended };
            let options =
                ParseOptions { yields: Yields::BoolOrArray, compat, ..ParseOptions::default() };
            if let Err(fault) = round_trip(&test_scheme::scheme(), &text, &options) {
                return Err(TestCaseError::fail(format!("{text:?}: {fault}")));
            }
        }

        #[test]
        fn any_text_at_all_is_read_in_peace(text in "\\PC{0,40}") {
            let trip = round_trip(&test_scheme::scheme(), &text, &ParseOptions::default());
            prop_assert!(trip.is_ok(), "{:?}", trip);
        }
    }
}
