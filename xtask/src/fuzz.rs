//! `cargo xtask fuzz [TARGET] [--seconds 60 | --runs N]`: fuzz targets under libFuzzer.
//!
//! Needs cargo-fuzz, which is built when it is missing, and the compiler's unstable flags: from a
//! nightly toolchain when there is one, else from the stable compiler told to allow them. New
//! inputs stay in the target folder; what is worth keeping is copied into `fuzz/corpus` by hand.

use std::{fs, process::Command};

use crate::{
    cargo,
    failure::{During, Failure},
};

/// The target that is there with the feature `yara` alone: wasmtime comes with it.
const YARA: &str = "yara_rules";

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
struct Plan {
    target: Option<String>,
    length: Length,
}

/// How long a target is fuzzed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Length {
    Seconds(u32),
    Runs(u32),
}

impl Length {
    /// What libFuzzer calls it.
    fn argument(self) -> String {
        match self {
            Self::Seconds(seconds) => format!("-max_total_time={seconds}"),
            Self::Runs(runs) => format!("-runs={runs}"),
        }
    }
}

impl Plan {
    fn parse(arguments: &[String]) -> Result<Self, Failure> {
        let mut plan = Self { target: None, length: Length::Seconds(60) };
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            match (word.as_str(), &plan.target) {
                ("--seconds" | "--runs", _) => {
                    let number = words.next().map(|number| number.parse());
                    let Some(Ok(number)) = number else {
                        return Err(Failure::new(format!("`{word}` takes a whole number")));
                    };
                    let of = if word == "--runs" { Length::Runs } else { Length::Seconds };
                    plan.length = of(number);
                }
                (name, None) if !name.starts_with('-') => plan.target = Some(name.to_owned()),
                (other, _) => return Err(Failure::new(format!("`{other}` is not understood"))),
            }
        }
        Ok(plan)
    }
}

/// Fuzzes one target, or every one for the given time each.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    let plan = Plan::parse(arguments)?;
    let mut targets = targets()?;
    if let Some(wanted) = plan.target {
        if !targets.contains(&wanted) {
            let list = targets.join(", ");
            return Err(Failure::new(format!("no fuzz target `{wanted}`; there are: {list}")));
        }
        targets = vec![wanted];
    }
    if !cargo::succeeds(cargo::program("cargo", ["fuzz", "--version"])) {
        println!("cargo-fuzz is missing; installing it with `cargo install cargo-fuzz --locked`");
        cargo::run(cargo::program("cargo", ["install", "cargo-fuzz", "--locked"]))?;
    }
    for target in &targets {
        println!("fuzzing {target}: {:?}", plan.length);
        fuzz(target, plan.length)?;
    }
    println!("{} targets ran clean", targets.len());
    Ok(())
}

/// The names of the targets: the files of `fuzz/fuzz_targets`.
fn targets() -> Result<Vec<String>, Failure> {
    let folder = cargo::root().join("fuzz/fuzz_targets");
    let entries = fs::read_dir(&folder).during(|| folder.display().to_string())?;
    let names = entries.filter_map(|entry| {
        let name = entry.ok()?.file_name().into_string().ok()?;
        name.strip_suffix(".rs").map(str::to_owned)
    });
    let mut names: Vec<String> = names.collect();
    names.sort();
    Ok(names)
}

fn fuzz(target: &str, length: Length) -> Result<(), Failure> {
    let found = cargo::target_folder().join("fuzz-corpus").join(target);
    fs::create_dir_all(&found).during(|| found.display().to_string())?;
    let mut command = compiler();
    command.args(["fuzz", "run", "--features", features(target), target]);
    command.arg(&found).arg(format!("fuzz/corpus/{target}"));
    command.args(["--", &length.argument(), "-timeout=10"]);
    cargo::run(command)
}

/// What the crate of the targets is built with.
fn features(target: &str) -> &'static str {
    if target == YARA { "libfuzzer,yara" } else { "libfuzzer" }
}

/// A `cargo` whose compiler takes unstable flags.
fn compiler() -> Command {
    if cargo::succeeds(cargo::program("rustup", ["run", "nightly", "cargo", "--version"])) {
        return cargo::program("rustup", ["run", "nightly", "cargo"]);
    }
    let mut command = cargo::program("cargo", []);
    command.env("RUSTC_BOOTSTRAP", "1");
    command
}

#[cfg(test)]
mod tests {
    use super::Length::{Runs, Seconds};
    use super::{Length, Plan, features};

    fn check(line: &str, plan: Option<(Option<&str>, Length)>) {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let expected =
            plan.map(|(target, length)| Plan { target: target.map(str::to_owned), length });
        assert_eq!(Plan::parse(&words).ok(), expected, "{line}");
    }

    #[test]
    fn command_lines() {
        check("", Some((None, Seconds(60))));
        check("h1_request", Some((Some("h1_request"), Seconds(60))));
        check("--seconds 5", Some((None, Seconds(5))));
        check("h1_request --seconds 5", Some((Some("h1_request"), Seconds(5))));
        check("--seconds 5 h1_request", Some((Some("h1_request"), Seconds(5))));
        check("--runs 9 h1_request", Some((Some("h1_request"), Runs(9))));
        check("--seconds 5 --runs 9", Some((None, Runs(9))));
        check("--runs x", None);
        check("--seconds", None);
        check("--seconds x", None);
        check("--minutes 5", None);
        check("a b", None);
    }

    #[test]
    fn features_of_targets() {
        assert_eq!(features("h1_request"), "libfuzzer");
        assert_eq!(features("yara_rules"), "libfuzzer,yara");
    }

    #[test]
    fn lengths_as_libfuzzer_takes_them() {
        assert_eq!(Seconds(60).argument(), "-max_total_time=60");
        assert_eq!(Runs(1_000_000).argument(), "-runs=1000000");
    }
}
