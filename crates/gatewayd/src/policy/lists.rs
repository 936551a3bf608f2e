//! `lists.toml`: the lists that filters call by name (`in $name`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gateway_rules::{List, ListError, Lists, Type};
use serde::Deserialize;
use toml::Spanned;

use super::{PolicyError, Problem};
use crate::place::Place;
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
    entries: Vec<Spanned<String>>,
}

/// What the entries of a list are.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum KindName {
    /// Addresses, networks, and ranges of addresses.
    Ip,
    /// Numbers, and ranges of them.
    Number,
    /// Texts, such as hosts, domains and e-mail addresses.
    Text,
}

impl KindName {
    const fn ty(self) -> Type {
        match self {
            Self::Ip => Type::Ip,
            Self::Number => Type::Int,
            Self::Text => Type::Bytes,
        }
    }
}

/// The lists of the policy folder `dir`.
pub(crate) fn file(dir: &Path) -> PathBuf {
    dir.join("lists.toml")
}

/// The lists in the policy folder `dir`; none where there is no such file.
///
/// # Errors
///
/// [`PolicyError`] with every problem of the file.
pub(crate) fn load(dir: &Path) -> Result<Arc<Lists>, PolicyError> {
    let file = file(dir);
    let text = if file.exists() { toml_file::read(&file)? } else { String::new() };
    let entries = toml_file::parse::<ListsFile>(&file, &text)?.list;
    let place = |offset| Place::of(&file, &text, offset);
    let mut lists = Lists::default();
    let mut first = BTreeMap::new();
    let mut problems = Vec::new();
    for entry in &entries {
        let name = entry.id.get_ref();
        let read = List::read(&entry.kind.ty(), entry.entries.iter().map(|e| e.get_ref().as_str()));
        let added = read.and_then(|list| lists.insert(name, list));
        let at = place(entry.id.span().start);
        match added {
            Ok(()) => {
                first.insert(name, at.line);
            }
            Err(ListError::Taken) => {
                let first = first.get(name).copied().unwrap_or_default();
                problems.push(Problem::ListTwice { place: at, list: name.clone(), first });
            }
            Err(source) => {
                let of_entry = match source {
                    ListError::Entry { index, .. } => entry.entries.get(index),
                    _ => None,
                };
                let at = of_entry.map_or(at, |entry| place(entry.span().start));
                problems.push(Problem::List { place: at, list: name.clone(), source });
            }
        }
    }
    if problems.is_empty() { Ok(Arc::new(lists)) } else { Err(PolicyError::of_file(problems)) }
}
