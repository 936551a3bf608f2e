//! `[[icap]]`: services that messages go through, and that may change them, or that get copies of bodies
//! to look for malware in.

use std::path::PathBuf;

use gateway_h1h2::icap::{Service, ServiceScheme};
use gateway_rules::{Diagnostic, Filter, ParseOptions, Phase, Scheme, Yields};
use serde::Deserialize;

use super::load::{ConfigError, Range, Setting};
use super::{Hold, OnError, Opinion};

/// A service.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Icap {
    /// Its name in records and on pages.
    pub(crate) name: String,
    /// Where it is: `icap://host[:port]/service`, or `icaps://` for TLS.
    pub(crate) url: String,
    /// Whose certificates it is trusted by, PEM; empty for those of the system, the default.
    pub(crate) ca: PathBuf,
    /// The name that its certificate must be for; empty for the host in `url`, the default.
    pub(crate) server_name: String,
    /// The certificate that is shown to it, PEM; empty for none, the default.
    pub(crate) certificate: PathBuf,
    /// The key of that, PEM.
    pub(crate) key: PathBuf,
    /// What it is there for. Default to change messages.
    pub(crate) mode: IcapMode,
    /// What a body waits for that it scans. Default the tail of `hold_tail_bytes`.
    pub(crate) hold: Hold,
    /// What its verdict counts for beside those of other scanners. Default any.
    pub(crate) opinion: Opinion,
    /// What it means if it gives back something else than it was given. Default that it has found
    /// something.
    pub(crate) changed: Changed,
    /// Bytes of a body that it is given to scan. Default 25 MiB.
    pub(crate) bytes_max: u64,
    /// Which messages go through it, or are copied. Default both.
    pub(crate) messages: Messages,
    /// Which of these: a filter over what is known when their head has come; empty for all, the
    /// default.
    pub(crate) when: String,
    /// What becomes of a message that it fails on. Default block.
    pub(crate) on_error: OnError,
    /// Bytes of a body that are kept so that the original can go on. Default 1 MiB.
    pub(crate) kept_bytes_max: u64,
    /// Connections at a time; fewer if the service wants fewer. Default 16.
    pub(crate) connections_max: usize,
    /// To wait for a turn, and to connect, each. Default 1 s.
    pub(crate) connect_ms: u64,
    /// Without the service taking a byte. Default 10 s.
    pub(crate) send_ms: u64,
    /// Without a byte of its answer, once it has what it waits for. Default 30 s.
    pub(crate) answer_ms: u64,
}

impl Default for Icap {
    fn default() -> Self {
        Self {
            name: String::new(),
            url: String::new(),
            ca: PathBuf::new(),
            server_name: String::new(),
            certificate: PathBuf::new(),
            key: PathBuf::new(),
            mode: IcapMode::default(),
            hold: Hold::default(),
            opinion: Opinion::default(),
            changed: Changed::default(),
            bytes_max: 25 << 20,
            messages: Messages::default(),
            when: String::new(),
            on_error: OnError::default(),
            kept_bytes_max: 1 << 20,
            connections_max: 16,
            connect_ms: 1_000,
            send_ms: 10_000,
            answer_ms: 30_000,
        }
    }
}

/// What a service is there for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum IcapMode {
    /// Messages go through it.
    #[default]
    Change,
    /// It gets copies, and what counts is what it says of them.
    Scan,
}

/// What a scan comes to that names nothing found, but gives back something else than was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Changed {
    /// Something was found.
    #[default]
    Found,
    /// Nothing was.
    Clean,
}

/// Which messages go through a service, or are copied to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Messages {
    /// Requests and responses.
    #[default]
    Both,
    /// Requests.
    Requests,
    /// Responses.
    Responses,
}

impl Icap {
    /// The files that it names.
    pub(crate) fn paths(&mut self) -> [&mut PathBuf; 3] {
        [&mut self.ca, &mut self.certificate, &mut self.key]
    }

    /// The condition on messages, if there is one.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub(crate) fn condition(&self) -> Result<Option<Filter>, Box<Diagnostic>> {
        if self.when.is_empty() {
            return Ok(None);
        }
        let options = ParseOptions { yields: Yields::Bool, ..ParseOptions::default() };
        match Filter::parse(&Scheme::gateway(), &self.when, &options) {
            Ok(filter) => Ok(Some(filter)),
            Err(error) => match error.diagnostics().first() {
                Some(first) => Err(Box::new(first.clone())),
                None => Ok(None),
            },
        }
    }

    /// The last phase whose facts a condition may read.
    const fn phase_max(&self) -> Phase {
        match self.messages {
            Messages::Responses => Phase::ResponseHead,
            Messages::Both | Messages::Requests => Phase::RequestHead,
        }
    }
}

/// Checks all services.
pub(super) fn check(all: &[Icap], from: impl Fn(&[&str]) -> Setting) -> Result<(), ConfigError> {
    for (number, icap) in all.iter().enumerate() {
        let at = number.to_string();
        let of = |key: &str| from(&["icap", &at, key]);
        if icap.name.is_empty() {
            return Err(ConfigError::Needs { from: of("name"), what: "a `name`" });
        }
        if all.iter().take(number).any(|other| other.name == icap.name) {
            let found = format!("`{}` once more", icap.name);
            let expected = "a name that no other service has";
            return Err(ConfigError::Value { from: of("name"), found, expected });
        }
        let Ok(service) = Service::parse(&icap.url) else {
            let expected = "icap://host[:port]/service or icaps://host[:port]/service";
            let (from, found) = (of("url"), icap.url.clone());
            return Err(ConfigError::Endpoint { from, found, expected });
        };
        check_tls(icap, service.scheme(), of)?;
        check_mode(icap, of)?;
        let condition = icap
            .condition()
            .map_err(|diagnostic| ConfigError::Filter { from: of("when"), diagnostic })?;
        let later = |phase: Phase| phase > icap.phase_max() || phase == Phase::RequestBody;
        if condition.is_some_and(|filter| filter.phases().iter().any(later)) {
            let found = "a field that is not known yet".to_owned();
            let expected = match icap.messages {
                Messages::Responses => "fields of the connection and of heads",
                Messages::Both | Messages::Requests => {
                    "fields of the connection and of the request's head"
                }
            };
            return Err(ConfigError::Value { from: of("when"), found, expected });
        }
        for (key, found, min, max) in numbers(icap) {
            if !(min..=max).contains(&found) {
                let expected = Range { min, max };
                return Err(ConfigError::Range { from: of(key), found, expected });
            }
        }
    }
    Ok(())
}

/// Whether what is said of TLS is of use.
fn check_tls(
    icap: &Icap,
    scheme: ServiceScheme,
    of: impl Fn(&str) -> Setting,
) -> Result<(), ConfigError> {
    let Icap { ca, server_name, certificate, key, .. } = icap;
    let [has_ca, has_certificate, has_key] =
        [ca, certificate, key].map(|it| !it.as_os_str().is_empty());
    let given = [
        ("ca", has_ca),
        ("server_name", !server_name.is_empty()),
        ("certificate", has_certificate),
        ("key", has_key),
    ];
    if let (Some((key, _)), ServiceScheme::Icap) = (given.iter().find(|(_, it)| *it), scheme) {
        let what = "a `url` that begins with icaps://, without which there is no TLS";
        return Err(ConfigError::Needs { from: of(key), what });
    }
    match (has_certificate, has_key) {
        (true, false) => {
            Err(ConfigError::Needs { from: of("certificate"), what: "a `key` beside it" })
        }
        (false, true) => {
            Err(ConfigError::Needs { from: of("key"), what: "a `certificate` beside it" })
        }
        (true, true) | (false, false) => Ok(()),
    }
}

/// Whether what is said goes with what the service is there for.
fn check_mode(icap: &Icap, of: impl Fn(&str) -> Setting) -> Result<(), ConfigError> {
    let usual = Icap::default();
    let of_scans = [
        ("hold", icap.hold != usual.hold),
        ("opinion", icap.opinion != usual.opinion),
        ("changed", icap.changed != usual.changed),
        ("bytes_max", icap.bytes_max != usual.bytes_max),
    ];
    match icap.mode {
        IcapMode::Change => match of_scans.iter().find(|(_, is_given)| *is_given) {
            Some((key, _)) => {
                let what = "`mode = \"scan\"`, which it belongs to";
                Err(ConfigError::Needs { from: of(key), what })
            }
            None => Ok(()),
        },
        IcapMode::Scan if !icap.when.is_empty() => {
            let what = "nothing of the kind: which bodies are scanned, and by whom, rules say";
            Err(ConfigError::Needs { from: of("when"), what })
        }
        IcapMode::Scan if ["gateway", "clamd"].contains(&&*icap.name) => {
            let found = format!("`{}`", icap.name);
            let expected = "a name that no other scanner has";
            Err(ConfigError::Value { from: of("name"), found, expected })
        }
        IcapMode::Scan => Ok(()),
    }
}

/// The keys with their values and what these may be.
fn numbers(icap: &Icap) -> [(&'static str, u64, u64, u64); 6] {
    let connections = u64::try_from(icap.connections_max).unwrap_or(u64::MAX);
    [
        ("bytes_max", icap.bytes_max, 1 << 10, 1 << 32),
        ("kept_bytes_max", icap.kept_bytes_max, 4 << 10, 64 << 20),
        ("connections_max", connections, 1, 1 << 12),
        ("connect_ms", icap.connect_ms, 1, super::validate::DAY_MS),
        ("send_ms", icap.send_ms, 1, super::validate::DAY_MS),
        ("answer_ms", icap.answer_ms, 1, super::validate::DAY_MS),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::state::GATEWAY_TOML;

    #[test]
    fn the_default_file_shows_a_service_with_its_defaults() {
        let from = GATEWAY_TOML.lines().skip_while(|line| *line != "# [[icap]]");
        let shown: Vec<&str> = from.map_while(|line| line.strip_prefix("# ")).collect();
        let config: Config = toml::from_str(&shown.join("\n")).unwrap();
        let url = "icap://127.0.0.1:1344/virus_scan".to_owned();
        assert_eq!(config.icap, [Icap { name: "av".into(), url, ..Icap::default() }]);
        assert_eq!(shown.iter().filter(|line| line.contains(" = ")).count(), 19);
    }
}
