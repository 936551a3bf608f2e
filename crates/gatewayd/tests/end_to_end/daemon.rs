//! A program of the system that serves on this host for one test, in a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::gateway::PATIENCE;

/// A program; it ends, and its folder goes, when this is dropped.
pub(crate) struct Daemon {
    child: Option<Child>,
    dir: PathBuf,
    program: &'static str,
    arguments: Vec<String>,
    answers: Box<dyn Fn() -> bool + Send + Sync>,
}

/// An empty folder for a program; its path is short enough for that of a socket within.
pub(crate) fn folder(program: &str) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let dir =
        std::env::temp_dir().join(format!("gateway-{program}-{}-{number}", std::process::id()));
    fs::create_dir_all(&dir).unwrap();
    dir
}

impl Daemon {
    /// Starts `program`, whose files are in `dir`, and waits until it `answers`.
    pub(crate) fn start(
        program: &'static str,
        arguments: &[&str],
        dir: PathBuf,
        answers: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Self {
        let arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        let answers = Box::new(answers);
        let mut daemon = Self { child: None, dir, program, arguments, answers };
        daemon.start_anew();
        daemon
    }

    /// Its folder.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Ends it in the middle of whatever it does.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Ends it, and what it has started, in order.
    pub(crate) fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
            let _ = child.wait();
        }
    }

    /// Starts it once more, as it was started first.
    pub(crate) fn start_anew(&mut self) {
        self.stop();
        let mut command = Command::new(self.program);
        command.args(&self.arguments).stdin(Stdio::null());
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        self.child = Some(child);
        let until = Instant::now() + PATIENCE;
        while !(self.answers)() {
            assert!(Instant::now() < until, "{}: {:?}", self.program, self.log());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// What it has written into the file `log`, if it does.
    fn log(&self) -> String {
        fs::read_to_string(self.dir.join("log")).unwrap_or_default()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.stop();
        let _ = fs::remove_dir_all(&self.dir);
    }
}
