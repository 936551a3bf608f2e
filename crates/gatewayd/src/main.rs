//! The binary `gateway-proxy`: it composes the libraries and moves bytes.

mod admin;
mod args;
mod ca;
mod clock;
mod command;
mod config;
mod datagram;
mod downloads;
mod drive;
mod events;
mod icap;
mod identity;
mod metrics;
mod monitor;
mod net;
mod origin;
mod origin_ca;
#[cfg(feature = "otlp")]
mod otlp;
mod own_certificate;
mod payload;
mod place;
mod policy;
mod quarantine;
mod random;
mod reload;
mod scan_server;
mod scanners;
#[cfg(test)]
mod scratch;
mod serve;
mod startup;
mod state;
mod toml_file;
mod workers;

use std::io::{self, Write};
use std::process::ExitCode;

use crate::args::Args;

/// Requests allocate much and for a short time, and bodies pass through buffers of some KiB: this
/// gives out first what was freed last and is still in the cache.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Exit status of a command that failed.
const FAILED: u8 = 2;

fn main() -> ExitCode {
    let (global, command) = Args::from_command_line().split();
    match command::execute(&global, command) {
        Ok(ended) => ended.into(),
        // Whoever closes standard output early, as `head` does, has seen enough.
        Err(error) if is_broken_pipe(&*error) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "gateway-proxy: {error}");
            ExitCode::from(FAILED)
        }
    }
}

fn is_broken_pipe(error: &(dyn std::error::Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
}
