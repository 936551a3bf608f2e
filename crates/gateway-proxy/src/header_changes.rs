//! Carries out what rules that have won change in heads, and tells the record.

use gateway_h1h2::{FieldError, Fields};
use gateway_rules::{HeaderOperation, HeaderSide, RuleIndex};

use crate::judge::Judge;

/// The rules that change something in the heads of one exchange, in the order in which they won.
pub(crate) type Changing = Vec<RuleIndex>;

/// The most names of one rule that the record shows.
const SHOWN_MAX: usize = 64;

impl Judge {
    /// Changes the head of the request to `host`, or that of the response from it. Done again for a
    /// request that is sent again.
    ///
    /// # Errors
    /// When a field cannot be written, which the rules leave no room for.
    pub(crate) fn change_head(
        &mut self,
        side: HeaderSide,
        host: &str,
        fields: &mut Fields,
    ) -> Result<(), FieldError> {
        for at in 0..self.changing.len() {
            let Some(&index) = self.changing.get(at) else { break };
            let rules = &self.policy.rules;
            let Some(rule) = rules.rule(index) else { continue };
            let step =
                self.trail.iter_mut().find(|step| step.rule_id.as_bytes() == rule.id.as_bytes());
            let mut told = Vec::new();
            for due in rules.due_changes(index, side, host, &self.facts) {
                match due.operation {
                    HeaderOperation::Delete => _ = fields.remove(due.name),
                    HeaderOperation::Set => fields.set(due.name, &due.value.bytes)?,
                    HeaderOperation::Add => fields.append(due.name, &due.value.bytes)?,
                }
                let side = match side {
                    HeaderSide::Request => "request",
                    HeaderSide::Response => "response",
                };
                let incomplete = if due.value.incomplete { " (incomplete)" } else { "" };
                let operation = due.operation.name();
                told.push(format!("{side} {operation} {}{incomplete}", due.name));
            }
            if let Some(step) = step {
                for change in told {
                    let is_new =
                        step.headers.iter().all(|known| known.as_bytes() != change.as_bytes());
                    if is_new && step.headers.len() < SHOWN_MAX {
                        step.headers.push(change.into());
                    }
                }
            }
        }
        Ok(())
    }
}
