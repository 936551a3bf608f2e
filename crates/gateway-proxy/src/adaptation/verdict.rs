//! What becomes of a message by what the service says of it, or fails to say.

use std::time::Instant;

use bytes::Buf;
use gateway_h1h2::Event;
use gateway_log::AdaptationOutcome;

use super::{Adaptation, Answer, By, Keeping, Source, Stage, Step};
use crate::adapter::{AdaptInput, AdaptReport};
use crate::external::{OnFailure, ScanFailure};
use crate::transaction::Leg;

impl Adaptation {
    /// The exchange has brought something.
    pub(crate) fn on_report(&mut self, report: AdaptReport, now: Instant) {
        match (report, self.stage) {
            (_, Stage::Over | Stage::Original) => {}
            (AdaptReport::Taken(bytes), _) => self.waiting = self.waiting.saturating_sub(bytes),
            (AdaptReport::Told { istag, finding }, _) => {
                self.told.istag = istag;
                self.told.finding = finding;
            }
            // Of what is returned in part the service has had all that it wanted.
            (AdaptReport::Wanted, _) if self.answer == Answer::Partial => {}
            (AdaptReport::Wanted, _) => self.give_all(),
            (AdaptReport::Unmodified, Stage::Offered) => {
                self.let_original_go(AdaptationOutcome::Unchanged, now);
            }
            (AdaptReport::Declined, Stage::Offered) => {
                self.let_original_go(AdaptationOutcome::Declined, now);
            }
            (AdaptReport::Partial, Stage::Offered) if self.kept.is_some() => {
                self.answer = Answer::Partial;
                // What has gone to the service waits for nothing any more.
                self.waiting = 0;
            }
            (AdaptReport::Request(head), Stage::Offered) if self.leg == Leg::Client => {
                self.replace(By::Changed, AdaptationOutcome::Changed);
                self.pass(Event::RequestHead(head));
            }
            (AdaptReport::Response(head), Stage::Offered) if !head.status.is_informational() => {
                let by = if self.leg == Leg::Client { By::Answer } else { By::Changed };
                self.replace(
                    by,
                    match by {
                        By::Answer => AdaptationOutcome::Answered,
                        By::Changed => AdaptationOutcome::Changed,
                    },
                );
                self.pass(Event::ResponseHead(head));
            }
            (AdaptReport::Data(bytes), Stage::Replaced(_)) => {
                self.unacknowledged += bytes.len() as u64;
                self.pass(Event::Data(bytes));
            }
            (AdaptReport::End, Stage::Replaced(_)) => self.end_replaced(now),
            (AdaptReport::Original(from), Stage::Replaced(By::Changed))
                if self.answer == Answer::Partial =>
            {
                self.go_on_with_original(from, now);
            }
            (AdaptReport::Failed(failure), _) => self.fail(failure, now),
            // Out of turn.
            (
                AdaptReport::Unmodified
                | AdaptReport::Partial
                | AdaptReport::Original(_)
                | AdaptReport::Declined
                | AdaptReport::Request(_)
                | AdaptReport::Response(_)
                | AdaptReport::Data(_)
                | AdaptReport::End,
                _,
            ) => {
                self.inputs.push_back(AdaptInput::Cancel);
                self.fail(ScanFailure::Garbled, now);
            }
        }
    }

    /// The service wants all of the message.
    fn give_all(&mut self) {
        if self.keeping == Keeping::Preview {
            self.keeping = Keeping::WhileItFits;
            self.limit_kept();
            // The service can no longer say that it goes on, and without it it may not.
            if self.on_failure == OnFailure::Block {
                self.kept = None;
            }
        }
    }

    /// Nobody waits for the service any more.
    pub(crate) fn cancel(&mut self, now: Instant) {
        if matches!(self.stage, Stage::Offered | Stage::Replaced(_)) {
            self.inputs.push_back(AdaptInput::Cancel);
            self.told.outcome = None;
            self.close(now);
        }
        self.stage = Stage::Over;
        self.steps.clear();
    }

    fn replace(&mut self, by: By, outcome: AdaptationOutcome) {
        self.stage = Stage::Replaced(by);
        self.told.outcome = Some(outcome);
        self.original = None;
        if self.answer == Answer::Whole || by == By::Answer {
            self.kept = None;
        }
    }

    /// The rest of the original goes on behind what the service has returned: what is kept of it from there
    /// on, and what is still to come.
    fn go_on_with_original(&mut self, from: u64, now: Instant) {
        let kept = self.kept.take().filter(|_| from <= self.kept_bytes);
        let Some(kept) = kept else { return self.fail(ScanFailure::Garbled, now) };
        let mut skip = usize::try_from(from).unwrap_or(usize::MAX);
        for mut bytes in kept {
            let skipped = skip.min(bytes.len());
            skip -= skipped;
            bytes.advance(skipped);
            if !bytes.is_empty() {
                self.pass(Event::Data(bytes));
            }
        }
        self.stage = Stage::Original;
        self.close(now);
        if let Some(trailers) = self.trailers.take() {
            self.pass(Event::Trailers(Box::new(trailers)));
        }
        if self.source == Source::Ended {
            self.stage = Stage::Over;
            self.pass(Event::End);
        }
    }

    /// The service's message is complete. The trailers are still those of the message.
    fn end_replaced(&mut self, now: Instant) {
        let trailers = self.trailers.take().filter(|_| !self.is_answered());
        if let Some(trailers) = trailers.filter(|_| self.source == Source::Ended) {
            self.pass(Event::Trailers(Box::new(trailers)));
        }
        self.pass(Event::End);
        self.stage = Stage::Over;
        self.close(now);
    }

    fn let_original_go(&mut self, outcome: AdaptationOutcome, now: Instant) {
        let (Some(head), Some(kept)) = (self.original.take(), self.kept.take()) else {
            return self.fail(ScanFailure::Garbled, now);
        };
        self.told.outcome = Some(outcome);
        self.stage = Stage::Original;
        self.close(now);
        self.pass(head);
        for bytes in kept {
            self.pass(Event::Data(bytes));
        }
        if let Some(trailers) = self.trailers.take() {
            self.pass(Event::Trailers(Box::new(trailers)));
        }
        if self.source == Source::Ended {
            self.stage = Stage::Over;
            self.pass(Event::End);
        }
    }

    fn fail(&mut self, failure: ScanFailure, now: Instant) {
        self.told.failure = Some(failure);
        let whole = self.stage == Stage::Offered && self.original.is_some() && self.kept.is_some();
        if whole && self.on_failure == OnFailure::Allow {
            return self.let_original_go(AdaptationOutcome::Bypassed, now);
        }
        self.told.outcome = Some(AdaptationOutcome::Failed);
        self.stage = Stage::Over;
        self.close(now);
        self.steps.push_back(Step::Fail(failure));
    }

    fn close(&mut self, now: Instant) {
        self.waiting = 0;
        self.told.took.get_or_insert_with(|| now.saturating_duration_since(self.began));
    }
}
