//! What rules have overwritten of what was found, in either direction.

use std::sync::Arc;

use gateway_log::Direction;
use gateway_rules::{Decision, Named, Redaction};

use super::RuleName;
use crate::body;

/// A rule has what was found overwritten.
#[derive(Clone)]
pub(super) struct Redact {
    rule: RuleName,
    what: Arc<Redaction>,
}

impl Redact {
    pub(super) fn of(decision: &Decision<'_>) -> Vec<Self> {
        let one = |(rule, what): &(&gateway_rules::Rule, &Arc<Redaction>)| {
            let rule = RuleName { id: rule.id.clone(), name: rule.name.clone() };
            Self { rule, what: (*what).clone() }
        };
        decision.redactions().iter().map(one).collect()
    }

    /// What is overwritten in the body of `direction`, if that is anything.
    fn in_body(&self, direction: Direction) -> Option<body::Redaction> {
        let named = match direction {
            Direction::Upload => &self.what.upload,
            _ => &self.what.download,
        };
        let (rule, named, otherwise) = (self.rule.clone(), named.clone(), self.what.otherwise);
        let redaction = body::Redaction { rule, named, otherwise };
        (redaction.named != Named::Nothing).then_some(redaction)
    }
}

/// What all of them have overwritten in the body of `direction`, if that is anything.
pub(super) fn in_body(redacts: &[Redact], direction: Direction) -> Option<Arc<body::Redaction>> {
    let mut all = redacts.iter().filter_map(|redact| redact.in_body(direction));
    let mut redaction = all.next()?;
    all.for_each(|other| redaction.merge(&other));
    Some(Arc::new(redaction))
}
