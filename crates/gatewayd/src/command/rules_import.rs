//! `gateway-proxy rules import`: policies from rules of other products.

use std::error::Error;
use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;

use gateway_admin::Imported;

use super::Ended;
use crate::args::{ImportCloudflareArgs, RulesImportCommand};

/// Carries out `command`; what is not carried over goes to standard error.
///
/// # Errors
///
/// A file could not be read or written, or the answer.
pub(super) fn run(
    command: &RulesImportCommand,
    out: &mut impl Write,
) -> Result<Ended, Box<dyn Error>> {
    let RulesImportCommand::Cloudflare(args) = command;
    let text = read(&args.file)
        .map_err(|error| format!("cannot read {}: {error}", args.file.display()))?;
    let imported = match gateway_admin::import(&text) {
        Ok(imported) => imported,
        Err(error) => {
            writeln!(io::stderr(), "{}: {error}", args.file.display())?;
            return Ok(Ended::Wrong);
        }
    };
    write(args, &imported, out)?;
    let mut told = io::stderr().lock();
    for left in &imported.left {
        writeln!(told, "{left}")?;
    }
    writeln!(told, "rules {}, not carried over {}", imported.read, imported.left.len())?;
    Ok(if imported.left.is_empty() { Ended::Well } else { Ended::Found })
}

fn read(file: &Path) -> io::Result<String> {
    if file == Path::new("-") {
        let mut text = String::new();
        io::stdin().lock().read_to_string(&mut text)?;
        return Ok(text);
    }
    fs::read_to_string(file)
}

fn write(
    args: &ImportCloudflareArgs,
    imported: &Imported,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let Some(dir) = &args.out else {
        write!(out, "{}", imported.rules)?;
        if let Some(lists) = &imported.lists {
            writeln!(out, "\n# lists.toml, to stand beside this file (`--out` writes it):")?;
            for line in lists.lines() {
                writeln!(out, "{}", format!("# {line}").trim_end())?;
            }
        }
        out.flush()?;
        return Ok(());
    };
    fs::create_dir_all(dir).map_err(|error| format!("cannot create {}: {error}", dir.display()))?;
    let files = [("rules.toml", Some(&imported.rules)), ("lists.toml", imported.lists.as_ref())];
    for (name, text) in files {
        let Some(text) = text else { continue };
        let file = dir.join(name);
        // A policy that is there is not lost by mistake.
        let mut new = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&file)
            .map_err(|error| format!("cannot create {}: {error}", file.display()))?;
        new.write_all(text.as_bytes())
            .map_err(|error| format!("cannot write {}: {error}", file.display()))?;
        writeln!(out, "{}", file.display())?;
    }
    out.flush()?;
    Ok(())
}
