//! Filters: what a text means, its printed form and its layout mean too; and what is refused is
//! shown at its place.

use std::sync::{Arc, LazyLock};

use gateway_rules::{
    Answer, Compat, Facts, Filter, NilNotEqual, ParseOptions, Phase, Scheme, Truth, Yields,
    round_trip,
};

const NOT_YET: Answer = Answer::Bool(Truth::NotYet);

static SCHEME: LazyLock<Arc<Scheme>> = LazyLock::new(Scheme::gateway);

/// The low bits of the first byte choose how the rest, a text, is read.
pub fn rules_parse_print_parse(data: &[u8]) {
    let Some((&mode, text)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(text);
    let options = options(mode);
    if let Err(error) = round_trip(&SCHEME, &text, &options) {
        panic!("{error}");
    }
    match Filter::parse(&SCHEME, &text, &options) {
        Ok(filter) => {
            settles(&filter);
            let tidy = Filter::canonical(&SCHEME, &text, &options).expect("it is a filter");
            let read = Filter::parse(&SCHEME, &tidy, &options).expect("its layout is one, too");
            assert!(read == filter, "{tidy} means another thing");
            let again = Filter::canonical(&SCHEME, &tidy, &options).expect("it is a filter");
            assert_eq!(again, tidy, "a layout is laid out otherwise");
        }
        Err(error) => {
            assert!(!error.diagnostics().is_empty(), "refused without a reason");
            for diagnostic in error.diagnostics() {
                assert!(text.get(diagnostic.span()).is_some(), "{diagnostic:?} points nowhere");
                assert!(!diagnostic.render(&text).to_string().is_empty());
            }
        }
    }
}

fn options(mode: u8) -> ParseOptions {
    let on = |bit: u8| mode & bit != 0;
    ParseOptions {
        compat: if on(1) { Compat::Wirefilter } else { Compat::Extended },
        yields: if on(2) { Yields::BoolOrArray } else { Yields::Bool },
        nil_not_equal: if on(4) { NilNotEqual::False } else { NilNotEqual::True },
        max_nesting_depth: if on(8) { 4 } else { 128 },
        // So that compiling a regular expression does not take most of the time.
        regex_bytes_max: 1 << 20,
        ..ParseOptions::default()
    }
}

/// Once every phase has ended, nothing is left to wait for; what was sure before stays.
fn settles(filter: &Filter) {
    let mut facts = Facts::new(&SCHEME);
    let open = filter.answer(&facts);
    for phase in Phase::ALL {
        facts.close(phase);
    }
    let closed = filter.answer(&facts);
    assert_ne!(closed, NOT_YET, "with every phase ended");
    assert!(open == NOT_YET || open == closed, "{open:?} turned {closed:?}");
}
