//! `gateway-proxy rules fmt`: writes the filters of rules in one layout.

use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use super::Ended;
use crate::args::RulesFmtArgs;
use crate::policy::{self, PolicyError};
use crate::toml_file;

/// Lays out the filters of every file, or with `--check` says which it would.
///
/// # Errors
///
/// A file could not be written, or the answer.
pub(super) fn run(args: &RulesFmtArgs, out: &mut impl Write) -> Result<Ended, Box<dyn Error>> {
    let (mut changed, mut wrong) = (0_usize, 0_usize);
    for file in &args.files {
        let text = toml_file::read(file).map_err(PolicyError::from);
        let tidied = text.and_then(|text| policy::tidy(file, &text));
        let tidied = match tidied {
            Ok(tidied) => tidied,
            Err(error) => {
                writeln!(out, "{error}")?;
                wrong += 1;
                continue;
            }
        };
        for (place, rule) in &tidied.changed {
            let word = if args.check { "would be laid out" } else { "laid out" };
            writeln!(out, "{place}: rule `{rule}`: {word}")?;
        }
        changed += tidied.changed.len();
        if !args.check && !tidied.changed.is_empty() {
            replace(file, &tidied.text)
                .map_err(|error| format!("cannot write {}: {error}", file.display()))?;
        }
    }
    let word = if args.check { "to be laid out" } else { "laid out" };
    writeln!(out, "files {}, filters {word} {changed}, wrong {wrong}", args.files.len())?;
    out.flush()?;
    Ok(match (wrong, changed) {
        (0, 0) => Ended::Well,
        (0, _) if !args.check => Ended::Well,
        (0, _) => Ended::Found,
        _ => Ended::Wrong,
    })
}

/// Puts a file with this text, and the rights of the old one, in the place of the old one at once.
fn replace(file: &Path, text: &str) -> io::Result<()> {
    // A link stays, and what it leads to is replaced.
    let file = fs::canonicalize(file)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let new = file.with_file_name(format!(".{name}.new"));
    let written = fs::write(&new, text)
        .and_then(|()| fs::set_permissions(&new, fs::metadata(&file)?.permissions()))
        .and_then(|()| fs::rename(&new, &file));
    if written.is_err() {
        // What is left over is of no use.
        let _ = fs::remove_file(&new);
    }
    written
}
