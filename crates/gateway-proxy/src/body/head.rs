//! What the head of a message says, looked at for data loss where settings have it so: its URL and its
//! fields, as parts of the body that come before all others. Which those are is in
//! [`head_scan`](crate::head_scan).

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use gateway_content::{BodyInfo, PartEvent, Step, Unpacker};
use gateway_inspect::{Examiner, Offset, Unscannable};

use super::watch::QUOTED;
use super::work::{NOTED_MAX, STEP, relate};
use super::{Body, moved, moved_id};
use crate::policy::Policy;

/// Steps that the parts of one head may take together: some ten milliseconds of work.
const STEPS_MAX: usize = 64;

/// A text of a head.
pub(crate) struct HeadText {
    /// The path of the part that it is.
    pub(crate) name: String,
    pub(crate) text: Bytes,
    /// What type it is of, where that is known.
    pub(crate) content_type: Option<&'static [u8]>,
}

impl Body {
    /// Looks at `texts` of the head that comes before it, all at once. Said before anything of the body
    /// comes; the rules are told with the next work on it, and nothing leaves before that.
    pub(crate) fn look_at_head(&mut self, policy: &Policy, texts: Vec<HeadText>, now: Instant) {
        let Some(watch) = self.watch.as_ref().filter(|watch| watch.wanted.wants_any(QUOTED)) else {
            return;
        };
        let (wanted, limits) = (watch.wanted.clone(), &policy.settings.limits);
        let looks = watch.scanners.iter().zip(watch.examiners.iter());
        let looks = looks.filter(|(scanner, _)| **scanner == QUOTED);
        let examiners: Arc<[Arc<dyn Examiner>]> = looks.map(|(_, one)| one.clone()).collect();
        let mut steps = STEPS_MAX;
        for HeadText { name, text, content_type } in texts {
            let mut info = BodyInfo::default().with_name(name);
            info.content_type = content_type.map(<[u8]>::to_vec);
            let (content, inspect) = (&limits.content, &limits.inspect);
            let (examiners, wanted) = (examiners.clone(), wanted.clone());
            let mut unpacker = Unpacker::new(examiners, wanted, &info, content, inspect);
            unpacker.push(text);
            unpacker.end();
            let (before, opened) = (self.before.parts, self.opened);
            let mut step = Step::Again;
            while step != Step::Done && steps > 0 {
                steps -= 1;
                step = unpacker.step(STEP);
                self.fold_head(&mut unpacker);
            }
            if step != Step::Done {
                self.fold_unseen(info.name, Unscannable::WorkExceeded);
            }
            // The next ones are counted behind these.
            self.before.parts = before.saturating_add(self.opened - opened);
        }
        self.opened = 0;
        if self.untold {
            self.since.get_or_insert(now);
        }
    }

    /// Folds what a part of the head has shown.
    fn fold_head(&mut self, unpacker: &mut Unpacker) {
        let before = self.before.parts;
        let found = self.found.get_or_insert_default();
        let events: Vec<PartEvent> = unpacker.parts().collect();
        for event in &events {
            if let PartEvent::Opened(part) = event {
                relate(part, before, [Some(&mut found.tally), None]);
                self.opened += 1;
                if found.noted.len() < NOTED_MAX {
                    found.noted.push((moved_id(part.id, before), part.name.clone(), part.kind));
                }
            }
        }
        for mut report in unpacker.reports() {
            report.finding.place = moved(report.finding.place, before);
            // The body may leave once the rules have spoken, and the head before it.
            found.tally.fold(&report.finding, Some(Offset::ZERO));
            if let Some(redactor) = &mut self.redactor {
                redactor.note(&report.finding, None);
            }
            if found.findings.len() < NOTED_MAX {
                found.findings.push(report.finding);
            }
            (self.undecided, self.untold) = (Some(Offset::ZERO), true);
        }
        for mut beyond in unpacker.beyond() {
            beyond.part = moved_id(beyond.part, before);
            found.tally.fold_beyond(&beyond);
            (self.undecided, self.untold) = (Some(Offset::ZERO), true);
        }
        for event in events {
            if let PartEvent::Ended(end) = event
                && let Some(reason) = end.outcome.unscannable
            {
                self.fold_unseen(end.part.name, reason);
            }
        }
    }

    /// Not all of a part of the head was looked at.
    fn fold_unseen(&mut self, name: String, reason: Unscannable) {
        let found = self.found.get_or_insert_default();
        found.tally.fold_unscannable(Unpacker::SCANNER, reason);
        found.tally.fold_unscannable(QUOTED, reason);
        if found.unscannable.len() < NOTED_MAX {
            found.unscannable.push((name, reason));
        }
        self.untold = true;
    }

    /// What was found in the head of `offer` counts on in the messages that follow it, of which this is the
    /// body.
    pub(crate) fn follows(&mut self, offer: Self) {
        if offer.before.parts > 0 {
            self.before.parts = offer.before.parts.saturating_add(offer.opened);
            self.found = offer.found;
            self.found.iter_mut().for_each(|found| found.forget_types());
        }
    }
}
