//! Files of entries in the folder `lists/` of a policy: where they are, and what is told of them.
//! What their lines mean is known to `gateway_rules`.

use std::io::Read;
use std::path::{Component, Path, PathBuf};

use gateway_rules::{ListBuilder, ListFormat, ListKind};

use super::{FormatName, ListProblem};
use crate::place::Place;
use crate::policy::Problem;

/// The folder within a policy folder.
const DIR: &str = "lists";
/// Bytes of one file.
const FILE_BYTES_MAX: u64 = 1 << 30;

/// What becomes of a list some lines of whose file are wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Faults {
    Refuse,
    Warn,
}

/// A file, or a category of UT1, that a list names.
pub(super) struct Source<'a> {
    pub(super) list: &'a str,
    /// Where it is named.
    pub(super) place: Place,
    /// Below the folder.
    pub(super) path: &'a str,
    pub(super) format: FormatName,
    pub(super) faults: Faults,
}

impl Source<'_> {
    /// Adds the entries of the file below the policy folder `dir`.
    pub(super) fn read(
        &self,
        dir: &Path,
        builder: &mut ListBuilder,
        problems: &mut Vec<Problem>,
        warnings: &mut Vec<Problem>,
    ) {
        let path = Path::new(self.path);
        let is_below = path.components().all(|part| matches!(part, Component::Normal(_)));
        if !is_below || self.path.is_empty() {
            let (place, file) = (self.place.clone(), self.path.to_owned());
            problems.push(ListProblem::Path { place, list: self.list.to_owned(), file }.into());
            return;
        }
        let path = dir.join(DIR).join(path);
        for (path, format) in self.files(path, builder.kind(), warnings) {
            match contents(&path) {
                Ok(contents) => self.add(&path, format, &contents, builder, problems, warnings),
                Err(source) => problems.push(
                    ListProblem::File {
                        place: self.place.clone(),
                        list: self.list.to_owned(),
                        path,
                        source,
                    }
                    .into(),
                ),
            }
        }
    }

    /// The files to read, each with its format.
    fn files(
        &self,
        path: PathBuf,
        kind: ListKind,
        warnings: &mut Vec<Problem>,
    ) -> Vec<(PathBuf, ListFormat)> {
        let format = match self.format {
            FormatName::AdBlock => ListFormat::AdBlock,
            FormatName::Csv => ListFormat::Csv,
            FormatName::Hosts => ListFormat::Hosts,
            FormatName::Plain => ListFormat::Plain,
            FormatName::Rpz => ListFormat::Rpz,
            FormatName::Ut1 => return self.category(&path, kind, warnings),
        };
        vec![(path, format)]
    }

    /// The files of a UT1 category. `domains` must be there; of the others those that are there
    /// and cannot be read into the list are told.
    fn category(
        &self,
        folder: &Path,
        kind: ListKind,
        warnings: &mut Vec<Problem>,
    ) -> Vec<(PathBuf, ListFormat)> {
        let mut files = vec![(folder.join("domains"), ListFormat::Ut1Domains)];
        let urls = folder.join("urls");
        let mut left = vec![folder.join("expressions")];
        if kind == ListKind::Url {
            files.extend(urls.is_file().then_some((urls, ListFormat::Ut1Urls)));
        } else {
            left.push(urls);
        }
        for path in left.into_iter().filter(|path| path.is_file()) {
            let list = self.list.to_owned();
            warnings.push(ListProblem::Skipped { list, path, kind: kind.name() }.into());
        }
        files
    }

    fn add(
        &self,
        path: &Path,
        format: ListFormat,
        contents: &[u8],
        builder: &mut ListBuilder,
        problems: &mut Vec<Problem>,
        warnings: &mut Vec<Problem>,
    ) {
        let report = builder.read(format, contents);
        let list = || self.list.to_owned();
        let told = match self.faults {
            Faults::Refuse => problems,
            Faults::Warn => &mut *warnings,
        };
        for fault in &report.faults {
            let place = Place { file: path.to_owned(), line: fault.line, column: 1 };
            told.push(
                ListProblem::Line { place, list: list(), source: fault.error.clone() }.into(),
            );
        }
        let more = report.faults_count - report.faults.len();
        if more > 0 {
            told.push(ListProblem::Lines { path: path.to_owned(), list: list(), more }.into());
        }
        for passed in report.passed_over {
            let place = Place { file: path.to_owned(), line: passed.first_line, column: 1 };
            let (lines, what) = (passed.lines, passed.what);
            warnings.push(ListProblem::PassedOver { place, list: list(), lines, what }.into());
        }
    }
}

fn contents(path: &Path) -> std::io::Result<Vec<u8>> {
    let file = std::fs::File::open(path)?;
    let bytes = file.metadata()?.len();
    if bytes > FILE_BYTES_MAX {
        return Err(std::io::Error::other("it is larger than 1 GiB"));
    }
    let mut contents = Vec::with_capacity(usize::try_from(bytes).unwrap_or(0));
    file.take(FILE_BYTES_MAX).read_to_end(&mut contents)?;
    Ok(contents)
}
