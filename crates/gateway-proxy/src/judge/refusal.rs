//! What lets nothing pass: a rule, or what is refused without one, which the trail tells in the same way.

use gateway_log::{Action as Done, Direction, RuleMode, TrailStep};
use gateway_rules::{Phase, Redirect};

use super::{Judge, RuleName};
use crate::cuts::Why;
use crate::external::ScanFailure;

/// A rule that lets nothing pass.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) rule: RuleName,
    /// Where to instead.
    pub(crate) redirect: Option<Redirect>,
    /// Whether the body that is refused is kept aside.
    pub(crate) keeps: bool,
}

impl Refusal {
    /// By `rule`, and nothing else.
    pub(crate) const fn block(rule: RuleName) -> Self {
        Self { rule, redirect: None, keeps: false }
    }

    /// How the record names it.
    pub(crate) const fn action(&self) -> Done {
        match self.redirect {
            Some(_) => Done::Redirect,
            None => self.action_in_place(),
        }
    }

    /// The same where there is nothing that could be sent elsewhere.
    pub(crate) const fn action_in_place(&self) -> Done {
        if self.keeps { Done::Quarantine } else { Done::Block }
    }

    /// Where to instead, for a request of `path_and_query`.
    pub(crate) fn location(&self, path_and_query: &str) -> Option<String> {
        self.redirect.as_ref().map(|redirect| redirect.location(path_and_query))
    }
}

impl Judge {
    /// A message is refused because somebody outside gives no verdict on it and may not be done
    /// without.
    pub(crate) fn unscanned(
        &mut self,
        direction: Direction,
        scanner: &str,
        failure: ScanFailure,
    ) -> Refusal {
        let phase = match direction {
            Direction::Upload => Phase::RequestBody,
            _ => Phase::ResponseBody,
        };
        let rule = RuleName {
            id: scanner.to_owned(),
            name: format!("No verdict of {scanner}: {}", failure.name()),
        };
        let mut step = TrailStep::default();
        step.tier = "scanner".into();
        step.rule_id = rule.id.as_str().into();
        step.rule_name = rule.name.as_str().into();
        step.action = Some(Done::Block);
        step.phase = phase.name().into();
        step.predicate = format!("on_error = \"block\" and {}", failure.name()).as_str().into();
        step.mode = RuleMode::Enforce;
        self.trail.push(step);
        Refusal::block(rule)
    }

    /// A request is refused because it asks for the rest of what `rule` has cut, or for what it would have.
    pub(crate) fn cut_before(&mut self, rule: RuleName, why: Why) -> Refusal {
        let mut step = TrailStep::default();
        step.tier = "cut".into();
        step.rule_id = rule.id.as_str().into();
        step.rule_name = rule.name.as_str().into();
        step.action = Some(Done::Block);
        step.phase = Phase::RequestHead.name().into();
        step.predicate = match why {
            Why::WasCut => "the rest of a response that was cut".into(),
            Why::FoundLate => "found in this once it had left".into(),
        };
        step.mode = RuleMode::Enforce;
        self.trail.push(step);
        Refusal::block(rule)
    }
}
