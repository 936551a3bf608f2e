//! A policy folder, loaded and validated as a whole: rules, lists, DLP profiles, malware signatures,
//! Workers.
//!
//! A load gives the whole policy or every problem that stands in its way; it never gives half.

mod av;
mod av_policy;
mod catalogs;
mod constants;
pub(crate) mod dataset_file;
mod dlp;
mod dlp_culprit;
mod dlp_files;
mod dlp_precision;
pub(crate) mod fingerprint_file;
mod lint;
mod lists;
mod malware;
mod problem;
mod quotas;
mod rule_extras;
pub(crate) mod rule_files;
mod rules;
pub(crate) mod scan_groups;
mod string_offset;
mod tidy;
mod workers;
mod yara;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gateway_dlp::Dlp;
use gateway_inspect::Examiner;
use gateway_proxy::{Catalogs, Quota};
use gateway_rules::{Filter, RuleSet};

use crate::config::{AvDatabases, Icap};
pub(crate) use av::{
    AvProblem, beside as av_beside, builder as av_builder, image as av_image,
    is_image as is_av_image, load as load_av, open as open_av_container,
    read_image as read_av_image, rules as yara_rules, trust as av_trust,
};
pub(crate) use av_policy::AvPolicy;
pub(crate) use dlp::{DlpPolicy, builtin as builtin_dlp, load as load_dlp};
pub(crate) use lint::{Oddity, look as lint};
pub(crate) use lists::load as load_lists;
pub(crate) use malware::Malware;
pub(crate) use problem::{PolicyError, Problem};
pub(crate) use rules::{Known, load as load_rules};
pub(crate) use scan_groups::ScanGroup;
pub(crate) use tidy::tidy;
pub(crate) use workers::WorkerSource;

/// A policy in force.
#[derive(Debug)]
pub(crate) struct LoadedPolicy {
    /// The compiled rules.
    pub(crate) rules: Arc<RuleSet>,
    /// The DLP scanner with its profiles.
    pub(crate) dlp: Dlp,
    /// The malware scanner with its signatures.
    pub(crate) av: Malware,
    /// What is scanned for malware, and what becomes of it.
    pub(crate) av_policy: AvPolicy,
    /// The Workers that rules may forward to, by name.
    pub(crate) workers: Vec<WorkerSource>,
    /// What is told of addresses and hosts.
    pub(crate) catalogs: Arc<Catalogs>,
    /// What is counted over time.
    pub(crate) quotas: Vec<Quota>,
    /// The groups of scanners that rules may name.
    pub(crate) scan_groups: Vec<ScanGroup>,
    /// What is not wrong, but perhaps not meant.
    pub(crate) warnings: Vec<Problem>,
}

impl LoadedPolicy {
    /// Makes the facts known that the conditions of `icap` read besides the rules.
    pub(crate) fn read_for(&mut self, icap: &[Icap]) {
        let conditions = icap.iter().filter_map(|icap| icap.condition().ok().flatten());
        let fields: Vec<_> = conditions.flat_map(|filter| filter.fields()).collect();
        // Nobody else has the rules yet.
        if let Some(rules) = Arc::get_mut(&mut self.rules) {
            rules.read_also(fields);
        }
    }
}

/// The examiners of the scanners that are given.
pub(crate) fn examiners(dlp: Option<&Dlp>, av: Option<&Malware>) -> Arc<[Arc<dyn Examiner>]> {
    let dlp = dlp.map(|dlp| Arc::new(dlp.clone()) as Arc<dyn Examiner>);
    dlp.into_iter().chain(av.into_iter().flat_map(Malware::examiners)).collect()
}

/// Loads the policy folder `dir`: `rules.toml`, and `lists.toml` with `lists/`, `quotas.toml`,
/// `scan_groups.toml`, `data/`, `dlp.toml`, `av.toml`, `av/` and `workers/` where they are there. What is asked of signature databases
/// `databases` says.
///
/// # Errors
///
/// [`PolicyError`] with every problem of every file; rules are not looked at while lists are wrong.
pub(crate) fn load(dir: &Path, databases: &AvDatabases) -> Result<LoadedPolicy, PolicyError> {
    load_parts(dir, dir, databases, None)
}

/// What is in force when a policy is loaded: what has not changed since is taken from it.
#[derive(Clone, Copy)]
pub(crate) struct Before<'a> {
    /// The rules and their lists.
    pub(crate) rules: &'a RuleSet,
    /// The signature databases, if there are any.
    pub(crate) av: Option<&'a Malware>,
}

/// Loads the policy folder `dir` where `before` is in force.
///
/// # Errors
///
/// As [`load`].
pub(crate) fn load_after(
    before: Before<'_>,
    dir: &Path,
    databases: &AvDatabases,
) -> Result<LoadedPolicy, PolicyError> {
    load_parts(dir, dir, databases, Some(before))
}

/// Loads a policy whose text files stand in the folder `texts`, and whose databases, files of lists
/// and Workers in `rest`. Rules, lists and databases that are as those of `before` are taken from there.
///
/// # Errors
///
/// As [`load`].
pub(crate) fn load_parts(
    texts: &Path,
    rest: &Path,
    databases: &AvDatabases,
    before: Option<Before<'_>>,
) -> Result<LoadedPolicy, PolicyError> {
    let mut problems = Vec::new();
    let mut warnings = Vec::new();
    let dlp = keep(dlp::load(texts, rest, &mut warnings), &mut problems).map(|file| file.dlp);
    let (rules_before, av_before) = (before.map(|b| b.rules), before.and_then(|b| b.av));
    let dirs = [av_dir(rest)];
    let av = av::load_after(av_before, &dirs, databases, &mut warnings);
    let av = keep(av, &mut problems);
    let av_policy = keep(av_policy::load(rest), &mut problems);
    let workers = keep(workers::load(rest), &mut problems);
    let scan_groups = keep(scan_groups::load(rest), &mut problems);
    let known_lists = rules_before.map(RuleSet::lists);
    let lists = keep(lists::load(texts, rest, known_lists, &mut warnings), &mut problems);
    let catalogs = keep(catalogs::load(rest), &mut problems);
    let quotas = lists.as_ref().and_then(|lists| keep(quotas::load(rest, lists), &mut problems));
    let known = Known {
        dlp: dlp.as_ref(),
        workers: workers.as_deref(),
        scan_groups: scan_groups.as_deref(),
        lists: lists.as_ref(),
        before: rules_before,
        more: av_policy.as_ref().map_or(&[], |policy| &policy.rules),
    };
    let rules = lists.is_some().then(|| rules::load(&rules_file(texts), known, &mut warnings));
    let rules = rules.and_then(|loaded| keep(loaded, &mut problems));
    match (rules, dlp, av.zip(av_policy), workers.zip(scan_groups), catalogs, quotas) {
        (
            Some(mut rules),
            Some(dlp),
            Some((av, av_policy)),
            Some((workers, scan_groups)),
            Some(catalogs),
            Some(quotas),
        ) if problems.is_empty() => {
            warnings.extend(catalogs::untold(&rules, rest));
            warnings.extend(quotas::unknown(&rules, &quotas));
            rules.read_also(
                quotas.iter().filter_map(|q| q.filter.as_ref()).flat_map(Filter::fields),
            );
            let rules = Arc::new(rules);
            Ok(LoadedPolicy {
                rules,
                dlp,
                av,
                av_policy,
                workers,
                catalogs,
                quotas,
                scan_groups,
                warnings,
            })
        }
        _ => Err(PolicyError { problems }),
    }
}

/// The folder of signature databases within a policy folder.
const AV_DIR: &str = "av";

/// The rules of the policy folder `dir`.
pub(crate) fn rules_file(dir: &Path) -> PathBuf {
    dir.join("rules.toml")
}

/// The signature databases of the policy folder `dir`.
pub(crate) fn av_dir(dir: &Path) -> PathBuf {
    dir.join(AV_DIR)
}

fn keep<T>(loaded: Result<T, PolicyError>, problems: &mut Vec<Problem>) -> Option<T> {
    loaded.map_err(|error| problems.extend(error.problems)).ok()
}

#[cfg(test)]
mod tests;
