//! The Python packages that tests call: pinned, in a virtual environment under the target folder.

use std::fs;

use crate::{
    cargo::{self, program},
    failure::{During, Failure},
};

/// The packages, each with its version.
const PACKAGES: &[&str] = &["grpcio==1.85.3"];

/// Makes the environment `target/python`, unless it holds just these packages.
pub(super) fn run() -> Result<(), Failure> {
    let folder = cargo::target_folder().join("python");
    let stamp = folder.join("packages.txt");
    let wanted = PACKAGES.join("\n");
    if fs::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
        return Ok(());
    }
    let path = folder.display().to_string();
    cargo::run(program("python3", ["-m", "venv", "--clear", &path]))?;
    let mut install = program(&format!("{path}/bin/pip"), ["install", "--quiet"]);
    install.args(PACKAGES);
    cargo::run(install)?;
    fs::write(&stamp, wanted).during(|| format!("writing {}", stamp.display()))
}
