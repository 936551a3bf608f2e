//! What the record of a session is told of its tunnel on the way.

use gateway_log::Action;

use super::Session;
use crate::dial::{DialError, Dialed};
use crate::judge::{Refusal, RuleName};

impl Session {
    pub(super) fn note_refusal(&mut self, refusal: &Refusal) {
        if let Some(record) = &mut self.record {
            record.decision.action = Some(refusal.action());
            record.decision.policy_id = refusal.rule.id.as_str().into();
            record.decision.policy_name = refusal.rule.name.as_str().into();
        }
    }

    pub(super) fn note_do_not_inspect(&mut self, rule: &RuleName) {
        if let Some(record) = &mut self.record {
            record.decision.action = Some(Action::Off);
            record.decision.policy_id = rule.id.as_str().into();
            record.decision.policy_name = rule.name.as_str().into();
        }
    }

    pub(super) fn note_dialed(&mut self, dialed: &Dialed) {
        if let Some(record) = &mut self.record {
            dialed.fill(record);
        }
    }

    pub(super) fn note_unreachable(&mut self, error: &DialError) {
        let Some(record) = &mut self.record else { return };
        record.close_reason = Some(error.close_reason());
        record.http.status = Some(error.status().as_u16());
        if let DialError::Certificate { validation } = error {
            record.origin.certificate_validation = Some(*validation);
        }
        if matches!(error, DialError::Refused { .. }) {
            record.decision.action = Some(Action::Block);
        }
    }
}
