//! A clamd of its own for the bench: its settings, its socket, and the CPU time that it takes.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::{During, Failure};

/// How long it may take to load its signatures.
const PATIENCE: Duration = Duration::from_secs(600);
/// How long one file may take.
const SCAN_TIMEOUT: Duration = Duration::from_secs(300);
/// Bytes of a chunk of a stream.
const CHUNK: usize = 64 << 10;

/// A clamd with the signatures of one folder, no cache and one thread; killed at the end.
pub(super) struct Clamd {
    child: Child,
    socket: PathBuf,
}

/// One file, as clamd has taken it.
pub(super) struct Scanned {
    pub(super) cpu_s: f64,
    pub(super) reply: String,
}

impl Clamd {
    /// Starts it in `folder` with the signatures of `signatures`, and waits until it answers.
    pub(super) fn start(folder: &Path, signatures: &Path) -> Result<Self, Failure> {
        fs::create_dir_all(folder).during(|| folder.display().to_string())?;
        let socket = folder.join("socket");
        let _ = fs::remove_file(&socket);
        let settings = format!(
            "LocalSocket {}\nDatabaseDirectory {}\nForeground yes\nDisableCache yes\nMaxThreads 1\n\
             SelfCheck 0\nConcurrentDatabaseReload no\nStreamMaxLength 100M\nMaxScanSize 0\n\
             MaxFileSize 0\nMaxScanTime 0\n",
            socket.display(),
            signatures.display()
        );
        let file = folder.join("clamd.conf");
        fs::write(&file, settings).during(|| file.display().to_string())?;
        let log = folder.join("output");
        let output = fs::File::create(&log).during(|| log.display().to_string())?;
        let errors = output.try_clone().during(|| log.display().to_string())?;
        let mut command = Command::new("clamd");
        command.arg("--config-file").arg(&file).stdin(Stdio::null());
        let child = command.stdout(output).stderr(errors).spawn().during(|| "clamd".to_owned())?;
        let mut clamd = Self { child, socket };
        let until = Instant::now() + PATIENCE;
        while clamd.ask(b"zPING\0", |_| Ok(())).is_err() {
            let ended = clamd.child.try_wait().during(|| "clamd".to_owned())?.is_some();
            if ended || Instant::now() > until {
                let told = fs::read_to_string(&log).unwrap_or_default();
                return Err(Failure::new(format!("clamd does not answer: {told}")));
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(clamd)
    }

    /// Sends a command and what `more` writes behind it, and gives the reply.
    fn ask(
        &self,
        command: &[u8],
        more: impl FnOnce(&mut UnixStream) -> std::io::Result<()>,
    ) -> std::io::Result<String> {
        let mut stream = UnixStream::connect(&self.socket)?;
        stream.set_read_timeout(Some(SCAN_TIMEOUT))?;
        stream.write_all(command)?;
        more(&mut stream)?;
        let mut reply = String::new();
        stream.read_to_string(&mut reply)?;
        Ok(reply.trim_end_matches('\0').to_owned())
    }

    /// Has it scan `bytes` as a stream, so many times over.
    pub(super) fn scan(&self, bytes: &[u8], times: u32) -> Result<Scanned, Failure> {
        let before = self.cpu_s();
        let mut reply = String::new();
        for _ in 0..times {
            reply = self
                .ask(b"zINSTREAM\0", |stream| {
                    for chunk in bytes.chunks(CHUNK) {
                        let len = u32::try_from(chunk.len()).unwrap_or(0);
                        stream.write_all(&len.to_be_bytes())?;
                        stream.write_all(chunk)?;
                    }
                    stream.write_all(&[0; 4])
                })
                .during(|| "clamd".to_owned())?;
        }
        Ok(Scanned { cpu_s: (self.cpu_s() - before) / f64::from(times), reply })
    }

    /// CPU seconds that its threads have run: the first number of each `schedstat`.
    pub(super) fn cpu_s(&self) -> f64 {
        let folder = format!("/proc/{}/task", self.child.id());
        let threads = fs::read_dir(folder).into_iter().flatten().flatten();
        let ran_ns = threads.filter_map(|thread| {
            let line = fs::read_to_string(thread.path().join("schedstat")).ok()?;
            line.split(' ').next()?.parse::<u64>().ok()
        });
        ran_ns.sum::<u64>() as f64 / 1e9
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Clamd {
    fn drop(&mut self) {
        // It has nothing to save.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
