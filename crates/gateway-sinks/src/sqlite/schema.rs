//! The tables of a day's file.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

/// Tables and indexes. `line` is the whole record as JSON; the other columns are what questions
/// ask for. Dimensions of `minutes` stand in `question::Dimension`.
const TABLES: &str = "
CREATE TABLE IF NOT EXISTS records (
    id INTEGER PRIMARY KEY,
    time_ns INTEGER NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    session TEXT NOT NULL,
    action TEXT NOT NULL,
    policy TEXT NOT NULL,
    host TEXT NOT NULL,
    source TEXT NOT NULL,
    protocol TEXT NOT NULL,
    status INTEGER,
    line TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS records_by_time ON records (time_ns);
CREATE INDEX IF NOT EXISTS records_by_key ON records (key);
CREATE TABLE IF NOT EXISTS minutes (
    dimension INTEGER NOT NULL,
    minute INTEGER NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    records INTEGER NOT NULL,
    blocked INTEGER NOT NULL,
    bytes_up INTEGER NOT NULL,
    bytes_down INTEGER NOT NULL,
    total_ms INTEGER NOT NULL,
    PRIMARY KEY (dimension, minute, kind, value)
) WITHOUT ROWID;
";

/// How long one side waits for the other; readers never hold up the writer for longer than a
/// checkpoint takes.
const BUSY: Duration = Duration::from_millis(500);

/// Opens a day's file to write to it.
pub(super) fn open(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // A power failure may cost the last moments, never the file.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.execute_batch(TABLES)?;
    Ok(connection)
}

/// Opens a day's file to read it.
pub(super) fn open_to_read(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(BUSY)?;
    Ok(connection)
}

/// Adds one record.
pub(super) const INSERT: &str = "INSERT INTO records
    (time_ns, kind, key, session, action, policy, host, source, protocol, status, line)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

/// Adds to one sum of a minute.
pub(super) const ADD: &str = "INSERT INTO minutes
    (dimension, minute, kind, value, records, blocked, bytes_up, bytes_down, total_ms)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
    ON CONFLICT DO UPDATE SET
        records = records + excluded.records,
        blocked = blocked + excluded.blocked,
        bytes_up = bytes_up + excluded.bytes_up,
        bytes_down = bytes_down + excluded.bytes_down,
        total_ms = total_ms + excluded.total_ms";
