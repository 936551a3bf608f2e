//! `cargo xtask bench [NAME]`: the criterion benches, or those whose name holds `NAME`;
//! `cargo xtask bench proxy`: the gateway beside other proxies under the same load.

mod cpu;
mod peer;
mod proxy;
mod scenario;

pub(crate) use proxy::load;

use crate::{cargo, failure::Failure};

pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    if let Some(("proxy", rest)) = arguments.split_first().map(|(word, rest)| (word.as_str(), rest))
    {
        return proxy::run(rest);
    }
    let mut command = cargo::cargo(["bench", "--package", "gateway-benches"]);
    if !arguments.is_empty() {
        command.arg("--").args(arguments);
    }
    cargo::run(command)
}
