//! Programs that a chore starts beside it: started, waited for until they listen, and gone with it.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::{During, Failure};

/// How long a program may take until it listens.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program that listens; killed at the end.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) child: Child,
}

impl Program {
    /// Starts it and waits until it listens on `port`.
    pub(crate) fn start(mut command: Command, log: &Path, port: u16) -> Result<Self, Failure> {
        let name = command.get_program().to_string_lossy().into_owned();
        let output = fs::File::create(log).during(|| log.display().to_string())?;
        let errors = output.try_clone().during(|| name.clone())?;
        command.stdin(Stdio::null()).stdout(output).stderr(errors);
        let mut program = Self { child: command.spawn().during(|| name.clone())? };
        let until = Instant::now() + PATIENCE;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if program.child.try_wait().during(|| name.clone())?.is_some() || Instant::now() > until
            {
                return Err(Failure::new(format!("{name} does not listen: see {}", log.display())));
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(program)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It has nothing to save.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> Result<u16, Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).during(|| "a free port".into())?;
    Ok(listener.local_addr().during(|| "a free port".into())?.port())
}
