//! `gateway-proxy demo`: a gateway and an origin on this machine, a few requests, and what became
//! of each. Real sockets, real TLS, the real policy; nothing leaves the machine and nothing stays.

mod administration;
mod client;
mod datagrams;
mod origin;
mod outside;
mod reloading;
mod report;
mod stage;
mod steps;
mod wares;
mod watching;
mod words;
mod worker;

use std::error::Error;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gateway_sinks::Archive;
use serde_json::Value as Json;
use tokio::time::timeout;

use self::client::{Seen, Trusted};
use self::origin::Origin;
use self::outside::Outside;
use self::reloading::Asking;
use self::stage::Stage;
use self::steps::Step;
use self::watching::Counted;
use super::Ended;
use super::running::{Opened, Running};
use crate::args::{GlobalArgs, RunArgs};
use crate::config::Log;
use crate::{random, reload, startup};

/// How long one step may take.
const STEP: Duration = Duration::from_secs(60);

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
    if workerd.is_none() {
        writeln!(out, "skipped: no Worker, as neither gateway.toml nor PATH has a workerd")?;
    }
    let outside = Outside::start(scratch.path(), &std::env::var_os("PATH").unwrap_or_default())?;
    for (what, why) in outside.missing() {
        writeln!(out, "skipped: {what}, as {why}")?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run(scratch.path(), &outside, workerd, out))
}

async fn run(
    dir: &Path,
    outside: &Outside,
    workerd: Option<PathBuf>,
    out: &mut impl Write,
) -> Result<Ended, Box<dyn Error>> {
    let origin = Origin::start(dir).await?;
    let stage = Stage::set(dir, &origin, outside, workerd.as_deref())?;
    let (flags, run) = (stage.flags(), RunArgs::default());
    let ready = startup::prepare(&flags, &run)?;
    let seen = reload::look(&ready.whole.config, &flags);
    let (log, socket) = (ready.whole.config.log.clone(), ready.whole.config.admin.socket.clone());
    let gateway_ca = ready.whole.authority.cert_pem();
    let opened = Opened::open(&ready.whole).await?;
    let scene = Scene {
        proxy: *opened.addresses.proxies.first().ok_or("no address to listen on")?,
        monitor: *opened.addresses.watched.first().ok_or("no address to watch at")?,
        socket,
        trusted: Trusted { gateway: &gateway_ca, origin: origin.ca_pem() },
        port: origin.address.port(),
        stage,
    };
    let running = opened.run(ready.whole, seen, &flags, &run)?;
    writeln!(out, "gateway on {}, origin on {}\n", scene.proxy, origin.address)?;
    let steps = steps::all(scene.port, outside, workerd.as_deref());
    let shown = scene.show(steps, &running).await?;
    running.end().await;
    shown.report(&log, out)
}

/// Where the demo takes place.
struct Scene<'a> {
    proxy: SocketAddr,
    monitor: SocketAddr,
    /// The unix socket of the admin API.
    socket: PathBuf,
    trusted: Trusted<'a>,
    /// The origin's.
    port: u16,
    stage: Stage,
}

impl Scene<'_> {
    /// Does everything that is to be shown.
    async fn show(&self, steps: Vec<Step>, running: &Running) -> Result<Shown, Box<dyn Error>> {
        let mut seen = Vec::new();
        for step in steps {
            let asking = client::ask(self.proxy, &step.asked, &self.trusted);
            seen.push((in_time(asking).await?, step));
        }
        let server = datagrams::serve().await?;
        let answered = in_time(datagrams::ask(self.proxy, server)).await?;
        let why = in_time(administration::why(&self.socket)).await?;
        let blocked = seen.iter().filter(|(_, step)| step.action == "block").count();
        let counted = in_time(watching::counted(self.monitor, blocked)).await?;
        let plain = steps::plain(self.port);
        let asking = Asking { proxy: self.proxy, plain, trusted: self.trusted };
        let changing = reloading::show(&self.stage, &running.reloader, &asking);
        let reloaded = in_time(changing).await?;
        Ok(Shown { seen, answered, why, counted, blocked, reloaded })
    }
}

async fn in_time<T>(
    step: impl Future<Output = Result<T, Box<dyn Error>>>,
) -> Result<T, Box<dyn Error>> {
    timeout(STEP, step).await.map_err(|_| "a step took too long")?
}

/// What came of it.
struct Shown {
    seen: Vec<(Seen, Step)>,
    /// Whether the query of DNS was answered.
    answered: bool,
    /// What the admin API said.
    why: Json,
    counted: Counted,
    /// Requests that were to be blocked, without those of the last step.
    blocked: usize,
    reloaded: reloading::Shown,
}

impl Shown {
    /// Prints all of it, with the records that `log` names. Well only if all is as it should be.
    fn report(&self, log: &Log, out: &mut impl Write) -> Result<Ended, Box<dyn Error>> {
        let records = report::read_records(&log.records)?;
        let archive = Archive::new(&log.sqlite.folder);
        let steps = self.seen.len();
        let blocked = self.seen.iter().filter(|(_, step)| step.action == "block");
        let rules = blocked.map(|(_, step)| step.policy).chain([reloading::RULE]).collect();
        let ended = [
            report::report(&self.seen, &records, out)?,
            report::report_datagrams(steps + 1, self.answered, &records, out)?,
            administration::report(steps + 2, &self.why, out)?,
            watching::report(steps + 3, &self.counted, self.blocked, out)?,
            reloading::report(steps + 4, &self.reloaded, out)?,
            report::ask_archive(&archive, rules, out)?,
        ];
        Ok(ended.into_iter().find(|ended| *ended != Ended::Well).unwrap_or(Ended::Well))
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
