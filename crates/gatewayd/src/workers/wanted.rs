//! Which Workers a policy wants to run.

use std::collections::BTreeMap;

use gateway_proxy::WorkerPolicy;
use gateway_rules::Action;

use super::WorkersError;
use crate::config;
use crate::policy::{LoadedPolicy, WorkerSource};

/// The first enforcing rule that forwards to each Worker.
fn rules(policy: &LoadedPolicy) -> BTreeMap<&str, &str> {
    let mut rules = BTreeMap::new();
    for rule in policy.rules.rules().iter().filter(|rule| rule.is_enforcing()) {
        if let Action::Forward(worker) = &rule.action {
            rules.entry(worker.as_str()).or_insert(rule.id.as_str());
        }
    }
    rules
}

/// The Workers of `policy` that an enforcing rule forwards to, by name.
pub(super) fn sources(policy: &LoadedPolicy) -> Vec<&WorkerSource> {
    let rules = rules(policy);
    policy.workers.iter().filter(|source| rules.contains_key(source.name.as_str())).collect()
}

/// Whether the Workers of `policy` could be run under `config`.
///
/// # Errors
///
/// [`WorkersError::NoWorkerd`].
pub(crate) fn check(config: &config::Workers, policy: &LoadedPolicy) -> Result<(), WorkersError> {
    match rules(policy).first_key_value() {
        Some((worker, rule)) if config.workerd.as_os_str().is_empty() => {
            let (rule, worker) = ((*rule).to_owned(), (*worker).to_owned());
            Err(WorkersError::NoWorkerd { rule, worker })
        }
        Some(_) | None => Ok(()),
    }
}

/// The settings of the Workers of `policy`, as the machines want them.
pub(crate) fn policies(policy: &LoadedPolicy) -> BTreeMap<String, WorkerPolicy> {
    let of = |source: &WorkerSource| (source.name.clone(), source.settings.policy());
    policy.workers.iter().map(of).collect()
}
