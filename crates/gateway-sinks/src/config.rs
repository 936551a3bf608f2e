//! What sinks there are to be, as plain values with their defaults. Reads no file.

use std::path::PathBuf;

use crate::clickhouse_config::ClickhouseConfig;
use crate::kafka_config::KafkaConfig;
use crate::sqlite::SqliteConfig;

/// The sinks and their settings.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// File that gets one JSON object a line per record; empty for none. Default empty.
    pub records: PathBuf,
    /// What standard output gets. Default one readable line per record.
    pub terminal: Terminal,
    /// Records that may wait in the queue of each sink; what does not fit is counted and told.
    /// Default 16,384.
    pub queue_records_max: usize,
    /// SQLite on this machine. Default none.
    pub sqlite: Option<SqliteConfig>,
    /// Kafka. Default none.
    pub kafka: Option<KafkaConfig>,
    /// ClickHouse. Default none.
    pub clickhouse: Option<ClickhouseConfig>,
    /// Where records wait for a remote sink that does not answer.
    pub spool: SpoolConfig,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            records: PathBuf::new(),
            terminal: Terminal::default(),
            queue_records_max: 16_384,
            sqlite: None,
            kafka: None,
            clickhouse: None,
            spool: SpoolConfig::default(),
        }
    }
}

/// What standard output gets of each record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Terminal {
    /// One line for people.
    #[default]
    Human,
    /// The same JSON line as the file.
    Json,
    /// Nothing.
    Off,
}

/// Where records wait on disk for a remote sink that does not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpoolConfig {
    /// The folder; each sink has one of its own in it. Default `spool` in the working directory.
    pub folder: PathBuf,
    /// Bytes that may wait for each sink; what does not fit is lost and counted. 0 for no spool:
    /// then records wait in memory alone. Default 1 GiB.
    pub bytes_max: u64,
}

impl Default for SpoolConfig {
    fn default() -> Self {
        Self { folder: "spool".into(), bytes_max: 1 << 30 }
    }
}
