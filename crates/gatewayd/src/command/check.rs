//! `gateway-proxy check`: whether the gateway would start, and with what. Changes nothing.

use std::error::Error;
use std::fmt::Display;
use std::io::{self, Write};

use super::Ended;
use crate::args::{CheckArgs, GlobalArgs, RunArgs};
use crate::ca::{self, Identity};
use crate::config::{self, Config};
use crate::policy::{self, LoadedPolicy};
use crate::{clock, icap, identity, scan_server, scanners, startup, workers};

/// Checks configuration, CA and policy, each whatever is wrong with the others.
pub(super) fn check(
    global: &GlobalArgs,
    args: &CheckArgs,
    out: &mut impl Write,
) -> Result<Ended, Box<dyn Error>> {
    let state = startup::state_dir(global)?;
    let run = RunArgs { policy: args.policy.clone(), ..RunArgs::default() };
    let loaded = match config::load(global.config.as_deref(), &state, &run) {
        Ok(loaded) => loaded,
        Err(error) => return wrong("configuration", error, out),
    };
    let config = &loaded.config;
    let file = loaded.file.as_deref().map(|file| file.display().to_string());
    let file = file.unwrap_or_else(|| "defaults, as there is no gateway.toml yet".to_owned());
    writeln!(out, "configuration  {file}")?;
    write_listeners(config, out)?;
    let mut ended = check_ca(config, out)?;
    if let Ended::Wrong = check_origin_cas(config, out)? {
        ended = Ended::Wrong;
    }
    if let Ended::Wrong = check_identity(config, out)? {
        ended = Ended::Wrong;
    }
    if let Ended::Wrong = check_sinks(config, out)? {
        ended = Ended::Wrong;
    }
    if let Err(error) = icap::Services::new(config) {
        ended = wrong("icap", error, out)?;
    }
    if let Err(error) = scan_server::tls_acceptor(&config.icap_server) {
        ended = wrong("icap_server", error, out)?;
    }
    write_quarantine(config, out)?;
    let policy_dir = &config.policy.dir;
    if loaded.file.is_none() && args.policy.is_none() && !policy_dir.exists() {
        writeln!(out, "policy         none yet; the first start writes the default one")?;
    } else {
        match policy::load(policy_dir, &config.av) {
            Ok(policy) => {
                write_policy(config, &policy, out)?;
                if let Err(error) = config::check_profiles(&loaded, &policy.dlp) {
                    ended = wrong("configuration", error, out)?;
                }
                if let Err(error) = workers::check(&config.workers, &policy) {
                    ended = wrong("workers", error, out)?;
                }
                if let Err(error) = scanners::check(config, &policy.scan_groups) {
                    ended = wrong("scan groups", error, out)?;
                }
            }
            Err(error) => ended = wrong("policy", error, out)?,
        }
    }
    let verdict = match ended {
        Ended::Well | Ended::Found => "ok",
        Ended::Wrong => "the gateway would not start",
    };
    writeln!(out, "{verdict}")?;
    out.flush()?;
    Ok(ended)
}

fn wrong(what: &str, error: impl Display, out: &mut impl Write) -> Result<Ended, Box<dyn Error>> {
    writeln!(out, "{what}: error\n{error}")?;
    out.flush()?;
    Ok(Ended::Wrong)
}

fn write_listeners(config: &Config, out: &mut impl Write) -> io::Result<()> {
    let join = |items: Vec<String>| items.join(", ");
    let listen = join(config.listen.iter().map(ToString::to_string).collect());
    let clients = join(config.clients.iter().map(ToString::to_string).collect());
    let clients = if clients.is_empty() { "loopback".to_owned() } else { clients };
    writeln!(out, "listen         {listen} for {clients}")
}

fn check_ca(config: &Config, out: &mut impl Write) -> Result<Ended, Box<dyn Error>> {
    if !config.ca.cert.exists() && !config.ca.key.exists() {
        writeln!(out, "CA             none yet; the first start makes one")?;
        return Ok(Ended::Well);
    }
    match ca::load(&config.ca) {
        Ok(authority) => {
            let identity = Identity::of(&authority);
            let until = clock::day(identity.valid_until_unix_s);
            writeln!(out, "CA             {}, valid until {until}", identity.subject)?;
            Ok(Ended::Well)
        }
        Err(error) => wrong("CA", error, out),
    }
}

fn check_origin_cas(config: &Config, out: &mut impl Write) -> Result<Ended, Box<dyn Error>> {
    let mut ended = Ended::Well;
    for file in &config.origin.extra_ca {
        match crate::origin_ca::load(file) {
            Ok(certificates) => {
                let (count, file) = (certificates.len(), file.display());
                writeln!(out, "origin CA      {file}: {count} certificates")?;
            }
            Err(error) => ended = wrong("origin CA", error, out)?,
        }
    }
    Ok(ended)
}

fn check_identity(config: &Config, out: &mut impl Write) -> Result<Ended, Box<dyn Error>> {
    let sources = match identity::load(&config.identity) {
        Ok(sources) => sources,
        Err(error) => return wrong("identity", error, out),
    };
    if config.identity != config::Identity::default() {
        let (users, keys) = sources.counts();
        let (networks, required) = (config.identity.network.len(), config.identity.required);
        let who = if required { "everybody" } else { "who offers credentials" };
        writeln!(out, "identity       of {who}")?;
        writeln!(out, "  users        {users}; keys {keys}; networks {networks}")?;
    }
    Ok(Ended::Well)
}

/// Where records go; and whether what the remote sinks need is there.
fn check_sinks(config: &Config, out: &mut impl Write) -> Result<Ended, Box<dyn Error>> {
    let sinks = config.sinks();
    let file = Some(sinks.records.display()).filter(|_| !sinks.records.as_os_str().is_empty());
    let sqlite = sinks.sqlite.as_ref().map(|sqlite| sqlite.folder.join("records-*.db"));
    let kafka = sinks.kafka.as_ref();
    let kafka = kafka.map(|kafka| format!("Kafka {} on {}", kafka.topic, kafka.brokers.join(", ")));
    let clickhouse = sinks.clickhouse.as_ref();
    let clickhouse = clickhouse.map(|to| format!("{}.{} on {}", to.database, to.table, to.url));
    let places = [
        file.map(|file| file.to_string()),
        sqlite.map(|files| files.display().to_string()),
        kafka,
        clickhouse.map(|clickhouse| format!("ClickHouse {clickhouse}")),
    ];
    let places: Vec<String> = places.into_iter().flatten().collect();
    let places = if places.is_empty() { "nowhere".to_owned() } else { places.join("; ") };
    writeln!(out, "records        {places}")?;
    match gateway_sinks::Sinks::check(&sinks) {
        Ok(()) => Ok(Ended::Well),
        Err(error) => wrong("records", error, out),
    }
}

fn write_quarantine(config: &Config, out: &mut impl Write) -> io::Result<()> {
    let settings = &config.quarantine;
    if !settings.is_on() {
        return writeln!(out, "quarantine     nowhere: what rules quarantine is refused only");
    }
    let sealed = if settings.key.is_empty() { "not sealed" } else { "sealed" };
    writeln!(out, "quarantine     {}, {sealed}", settings.dir.display())
}

fn write_policy(config: &Config, policy: &LoadedPolicy, out: &mut impl Write) -> io::Result<()> {
    let rules = policy.rules.rules();
    let enforcing = rules.iter().filter(|rule| rule.is_enforcing()).count();
    writeln!(out, "policy         {}", config.policy.dir.display())?;
    let logging = rules.len() - enforcing;
    writeln!(out, "  rules        {enforcing} enforced, {logging} logged only")?;
    let (profiles, entries) = (policy.dlp.profiles().count(), policy.dlp.entries().count());
    writeln!(out, "  DLP          {profiles} profiles of {entries} entries")?;
    writeln!(out, "  malware      {} signatures", policy.av.signatures())?;
    if !policy.workers.is_empty() {
        writeln!(out, "  workers      {}", policy.workers.len())?;
    }
    for warning in &policy.warnings {
        writeln!(out, "warning: {warning}")?;
    }
    Ok(())
}
