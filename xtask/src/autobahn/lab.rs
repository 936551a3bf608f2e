//! What a run of the suite goes through: the shim, the gateway, the echo server.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{Suite, shim::Shim};
use crate::{
    cargo,
    failure::{During, Failure},
};

/// How long a program may take until it listens.
const PATIENCE: Duration = Duration::from_secs(60);

/// Everything that runs; it ends with this.
pub(super) struct Lab {
    shim: Shim,
    state: PathBuf,
    gateway: Program,
    _server: Program,
}

impl Lab {
    /// Starts all of it, with the gateway in `mode`.
    pub(super) fn start(suite: &Suite, mode: &str, folder: &Path) -> Result<Self, Failure> {
        let (echo, proxy) = (free_port()?, free_port()?);
        let url = format!("ws://127.0.0.1:{echo}");
        let server = suite.command(&["-m", "testeeserver", "-w", &url]);
        let server = Program::start(server, &folder.join("server.log"), echo)?;
        let state = folder.join("state");
        fs::create_dir_all(state.join("policy")).during(|| state.display().to_string())?;
        let config = format!(
            "listen = [\"127.0.0.1:{proxy}\"]\nconnect_ports = [{echo}]\nwebsocket = \"{mode}\"\n\
             [origin]\nallow = [\"127.0.0.0/8\"]\n"
        );
        // A rule that wants to see all of both directions, and never objects.
        let rules = "[[rule]]\nid = \"seen\"\nlayer = \"http\"\naction = \"block\"\n\
                     filter = 'any(dlp.upload.profiles[*] == \"financial\") or \
                     any(dlp.download.profiles[*] == \"financial\") or av.infected'\n";
        for (name, text) in [("gateway.toml", config.as_str()), ("policy/rules.toml", rules)] {
            fs::write(state.join(name), text).during(|| name.into())?;
        }
        let program = cargo::target_folder().join("debug/gateway-proxy");
        let mut gateway = Command::new(program);
        gateway.arg("--state").arg(&state).arg("run");
        let gateway = Program::start(gateway, &folder.join("gateway.log"), proxy)?;
        let shim = Shim::start(proxy, echo).during(|| "the way to the gateway".into())?;
        Ok(Self { shim, state, gateway, _server: server })
    }

    /// Where the suite's client connects to.
    pub(super) const fn port(&self) -> u16 {
        self.shim.port
    }

    /// Stops the gateway; gives how many WebSockets its records tell of, which must be some.
    pub(super) fn looked_into_messages(mut self) -> Result<usize, Failure> {
        let pid = self.gateway.0.id().to_string();
        cargo::run(cargo::program("kill", ["-TERM", &pid]))?;
        self.gateway.0.wait().during(|| "the gateway".into())?;
        let records = self.state.join("log/records.jsonl");
        let text = fs::read_to_string(&records).during(|| records.display().to_string())?;
        let seen = text.lines().filter(|line| line.contains("\"WebSocketMessagesFromClient\""));
        match seen.count() {
            0 => Err(Failure::new("the records tell of no WebSocket")),
            seen => Ok(seen),
        }
    }
}

/// A program that listens; killed at the end.
struct Program(Child);

impl Program {
    /// Starts it and waits until it listens on `port`.
    fn start(mut command: Command, log: &Path, port: u16) -> Result<Self, Failure> {
        let name = command.get_program().to_string_lossy().into_owned();
        let log = fs::File::create(log).during(|| log.display().to_string())?;
        let errors = log.try_clone().during(|| name.clone())?;
        command.stdin(Stdio::null()).stdout(log).stderr(errors);
        let mut program = Self(command.spawn().during(|| name.clone())?);
        let until = Instant::now() + PATIENCE;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if program.0.try_wait().during(|| name.clone())?.is_some() || Instant::now() > until {
                return Err(Failure::new(format!("{name} does not listen; see its log")));
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(program)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It has nothing to save.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A port that was free a moment ago.
fn free_port() -> Result<u16, Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).during(|| "a free port".into())?;
    Ok(listener.local_addr().during(|| "a free port".into())?.port())
}
