//! How much of a body may leave: what scanners have cleared, what rules have decided, what the limits on
//! holding let go, and its end.

use std::time::{Duration, Instant};

use bytes::Bytes;
use gateway_h1h2::Fields;
use gateway_inspect::{Clearance, Offset, Permit, Unscannable};

use super::deferred::ByType;
use super::{Body, End};

/// What leaves next.
pub(crate) enum Release {
    Data(Bytes),
    Trailers(Fields),
    End,
}

fn millis(from: Instant, to: Instant) -> u64 {
    u64::try_from(to.saturating_duration_since(from).as_millis()).unwrap_or(u64::MAX)
}

impl Body {
    /// How far inspectors and scanners outside have cleared the body.
    fn clearance(&self) -> Clearance {
        let inside =
            self.unpacker.as_ref().map_or(Clearance::OPEN, |unpacker| unpacker.clearance());
        let whole = self.watch.as_ref().is_some_and(|watch| watch.holds_the_whole());
        let open = self.by_type != ByType::No
            || whole
            || self.tee.as_ref().is_some_and(|tee| tee.is_open());
        if open { Clearance { part: Offset::ZERO, ..inside } } else { inside }
    }

    /// Moves the mark up to which bytes may leave.
    pub(crate) fn advance(&mut self, now: Instant) {
        if !self.holds {
            return;
        }
        let clearance = self.clearance();
        let of_rules = self.undecided.unwrap_or(Offset::MAX);
        let of_profiles = self.found().tally.undecided_from().unwrap_or(Offset::MAX);
        let held_ms = self.first.map_or(0, |first| millis(first, now));
        self.hold.allow(&Permit { clearance, decided_to: of_rules.min(of_profiles), held_ms });
    }

    /// Releases what a live candidate alone keeps back, if nothing has come for `idle_ms`.
    pub(crate) fn release_idle(&mut self, idle_ms: u64, now: Instant) {
        let idle = self.last.is_some_and(|last| millis(last, now) >= idle_ms);
        if idle_ms == 0 || !idle || self.idle_looked_at || self.has_ended() {
            return;
        }
        self.idle_looked_at = true;
        if self.unpacker.is_none() {
            return;
        }
        let undecided = self.undecided.into_iter().chain(self.found().tally.undecided_from()).min();
        let clearance = self.clearance();
        let to = undecided.unwrap_or(Offset::MAX).min(self.hold.admitted()).min(clearance.part);
        if clearance.span < to {
            let before = self.hold.released().max(clearance.span);
            self.idle_released += to.since(before);
            self.hold.open_to(to);
        }
    }

    /// Bytes can be held no longer: what is not yet known stays unknown, for the reason given.
    /// Returns whether that is news.
    pub(crate) fn give_up(&mut self, reason: Unscannable, now: Instant) -> bool {
        let mut news = false;
        // Time passes while a long body streams; a scan has time-outs of its own.
        if let (Some(tee), Unscannable::TooLarge) = (&mut self.tee, reason) {
            tee.give_up(&mut self.found.get_or_insert_default().tally, now);
            news |= tee.take_news();
        }
        let tally = &mut self.found.get_or_insert_default().tally;
        for scanner in self.watch.iter().flat_map(|watch| &watch.scanners) {
            if !tally.unscannable(scanner).any(|known| known == reason) {
                tally.fold_unscannable(scanner, reason);
                news = true;
            }
        }
        news
    }

    /// Nobody objected after [`Body::give_up`]: what has come may leave.
    pub(crate) fn let_go(&mut self, now: Instant) {
        self.hold.open_to(self.hold.admitted());
        self.since = Some(now);
    }

    /// The rules are about to refuse, unless something still to come makes an exception.
    pub(crate) fn keep_all(&mut self) {
        self.undecided = Some(Offset::ZERO);
    }

    /// The rules have seen everything found so far and found it in order.
    pub(crate) fn cleared_by_rules(&mut self) {
        self.undecided = None;
    }

    /// When holding began, while bytes are held.
    pub(crate) fn held_since(&self) -> Option<Instant> {
        if self.holds && self.hold.held() > 0 { self.since } else { None }
    }

    /// Whether bytes have been held for `ms` milliseconds.
    pub(crate) fn is_held_longer_than(&self, ms: u64, now: Instant) -> bool {
        self.held_since().is_some_and(|since| millis(since, now) >= ms)
    }

    /// When an idle release is due, if one may be.
    pub(crate) fn idle_since(&self) -> Option<Instant> {
        if self.idle_looked_at || self.has_ended() {
            None
        } else {
            self.held_since().and(self.last)
        }
    }

    /// When a trickle is due, if bytes wait for one.
    pub(crate) fn trickles_at(&self) -> Option<Instant> {
        if !self.holds {
            return None;
        }
        self.first?.checked_add(Duration::from_millis(self.hold.trickles_at_ms()?))
    }

    /// Whether the hold is full and nothing can leave.
    pub(crate) fn is_stuck(&self) -> bool {
        self.holds && self.hold.room() == 0
    }

    /// The rules have allowed the end.
    pub(crate) fn decide_end(&mut self) {
        if let End::Settled(trailers) = &mut self.end {
            self.end = End::Decided(trailers.take());
            self.hold.open();
        }
    }

    /// What leaves next, if anything may.
    pub(crate) fn pop(&mut self) -> Option<Release> {
        if let Some(bytes) = self.hold.pop() {
            return Some(Release::Data(bytes));
        }
        let is_edited = self.may_be_edited();
        match &mut self.end {
            End::Decided(trailers) => match trailers.take() {
                Some(mut trailers) => {
                    if is_edited {
                        crate::rewrite::forget_content(&mut trailers);
                    }
                    Some(Release::Trailers(trailers))
                }
                None => {
                    self.end = End::Left;
                    Some(Release::End)
                }
            },
            End::Open | End::Came(_) | End::Settled(_) | End::Left => None,
        }
    }

    /// Whether the next [`Body::pop`] gives something.
    pub(crate) fn has_release(&self) -> bool {
        self.hold.has_release() || matches!(self.end, End::Decided(_))
    }

    /// Whether the end has left.
    pub(crate) fn has_left(&self) -> bool {
        matches!(self.end, End::Left)
    }
}
