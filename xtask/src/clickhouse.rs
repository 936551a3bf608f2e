//! `cargo xtask clickhouse`: delivery to the current engine of ClickHouse, which Debian does not
//! have.
//!
//! The engine is `chdb`, a Python package of some 900 MB: too heavy for every run of the checks. It
//! is installed once, into the target folder, and answers behind a small HTTP server.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::{
    cargo::{self, SINK_FEATURES, cargo},
    failure::{During, Failure},
    test,
};

const ENGINE: &str = "chdb==4.4.0";
const SERVER: &str = "crates/gateway-sinks/tests/remote/clickhouse/chdb_server.py";

pub(crate) fn run(_: &[String]) -> Result<(), Failure> {
    test::set_up()?;
    let folder = cargo::target_folder().join("chdb");
    fs::create_dir_all(&folder).during(|| folder.display().to_string())?;
    let python = folder.join("venv/bin/python");
    if !cargo::succeeds(python_with(&python, &["-c", "import chdb"])) {
        let venv = folder.join("venv");
        cargo::run(python_with(Path::new("python3"), &["-m", "venv", &venv.to_string_lossy()]))?;
        cargo::run(python_with(&python, &["-m", "pip", "install", "--quiet", ENGINE]))?;
    }
    let data = folder.join("run");
    if data.exists() {
        fs::remove_dir_all(&data).during(|| data.display().to_string())?;
    }
    fs::create_dir_all(&data).during(|| data.display().to_string())?;
    let (server, port) = Server::start(&python, &data)?;
    let mut command = cargo(["test", "--package", "gateway-sinks"]);
    command.args(SINK_FEATURES).args(["--features", "gateway-sinks/heavy-peers"]);
    command.args(["--test", "peers", "--", "--nocapture", "the_current_engine"]);
    command.env("GATEWAY_TEST_CLICKHOUSE", format!("http://127.0.0.1:{port}"));
    let result = cargo::run(command);
    drop(server);
    result
}

fn python_with(python: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(python);
    command.args(arguments);
    command
}

/// A running server; stopped at the end.
struct Server(Child);

impl Server {
    /// Starts it; gives its port too.
    fn start(python: &Path, data: &Path) -> Result<(Self, u16), Failure> {
        let mut command = Command::new(python);
        command.arg(cargo::root().join(SERVER)).arg(data);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut server = Self(command.spawn().during(|| SERVER.into())?);
        let mut line = String::new();
        if let Some(out) = server.0.stdout.take() {
            BufReader::new(out).read_line(&mut line).during(|| SERVER.into())?;
        }
        let port = line.trim().parse().during(|| format!("the port of {SERVER}"))?;
        Ok((server, port))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has nothing to save.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
