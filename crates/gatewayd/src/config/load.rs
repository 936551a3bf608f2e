//! From the file and the command line to one checked [`Config`].

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use gateway_rules::Diagnostic;

use super::{CheckError, Config, Icap, UnknownProfile, validate};
use crate::args::RunArgs;
use crate::place::Place;
use crate::toml_file::{self, TomlError};

/// A configuration that was read and checked.
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
    /// Its values; relative paths have been taken from the state folder.
    pub(crate) config: Config,
    /// The file that it came from, if there is one; otherwise all values are defaults.
    pub(crate) file: Option<PathBuf>,
    /// What the file held.
    text: String,
}

impl Loaded {
    /// The place of a key of the file, or of the nearest table above it that is there.
    pub(super) fn place_of(&self, path: &[&str]) -> Place {
        let file = self.file.as_deref().unwrap_or_else(|| Path::new("gateway.toml"));
        toml_file::place_of(file, &self.text, path)
    }
}

/// Why there is no configuration to start with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum ConfigError {
    /// The file cannot be read or parsed.
    #[error(transparent)]
    Toml(#[from] TomlError),
    /// An address to listen on is reachable by others, but nobody is named who may.
    #[error(
        "{from}: {address} can be reached from other hosts, which would make this an open proxy: \
         name the networks that may use it, such as clients = [\"10.0.0.0/8\"]"
    )]
    OpenProxy {
        /// Where the address was set.
        from: Setting,
        /// The address.
        address: SocketAddr,
    },
    /// An address of the monitor is reachable by others, but nobody is named who may ask.
    #[error(
        "{from}: {address} can be reached from other hosts: name the networks that may ask in \
         monitor.clients"
    )]
    OpenMonitor {
        /// Where the address was set.
        from: Setting,
        /// The address.
        address: SocketAddr,
    },
    /// Traces cannot be sent there.
    #[error("{from}: found `{found}`, expected {expected}")]
    Endpoint {
        /// Where the endpoint was set.
        from: Setting,
        /// The endpoint.
        found: String,
        /// What it may be.
        expected: &'static str,
    },
    /// A value lies outside its range.
    #[error("{from}: found {found}, expected {expected}")]
    Range {
        /// Where the value was set.
        from: Setting,
        /// The value.
        found: u64,
        /// The values that are possible.
        expected: Range,
    },
    /// A list that must not be empty is empty.
    #[error("{from}: found an empty list, expected at least one {what}")]
    Empty {
        /// Where the list was set.
        from: Setting,
        /// What it should hold.
        what: &'static str,
    },
    /// A setting is missing or does not go with another one.
    #[error("{from}: expected {what}")]
    Needs {
        /// Where it was set, or should be.
        from: Setting,
        /// What is missing.
        what: &'static str,
    },
    /// A value has a form that cannot be meant.
    #[error("{from}: found {found}, expected {expected}")]
    Value {
        /// Where it was set.
        from: Setting,
        /// What was found, in words.
        found: String,
        /// What is possible.
        expected: &'static str,
    },
    /// A condition is no filter.
    #[error("{from}: {diagnostic}")]
    Filter {
        /// Where it was set.
        from: Setting,
        /// What is wrong with it.
        diagnostic: Box<Diagnostic>,
    },
    /// A check of HTTP/1 cannot be set so.
    #[error("{from}: {source}")]
    Check {
        /// Where it was set.
        from: Setting,
        /// Why not.
        source: Box<CheckError>,
    },
    /// The policy does not have what is named.
    #[error("{from}: {source}")]
    Profile {
        /// Where it was named.
        from: Setting,
        /// What there is not.
        source: Box<UnknownProfile>,
    },
    /// This program was built without what is asked for.
    #[error("{from}: this gateway-proxy was built without {what}; build it with --features {what}")]
    NotBuilt {
        /// Where it was asked for.
        from: Setting,
        /// The feature.
        what: &'static str,
    },
    /// A name in `[resolve]` is not in the form in which names are looked up.
    #[error("{from}: found `{found}`, expected a host name in lower case such as `{meant}`")]
    HostName {
        /// Where it was set.
        from: Setting,
        /// The name.
        found: String,
        /// The form in which it would be looked up.
        meant: String,
    },
}

impl ConfigError {
    /// The place in the file, where it is about one.
    pub(crate) const fn place(&self) -> Option<&Place> {
        match self {
            Self::Toml(TomlError::Parse { place, .. }) => Some(place),
            Self::Toml(TomlError::Read { .. }) => None,
            Self::OpenProxy { from, .. }
            | Self::OpenMonitor { from, .. }
            | Self::Endpoint { from, .. }
            | Self::Range { from, .. }
            | Self::Empty { from, .. }
            | Self::Needs { from, .. }
            | Self::Check { from, .. }
            | Self::Filter { from, .. }
            | Self::HostName { from, .. }
            | Self::NotBuilt { from, .. }
            | Self::Profile { from, .. }
            | Self::Value { from, .. } => match from {
                Setting::File { place, .. } => Some(place),
                Setting::Flag(_) => None,
            },
        }
    }
}

/// The values that a number may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    /// The least.
    pub(crate) min: u64,
    /// The greatest.
    pub(crate) max: u64,
}

impl std::fmt::Display for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a number from {} to {}", self.min, self.max)
    }
}

/// Where a setting comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    /// A key of the configuration file.
    File {
        /// Its place.
        place: Place,
        /// Its name, with dots.
        key: String,
    },
    /// A flag of the command line.
    Flag(&'static str),
}

impl std::fmt::Display for Setting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File { place, key } => write!(f, "{place}: {key}"),
            Self::Flag(flag) => write!(f, "{flag}"),
        }
    }
}

/// Reads the configuration: `named` if the command line names a file, else `gateway.toml` in the
/// folder `state` if it is there, else the defaults; then the flags of `run` on top.
///
/// # Errors
///
/// [`ConfigError`] names the file, the line and what was expected.
pub(crate) fn load(
    named: Option<&Path>,
    state: &Path,
    run: &RunArgs,
) -> Result<Loaded, ConfigError> {
    let usual = state.join("gateway.toml");
    let file = named.unwrap_or(&usual);
    let text = match (toml_file::read(file), named) {
        (Ok(text), _) => Some(text),
        (Err(TomlError::Read { source, .. }), None) if source.kind() == io::ErrorKind::NotFound => {
            None
        }
        (Err(error), _) => return Err(error.into()),
    };
    let text_or_empty = text.as_deref().unwrap_or_default();
    let mut config: Config = toml_file::parse(file, text_or_empty)?;
    config.apply(run);
    validate::check(&config, file, text_or_empty, run)?;
    config.resolve_paths(state);
    let file = text.is_some().then(|| file.to_owned());
    Ok(Loaded { config, file, text: text.unwrap_or_default() })
}

impl Config {
    /// Puts the flags of `run` on top. Their paths start at the working directory, as everywhere
    /// on a command line.
    fn apply(&mut self, run: &RunArgs) {
        let here = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
        if !run.listen.is_empty() {
            self.listen.clone_from(&run.listen);
        }
        if let (Some(cert), Some(key)) = (&run.ca_cert, &run.ca_key) {
            self.ca.cert = here(cert);
            self.ca.key = here(key);
        }
        self.origin.extra_ca.extend(run.origin_ca.iter().map(here));
        if let Some(dir) = &run.policy {
            self.policy.dir = here(dir);
        }
    }

    /// Makes relative paths start at the folder `state`.
    fn resolve_paths(&mut self, state: &Path) {
        let Self {
            av,
            ca,
            origin,
            log,
            policy,
            admin,
            identity,
            workers,
            progress,
            quarantine,
            icap,
            icap_server,
            ..
        } = self;
        let paths = [&mut ca.cert, &mut ca.key, &mut policy.dir];
        let lists = origin.extra_ca.iter_mut().chain(&mut identity.device.ca);
        for path in paths.into_iter().chain(lists).chain(&mut av.certificates) {
            *path = state.join(&*path);
        }
        if !workers.workerd.as_os_str().is_empty() {
            workers.workerd = state.join(&workers.workerd);
        }
        let folders = [&mut progress.dir, &mut quarantine.dir];
        let inner = [&mut identity.users, &mut identity.jwt.jwks].into_iter().chain(folders);
        let icap = icap.iter_mut().flat_map(Icap::paths).chain(icap_server.paths());
        for path in log.paths().into_iter().chain(admin.paths()).chain(inner).chain(icap) {
            if !path.as_os_str().is_empty() {
                *path = state.join(&*path);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    fn load_text(text: &str, run: &RunArgs) -> Result<Config, String> {
        let folder = Scratch::new();
        folder.write("gateway.toml", text);
        load(None, folder.path(), run)
            .map(|loaded| loaded.config)
            .map_err(|error| error.to_string().replace(&folder.path().display().to_string(), ""))
    }

    #[test]
    fn without_a_file_everything_has_its_default() {
        let folder = Scratch::new();
        let loaded = load(None, folder.path(), &RunArgs::default()).unwrap();
        assert_eq!(loaded.file, None);
        assert_eq!(loaded.config.listen, Config::default().listen);
        assert_eq!(loaded.config.ca.key, folder.path().join("ca.key"));
        assert_eq!(loaded.config.log.records, folder.path().join("log/records.jsonl"));
        let named = folder.path().join("named.toml");
        let error = load(Some(&named), folder.path(), &RunArgs::default()).unwrap_err();
        assert!(error.to_string().contains("cannot read"), "{error}");
    }

    #[test]
    fn the_command_line_wins() {
        let run = RunArgs {
            listen: vec!["127.0.0.1:0".parse().unwrap()],
            ca_cert: Some("/x/c.pem".into()),
            ca_key: Some("/x/c.key".into()),
            origin_ca: vec!["/x/o.pem".into()],
            policy: Some("rules-here".into()),
        };
        let text = "listen = [\"127.0.0.1:1\"]\n[origin]\nextra_ca = [\"/y.pem\"]\n";
        let config = load_text(text, &run).unwrap();
        assert_eq!(config.listen, run.listen);
        assert_eq!(config.ca.cert, Path::new("/x/c.pem"));
        assert_eq!(config.origin.extra_ca, [Path::new("/y.pem"), Path::new("/x/o.pem")]);
        assert_eq!(config.policy.dir, std::env::current_dir().unwrap().join("rules-here"));
    }

    #[test]
    fn wrong_files_name_the_line_and_what_was_expected() {
        for (text, at, says) in [
            ("lisen = []", ":1:1", "did you mean `listen`?"),
            ("[limits]\nhead_byte_max = 1", ":2:1", "did you mean `head_bytes_max`?"),
            ("\n[timeouts]\nhead_ms = 0", ":3:1", "from 1 to"),
            ("listen = []", ":1:1", "at least one address"),
            ("connect_ports = [0]", ":1:1", "from 1 to 65535"),
            ("[dlp]\nshown_matches_max = 17", ":2:1", "from 0 to 16"),
            ("[dlp]\nheaders = [\"x note\"]", ":2:1", "the name of a field"),
            ("[dlp]\nmask = \"none\"", ":2:8", "unknown variant `none`"),
            ("[dlp]\npayload_key = \"AAAA\"", ":2:1", "as `gateway-proxy dlp key` prints it"),
            ("connect_ports = [65536]", ":1:18", "expected a whole number from 0 to 65535"),
            ("unknown_protocol = true", ":1:20", "one of `refuse`, `relay`"),
            ("http2 = true", ":1:9", "a table of `client`, `origin`, `streams_max`"),
            ("log = []", ":1:7", "a table of `records`, "),
            ("icap = true", ":1:8", "expected a list"),
            ("\nlisten = [\"0.0.0.0:8080\"]", ":2:1", "clients = [\"10.0.0.0/8\"]"),
            ("listen = [\"[::]:8080\"]", ":1:1", "open proxy"),
            ("clients = [\"10.0.0.1/8\"]", ":1:12", "write 10.0.0.0/8"),
            ("[resolve]\n\"Origin.Test.\" = [\"127.0.0.1\"]", ":2:1", "`origin.test`"),
            ("[resolve]\n\"a.test\" = []", ":2:1", "at least one address"),
            ("[identity]\nuser = \"a\"", ":2:1", "did you mean `users`?"),
            ("[identity]\nrequired = true", ":2:1", "a source"),
            ("[identity.jwt]\njwks = \"k\"", ":2:1", "`issuer`"),
            ("[identity.jwt]\njwks = \"k\"\nissuer = \"i\"", ":2:1", "`audience`"),
            ("[identity.jwt]\nalgorithms = [\"HS256\"]", ":2:15", "unknown variant `HS256`"),
            ("[identity.jwt]\nalgorithms = []", ":2:1", "at least one signature"),
            ("[identity.device]\nrequired = true", ":2:1", "`ca`"),
            ("[[identity.device.check]]\nid = \"a\"", ":1:19", "`organization`"),
            ("[[identity.network]]\nfrom = \"10.0.0.1/8\"", ":2:8", "write 10.0.0.0/8"),
            ("[identity]\nattempts_max = 0", ":2:1", "from 1 to"),
            ("[monitor]\nlisten = [\"0.0.0.0:1\"]", ":2:1", "monitor.clients"),
            ("[admin]\nlisten = [\"0.0.0.0:1\"]", ":2:1", "an address of loopback"),
            ("[admin]\nversions_max = 1", ":2:1", "from 2 to"),
            ("[[icap]]\nurl = \"icap://h/s\"", ":1:1", "icap.0.name: expected a `name`"),
            (
                "[[icap]]\nname = \"a\"\nurl = \"icap://h/s\"\nca = \"ca.pem\"",
                ":4:1",
                "icap.0.ca: expected a `url` that begins with icaps://",
            ),
            (
                "[[icap]]\nname = \"a\"\nurl = \"icaps://h/s\"\nkey = \"k.pem\"",
                ":4:1",
                "icap.0.key: expected a `certificate` beside it",
            ),
            (
                "[[icap]]\nname = \"a\"\nurl = \"icap://h/s\"\nopinion = \"all\"",
                ":4:1",
                "icap.0.opinion: expected `mode = \"scan\"`",
            ),
            (
                "[[icap]]\nname = \"a\"\nurl = \"icap://h/s\"\nmode = \"scan\"\nwhen = \"true\"",
                ":5:1",
                "icap.0.when: expected nothing of the kind",
            ),
            (
                "[[icap]]\nname = \"clamd\"\nurl = \"icap://h/s\"\nmode = \"scan\"",
                ":2:1",
                "icap.0.name: found `clamd`, expected a name that no other scanner has",
            ),
            (
                "[icap_server]\ntls_listen = [\"127.0.0.1:0\"]",
                ":2:1",
                "icap_server.tls_listen: expected a `certificate` and its `key`",
            ),
            (
                "[icap_server]\ntls_listen = [\"0.0.0.0:0\"]\ncertificate = \"a\"\nkey = \"b\"",
                ":2:1",
                "icap_server.clients",
            ),
            ("[[icap]]\nname = \"a\"\nurl = \"http://h/\"", ":3:1", "icap://host[:port]/service"),
            (
                "[[icap]]\nname = \"a\"\nurl = \"icap://h/s\"\n\n\
                 [[icap]]\nname = \"a\"\nurl = \"icap://h/s\"",
                ":6:1",
                "icap.1.name: found `a` once more",
            ),
            (
                "[[icap]]\nname = \"a\"\nurl = \"icap://h/s\"\nwhen = \"http.request.hst\"",
                ":4:1",
                "http.request.host",
            ),
            (
                "[[icap]]\nname = \"a\"\nurl = \"icap://h/s\"\nwhen = \"http.response.status_code == 200\"",
                ":4:1",
                "the request's head",
            ),
            (
                "[[icap]]\nname = \"a\"\nurl = \"icap://h/s\"\nmessages = \"responses\"\n\
                 when = \"av.infected\"",
                ":5:1",
                "not known yet",
            ),
            ("[[icap]]\nname = \"a\"\nurl = \"icap://h/s\"\nanswer_ms = 0", ":4:1", "from 1 to"),
            ("[[icap]]\nmessages = \"all\"", ":2:12", "`both`, `requests`, `responses`"),
            ("[otlp]\nendpoint = \"https://a.test\"", ":2:1", "http://127.0.0.1:4318"),
            ("[log]\nterminal = \"humans\"", ":2:12", "did you mean `human`?"),
            ("[log.kafka]\nbroker = []", ":2:1", "did you mean `brokers`?"),
            ("[log.clickhouse]\nurl = \"tcp://h:9000\"", ":2:1", "http:// or https://"),
            ("[log.spool]\nbytes_max = 5", ":2:1", "0 for no spool"),
            (
                "[http1]\norigin_checks = { field-folded = \"repair\", field-nam-blank = \"repair\" }",
                ":2:44",
                "did you mean `field-name-blank`?",
            ),
            (
                "[http1.client_checks]\nhead-nul = \"repair\"",
                ":2:1",
                "check `head-nul`: found `repair`, expected `reject`",
            ),
            (
                "[http1.client_checks]\nfield-folded = \"mend\"",
                ":2:1",
                "found `mend`, expected `reject` or `repair`",
            ),
            ("[log.sqlite]\n\ndays_max = 0", ":3:1", "from 1 to"),
            ("[socks]\noffer = \"udp\"", ":2:9", "`tcp+udp`"),
            ("[transparent]\ntproxy_udp = [\"0.0.0.0:1\"]", ":2:1", "open proxy"),
            ("[udp]\nflow_idle_ms = 999", ":2:1", "from 1000 to"),
            ("[udp]\nquic = \"inspect\"", ":2:8", "`refuse` or `relay`"),
            ("websocket = \"scan\"", ":1:13", "`inspect`, `rewrite`, `relay`, `strip`"),
        ] {
            let error = load_text(text, &RunArgs::default()).unwrap_err();
            let at = format!("/gateway.toml{at}: ");
            assert!(error.starts_with(&at) && error.contains(says), "{text:?}: {error}");
        }
    }

    #[test]
    fn listening_for_others_needs_named_clients() {
        let run = RunArgs { listen: vec!["0.0.0.0:0".parse().unwrap()], ..RunArgs::default() };
        let error = load_text("", &run).unwrap_err();
        assert!(error.starts_with("--listen: 0.0.0.0:0"), "{error}");
        assert!(load_text("clients = [\"10.0.0.0/8\"]", &run).is_ok());
        assert!(load_text("listen = [\"127.9.9.9:1\", \"[::1]:1\"]", &RunArgs::default()).is_ok());
    }
}
