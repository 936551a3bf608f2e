//! One message on its way through a service that may change it, without the service: what it is
//! given, what is kept of the original, and what goes on in which case.
//!
//! ```text
//!             ┌─ unmodified, declined, failed and let pass ─▶ Original ── the source's end ──▶ Over
//!   Offered ──┤                              ┌─ the rest is the original's ─▶ Original
//!             ├─ changed, answered ─▶ Replaced ┴─ the service's end ──▶ Over
//!             └─ failed ───────────────────────────────────────────────▶ Over
//! ```

mod verdict;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;
use gateway_h1h2::{BodySize, Event, Fields};
use gateway_log::AdaptationOutcome;

use crate::adapter::{AdaptInput, Adapter, Kept, Offer};
use crate::external::{OnFailure, ScanFailure};
use crate::transaction::Leg;

/// A message and what became of it.
pub(crate) struct Adaptation {
    pub(crate) name: String,
    leg: Leg,
    on_failure: OnFailure,
    kept_bytes_max: u64,
    stage: Stage,
    /// The head as it was, until something else takes its place.
    original: Option<Event>,
    /// The body so far, as it was; `None` once it is more than is kept.
    kept: Option<VecDeque<Bytes>>,
    kept_bytes: u64,
    keeping: Keeping,
    answer: Answer,
    /// Bytes given to the service that still wait for it.
    waiting: u64,
    /// Bytes that came from the sender.
    source_bytes: u64,
    /// Bytes that went on.
    passed_bytes: u64,
    source: Source,
    trailers: Option<Fields>,
    /// Bytes of the answer for which the driver has not got credit back.
    unacknowledged: u64,
    inputs: VecDeque<AdaptInput>,
    steps: VecDeque<Step>,
    began: Instant,
    told: Told,
}

/// What is told of it in the end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    /// `None` while it is open, or if it was given up.
    pub(crate) outcome: Option<AdaptationOutcome>,
    pub(crate) failure: Option<ScanFailure>,
    pub(crate) istag: String,
    pub(crate) finding: Option<String>,
    pub(crate) bytes: u64,
    pub(crate) took: Option<Duration>,
}

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The service has not decided.
    Offered,
    /// The original goes on.
    Original,
    /// What the service says goes on.
    Replaced(By),
    /// Nothing goes on any more.
    Over,
}

/// What takes the place of the original.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    /// A message of the same kind.
    Changed,
    /// A response, in the place of a request.
    Answer,
}

/// What the service's answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// All of a message.
    Whole,
    /// Perhaps the first part of one, with the rest of the original behind it.
    Partial,
}

/// How much of the original must stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keeping {
    /// All of it, which is not much.
    Whole,
    /// All that comes until the service wants the rest: the sender waits if that is too much.
    Preview,
    /// As long as it is not too much.
    WhileItFits,
}

/// What has come of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Open,
    Ended,
}

/// What is to be done next.
#[derive(Debug)]
pub(crate) enum Step {
    /// This goes on to where the message was going.
    On(Event),
    /// This goes back in the origin's place.
    Answer(Event),
    /// The message may not pass.
    Fail(ScanFailure),
}

impl Adaptation {
    /// Offers a message of `body`, whose head is `original`, to a service.
    pub(crate) fn new(
        adapter: &Adapter,
        leg: Leg,
        original: Event,
        body: BodySize,
        offer: impl FnOnce(Kept) -> Offer,
        now: Instant,
    ) -> Self {
        let kept_bytes_max = adapter.kept_bytes_max;
        let (keeping, kept) = match body {
            BodySize::Empty => (Keeping::Whole, Kept::Whole),
            BodySize::Length(length) if length <= kept_bytes_max => (Keeping::Whole, Kept::Whole),
            BodySize::Length(_) | BodySize::Unknown => {
                (Keeping::Preview, Kept::Preview(kept_bytes_max))
            }
        };
        Self {
            name: adapter.name.clone(),
            leg,
            on_failure: adapter.on_failure,
            kept_bytes_max,
            stage: Stage::Offered,
            original: Some(original),
            kept: Some(VecDeque::new()),
            kept_bytes: 0,
            keeping,
            answer: Answer::Whole,
            waiting: 0,
            source_bytes: 0,
            passed_bytes: 0,
            source: Source::Open,
            trailers: None,
            unacknowledged: 0,
            inputs: VecDeque::from([AdaptInput::Offer(Box::new(offer(kept)))]),
            steps: VecDeque::new(),
            began: now,
            told: Told::default(),
        }
    }

    // Getters.

    /// Whether the sender may send more.
    pub(crate) fn has_room(&self) -> bool {
        let is_taken = self.waiting < Adapter::AHEAD_BYTES_MAX;
        match self.stage {
            Stage::Replaced(_) if self.is_kept_for_the_rest() => {
                self.kept_bytes <= self.kept_bytes_max
            }
            Stage::Offered if self.keeping == Keeping::Preview => {
                // One byte more than a preview tells that there is more.
                is_taken && self.kept_bytes <= self.kept_bytes_max
            }
            Stage::Offered | Stage::Replaced(_) => is_taken,
            Stage::Original => true,
            // A client may finish what it is sending; an origin need not.
            Stage::Over => self.leg == Leg::Client,
        }
    }

    /// Whether what comes of the original may have to go on behind what the service returns.
    fn is_kept_for_the_rest(&self) -> bool {
        self.answer == Answer::Partial && self.kept.is_some()
    }

    /// Whether the original goes on by itself, or has gone.
    pub(crate) fn passes_original(&self) -> bool {
        self.stage == Stage::Original
            || matches!(
                self.told.outcome,
                Some(
                    AdaptationOutcome::Unchanged
                        | AdaptationOutcome::Declined
                        | AdaptationOutcome::Bypassed
                )
            )
    }

    /// Whether nothing goes on any more.
    pub(crate) fn is_over(&self) -> bool {
        self.stage == Stage::Over
    }

    /// Whether a response was given in the place of a request.
    pub(crate) fn is_answered(&self) -> bool {
        self.stage == Stage::Replaced(By::Answer)
            || self.told.outcome == Some(AdaptationOutcome::Answered)
    }

    /// The head as it was, while nothing else has taken its place.
    pub(crate) const fn original(&self) -> Option<&Event> {
        self.original.as_ref()
    }

    /// Whether the sender has sent everything.
    pub(crate) fn has_ended(&self) -> bool {
        self.source == Source::Ended
    }

    /// Bytes of the body that came from the sender.
    pub(crate) const fn source_bytes(&self) -> u64 {
        self.source_bytes
    }

    /// Bytes of a body that went on.
    pub(crate) const fn passed_bytes(&self) -> u64 {
        self.passed_bytes
    }

    /// What is to be told of it.
    pub(crate) const fn told(&self) -> &Told {
        &self.told
    }

    /// The side that gets the service's answer.
    pub(crate) fn answers_to(&self) -> Leg {
        match (self.leg, self.is_answered()) {
            (Leg::Client, false) => Leg::Origin,
            (Leg::Client, true) | (Leg::Origin, _) => Leg::Client,
        }
    }

    // What comes from outside.

    /// The next of the message: `Data`, `Trailers` or `End`.
    pub(crate) fn source(&mut self, event: Event) {
        match event {
            Event::Data(bytes) => self.on_data(bytes),
            Event::Trailers(fields) if self.stage == Stage::Original => {
                self.pass(Event::Trailers(fields));
            }
            Event::Trailers(fields) => self.trailers = Some(*fields),
            Event::End => {
                self.source = Source::Ended;
                match self.stage {
                    Stage::Replaced(_) if self.answer == Answer::Partial => {}
                    Stage::Offered | Stage::Replaced(_) => self.inputs.push_back(AdaptInput::End),
                    Stage::Original => {
                        self.stage = Stage::Over;
                        self.pass(Event::End);
                    }
                    Stage::Over => {}
                }
            }
            // Not events of a message after its head.
            _ => {}
        }
    }

    fn on_data(&mut self, bytes: Bytes) {
        let length = bytes.len() as u64;
        self.source_bytes += length;
        match self.stage {
            Stage::Original => return self.pass(Event::Data(bytes)),
            Stage::Over => return,
            Stage::Offered => self.keep(&bytes),
            // The service needs no more of it.
            Stage::Replaced(_) if self.answer == Answer::Partial => return self.keep(&bytes),
            Stage::Replaced(_) => {}
        }
        self.waiting += length;
        self.told.bytes += length;
        self.inputs.push_back(AdaptInput::Data(bytes));
    }

    fn keep(&mut self, bytes: &Bytes) {
        let Some(kept) = &mut self.kept else { return };
        self.kept_bytes += bytes.len() as u64;
        kept.push_back(bytes.clone());
        self.limit_kept();
    }

    fn limit_kept(&mut self) {
        if self.keeping == Keeping::WhileItFits && self.kept_bytes > self.kept_bytes_max {
            self.kept = None;
        }
    }

    fn pass(&mut self, event: Event) {
        if let Event::Data(bytes) = &event {
            self.passed_bytes += bytes.len() as u64;
        }
        self.steps.push_back(match self.stage {
            Stage::Replaced(By::Answer) => Step::Answer(event),
            Stage::Offered | Stage::Original | Stage::Replaced(By::Changed) | Stage::Over => {
                Step::On(event)
            }
        });
    }

    // What goes out.

    /// What the driver is to give to the exchange.
    pub(crate) fn pop_input(&mut self) -> Option<AdaptInput> {
        self.inputs.pop_front()
    }

    /// What is to be done next.
    pub(crate) fn pop_step(&mut self) -> Option<Step> {
        self.steps.pop_front()
    }

    /// Bytes of the answer that have gone on since this was last asked.
    pub(crate) fn take_acknowledged(&mut self) -> u64 {
        if self.steps.is_empty() { std::mem::take(&mut self.unacknowledged) } else { 0 }
    }
}
