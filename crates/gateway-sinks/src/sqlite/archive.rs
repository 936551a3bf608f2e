//! The reader: answers questions from the files of all days. Opens them for each question, so that
//! it holds nothing and keeps nobody waiting.

use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rusqlite::types::Value;
use rusqlite::{Connection, ErrorCode, Row, params_from_iter};

use super::day::Day;
use super::question::{Dimension, Filter, Found, MINUTE_NS, Minutes, Point, Sum};
use super::schema;
use super::store::signed;

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// The folder cannot be read.
    #[error("cannot read {}: {source}", .folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// SQLite does not answer.
    #[error("the archive does not answer: {0}")]
    Sqlite(String),
    /// The answer would take too long: the question should name a shorter time.
    #[error("the answer takes longer than {limit_ms} ms; ask for a shorter time")]
    TooLong {
        /// The limit, in milliseconds.
        limit_ms: u64,
    },
}

/// The records of all days that are kept.
#[derive(Clone, Debug)]
pub struct Archive {
    folder: PathBuf,
    limit: Duration,
}

/// Steps of SQLite between two looks at the clock.
const STEPS: i32 = 10_000;

impl Archive {
    /// The files in `folder`. No question takes longer than 2 s.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), limit: Duration::from_secs(2) }
    }

    /// The same, with another limit.
    #[must_use]
    pub const fn with_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// The last `records_max` records that fit `filter`, the last one first.
    ///
    /// # Errors
    ///
    /// [`QueryError`].
    pub fn last(&self, filter: &Filter, records_max: usize) -> Result<Vec<Found>, QueryError> {
        let (conditions, values) = conditions(filter);
        let sql = format!(
            "SELECT time_ns, line FROM records WHERE {conditions} ORDER BY time_ns DESC, id DESC \
             LIMIT {records_max}"
        );
        let span = (filter.from_ns.unwrap_or(0), filter.until_ns.unwrap_or(u64::MAX));
        let mut found = Vec::new();
        self.ask(span, |connection| {
            let mut query = connection.prepare(&sql)?;
            let rows = query.query_map(params_from_iter(&values), read_record)?;
            let left = records_max.saturating_sub(found.len());
            for record in rows.take(left) {
                found.push(record?);
            }
            Ok(found.len() < records_max)
        })?;
        Ok(found)
    }

    /// The records whose `RequestID` is `id`, or, of a session, whose `SessionID` is; the last one
    /// first. Of a record that was delivered in parts (interim) there are several.
    ///
    /// # Errors
    ///
    /// [`QueryError`].
    pub fn by_id(&self, id: &str) -> Result<Vec<Found>, QueryError> {
        let sql = format!(
            "SELECT time_ns, line FROM records WHERE key = ?1 ORDER BY time_ns DESC LIMIT {BY_ID_MAX}"
        );
        let mut found = Vec::new();
        self.ask((0, u64::MAX), |connection| {
            let mut query = connection.prepare(&sql)?;
            for record in query.query_map([id], read_record)? {
                found.push(record?);
            }
            Ok(found.len() < BY_ID_MAX)
        })?;
        Ok(found)
    }

    /// The sums of each minute of `minutes`, by minute and value; minutes without records are left
    /// out. Requests and sessions count alike unless `filter` names a kind; of the filter only the
    /// kind matters.
    ///
    /// # Errors
    ///
    /// [`QueryError`].
    pub fn series(
        &self,
        dimension: Dimension,
        minutes: &Minutes,
        filter: &Filter,
    ) -> Result<Vec<Point>, QueryError> {
        let mut points = self.sums(dimension, minutes, filter, "minute, value")?;
        points.sort_by(|a, b| (a.minute, &a.value).cmp(&(b.minute, &b.value)));
        Ok(points)
    }

    /// The `values_max` values of `dimension` with the most records in `minutes`, the greatest
    /// first, each summed up over all of them. Of the filter only the kind matters.
    ///
    /// # Errors
    ///
    /// [`QueryError`].
    pub fn top(
        &self,
        dimension: Dimension,
        minutes: &Minutes,
        filter: &Filter,
        values_max: usize,
    ) -> Result<Vec<Point>, QueryError> {
        let days = self.sums(dimension, minutes, filter, "value")?;
        let mut by_value = std::collections::BTreeMap::<String, Sum>::new();
        for point in days {
            by_value.entry(point.value).or_default().add(&point.sum);
        }
        let minute = minutes.0.start;
        let mut points: Vec<_> =
            by_value.into_iter().map(|(value, sum)| Point { minute, value, sum }).collect();
        points.sort_by(|a, b| b.sum.records.cmp(&a.sum.records).then(a.value.cmp(&b.value)));
        points.truncate(values_max);
        Ok(points)
    }

    fn sums(
        &self,
        dimension: Dimension,
        minutes: &Minutes,
        filter: &Filter,
        groups: &str,
    ) -> Result<Vec<Point>, QueryError> {
        let sql = format!(
            "SELECT minute, value, sum(records), sum(blocked), sum(bytes_up), sum(bytes_down), \
             sum(total_ms) FROM minutes WHERE dimension = ?1 AND minute >= ?2 AND minute < ?3 \
             AND (?4 IS NULL OR kind = ?4) GROUP BY {groups}"
        );
        let values = [
            Value::from(dimension.number()),
            Value::from(signed(minutes.0.start)),
            Value::from(signed(minutes.0.end)),
            Value::from(filter.kind.map(|kind| kind.as_str().to_owned())),
        ];
        let span =
            (minutes.0.start.saturating_mul(MINUTE_NS), minutes.0.end.saturating_mul(MINUTE_NS));
        let mut points = Vec::new();
        self.ask(span, |connection| {
            let mut query = connection.prepare(&sql)?;
            for point in query.query_map(params_from_iter(&values), read_point)? {
                points.push(point?);
            }
            Ok(true)
        })?;
        Ok(points)
    }

    /// Asks the files of the days in `span`, the last one first, until `ask` gives false.
    fn ask(
        &self,
        span: (u64, u64),
        mut ask: impl FnMut(&Connection) -> rusqlite::Result<bool>,
    ) -> Result<(), QueryError> {
        let until = Instant::now() + self.limit;
        let days = match Day::all(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            result => result
                .map_err(|source| QueryError::Folder { folder: self.folder.clone(), source })?,
        };
        let (first, last) = (Day::of(span.0), Day::of(span.1));
        for day in days.iter().rev().filter(|day| (&first..=&last).contains(day)) {
            let file = day.file(&self.folder);
            let result = schema::open_to_read(&file).and_then(|mut connection| {
                connection.progress_handler(STEPS, Some(move || Instant::now() >= until))?;
                ask(&connection)
            });
            match result {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                // Retention took it just now.
                Err(_) if !file.exists() => {}
                Err(error) => return Err(self.told(&error)),
            }
        }
        Ok(())
    }

    fn told(&self, error: &rusqlite::Error) -> QueryError {
        if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) {
            let limit_ms = u64::try_from(self.limit.as_millis()).unwrap_or(u64::MAX);
            return QueryError::TooLong { limit_ms };
        }
        QueryError::Sqlite(error.to_string())
    }
}

/// Records of one request or session that are given at most.
const BY_ID_MAX: usize = 1_000;

/// The conditions of a filter and their values.
fn conditions(filter: &Filter) -> (String, Vec<Value>) {
    let number = |n: Option<u64>| n.map(|n| Value::from(signed(n)));
    let text = |text: &Option<String>| text.clone().map(Value::from);
    let like = filter.text.as_ref().map(|text| {
        let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        Value::from(format!("%{escaped}%"))
    });
    let given = [
        ("time_ns >= ", number(filter.from_ns)),
        ("time_ns < ", number(filter.until_ns)),
        ("kind = ", filter.kind.map(|kind| Value::from(kind.as_str().to_owned()))),
        ("action = ", text(&filter.action)),
        ("policy = ", text(&filter.policy_id)),
        ("host = ", text(&filter.host)),
        ("source = ", text(&filter.source_ip)),
        ("protocol = ", text(&filter.protocol)),
        ("session = ", text(&filter.session_id)),
        ("status = ", filter.status.map(|status| Value::from(i64::from(status)))),
        ("line LIKE ", like),
    ];
    let (mut sql, mut values) = ("1".to_owned(), Vec::new());
    for (condition, value) in given {
        let Some(value) = value else { continue };
        values.push(value);
        sql.push_str(&format!(" AND {condition}?{}", values.len()));
        if condition.ends_with("LIKE ") {
            sql.push_str(" ESCAPE '\\'");
        }
    }
    (sql, values)
}

fn read_record(row: &Row<'_>) -> rusqlite::Result<Found> {
    Ok(Found { time_ns: unsigned(row.get(0)?), json: row.get(1)? })
}

fn read_point(row: &Row<'_>) -> rusqlite::Result<Point> {
    let sum = Sum {
        records: unsigned(row.get(2)?),
        blocked: unsigned(row.get(3)?),
        bytes_up: unsigned(row.get(4)?),
        bytes_down: unsigned(row.get(5)?),
        total_ms: unsigned(row.get(6)?),
    };
    Ok(Point { minute: unsigned(row.get(0)?), value: row.get(1)?, sum })
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
