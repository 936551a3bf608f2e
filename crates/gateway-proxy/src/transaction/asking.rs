//! Looks at what has come of a body, and asks the rules about it: the one way in which either body of a
//! transaction comes to be decided on.

use std::time::{Duration, Instant};

use gateway_inspect::Unscannable;
use gateway_log::Direction;

use crate::body::{Body, Worked};
use crate::clock::Clock;
use crate::judge::{Judge, Refusal, Ruling, Standing};

/// Looks at what has come of one body, and asks the rules about what is new.
///
/// Gives the ruling that ends the transaction, if there is one, and whether there is more to do.
pub(super) fn work(
    body: &mut Body,
    other: Option<&Body>,
    direction: Direction,
    judge: &mut Judge,
    clock: &Clock,
    scanned: &mut Duration,
    now: Instant,
) -> (Option<Ruling>, Worked) {
    let worked = match body.is_watched() {
        true => clock.measure(scanned, || body.work(now)),
        false => body.work(now),
    };
    if !worked.news && !worked.settled {
        return (None, worked);
    }
    let ruling = tell(body, other, direction, judge, worked.settled);
    (ruling, worked)
}

/// Tells the rules what a body has shown, and the body how far their answer reaches.
pub(super) fn tell(
    body: &mut Body,
    other: Option<&Body>,
    direction: Direction,
    judge: &mut Judge,
    ended: bool,
) -> Option<Ruling> {
    if !judge.is_settled() {
        let seen = body.seen();
        let other = other.map(|body| &body.found().tally);
        crate::facts::body(&judge.policy.rules, &mut judge.facts, direction, &seen, other);
        if ended {
            crate::facts::body_ended(&mut judge.facts, direction);
        }
    }
    let gate = match direction {
        Direction::Upload => gateway_rules::Gate::RequestBody,
        _ => gateway_rules::Gate::ResponseBody,
    };
    match judge.ask(gate) {
        Ruling::Proceed(needed) => {
            let wants = needed.of_body(direction);
            let standing = match ended {
                true => Standing::default(),
                false => judge.if_nothing_more_is_found(direction),
            };
            let redaction = standing.redaction.as_deref().or(wants.redaction.as_deref());
            if let Some(rule) = body.redact(redaction) {
                return Some(Ruling::Refuse(Refusal::block(rule)));
            }
            if !ended {
                body.narrow(&wants);
            }
            if let Some((scanner, failure)) = body.failed_closed() {
                return Some(Ruling::Refuse(judge.unscanned(direction, &scanner, failure)));
            }
            if ended {
                body.decide_end();
            } else if !standing.is_undecided {
                body.cleared_by_rules();
            }
            None
        }
        // A block is certain unless a fact to come makes an exception: nothing leaves until then.
        Ruling::Wait if !ended => {
            body.keep_all();
            None
        }
        // With all facts known nothing is waited for.
        Ruling::Wait | Ruling::DoNotInspect(_) => {
            body.decide_end();
            None
        }
        refuse @ Ruling::Refuse(_) => Some(refuse),
    }
}

/// Bytes have been held as long, or as many, as allowed: tells the rules that the rest stays
/// unknown, and lets go unless they object.
pub(super) fn give_up(
    body: &mut Body,
    other: Option<&Body>,
    direction: Direction,
    judge: &mut Judge,
    reason: Unscannable,
    now: Instant,
) -> Option<Ruling> {
    if body.give_up(reason, now)
        && let Some(refuse) = tell(body, other, direction, judge, false)
    {
        return Some(refuse);
    }
    body.let_go(now);
    None
}
