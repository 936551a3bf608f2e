//! `cargo xtask bench [NAME]`: the criterion benches, or those whose name holds `NAME`;
//! `cargo xtask bench proxy`: the gateway beside other proxies under the same load;
//! `cargo xtask bench av`: the scanner beside clamd, with the same signatures.

mod av;
mod clamd;
mod cpu;
mod peer;
mod proxy;
mod scenario;

pub(crate) use proxy::load;

use crate::{cargo, failure::Failure};

pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    match arguments.split_first().map(|(word, rest)| (word.as_str(), rest)) {
        Some(("av", rest)) => return av::run(rest),
        Some(("proxy", rest)) => return proxy::run(rest),
        _ => {}
    }
    let mut command = cargo::cargo(["bench", "--package", "gateway-benches"]);
    if !arguments.is_empty() {
        command.arg("--").args(arguments);
    }
    cargo::run(command)
}
