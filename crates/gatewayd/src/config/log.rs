//! The table `[log]`: where records go.

use std::path::PathBuf;

use serde::Deserialize;

/// Where records go.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Log {
    /// File that gets one JSON object a line per record; empty for none. Default
    /// `log/records.jsonl`.
    pub(crate) records: PathBuf,
    /// What standard output gets. Default one readable line per record.
    pub(crate) terminal: Terminal,
    /// Records that may wait in the queue of each sink; what does not fit is counted and told.
    /// Default 16,384.
    pub(crate) queue_records_max: usize,
    /// SQLite on this machine.
    pub(crate) sqlite: Sqlite,
    /// Kafka.
    pub(crate) kafka: Kafka,
    /// ClickHouse.
    pub(crate) clickhouse: Clickhouse,
    /// Where records wait for Kafka and ClickHouse.
    pub(crate) spool: Spool,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            records: "log/records.jsonl".into(),
            terminal: Terminal::default(),
            queue_records_max: 16_384,
            sqlite: Sqlite::default(),
            kafka: Kafka::default(),
            clickhouse: Clickhouse::default(),
            spool: Spool::default(),
        }
    }
}

impl Log {
    /// Every path in it.
    pub(super) fn paths(&mut self) -> [&mut PathBuf; 9] {
        let Self { records, sqlite, kafka, clickhouse, spool, .. } = self;
        [
            records,
            &mut sqlite.folder,
            &mut kafka.ca,
            &mut kafka.certificate,
            &mut kafka.key,
            &mut kafka.password_file,
            &mut clickhouse.ca,
            &mut clickhouse.password_file,
            &mut spool.folder,
        ]
    }
}

/// What standard output gets of each record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Terminal {
    /// One line for people.
    #[default]
    Human,
    /// The same JSON line as the file.
    Json,
    /// Nothing.
    Off,
}

/// SQLite on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Sqlite {
    /// Folder of the files by day; empty for none. Default `log`.
    pub(crate) folder: PathBuf,
    /// Days that are kept, today included. Default 14.
    pub(crate) days_max: u32,
    /// Bytes of all files together. Default 10 GiB.
    pub(crate) bytes_max: u64,
}

impl Default for Sqlite {
    fn default() -> Self {
        Self { folder: "log".into(), days_max: 14, bytes_max: 10 << 30 }
    }
}

/// Kafka.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Kafka {
    /// Brokers to ask first, as `host:port`; none for no Kafka. Default none.
    pub(crate) brokers: Vec<String>,
    /// The topic. Default `gateway-records`.
    pub(crate) topic: String,
    /// How batches are packed. Default LZ4.
    pub(crate) compression: Compression,
    /// Whether brokers are spoken to in TLS. Default false.
    pub(crate) tls: bool,
    /// CA certificates to trust, PEM; empty for those of the system. Default empty.
    pub(crate) ca: PathBuf,
    /// The gateway's certificate, PEM; empty for none. Default empty.
    pub(crate) certificate: PathBuf,
    /// Its key, PEM; empty for none. Default empty.
    pub(crate) key: PathBuf,
    /// How the gateway shows who it is. Default off.
    pub(crate) sasl: Sasl,
    /// The user. Default empty.
    pub(crate) user: String,
    /// File whose first line is the password; empty for none. Default empty.
    pub(crate) password_file: PathBuf,
    /// Environment variable that holds the password; empty for none. Default empty.
    pub(crate) password_env: String,
    /// Milliseconds that one batch may take. Default 10 s.
    pub(crate) timeout_ms: u64,
}

impl Default for Kafka {
    fn default() -> Self {
        Self {
            brokers: Vec::new(),
            topic: "gateway-records".into(),
            compression: Compression::default(),
            tls: false,
            ca: PathBuf::new(),
            certificate: PathBuf::new(),
            key: PathBuf::new(),
            sasl: Sasl::default(),
            user: String::new(),
            password_file: PathBuf::new(),
            password_env: String::new(),
            timeout_ms: 10_000,
        }
    }
}

/// How batches are packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Compression {
    /// LZ4.
    #[default]
    Lz4,
    /// Snappy.
    Snappy,
    /// Not at all.
    None,
}

/// How the gateway shows who it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Sasl {
    /// Not at all.
    #[default]
    Off,
    /// By the password itself.
    Plain,
    /// SCRAM with SHA-256.
    #[serde(rename = "scram-sha-256")]
    ScramSha256,
    /// SCRAM with SHA-512.
    #[serde(rename = "scram-sha-512")]
    ScramSha512,
}

/// ClickHouse.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Clickhouse {
    /// The HTTP interface; empty for no ClickHouse. Default empty.
    pub(crate) url: String,
    /// The database. Default `gateway`.
    pub(crate) database: String,
    /// The table. Default `records`.
    pub(crate) table: String,
    /// The user; empty for the server's default. Default empty.
    pub(crate) user: String,
    /// File whose first line is the password; empty for none. Default empty.
    pub(crate) password_file: PathBuf,
    /// Environment variable that holds the password; empty for none. Default empty.
    pub(crate) password_env: String,
    /// CA certificates to trust besides those of the system, PEM; empty for none. Default empty.
    pub(crate) ca: PathBuf,
    /// Whether the server is asked for the table's columns. Default asked.
    pub(crate) columns: Columns,
    /// Milliseconds that one batch may take. Default 10 s.
    pub(crate) timeout_ms: u64,
    /// Milliseconds in which a batch gathers. Default 1 s.
    pub(crate) gather_ms: u64,
}

impl Default for Clickhouse {
    fn default() -> Self {
        Self {
            url: String::new(),
            database: "gateway".into(),
            table: "records".into(),
            user: String::new(),
            password_file: PathBuf::new(),
            password_env: String::new(),
            ca: PathBuf::new(),
            columns: Columns::default(),
            timeout_ms: 10_000,
            gather_ms: 1_000,
        }
    }
}

/// Whether a server is asked for the columns of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Columns {
    /// It is, and a table that does not fit is an error.
    #[default]
    Asked,
    /// They are taken as they should be.
    Assumed,
}

/// Where records wait for Kafka and ClickHouse while these do not answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Spool {
    /// The folder. Default `log/spool`.
    pub(crate) folder: PathBuf,
    /// Bytes that may wait for each sink; 0 for no spool. Default 1 GiB.
    pub(crate) bytes_max: u64,
}

impl Default for Spool {
    fn default() -> Self {
        Self { folder: "log/spool".into(), bytes_max: 1 << 30 }
    }
}
