//! `av.toml`: what is scanned for malware, and what becomes of what a scan came to. From its text to a
//! scope for the scanner, and to rules that come after all others.

use std::path::Path;

use gateway_av::{Consequence, Outcomes, Plan, Scope};
use gateway_inspect::Unscannable;
use gateway_rules::{Action, Layer, Rule};
use serde::Deserialize;

use super::PolicyError;
use crate::toml_file;

/// The file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct AvFile {
    #[serde(default)]
    preset: Preset,
    #[serde(default)]
    directions: Directions,
    #[serde(default)]
    outcomes: Table,
}

/// What is scanned, by the name of whoever scans so.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Preset {
    CloudflareEnterprise,
    CloudflareFree,
    CloudflarePayAsYouGo,
    #[default]
    Everything,
}

/// Which bodies are scanned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Directions {
    #[default]
    Both,
    Download,
    Upload,
}

/// `[outcomes]`: what is left out has its default.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Table {
    infected: Option<Named>,
    contradiction: Option<Named>,
    encrypted: Option<Named>,
    malformed: Option<Named>,
    no_memory: Option<Named>,
    ratio_exceeded: Option<Named>,
    scanner_failed: Option<Named>,
    scanner_timed_out: Option<Named>,
    too_deep: Option<Named>,
    too_large: Option<Named>,
    too_many: Option<Named>,
    unsupported: Option<Named>,
    work_exceeded: Option<Named>,
}

/// A consequence by its name.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Named {
    Allow,
    Block,
    Log,
    Quarantine,
}

impl From<Named> for Consequence {
    fn from(named: Named) -> Self {
        match named {
            Named::Allow => Self::Allow,
            Named::Block => Self::Block,
            Named::Log => Self::Log,
            Named::Quarantine => Self::Quarantine,
        }
    }
}

impl Table {
    fn outcomes(self) -> Outcomes {
        let mut outcomes = Outcomes::default();
        if let Some(infected) = self.infected {
            outcomes.set_infected(infected.into());
        }
        for reason in Unscannable::ALL {
            if let Some(named) = self.of(*reason) {
                outcomes.set(*reason, named.into());
            }
        }
        outcomes
    }

    const fn of(self, reason: Unscannable) -> Option<Named> {
        match reason {
            Unscannable::Contradiction => self.contradiction,
            Unscannable::Encrypted => self.encrypted,
            Unscannable::Malformed => self.malformed,
            Unscannable::NoMemory => self.no_memory,
            Unscannable::RatioExceeded => self.ratio_exceeded,
            Unscannable::ScannerFailed => self.scanner_failed,
            Unscannable::ScannerTimedOut => self.scanner_timed_out,
            Unscannable::TooDeep => self.too_deep,
            Unscannable::TooLarge => self.too_large,
            Unscannable::TooMany => self.too_many,
            Unscannable::Unsupported => self.unsupported,
            Unscannable::WorkExceeded => self.work_exceeded,
            // A reason that is not known here cannot be set, and is blocked.
            _ => None,
        }
    }
}

/// What a policy says of scanning for malware.
#[derive(Clone, Debug, Default)]
pub(crate) struct AvPolicy {
    /// What is scanned.
    pub(crate) scope: Scope,
    /// What becomes of what a scan came to, for those who ask for a scan by themselves.
    pub(crate) outcomes: Outcomes,
    /// The same as rules; none where there is no such file, and the rules of the policy alone decide.
    pub(crate) rules: Vec<Rule>,
}

/// The ids of rules that `av.toml` stands for begin so.
pub(crate) const ID_PREFIX: &str = "av.toml/";

/// Reads `av.toml` in the policy folder `dir`, if it is there.
///
/// # Errors
///
/// [`PolicyError`] with what is wrong in it.
pub(crate) fn load(dir: &Path) -> Result<AvPolicy, PolicyError> {
    let file = dir.join("av.toml");
    if !file.exists() {
        return Ok(AvPolicy::default());
    }
    let text = toml_file::read(&file)?;
    let AvFile { preset, directions, outcomes } = toml_file::parse(&file, &text)?;
    let outcomes = outcomes.outcomes();
    let scope = match preset {
        Preset::CloudflareEnterprise => Scope::cloudflare(Plan::Enterprise),
        Preset::CloudflareFree => Scope::cloudflare(Plan::Free),
        Preset::CloudflarePayAsYouGo => Scope::cloudflare(Plan::PayAsYouGo),
        Preset::Everything => Scope::default(),
    };
    let rules = rules(&outcomes, directions);
    Ok(AvPolicy { scope, outcomes, rules })
}

/// A rule for each consequence that is more than to allow, the strictest first.
fn rules(outcomes: &Outcomes, directions: Directions) -> Vec<Rule> {
    let strictest_first = Consequence::ALL.into_iter().rev();
    strictest_first.filter_map(|consequence| rule(outcomes, directions, consequence)).collect()
}

fn rule(outcomes: &Outcomes, directions: Directions, consequence: Consequence) -> Option<Rule> {
    let action = match consequence {
        Consequence::Allow => return None,
        Consequence::Log => Action::Log,
        Consequence::Quarantine => Action::Quarantine,
        Consequence::Block => Action::Block,
    };
    let fields = match directions {
        Directions::Both => "av",
        Directions::Download => "av.download",
        Directions::Upload => "av.upload",
    };
    let reasons: Vec<String> =
        outcomes.with(consequence).map(|reason| format!("\"{reason}\"")).collect();
    let mut terms = Vec::new();
    if outcomes.of_infected() == consequence {
        terms.push(format!("{fields}.infected"));
    }
    if !reasons.is_empty() {
        terms.push(format!("any({fields}.unscannable[*] in {{{}}})", reasons.join(" ")));
    }
    if terms.is_empty() {
        return None;
    }
    let id = format!("{ID_PREFIX}{consequence}");
    let name = match consequence {
        Consequence::Allow | Consequence::Log => "Malware scan: noted",
        Consequence::Quarantine | Consequence::Block => {
            "Malware, or content that cannot be scanned in full"
        }
    };
    Some(Rule::new(id, Layer::Http, action, terms.join(" or ")).named(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    fn loaded(text: &str) -> AvPolicy {
        let scratch = Scratch::new();
        scratch.write("av.toml", text);
        load(scratch.path()).unwrap()
    }

    #[test]
    fn no_file_is_no_rule_and_an_empty_one_the_defaults() {
        let none = load(Scratch::new().path()).unwrap();
        assert!(none.rules.is_empty());
        let ids: Vec<_> = loaded("").rules.iter().map(|rule| rule.id.clone()).collect();
        assert_eq!(ids, ["av.toml/block", "av.toml/log"]);
    }

    #[test]
    fn each_consequence_is_one_rule() {
        let policy = loaded(
            "preset = \"cloudflare-free\"\ndirections = \"download\"\n[outcomes]\n\
             infected = \"log\"\nencrypted = \"block\"\ntoo_deep = \"allow\"\n",
        );
        assert_eq!(policy.scope, Scope::cloudflare(Plan::Free));
        let of = |id: &str| {
            let rule = policy.rules.iter().find(|rule| rule.id == id).unwrap();
            (rule.action.clone(), rule.filter.clone())
        };
        let log = "av.download.infected or any(av.download.unscannable[*] in {\"unsupported\"})";
        assert_eq!(of("av.toml/log"), (Action::Log, log.into()));
        let (_, block) = of("av.toml/block");
        assert!(block.contains("encrypted") && !block.contains("too_deep"), "{block}");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, expected) in [
            ("[outcomes]\ninfected = \"pass\"\n", "av.toml:2:12"),
            ("[outcomes]\nencryptd = \"log\"\n", "did you mean `encrypted`?"),
            ("preset = \"cloudflare\"\n", "av.toml:1:10"),
        ] {
            let scratch = Scratch::new();
            scratch.write("av.toml", text);
            let error = load(scratch.path()).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
