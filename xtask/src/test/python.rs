//! The step `setup`, its part in Python: what the end-to-end tests call, pinned, in a virtual
//! environment under the target folder, so that nothing of the system changes.

use std::fs;

use crate::{
    cargo::{self, program},
    failure::{During, Failure},
};

/// The packages, each with its version.
const PACKAGES: &[&str] = &[
    "aioice==0.13.0",
    "aioquic==1.7.2",
    "aiortc==1.16.0",
    "grpcio==1.85.3",
    "pycurl==7.49.0",
    "websockets==15.0.1",
];

/// Makes the environment `target/python`, unless it holds just these packages.
pub(super) fn set_up() -> Result<(), Failure> {
    let folder = cargo::target_folder().join("python");
    let stamp = folder.join("packages.txt");
    let wanted = PACKAGES.join("\n");
    if fs::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
        return Ok(());
    }
    println!("the Python packages of the tests go to {}", folder.display());
    let path = folder.display().to_string();
    cargo::run(program("python3", ["-m", "venv", "--clear", &path]))?;
    let quiet = ["--quiet", "--disable-pip-version-check", "--only-binary", ":all:"];
    let mut install = program(&format!("{path}/bin/pip"), ["install"]);
    install.args(quiet).args(PACKAGES);
    cargo::run(install)?;
    fs::write(&stamp, wanted).during(|| stamp.display().to_string())
}
