//! `gateway-proxy demo`: a gateway and an origin on this machine, a few requests, and what became
//! of each. Real sockets, real TLS, the real policy; nothing leaves the machine and nothing stays.

mod administration;
mod client;
mod datagrams;
mod origin;
mod steps;
mod wares;
mod worker;

use std::error::Error;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use gateway_sinks::{Archive, Filter, Sinks};
use serde_json::Value as Json;
use tokio::time::timeout;

use self::client::{Asked, Seen};
use self::origin::Origin;
use self::steps::{PRIVATE, PUBLIC, Step};
use super::Ended;
use crate::args::GlobalArgs;
use crate::ca::{self, Wish};
use crate::config::{Ca, Config, SocksOffer, Terminal};
use crate::identity;
use crate::policy::{self, LoadedPolicy};
use crate::serve::{Crew, Gateway, Listeners, Live, Outlet, Serving, Shared};
use crate::startup::Whole;
use crate::{random, state};
use administration::Administered;

/// How long one step may take.
const STEP: Duration = Duration::from_secs(20);

/// The rules of the demo: those of a new policy, with data loss blocked, and one host left alone.
const RULES: &str = r#"
[[rule]]
id = "bank"
name = "Banking is private"
layer = "http"
action = "off"
filter = 'net.sni.host == "bank.example"'

[[rule]]
id = "staff"
name = "For the staff alone"
layer = "http"
action = "block"
filter = 'http.request.uri.query contains "staff" and not any(identity.groups.name[*] == "staff")'

[[rule]]
id = "malware"
name = "Malware"
layer = "http"
action = "block"
filter = "av.infected"

[[rule]]
id = "cards"
name = "Payment card numbers stay here"
layer = "http"
action = "block"
filter = 'any(dlp.upload.profiles[*] == "financial")'
"#;

/// Whose certificate a client is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Issuer {
    Gateway,
    Origin,
}

/// Runs the demo. Well only if every step went as it should.
pub(super) fn demo(global: &GlobalArgs, out: &mut impl Write) -> Result<Ended, Box<dyn Error>> {
    let scratch = Scratch::new()?;
    let workerd = worker::workerd(global);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run(scratch.path(), workerd, out))
}

async fn run(
    dir: &Path,
    workerd: Option<PathBuf>,
    out: &mut impl Write,
) -> Result<Ended, Box<dyn Error>> {
    let origin = Origin::start(dir).await?;
    let mut config = config(dir, &origin);
    let mut policy = write_policy(&config.policy.dir)?;
    let mut steps = steps::all(origin.address.port());
    match workerd {
        Some(workerd) => {
            config.workers.workerd = workerd;
            policy = worker::add(&config.policy.dir)?;
            steps.push(worker::step(origin.address.port()));
        }
        None => writeln!(out, "no Worker is shown: neither gateway.toml nor PATH has a workerd")?,
    }
    let (authority, _) = ca::load_or_make(&config.ca, &Wish::default())?;
    write_users(&config.identity.users)?;
    let identity = identity::load(&config.identity)?;
    let gateway_ca = authority.cert_pem();
    let listeners = Listeners::bind(&config.entrances())?;
    let addresses = listeners.addresses();
    let proxy = *addresses.first().ok_or("no address to listen on")?;
    let records = config.log.records.clone();
    let archive = Archive::new(&config.log.sqlite.folder);
    let sinks = Arc::new(Outlet::new(Sinks::start(&config.sinks())?));
    let shared = Arc::new(Shared::new(sinks.clone(), Crew::start()?)?);
    shared.workers.commit(shared.workers.prepare(&config, &policy).await?);
    let gateway = Gateway::new(shared, Whole { config, authority, policy, identity }, addresses)?;
    let live = Arc::new(Live::new(gateway));
    let serving = Arc::new(Serving::start(listeners, live.clone()));
    let administered = Administered::start(dir, &live, &serving)?;
    writeln!(out, "gateway on {proxy}, origin on {}\n", origin.address)?;
    let mut seen = Vec::new();
    for step in steps {
        let asking = client::ask(proxy, &step.asked, &gateway_ca, origin.ca_pem());
        seen.push((timeout(STEP, asking).await.map_err(|_| "a step took too long")??, step));
    }
    let server = datagrams::serve().await?;
    let asking = datagrams::ask(proxy, server);
    let answered = timeout(STEP, asking).await.map_err(|_| "a step took too long")??;
    let why = timeout(STEP, administered.why()).await.map_err(|_| "a step took too long")??;
    administered.end().await;
    serving.end().await;
    drop((live, serving));
    sinks.close_sinks();
    let records = read_records(&records)?;
    let ended = [
        report(&seen, &records, out)?,
        report_datagrams(seen.len() + 1, answered, &records, out)?,
        administration::report(seen.len() + 2, &why, out)?,
        ask_archive(&archive, &seen, out)?,
    ];
    Ok(ended.into_iter().find(|ended| *ended != Ended::Well).unwrap_or(Ended::Well))
}

fn config(dir: &Path, origin: &Origin) -> Config {
    let loopback = Ipv4Addr::LOCALHOST;
    let mut config = Config {
        listen: vec![SocketAddr::from((loopback, 0))],
        connect_ports: vec![origin.address.port()],
        ca: Ca { cert: dir.join("ca.pem"), key: dir.join("ca.key") },
        ..Config::default()
    };
    config.socks.offer = SocksOffer::TcpAndUdp;
    config.origin.system_roots = false;
    config.origin.extra_ca = vec![origin.ca_file.clone()];
    config.origin.allow = "127.0.0.0/8".parse().into_iter().collect();
    for host in [PUBLIC, PRIVATE] {
        config.resolve.insert(host.to_owned(), vec![loopback.into()]);
    }
    config.policy.dir = dir.join("policy");
    config.identity.users = dir.join("users.toml");
    config.admin.socket = dir.join("admin.sock");
    config.admin.versions = dir.join("versions");
    config.log.records = dir.join("records.jsonl");
    config.log.sqlite.folder = dir.join("archive");
    config.log.terminal = Terminal::Off;
    config
}

fn write_policy(dir: &Path) -> Result<LoadedPolicy, Box<dyn Error>> {
    std::fs::create_dir(dir)?;
    std::fs::write(dir.join("rules.toml"), RULES)?;
    std::fs::write(dir.join("dlp.toml"), state::DLP_TOML)?;
    Ok(policy::load(dir)?)
}

/// Two users whose passwords are their names.
fn write_users(file: &Path) -> Result<(), Box<dyn Error>> {
    let mut text = String::new();
    for (name, group) in [("alice", "staff"), ("guest", "guests")] {
        let hash = identity::hash(name.as_bytes())?;
        text.push_str(&format!(
            "[[user]]\nname = \"{name}\"\npassword = \"{hash}\"\n\
             email = \"{name}@corp.example\"\ngroups = [\"{group}\"]\n"
        ));
    }
    Ok(std::fs::write(file, text)?)
}

fn read_records(file: &Path) -> Result<Vec<Json>, Box<dyn Error>> {
    let lines = std::fs::read_to_string(file)?;
    Ok(lines.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
}

/// Asks SQLite for what was blocked, as anybody can afterwards.
fn ask_archive(
    archive: &Archive,
    seen: &[(Seen, Step)],
    out: &mut impl Write,
) -> Result<Ended, Box<dyn Error>> {
    let mut blocked = Filter::default();
    blocked.action = Some("block".to_owned());
    let found = archive.last(&blocked, 10)?;
    writeln!(out, "SQLite, asked for what was blocked, has {} requests:", found.len())?;
    let mut policies = Vec::new();
    for record in found.iter().rev() {
        let json: Json = serde_json::from_str(&record.json)?;
        let text = |name: &str| json.get(name).and_then(Json::as_str).unwrap_or_default();
        writeln!(
            out,
            "   {} {} by rule \"{}\"",
            text("Datetime"),
            text("URL"),
            text("PolicyName")
        )?;
        let id = text("RequestID");
        if archive.by_id(id)?.iter().any(|again| again.json == record.json) {
            policies.push(text("PolicyID").to_owned());
        }
    }
    let blocked = seen.iter().filter(|(_, step)| step.action == "block");
    let mut expected: Vec<&str> = blocked.map(|(_, step)| step.policy).collect();
    // Records of connections that end side by side come in any order.
    expected.sort_unstable();
    policies.sort_unstable();
    let well = policies == expected;
    writeln!(out, "   {}\n", if well { "as expected" } else { "NOT AS EXPECTED" })?;
    out.flush()?;
    Ok(if well { Ended::Well } else { Ended::Found })
}

/// Prints what became of each step; well only if all is as it should be.
fn report(
    seen: &[(Seen, Step)],
    records: &[Json],
    out: &mut impl Write,
) -> Result<Ended, Box<dyn Error>> {
    let mut ended = Ended::Well;
    for (number, (seen, step)) in seen.iter().enumerate() {
        let record = records.iter().find(|record| is_of(record, step));
        let text = |name: &str| record.and_then(|r| r.get(name)?.as_str()).unwrap_or_default();
        let well = seen.status == step.status
            && seen.issuer == step.issuer
            && seen.version == step.asked.version
            && text("Action") == step.action
            && text("PolicyID") == step.policy;
        writeln!(out, "{}. {}", number + 1, step.title)?;
        let shown = match seen.issuer {
            Issuer::Gateway => "minted by the gateway",
            Issuer::Origin => "of the origin itself",
        };
        let (version, bytes) = (seen.version.number(), seen.bytes);
        let status = seen.status;
        writeln!(
            out,
            "   client saw  {status} in HTTP/{version}, {bytes} bytes, certificate {shown}"
        )?;
        let rule = match text("PolicyName") {
            "" => String::new(),
            name => format!(" by rule \"{name}\""),
        };
        let verdict = text("InspectionVerdict");
        let user = match text("Email") {
            "" => String::new(),
            email => format!(", user {email}"),
        };
        writeln!(out, "   record      {}{rule}, {verdict}{user}", text("Action"))?;
        writeln!(out, "   {}\n", if well { "as expected" } else { "NOT AS EXPECTED" })?;
        if !well {
            ended = Ended::Found;
        }
    }
    out.flush()?;
    Ok(ended)
}

/// Prints what became of the query by the relay of SOCKS.
fn report_datagrams(
    number: usize,
    answered: bool,
    records: &[Json],
    out: &mut impl Write,
) -> Result<Ended, Box<dyn Error>> {
    let flow = records.iter().find(|r| r.get("DetectedProtocol") == Some(&"dns".into()));
    let count = |name: &str| flow.and_then(|r| r.get(name)?.as_u64()).unwrap_or_default();
    let (sent, back) = (count("DatagramsSent"), count("ClientDatagramsSent"));
    let well = answered && (sent, back) == (1, 1);
    writeln!(out, "{number}. a query of DNS by the relay for datagrams of SOCKS 5")?;
    let saw = if answered { "its answer" } else { "something else" };
    writeln!(out, "   client saw  {saw}")?;
    writeln!(out, "   record      dns, {sent} datagram sent, {back} back")?;
    writeln!(out, "   {}\n", if well { "as expected" } else { "NOT AS EXPECTED" })?;
    Ok(if well { Ended::Well } else { Ended::Found })
}

/// Whether a record tells of a step: by its URL, or by its host where nothing is inspected.
fn is_of(record: &Json, step: &Step) -> bool {
    let is = |name: &str, value: &str| record.get(name).and_then(Json::as_str) == Some(value);
    let Asked { host, port, path, .. } = step.asked;
    match step.issuer {
        Issuer::Gateway => is("URL", &format!("https://{host}:{port}{path}")),
        Issuer::Origin => is("RecordType", "session") && is("HTTPHost", host),
    }
}

/// A folder of the demo's own that is gone when the demo is over.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self, Box<dyn Error>> {
        let name = format!("gateway-demo-{:016x}", u64::from_be_bytes(random::bytes()?));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path)?;
        Ok(Self(path))
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
