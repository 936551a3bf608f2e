//! The step `setup`, its part in Python: the peers of the network tests, in a folder of their own
//! under `target`, so that nothing of the system changes.

use std::{fs, path::PathBuf};

use crate::{
    cargo::{self, program, root, target_folder},
    failure::{During, Failure},
};

/// What is installed, with exact versions.
const REQUIREMENTS: &str = "crates/gatewayd/tests/network/requirements.txt";

/// Makes the folder anew if it is not there or holds something else.
pub(super) fn set_up() -> Result<(), Failure> {
    let folder = target_folder().join("tools/network");
    let stamp = folder.join("requirements.txt");
    let wanted =
        fs::read_to_string(root().join(REQUIREMENTS)).during(|| REQUIREMENTS.to_owned())?;
    if fs::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
        return Ok(());
    }
    println!("the peers of the network tests go to {}", folder.display());
    let text = |path: &PathBuf| path.display().to_string();
    cargo::run(program("python3", ["-m", "venv", "--clear", &text(&folder)]))?;
    let pip = text(&folder.join("bin/pip"));
    let quiet = ["--quiet", "--disable-pip-version-check"];
    let mut install = program(&pip, ["install", "--only-binary", ":all:"]);
    install.args(quiet).args(["--requirement", REQUIREMENTS]);
    cargo::run(install)?;
    fs::write(&stamp, wanted).during(|| stamp.display().to_string())
}
