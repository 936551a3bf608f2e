//! Folders of signature databases: from their files to the malware scanner.

use std::io;
use std::path::{Path, PathBuf};

use gateway_av::{Av, DatabaseBuilder, DatabaseLimits};

use super::{PolicyError, Problem};

/// Extensions of the files that are loaded, as `gateway_av` knows them.
const LOADED: [&str; 20] = [
    "cdb", "fp", "ftm", "hdb", "hdu", "hsb", "hsu", "ign", "ign2", "imp", "ldb", "ldu", "mdb",
    "mdu", "msb", "msu", "ndb", "ndu", "sdb", "sfp",
];
/// Extensions of notes, which are passed over in silence.
const NOTES: [&str; 2] = ["md", "txt"];

/// The scanner with the databases in the folders `dirs`, by name in each; a folder that is not
/// there holds none. What is left out is told in `warnings`.
///
/// # Errors
///
/// [`PolicyError`] with the first problem of every file.
pub(crate) fn load(dirs: &[PathBuf], warnings: &mut Vec<Problem>) -> Result<Av, PolicyError> {
    let mut builder = DatabaseBuilder::new(DatabaseLimits::default());
    let mut problems = Vec::new();
    for dir in dirs {
        let files = files(dir).map_err(|source| Problem::Read { path: dir.clone(), source })?;
        for path in files {
            let extension = path.extension().and_then(|extension| extension.to_str());
            let is = |known: &[&str]| extension.is_some_and(|one| known.contains(&one));
            if is(&LOADED) {
                if let Err(error) = add(&mut builder, path, warnings) {
                    problems.extend(error.problems);
                }
            } else if !is(&NOTES) {
                warnings.push(Problem::AvSkipped { path });
            }
        }
    }
    if problems.is_empty() { Ok(builder.build()) } else { Err(PolicyError { problems }) }
}

fn add(
    builder: &mut DatabaseBuilder,
    path: PathBuf,
    warnings: &mut Vec<Problem>,
) -> Result<(), PolicyError> {
    let contents = match std::fs::read(&path) {
        Ok(contents) => contents,
        Err(source) => return Err(Problem::Read { path, source }.into()),
    };
    let report = builder.add_file(&path.display().to_string(), &contents).map_err(Problem::from)?;
    if report.unsupported_total() > 0 {
        warnings.push(Problem::AvUnsupported { path, report });
    }
    Ok(())
}

/// The files of `dir`, by name; hidden ones are none.
fn files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if path.is_file() && !hidden {
            files.push(path);
        }
    }
    files.sort_unstable();
    Ok(files)
}
