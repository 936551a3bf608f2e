//! The sub-commands of `gateway-proxy`, one file each, and how their outcome becomes the exit
//! status of the process.

mod av_db;
mod ca;
mod check;
mod demo;
mod dlp;
mod dlp_choice;
mod dlp_dataset;
mod dlp_eval;
mod dlp_explain;
mod dlp_fingerprint;
mod dlp_list;
mod dlp_payload;
mod dlp_test;
mod identity;
mod quarantine;
mod rules;
mod rules_eval;
mod rules_explain;
mod rules_facts;
mod rules_fmt;
mod rules_import;
mod rules_test;
mod run;
mod running;
mod scan;

use std::error::Error;
use std::io::{self, BufWriter};
use std::process::ExitCode;

use crate::args::{AvCommand, Command, GlobalArgs};
use crate::workers::become_bound;

/// How a command that did not fail ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Nothing to object to: exit status 0.
    Well,
    /// Something was found: exit status 1.
    Found,
    /// What was to be checked is wrong, and it was said: exit status 2.
    Wrong,
}

impl From<Ended> for ExitCode {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::Well => Self::SUCCESS,
            Ended::Found => Self::from(1),
            Ended::Wrong => Self::from(2),
        }
    }
}

/// Carries out `command`, with standard output for its answer.
///
/// # Errors
///
/// Whatever kept it from its answer, as text for people.
pub(crate) fn execute(global: &GlobalArgs, command: Command) -> Result<Ended, Box<dyn Error>> {
    // Standard output is shared with the sink for the terminal.
    if let Command::Run(args) = command {
        return run::run(global, &args);
    }
    let mut out = BufWriter::new(io::stdout().lock());
    match command {
        Command::Run(args) => run::run(global, &args),
        Command::Demo => demo::demo(global, &mut out),
        Command::Check(args) => Ok(check::check(global, &args, &mut out)?),
        Command::Ca(args) => ca::ca(global, &args, &mut out),
        Command::Identity(args) => identity::identity(&args, &mut out),
        Command::Scan(args) => scan::scan(&args, &mut out),
        Command::Rules(args) => rules::rules(&args, &mut out),
        Command::Av(AvCommand::Db(args)) => av_db::av_db(&args, &mut out),
        Command::Dlp(args) => dlp::dlp(&args, &mut out),
        Command::Quarantine(args) => quarantine::quarantine(global, &args, &mut out),
        Command::Bound(args) => Err(become_bound(&args).into()),
    }
}
