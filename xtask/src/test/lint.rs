//! The steps `format`, `clippy` and `doc`: what the compiler's own tools have to say.

use crate::{
    cargo::{self, FEATURES, cargo},
    failure::Failure,
};

const FUZZ: &str = "fuzz/Cargo.toml";

pub(super) fn format() -> Result<(), Failure> {
    cargo::run(cargo(["fmt", "--all", "--check"]))?;
    cargo::run(cargo(["fmt", "--check", "--manifest-path", FUZZ]))
}

pub(super) fn clippy() -> Result<(), Failure> {
    let mut whole = cargo(["clippy", "--workspace", "--all-targets"]);
    whole.args(FEATURES).args(["--", "-D", "warnings"]);
    cargo::run(whole)?;
    // What most people build.
    cargo::run(cargo(["clippy", "-p", "gatewayd", "-p", "gateway-sinks", "--", "-D", "warnings"]))?;
    cargo::run(cargo(["clippy", "--manifest-path", FUZZ, "--all-targets", "--", "-D", "warnings"]))
}

pub(super) fn doc() -> Result<(), Failure> {
    let mut command = cargo(["doc", "--workspace", "--no-deps"]);
    command.args(FEATURES);
    command.env("RUSTDOCFLAGS", "-D warnings");
    cargo::run(command)
}
