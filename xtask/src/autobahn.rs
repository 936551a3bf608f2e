//! `cargo xtask autobahn [MODE…] [CASES…]`: the Autobahn test suite of WebSocket through the gateway.
//!
//! The suite's client sends its cases through a tunnel of the gateway, which looks into every
//! message of both directions, to the suite's own echo server. Modes are those of the setting
//! `websocket` that look into messages: `inspect` and `rewrite`; both by default. A mode has passed
//! if each case is judged OK or informational. `CASES` are patterns such as `3.*`; without any, all
//! cases are run.
//!
//! The suite is a PyPI package that runs on Python 2.7 alone, which Debian does not have any more:
//! without one this says so and stops. It is never part of `cargo xtask test`.

mod lab;
mod shim;

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};

use self::lab::Lab;
use crate::{
    cargo::{self, cargo},
    failure::{During, Failure},
};

const SUITE: &str = "autobahntestsuite==25.10.1";
const MODES: [&str; 2] = ["inspect", "rewrite"];
/// Cases of the suite; fewer would be a suite that does not know compression.
const CASES: usize = 517;

pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    let is_case = |word: &&str| word.starts_with(|first: char| first.is_ascii_digit());
    let (cases, mut modes): (Vec<&str>, Vec<&str>) =
        arguments.iter().map(String::as_str).partition(is_case);
    if modes.is_empty() {
        modes.extend(MODES);
    }
    if let Some(unknown) = modes.iter().find(|mode| !MODES.contains(mode)) {
        return Err(Failure::new(format!("no mode `{unknown}`; there are: {}", MODES.join(", "))));
    }
    let Some(python) = python() else {
        return Err(Failure::new(
            "there is no Python 2.7, which the suite needs: name one in AUTOBAHN_PYTHON",
        ));
    };
    let folder = cargo::target_folder().join("autobahn");
    let suite = Suite::installed(&python, &folder)?;
    cargo::run(cargo(["build", "--package", "gatewayd"]))?;
    let mut failed = 0;
    for mode in modes {
        println!("Autobahn, websocket = \"{mode}\"");
        failed += suite.run(mode, &cases, &folder.join(mode))?;
    }
    match failed {
        0 => Ok(()),
        failed => Err(Failure::new(format!("{failed} cases failed"))),
    }
}

/// A Python 2.7 that runs: the one that is named, in the path, or where pyenv keeps its own.
fn python() -> Option<PathBuf> {
    let named = env::var_os("AUTOBAHN_PYTHON").map(PathBuf::from);
    let home = env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let kept = fs::read_dir(home.join(".pyenv/versions")).into_iter().flatten().flatten();
    let kept = kept.map(|version| version.path().join("bin/python2.7"));
    let candidates = named.into_iter().chain(["python2.7".into(), "pypy".into()]).chain(kept);
    candidates.into_iter().find(|python| {
        let mut command = Command::new(python);
        command.args(["-c", "import sys; sys.exit(sys.version_info[:2] != (2, 7))"]);
        cargo::succeeds(command)
    })
}

/// The suite, ready to be called.
struct Suite {
    python: PathBuf,
    library: PathBuf,
}

impl Suite {
    /// Installs the suite into `folder`, unless it is there.
    fn installed(python: &Path, folder: &Path) -> Result<Self, Failure> {
        let suite = Self { python: python.to_owned(), library: folder.join("library") };
        let stamp = folder.join("suite.txt");
        if fs::read_to_string(&stamp).is_ok_and(|there| there == SUITE) {
            return Ok(suite);
        }
        println!("the suite goes to {}", suite.library.display());
        fs::create_dir_all(&suite.library).during(|| suite.library.display().to_string())?;
        let mut pip = Command::new(python);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade"]);
        cargo::run({
            pip.arg("--target").arg(&suite.library).arg(SUITE);
            pip
        })?;
        fs::write(&stamp, SUITE).during(|| stamp.display().to_string())?;
        Ok(suite)
    }

    /// A call of the suite's own command.
    fn command(&self, arguments: &[&str]) -> Command {
        // Its packages share a name, which only a site folder brings together.
        const MAIN: &str = "import os, site\nsite.addsitedir(os.environ['SUITE'])\nfrom autobahntestsuite.wstest import run\nrun()";
        let mut command = Command::new(&self.python);
        command.args(["-c", MAIN]).args(arguments);
        command.env("SUITE", &self.library).env("PYTHONPATH", &self.library);
        command
    }

    /// Runs `cases`, or all where there are none, with the gateway in `mode`; says how many failed.
    fn run(&self, mode: &str, cases: &[&str], folder: &Path) -> Result<usize, Failure> {
        if folder.exists() {
            fs::remove_dir_all(folder).during(|| folder.display().to_string())?;
        }
        fs::create_dir_all(folder).during(|| folder.display().to_string())?;
        let lab = Lab::start(self, mode, folder)?;
        let spec = folder.join("client.json");
        let wanted = json!({
            "outdir": folder.join("report"),
            "servers": [{ "agent": mode, "url": format!("ws://127.0.0.1:{}", lab.port()) }],
            "cases": if cases.is_empty() { &["*"] } else { cases },
            "exclude-cases": [],
            "exclude-agent-cases": {},
        });
        fs::write(&spec, wanted.to_string()).during(|| spec.display().to_string())?;
        let mut client = self.command(&["-m", "fuzzingclient", "-s", &spec.to_string_lossy()]);
        client.stdout(fs::File::create(folder.join("client.log")).during(|| "client.log".into())?);
        cargo::run(client)?;
        let passed = lab.looked_into_messages()?;
        let expected = if cases.is_empty() { CASES } else { 1 };
        let failed = judge(mode, expected, &folder.join("report/index.json"))?;
        println!("{passed} connections were looked into");
        Ok(failed)
    }
}

/// Counts the verdicts of a report; prints them, and the cases that failed.
fn judge(agent: &str, expected: usize, report: &Path) -> Result<usize, Failure> {
    let name = || report.display().to_string();
    let text = fs::read_to_string(report).during(name)?;
    let report: Value = serde_json::from_str(&text).during(name)?;
    let mut verdicts: BTreeMap<String, usize> = BTreeMap::new();
    let (mut cases, mut failed) = (0, 0);
    for (case, result) in report[agent].as_object().into_iter().flatten() {
        cases += 1;
        let verdict = |key: &str| result[key].as_str().unwrap_or("MISSING").to_owned();
        let (behaviour, closing) = (verdict("behavior"), verdict("behaviorClose"));
        let is_good = |verdict: &str| matches!(verdict, "OK" | "INFORMATIONAL");
        if !is_good(&behaviour) || !is_good(&closing) {
            failed += 1;
            println!("case {case}: {behaviour}, closing {closing}");
        }
        *verdicts.entry(behaviour).or_default() += 1;
    }
    println!("{cases} cases: {verdicts:?}");
    if cases < expected {
        return Err(Failure::new(format!("{cases} of {expected} cases were run")));
    }
    Ok(failed)
}
