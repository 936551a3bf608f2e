//! The rival: Vectorscan in stream mode, by the program in `benches/peers/vectorscan`.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use super::corpus::Corpus;

/// What the rival says.
pub(super) struct Rival {
    pub(super) build_seconds: f64,
    pub(super) table_bytes: u64,
    pub(super) stream_bytes: u64,
    /// By body: seconds and detections.
    pub(super) scans: BTreeMap<String, (f64, u64)>,
}

/// Builds it and lets it scan `bodies`; `None` if it is not installed.
pub(super) fn run(
    folder: &Path,
    rules: &[(String, String)],
    bodies: &[Corpus],
    chunk: usize,
) -> Option<Rival> {
    let program = folder.join("vectorscan");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/vectorscan/scan.c");
    let built =
        Command::new("cc").args(["-O2", "-o"]).arg(&program).arg(source).arg("-lhs").output();
    if !built.is_ok_and(|built| built.status.success()) {
        return None;
    }
    let rules: String =
        rules.iter().map(|(name, pattern)| format!("{name}\t{pattern}\n")).collect();
    fs::write(folder.join("rules"), rules).expect("a file of rules");
    let mut command = Command::new(program);
    command.current_dir(folder).arg("rules").arg(chunk.to_string());
    for body in bodies {
        fs::write(folder.join(body.name), &body.bytes).expect("a file of a body");
        command.arg(body.name);
    }
    let output = command.output().expect("the rival");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    parse(&String::from_utf8_lossy(&output.stdout))
}

fn parse(output: &str) -> Option<Rival> {
    let mut lines = output.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    let [_, seconds, tables, stream] = lines.next()?[..] else { return None };
    let scans = lines.map(|line| match line[..] {
        [name, seconds, count] => {
            Some((name.to_owned(), (seconds.parse().ok()?, count.parse().ok()?)))
        }
        _ => None,
    });
    Some(Rival {
        build_seconds: seconds.parse().ok()?,
        table_bytes: tables.parse().ok()?,
        stream_bytes: stream.parse().ok()?,
        scans: scans.collect::<Option<_>>()?,
    })
}
