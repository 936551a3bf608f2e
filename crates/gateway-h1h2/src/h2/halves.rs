//! Which streams the peer may still send on, by the frames that pass: so that one for a stream that
//! is closed is known as such (RFC 9113 §5.1). What becomes of streams that we have reset is the
//! engine's to judge.

use std::collections::VecDeque;

use super::Fault;
use super::frame::{DATA, HEADERS, Header, RST_STREAM};

/// Streams that are remembered as open. A peer that leaves more of them open has them reset or
/// refused by us.
const OPEN_MAX: usize = 1_024;
/// Gaps in the numbers of streams that are remembered.
const SKIPPED_MAX: usize = 16;

/// The halves of streams that lead from the peer to us.
#[derive(Debug)]
pub(super) struct Halves {
    /// Streams that the peer has not ended or reset, in rising order.
    open: VecDeque<u32>,
    /// Numbers that were passed over: the first of each gap, and the stream behind it.
    skipped: Vec<(u32, u32)>,
    /// The lowest number that no stream has had.
    next: u32,
    /// Below it too much was forgotten to judge.
    judged_from: u32,
}

impl Default for Halves {
    fn default() -> Self {
        Self { open: VecDeque::new(), skipped: Vec::new(), next: 1, judged_from: 0 }
    }
}

impl Halves {
    /// A frame comes from the peer; the fault if it is one for a stream that is over (RFC 9113
    /// §5.1: half-closed (remote) and closed). What may come late, such as WINDOW_UPDATE, is none,
    /// and a CONTINUATION without a head has another code (§6.10).
    pub(super) fn receive(&mut self, frame: Header) -> Result<(), Fault> {
        match frame.kind {
            DATA | HEADERS => match self.place(frame.stream) {
                Some(place) if frame.ends_stream() => self.close(place),
                Some(_) => {}
                None if self.was_open(frame.stream) => return Err(Fault::StreamClosed),
                None if frame.kind == HEADERS && frame.stream >= self.next => {
                    let ends = if frame.ends_stream() { Ends::WithHead } else { Ends::Later };
                    self.head(frame.stream, ends);
                }
                None => {}
            },
            RST_STREAM => self.end(frame.stream),
            _ => {}
        }
        Ok(())
    }

    /// A head passes that opens `stream`, if that is a new one.
    pub(super) fn head(&mut self, stream: u32, ends: Ends) {
        if stream < self.next || stream.is_multiple_of(2) {
            return;
        }
        if stream > self.next {
            match self.skipped.len() {
                0..SKIPPED_MAX => self.skipped.push((self.next, stream)),
                _ => self.judged_from = stream,
            }
        }
        self.next = stream + 2;
        if ends == Ends::Later {
            self.open.push_back(stream);
            if self.open.len() > OPEN_MAX
                && let Some(oldest) = self.open.pop_front()
            {
                self.judged_from = self.judged_from.max(oldest + 1);
            }
        }
    }

    /// The peer has ended or reset its half of `stream`.
    pub(super) fn end(&mut self, stream: u32) {
        if let Some(place) = self.place(stream) {
            self.close(place);
        }
    }

    /// The open stream that stands there is open no more.
    fn close(&mut self, place: usize) {
        // Mostly it is the first.
        match place {
            0 => drop(self.open.pop_front()),
            _ => drop(self.open.remove(place)),
        }
    }

    /// Where an open stream stands: at its distance from the first one, where none between has
    /// ended.
    fn place(&self, stream: u32) -> Option<usize> {
        let guess = (stream.checked_sub(*self.open.front()?)? / 2) as usize;
        match self.open.get(guess) == Some(&stream) {
            true => Some(guess),
            false => self.open.binary_search(&stream).ok(),
        }
    }

    /// Whether the peer has ended or reset its half of `stream`, which is not open. No stream that was
    /// never opened is over, nor one that only we have reset.
    fn was_open(&self, stream: u32) -> bool {
        let was_open = stream < self.next && stream >= self.judged_from && stream % 2 == 1;
        was_open && !self.skipped.iter().any(|(first, behind)| (*first..*behind).contains(&stream))
    }
}

/// Whether a half ends with its head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    WithHead,
    Later,
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Halves {
        fn is_over(&self, stream: u32) -> bool {
            self.place(stream).is_none() && self.was_open(stream)
        }
    }

    #[test]
    fn what_was_opened_and_ended_is_over() {
        let mut halves = Halves::default();
        for (stream, ends) in [(1, Ends::Later), (3, Ends::WithHead), (9, Ends::Later)] {
            halves.head(stream, ends);
        }
        let over = |halves: &Halves| (0..14).filter(|id| halves.is_over(*id)).collect::<Vec<_>>();
        assert_eq!(over(&halves), [3]);
        halves.head(1, Ends::Later);
        halves.head(10, Ends::Later);
        halves.end(9);
        halves.end(9);
        assert_eq!(over(&halves), [3, 9], "5 and 7 were never used, 10 is not the client's");
        halves.end(1);
        halves.end(11);
        assert_eq!(over(&halves), [1, 3, 9]);
    }

    #[test]
    fn what_is_forgotten_is_not_judged() {
        let mut halves = Halves::default();
        let streams = OPEN_MAX as u32 + 2;
        (0..streams).for_each(|number| halves.head(2 * number + 1, Ends::Later));
        assert_eq!(halves.open.len(), OPEN_MAX);
        assert_eq!(
            (halves.is_over(1), halves.is_over(3), halves.is_over(5)),
            (false, false, false)
        );
        halves.end(5);
        assert!(halves.is_over(5));

        let mut halves = Halves::default();
        (0..2 * SKIPPED_MAX as u32).for_each(|gap| halves.head(10 * gap + 1, Ends::WithHead));
        assert_eq!(halves.skipped.len(), SKIPPED_MAX);
        assert!((0..halves.next - 2).all(|stream| !halves.is_over(stream)));
        assert!(halves.is_over(halves.next - 2));
    }
}
