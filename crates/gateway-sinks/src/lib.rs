//! The record's ways out: the terminal, the file of JSON lines, and what comes beside them.
//!
//! [`Sinks::start`] opens what a [`Config`] names and gives each sink a thread and a bounded queue.
//! [`Sinks::submit`] encodes a record once, for all sinks, and hands it over: it never waits. What a sink could not
//! take is counted and never passes in silence: the count stands in its [`Status`], and a record of
//! kind [`RecordKind::Loss`](gateway_log::RecordKind::Loss) goes to every sink. [`Sinks::close`]
//! writes out what waits.
//!
//! What a record holds, and how it is spelled, is the business of `gateway-log`.
//!
//! ```
//! use gateway_log::{Record, RecordKind};
//! use gateway_sinks::{Config, Sinks, Terminal};
//!
//! let folder = std::env::temp_dir().join(format!("gateway-sinks-doc-{}", std::process::id()));
//! std::fs::create_dir_all(&folder)?;
//! let mut config = Config::default();
//! config.records = folder.join("records.jsonl");
//! config.terminal = Terminal::Off;
//! let sinks = Sinks::start(&config)?;
//! sinks.submit(Record::new(RecordKind::Http));
//! assert_eq!(sinks.status()[0].sink, "file");
//! assert_eq!(sinks.close(), 0);
//! assert_eq!(std::fs::read_to_string(&config.records)?.lines().count(), 1);
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(feature = "clickhouse")]
mod clickhouse;
mod clickhouse_config;
mod config;
mod counters;
#[cfg(any(feature = "clickhouse", feature = "kafka", test))]
mod delivery;
mod entry;
mod file;
#[cfg(feature = "kafka")]
mod kafka;
mod kafka_config;
mod queue;
#[cfg(test)]
mod scratch;
mod secret;
mod sinks;
#[cfg(any(feature = "clickhouse", feature = "kafka", test))]
mod spool;
mod sqlite;
mod start_error;
mod terminal;

pub use clickhouse_config::{ClickhouseColumns, ClickhouseConfig};
pub use config::{Config, SpoolConfig, Terminal};
pub use counters::{LastError, Status};
pub use kafka_config::{KafkaCompression, KafkaConfig, KafkaMechanism, KafkaSasl, KafkaTls};
pub use secret::{Secret, SecretSource};
pub use sinks::Sinks;
pub use sqlite::{
    Archive, Dimension, Filter, Found, Minutes, Point, QueryError, SqliteConfig, Sum,
};
pub use start_error::StartError;

/// Whether this build delivers to Kafka: the feature `kafka`.
pub const HAS_KAFKA: bool = cfg!(feature = "kafka");

/// Whether this build delivers to ClickHouse: the feature `clickhouse`.
pub const HAS_CLICKHOUSE: bool = cfg!(feature = "clickhouse");
