//! Keeps wire bytes back until they may leave, and gives them out uncopied.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

use crate::{Clearance, Offset, Span};

/// What it means for the wire that a part is not cleared as a whole before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldPolicy {
    /// Nothing leaves before the whole is cleared. A body that does not fit is
    /// [`Unscannable::TooLarge`](crate::Unscannable::TooLarge).
    Whole,
    /// All but the last so many bytes leave; a late finding cuts the stream. Default of malware
    /// scanning with 64 KiB.
    Tail(u64),
    /// Of what is held, `bytes` leave every `every_ms`, so that the receiver does not give up.
    Trickle {
        /// Bytes that leave at a time.
        bytes: u64,
        /// Milliseconds between two times; 0 counts as 1.
        every_ms: u64,
    },
    /// Nothing is kept back for the whole's sake.
    Pass,
}

impl HoldPolicy {
    /// The stricter of the two: of two that both keep something back, the one that keeps more.
    #[must_use]
    pub fn stricter(self, other: Self) -> Self {
        let rank = |policy: Self| match policy {
            Self::Pass => (0, 0),
            Self::Tail(bytes) => (1, bytes),
            Self::Trickle { bytes, every_ms } => (2, u64::MAX - bytes / every_ms.max(1)),
            Self::Whole => (3, 0),
        };
        if rank(self) >= rank(other) { self } else { other }
    }
}

/// All that bears on how far bytes may leave. Positions are wire offsets of the body.
#[derive(Clone, Copy, Debug)]
pub struct Permit {
    /// How far the inspectors have cleared the body.
    pub clearance: Clearance,
    /// Up to where the rules have decided: the start of the first relevant finding that is
    /// undecided, [`Offset::MAX`] when none is.
    pub decided_to: Offset,
    /// Milliseconds since the first byte was admitted.
    pub held_ms: u64,
}

/// A rope of wire bytes, of which those below the mark may leave.
///
/// The mark is the least of span clearance, `decided_to` and what the [`HoldPolicy`] makes of part
/// clearance; it never goes back. With a declared length the last byte is the end, so it stays
/// until [`open`](Hold::open): a cut must never look like a clean end.
#[derive(Debug)]
pub struct Hold {
    rope: VecDeque<Bytes>,
    policy: HoldPolicy,
    /// Position of the declared last byte.
    last_byte: Offset,
    bytes_max: u64,
    released: Offset,
    admitted: Offset,
    mark: Offset,
    /// The time of the last permit.
    allowed_ms: u64,
}

impl Hold {
    /// An empty hold of at most `bytes_max` bytes for a body of the declared `length`.
    #[must_use]
    pub fn new(policy: HoldPolicy, length: Option<u64>, bytes_max: u64) -> Self {
        Self {
            rope: VecDeque::new(),
            policy,
            last_byte: length.map_or(Offset::MAX, |n| Offset::new(n.saturating_sub(1))),
            bytes_max,
            released: Offset::ZERO,
            admitted: Offset::ZERO,
            mark: Offset::ZERO,
            allowed_ms: 0,
        }
    }

    /// Puts `policy` in the place of the one that it was made with, as more is known of the body. What may
    /// leave already may still.
    pub fn follow(&mut self, policy: HoldPolicy) {
        self.policy = policy;
    }

    /// Takes in the next bytes of the body. Credit for them may be given back to the sender at
    /// once: [`room`](Hold::room), not release, bounds what is held.
    pub fn admit(&mut self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.admitted += bytes.len();
            self.rope.push_back(bytes);
        }
    }

    /// How many more bytes fit.
    #[must_use]
    pub fn room(&self) -> u64 {
        self.bytes_max.saturating_sub(self.held())
    }

    /// Bytes held at the moment.
    #[must_use]
    pub fn held(&self) -> u64 {
        self.admitted.since(self.released)
    }

    /// Up to where bytes were given out.
    #[must_use]
    pub fn released(&self) -> Offset {
        self.released
    }

    /// Up to where bytes came in.
    #[must_use]
    pub fn admitted(&self) -> Offset {
        self.admitted
    }

    /// Moves the mark as far as `permit` allows.
    pub fn allow(&mut self, permit: &Permit) {
        let whole = match self.policy {
            HoldPolicy::Whole => permit.clearance.part,
            HoldPolicy::Tail(bytes) => permit.clearance.part.max(self.admitted.back(bytes)),
            HoldPolicy::Trickle { bytes, every_ms } => {
                let dribble = bytes.saturating_mul(permit.held_ms / every_ms.max(1));
                permit.clearance.part.max(Offset::new(dribble))
            }
            HoldPolicy::Pass => Offset::MAX,
        };
        self.allowed_ms = permit.held_ms;
        let mark = whole.min(permit.clearance.span).min(permit.decided_to).min(self.last_byte);
        self.mark = self.mark.max(mark);
    }

    /// When a trickle lets the next bytes leave, in milliseconds since the first byte was admitted;
    /// `None` while nothing waits for one. [`allow`](Hold::allow) is due then.
    #[must_use]
    pub fn trickles_at_ms(&self) -> Option<u64> {
        match self.policy {
            HoldPolicy::Trickle { every_ms, .. } if self.admitted > self.mark => {
                let every_ms = every_ms.max(1);
                Some((self.allowed_ms / every_ms).saturating_add(1).saturating_mul(every_ms))
            }
            HoldPolicy::Trickle { .. }
            | HoldPolicy::Whole
            | HoldPolicy::Tail(_)
            | HoldPolicy::Pass => None,
        }
    }

    /// The end has been decided: everything may leave.
    pub fn open(&mut self) {
        self.mark = Offset::MAX;
    }

    /// Bytes waited too long for a candidate that is merely alive: those that came up to `to`
    /// may leave, the declared last byte excepted.
    pub fn open_to(&mut self, to: Offset) {
        self.mark = self.mark.max(to.min(self.last_byte));
    }

    /// The next bytes that may leave, in the pieces in which they came.
    pub fn pop(&mut self) -> Option<Bytes> {
        let allowed = self.mark.since(self.released);
        let front = self.rope.front_mut()?;
        if allowed == 0 {
            return None;
        }
        let piece = match usize::try_from(allowed) {
            Ok(allowed) if allowed < front.len() => front.split_to(allowed),
            _ => self.rope.pop_front()?,
        };
        self.released += piece.len();
        Some(piece)
    }

    /// What is held, in the pieces in which it came.
    pub fn pieces(&self) -> impl Iterator<Item = &Bytes> {
        self.rope.iter()
    }

    /// Overwrites the bytes of `span` that are held with as many of `with`, in a copy of the pieces
    /// that they lie in: how many of them are not there, because they have left.
    pub fn overwrite(&mut self, span: Span, with: u8) -> u64 {
        overwrite(&mut self.rope, self.released, span, with);
        self.released.min(span.end).since(span.start)
    }

    /// Whether [`pop`](Hold::pop) gives something.
    #[must_use]
    pub fn has_release(&self) -> bool {
        self.mark > self.released && !self.rope.is_empty()
    }

    /// Drops what is held; nothing more leaves.
    pub fn discard(&mut self) {
        self.rope.clear();
        self.mark = self.released;
        self.admitted = self.released;
    }
}

/// Overwrites the bytes of `span` with as many of `with`, in copies of those `pieces` that they lie in;
/// the first piece begins at `at`.
pub fn overwrite<'a>(
    pieces: impl IntoIterator<Item = &'a mut Bytes>,
    mut at: Offset,
    span: Span,
    with: u8,
) {
    for piece in pieces {
        let end = at + piece.len();
        let (from, to) = (span.start.max(at), span.end.min(end));
        if from < to {
            let index = |offset: Offset| usize::try_from(offset.since(at)).unwrap_or(usize::MAX);
            let mut copy = BytesMut::from(&piece[..]);
            if let Some(bytes) = copy.get_mut(index(from)..index(to)) {
                bytes.fill(with);
            }
            *piece = copy.freeze();
        }
        at = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permit(span: u64, part: u64, decided: u64) -> Permit {
        let clearance = Clearance { span: Offset::new(span), part: Offset::new(part) };
        Permit { clearance, decided_to: Offset::new(decided), held_ms: 0 }
    }

    fn drain(hold: &mut Hold) -> usize {
        std::iter::from_fn(|| hold.pop()).map(|b| b.len()).sum()
    }

    fn hold(policy: HoldPolicy, length: Option<u64>) -> Hold {
        let mut hold = Hold::new(policy, length, 1000);
        hold.admit(Bytes::from_static(&[0; 60]));
        hold.admit(Bytes::from_static(&[0; 40]));
        hold
    }

    #[test]
    fn each_bound_is_enforced() {
        // policy, declared length, permit, bytes that leave
        for (policy, length, permit, leaves) in [
            (HoldPolicy::Pass, None, permit(100, 0, 999), 100),
            (HoldPolicy::Pass, Some(100), permit(100, 0, 999), 99),
            (HoldPolicy::Pass, Some(200), permit(100, 0, 999), 100),
            (HoldPolicy::Pass, None, permit(70, 0, 999), 70),
            (HoldPolicy::Pass, None, permit(100, 0, 30), 30),
            (HoldPolicy::Whole, None, permit(100, 0, 999), 0),
            (HoldPolicy::Whole, None, permit(100, 100, 999), 100),
            (HoldPolicy::Tail(25), None, permit(100, 0, 999), 75),
            (HoldPolicy::Tail(25), None, permit(100, 100, 999), 100),
            (HoldPolicy::Tail(25), None, permit(10, 0, 999), 10),
            (HoldPolicy::Trickle { bytes: 7, every_ms: 10 }, None, permit(100, 0, 999), 0),
        ] {
            let mut hold = hold(policy, length);
            hold.allow(&permit);
            assert_eq!(drain(&mut hold), leaves, "{policy:?} {length:?} {permit:?}");
            assert_eq!(hold.held(), 100 - leaves as u64);
            hold.open();
            assert_eq!(drain(&mut hold), 100 - leaves);
        }
    }

    #[test]
    fn another_policy_is_followed_from_then_on() {
        for (first, then, leaves) in [
            (HoldPolicy::Whole, HoldPolicy::Pass, 100),
            (HoldPolicy::Whole, HoldPolicy::Tail(30), 70),
            (HoldPolicy::Tail(30), HoldPolicy::Whole, 70),
        ] {
            let mut hold = hold(first, None);
            hold.allow(&permit(100, 0, 999));
            hold.follow(then);
            hold.allow(&permit(100, 0, 999));
            assert_eq!(drain(&mut hold), leaves, "{first:?} {then:?}");
        }
    }

    #[test]
    fn a_trickle_follows_the_clock() {
        let mut hold = hold(HoldPolicy::Trickle { bytes: 7, every_ms: 10 }, None);
        assert_eq!(hold.trickles_at_ms(), Some(10));
        for (held_ms, leaves, next_ms) in
            [(35, 21, Some(40)), (39, 0, Some(40)), (40, 7, Some(50)), (999, 72, None)]
        {
            hold.allow(&Permit { held_ms, ..permit(100, 0, 999) });
            assert_eq!((drain(&mut hold), hold.trickles_at_ms()), (leaves, next_ms), "{held_ms}");
        }
        assert_eq!(Hold::new(HoldPolicy::Whole, None, 9).trickles_at_ms(), None);
    }

    #[test]
    fn the_mark_never_goes_back_and_nothing_leaves_after_discard() {
        let mut hold = hold(HoldPolicy::Pass, None);
        hold.allow(&permit(50, 50, 999));
        hold.allow(&permit(20, 20, 999));
        assert_eq!(drain(&mut hold), 50);
        hold.discard();
        assert_eq!((drain(&mut hold), hold.held()), (0, 0));
    }

    #[test]
    fn pieces_are_the_same_bytes() {
        let bytes = Bytes::from(vec![7; 64]);
        let mut hold = Hold::new(HoldPolicy::Pass, None, 1000);
        hold.admit(bytes.clone());
        hold.allow(&permit(10, 0, 999));
        let piece = hold.pop().unwrap();
        assert_eq!(piece.as_ptr(), bytes.as_ptr());
    }

    #[test]
    fn what_is_held_is_overwritten() {
        let mut hold = Hold::new(HoldPolicy::Pass, None, 1000);
        let sent = Bytes::from_static(b"0123456789");
        hold.admit(sent.clone());
        hold.admit(Bytes::from_static(b"abcdef"));
        let span = |start, end| Span::new(Offset::new(start), Offset::new(end));
        hold.allow(&permit(4, 0, 999));
        assert_eq!(hold.pop().unwrap(), "0123");
        for (from, to, gone) in [(8, 12, 0), (2, 6, 2), (0, 3, 3), (15, 99, 0), (7, 7, 0)] {
            assert_eq!(hold.overwrite(span(from, to), b'*'), gone, "{from}..{to}");
        }
        hold.open();
        assert_eq!(hold.pop().unwrap(), "**67**");
        assert_eq!(hold.pop().unwrap(), "**cde*");
        assert_eq!(sent, "0123456789", "who else has the bytes sees no change");
    }

    #[test]
    fn the_stricter_policy_wins() {
        let tail = HoldPolicy::Tail(10);
        assert_eq!(tail.stricter(HoldPolicy::Pass), tail);
        assert_eq!(HoldPolicy::Pass.stricter(HoldPolicy::Whole), HoldPolicy::Whole);
        assert_eq!(tail.stricter(HoldPolicy::Tail(20)), HoldPolicy::Tail(20));
    }
}
