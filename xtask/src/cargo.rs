//! Running `cargo` and other programs in the root of the repository.

use std::{
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
};

use crate::failure::{During, Failure};

/// The root of the repository: the parent of this package's folder, which cargo tells where it runs it. Where
/// clones share a target folder, it may have been built in another one.
pub(crate) fn root() -> PathBuf {
    let told = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let package = told.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    package.parent().map(Path::to_path_buf).unwrap_or(package)
}

/// The one target folder that every step builds into, whatever manifest it names.
pub(crate) fn target_folder() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The `cargo` that runs this program, told to build into [`target_folder`].
pub(crate) fn cargo<const N: usize>(arguments: [&str; N]) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(arguments).current_dir(root()).env("CARGO_TARGET_DIR", target_folder());
    command
}

/// The features that lints and documentation switch on: all that a build can leave out but YARA rules,
/// whose 116 crates take minutes to check.
pub(crate) const FEATURES: [&str; 2] = [
    "--features",
    "gatewayd/clickhouse,gatewayd/kafka,gateway-sinks/clickhouse,gateway-sinks/kafka",
];

/// The features that tests switch on: all.
pub(crate) const TESTED_FEATURES: [&str; 2] = [
    "--features",
    "gatewayd/clickhouse,gatewayd/kafka,gatewayd/yara,gateway-sinks/clickhouse,gateway-sinks/kafka",
];

/// Those of them that the sinks have by themselves.
pub(crate) const SINK_FEATURES: [&str; 2] =
    ["--features", "gateway-sinks/clickhouse,gateway-sinks/kafka"];

/// Any other program, in the root of the repository.
pub(crate) fn program<const N: usize>(name: &str, arguments: [&str; N]) -> Command {
    let mut command = Command::new(name);
    command.args(arguments).current_dir(root());
    command
}

/// Runs to the end with the terminal as output; anything but success is a failure.
pub(crate) fn run(mut command: Command) -> Result<(), Failure> {
    let status = command.status().during(|| spelled(&command))?;
    judge(&command, status)
}

/// Runs to the end, shows nothing and gives what was written to standard output.
pub(crate) fn read(mut command: Command) -> Result<String, Failure> {
    let output = command.stderr(Stdio::inherit()).output().during(|| spelled(&command))?;
    judge(&command, output.status)?;
    String::from_utf8(output.stdout).during(|| spelled(&command))
}

/// Whether the program starts and succeeds; its output is thrown away.
pub(crate) fn succeeds(mut command: Command) -> bool {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// Runs to the end, shows each line of both outputs as it comes and hands it to `line`.
pub(crate) fn follow(mut command: Command, mut line: impl FnMut(&str)) -> Result<(), Failure> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().during(|| spelled(&command))?;
    let (sender, lines) = mpsc::channel();
    let readers = [
        child.stdout.take().map(|out| read_lines(out, sender.clone())),
        child.stderr.take().map(|err| read_lines(err, sender)),
    ];
    for text in lines {
        println!("{text}");
        line(&text);
    }
    for reader in readers.into_iter().flatten() {
        if reader.join().is_err() {
            return Err(Failure::new(format!("{}: its output was lost", spelled(&command))));
        }
    }
    let status = child.wait().during(|| spelled(&command))?;
    judge(&command, status)
}

fn read_lines(
    source: impl Read + Send + 'static,
    sender: mpsc::Sender<String>,
) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        for line in BufReader::new(source).split(b'\n').map_while(Result::ok) {
            if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                break;
            }
        }
    })
}

fn judge(command: &Command, status: ExitStatus) -> Result<(), Failure> {
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new(format!("`{}` ended with {status}", spelled(command))))
    }
}

/// The command as a person would type it.
fn spelled(command: &Command) -> String {
    let program = command.get_program();
    let name = Path::new(program).file_name().unwrap_or(program);
    let words = std::iter::once(name).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
