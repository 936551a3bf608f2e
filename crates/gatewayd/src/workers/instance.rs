//! One `workerd` process: started, watched, connected to, seen off.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gateway_proxy::Entry;
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::process::Child;
use tokio::time::{Instant, sleep, timeout};
use tracing::info;

use super::capnp::{self, MAIN_SOCKET, PROBE_SOCKET, Secrets};
use super::{Base, lock};
use crate::drive::{Stream, Unix};
use crate::policy::WorkerSource;
use crate::random;

/// What `workerd` is told; it says on its standard output on which sockets it listens.
const ARGS: [&str; 5] = ["serve", "config.capnp", "config", "--control-fd", "1"];
/// How long a process may take to end after SIGTERM.
pub(super) const LAST_CALL: Duration = Duration::from_secs(2);
/// How often a process is asked whether it is well.
const PROBE: Duration = Duration::from_millis(500);
/// Idle connections kept with one process, and for how long: `workerd` closes them after 5 s, and a
/// request that meets the end of its connection is lost.
const IDLE_MAX: usize = 64;
const IDLE_KEEP: Duration = Duration::from_secs(3);
/// What a process says is told up to so many bytes a line.
const LINE_BYTES_MAX: usize = 2 << 10;

/// Why a process does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum StartError {
    /// A file could not be written.
    #[error("cannot write {}: {source}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is no new process.
    #[error("cannot start a process: {0}")]
    Spawn(io::Error),
    /// There are no random bytes.
    #[error(transparent)]
    Random(#[from] random::NoRandom),
    /// It ended before it listened.
    #[error("it ended at once ({status}): {said}")]
    Ended {
        /// How.
        status: ExitStatus,
        /// The end of what it said.
        said: String,
    },
    /// It does not listen in time.
    #[error("it does not listen after {} ms: {said}", .after.as_millis())]
    Late {
        /// The time it was given.
        after: Duration,
        /// The end of what it said.
        said: String,
    },
}

/// A process that serves, or did.
pub(crate) struct Instance {
    version: String,
    main: PathBuf,
    /// With the time since when they are idle.
    idle: Mutex<Vec<(Unix, Instant)>>,
    /// Whether new requests should not come here any more.
    retired: AtomicBool,
    busy: Arc<AtomicUsize>,
}

/// One request that is with a process.
pub(super) struct Busy(Arc<AtomicUsize>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// A process and what belongs to it, with its supervisor.
pub(super) struct Process {
    pub(super) instance: Arc<Instance>,
    child: Child,
    folder: PathBuf,
    probe: PathBuf,
    memory_bytes_max: u64,
    secrets: Secrets,
    base: Arc<Base>,
}

/// Why a process that served does no more.
#[derive(Debug, thiserror::Error)]
pub(super) enum Ended {
    #[error("its process ended ({0})")]
    Exit(ExitStatus),
    #[error("it did not answer for {} ms and was killed", .0.as_millis())]
    Hung(Duration),
    #[error("its process grew to {} MiB and was killed", .0 >> 20)]
    Grown(u64),
}

impl Instance {
    /// Starts a process for the code of `source`, and waits until it listens.
    pub(super) async fn start(
        base: &Arc<Base>,
        source: &WorkerSource,
    ) -> Result<Process, StartError> {
        let write = |path: &Path, source| StartError::Write { path: path.to_owned(), source };
        let folder = base.folder.of_process().map_err(|e| write(Path::new("a folder"), e))?;
        let (main, probe) = (folder.join("main.sock"), folder.join("probe.sock"));
        let secret = || Ok::<_, random::NoRandom>(hex(&random::bytes::<16>()?));
        let secrets = Secrets { next: secret()?, own: secret()? };
        let egress = base.folder.egress();
        let config = capnp::config(source, &secrets, [&egress, &main, &probe]);
        let mut files = vec![
            ("config.capnp".to_owned(), config.into_bytes()),
            ("host.js".to_owned(), capnp::host_module(&source.settings.main).into_bytes()),
        ];
        files.extend(source.modules.iter().map(|(p, c)| (format!("worker/{p}"), c.clone())));
        for (name, contents) in files {
            let path = folder.join(name);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent).map_err(|e| write(parent, e))?;
            }
            std::fs::write(&path, contents).map_err(|e| write(&path, e))?;
        }
        let entry = |secret: &String, hosts| Entry {
            secret: secret.clone(),
            worker: source.name.as_str().into(),
            hosts,
        };
        base.admit([
            entry(&secrets.next, None),
            entry(&secrets.own, Some(source.settings.hosts())),
        ]);
        let child =
            base.nursery.start(&base.workerd, &ARGS, &folder).await.map_err(StartError::Spawn)?;
        let instance = Arc::new(Self {
            version: source.version.clone(),
            main,
            idle: Mutex::default(),
            retired: AtomicBool::new(false),
            busy: Arc::default(),
        });
        let memory_bytes_max = u64::from(source.settings.memory_mib) << 20;
        let of = base.clone();
        let mut process =
            Process { instance, child, folder, probe, memory_bytes_max, secrets, base: of };
        match process.listens(&source.name, base.start).await {
            Ok(()) => Ok(process),
            Err(error) => {
                process.end().await;
                Err(error)
            }
        }
    }

    /// The version of the code that it runs.
    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// Counts one request that is with it.
    pub(super) fn busy(&self) -> Busy {
        self.busy.fetch_add(1, Ordering::AcqRel);
        Busy(self.busy.clone())
    }

    /// An idle connection.
    pub(super) fn idle(&self) -> Option<Stream> {
        loop {
            let (idle, since) = lock(&self.idle).pop()?;
            let mut stream = Stream::Unix(idle);
            if since.elapsed() < IDLE_KEEP && stream.is_quiet() {
                return Some(stream);
            }
        }
    }

    /// A connection: an idle one if there is, else a new one.
    pub(super) async fn connect(&self) -> Option<Stream> {
        if let Some(idle) = self.idle() {
            return Some(idle);
        }
        Unix::connect(&self.main).await.ok().map(Stream::Unix)
    }

    /// Keeps an idle connection for the next request.
    pub(crate) fn park(&self, stream: Stream) {
        let Stream::Unix(stream) = stream else { return };
        let mut idle = lock(&self.idle);
        if idle.len() < IDLE_MAX && !self.retired.load(Ordering::Acquire) {
            idle.push((stream, Instant::now()));
        }
    }

    /// No more requests come; those that are here may finish for as long as `drain`.
    pub(super) async fn retire(&self, drain: Duration) {
        self.retired.store(true, Ordering::Release);
        lock(&self.idle).clear();
        let until = Instant::now() + drain;
        while self.busy.load(Ordering::Acquire) > 0 && Instant::now() < until {
            sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Process {
    /// Waits until both sockets listen, then tells what it says on standard error as it comes.
    async fn listens(&mut self, name: &str, limit: Duration) -> Result<(), StartError> {
        let said = Arc::new(Mutex::new(String::new()));
        if let Some(stderr) = self.child.stderr.take() {
            tokio::spawn(tell(name.to_owned(), stderr, said.clone()));
        }
        let stdout = self.child.stdout.take();
        let ready = async {
            let mut lines = BufReader::new(stdout?).lines();
            let (mut main, mut probe) = (false, false);
            while let Ok(Some(line)) = lines.next_line().await {
                main |= line.contains(&format!("\"socket\":\"{MAIN_SOCKET}\""));
                probe |= line.contains(&format!("\"socket\":\"{PROBE_SOCKET}\""));
                if main && probe {
                    // It says nothing more there, but must not be stopped by saying it.
                    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                    return Some(());
                }
            }
            None
        };
        let so_far = || lock(&said).trim_end().to_owned();
        match timeout(limit, ready).await {
            Ok(Some(())) => Ok(()),
            Ok(None) => {
                let status = timeout(LAST_CALL, self.child.wait()).await;
                // What it said last may still be on its way.
                sleep(Duration::from_millis(50)).await;
                match status {
                    Ok(Ok(status)) => Err(StartError::Ended { status, said: so_far() }),
                    _ => Err(StartError::Late { after: limit, said: so_far() }),
                }
            }
            Err(_) => Err(StartError::Late { after: limit, said: so_far() }),
        }
    }

    /// Watches it until it serves no more; it is killed then, if it has not ended.
    pub(super) async fn watch(&mut self, health: Duration) -> Ended {
        let mut well = Instant::now();
        let mut probe = None;
        loop {
            let waited = tokio::select! {
                ended = self.child.wait() => return Ended::Exit(ended.unwrap_or_default()),
                asked = ask(&mut probe, &self.probe, well + health) => asked,
            };
            if waited {
                well = Instant::now();
                if let Some(bytes) =
                    self.child.id().and_then(memory).filter(|bytes| *bytes > self.memory_bytes_max)
                {
                    let _ = self.child.start_kill();
                    let _ = self.child.wait().await;
                    return Ended::Grown(bytes);
                }
                tokio::select! {
                    ended = self.child.wait() => return Ended::Exit(ended.unwrap_or_default()),
                    () = sleep(PROBE) => {}
                }
            } else if well.elapsed() >= health {
                let _ = self.child.start_kill();
                let _ = self.child.wait().await;
                return Ended::Hung(health);
            } else {
                sleep(PROBE / 10).await;
            }
        }
    }

    /// Ends the process, by request first.
    pub(super) async fn end(mut self) {
        let pid = self.child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        if let Some(pid) = pid {
            let _ = kill_process(pid, Signal::TERM);
            if timeout(LAST_CALL, self.child.wait()).await.is_err() {
                let _ = self.child.kill().await;
            }
        }
    }
}

/// The process itself ends with its handle.
impl Drop for Process {
    fn drop(&mut self) {
        self.base.expel([&self.secrets.next, &self.secrets.own]);
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Asks the process whether it is well, over a connection that is kept; false if it has not answered
/// by `until`, or the connection broke.
async fn ask(kept: &mut Option<UnixStream>, socket: &Path, until: Instant) -> bool {
    let asking = async {
        let mut stream = match kept.take() {
            Some(stream) => stream,
            None => UnixStream::connect(socket).await.ok()?,
        };
        stream.write_all(b"GET / HTTP/1.1\r\nHost: probe\r\n\r\n").await.ok()?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            if stream.read_buf(&mut head).await.ok()? == 0 {
                return None;
            }
        }
        *kept = Some(stream);
        Some(())
    };
    matches!(tokio::time::timeout_at(until, asking).await, Ok(Some(())))
}

/// The resident memory of a process in bytes (proc(5)).
fn memory(pid: u32) -> Option<u64> {
    let statm = std::fs::read_to_string(format!("/proc/{pid}/statm")).ok()?;
    let pages: u64 = statm.split(' ').nth(1)?.parse().ok()?;
    let page = u64::try_from(rustix::param::page_size()).ok()?;
    pages.checked_mul(page)
}

/// Tells on standard error what a process says there, and remembers the end of it.
async fn tell(name: String, from: tokio::process::ChildStderr, said: Arc<Mutex<String>>) {
    let mut lines = BufReader::new(from).split(b'\n');
    while let Ok(Some(mut line)) = lines.next_segment().await {
        line.truncate(LINE_BYTES_MAX);
        let line = String::from_utf8_lossy(&line);
        let line: String = line.chars().filter(|c| !c.is_control()).collect();
        info!(worker = name, "{line}");
        let mut said = lock(&said);
        if said.len() < LINE_BYTES_MAX {
            said.push_str(&line);
            said.push('\n');
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
