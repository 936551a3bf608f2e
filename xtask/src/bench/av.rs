//! `cargo xtask bench av [--runs 3] [--only small|large] [--pe FILE]`: our scanner beside clamd, with the
//! same generated signatures and the same files, turn by turn in one run.
//!
//! The figure is CPU time: of the scanning thread on our side, of all threads of clamd on the other,
//! which is given each file over its socket and keeps no cache.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{clamd::Clamd, cpu};
use crate::{
    cargo,
    failure::{During, Failure},
};

/// Bytes of a file that clamd is given with the large set: it makes little more than 1 MB/s then.
const LARGE_FILE_BYTES: usize = 2 << 20;
/// How often a small file is scanned by clamd.
const SMALL_FILE_TIMES: u32 = 200;
/// Files up to here are small: what each takes is told, not how many bytes a second.
const SMALL_FILE_BYTES: usize = 64 << 10;
/// A wheel of Python with a Windows library of 38 MB, of which the first 16 MiB are scanned.
const WHEEL: &str = "numpy==2.0.0";
/// Where Debian's `clamav-testfiles` has its archive.
const ARCHIVE: &str = "/usr/share/clamav-testfiles/clam.zip";

/// What the command line asks for.
#[derive(Debug, PartialEq)]
struct Plan {
    runs: usize,
    only: Option<String>,
    /// A Windows program to be scanned, instead of that of the wheel.
    pe: Option<PathBuf>,
}

impl Plan {
    fn parse(arguments: &[String]) -> Result<Self, Failure> {
        let mut plan = Self { runs: 3, only: None, pe: None };
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            match (word.as_str(), words.next()) {
                ("--runs", Some(number)) => {
                    plan.runs = number.parse().during(|| "--runs".to_owned())?;
                }
                ("--only", Some(name)) => plan.only = Some(name.clone()),
                ("--pe", Some(file)) => plan.pe = Some(PathBuf::from(file)),
                (other, _) => return Err(Failure::new(format!("`{other}` is not understood"))),
            }
        }
        Ok(plan)
    }
}

/// Where everything is.
struct Bench {
    folder: PathBuf,
    program: PathBuf,
    files: Vec<PathBuf>,
}

pub(super) fn run(arguments: &[String]) -> Result<(), Failure> {
    let plan = Plan::parse(arguments)?;
    let bench = build(&plan)?;
    for set in ["small", "large"] {
        if plan.only.as_ref().is_none_or(|only| only == set) {
            measure(&bench, set, plan.runs)?;
        }
    }
    Ok(())
}

fn build(plan: &Plan) -> Result<Bench, Failure> {
    let target = cargo::target_folder();
    let mut peers = cargo::cargo(["build", "--release", "--package", "peer-scan"]);
    peers.args(["--manifest-path", "benches/peers/Cargo.toml"]);
    peers.env("CARGO_TARGET_DIR", target.join("peers"));
    cargo::run(peers)?;
    let program = target.join("peers/release/peer-scan");
    let folder = target.join("bench-av");
    fs::create_dir_all(&folder).during(|| folder.display().to_string())?;
    let mut make = Command::new(&program);
    make.arg("make").arg(&folder);
    cargo::run(make)?;
    let pe = match &plan.pe {
        Some(file) => file.clone(),
        None => windows_library(&folder)?,
    };
    let mut bytes = fs::read(&pe).during(|| pe.display().to_string())?;
    bytes.truncate(16 << 20);
    let file = folder.join("pe.bin");
    fs::write(&file, bytes).during(|| file.display().to_string())?;
    let text = folder.join("text.bin");
    let mut short = fs::read(&text).during(|| text.display().to_string())?;
    short.truncate(1_000);
    let file = folder.join("short.bin");
    fs::write(&file, short).during(|| file.display().to_string())?;
    let files = ["random.bin", "text.bin", "pe.bin", "short.bin"].map(|name| folder.join(name));
    let mut files = files.to_vec();
    if Path::new(ARCHIVE).is_file() {
        files.push(PathBuf::from(ARCHIVE));
    }
    Ok(Bench { folder, program, files })
}

/// The greatest file of the wheel, which is fetched once.
fn windows_library(folder: &Path) -> Result<PathBuf, Failure> {
    let file = folder.join("library.dll");
    if file.is_file() {
        return Ok(file);
    }
    let path = folder.join("python").display().to_string();
    cargo::run(cargo::program("python3", ["-m", "venv", &path]))?;
    let mut fetch = Command::new(format!("{path}/bin/pip"));
    fetch.args(["download", "--quiet", "--disable-pip-version-check", "--no-deps"]);
    fetch.args(["--only-binary", ":all:", "--platform", "win_amd64", "--python-version", "3.11"]);
    fetch.arg("--dest").arg(folder).arg(WHEEL);
    cargo::run(fetch)?;
    let unpack = "import glob, sys, zipfile\n\
                  wheel = zipfile.ZipFile(glob.glob(sys.argv[1] + '/*.whl')[0])\n\
                  greatest = max(wheel.infolist(), key=lambda one: one.file_size)\n\
                  open(sys.argv[2], 'wb').write(wheel.read(greatest))\n";
    let mut python = Command::new("python3");
    python.args(["-c", unpack]).arg(folder).arg(&file);
    cargo::run(python)?;
    Ok(file)
}

/// The lines of our program, by their first word.
fn ours(bench: &Bench, arguments: &[&Path]) -> Result<BTreeMap<String, Vec<String>>, Failure> {
    let mut command = Command::new(&bench.program);
    command.args(arguments);
    let lines = cargo::read(command)?;
    let line = |line: &str| {
        let mut words = line.split(' ').map(str::to_owned);
        Some((words.next()?, words.collect()))
    };
    Ok(lines.lines().filter_map(line).collect())
}

/// The first number of the line for `name`.
fn figure(lines: &BTreeMap<String, Vec<String>>, name: &str) -> f64 {
    let number = lines.get(name).and_then(|words| words.first()?.parse().ok());
    number.unwrap_or(f64::NAN)
}

fn measure(bench: &Bench, set: &str, runs: usize) -> Result<(), Failure> {
    let signatures = bench.folder.join(set);
    let image = bench.folder.join(format!("{set}.image"));
    let (load, from_image) = (Path::new("load"), Path::new("image"));
    let text = ours(bench, &[load, &signatures, &image])?;
    let loaded = ours(bench, &[from_image, &image])?;
    let clamd = match Clamd::start(&bench.folder.join(format!("clamd-{set}")), &signatures) {
        Ok(clamd) => Some(clamd),
        Err(failure) => {
            println!("{failure}: the other side is left out");
            None
        }
    };
    println!("\n### {set} set\n");
    println!("| | clamd | ours |");
    println!("|---|---|---|");
    let theirs = |value: Option<f64>, unit: &str| {
        value.map_or_else(|| "–".to_owned(), |value| format!("{value:.1} {unit}"))
    };
    println!(
        "| load from text | {} | {:.0} ms |",
        theirs(clamd.as_ref().map(|clamd| clamd.cpu_s() * 1e3), "ms"),
        figure(&text, "load_ms")
    );
    println!("| load from the image | – | {:.1} ms |", figure(&loaded, "load_ms"));
    println!(
        "| memory | {} | {:.1} MiB, from text {:.1} MiB |",
        theirs(clamd.as_ref().map(|clamd| cpu::resident_mib(clamd.id())), "MiB"),
        figure(&loaded, "resident_mib"),
        figure(&text, "resident_mib")
    );
    for file in &bench.files {
        scan(bench, clamd.as_ref(), set, file, runs)?;
    }
    Ok(())
}

/// One line of the table: `file`, by both in turns.
fn scan(
    bench: &Bench,
    clamd: Option<&Clamd>,
    set: &str,
    file: &Path,
    runs: usize,
) -> Result<(), Failure> {
    let image = bench.folder.join(format!("{set}.image"));
    let bytes = fs::read(file).during(|| file.display().to_string())?;
    let is_small = bytes.len() <= SMALL_FILE_BYTES;
    let is_archive = file == Path::new(ARCHIVE);
    let (mut our, mut their) = (Vec::new(), Vec::new());
    let mut reply = String::new();
    let shown = if set == "large" && !is_small { LARGE_FILE_BYTES } else { bytes.len() };
    let shown = bytes.get(..shown).unwrap_or(&bytes);
    for _ in 0..runs {
        let how = Path::new(if is_archive { "unpack" } else { "scan" });
        let lines = ours(bench, &[how, &image, file])?;
        our.push(figure(&lines, &file.display().to_string()));
        if let Some(clamd) = clamd {
            let scanned = clamd.scan(shown, if is_small { SMALL_FILE_TIMES } else { 1 })?;
            their.push(scanned.cpu_s);
            reply = scanned.reply;
        }
    }
    // CPU microseconds of the whole file, or millions of bytes in a CPU second.
    let mega = |bytes: usize| bytes as f64 / 1e6;
    let (our, their) = (median(&mut our), median(&mut their));
    let (our, their, unit) = if is_small {
        (our, their * 1e6, "µs")
    } else {
        (mega(bytes.len()) / our * 1e6, mega(shown.len()) / their, "MB/s")
    };
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    println!("| {name}, {} bytes | {their:.1} {unit} ({reply}) | {our:.1} {unit} |", bytes.len());
    Ok(())
}

/// The middle of some figures; not a number where there are none.
fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{Plan, median};

    #[test]
    fn command_lines() {
        let parse = |line: &str| {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            Plan::parse(&words).ok()
        };
        assert_eq!(parse(""), Some(Plan { runs: 3, only: None, pe: None }));
        let plan = parse("--runs 1 --only large --pe a.exe");
        let only = Some("large".to_owned());
        assert_eq!(plan, Some(Plan { runs: 1, only, pe: Some(PathBuf::from("a.exe")) }));
        assert!(parse("--runs").is_none() && parse("--runs x").is_none() && parse("x").is_none());
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&mut [9.0, 1.0, 2.0]), 2.0);
        assert!(median(&mut []).is_nan());
    }
}
