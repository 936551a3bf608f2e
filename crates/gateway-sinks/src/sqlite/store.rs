//! The writer: batches of records into the file of their day, with retention.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

use gateway_log::{Record, RecordKind, Text};
use rusqlite::{Connection, ErrorCode, params};
use tracing::warn;

use super::day::Day;
use super::rollup::Rollup;
use super::{SqliteConfig, schema};
use crate::StartError;
use crate::counters::{Counters, unix_ns};
use crate::entry::{Entry, Reads};
use crate::queue::Writer;

/// Records of a full batch.
const BATCH_RECORDS_MAX: usize = 10_000;
/// Age in milliseconds at which a batch is written unfilled.
const AGE_MS_MAX: u64 = 100;
/// Records that may wait while the disk does not take them.
const WAITING_RECORDS_MAX: usize = 50_000;
/// Milliseconds between two tries after a write failed.
const RETRY_MS: u64 = 1_000;
/// Milliseconds between two looks at age and size of the files.
const SWEEP_MS: u64 = 60_000;

/// Writes records into files by day.
#[derive(Debug)]
pub(crate) struct Store {
    config: SqliteConfig,
    counters: Arc<Counters>,
    open: Option<(Day, Connection)>,
    batch: Vec<Arc<Entry>>,
    since_ms: u64,
    retry_at_ms: Option<u64>,
    swept_ms: Option<u64>,
    /// Whether the cap is reached though nothing is left to delete.
    is_full: bool,
}

impl Store {
    /// Opens today's file.
    ///
    /// # Errors
    ///
    /// [`StartError::Open`].
    pub(crate) fn open(config: SqliteConfig, counters: Arc<Counters>) -> Result<Self, StartError> {
        let failed = |source| StartError::Open { path: config.folder.clone(), source };
        std::fs::create_dir_all(&config.folder).map_err(failed)?;
        let mut store = Self {
            config,
            counters,
            open: None,
            batch: Vec::new(),
            since_ms: 0,
            retry_at_ms: None,
            swept_ms: None,
            is_full: false,
        };
        let today = Day::of(unix_ns());
        let path = today.file(&store.config.folder);
        store
            .open_day(today)
            .map_err(|error| StartError::Open { path, source: std::io::Error::other(error) })?;
        store.sweep();
        Ok(store)
    }

    /// Opens the file of `day`. One that is no database, or a broken one, is moved aside.
    fn open_day(&mut self, day: Day) -> rusqlite::Result<()> {
        if self.open.as_ref().is_some_and(|(open, _)| *open == day) {
            return Ok(());
        }
        self.open = None;
        let file = day.file(&self.config.folder);
        let connection = match schema::open(&file) {
            Err(error) if is_broken(&error) => {
                let mut aside = file.clone().into_os_string();
                aside.push(format!(".broken-{}", unix_ns()));
                let aside = PathBuf::from(aside);
                if std::fs::rename(&file, &aside).is_ok() {
                    warn!(sink = "sqlite", "{error}: moved to {}", aside.display());
                }
                schema::open(&file)?
            }
            result => result?,
        };
        owner_alone(&file);
        self.open = Some((day, connection));
        Ok(())
    }

    /// Writes the batch, day by day; what was written is no longer in it.
    fn write_batch(&mut self) -> rusqlite::Result<()> {
        while let Some(first) = self.batch.first() {
            let day = Day::of(first.time_ns());
            let of_day = |entry: &&Arc<Entry>| Day::of(entry.time_ns()) == day;
            // Nearly always all of them: the days of first and last tell without a look at each.
            let last_too = self.batch.last().is_some_and(|last| of_day(&last));
            let count = if last_too {
                self.batch.len()
            } else {
                self.batch.iter().take_while(of_day).count()
            };
            self.open_day(day)?;
            let Some((_, connection)) = &mut self.open else { return Ok(()) };
            let entries = self.batch.get(..count).unwrap_or_default();
            insert(connection, entries)?;
            self.counters.wrote(u64::try_from(count).unwrap_or(u64::MAX));
            self.batch.drain(..count);
        }
        Ok(())
    }

    /// Deletes the days that are too old or too much.
    fn sweep(&mut self) {
        let SqliteConfig { folder, days_max, bytes_max } = &self.config;
        let age_ns = u64::from(*days_max).saturating_sub(1).saturating_mul(DAY_NS);
        let (now, oldest) = (unix_ns(), Day::of(unix_ns().saturating_sub(age_ns)));
        let today = Day::of(now);
        let mut days = Day::all(folder).unwrap_or_default();
        let mut bytes: u64 = days.iter().map(|day| day.bytes(folder)).sum();
        while let Some(day) = days.first().filter(|day| **day < today).cloned() {
            if day >= oldest && bytes <= *bytes_max {
                break;
            }
            bytes = bytes.saturating_sub(day.bytes(folder));
            if self.open.as_ref().is_some_and(|(open, _)| *open == day) {
                self.open = None;
            }
            if let Err(error) = day.delete(folder) {
                self.counters.failed(format!("cannot delete an old day: {error}"));
            }
            days.remove(0);
        }
        let is_full = bytes > *bytes_max;
        if is_full && !self.is_full {
            let message = format!("the records of today fill the {bytes_max} bytes that they may");
            warn!(sink = "sqlite", "{message}");
            self.counters.failed(message);
        }
        self.is_full = is_full;
    }
}

impl Writer for Store {
    const READS: Reads = Reads::Record;

    fn write(&mut self, entry: Arc<Entry>, now_ms: u64) {
        if self.is_full || self.batch.len() >= WAITING_RECORDS_MAX {
            self.counters.lost(1);
            return;
        }
        if self.batch.is_empty() {
            self.since_ms = now_ms;
        }
        self.batch.push(entry);
        if self.batch.len() >= BATCH_RECORDS_MAX {
            self.turn(now_ms);
        }
    }

    fn turn(&mut self, now_ms: u64) {
        if self.swept_ms.is_none_or(|at| now_ms >= at.saturating_add(SWEEP_MS)) {
            self.swept_ms = Some(now_ms);
            self.sweep();
        }
        if self.deadline_ms().is_none_or(|due| now_ms < due) {
            return;
        }
        match self.write_batch() {
            Ok(()) => {
                if self.retry_at_ms.take().is_some() {
                    self.counters.recovered();
                }
            }
            Err(error) => {
                self.open = None;
                self.retry_at_ms = Some(now_ms.saturating_add(RETRY_MS));
                if self.counters.failed(error.to_string()) {
                    warn!(sink = "sqlite", "{error}; trying on");
                }
            }
        }
    }

    fn deadline_ms(&self) -> Option<u64> {
        if self.batch.is_empty() {
            return None;
        }
        let is_full = self.batch.len() >= BATCH_RECORDS_MAX;
        let due = if is_full { self.since_ms } else { self.since_ms.saturating_add(AGE_MS_MAX) };
        Some(self.retry_at_ms.unwrap_or(due))
    }

    fn finish(&mut self, _now_ms: u64) {
        if let Err(error) = self.write_batch() {
            self.counters.failed(error.to_string());
            self.counters.lost(u64::try_from(self.batch.len()).unwrap_or(u64::MAX));
            self.batch.clear();
        }
        // Closing the last connection brings the write-ahead log home.
        self.open = None;
    }
}

/// Nanoseconds of a day.
const DAY_NS: u64 = 86_400_000_000_000;

fn insert(connection: &mut Connection, entries: &[Arc<Entry>]) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    let mut rollup = Rollup::default();
    {
        let mut insert = transaction.prepare_cached(schema::INSERT)?;
        for entry in entries {
            let Some(record) = entry.record.as_deref() else { continue };
            let (time_ns, line) = (entry.time_ns(), entry.line());
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            insert.execute(params![
                signed(time_ns),
                record.kind.as_str(),
                lossy(entry.key()),
                text(&record.session_id),
                record.decision.action.map_or("", gateway_log::Action::as_str),
                text(&record.decision.policy_id),
                host(record),
                record.source_ip().map(|ip| ip.to_string()).unwrap_or_default(),
                protocol(record),
                record.http.status,
                lossy(line),
            ])?;
            rollup.add(record, time_ns);
        }
    }
    rollup.write(&transaction)?;
    transaction.commit()
}

/// The host that a record is about, in lower case and without a port.
pub(super) fn host(record: &Record) -> String {
    let names = [&record.http.host, &record.client.sni, &record.origin.resolved_fqdn];
    let name = names.into_iter().find(|name| !name.is_empty());
    let Some(name) = name else {
        return record.destination_ip().map(|ip| ip.to_string()).unwrap_or_default();
    };
    let name = text(name);
    let port = |(_, port): &(&str, &str)| port.bytes().all(|c| c.is_ascii_digit());
    // The colons of an IPv6 address stand in brackets, its port behind them.
    let without = match name.rsplit_once(':').filter(port) {
        Some((host, _)) if !host.contains(':') || host.ends_with(']') => host,
        Some(_) | None => &name,
    };
    without.to_ascii_lowercase()
}

/// The protocol that a record is about.
pub(super) fn protocol(record: &Record) -> Cow<'_, str> {
    if record.kind == RecordKind::Http {
        return text(&record.http.version);
    }
    match record.client.transport {
        Some(transport) if record.client.detected_protocol.is_empty() => {
            Cow::Borrowed(transport.as_str())
        }
        Some(_) | None => text(&record.client.detected_protocol),
    }
}

pub(super) fn text(text: &Text) -> Cow<'_, str> {
    lossy(text.as_bytes())
}

/// Nearly all bytes are text, and to see that takes a tenth of the time of looking for what is not.
fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    match str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

/// SQLite counts to 2^63 − 1.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn is_broken(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    matches!(code, Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

/// Lets nobody but the owner read the file; what SQLite puts beside it takes after it.
fn owner_alone(file: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    let permissions = std::fs::Permissions::from_mode(0o600);
    if let Err(error) = std::fs::set_permissions(file, permissions) {
        warn!(sink = "sqlite", "cannot close {} to others: {error}", file.display());
    }
}
