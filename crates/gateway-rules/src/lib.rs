//! Filter rules over typed facts that arrive by phase.
//!
//! A [`Scheme`] declares the fields that rules may read and the [`Phase`]s in which each becomes
//! known; [`Scheme::gateway`] is the built-in one. A [`RuleSet`] is compiled from [`Rule`]s as a
//! whole. While a connection unfolds, its [`Facts`] fill up, and before each irreversible act, a
//! [`Gate`], the set is asked to [`decide`](RuleSet::decide). The [`Decision`] says whether to
//! pass, wait, block or redirect, why, and which facts could still change that, so that a caller
//! computes nothing that no rule wants.
//!
//! ```
//! use gateway_rules::{Act, Action, Facts, Gate, Layer, Options, Phase, Rule, RuleSet, Scheme, field};
//!
//! let scheme = Scheme::gateway();
//! let rules = vec![
//!     Rule::new("cards", Layer::Http, Action::Block, r#"any(dlp.upload.profiles[*] == "cards")"#),
//!     Rule::new("paste", Layer::Http, Action::Block, r#"http.request.host == "paste.example""#),
//! ];
//! let rules = RuleSet::compile(&scheme, rules, &Options::default())?;
//!
//! let mut facts = Facts::new(&scheme);
//! facts.close(Phase::Connect);
//! facts.close(Phase::ClientHello);
//! facts.set(field::HTTP_REQUEST_HOST, "shop.example");
//! facts.close(Phase::RequestHead);
//! let decision = rules.decide(&facts, Gate::RequestHead);
//! assert_eq!(decision.act(), Act::Proceed);
//! assert!(decision.needs().wants_field(field::DLP_UPLOAD_PROFILES));
//!
//! facts.set_partial(field::DLP_UPLOAD_PROFILES, ["cards"].into_iter().collect::<gateway_rules::Value>());
//! assert!(matches!(rules.decide(&facts, Gate::RequestBody).act(), Act::Block(rule) if rule.id == "cards"));
//! # Ok::<(), gateway_rules::CompileError>(())
//! ```

mod action;
mod among;
mod ast;
mod bodies;
mod call;
mod check;
mod constants;
mod coverage;
mod decide;
mod decision;
mod diagnostic;
mod evaluate;
mod explain;
mod expression;
mod facts;
mod filter;
mod fix;
mod fold;
mod functions;
mod headers;
mod image;
mod index;
mod json;
mod layout;
mod lint;
mod lists;
mod needle;
mod needs;
mod options;
mod oracle;
mod parse;
mod pattern;
mod phase;
mod place;
mod print;
mod problem;
mod program;
mod quick;
mod redaction;
mod rehearse;
mod round_trip;
mod row;
mod rule;
mod ruleset;
mod schedule;
mod scheme;
mod spans;
mod subject;
mod suggest;
#[cfg(test)]
mod test_scheme;
mod value;
mod wildcard;

pub use action::{Action, ActionError, KeepPath, Operand, Otherwise, Redirect};
pub use bodies::without_body_phase;
pub use constants::{ConstantError, Constants};
pub use coverage::{Coverage, PredicateCoverage, RuleCoverage};
pub use decision::{Act, Decision, Scanning, Standing, TrailEntry};
pub use diagnostic::{Diagnostic, Rendered, Severity};
pub use explain::{Explanation, Observed, Predicate, Reason, Sight};
pub use facts::{Fact, Facts};
pub use filter::{Answer, Filter, ParseError, Truth};
pub use fix::Fix;
pub use headers::{
    DueChange, HeaderChange, HeaderChanges, HeaderFault, HeaderOperation, HeaderSide, HeaderValue,
    Tenant, TenantError,
};
pub use json::{JsonError, rules_from_json, rules_to_json};
pub use lint::{Finding, Flaw, Weight, unused_constants, unused_lists};
pub use lists::{
    EntryError, LineFault, List, ListBuilder, ListError, ListFormat, ListKind, ListSeed, Lists,
    PassedOver, ReadReport,
};
pub use needs::{Ids, Needs};
pub use options::{Compat, Indexing, NilNotEqual, Options, ParseOptions, UnknownLists, Yields};
pub use phase::{Gate, Phase, PhaseSet};
pub use problem::{Extension, Problem};
pub use redaction::{Named, PayloadLog, Redaction};
pub use rehearse::{Outcome, Passage};
pub use round_trip::{RoundTripError, round_trip};
pub use rule::{Layer, OutOfTime, Rule, RuleIndex, RuleMode, Tier};
pub use ruleset::{CompileError, RuleSet};
pub use schedule::{Schedule, ScheduleError, unix_seconds};
pub use scheme::gateway::field;
pub use scheme::{Field, FieldId, Presence, Scheme, SchemeBuilder, SchemeError};
pub use value::{Type, Value};
