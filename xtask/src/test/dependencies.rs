//! The step `dependencies`: bans and sources by cargo-deny, where it is installed.
//!
//! Licences are checked by `tidy` in any case. Advisories are not asked for here: they change
//! from day to day, and a checkout that passed shall pass again.

use crate::{
    cargo::{self, cargo},
    failure::Failure,
};

pub(super) fn run() -> Result<(), Failure> {
    if !cargo::succeeds(cargo(["deny", "--version"])) {
        println!("cargo-deny is not installed: bans and sources are not checked");
        return Ok(());
    }
    cargo::run(cargo(["deny", "check", "bans", "licenses", "sources"]))
}
