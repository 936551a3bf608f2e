//! How ClickHouse is reached, as plain values. Known in every build, so that a configuration means
//! the same everywhere; whether this build can deliver is another matter.

use std::path::PathBuf;
use std::time::Duration;

use crate::secret::SecretSource;

/// Where and how records go to ClickHouse.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClickhouseConfig {
    /// The HTTP interface, such as `https://clickhouse.example:8443`.
    pub url: String,
    /// The database. Default `gateway`.
    pub database: String,
    /// The table; `deploy/clickhouse/` has its definition. Default `records`.
    pub table: String,
    /// The user; empty for the server's default. Default empty.
    pub user: String,
    /// Where the password is read from. Default none.
    pub password: Option<SecretSource>,
    /// File of CA certificates to trust besides those of the system, PEM. Default none.
    pub ca: Option<PathBuf>,
    /// Whether the server is asked for its columns. Default asked.
    pub columns: ClickhouseColumns,
    /// How long one batch may take before it goes to the spool. Default 10 s.
    pub timeout: Duration,
    /// How long records gather before they are inserted: ClickHouse wants few large batches.
    /// Default 1 s.
    pub gather: Duration,
}

impl ClickhouseConfig {
    /// The defaults, for this address.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            database: "gateway".into(),
            table: "records".into(),
            user: String::new(),
            password: None,
            ca: None,
            columns: ClickhouseColumns::default(),
            timeout: Duration::from_secs(10),
            gather: Duration::from_secs(1),
        }
    }
}

/// Whether the columns of the table are compared with those that are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClickhouseColumns {
    /// The server is asked for their names and types; a table that does not fit is an error.
    #[default]
    Asked,
    /// They are taken as they should be. For servers before 21, which cannot be asked.
    Assumed,
}
