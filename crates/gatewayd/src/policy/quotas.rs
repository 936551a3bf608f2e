//! `quotas.toml`: what is counted over time, for rules to ask about.

mod problem;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use gateway_proxy::{Counted, Quota, QuotaKey};
use gateway_rules::{Facts, Filter, Gate, Ids, Lists, ParseOptions, RuleSet, Scheme, field};
use serde::Deserialize;
use toml::Spanned;

pub(super) use self::problem::QuotaProblem;
use super::{PolicyError, Problem, string_offset};
use crate::place::Place;
use crate::toml_file;

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct QuotasFile {
    #[serde(default)]
    quota: Vec<QuotaEntry>,
}

/// One `[[quota]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct QuotaEntry {
    id: Spanned<String>,
    key: KeyName,
    #[serde(default)]
    counts: CountsName,
    window_s: Spanned<u64>,
    max: u64,
    keys_max: Option<Spanned<usize>>,
    filter: Option<Spanned<String>>,
}

/// Whom a quota is for.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum KeyName {
    Host,
    Ip,
    User,
}

/// What it counts.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum CountsName {
    Bytes,
    DownloadBytes,
    #[default]
    Requests,
    UploadBytes,
}

/// The longest window: 31 days.
const WINDOW_S_MAX: u64 = 31 * 86_400;

/// The most quotas.
const QUOTAS_MAX: usize = 256;

/// The quotas in the policy folder `dir`; none where there is no such file.
///
/// # Errors
///
/// [`PolicyError`] with every problem of the file.
pub(crate) fn load(dir: &Path, lists: &Arc<Lists>) -> Result<Vec<Quota>, PolicyError> {
    let file = dir.join("quotas.toml");
    let text = if file.exists() { toml_file::read(&file)? } else { String::new() };
    let entries = toml_file::parse::<QuotasFile>(&file, &text)?.quota;
    let place = |offset: usize| Place::of(&file, &text, offset);
    let (mut quotas, mut problems) = (Vec::new(), Vec::new());
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in &entries {
        let id = entry.id.get_ref();
        let at = place(entry.id.span().start);
        if let Some(&first) = first.get(id.as_str()) {
            problems.push(QuotaProblem::Twice { place: at, quota: id.clone(), first }.into());
            continue;
        }
        first.insert(id, at.line);
        let mut number = |found: u64, max: u64, key: &'static str, offset: usize| {
            if found == 0 || found > max {
                let (place, quota) = (place(offset), id.clone());
                problems.push(QuotaProblem::Range { place, quota, key, found, max }.into());
            }
        };
        number(*entry.window_s.get_ref(), WINDOW_S_MAX, "window_s", entry.window_s.span().start);
        if let Some(keys) = &entry.keys_max {
            let found = u64::try_from(*keys.get_ref()).unwrap_or(u64::MAX);
            number(found, Quota::KEYS_MAX as u64, "keys_max", keys.span().start);
        }
        let filter = match entry.filter.as_ref().map(|filter| parse(filter, lists)) {
            None => None,
            Some(Ok(filter)) => Some(filter),
            Some(Err((offset, message))) => {
                let span = entry.filter.as_ref().map(Spanned::span).unwrap_or_default();
                let place = place(string_offset::in_file(&text, span, offset));
                problems.push(QuotaProblem::Filter { place, quota: id.clone(), message }.into());
                None
            }
        };
        quotas.push(Quota {
            id: id.clone(),
            key: match entry.key {
                KeyName::Host => QuotaKey::Host,
                KeyName::Ip => QuotaKey::Ip,
                KeyName::User => QuotaKey::User,
            },
            counts: match entry.counts {
                CountsName::Bytes => Counted::Bytes,
                CountsName::DownloadBytes => Counted::DownloadBytes,
                CountsName::Requests => Counted::Requests,
                CountsName::UploadBytes => Counted::UploadBytes,
            },
            window_s: *entry.window_s.get_ref(),
            max: entry.max,
            keys_max: entry.keys_max.as_ref().map_or(Quota::KEYS, |keys| *keys.get_ref()),
            filter,
        });
    }
    if let Some(entry) = entries.get(QUOTAS_MAX) {
        let (place, quota) = (place(entry.id.span().start), entry.id.get_ref().clone());
        problems.push(QuotaProblem::Count { place, quota, max: QUOTAS_MAX }.into());
    }
    if problems.is_empty() { Ok(quotas) } else { Err(PolicyError::of_file(problems)) }
}

/// The filter, or where it is faulty and how.
fn parse(text: &Spanned<String>, lists: &Arc<Lists>) -> Result<Filter, (usize, String)> {
    let scheme = Scheme::gateway();
    let options = ParseOptions { lists: Arc::clone(lists), ..ParseOptions::default() };
    let filter = Filter::parse(&scheme, text.get_ref(), &options).map_err(|error| {
        match error.diagnostics().first() {
            Some(diagnostic) => (diagnostic.span().start, diagnostic.to_string()),
            None => (0, error.to_string()),
        }
    })?;
    let late = filter.fields().find_map(|id| {
        let field = scheme.field(id)?;
        (!field.phases().is_subset(Gate::RequestHead.before())).then(|| field.name().to_owned())
    });
    match late {
        Some(field) => {
            let at = text.get_ref().find(&field).unwrap_or(0);
            Err((at, format!("`{field}` is known only after the request has been counted")))
        }
        None => Ok(filter),
    }
}

/// The quotas that some rule compares with, but that there are not.
pub(crate) fn unknown(rules: &RuleSet, quotas: &[Quota]) -> Vec<Problem> {
    let nothing_known = Facts::new(rules.scheme());
    let decision = rules.decide(&nothing_known, Gate::ResponseBody);
    let named = match decision.needs().ids(field::QUOTA_EXCEEDED) {
        Ids::Only(ids) => ids.iter().map(|id| String::from_utf8_lossy(id).into_owned()).collect(),
        Ids::All => Vec::new(),
    };
    let unknown = named.into_iter().filter(|name| quotas.iter().all(|quota| quota.id != *name));
    let problem = |quota: String| {
        let known = quotas.iter().map(|quota| quota.id.as_str());
        let meant = toml_file::nearest(&quota, known).map(str::to_owned);
        QuotaProblem::Unknown { quota, meant }.into()
    };
    unknown.map(problem).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    fn check(text: &str, expected: Result<usize, &[&str]>) {
        let dir = Scratch::new();
        std::fs::write(dir.path().join("quotas.toml"), text).unwrap();
        match (load(dir.path(), &Arc::default()), expected) {
            (Ok(quotas), Ok(count)) => assert_eq!(quotas.len(), count, "{text}"),
            (Err(error), Err(parts)) => {
                let told = error.to_string();
                assert!(parts.iter().all(|part| told.contains(part)), "{told}");
            }
            (loaded, expected) => panic!("{loaded:?}, not {expected:?}"),
        }
    }

    #[test]
    fn quotas_are_read_and_faults_told() {
        let quota = "[[quota]]\nid = \"q\"\nkey = \"user\"\nwindow_s = 60\nmax = 10\n";
        check("", Ok(0));
        check(
            &format!(
                "{quota}counts = \"upload_bytes\"\nfilter = 'http.request.method == \"PUT\"'\n"
            ),
            Ok(1),
        );
        check(
            &format!("{quota}{quota}"),
            Err(&["quotas.toml:7:6", "taken by the quota in line 2"]),
        );
        check(&quota.replace("60", "0"), Err(&["quotas.toml:4:12", "window_s", "from 1 to"]));
        check(
            &format!("{quota}filter = 'htp.x'\n"),
            Err(&["quotas.toml:6:11", "no field is called"]),
        );
        check(
            &format!("{quota}filter = 'av.infected'\n"),
            Err(&["`av.infected` is known only after"]),
        );
        check(
            "[[quota]]\nid = \"q\"\nkey = \"planet\"\nwindow_s = 60\nmax = 10\n",
            Err(&["planet"]),
        );
    }
}
