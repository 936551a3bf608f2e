//! From positions in an unpacked stream back to positions on the wire, rounded down.

use std::collections::VecDeque;

/// Anchors of one stream that are held, at the most; beyond it every second one is given up.
const HELD_MAX: usize = 64;

/// Where the positions of one stream lie on the wire.
///
/// An anchor is a pair of positions at which nothing was under way: who has the wire up to the
/// one can make out the stream up to the other, and no further. A position between two anchors
/// counts as the lower one.
#[derive(Debug)]
pub(crate) enum Anchors {
    /// The stream is a stretch of the wire, which begins there at `shift`.
    Linear { shift: u64 },
    /// Pairs of stream and wire position, both ascending, never empty: `base`, then `later`.
    Sparse { base: (u64, u64), later: VecDeque<(u64, u64)> },
}

impl Anchors {
    /// Anchors of a stream whose first byte follows from the wire behind `wire`.
    pub(crate) const fn sparse(wire: u64) -> Self {
        Self::Sparse { base: (0, wire), later: VecDeque::new() }
    }

    /// The wire position of the stream position `at`, rounded down.
    pub(crate) fn map(&self, at: u64) -> u64 {
        match self {
            Self::Linear { shift } => shift.saturating_add(at),
            Self::Sparse { base, later } => {
                let behind = later.partition_point(|(stream, _)| *stream <= at);
                let anchor = behind.checked_sub(1).and_then(|last| later.get(last));
                anchor.unwrap_or(base).1
            }
        }
    }

    /// Adds an anchor. Nothing before the stream position `cleared` will be asked for again.
    pub(crate) fn push(&mut self, at: u64, wire: u64, cleared: u64) {
        let Self::Sparse { base, later } = self else { return };
        // What stands before the first byte, the header of a coding, leaves with it and not alone:
        // until then nothing has been shown, and a refusal can still be a page.
        if at == 0 {
            return;
        }
        // What was put back below is read again, and does not take back what was told.
        let wire = wire.max(later.back().unwrap_or(base).1);
        while later.front().is_some_and(|(stream, _)| *stream <= cleared) {
            *base = later.pop_front().unwrap_or(*base);
        }
        if later.back().unwrap_or(base).0 == at {
            later.back_mut().unwrap_or(base).1 = wire;
            return;
        }
        if later.len() == HELD_MAX {
            let mut odd = false;
            later.retain(|_| {
                odd = !odd;
                !odd
            });
        }
        later.push_back((at, wire));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_stretch_of_the_wire_is_exact() {
        assert_eq!(Anchors::Linear { shift: 30 }.map(12), 42);
    }

    #[test]
    fn positions_between_anchors_count_as_the_lower() {
        let mut anchors = Anchors::sparse(10);
        anchors.push(100, 20, 0);
        anchors.push(100, 25, 0);
        anchors.push(200, 30, 0);
        for (at, wire) in [(0, 10), (99, 10), (100, 25), (199, 25), (200, 30), (9_999, 30)] {
            assert_eq!(anchors.map(at), wire, "{at}");
        }
        anchors.push(300, 40, 150);
        assert_eq!(anchors.map(0), 25, "what is cleared is forgotten");
    }

    proptest! {
        #[test]
        fn what_was_told_never_goes_back(steps in prop::collection::vec((1u64..50, 0u64..9, 0.0..1.0f64), 1..400)) {
            let (mut anchors, mut at, mut wire, mut cleared) = (Anchors::sparse(0), 0, 0, 0);
            let mut told = 0;
            for (more, packed, part) in steps {
                anchors.push(at, wire, cleared);
                at += more;
                wire += packed;
                cleared += ((at - cleared) as f64 * part * 0.1) as u64;
                let now = anchors.map(cleared);
                prop_assert!(told <= now && now <= wire);
                told = now;
                let Anchors::Sparse { later, .. } = &anchors else { unreachable!() };
                prop_assert!(later.len() <= HELD_MAX);
            }
        }
    }
}
