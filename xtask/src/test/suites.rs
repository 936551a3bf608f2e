//! The steps `tests`, `doc-tests` and `replay`: whatever runs as a test.

use crate::{
    cargo::{TESTED_FEATURES, cargo, follow, succeeds},
    failure::Failure,
    tally::Tally,
};

/// Unit, property and end-to-end tests, by nextest where it is installed. Documentation tests are
/// a step of their own, since nextest does not run them.
pub(super) fn tests(tally: &mut Tally) -> Result<(), Failure> {
    let command = if succeeds(cargo(["nextest", "--version"])) {
        let mut command = cargo(["nextest", "run", "--workspace", "--tests", "--no-fail-fast"]);
        command.args(TESTED_FEATURES);
        command.args(["--status-level", "slow", "--final-status-level", "fail"]);
        command
    } else {
        let mut command = cargo(["test", "--workspace", "--tests", "--no-fail-fast"]);
        command.args(TESTED_FEATURES);
        command
    };
    follow(command, |line| tally.read(line))
}

pub(super) fn doc_tests(tally: &mut Tally) -> Result<(), Failure> {
    let mut command = cargo(["test", "--workspace", "--doc", "--no-fail-fast"]);
    command.args(TESTED_FEATURES);
    follow(command, |line| tally.read(line))
}

pub(super) fn replay(tally: &mut Tally) -> Result<(), Failure> {
    let command = cargo(["test", "--manifest-path", "fuzz/Cargo.toml", "--no-fail-fast"]);
    follow(command, |line| tally.read(line))
}
