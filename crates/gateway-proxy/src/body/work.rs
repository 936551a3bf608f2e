//! A round of work on a body: what has come is unpacked and looked at, and what that shows is counted
//! together for the rules and the record.

use std::time::Instant;

use gateway_content::{Budget, PartEvent, Step, Unpacker};
use gateway_inspect::{Offset, Part, PartId, Tally};

use super::messages::{moved, moved_id};
use super::{Body, End};

/// Findings, and parts that could not be looked at, that the record names; all are counted.
pub(super) const NOTED_MAX: usize = 64;

/// What is looked at in one step: about 0.2 ms of work. A push of 16 KiB that unpacks to 16 MiB then keeps
/// nobody else on the thread waiting, and of one that came as a large piece the beginning leaves before the
/// rest is looked at.
pub(super) const STEP: Budget = Budget { decoded_bytes: 64 << 10, steps: 1_024 };

/// What a round of work has brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Worked {
    /// There is something new for the rules.
    pub(crate) news: bool,
    /// The budget is used up: there is more to do.
    pub(crate) again: bool,
    /// The body has ended and everything in it was looked at.
    pub(crate) settled: bool,
}

impl Body {
    /// Looks at what has come, within the budget of one step.
    pub(crate) fn work(&mut self, now: Instant) -> Worked {
        if self.tee.as_ref().is_some_and(|tee| tee.is_behind()) {
            let news = self.take_verdicts(now, Step::NeedInput);
            return Worked { news: self.tell_now(news), ..Worked::default() };
        }
        let Some(unpacker) = &mut self.unpacker else {
            return Worked { settled: self.settle(), ..Worked::default() };
        };
        let step = unpacker.step(STEP);
        let found = self.found.get_or_insert_default();
        let mut news = false;
        let events: Vec<PartEvent> = unpacker.parts().collect();
        for event in &events {
            let PartEvent::Opened(part) = event else { continue };
            let prompt = self.prompt.as_mut().map(|prompt| &mut prompt.tally);
            relate(part, self.before.parts, [Some(&mut found.tally), prompt]);
        }
        for mut report in unpacker.reports() {
            report.finding.place = moved(report.finding.place, self.before.parts);
            found.tally.fold(&report.finding, report.wire_start);
            if let Some(prompt) = &mut self.prompt
                && prompt.places.hold(report.spans.as_deref())
            {
                prompt.tally.fold(&report.finding, report.wire_start);
            }
            if let Some(redactor) = &mut self.redactor {
                redactor.note(&report.finding, report.spans);
            }
            if let Some(at) = report.wire_start {
                self.undecided = Some(self.undecided.map_or(at, |first| first.min(at)));
            }
            if found.findings.len() < NOTED_MAX {
                found.findings.push(report.finding);
            }
            news = true;
        }
        for mut beyond in unpacker.beyond() {
            beyond.part = moved_id(beyond.part, self.before.parts);
            found.tally.fold_beyond(&beyond);
            // Whether they are in the prompt nobody knows.
            if let Some(prompt) = &mut self.prompt {
                prompt.tally.fold_beyond(&beyond);
            }
            self.undecided.get_or_insert(Offset::ZERO);
            news = true;
        }
        let missed = self.before.missed + unpacker.missed();
        found.tally.fold_missed(missed.saturating_sub(found.tally.missed()));
        for event in events {
            news |= self.fold_part(event);
        }
        news |= self.take_verdicts(now, step);
        news = self.tell_now(news);
        match step {
            Step::Again | Step::Full => Worked { news, again: true, settled: false },
            Step::NeedInput => Worked { news, ..Worked::default() },
            Step::Done => Worked { news, again: false, settled: self.settle() },
        }
    }

    /// Whether the event is news for the rules. What cannot be unpacked in full cannot be scanned
    /// in full by anybody.
    fn fold_part(&mut self, event: PartEvent) -> bool {
        match event {
            PartEvent::Opened(part) => {
                let (id, name) = (moved_id(part.id, self.before.parts), self.path(part.name));
                self.opened += 1;
                self.follow_type(part.id, part.kind);
                let found = self.found_mut();
                if found.noted.len() < NOTED_MAX {
                    found.noted.push((id, name, part.kind));
                }
                found.kinds.insert(part.kind)
            }
            PartEvent::Retyped { part, kind } => {
                self.follow_type(part, kind);
                self.found_mut().kinds.insert(kind)
            }
            PartEvent::Ended(end) => {
                if end.part.id == PartId::ROOT && self.before.messages == 0 {
                    self.found_mut().root_kind = Some(end.part.kind);
                }
                let Some(reason) = end.outcome.unscannable else { return false };
                let name = self.path(end.part.name);
                let found = self.found.get_or_insert_default();
                found.tally.fold_unscannable(Unpacker::SCANNER, reason);
                for scanner in self.watch.iter().flat_map(|watch| &watch.scanners) {
                    found.tally.fold_unscannable(scanner, reason);
                }
                if found.unscannable.len() < NOTED_MAX {
                    found.unscannable.push((name, reason));
                }
                true
            }
        }
    }

    /// Marks the end as looked at; whether it is, newly.
    fn settle(&mut self) -> bool {
        if self.tee.as_ref().is_some_and(|tee| tee.is_open()) {
            return false;
        }
        match &mut self.end {
            End::Came(trailers) => {
                self.end = End::Settled(trailers.take());
                true
            }
            End::Open | End::Settled(_) | End::Decided(_) | End::Left => false,
        }
    }
}

/// Tells tallies what a part is of its parent; `before` parts were met before this message.
pub(super) fn relate(part: &Part, before: u32, tallies: [Option<&mut Tally>; 2]) {
    let Some(of) = part.parent else { return };
    let [id, of] = [part.id, of].map(|id| moved_id(id, before));
    for tally in tallies.into_iter().flatten() {
        if part.view {
            tally.relate(id, of);
        }
        if let Some(at) = part.copied_at {
            tally.place(id, of, at);
        }
    }
}
