//! What a run of the suite goes through: the shim, the gateway, the echo server.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{Suite, shim::Shim};
use crate::{
    cargo,
    failure::{During, Failure},
    program::{Program, free_port},
};

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
        let pid = self.gateway.child.id().to_string();
        cargo::run(cargo::program("kill", ["-TERM", &pid]))?;
        self.gateway.child.wait().during(|| "the gateway".into())?;
        let records = self.state.join("log/records.jsonl");
        let text = fs::read_to_string(&records).during(|| records.display().to_string())?;
        let seen = text.lines().filter(|line| line.contains("\"WebSocketMessagesFromClient\""));
        match seen.count() {
            0 => Err(Failure::new("the records tell of no WebSocket")),
            seen => Ok(seen),
        }
    }
}
