//! What must hold of `[log]`.

use std::path::Path;

use super::super::load::{Range, Setting};
use super::super::log::{Clickhouse, Kafka, Log, Sasl};
use crate::config::ConfigError;

/// Checks `log`; `from` tells where a key was set.
pub(super) fn check(log: &Log, from: impl Fn(&[&str]) -> Setting) -> Result<(), ConfigError> {
    let queue = u64::try_from(log.queue_records_max).unwrap_or(u64::MAX);
    for (path, found, min, max) in [
        (&["log", "queue_records_max"][..], queue, 1, 1 << 24),
        (&["log", "sqlite", "days_max"], log.sqlite.days_max.into(), 1, 36_500),
        (&["log", "sqlite", "bytes_max"], log.sqlite.bytes_max, 1 << 20, 1 << 50),
        (&["log", "kafka", "timeout_ms"], log.kafka.timeout_ms, 1_000, 300_000),
        (&["log", "clickhouse", "timeout_ms"], log.clickhouse.timeout_ms, 1_000, 300_000),
        (&["log", "clickhouse", "gather_ms"], log.clickhouse.gather_ms, 1, 60_000),
    ] {
        if !(min..=max).contains(&found) {
            let expected = Range { min, max };
            return Err(ConfigError::Range { from: from(path), found, expected });
        }
    }
    let value = |path: &[&str], found: &str, expected| ConfigError::Value {
        from: from(path),
        found: found.to_owned(),
        expected,
    };
    let spool_bytes = log.spool.bytes_max;
    if spool_bytes != 0 && !(1 << 20..=1 << 50).contains(&spool_bytes) {
        let expected = "0 for no spool, or a number from 1048576 to 1125899906842624";
        return Err(value(&["log", "spool", "bytes_max"], &spool_bytes.to_string(), expected));
    }
    if spool_bytes != 0 && log.spool.folder.as_os_str().is_empty() {
        return Err(value(&["log", "spool", "folder"], "\"\"", "a folder"));
    }
    let (kafka, clickhouse) = (&log.kafka, &log.clickhouse);
    check_kafka(kafka, |key, found, expected| value(&["log", "kafka", key], found, expected))?;
    check_clickhouse(clickhouse, |key, found, expected| {
        value(&["log", "clickhouse", key], found, expected)
    })?;
    for (is_wanted, is_built, key, what) in [
        (!kafka.brokers.is_empty(), gateway_sinks::HAS_KAFKA, "brokers", "kafka"),
        (!clickhouse.url.is_empty(), gateway_sinks::HAS_CLICKHOUSE, "url", "clickhouse"),
    ] {
        if is_wanted && !is_built {
            return Err(ConfigError::NotBuilt { from: from(&["log", what, key]), what });
        }
    }
    Ok(())
}

type Problem = Result<(), ConfigError>;

fn check_kafka(kafka: &Kafka, value: impl Fn(&str, &str, &'static str) -> ConfigError) -> Problem {
    for broker in &kafka.brokers {
        let port = broker.rsplit_once(':').filter(|(host, _)| !host.is_empty());
        let is_broker = port.is_some_and(|(_, port)| port.parse::<u16>().is_ok_and(|p| p > 0))
            && !broker.contains([',', ' ', '/']);
        if !is_broker {
            return Err(value("brokers", &format!("{broker:?}"), "host:port"));
        }
    }
    let topic_char = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if !(1..=249).contains(&kafka.topic.len()) || !kafka.topic.chars().all(topic_char) {
        let expected = "1 to 249 ASCII letters, digits, dots, underscores and hyphens";
        return Err(value("topic", &format!("{:?}", kafka.topic), expected));
    }
    let tls_paths = [("ca", &kafka.ca), ("certificate", &kafka.certificate), ("key", &kafka.key)];
    for (key, path) in tls_paths {
        if !kafka.tls && is_given(path) {
            return Err(value(key, "a file", "tls = true beside it"));
        }
    }
    if is_given(&kafka.certificate) != is_given(&kafka.key) {
        return Err(value("certificate", "one of certificate and key", "both or none"));
    }
    match kafka.sasl {
        Sasl::Off => return Ok(()),
        Sasl::Plain if !kafka.tls => {
            return Err(value("sasl", "\"plain\" without TLS", "tls = true, or a SCRAM mechanism"));
        }
        Sasl::Plain | Sasl::ScramSha256 | Sasl::ScramSha512 => {}
    }
    if kafka.user.is_empty() {
        return Err(value("sasl", "no user", "user = \"…\" beside it"));
    }
    if is_given(&kafka.password_file) != kafka.password_env.is_empty() {
        return Err(value("sasl", "none or two of them", "one of password_file and password_env"));
    }
    Ok(())
}

fn check_clickhouse(
    clickhouse: &Clickhouse,
    value: impl Fn(&str, &str, &'static str) -> ConfigError,
) -> Problem {
    let url = clickhouse.url.as_str();
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    if !url.is_empty() && rest.is_none_or(|rest| rest.is_empty() || rest.contains(['@', '?'])) {
        let expected = "http:// or https:// with host and port, without user and query";
        // The address itself stays unsaid: it may hold a password.
        return Err(value("url", "another address", expected));
    }
    for (key, name) in [("database", &clickhouse.database), ("table", &clickhouse.table)] {
        if name.is_empty() {
            return Err(value(key, "\"\"", "a name"));
        }
    }
    if is_given(&clickhouse.password_file) && !clickhouse.password_env.is_empty() {
        return Err(value("password_file", "both", "one of password_file and password_env"));
    }
    Ok(())
}

fn is_given(path: &Path) -> bool {
    !path.as_os_str().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_text(text: &str, said: Option<(&str, &str)>) {
        let log: Log = toml::from_str(text).unwrap();
        let from = |path: &[&str]| Setting::File {
            place: crate::place::Place::of(Path::new("f"), "", 0),
            key: path.join("."),
        };
        let result = check(&log, from).map_err(|error| error.to_string());
        match (result, said) {
            (Ok(()), None) => {}
            (Err(error), Some((key, words))) => {
                assert!(error.contains(key) && error.contains(words), "{text}: {error}");
            }
            (result, said) => panic!("{text}: {result:?}, expected {said:?}"),
        }
    }

    #[test]
    fn what_cannot_be_meant_is_told() {
        for (text, key, words) in [
            ("[kafka]\nbrokers = [\"kafka\"]", "log.kafka.brokers", "host:port"),
            ("[kafka]\nbrokers = [\"k:0\"]", "log.kafka.brokers", "host:port"),
            ("[kafka]\ntopic = \"a b\"", "log.kafka.topic", "ASCII"),
            ("[kafka]\nca = \"x\"", "log.kafka.ca", "tls = true"),
            ("[kafka]\ntls = true\nkey = \"x\"", "log.kafka.certificate", "both or none"),
            ("[kafka]\nsasl = \"plain\"", "log.kafka.sasl", "without TLS"),
            ("[kafka]\nsasl = \"scram-sha-256\"", "log.kafka.sasl", "no user"),
            ("[kafka]\nsasl = \"scram-sha-512\"\nuser = \"u\"", "log.kafka.sasl", "one of"),
            ("[clickhouse]\nurl = \"http://u:p@h\"", "log.clickhouse.url", "without user"),
            ("[clickhouse]\ntable = \"\"", "log.clickhouse.table", "a name"),
            ("[spool]\nfolder = \"\"", "log.spool.folder", "a folder"),
        ] {
            check_text(text, Some((key, words)));
        }
        check_text(
            "[kafka]\nsasl = \"plain\"\ntls = true\nuser = \"u\"\npassword_env = \"P\"",
            None,
        );
        check_text("[spool]\nbytes_max = 0\nfolder = \"\"", None);
    }

    #[test]
    fn what_was_not_built_is_told() {
        let not_built = |is_built: bool, key| (!is_built).then_some((key, "built without"));
        check_text(
            "[kafka]\nbrokers = [\"k:9092\", \"[::1]:9092\"]",
            not_built(gateway_sinks::HAS_KAFKA, "log.kafka.brokers"),
        );
        check_text(
            "[clickhouse]\nurl = \"https://c:8443\"",
            not_built(gateway_sinks::HAS_CLICKHOUSE, "log.clickhouse.url"),
        );
    }
}
