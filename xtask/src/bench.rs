//! `cargo xtask bench [NAME]`: the criterion benches, or those whose name holds `NAME`;
//! `cargo xtask bench proxy`: the gateway beside other proxies under the same load;
//! `cargo xtask bench av`: the scanner beside clamd, with the same signatures;
//! `cargo xtask bench --help`: which there are.

mod av;
mod clamd;
mod cpu;
mod peer;
mod proxy;
mod scenario;

use std::fs;

pub(crate) use proxy::load;

use crate::cargo;
use crate::failure::{During, Failure};

/// What `--help` says besides the usage: the files of benches, by name, with what each is about.
pub(crate) fn more() -> Result<String, Failure> {
    let folder = cargo::root().join("benches/benches");
    let mut lines = Vec::new();
    for entry in fs::read_dir(&folder).during(|| folder.display().to_string())? {
        let path = entry.during(|| folder.display().to_string())?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).during(|| path.display().to_string())?;
            let about = text.lines().map_while(|line| line.strip_prefix("//! "));
            let about = about.collect::<Vec<_>>().join(" ");
            let ends = [": ", ". ", "; "].into_iter();
            let first = ends.fold(&*about, |text, end| text.split(end).next().unwrap_or(text));
            lines.push(format!("  {name:14} {}", first.trim_end_matches('.')));
        }
    }
    lines.sort();
    Ok(format!(
        "NAME is part of what a bench is called as it runs; without it, all run. They are in the \
         files\n{}\nof benches/benches; `cargo bench --package gateway-benches --bench FILE` runs \
         one of these.",
        lines.join("\n")
    ))
}

pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    match arguments.split_first().map(|(word, rest)| (word.as_str(), rest)) {
        Some(("av", rest)) => return av::run(rest),
        Some(("proxy", rest)) => return proxy::run(rest),
        _ => {}
    }
    let mut command = cargo::cargo(["bench", "--package", "gateway-benches"]);
    if !arguments.is_empty() {
        command.arg("--").args(arguments);
    }
    cargo::run(command)
}
