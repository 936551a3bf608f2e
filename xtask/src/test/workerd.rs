//! The program `workerd`, which the tests of Workers run: the npm package of a pinned version, in a
//! folder of its own below the target folder.

use std::path::{Path, PathBuf};

use crate::{
    cargo::{self, program, target_folder},
    failure::{During, Failure},
};

/// The version that the gateway is tested with.
const VERSION: &str = "1.20261117.1";

/// Installs it, unless this version is there.
pub(super) fn install() -> Result<(), Failure> {
    let folder = target_folder().join("workerd");
    let mark = folder.join("version");
    if std::fs::read_to_string(&mark).is_ok_and(|there| there == VERSION) && find(&folder).is_some()
    {
        return Ok(());
    }
    std::fs::create_dir_all(&folder).during(|| format!("create {}", folder.display()))?;
    let mut command = program("npm", ["install", "--no-save", "--no-audit", "--no-fund"]);
    // The package needs no script of its own: the program is a file of the package for the platform.
    command.args(["--ignore-scripts", "--loglevel", "error", "--prefix"]).arg(&folder);
    command.arg(format!("workerd@{VERSION}"));
    cargo::run(command)?;
    match find(&folder) {
        Some(_) => std::fs::write(&mark, VERSION).during(|| format!("write {}", mark.display())),
        None => Err(Failure::new("npm installed no workerd for this platform".to_owned())),
    }
}

/// The program within `folder`.
fn find(folder: &Path) -> Option<PathBuf> {
    let packages = std::fs::read_dir(folder.join("node_modules/@cloudflare")).ok()?;
    let mut programs = packages.flatten().map(|package| package.path().join("bin/workerd"));
    programs.find(|program| program.is_file())
}
