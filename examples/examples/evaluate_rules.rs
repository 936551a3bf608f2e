//! Compiles a rule set and asks it at two gates, as facts about a request become known.
//!
//! `cargo run -p gateway-examples --example evaluate_rules [FILTER]`
#![expect(clippy::print_stdout, reason = "a program that shows something")]

use std::env;
use std::error::Error;

use gateway_rules::{
    Act, Action, CompileError, Facts, Gate, Layer, Options, Phase, Rule, RuleSet, Scheme, Value,
    field,
};

const CARDS: &str = r#"http.request.host != "shop.example" and dlp.upload.count > 0"#;

fn main() -> Result<(), Box<dyn Error>> {
    let filter = env::args().nth(1).unwrap_or_else(|| CARDS.into());
    match evaluate(&filter) {
        Ok(acts) => println!("{}", acts.join("\n")),
        Err(error) => {
            for (_, diagnostic) in &error.diagnostics {
                println!("{}", diagnostic.render(&filter));
            }
        }
    }
    Ok(())
}

/// What is done with an upload before its head leaves, and after a card was found in it.
fn evaluate(filter: &str) -> Result<[String; 2], CompileError> {
    let scheme = Scheme::gateway();
    let rule = Rule::new("cards", Layer::Http, Action::Block, filter);
    let rules = RuleSet::compile(&scheme, vec![rule], &Options::default())?;

    let mut facts = Facts::new(&scheme);
    facts.close(Phase::Connect);
    facts.close(Phase::ClientHello);
    facts.set(field::HTTP_REQUEST_HOST, "paste.example");
    facts.close(Phase::RequestHead);
    let at_head = rules.decide(&facts, Gate::RequestHead);
    let head =
        format!("{}; the body is wanted: {}", show(at_head.act()), !at_head.needs().is_empty());

    facts.set_partial(field::DLP_UPLOAD_COUNT, Value::Int(1));
    Ok([head, show(rules.decide(&facts, Gate::RequestBody).act())])
}

fn show(act: Act<'_>) -> String {
    match act {
        Act::Block(rule) => format!("block by `{}`", rule.id),
        act => format!("{act:?}"),
    }
}

#[test]
fn a_card_on_its_way_out_is_blocked() {
    let [head, body] = evaluate(CARDS).unwrap();
    assert_eq!([&*head, &*body], ["Proceed; the body is wanted: true", "block by `cards`"]);
    assert!(evaluate("http.reqest.host == 1").is_err());
}
