//! `lists.toml`: the lists that filters call by name (`in $name`), with the files that hold their
//! entries.

mod files;
mod problem;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gateway_rules::{ListBuilder, ListError, ListKind, ListSeed, Lists};
use serde::Deserialize;
use toml::Spanned;

use self::files::{Faults, Source};
pub(super) use self::problem::ListProblem;
use super::{PolicyError, Problem};
use crate::place::Place;
use crate::random;
use crate::toml_file;

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ListsFile {
    #[serde(default)]
    list: Vec<ListEntry>,
}

/// One `[[list]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ListEntry {
    id: Spanned<String>,
    /// For people, like the next; they say nothing to the gateway.
    #[serde(default, rename = "name")]
    _name: Option<String>,
    #[serde(default, rename = "description")]
    _description: Option<String>,
    #[serde(rename = "type")]
    kind: KindName,
    entries: Option<Vec<Spanned<String>>>,
    file: Option<Spanned<String>>,
    format: Option<Spanned<FormatName>>,
    faults: Option<Spanned<FaultsName>>,
}

/// What the entries of a list are.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum KindName {
    Domain,
    Hash,
    Host,
    Ip,
    Number,
    Text,
    Url,
    Wildcard,
}

impl KindName {
    const fn kind(self) -> ListKind {
        match self {
            Self::Domain => ListKind::Domain,
            Self::Hash => ListKind::Hash,
            Self::Host => ListKind::Host,
            Self::Ip => ListKind::Ip,
            Self::Number => ListKind::Number,
            Self::Text => ListKind::Text,
            Self::Url => ListKind::Url,
            Self::Wildcard => ListKind::Wildcard,
        }
    }
}

/// The format of a file.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum FormatName {
    AdBlock,
    Csv,
    Hosts,
    #[default]
    Plain,
    Rpz,
    Ut1,
}

/// What becomes of a list some lines of whose file are wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum FaultsName {
    /// The policy is refused.
    #[default]
    Refuse,
    /// The list goes without them, with a warning.
    Warn,
}

/// The lists of the policy folder `dir`.
pub(crate) fn file(dir: &Path) -> PathBuf {
    dir.join("lists.toml")
}

/// The lists in the policy folder `texts`, with the files of entries in `rest`; none where there is
/// no such file. What is left out of a file of entries is told in `warnings`. A list that is as the
/// one of its name `before` is that one, so that it stands in memory once.
///
/// # Errors
///
/// [`PolicyError`] with every problem of the file and of those that it names.
pub(crate) fn load(
    texts: &Path,
    rest: &Path,
    before: Option<&Lists>,
    warnings: &mut Vec<Problem>,
) -> Result<Arc<Lists>, PolicyError> {
    let file = file(texts);
    let text = if file.exists() { toml_file::read(&file)? } else { String::new() };
    let entries = toml_file::parse::<ListsFile>(&file, &text)?.list;
    if entries.is_empty() {
        return Ok(Arc::default());
    }
    let mut loading = Loading { file: &file, text: &text, rest, problems: Vec::new(), warnings };
    // Only lists with the same secret can be compared.
    let known = before.and_then(|before| before.iter().next()).map(|(_, list)| list.seed());
    let seed = match known {
        Some(seed) => seed,
        None => ListSeed::new(random_numbers().map_err(|_| Problem::NoRandom)?),
    };
    let mut lists = Lists::default();
    let mut first = BTreeMap::new();
    for entry in &entries {
        let name = entry.id.get_ref();
        let at = loading.place(entry.id.span().start);
        let mut builder = ListBuilder::new(entry.kind.kind(), seed);
        if !loading.fill(entry, &mut builder) {
            continue;
        }
        let list = builder.build();
        let same = before.and_then(|before| before.find(name)).filter(|known| ***known == list);
        match lists.insert(name, same.cloned().unwrap_or_else(|| list.into())) {
            Ok(()) => {
                first.insert(name, at.line);
            }
            Err(ListError::Taken) => {
                let first = first.get(name).copied().unwrap_or_default();
                loading
                    .problems
                    .push(ListProblem::Twice { place: at, list: name.clone(), first }.into());
            }
            Err(source) => {
                loading
                    .problems
                    .push(ListProblem::Built { place: at, list: name.clone(), source }.into());
            }
        }
    }
    let problems = loading.problems;
    if problems.is_empty() { Ok(Arc::new(lists)) } else { Err(PolicyError::of_file(problems)) }
}

/// Numbers that nobody outside can guess.
fn random_numbers() -> Result<[u64; 3], random::NoRandom> {
    let mut numbers = [0; 3];
    for number in &mut numbers {
        *number = u64::from_le_bytes(random::bytes()?);
    }
    Ok(numbers)
}

/// The lists of one file being loaded.
struct Loading<'a> {
    file: &'a Path,
    text: &'a str,
    rest: &'a Path,
    problems: Vec<Problem>,
    warnings: &'a mut Vec<Problem>,
}

impl Loading<'_> {
    fn place(&self, offset: usize) -> Place {
        Place::of(self.file, self.text, offset)
    }

    /// Adds the entries of a list; false where something is wrong with them.
    fn fill(&mut self, entry: &ListEntry, builder: &mut ListBuilder) -> bool {
        let before = self.problems.len();
        let list = entry.id.get_ref();
        for (index, text) in entry.entries.iter().flatten().enumerate() {
            if let Err(source) = builder.add(text.get_ref()) {
                let place = self.place(text.span().start);
                let source = ListError::Entry { index, source };
                self.problems.push(ListProblem::Built { place, list: list.clone(), source }.into());
                break;
            }
        }
        let misplaced = match (&entry.file, &entry.format, &entry.faults) {
            (None, Some(format), _) => Some((format.span(), "format")),
            (None, None, Some(faults)) => Some((faults.span(), "faults")),
            (None, None, None) | (Some(_), ..) => None,
        };
        if let Some((span, setting)) = misplaced {
            let place = self.place(span.start);
            self.problems.push(ListProblem::Setting { place, list: list.clone(), setting }.into());
        }
        match &entry.file {
            None if entry.entries.is_none() => {
                let place = self.place(entry.id.span().start);
                self.problems.push(ListProblem::Nothing { place, list: list.clone() }.into());
            }
            None => {}
            Some(file) => {
                let source = Source {
                    list,
                    place: self.place(file.span().start),
                    path: file.get_ref(),
                    format: entry.format.as_ref().map_or(FormatName::Plain, |f| *f.get_ref()),
                    faults: match entry.faults.as_ref().map(|faults| *faults.get_ref()) {
                        None | Some(FaultsName::Refuse) => Faults::Refuse,
                        Some(FaultsName::Warn) => Faults::Warn,
                    },
                };
                source.read(self.rest, builder, &mut self.problems, self.warnings);
            }
        }
        self.problems.len() == before
    }
}
