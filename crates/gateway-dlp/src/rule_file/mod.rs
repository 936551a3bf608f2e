//! Rule files of other scanners (feature `rule-files`): gitleaks and betterleaks (TOML), kingfisher
//! and noseyparker (YAML), read as they are.
//!
//! A rule becomes an entry; what of it cannot be carried over is told, rule by rule, and nothing
//! is left out silently. Files are not opened here.

mod filter;
mod gitleaks;
mod go_syntax;
#[cfg(test)]
mod tests;
mod yaml;
mod yaml_rules;

use std::collections::BTreeMap;
use std::fmt;

use crate::{DlpBuilder, Limits, PathEntry, ProfileConfig, RegexEntry, Visibility};

/// Bytes of the largest file.
pub const FILE_BYTES_MAX: usize = 16 << 20;

/// The rules of a file, as entries.
#[derive(Clone, Debug, Default)]
pub struct RuleFile {
    /// What regular expressions find.
    pub regexes: Vec<RegexEntry>,
    /// What the path of a part shows.
    pub paths: Vec<PathEntry>,
    /// Rules, or parts of rules, that are not carried over.
    pub not_carried: Vec<NotCarried>,
    /// Texts that rules bring to be tried with.
    pub examples: Vec<RuleExample>,
    /// A file that this one extends, as it is written there.
    pub extends: Option<String>,
    /// Rules of the extended file that are left out, by id.
    pub disabled: Vec<String>,
    /// What is allowed for all rules, those of an extended file too.
    allow: Vec<std::sync::Arc<crate::Allowance>>,
}

/// Something of a rule that is not carried over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotCarried {
    /// The rule.
    pub rule: String,
    /// Whether the rule is left out, or works without it.
    pub extent: Extent,
    /// What and why, in a few words that are the same for rules with the same reason.
    pub reason: String,
    /// More about it, if there is more.
    pub detail: String,
}

/// How much of a rule is not carried over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of it: the rule is not loaded.
    Whole,
    /// A part: what it finds is not tested as far.
    Part,
}

/// A text that a rule brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleExample {
    /// The rule.
    pub rule: String,
    /// The text.
    pub text: String,
    /// Whether the rule finds something in it.
    pub is_found: bool,
}

/// Why a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RuleFileError {
    /// It is larger than any rule file.
    #[error("more than {FILE_BYTES_MAX} bytes")]
    TooLarge,
    /// It is not well formed.
    #[error("line {line}: {reason}")]
    Syntax {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// It is well formed, but has no rules of a kind that is known.
    #[error("no `rules` of gitleaks, kingfisher or noseyparker in it")]
    NoRules,
}

impl RuleFile {
    /// Reads a file of any of the kinds.
    ///
    /// # Errors
    /// [`RuleFileError`]; rules that cannot be carried over are in
    /// [`not_carried`](Self::not_carried) instead.
    pub fn parse(text: &str) -> Result<Self, RuleFileError> {
        if text.len() > FILE_BYTES_MAX {
            return Err(RuleFileError::TooLarge);
        }
        // In YAML, rules are the items of a list below a line `rules:`.
        let is_yaml = text.lines().any(|line| line.trim_end() == "rules:");
        let mut file = if is_yaml { yaml_rules::parse(text)? } else { gitleaks::parse(text)? };
        file.share_allowances();
        file.take_out_what_does_not_build();
        Ok(file)
    }

    /// Adds the rules of the file that this one extends: those that it does not define itself, or
    /// disable.
    pub fn extend_by(&mut self, base: Self) {
        let own: std::collections::BTreeSet<String> = self.ids().map(str::to_owned).collect();
        let is_new = |id: &str| !own.contains(id) && !self.disabled.iter().any(|off| off == id);
        let mut base = base;
        base.regexes.retain(|entry| is_new(&entry.id));
        base.paths.retain(|entry| is_new(&entry.id));
        base.examples.retain(|example| is_new(&example.rule));
        base.not_carried.retain(|not| is_new(&not.rule));
        for entry in &mut base.regexes {
            entry.conditions.allow.extend(self.allow.iter().cloned());
        }
        for entry in &mut self.regexes {
            entry.conditions.allow.extend(base.allow.iter().cloned());
        }
        self.regexes.append(&mut base.regexes);
        self.paths.append(&mut base.paths);
        self.examples.append(&mut base.examples);
        self.not_carried.append(&mut base.not_carried);
        self.extends = base.extends;
    }

    /// The ids of the rules that are loaded.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        let paths = self.paths.iter().map(|entry| &*entry.id);
        self.regexes.iter().map(|entry| &*entry.id).chain(paths)
    }

    /// Rules that are left out.
    pub fn left_out(&self) -> impl Iterator<Item = &NotCarried> {
        self.not_carried.iter().filter(|not| not.extent == Extent::Whole)
    }

    /// `builder` with the rules as entries.
    #[must_use]
    pub fn add_to(&self, builder: DlpBuilder) -> DlpBuilder {
        let builder = self.regexes.iter().cloned().fold(builder, DlpBuilder::regex);
        self.paths.iter().cloned().fold(builder, DlpBuilder::path)
    }

    /// A profile with all rules.
    #[must_use]
    pub fn profile(&self, id: &str) -> ProfileConfig {
        ProfileConfig::new(id, self.ids())
    }

    fn share_allowances(&mut self) {
        for entry in &mut self.regexes {
            entry.conditions.allow.extend(self.allow.iter().cloned());
        }
    }

    /// Leaves out what is no entry, so that one rule does not cost all others.
    fn take_out_what_does_not_build(&mut self) {
        let limits = Limits::default();
        let not_carried = &mut self.not_carried;
        let mut leave_out = |rule: &str, reason: &str, detail: String| {
            let (rule, reason) = (rule.to_owned(), reason.to_owned());
            not_carried.push(NotCarried { rule, extent: Extent::Whole, reason, detail });
        };
        let mut seen = std::collections::BTreeSet::new();
        self.regexes.retain(|entry| {
            if !seen.insert(entry.id.clone()) {
                leave_out(&entry.id, "id is used twice", String::new());
                return false;
            }
            let mut alone = entry.clone();
            // Whether it stands by the others is checked when all are there.
            alone.conditions.required.clear();
            let id = alone.id.clone();
            let builder = DlpBuilder::new().regex(alone).profile(ProfileConfig::new("p", [id]));
            let built = builder.build(&limits);
            let Err(error) = built else { return true };
            leave_out(&entry.id, "cannot be built", error.to_string());
            false
        });
        self.paths.retain(|entry| {
            let builder = DlpBuilder::new().path(entry.clone());
            let built = builder.profile(ProfileConfig::new("p", [&entry.id])).build(&limits);
            let built = built.map_err(|error| error.to_string());
            let is_new = seen.insert(entry.id.clone());
            match (is_new, built) {
                (true, Ok(_)) => return true,
                (false, _) => leave_out(&entry.id, "id is used twice", String::new()),
                (true, Err(error)) => leave_out(&entry.id, "cannot be built", error),
            }
            false
        });
        self.take_out_what_lacks_others();
    }

    fn take_out_what_lacks_others(&mut self) {
        loop {
            let ids: std::collections::BTreeSet<String> =
                self.regexes.iter().map(|entry| entry.id.clone()).collect();
            let lacks = |entry: &RegexEntry| {
                let required = entry.conditions.required.iter();
                required.map(|required| &required.entry).find(|id| !ids.contains(*id)).cloned()
            };
            let before = self.regexes.len();
            let not_carried = &mut self.not_carried;
            self.regexes.retain(|entry| {
                let Some(lacking) = lacks(entry) else { return true };
                not_carried.push(NotCarried {
                    rule: entry.id.clone(),
                    extent: Extent::Whole,
                    reason: "requires a rule that is not there".to_owned(),
                    detail: lacking,
                });
                false
            });
            if self.regexes.len() == before {
                return;
            }
        }
    }
}

/// `n loaded, m not carried`, with reasons.
impl fmt::Display for RuleFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden = self.regexes.iter().map(|entry| entry.conditions.visibility);
        let hidden = hidden.filter(|visibility| *visibility == Visibility::Hidden).count();
        write!(f, "{} loaded", self.ids().count())?;
        if hidden > 0 {
            write!(f, " ({hidden} of them only for others)")?;
        }
        write!(f, ", {} not carried", self.left_out().count())?;
        for (extent, what) in [(Extent::Whole, "rules"), (Extent::Part, "without")] {
            let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
            for not in self.not_carried.iter().filter(|not| not.extent == extent) {
                *reasons.entry(&not.reason).or_default() += 1;
            }
            if !reasons.is_empty() {
                let list = reasons.iter().map(|(reason, count)| format!("{reason} {count}"));
                write!(f, "; {what}: {}", list.collect::<Vec<_>>().join(", "))?;
            }
        }
        Ok(())
    }
}
