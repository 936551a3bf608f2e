//! All sinks together: started, fed, watched and closed. What each does with a record is its own
//! file's matter.

use std::cell::RefCell;
use std::sync::Arc;

use gateway_log::Record;

use crate::config::{Config, Terminal};
use crate::counters::{Counters, Status};
#[cfg(any(feature = "clickhouse", feature = "kafka"))]
use crate::delivery::{Backlog, Delivery, Pace, Remote};
use crate::entry::{self, Entry, Reads};
use crate::file::RecordFile;
use crate::queue::{Given, Intake, Person, Queue, Told, Writer};
#[cfg(any(feature = "clickhouse", feature = "kafka"))]
use crate::spool::Spool;
use crate::sqlite::Store;
use crate::start_error::StartError;
use crate::terminal::{Form, Lines};

/// The sinks that a configuration asks for, each with a queue and a thread of its own.
#[derive(Debug)]
pub struct Sinks {
    queues: Vec<Queue>,
    /// What the sinks read of a record.
    reads: Reads,
}

impl Sinks {
    /// Opens what `config` names and starts the threads. A remote sink that does not answer is no
    /// error: its records wait.
    ///
    /// # Errors
    ///
    /// [`StartError`] when something on this machine is in the way: a file that cannot be opened,
    /// a thread that cannot be started, settings that a client library refuses.
    pub fn start(config: &Config) -> Result<Self, StartError> {
        let mut opened = Vec::new();
        if !config.records.as_os_str().is_empty() {
            open(&mut opened, "file", config, |counters| {
                RecordFile::open(&config.records, counters)
            })?;
        }
        let form = match config.terminal {
            Terminal::Human => Some(Form::Human),
            Terminal::Json => Some(Form::Json),
            Terminal::Off => None,
        };
        if let Some(form) = form {
            open(&mut opened, TERMINAL, config, |counters| {
                Ok(Lines::new(std::io::stdout(), form, counters))
            })?;
        }
        if let Some(sqlite) = &config.sqlite {
            open(&mut opened, "sqlite", config, |counters| Store::open(sqlite.clone(), counters))?;
        }
        open_kafka(&mut opened, config)?;
        open_clickhouse(&mut opened, config)?;
        let intakes: Vec<_> =
            opened.iter().map(|opened| (opened.sink, Arc::clone(&opened.intake))).collect();
        let reads = opened.iter().map(|opened| opened.reads).max().unwrap_or(Reads::Lines);
        let person = match config.terminal {
            Terminal::Human => Person::AtTerminal,
            Terminal::Json | Terminal::Off => Person::OnStandardError,
        };
        let queues = opened.into_iter().map(|opened| {
            let others = intakes.iter().filter(|(sink, _)| {
                // What a terminal did not show is nobody else's business.
                *sink != opened.sink && opened.sink != TERMINAL
            });
            let others = others.map(|(_, intake)| Arc::clone(intake)).collect();
            opened.start(Told { others, person })
        });
        Ok(Self { queues: queues.collect::<Result<_, _>>()?, reads })
    }

    /// Whether the remote sinks of `config` could be started: secrets, certificates and settings
    /// are read and tried. Changes nothing, opens no file of records and asks no server.
    ///
    /// # Errors
    ///
    /// [`StartError`].
    pub fn check(config: &Config) -> Result<(), StartError> {
        check_kafka(config)?;
        check_clickhouse(config)
    }

    /// Hands over one record. Encodes it once, for all sinks, and never waits: a sink whose queue is full loses
    /// it, counts that and tells.
    pub fn submit(&self, record: impl Into<Box<Record>>) {
        if self.queues.is_empty() {
            return;
        }
        let record = record.into();
        if self.reads > Reads::Lines {
            let entry = Arc::new(Entry::new(record, self.reads));
            return self.queues.iter().for_each(|queue| queue.submit(Given::Entry(&entry)));
        }
        LINE.with_borrow_mut(|line| {
            line.clear();
            entry::encode(&record, line);
            self.queues.iter().for_each(|queue| queue.submit(Given::Line(line)));
        });
    }

    /// How each sink is doing, in the order in which they were started.
    #[must_use]
    pub fn status(&self) -> Vec<Status> {
        self.queues.iter().map(Queue::status).collect()
    }

    /// Writes out what waits and stops the threads; gives the number of records lost in all. A
    /// remote sink that does not answer leaves its records in the spool, where they wait for the
    /// next start. Whoever still holds the sinks may go on to submit: that is lost and counted.
    pub fn close(&self) -> u64 {
        // The file comes last: it hears of what the others lose in the end.
        self.queues.iter().rev().map(Queue::close).sum()
    }
}

thread_local! {
    /// Where a record is encoded of which every sink reads the line alone.
    static LINE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

const TERMINAL: &str = "terminal";

/// A sink that was opened and has no thread yet.
struct Opened {
    sink: &'static str,
    intake: Arc<Intake>,
    reads: Reads,
    /// Starts the thread.
    start: Box<dyn FnOnce(Arc<Intake>, Told) -> Result<Queue, StartError>>,
}

impl Opened {
    fn start(self, told: Told) -> Result<Queue, StartError> {
        (self.start)(self.intake, told)
    }
}

fn open<W: Writer>(
    opened: &mut Vec<Opened>,
    sink: &'static str,
    config: &Config,
    writer: impl FnOnce(Arc<Counters>) -> Result<W, StartError>,
) -> Result<(), StartError> {
    let counters = Arc::new(Counters::default());
    let writer = writer(Arc::clone(&counters))?;
    let start = move |intake, told| Queue::start(sink, intake, counters, told, writer);
    let intake = Arc::new(Intake::new(config.queue_records_max, W::READS));
    opened.push(Opened { sink, intake, reads: W::READS, start: Box::new(start) });
    Ok(())
}

#[cfg(feature = "kafka")]
fn open_kafka(opened: &mut Vec<Opened>, config: &Config) -> Result<(), StartError> {
    let Some(kafka) = &config.kafka else { return Ok(()) };
    let pace = Pace { timeout: kafka.timeout, ..Pace::default() };
    open_remote(opened, "kafka", config, pace, crate::kafka::Kafka::open(kafka)?)
}

#[cfg(not(feature = "kafka"))]
fn open_kafka(_: &mut [Opened], config: &Config) -> Result<(), StartError> {
    config.kafka.as_ref().map_or(Ok(()), |_| Err(StartError::NotBuilt { sink: "kafka" }))
}

#[cfg(feature = "kafka")]
fn check_kafka(config: &Config) -> Result<(), StartError> {
    config.kafka.as_ref().map_or(Ok(()), |kafka| crate::kafka::Kafka::open(kafka).map(drop))
}

#[cfg(not(feature = "kafka"))]
fn check_kafka(config: &Config) -> Result<(), StartError> {
    open_kafka(&mut [], config)
}

#[cfg(feature = "clickhouse")]
fn check_clickhouse(config: &Config) -> Result<(), StartError> {
    let Some(clickhouse) = &config.clickhouse else { return Ok(()) };
    crate::clickhouse::Clickhouse::open(clickhouse).map(drop)
}

#[cfg(not(feature = "clickhouse"))]
fn check_clickhouse(config: &Config) -> Result<(), StartError> {
    open_clickhouse(&mut [], config)
}

#[cfg(feature = "clickhouse")]
fn open_clickhouse(opened: &mut Vec<Opened>, config: &Config) -> Result<(), StartError> {
    let Some(clickhouse) = &config.clickhouse else { return Ok(()) };
    let pace = Pace { timeout: clickhouse.timeout, ..Pace::default() };
    let remote = crate::clickhouse::Clickhouse::open(clickhouse)?;
    open_remote(opened, "clickhouse", config, pace, remote)
}

#[cfg(not(feature = "clickhouse"))]
fn open_clickhouse(_: &mut [Opened], config: &Config) -> Result<(), StartError> {
    config.clickhouse.as_ref().map_or(Ok(()), |_| Err(StartError::NotBuilt { sink: "clickhouse" }))
}

#[cfg(any(feature = "clickhouse", feature = "kafka"))]
fn open_remote(
    opened: &mut Vec<Opened>,
    sink: &'static str,
    config: &Config,
    pace: Pace,
    remote: impl Remote,
) -> Result<(), StartError> {
    let spool = match config.spool.bytes_max {
        0 => None,
        bytes_max => Some(Spool::open(&config.spool.folder.join(sink), bytes_max)?),
    };
    let backlog = Backlog::new(config.queue_records_max, spool);
    open(opened, sink, config, |counters| Delivery::start(sink, backlog, pace, counters, remote))
}

#[cfg(test)]
mod tests {
    use gateway_log::RecordKind;

    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn what_is_submitted_is_in_the_file_after_close() {
        let scratch = Scratch::new();
        let config = Config {
            records: scratch.path().join("records.jsonl"),
            terminal: Terminal::Off,
            queue_records_max: 1_000,
            ..Config::default()
        };
        let sinks = Sinks::start(&config).unwrap();
        for number in 0..500 {
            let mut record = Record::new(RecordKind::Http);
            record.http.status = Some(number);
            sinks.submit(record);
        }
        let status = sinks.status();
        assert_eq!(status.len(), 1);
        assert_eq!(status[0].queued + status[0].written, 500, "{status:?}");
        assert_eq!(sinks.close(), 0);
        let text = std::fs::read_to_string(&config.records).unwrap();
        let statuses: Vec<u64> = text
            .lines()
            .map(|line| {
                let record: serde_json::Value = serde_json::from_str(line).unwrap();
                record["HTTPStatusCode"].as_u64().unwrap()
            })
            .collect();
        assert_eq!(statuses, (0..500).collect::<Vec<_>>());
    }

    #[test]
    fn what_comes_after_the_end_is_lost_and_counted() {
        let config = Config { terminal: Terminal::Json, ..Config::default() };
        let sinks = Sinks::start(&config).unwrap();
        assert_eq!(sinks.close(), 0);
        sinks.submit(Record::new(RecordKind::Http));
        assert_eq!(sinks.close(), 1);
        assert_eq!(sinks.status()[0].dropped, 1);
    }

    #[test]
    fn a_file_that_cannot_be_opened_is_told() {
        let scratch = Scratch::new();
        let records = scratch.path().join("missing/records.jsonl");
        let config = Config { records, ..Config::default() };
        let error = Sinks::start(&config).unwrap_err().to_string();
        assert!(error.contains("missing/records.jsonl for records"), "{error}");
    }
}
