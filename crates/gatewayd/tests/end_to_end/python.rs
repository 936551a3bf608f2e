//! Python with the packages that the step `setup` of the tests installs.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A script of this folder, ready to be run with arguments.
pub(crate) fn script(name: &str) -> Command {
    let python = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../python/bin/python");
    assert!(python.exists(), "{} is missing: run `cargo xtask test setup`", python.display());
    let mut command = Command::new(python);
    command.arg(source(name));
    command
}

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/end_to_end").join(name)
}
