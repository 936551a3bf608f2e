//! `cargo xtask bench proxy [--runs 3] [--seconds 3] [--only SCENARIO,…] [--gateway PROGRAM]`: the same
//! work through the gateway and through whichever other proxies are installed, in one run.
//!
//! The proxy has the first core, origin and load client the second. The figure is the CPU time of
//! the proxy's processes per request: on a machine that does other work too it is the one that can
//! be trusted.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
};

use super::{
    cpu,
    peer::{Bench, PEERS, Peer, Running, on_core},
    scenario::{SCENARIOS, Scenario},
};
use crate::{
    cargo,
    failure::{During, Failure},
};

/// What the command line asks for.
#[derive(Debug, PartialEq)]
struct Plan {
    runs: usize,
    seconds: f64,
    only: Option<Vec<String>>,
    /// The gateway to be measured, instead of the one that is built here.
    gateway: Option<PathBuf>,
}

impl Plan {
    fn parse(arguments: &[String]) -> Result<Self, Failure> {
        let mut plan = Self { runs: 3, seconds: 3.0, only: None, gateway: None };
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let value = words.next().map(String::as_str);
            match (word.as_str(), value) {
                ("--runs", Some(number)) => {
                    plan.runs = number.parse().during(|| "--runs".to_owned())?;
                }
                ("--seconds", Some(number)) => {
                    plan.seconds = number.parse().during(|| "--seconds".to_owned())?;
                }
                ("--only", Some(names)) => {
                    plan.only = Some(names.split(',').map(str::to_owned).collect());
                }
                ("--gateway", Some(program)) => plan.gateway = Some(PathBuf::from(program)),
                (other, _) => return Err(Failure::new(format!("`{other}` is not understood"))),
            }
        }
        Ok(plan)
    }

    fn wants(&self, scenario: &Scenario) -> bool {
        self.only.as_ref().is_none_or(|only| only.iter().any(|name| name == scenario.name))
    }
}

/// What one run has brought.
#[derive(Clone, Debug)]
struct Figure {
    cpu_us: f64,
    per_second: f64,
    p50_us: u64,
    p99_us: u64,
    peak_mib: f64,
    errors: u64,
}

pub(super) fn run(arguments: &[String]) -> Result<(), Failure> {
    let plan = Plan::parse(arguments)?;
    let bench = build(plan.gateway.as_deref())?;
    let origin = Origin::start(&bench)?;
    let peers: Vec<&Peer> = PEERS
        .iter()
        .filter(|peer| {
            let there = (peer.is_there)(&bench);
            if !there {
                println!("{} is not installed and takes no part", peer.name);
            }
            there
        })
        .collect();
    for scenario in SCENARIOS.iter().filter(|scenario| plan.wants(scenario)) {
        let able = || peers.iter().filter(|peer| (peer.can)(scenario.way));
        let mut figures: Vec<Vec<Figure>> = able().map(|_| Vec::new()).collect();
        // Turn by turn, so that what else the machine does meets all alike.
        for _ in 0..plan.runs {
            for (peer, figures) in able().zip(&mut figures) {
                match measure(&bench, peer, scenario, &origin, plan.seconds) {
                    Ok(figure) => figures.push(figure),
                    Err(failure) => println!("{} in {}: {failure}", peer.name, scenario.name),
                }
            }
        }
        let names: Vec<&str> = able().map(|peer| peer.name).collect();
        print_table(scenario, &names, &figures);
    }
    Ok(())
}

/// Every scenario through `gateway`, with and without rules and records, for so many seconds each.
pub(crate) fn load(gateway: &Path, seconds: f64) -> Result<(), Failure> {
    let bench = build(Some(gateway))?;
    let origin = Origin::start(&bench)?;
    for scenario in &SCENARIOS {
        for peer in PEERS.iter().filter(|peer| peer.is_ours) {
            measure(&bench, peer, scenario, &origin, seconds)?;
        }
    }
    Ok(())
}

/// Builds the gateway, unless there is one, and the programs beside it.
fn build(gateway: Option<&Path>) -> Result<Bench, Failure> {
    if gateway.is_none() {
        cargo::run(cargo::cargo(["build", "--release", "--package", "gatewayd"]))?;
    }
    let target = cargo::target_folder();
    let mut peers = cargo::cargo(["build", "--release", "--manifest-path"]);
    peers.arg("benches/peers/Cargo.toml").env("CARGO_TARGET_DIR", target.join("peers"));
    cargo::run(peers)?;
    let folder = target.join("bench-proxy");
    fs::create_dir_all(&folder).during(|| folder.display().to_string())?;
    let programs = target.join("peers/release");
    let mut load = Command::new(programs.join("peer-load"));
    load.arg("certificates").arg(&folder);
    cargo::run(load)?;
    let built = || target.join("release/gateway-proxy");
    Ok(Bench { folder, programs, gateway: gateway.map_or_else(built, Path::to_path_buf) })
}

/// The origin, on the second core.
struct Origin {
    child: Child,
    http: String,
    https: String,
}

impl Origin {
    fn start(bench: &Bench) -> Result<Self, Failure> {
        let what = || "the origin".to_owned();
        let mut command = Command::new(bench.programs.join("peer-load"));
        command.arg("origin").arg(&bench.folder);
        let mut command = on_core(1, &command);
        let mut child = command.stdout(Stdio::piped()).spawn().during(what)?;
        let line = match child.stdout.take() {
            Some(output) => first_line(&mut BufReader::new(output)).during(what)?,
            None => String::new(),
        };
        let mut origin = Self { child, http: String::new(), https: String::new() };
        let (http, https) = line.split_once(' ').ok_or_else(|| Failure::new(what()))?;
        (origin.http, origin.https) = (http.to_owned(), https.to_owned());
        let ports = bench.folder.join("ports");
        fs::write(&ports, https).during(|| ports.display().to_string())?;
        Ok(origin)
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn first_line(output: &mut BufReader<ChildStdout>) -> std::io::Result<String> {
    let mut line = String::new();
    output.read_line(&mut line)?;
    Ok(line.trim().to_owned())
}

/// Starts a peer, loads it, and reads the CPU time that it took meanwhile.
fn measure(
    bench: &Bench,
    peer: &Peer,
    scenario: &Scenario,
    origin: &Origin,
    seconds: f64,
) -> Result<Figure, Failure> {
    let running = Running::start(bench, peer, scenario.way)?;
    let mut command = Command::new(bench.programs.join("peer-load"));
    command.args(["run", scenario.name, &format!("127.0.0.1:{}", running.port)]);
    command.args([&origin.http, &origin.https]).arg(bench.folder.join("proxy.pem"));
    command.arg(seconds.to_string());
    let what = || "the load client".to_owned();
    let mut command = on_core(1, &command);
    let mut client = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().during(what)?;
    let (Some(mut leave), Some(output)) = (client.stdin.take(), client.stdout.take()) else {
        return Err(Failure::new(what()));
    };
    let mut output = BufReader::new(output);
    let ready = first_line(&mut output).during(what)?;
    let before = cpu::seconds(running.id());
    let _ = leave.write_all(b"go\n");
    let line = if ready == "ready" { first_line(&mut output).during(what)? } else { String::new() };
    let spent = cpu::seconds(running.id()) - before;
    let _ = client.wait();
    let numbers: Vec<u64> = line.split(' ').filter_map(|number| number.parse().ok()).collect();
    let [requests, _, errors, p50_us, p99_us] = numbers[..] else {
        return Err(Failure::new("the load client could not connect"));
    };
    if requests == 0 {
        return Err(Failure::new(format!("no request succeeded, {errors} failed")));
    }
    Ok(Figure {
        cpu_us: spent * 1e6 / requests as f64,
        per_second: requests as f64 / seconds,
        p50_us,
        p99_us,
        peak_mib: cpu::peak_mib(running.id()),
        errors,
    })
}

fn print_table(scenario: &Scenario, names: &[&str], figures: &[Vec<Figure>]) {
    println!("\n### {}: {}", scenario.name, scenario.does);
    println!("Target with every filter off: ≤ {} µs.\n", scenario.target_us);
    println!(
        "| proxy | CPU µs/request | × gateway | requests/s | p50 µs | p99 µs | peak MiB | errors |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let ours = figures.first().and_then(|figures| median(figures, |figure| figure.cpu_us));
    for (name, figures) in names.iter().zip(figures).filter(|(_, figures)| !figures.is_empty()) {
        let middle = |part: fn(&Figure) -> f64| median(figures, part).unwrap_or(f64::NAN);
        let cpu_us = middle(|figure| figure.cpu_us);
        println!(
            "| {name} | {cpu_us:.1} | {:.2} | {:.0} | {:.0} | {:.0} | {:.0} | {} |",
            cpu_us / ours.unwrap_or(f64::NAN),
            middle(|figure| figure.per_second),
            middle(|figure| figure.p50_us as f64),
            middle(|figure| figure.p99_us as f64),
            middle(|figure| figure.peak_mib),
            figures.iter().map(|figure| figure.errors).sum::<u64>(),
        );
    }
}

fn median(figures: &[Figure], part: fn(&Figure) -> f64) -> Option<f64> {
    let mut parts: Vec<f64> = figures.iter().map(part).collect();
    parts.sort_by(f64::total_cmp);
    parts.get(parts.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Figure, Plan, median};

    #[test]
    fn command_lines() {
        let parse = |line: &str| {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            Plan::parse(&words).ok()
        };
        let plan = |runs, seconds, only: Option<&[&str]>| {
            let only = only.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
            Some(Plan { runs, seconds, only, gateway: None })
        };
        assert_eq!(parse(""), plan(3, 3.0, None));
        assert_eq!(parse("--runs 1 --seconds 0.5"), plan(1, 0.5, None));
        assert_eq!(parse("--only A,F1"), plan(3, 3.0, Some(&["A", "F1"])));
        let named = parse("--gateway bin/gateway").and_then(|plan| plan.gateway);
        assert_eq!(named.as_deref(), Some(Path::new("bin/gateway")));
        assert!(parse("--runs").is_none() && parse("--runs x").is_none());
        assert!(parse("A").is_none());
    }

    #[test]
    fn the_median_is_the_middle() {
        let figure = |cpu_us| Figure {
            cpu_us,
            per_second: 0.0,
            p50_us: 0,
            p99_us: 0,
            peak_mib: 0.0,
            errors: 0,
        };
        let figures = [figure(9.0), figure(1.0), figure(2.0)];
        assert_eq!(median(&figures, |figure| figure.cpu_us), Some(2.0));
        assert_eq!(median(&[], |figure| figure.cpu_us), None);
    }
}
