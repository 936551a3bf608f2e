//! What is wrong with files that were to be loaded, one thing after the other, with its place.

use serde::Serialize;

use super::ReloadError;
use crate::config::{Config, ConfigError};
use crate::place::Place;
use crate::policy::{AvProblem, LoadedPolicy, PolicyError, Problem};
use crate::scanners;
use crate::startup::StartError;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Fault {
    /// The file, where it is about one of which a line is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<String>,
    /// Its line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<usize>,
    /// The character within the line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) column: Option<usize>,
    /// What is wrong, for people.
    pub(crate) message: String,
}

impl Fault {
    /// Everything that `error` says is wrong; at least one thing.
    pub(crate) fn of(error: &ReloadError) -> Vec<Self> {
        match error {
            ReloadError::Load(StartError::Config(error)) => vec![Self::of_config(error)],
            ReloadError::Load(StartError::Identity(error)) => {
                vec![Self::at(error.place(), error.to_string())]
            }
            ReloadError::Load(StartError::Scanners(error)) => {
                vec![Self::at(Some(&error.place), error.to_string())]
            }
            ReloadError::Load(StartError::Policy(error))
            | ReloadError::Candidate(super::CandidateError::Policy(error)) => {
                Self::of_policy(error)
            }
            other => vec![Self::at(None, other.to_string())],
        }
    }

    /// What of `policy` does not go with the settings in force.
    pub(crate) fn between(config: &Config, policy: &LoadedPolicy) -> Vec<Self> {
        let scanner = scanners::check(config, &policy.scan_groups).err();
        let scanner = scanner.map(|error| Self::at(Some(&error.place), error.to_string()));
        let profile = config.icap_server.unknown_profile(&policy.dlp);
        let profile = profile.map(|(_, error)| {
            Self::at(None, format!("icap_server.block_profiles of the settings: {error}"))
        });
        scanner.into_iter().chain(profile).collect()
    }

    fn of_config(error: &ConfigError) -> Self {
        Self::at(error.place(), error.to_string())
    }

    fn of_policy(error: &PolicyError) -> Vec<Self> {
        error.problems.iter().map(Self::of_problem).collect()
    }

    /// What `problem` says.
    pub(crate) fn of_problem(problem: &Problem) -> Self {
        use gateway_av::LoadError;
        if let Problem::Av(AvProblem::Load(LoadError::Line { file, line, column, reason })) =
            problem
        {
            return Self {
                file: Some(file.clone()),
                line: Some(*line),
                column: Some(*column),
                message: reason.to_string(),
            };
        }
        Self::at(problem.place(), problem.to_string())
    }

    fn at(place: Option<&Place>, told: String) -> Self {
        let message = match place {
            Some(place) => place.taken_from(told),
            None => told,
        };
        Self {
            file: place.map(|place| place.file.display().to_string()),
            line: place.map(|place| place.line),
            column: place.map(|place| place.column),
            message,
        }
    }
}

#[cfg(test)]
mod tests {
    use gateway_rules::{RuleSet, Scheme};

    use super::*;
    use crate::args::{GlobalArgs, RunArgs};
    use crate::policy::Before;
    use crate::scratch::Scratch;
    use crate::{startup, state};

    fn faults(changed: &str, contents: &str) -> Vec<Fault> {
        let scratch = Scratch::new();
        let global = GlobalArgs { state: Some(scratch.path().into()), ..GlobalArgs::default() };
        startup::prepare(&global, &RunArgs::default()).unwrap();
        assert!(state::RULES_TOML.contains("[[rule]]"));
        scratch.write(changed, contents);
        let before = RuleSet::none(&Scheme::gateway());
        let error =
            startup::load(&global, &RunArgs::default(), Before { rules: &before, av: None })
                .unwrap_err();
        Fault::of(&error.into())
    }

    #[test]
    fn file_line_and_column_are_told_of_whatever_file_is_wrong() {
        let rule = |filter: &str| {
            format!(
                "[[rule]]\nid = \"a\"\nlayer = \"http\"\naction = \"block\"\nfilter = '{filter}'\n"
            )
        };
        for (file, contents, at, says) in [
            ("gateway.toml", "\nlisen = []\n".to_owned(), (2, 1), "did you mean `listen`?"),
            ("gateway.toml", "[limits]\nhead_fields_max = 1\n".to_owned(), (2, 1), "from 8"),
            (
                "gateway.toml",
                "[icap_server]\nblock_profiles = [\"personal\", \"finacial\"]\n".to_owned(),
                (2, 31),
                "no DLP profile `finacial`; did you mean `financial`?",
            ),
            ("policy/rules.toml", rule("av.infectd"), (5, 11), "av.infected"),
            ("policy/rules.toml", "[[rule]\n".to_owned(), (1, 8), ""),
            ("policy/dlp.toml", "x = 1\n".to_owned(), (1, 1), "unknown field"),
            ("policy/av/own.hdb", "\nno digest:1:x\n".to_owned(), (2, 1), "expected a digest"),
        ] {
            let faults = faults(file, &contents);
            let [fault] = &faults[..] else { panic!("{faults:?}") };
            let place = (fault.line.unwrap(), fault.column.unwrap());
            assert!(fault.file.as_deref().unwrap().ends_with(file), "{fault:?}");
            assert!(place == at && fault.message.contains(says), "{fault:?}");
            assert!(!fault.message.contains(&format!("{file}:")), "{fault:?}");
        }
        let [fault] = &faults("ca.pem", "junk")[..] else { panic!() };
        assert!(fault.message.contains("ca.pem") && fault.line.is_none(), "{fault:?}");
    }
}
