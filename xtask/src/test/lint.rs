//! The steps `format`, `clippy` and `doc`: what the compiler's own tools have to say.

use crate::{
    cargo::{self, cargo},
    failure::Failure,
};

const FUZZ: &str = "fuzz/Cargo.toml";

pub(super) fn format() -> Result<(), Failure> {
    cargo::run(cargo(["fmt", "--all", "--check"]))?;
    cargo::run(cargo(["fmt", "--check", "--manifest-path", FUZZ]))
}

pub(super) fn clippy() -> Result<(), Failure> {
    cargo::run(cargo(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    cargo::run(cargo(["clippy", "--manifest-path", FUZZ, "--all-targets", "--", "-D", "warnings"]))
}

pub(super) fn doc() -> Result<(), Failure> {
    let mut command = cargo(["doc", "--workspace", "--no-deps"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    cargo::run(command)
}
