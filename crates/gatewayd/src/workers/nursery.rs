//! Starting processes that end when the gateway does, however it ends.
//!
//! The kernel kills a process that asked for it when the thread that started it ends
//! (`PR_SET_PDEATHSIG`, prctl(2)). The asking is done by this very program, which then becomes the
//! one that is wanted; the thread is one that lasts as long as the nursery.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;

use rustix::process::{Pid, Signal, getppid, set_parent_process_death_signal};
use tokio::process::{Child, Command};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use crate::args::BoundArgs;

/// This program, even after its file was replaced.
const SELF: &str = "/proc/self/exe";

/// A command to start, and where its process goes.
type Order = (Command, Handle, oneshot::Sender<io::Result<Child>>);

/// Starts processes. Those that still run when it is dropped are killed.
#[derive(Debug)]
pub(super) struct Nursery(mpsc::UnboundedSender<Order>);

impl Nursery {
    /// A nursery with its thread.
    pub(super) fn open() -> io::Result<Self> {
        let (orders, mut ordered) = mpsc::unbounded_channel::<Order>();
        thread::Builder::new().name("workers".to_owned()).spawn(move || {
            while let Some((mut command, runtime, to)) = ordered.blocking_recv() {
                let _entered = runtime.enter();
                // One that nobody waits for any more ends with its handle.
                let _ = to.send(command.spawn());
            }
        })?;
        Ok(Self(orders))
    }

    /// Starts `program` in `folder` with these arguments and nothing of the environment; its
    /// standard output and error can be read. It is killed when its handle is dropped.
    ///
    /// # Errors
    ///
    /// Of the system, when this program cannot be started anew. Where `program` cannot be run, the
    /// process says so on standard error and ends.
    pub(super) async fn start(
        &self,
        program: &Path,
        args: &[&str],
        folder: &Path,
    ) -> io::Result<Child> {
        let mut command = Command::new(SELF);
        command
            .args(["bound", "--to", &std::process::id().to_string()])
            .arg(program)
            .args(args)
            .current_dir(folder)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let (to, started) = oneshot::channel();
        let gone = || io::Error::other("the thread that starts processes has ended");
        self.0.send((command, Handle::current(), to)).map_err(|_| gone())?;
        started.await.map_err(|_| gone())?
    }
}

/// Why a process did not become the program that was wanted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum BoundError {
    /// The kernel does not bind it to the one that started it.
    #[error("cannot be bound to the process that started it: {0}")]
    Unbound(io::Error),
    /// Who started it has ended already.
    #[error("the process that started it has ended")]
    Orphan,
    /// The program cannot be run.
    #[error("cannot run {}: {source}", .path.display())]
    Run {
        /// The program.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Binds this process to the one that started it and becomes another program; comes back only when
/// that fails.
pub(crate) fn become_bound(args: &BoundArgs) -> BoundError {
    if let Err(error) = set_parent_process_death_signal(Some(Signal::KILL)) {
        return BoundError::Unbound(error.into());
    }
    // It may have ended before the kernel knew.
    if getppid().map(Pid::as_raw_pid) != Some(args.to) {
        return BoundError::Orphan;
    }
    let rest: &[OsString] = &args.args;
    let source = std::process::Command::new(&args.program).args(rest).exec();
    BoundError::Run { path: args.program.clone(), source }
}
