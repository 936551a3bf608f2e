//! `cargo xtask sinks-outage`: the outage of remote sinks in full, which `cargo xtask test` runs in
//! short. Prints what `benches/RESULTS.md` records.

use crate::{
    cargo::{self, SINK_FEATURES, cargo},
    failure::Failure,
    test,
};

pub(crate) fn run(_: &[String]) -> Result<(), Failure> {
    test::set_up()?;
    let mut command = cargo(["test", "--package", "gateway-sinks"]);
    command.args(SINK_FEATURES).args(["--test", "remote", "--"]);
    command.args(["--nocapture", "--test-threads", "1", "an_outage"]);
    command.env("GATEWAY_OUTAGE_SECONDS", "30");
    cargo::run(command)
}
