//! What follows HTTP on a connection: bytes that are relayed both ways.

use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::transaction::Leg;

/// An opaque relay after a 2xx answer to CONNECT or a 101.
///
/// Bytes pass unchanged and in order; each direction ends by itself (TCP half-close).
#[derive(Debug)]
pub struct Tunnel {
    to_client: Direction,
    to_origin: Direction,
    last: Instant,
    idle: Duration,
}

#[derive(Debug, Default)]
struct Direction {
    queue: Vec<Bytes>,
    queued: usize,
    passed: u64,
    end: End,
}

/// How far the end of a direction has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum End {
    #[default]
    Open,
    /// The sender has ended; what it sent is still to be taken.
    Came,
    /// The end was passed on.
    Passed,
}

/// Bytes that may wait for one side before the other is no longer read.
const QUEUE_BYTES_MAX: usize = 256 << 10;

impl Tunnel {
    /// A relay that ends after `idle` in which no byte has come or been taken.
    #[must_use]
    pub fn new(idle: Duration, now: Instant) -> Self {
        Self { to_client: Direction::default(), to_origin: Direction::default(), last: now, idle }
    }

    // Getters.

    /// Whether bytes should be read from `leg`.
    #[must_use]
    pub fn wants(&self, leg: Leg) -> bool {
        let direction = self.coming_from(leg);
        direction.end == End::Open && direction.queued < QUEUE_BYTES_MAX
    }

    /// Whether bytes wait to be written to `leg`.
    #[must_use]
    pub fn has_output(&self, leg: Leg) -> bool {
        match leg {
            Leg::Client => self.to_client.queued > 0,
            Leg::Origin => self.to_origin.queued > 0,
        }
    }

    /// Whether both directions have ended.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.to_client.end == End::Passed && self.to_origin.end == End::Passed
    }

    /// Whether an end waits for output to be taken: then [`poll_shutdown`](Self::poll_shutdown)
    /// has something new to say.
    #[must_use]
    pub fn waits_for_output(&self) -> bool {
        self.to_client.end == End::Came || self.to_origin.end == End::Came
    }

    /// Bytes that were relayed from `leg`.
    #[must_use]
    pub const fn bytes_from(&self, leg: Leg) -> u64 {
        self.coming_from(leg).passed
    }

    /// When it ends for want of bytes.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.last + self.idle
    }

    // What comes from outside.

    /// Takes bytes from `leg`.
    pub fn handle(&mut self, leg: Leg, bytes: Bytes, now: Instant) {
        self.last = now;
        let direction = self.sent_by(leg);
        if direction.end == End::Open && !bytes.is_empty() {
            direction.passed += bytes.len() as u64;
            direction.queued += bytes.len();
            direction.queue.push(bytes);
        }
    }

    /// One of the two has taken some of what waited for it, at `at`.
    pub fn moves(&mut self, at: Instant) {
        self.last = self.last.max(at);
    }

    /// `leg` sends no more.
    pub fn end(&mut self, leg: Leg) {
        let direction = self.sent_by(leg);
        if direction.end == End::Open {
            direction.end = End::Came;
        }
    }

    // What goes out.

    /// Moves what is to be written to `leg` to the end of `out`.
    pub fn poll_output(&mut self, leg: Leg, out: &mut Vec<Bytes>) -> usize {
        let direction = self.towards(leg);
        out.append(&mut direction.queue);
        std::mem::take(&mut direction.queued)
    }

    /// Whether the sending side of `leg` is to be shut once its output is written; said once.
    pub fn poll_shutdown(&mut self, leg: Leg) -> bool {
        let direction = self.towards(leg);
        let due = direction.end == End::Came && direction.queued == 0;
        if due {
            direction.end = End::Passed;
        }
        due
    }

    const fn coming_from(&self, leg: Leg) -> &Direction {
        match leg {
            Leg::Client => &self.to_origin,
            Leg::Origin => &self.to_client,
        }
    }

    const fn sent_by(&mut self, leg: Leg) -> &mut Direction {
        match leg {
            Leg::Client => &mut self.to_origin,
            Leg::Origin => &mut self.to_client,
        }
    }

    const fn towards(&mut self, leg: Leg) -> &mut Direction {
        match leg {
            Leg::Client => &mut self.to_client,
            Leg::Origin => &mut self.to_origin,
        }
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "some instant to count from")]
mod tests {
    use super::*;

    #[test]
    fn each_direction_ends_by_itself() {
        let now = Instant::now();
        let mut tunnel = Tunnel::new(Duration::from_secs(1), now);
        let mut out = Vec::new();
        tunnel.handle(Leg::Client, "ping".into(), now);
        tunnel.end(Leg::Client);
        assert!(!tunnel.wants(Leg::Client) && tunnel.wants(Leg::Origin));
        assert!(!tunnel.poll_shutdown(Leg::Origin), "bytes are still to be taken");
        assert_eq!(tunnel.poll_output(Leg::Origin, &mut out), 4);
        assert!(tunnel.poll_shutdown(Leg::Origin) && !tunnel.poll_shutdown(Leg::Origin));
        tunnel.handle(Leg::Origin, "pong".into(), now);
        tunnel.end(Leg::Origin);
        assert_eq!(tunnel.poll_output(Leg::Client, &mut out), 4);
        assert!(!tunnel.is_done() && tunnel.poll_shutdown(Leg::Client) && tunnel.is_done());
        assert_eq!(out.concat(), b"pingpong");
        assert_eq!((tunnel.bytes_from(Leg::Client), tunnel.bytes_from(Leg::Origin)), (4, 4));
    }

    #[test]
    fn a_slow_side_stops_the_other() {
        let now = Instant::now();
        let mut tunnel = Tunnel::new(Duration::from_secs(1), now);
        tunnel.handle(Leg::Origin, vec![0; QUEUE_BYTES_MAX].into(), now);
        assert!(!tunnel.wants(Leg::Origin) && tunnel.wants(Leg::Client));
        tunnel.poll_output(Leg::Client, &mut Vec::new());
        assert!(tunnel.wants(Leg::Origin));
    }
}
