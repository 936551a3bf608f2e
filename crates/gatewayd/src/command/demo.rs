//! `gateway-proxy demo`: a gateway and an origin on this machine, a few requests, and what became
//! of each. Real sockets, real TLS, the real policy; nothing leaves the machine and nothing stays.

mod client;
mod datagrams;
mod origin;
mod wares;

use std::error::Error;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use gateway_h1h2::Version;
use gateway_sinks::{Archive, Filter, Sinks};
use serde_json::Value as Json;
use tokio::time::timeout;

use self::client::{Asked, Seen, Way};
use self::origin::Origin;
use super::Ended;
use crate::ca::{self, Wish};
use crate::config::{Ca, Config, SocksOffer, Terminal};
use crate::policy::{self, LoadedPolicy};
use crate::serve::{Gateway, Listeners, Live, Outlet, Serving, Shared};
use crate::startup::Whole;
use crate::{random, state};

/// A host whose connections the demo's policy does not look into.
const PRIVATE: &str = "bank.example";
/// A host like any other.
const PUBLIC: &str = "files.example";
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

/// One thing that the demo shows.
struct Step {
    title: &'static str,
    asked: Asked,
    /// What the client must see: the status, and whose certificate it is shown.
    status: u16,
    issuer: Issuer,
    /// What the record must say.
    action: &'static str,
    policy: &'static str,
}

/// Whose certificate a client is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Issuer {
    Gateway,
    Origin,
}

/// Runs the demo. Well only if every step went as it should.
pub(super) fn demo(out: &mut impl Write) -> Result<Ended, Box<dyn Error>> {
    let scratch = Scratch::new()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run(scratch.path(), out))
}

async fn run(dir: &Path, out: &mut impl Write) -> Result<Ended, Box<dyn Error>> {
    let origin = Origin::start(dir).await?;
    let config = config(dir, &origin);
    let policy = write_policy(&config.policy.dir)?;
    let (authority, _) = ca::load_or_make(&config.ca, &Wish::default())?;
    let gateway_ca = authority.cert_pem();
    let listeners = Listeners::bind(&config.entrances())?;
    let addresses = listeners.addresses();
    let proxy = *addresses.first().ok_or("no address to listen on")?;
    let records = config.log.records.clone();
    let archive = Archive::new(&config.log.sqlite.folder);
    let sinks = Arc::new(Outlet::new(Sinks::start(&config.sinks())?));
    let shared = Arc::new(Shared::new(sinks.clone())?);
    let gateway = Gateway::new(shared, Whole { config, authority, policy }, addresses)?;
    let serving = Serving::start(listeners, Arc::new(Live::new(gateway)));
    writeln!(out, "gateway on {proxy}, origin on {}\n", origin.address)?;
    let mut seen = Vec::new();
    for step in steps(origin.address.port()) {
        let asking = client::ask(proxy, &step.asked, &gateway_ca, origin.ca_pem());
        seen.push((timeout(STEP, asking).await.map_err(|_| "a step took too long")??, step));
    }
    let server = datagrams::serve().await?;
    let asking = datagrams::ask(proxy, server);
    let answered = timeout(STEP, asking).await.map_err(|_| "a step took too long")??;
    serving.end().await;
    drop(serving);
    sinks.close_sinks();
    let records = read_records(&records)?;
    let ended = [
        report(&seen, &records, out)?,
        report_datagrams(seen.len() + 1, answered, &records, out)?,
        ask_archive(&archive, &seen, out)?,
    ];
    Ok(ended.into_iter().find(|ended| *ended != Ended::Well).unwrap_or(Ended::Well))
}

fn steps(port: u16) -> [Step; 8] {
    let (version, way) = (Version::Http11, Way::Connect);
    let get = |host, path| Asked { host, port, path, body: None, version, way, message: None };
    [
        Step {
            title: "a clean download",
            asked: get(PUBLIC, "/report.txt"),
            status: 200,
            issuer: Issuer::Gateway,
            action: "allow",
            policy: "",
        },
        Step {
            title: "the EICAR test file",
            asked: get(PUBLIC, "/eicar.com"),
            status: 403,
            issuer: Issuer::Gateway,
            action: "block",
            policy: "malware",
        },
        Step {
            title: "the same in a ZIP archive in gzip coding",
            asked: get(PUBLIC, "/eicar.zip"),
            status: 403,
            issuer: Issuer::Gateway,
            action: "block",
            policy: "malware",
        },
        Step {
            title: "the same by a client that speaks HTTP/2, though the origin does not",
            asked: Asked { version: Version::Http2, ..get(PUBLIC, "/eicar.zip?h2") },
            status: 403,
            issuer: Issuer::Gateway,
            action: "block",
            policy: "malware",
        },
        Step {
            title: "an upload with a payment card number",
            asked: Asked { body: Some(wares::CARD), ..get(PUBLIC, "/upload") },
            status: 403,
            issuer: Issuer::Gateway,
            action: "block",
            policy: "cards",
        },
        Step {
            title: "the same upload by SOCKS 5, on the same port",
            asked: Asked {
                body: Some(wares::CARD),
                way: Way::Socks,
                ..get(PUBLIC, "/upload-by-socks")
            },
            status: 403,
            issuer: Issuer::Gateway,
            action: "block",
            policy: "cards",
        },
        Step {
            title: "the same as a message of a WebSocket (status: the close code)",
            asked: Asked { message: Some(wares::CARD), ..get(PUBLIC, wares::CHAT) },
            status: 1008,
            issuer: Issuer::Gateway,
            action: "block",
            policy: "cards",
        },
        Step {
            title: "a host that is not inspected, the EICAR test file on it",
            asked: get(PRIVATE, "/eicar.com"),
            status: 200,
            issuer: Issuer::Origin,
            action: "off",
            policy: "bank",
        },
    ]
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
    let well = blocked.map(|(_, step)| step.policy).eq(policies);
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
        writeln!(out, "   record      {}{rule}, {verdict}", text("Action"))?;
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
