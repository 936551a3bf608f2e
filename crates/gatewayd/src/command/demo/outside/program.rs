//! A program of the system that runs for the demo: started, waited for, and ended with it.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// How long it may take to be there.
const START: Duration = Duration::from_secs(30);
/// How long it may take to end by itself once it has been asked to.
const END: Duration = Duration::from_secs(10);
/// How often either is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// A running program. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Program(Child);

impl Program {
    /// Starts `program`, which prints into the file `said`, and waits until it `answers`; gives the
    /// last it has said if it does not come so far.
    ///
    /// # Errors
    ///
    /// If `said` cannot be written.
    pub(super) fn start(
        program: &Path,
        arguments: &[&OsStr],
        said: &Path,
        answers: impl Fn() -> bool,
    ) -> io::Result<Result<Self, String>> {
        let out = File::create(said)?;
        let started = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(out.try_clone()?)
            .stderr(out)
            .spawn();
        let mut this = match started {
            Ok(child) => Self(child),
            Err(error) => return Ok(Err(error.to_string())),
        };
        let until = Instant::now() + START;
        while !answers() {
            if let Some(status) = this.0.try_wait()? {
                return Ok(Err(format!("{} ({status})", last_line(said))));
            }
            if Instant::now() > until {
                return Ok(Err(format!("it did not answer in {} s", START.as_secs())));
            }
            thread::sleep(LOOK);
        }
        Ok(Ok(this))
    }

    /// Whether it has ended, or does within its time.
    fn wait(&mut self) -> Option<ExitStatus> {
        let until = Instant::now() + END;
        while Instant::now() < until {
            if let Ok(Some(status)) = self.0.try_wait() {
                return Some(status);
            }
            thread::sleep(LOOK);
        }
        None
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Asked to end, it ends the processes that it has started too.
        let pid = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw);
        let asked = pid.is_some_and(|pid| kill_process(pid, Signal::TERM).is_ok());
        if !asked || self.wait().is_none() {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
}

fn last_line(said: &Path) -> String {
    let text = std::fs::read_to_string(said).unwrap_or_default();
    text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it says nothing").to_owned()
}
