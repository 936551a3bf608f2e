//! Requests that the gateway answers itself without asking a rule: what is not passed on by any proxy, and
//! `OPTIONS` that reaches no further than here.

use bytes::Bytes;
use gateway_h1h2::ResponseHead;
use gateway_h1h2::h1::{Check, Severity};
use http::{Method, StatusCode};

use super::Transaction;

impl Transaction {
    /// What no rule needs to be asked about.
    pub(super) fn unacceptable(&self) -> Option<(StatusCode, &'static str, &'static str)> {
        let head = &self.head;
        if gateway_h1h2::via_names(&head.fields, &self.policy.settings.pseudonym) {
            let detail = "The request has passed this gateway before.";
            return Some((StatusCode::LOOP_DETECTED, "Loop detected", detail));
        }
        if head.method == Method::TRACE {
            let detail = "TRACE is not passed on.";
            return Some((StatusCode::METHOD_NOT_ALLOWED, "Method not allowed", detail));
        }
        let mut expects = head.fields.all("expect");
        if expects.any(|value| !value.eq_ignore_ascii_case(b"100-continue"))
            && self.refuses_unknown_expectations()
        {
            let detail = "The only expectation that can be met is 100-continue.";
            return Some((StatusCode::EXPECTATION_FAILED, "Expectation failed", detail));
        }
        None
    }

    /// Whether the check says so that the codec makes of HTTP/1; here it holds for HTTP/2 as well.
    fn refuses_unknown_expectations(&self) -> bool {
        let checks = self.judge.relaxed.over(&self.policy.settings.strictness.client);
        checks.severity(Check::ExpectUnknown) == Severity::Reject
    }

    /// The answer of the last proxy that `Max-Forwards` reaches (RFC 9110 §7.6.2).
    pub(super) fn answer_options(&mut self) {
        let mut head = ResponseHead::new(StatusCode::OK);
        let allow = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, CONNECT";
        let _ = head.fields.append("Allow", allow);
        self.answer(crate::reply::Reply { head, body: Bytes::new() });
    }
}
