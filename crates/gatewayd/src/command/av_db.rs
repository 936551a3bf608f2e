//! `gateway-proxy av db`: folders of signature databases made into one image, and databases looked at
//! and brought up to date.

mod update;

use std::error::Error;
use std::io::{self, Write};
use std::path::Path;

use gateway_av::DatabaseLimits;
use gateway_av::container::{Container, Header};
use gateway_av::signed::{Strictness, Trust};
use gateway_av::update::Script;

use super::Ended;
use crate::args::{AvDbBuildArgs, AvDbCommand, AvDbFilesArgs, AvDbLintArgs};
use crate::policy::{self, PolicyError, Problem};

/// Carries out `command`.
pub(super) fn av_db(command: &AvDbCommand, out: &mut impl Write) -> Result<Ended, Box<dyn Error>> {
    match command {
        AvDbCommand::Build(args) => build(args, out),
        AvDbCommand::Info(args) => info(args, out),
        AvDbCommand::Lint(args) => lint(args, out),
        AvDbCommand::Update(args) => update::update(args, out),
        AvDbCommand::Verify(args) => verify(args, out),
    }
}

fn warn(warnings: &[Problem]) {
    for warning in warnings {
        let _ = writeln!(io::stderr(), "gateway-proxy: warning: {warning}");
    }
}

/// A folder that is named on the command line is meant to be there.
fn is_there(dir: &Path) -> Result<(), Problem> {
    let there = std::fs::read_dir(dir);
    there.map(drop).map_err(|source| Problem::Read { path: dir.to_owned(), source })
}

fn build(args: &AvDbBuildArgs, out: &mut impl Write) -> Result<Ended, Box<dyn Error>> {
    is_there(&args.dir)?;
    if args.out.extension().is_some_and(|extension| extension == "yarac") {
        return build_yara(args, out);
    }
    if !policy::is_av_image(&args.out) {
        // By another name it would be passed over where databases are loaded.
        let file = args.out.display();
        let expected = "a name that ends with .avimg, or with .yarac for YARA rules";
        return Err(format!("{file}: expected {expected}").into());
    }
    let mut warnings = Vec::new();
    let older = (!args.whole && args.out.exists()).then_some(&*args.out);
    let (dirs, settings) = (std::slice::from_ref(&args.dir), args.trust.settings());
    let image = policy::av_image(dirs, older, &settings, &mut warnings);
    warn(&warnings);
    let image = image?;
    write(&args.out, &image)?;
    let av = policy::read_av_image(&args.out)?;
    writeln!(out, "{}: {}, {} bytes", args.out.display(), av.report(), image.len())?;
    Ok(Ended::Well)
}

fn build_yara(args: &AvDbBuildArgs, out: &mut impl Write) -> Result<Ended, Box<dyn Error>> {
    let mut warnings = Vec::new();
    let settings = args.trust.settings();
    let rules = policy::yara_rules(std::slice::from_ref(&args.dir), &settings, &mut warnings);
    warn(&warnings);
    let Some(rules) = rules? else {
        return Err(format!("{}: there are no YARA rules to compile", args.dir.display()).into());
    };
    let bytes = rules.to_bytes()?;
    write(&args.out, &bytes)?;
    writeln!(out, "{}: {} rules, {} bytes", args.out.display(), rules.rules(), bytes.len())?;
    Ok(Ended::Well)
}

/// Writes a file so that whoever reads it meanwhile sees the old one or the new one, and never a half.
fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let written = std::fs::write(&name, bytes).and_then(|()| std::fs::rename(&name, path));
    written.map_err(|error| format!("cannot write {}: {error}", path.display()))
}

fn info(args: &AvDbFilesArgs, out: &mut impl Write) -> Result<Ended, Box<dyn Error>> {
    for path in &args.files {
        write!(out, "{}: ", path.display())?;
        if policy::is_av_image(path) {
            writeln!(out, "image, {}", policy::read_av_image(path)?.report())?;
            continue;
        }
        let trust =
            Trust { strictness: Strictness::Lax, ..policy::av_trust(&args.trust.settings())? };
        let container = policy::open_av_container(path, &trust)?;
        let Header { made, version, signatures, level, builder, .. } = container.header();
        writeln!(
            out,
            "version {version} of {made}, {signatures} signatures, level {level}, by {builder}; {}",
            container.vouched()
        )?;
        for (name, bytes) in container.members() {
            writeln!(out, "  {name}: {} bytes", bytes.len())?;
        }
    }
    Ok(Ended::Well)
}

fn lint(args: &AvDbLintArgs, out: &mut impl Write) -> Result<Ended, Box<dyn Error>> {
    is_there(&args.dir)?;
    let mut warnings = Vec::new();
    let (dirs, settings) = (std::slice::from_ref(&args.dir), args.trust.settings());
    let loaded = policy::av_builder(dirs, &settings, &mut warnings);
    let rules = policy::yara_rules(dirs, &settings, &mut warnings);
    for warning in &warnings {
        writeln!(out, "warning: {warning}")?;
    }
    let mut ended = Ended::Well;
    let mut wrong = |error: PolicyError, out: &mut dyn Write| {
        ended = Ended::Wrong;
        error.problems.iter().try_for_each(|problem| writeln!(out, "error: {problem}"))
    };
    match loaded {
        // Only all files together tell which signatures others take out.
        Ok(builder) => writeln!(out, "{}", builder.build().report())?,
        Err(error) => wrong(error, out)?,
    }
    match rules {
        Ok(Some(rules)) => writeln!(out, "{} YARA rules loaded", rules.rules())?,
        Ok(None) => {}
        Err(error) => wrong(error, out)?,
    }
    Ok(ended)
}

fn verify(args: &AvDbFilesArgs, out: &mut impl Write) -> Result<Ended, Box<dyn Error>> {
    let trust =
        Trust { strictness: Strictness::Strict, ..policy::av_trust(&args.trust.settings())? };
    let mut ended = Ended::Well;
    for path in &args.files {
        let is_script = path.extension().is_some_and(|extension| extension == "cdiff");
        let verified = if policy::is_av_image(path) {
            policy::read_av_image(path).map(|_| "whole".to_owned()).map_err(Box::from)
        } else if is_script {
            script(path, &trust).map(|script| script.vouched().to_string())
        } else {
            let container = policy::open_av_container(path, &trust);
            container.map(|one: Container| one.vouched().to_string()).map_err(Box::from)
        };
        match verified {
            Ok(vouched) => writeln!(out, "{}: {vouched}", path.display())?,
            Err(error) => {
                // Its text begins with the name of the file.
                writeln!(out, "{error}")?;
                ended = Ended::Found;
            }
        }
    }
    Ok(ended)
}

/// Opens the script `path` with the signature that stands beside it, if one does.
fn script(path: &Path, trust: &Trust) -> Result<Script, Box<dyn Error>> {
    let cannot = |source| Problem::Read { path: path.to_owned(), source };
    let bytes = std::fs::read(path).map_err(cannot)?;
    let beside = policy::av_beside(path, None).map_err(cannot)?;
    let max = DatabaseLimits::default().unpacked_bytes_max;
    let script = Script::open(&bytes, beside.as_deref(), trust, max);
    Ok(script.map_err(|error| format!("{}: {error}", path.display()))?)
}
