//! A bounded queue of records with a thread behind it that writes them. Knows nothing of what
//! writing means.
//!
//! Handing over costs a short lock. The thread is woken once when it was idle; while records keep
//! coming it takes what has gathered every [`GATHER_MS`] milliseconds, or more often where that is
//! much, so that a busy gateway pays no wake-up per record.

mod intake;

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use gateway_log::{Record, RecordKind};
use tracing::error;

use crate::StartError;
use crate::counters::{Counters, Status, unix_ns};
use crate::entry::{Entry, Reads};
pub(crate) use intake::{Given, Intake};

/// Milliseconds in which records gather before the thread takes them.
pub(crate) const GATHER_MS: u64 = 20;

/// Milliseconds between two words about losses.
const TELL_MS: u64 = 1_000;

/// Where the records of a queue go. Called by its thread alone; may wait. Each record it is given
/// must be counted as written, spooled or lost.
pub(crate) trait Writer: Send + 'static {
    /// What it reads of a record.
    const READS: Reads;

    /// Takes one record.
    fn write(&mut self, entry: Arc<Entry>, now_ms: u64);

    /// Writes out what is due.
    fn turn(&mut self, now_ms: u64);

    /// When it is next due though no record comes.
    fn deadline_ms(&self) -> Option<u64>;

    /// Writes out everything; counts as lost what it cannot.
    fn finish(&mut self, now_ms: u64);
}

/// The near end of the queue of one sink.
#[derive(Debug)]
pub(crate) struct Queue {
    sink: &'static str,
    intake: Arc<Intake>,
    counters: Arc<Counters>,
    /// None once it has ended.
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Who is told of losses besides the sink's own stream.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// The queues of the other sinks.
    pub(crate) others: Vec<Arc<Intake>>,
    /// Where a person is told.
    pub(crate) person: Person,
}

/// Where a person is told of losses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Person {
    /// A line among those of the terminal does.
    AtTerminal,
    /// An event of `tracing`.
    ByEvent,
}

impl Queue {
    /// Starts the thread of `sink` around `writer`, which counts in `counters`.
    ///
    /// # Errors
    ///
    /// [`StartError::Thread`].
    pub(crate) fn start(
        sink: &'static str,
        intake: Arc<Intake>,
        counters: Arc<Counters>,
        told: Told,
        writer: impl Writer,
    ) -> Result<Self, StartError> {
        let teller = Teller {
            sink,
            intake: Arc::clone(&intake),
            counters: Arc::clone(&counters),
            told,
            lost: 0,
            at_ms: None,
        };
        let thread = std::thread::Builder::new()
            .name(format!("sink-{sink}"))
            .spawn(move || run(teller, writer))
            .map_err(StartError::Thread)?;
        Ok(Self { sink, intake, counters, thread: Mutex::new(Some(thread)) })
    }

    /// Puts a record in, or counts it as lost.
    pub(crate) fn submit(&self, given: Given<'_>) {
        self.intake.push(given);
    }

    /// How the sink is doing.
    pub(crate) fn status(&self) -> Status {
        let mut status = self.counters.status(self.sink, self.intake.waiting());
        status.dropped += self.intake.dropped();
        status
    }

    /// Lets the thread write what waits and ends it; gives the number of records lost in all.
    /// What is submitted afterwards is lost and counted.
    pub(crate) fn close(&self) -> u64 {
        self.intake.close();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let has_ended = thread.is_none_or(|thread| thread.join().is_ok());
        // A thread that broke down left its queue behind.
        let left = if has_ended { 0 } else { self.intake.waiting() };
        let lost = self.intake.dropped() + self.counters.dropped.load(Ordering::Relaxed);
        lost + u64::try_from(left).unwrap_or(u64::MAX)
    }
}

fn run(mut teller: Teller, mut writer: impl Writer) {
    let start = Instant::now();
    let now_ms = || u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (intake, counters) = (Arc::clone(&teller.intake), Arc::clone(&teller.counters));
    let mut batch = Vec::new();
    loop {
        let due = writer.deadline_ms().into_iter().chain(teller.deadline_ms()).min();
        let wait_ms = due.map(|due| due.saturating_sub(now_ms()));
        let is_open = intake.take(&mut batch, wait_ms);
        let records: usize = batch.iter().map(|entry| entry.records()).sum();
        counters.held.fetch_add(u64::try_from(records).unwrap_or(u64::MAX), Ordering::Relaxed);
        teller.tell(&mut writer, now_ms());
        for entry in batch.drain(..) {
            writer.write(entry, now_ms());
        }
        if !is_open {
            writer.finish(now_ms());
            teller.last_word();
            return;
        }
        writer.turn(now_ms());
    }
}

/// Tells what was lost, at most once a second: to the sink's own stream, to the other sinks and to
/// a person.
struct Teller {
    sink: &'static str,
    intake: Arc<Intake>,
    counters: Arc<Counters>,
    told: Told,
    /// Losses that were told.
    lost: u64,
    at_ms: Option<u64>,
}

impl Teller {
    fn dropped(&self) -> u64 {
        self.intake.dropped() + self.counters.dropped.load(Ordering::Relaxed)
    }

    /// When the next word is due.
    fn deadline_ms(&self) -> Option<u64> {
        let next = self.at_ms.map_or(0, |at| at.saturating_add(TELL_MS));
        (self.dropped() > self.lost).then_some(next)
    }

    fn tell(&mut self, writer: &mut impl Writer, now_ms: u64) {
        if self.deadline_ms().is_none_or(|due| now_ms < due) {
            return;
        }
        let of_queue = self.intake.dropped();
        let entry = self.spread(self.dropped() - self.lost);
        self.counters.held.fetch_add(1, Ordering::Relaxed);
        writer.write(entry, now_ms);
        // If there is no room even for this word, that is no news for the next one.
        self.lost = of_queue + self.counters.dropped.load(Ordering::Relaxed);
        self.at_ms = Some(now_ms);
    }

    /// What was lost at the end can be told to the others alone.
    fn last_word(&mut self) {
        let dropped = self.dropped();
        if dropped > self.lost {
            self.spread(dropped - self.lost);
            self.lost = dropped;
        }
    }

    /// Tells a person and the other sinks; gives the record that does.
    fn spread(&self, records: u64) -> Arc<Entry> {
        if self.told.person == Person::ByEvent {
            error!(sink = self.sink, "{records} records lost");
        }
        let mut record = Box::new(Record::new(RecordKind::Loss));
        record.started_ns = unix_ns();
        record.ended_ns = record.started_ns;
        record.loss.sink = self.sink.into();
        record.loss.records = Some(records);
        let entry = Arc::new(Entry::new(record, Reads::Record));
        for other in &self.told.others {
            other.push_beyond(&entry);
        }
        entry
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};

    use super::*;

    /// Waits for leave before each record, and keeps it.
    struct Slow {
        leave: Receiver<()>,
        counters: Arc<Counters>,
        seen: Arc<Mutex<Vec<Arc<Entry>>>>,
    }

    impl Writer for Slow {
        const READS: Reads = Reads::Record;

        fn write(&mut self, entry: Arc<Entry>, _now_ms: u64) {
            let _ = self.leave.recv();
            self.seen.lock().unwrap().push(entry);
            self.counters.wrote(1);
        }

        fn turn(&mut self, _now_ms: u64) {}

        fn deadline_ms(&self) -> Option<u64> {
            None
        }

        fn finish(&mut self, _now_ms: u64) {}
    }

    fn is_http(entry: &Entry) -> bool {
        entry.record.as_ref().is_some_and(|record| record.kind == RecordKind::Http)
    }

    fn intake(records_max: usize) -> Arc<Intake> {
        Arc::new(Intake::new(records_max, Reads::Record))
    }

    fn entry() -> Arc<Entry> {
        Arc::new(Entry::new(Box::new(Record::new(RecordKind::Http)), Reads::Record))
    }

    #[test]
    fn a_full_queue_loses_counts_and_tells_but_never_waits() {
        let (allow, leave) = channel();
        let counters = Arc::new(Counters::default());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let slow = Slow { leave, counters: Arc::clone(&counters), seen: Arc::clone(&seen) };
        let (intake, other) = (intake(4), intake(1));
        let told = Told { others: vec![Arc::clone(&other)], person: Person::ByEvent };
        let queue = Queue::start("slow", intake, counters, told, slow).unwrap();
        other.push(Given::Entry(&entry()));
        for _ in 0..20 {
            queue.submit(Given::Entry(&entry()));
        }
        // The writer holds up to four, four wait; the rest found no room.
        let lost = queue.status().dropped;
        assert!((12..=16).contains(&lost), "{lost}");
        drop(allow);
        assert_eq!(queue.close(), lost);
        let told = |entries: &[Arc<Entry>]| -> u64 {
            entries.iter().filter_map(|entry| entry.record.as_ref()?.loss.records).sum()
        };
        let seen = seen.lock().unwrap();
        let records = seen.iter().filter(|entry| is_http(entry)).count();
        assert_eq!(u64::try_from(records).unwrap(), 20 - lost);
        // The other sink hears of all of it although its queue is full.
        let mut heard = Vec::new();
        other.close();
        assert!(!other.take(&mut heard, None));
        assert_eq!(told(&heard), lost);
        assert!(told(&seen) <= lost);
    }
}
