//! `cargo xtask bench [NAME]`: the criterion benches, or those whose name holds `NAME`.

use crate::{cargo, failure::Failure};

pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    let mut command = cargo::cargo(["bench", "--package", "gateway-benches"]);
    if !arguments.is_empty() {
        command.arg("--").args(arguments);
    }
    cargo::run(command)
}
