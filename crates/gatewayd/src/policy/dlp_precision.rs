//! The keys of a profile in `dlp.toml` by which it tells what it counts.

use gateway_dlp::{Adjustment, Change, Exclusion, Instances, Proximity};
use gateway_inspect::Confidence;
use serde::Deserialize;

/// How sure a finding is.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ConfidenceName {
    Low,
    Medium,
    High,
}

impl ConfidenceName {
    pub(super) const fn confidence(self) -> Confidence {
        match self {
            Self::Low => Confidence::Low,
            Self::Medium => Confidence::Medium,
            Self::High => Confidence::High,
        }
    }
}

/// Whether equal values count again.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum InstancesName {
    #[default]
    All,
    Different,
}

impl InstancesName {
    pub(super) const fn instances(self) -> Instances {
        match self {
            Self::All => Instances::All,
            Self::Different => Instances::Different,
        }
    }
}

/// `proximity`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProximityKeys {
    #[serde(default)]
    keywords: Vec<String>,
    before_bytes: Option<usize>,
    after_bytes: Option<usize>,
}

impl ProximityKeys {
    pub(super) fn proximity(&self) -> Proximity {
        let plain = Proximity::default();
        Proximity {
            keywords: self.keywords.clone(),
            before_bytes: self.before_bytes.unwrap_or(plain.before_bytes),
            after_bytes: self.after_bytes.unwrap_or(plain.after_bytes),
        }
    }
}

/// One `[[profile.adjust]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AdjustKeys {
    regex: String,
    before_bytes: Option<usize>,
    after_bytes: Option<usize>,
    change: ChangeName,
}

/// What an adjustment does.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ChangeName {
    Raise,
    Lower,
    Low,
    Medium,
    High,
    Exclude,
}

impl AdjustKeys {
    pub(super) fn adjustment(&self) -> Adjustment {
        let plain = Proximity::default();
        Adjustment {
            pattern: self.regex.clone(),
            before_bytes: self.before_bytes.unwrap_or(plain.before_bytes),
            after_bytes: self.after_bytes.unwrap_or(plain.after_bytes),
            change: match self.change {
                ChangeName::Raise => Change::Raise(1),
                ChangeName::Lower => Change::Lower(1),
                ChangeName::Low => Change::Set(Confidence::Low),
                ChangeName::Medium => Change::Set(Confidence::Medium),
                ChangeName::High => Change::Set(Confidence::High),
                ChangeName::Exclude => Change::Exclude,
            },
        }
    }
}

/// `exclude_words` and `exclude_regexes`.
pub(super) fn exclusions(words: &[String], regexes: &[String]) -> Vec<Exclusion> {
    let mut all: Vec<Exclusion> = regexes.iter().cloned().map(Exclusion::Regex).collect();
    if !words.is_empty() {
        all.push(Exclusion::Words(words.to_vec()));
    }
    all
}
