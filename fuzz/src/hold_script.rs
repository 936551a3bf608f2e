//! A `Hold` driven by a script of admissions, permits and releases, against the laws of holding:
//! what leaves is what came, in order, and never beyond the permits given so far.

use bytes::Bytes;
use gateway_inspect::{Clearance, Hold, HoldPolicy, Offset, Permit};

/// The first three bytes choose policy and declared length, then each pair is a step.
pub fn hold_script(data: &[u8]) {
    let Some((&[kind, amount, length], script)) = data.split_first_chunk() else { return };
    let amount = u64::from(amount);
    let policy = match kind % 4 {
        0 => HoldPolicy::Pass,
        1 => HoldPolicy::Tail(amount),
        2 => HoldPolicy::Trickle { bytes: amount, every_ms: u64::from(kind) },
        _ => HoldPolicy::Whole,
    };
    let length = (length > 0).then(|| u64::from(length) * 4);
    let mut run = Run::new(Hold::new(policy, length, 1 << 12), length);
    for (step, &[verb, operand]) in script.as_chunks().0.iter().enumerate() {
        run.step(verb, operand, step as u64);
        run.obey();
    }
}

/// The hold under test beside what is known of it.
struct Run {
    hold: Hold,
    length: Option<u64>,
    came: Vec<u8>,
    left: Vec<u8>,
    /// The highest offset that any permit allowed.
    allowed: u64,
}

impl Run {
    fn new(hold: Hold, length: Option<u64>) -> Self {
        Self { hold, length, came: Vec::new(), left: Vec::new(), allowed: 0 }
    }

    fn step(&mut self, verb: u8, operand: u8, now_ms: u64) {
        let to = u64::from(operand) * 4;
        match verb % 8 {
            0..=2 => self.admit(operand),
            3 => {
                let span = Offset::new(to);
                let part = Offset::new(to / 2);
                let clearance = Clearance { span, part };
                let decided_to = Offset::new(u64::from(verb) * 8);
                self.hold.allow(&Permit { clearance, decided_to, held_ms: now_ms });
                self.allowed = self.allowed.max(self.but_the_end(to.min(u64::from(verb) * 8)));
            }
            4 => {
                self.hold.open_to(Offset::new(to));
                self.allowed = self.allowed.max(self.but_the_end(to));
            }
            5 if operand == 0 => {
                self.hold.open();
                self.allowed = u64::MAX;
            }
            6 if operand == 0 => {
                self.hold.discard();
                assert_eq!(self.hold.pop(), None, "bytes left after they were dropped");
                self.came.truncate(self.left.len());
                self.allowed = self.left.len() as u64;
            }
            _ => {
                if let Some(piece) = self.hold.pop() {
                    assert!(!piece.is_empty(), "an empty piece left");
                    self.left.extend_from_slice(&piece);
                }
            }
        }
    }

    fn admit(&mut self, count: u8) {
        let room = usize::try_from(self.hold.room()).unwrap_or(usize::MAX);
        let from = self.came.len();
        let bytes: Vec<u8> =
            (from..from + room.min(count.into())).map(|at| at.to_le_bytes()[0]).collect();
        self.came.extend_from_slice(&bytes);
        self.hold.admit(Bytes::from(bytes));
    }

    /// An offset, the declared last byte excepted.
    fn but_the_end(&self, to: u64) -> u64 {
        self.length.map_or(to, |length| to.min(length.saturating_sub(1)))
    }

    fn obey(&self) {
        assert!(self.came.starts_with(&self.left), "what left is not what came");
        let left = self.left.len() as u64;
        assert!(left <= self.allowed, "{left} bytes left, {} were allowed", self.allowed);
        let held = (self.came.len() - self.left.len()) as u64;
        assert_eq!(self.hold.held(), held);
        assert_eq!(self.hold.released(), Offset::new(left));
    }
}
