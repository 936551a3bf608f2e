//! The `[log]` part of the configuration in the form in which the sinks take it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use gateway_sinks::{
    ClickhouseColumns, ClickhouseConfig, KafkaCompression, KafkaConfig, KafkaMechanism, KafkaSasl,
    KafkaTls, SecretSource, SqliteConfig,
};

use super::log::{Clickhouse, Columns, Compression, Kafka, Sasl, Sqlite};
use super::{Config, Terminal};

impl Config {
    /// Where records go.
    pub(crate) fn sinks(&self) -> gateway_sinks::Config {
        let log = &self.log;
        let mut sinks = gateway_sinks::Config::default();
        sinks.records.clone_from(&log.records);
        sinks.terminal = match log.terminal {
            Terminal::Human => gateway_sinks::Terminal::Human,
            Terminal::Json => gateway_sinks::Terminal::Json,
            Terminal::Off => gateway_sinks::Terminal::Off,
        };
        sinks.queue_records_max = log.queue_records_max;
        sinks.sqlite = sqlite(&log.sqlite);
        sinks.kafka = kafka(&log.kafka);
        sinks.clickhouse = clickhouse(&log.clickhouse);
        sinks.spool.folder.clone_from(&log.spool.folder);
        sinks.spool.bytes_max = log.spool.bytes_max;
        sinks
    }
}

fn sqlite(sqlite: &Sqlite) -> Option<SqliteConfig> {
    let mut config = SqliteConfig::new(given(&sqlite.folder)?);
    config.days_max = sqlite.days_max;
    config.bytes_max = sqlite.bytes_max;
    Some(config)
}

fn kafka(kafka: &Kafka) -> Option<KafkaConfig> {
    if kafka.brokers.is_empty() {
        return None;
    }
    let mut config = KafkaConfig::new(kafka.brokers.clone());
    config.topic.clone_from(&kafka.topic);
    config.compression = match kafka.compression {
        Compression::Lz4 => KafkaCompression::Lz4,
        Compression::Snappy => KafkaCompression::Snappy,
        Compression::None => KafkaCompression::None,
    };
    config.tls = kafka.tls.then(|| {
        let mut tls = KafkaTls::default();
        tls.ca = given(&kafka.ca);
        tls.certificate = given(&kafka.certificate);
        tls.key = given(&kafka.key);
        tls
    });
    let mechanism = match kafka.sasl {
        Sasl::Off => None,
        Sasl::Plain => Some(KafkaMechanism::Plain),
        Sasl::ScramSha256 => Some(KafkaMechanism::ScramSha256),
        Sasl::ScramSha512 => Some(KafkaMechanism::ScramSha512),
    };
    let password = secret(&kafka.password_file, &kafka.password_env);
    config.sasl = mechanism.zip(password).map(|(mechanism, password)| KafkaSasl {
        mechanism,
        user: kafka.user.clone(),
        password,
    });
    config.timeout = Duration::from_millis(kafka.timeout_ms);
    Some(config)
}

fn clickhouse(clickhouse: &Clickhouse) -> Option<ClickhouseConfig> {
    if clickhouse.url.is_empty() {
        return None;
    }
    let mut config = ClickhouseConfig::new(&clickhouse.url);
    config.database.clone_from(&clickhouse.database);
    config.table.clone_from(&clickhouse.table);
    config.user.clone_from(&clickhouse.user);
    config.password = secret(&clickhouse.password_file, &clickhouse.password_env);
    config.ca = given(&clickhouse.ca);
    config.columns = match clickhouse.columns {
        Columns::Asked => ClickhouseColumns::Asked,
        Columns::Assumed => ClickhouseColumns::Assumed,
    };
    config.timeout = Duration::from_millis(clickhouse.timeout_ms);
    config.gather = Duration::from_millis(clickhouse.gather_ms);
    Some(config)
}

fn secret(file: &Path, variable: &str) -> Option<SecretSource> {
    let variable = (!variable.is_empty()).then(|| SecretSource::Variable(variable.to_owned()));
    given(file).map(SecretSource::File).or(variable)
}

fn given(path: &Path) -> Option<PathBuf> {
    (!path.as_os_str().is_empty()).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_those_of_the_sinks() {
        let mut config = Config::default();
        config.log.records = PathBuf::new();
        config.log.spool.folder = "spool".into();
        let mut expected = gateway_sinks::Config::default();
        expected.sqlite = Some(SqliteConfig::new("log"));
        assert_eq!(config.sinks(), expected);
        config.log.kafka.brokers = vec!["k:9092".into()];
        config.log.clickhouse.url = "http://c:8123".into();
        expected.kafka = Some(KafkaConfig::new(vec!["k:9092".into()]));
        expected.clickhouse = Some(ClickhouseConfig::new("http://c:8123"));
        assert_eq!(config.sinks(), expected);
    }

    #[test]
    fn who_the_gateway_is_reaches_the_sinks() {
        let text = "[log.kafka]\nbrokers = [\"k:9\"]\ntls = true\nca = \"ca.pem\"\n\
                    sasl = \"scram-sha-512\"\nuser = \"u\"\npassword_file = \"p\"\n\
                    [log.clickhouse]\nurl = \"http://c\"\npassword_env = \"P\"\n";
        let config: Config = toml::from_str(text).unwrap();
        let sinks = config.sinks();
        let kafka = sinks.kafka.unwrap();
        assert_eq!(kafka.tls.unwrap().ca, Some("ca.pem".into()));
        let sasl = kafka.sasl.unwrap();
        assert_eq!(sasl.mechanism, KafkaMechanism::ScramSha512);
        assert_eq!(sasl.password, SecretSource::File("p".into()));
        let password = sinks.clickhouse.unwrap().password;
        assert_eq!(password, Some(SecretSource::Variable("P".into())));
    }
}
