//! `cargo xtask kafka`: delivery to a real broker, with TLS and SASL.
//!
//! The broker is `tansu`, a Kafka-compatible one in Rust, built from its packages in a workspace of
//! its own: it brings hundreds of packages that nothing else needs. It is built once.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    cargo::{self, SINK_FEATURES, cargo},
    failure::{During, Failure},
    program::{Program, free_port},
    test,
};

/// The feature has to be named for the storage itself too: the program does not hand it on.
const MANIFEST: &str = "[package]
name = \"kafka-broker\"
version = \"0.1.0\"
edition = \"2024\"

[dependencies]
tansu-cli = { version = \"=0.6.0\", default-features = false, features = [\"dynostore\"] }
tansu-sans-io = { version = \"=0.6.0\", default-features = false }
tansu-storage = { version = \"=0.6.0\", default-features = false, features = [\"dynostore\"] }
tokio = { version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }

[profile.dev]
opt-level = 1
debug = false

[workspace]
";

const MAIN: &str = "//! The broker as a program.

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    match tansu_cli::Cli::main().await? {
        tansu_sans_io::ErrorCode::None => Ok(()),
        code => Err(format!(\"{code:?}\").into()),
    }
}
";

pub(crate) fn run(_: &[String]) -> Result<(), Failure> {
    test::set_up()?;
    let folder = cargo::target_folder().join("kafka-broker");
    let program = build(&folder)?;
    let port = free_port()?;
    let broker = start(&program, &folder, port)?;
    let address = format!("127.0.0.1:{port}");
    let mut topic = Command::new(&program);
    topic.args(["topic", "create", "gateway-records", "--broker"]).arg(format!("tcp://{address}"));
    cargo::run(topic)?;
    let mut command = cargo(["test", "--package", "gateway-sinks"]);
    command.args(SINK_FEATURES).args(["--features", "gateway-sinks/heavy-peers"]);
    command.args(["--test", "peers", "--", "--nocapture", "a_real_broker"]);
    command.env("GATEWAY_TEST_BROKER", &address);
    let result = cargo::run(command);
    drop(broker);
    result
}

fn build(folder: &Path) -> Result<PathBuf, Failure> {
    let put = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap_or(folder))
            .and_then(|()| fs::write(&path, text))
            .during(|| path.display().to_string())
    };
    put("Cargo.toml", MANIFEST)?;
    put("src/main.rs", MAIN)?;
    let mut command = cargo(["build", "--manifest-path"]);
    command.arg(folder.join("Cargo.toml")).env("CARGO_TARGET_DIR", folder.join("target"));
    cargo::run(command)?;
    Ok(folder.join("target/debug/kafka-broker"))
}

/// Starts the broker, which is stopped when it is dropped.
fn start(program: &Path, folder: &Path, port: u16) -> Result<Program, Failure> {
    let url = format!("tcp://127.0.0.1:{port}");
    let mut command = Command::new(program);
    command.args(["broker", "--storage-engine", "memory://tansu/"]).args([
        "--listener-url",
        &url,
        "--advertised-listener-url",
        &url,
    ]);
    Program::start(command, &folder.join("log"), port)
}
