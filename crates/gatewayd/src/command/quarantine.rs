//! `gateway-proxy quarantine`: what is in the store of bodies that rules have kept aside, and what becomes of
//! it.

use std::error::Error;
use std::io::{self, Write};

use super::Ended;
use crate::args::{
    GlobalArgs, QuarantineCommand, QuarantineDeleteArgs, QuarantineReleaseArgs, RunArgs,
};
use crate::payload::PrivateKey;
use crate::quarantine::Folder;
use crate::{config, startup};

/// Carries out `command` on the store that the configuration names.
pub(super) fn quarantine(
    global: &GlobalArgs,
    command: &QuarantineCommand,
    out: &mut impl Write,
) -> Result<Ended, Box<dyn Error>> {
    let state = startup::state_dir(global)?;
    let config = config::load(global.config.as_deref(), &state, &RunArgs::default())?.config;
    let settings = &config.quarantine;
    if !settings.is_on() {
        return Err("the configuration names no folder: [quarantine] dir is empty".into());
    }
    let folder = Folder::new(&settings.dir);
    let ended = match command {
        QuarantineCommand::List => list(&folder, out)?,
        QuarantineCommand::Show(args) => {
            let entry = folder.entry(&args.id)?;
            writeln!(out, "{}", serde_json::to_string_pretty(&entry)?)?;
            Ended::Well
        }
        QuarantineCommand::Release(args) => release(&folder, args, out)?,
        QuarantineCommand::Delete(args) => delete(&folder, args, out)?,
        QuarantineCommand::Purge(args) => {
            let bodies = folder.expire(args.days.unwrap_or(settings.days_max))?;
            writeln!(out, "{bodies} deleted")?;
            Ended::Well
        }
    };
    out.flush()?;
    Ok(ended)
}

fn list(folder: &Folder, out: &mut impl Write) -> Result<Ended, Box<dyn Error>> {
    let (entries, wrong) = folder.entries()?;
    for entry in entries {
        writeln!(out, "{}", serde_json::to_string(&entry)?)?;
    }
    for error in &wrong {
        tell(error);
    }
    Ok(if wrong.is_empty() { Ended::Well } else { Ended::Wrong })
}

fn release(
    folder: &Folder,
    args: &QuarantineReleaseArgs,
    out: &mut impl Write,
) -> Result<Ended, Box<dyn Error>> {
    let key = match &args.key {
        None => None,
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
            let key = text.parse::<PrivateKey>();
            Some(key.map_err(|error| format!("{}: {error}", path.display()))?)
        }
    };
    let entry = folder.release(&args.id, key.as_ref(), &args.out)?;
    let part = if entry.partial { ", a part of the body" } else { "" };
    writeln!(out, "{}: {} bytes, SHA-256 {}{part}", args.id, entry.bytes, entry.sha256)?;
    Ok(Ended::Well)
}

fn delete(
    folder: &Folder,
    args: &QuarantineDeleteArgs,
    out: &mut impl Write,
) -> Result<Ended, Box<dyn Error>> {
    let mut ended = Ended::Well;
    for id in &args.ids {
        match folder.delete(id) {
            Ok(()) => writeln!(out, "{id} deleted")?,
            Err(error) => {
                tell(&error);
                ended = Ended::Wrong;
            }
        }
    }
    Ok(ended)
}

/// Tells what could not be done; the rest is.
fn tell(error: &dyn Error) {
    let _ = writeln!(io::stderr(), "gateway-proxy: {error}");
}
