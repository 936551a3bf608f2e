//! `cargo xtask h2spec`: the program h2spec, which `H2SPEC` names, against the gateway in front of one
//! fixed origin, in strict mode. Prints what it says: each case that fails, and the counts.
//!
//! Not part of `cargo xtask test`: no registry has the program. The cases of the project itself are
//! the modules `rfc9113`, `rfc9113_client` and `rfc7541` in the tests of `gateway-h1h2`, and
//! `http2_frames` in those of `gatewayd`, which sends its frames to the whole gateway.

use std::path::Path;

use crate::{cargo, failure::Failure};

pub(crate) fn run(_: &[String]) -> Result<(), Failure> {
    let program = std::env::var_os("H2SPEC").unwrap_or_default();
    if !Path::new(&program).is_file() {
        return Err(Failure::new(format!(
            "the environment variable H2SPEC must name the program h2spec, and is {program:?}"
        )));
    }
    let program = std::path::absolute(&program).map_err(|error| Failure::new(error.to_string()))?;
    let mut command = cargo::cargo(["test", "--package", "gatewayd", "--test", "end_to_end"]);
    command.args(["--", "--nocapture", "reaches_the_fixed_origin"]);
    command.env("H2SPEC", program);
    cargo::run(command)
}
