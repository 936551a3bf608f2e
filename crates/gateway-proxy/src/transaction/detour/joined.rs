//! A Worker's answer whose body is the origin's, untouched: the head is the Worker's, and the body
//! comes from the egress session without a way through the Worker.
//!
//! Nothing else changes for it: it is inspected, held, cut and recorded like any other body of the
//! Worker's answer.

use gateway_h1h2::ResponseHead;

use super::super::{Output, Transaction};
use super::Stage;

impl Transaction {
    /// The Worker has answered with this head, and leaves the body to the origin.
    pub(super) fn join(&mut self, answer: &ResponseHead) {
        let Some(detour) = &mut self.detour else { return };
        let Some(invocation) = &detour.invocation else { return };
        let token = invocation.lease.token();
        detour.stage = Stage::Joining;
        detour.answer = Some(answer.clone());
        self.emit(Output::Join(token));
    }

    /// The origin's own head has come: of it only the size of the body counts.
    pub(super) fn join_head(&mut self, head: &mut ResponseHead) {
        let Some(detour) = &mut self.detour else { return };
        let Some(answer) = detour.answer.take() else { return };
        detour.stage = Stage::Answering;
        let body = head.body;
        *head = answer;
        head.body = body;
    }

    /// Whether what comes now is the origin's word, which the Worker has heard before.
    pub(in crate::transaction) fn is_joining(&self) -> bool {
        self.detour.as_ref().is_some_and(|detour| detour.stage == Stage::Joining)
    }
}
