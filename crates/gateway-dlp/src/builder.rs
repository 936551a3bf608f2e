//! The builder: takes a configuration, gives a scanner or says what is wrong.

use crate::plan::{Custom, Plan};
use crate::{
    BuildError, DatasetEntry, Dlp, FingerprintEntry, Limits, PathEntry, ProfileConfig, RegexEntry,
    WordsEntry,
};

/// Collects profiles and custom entries, in any order, and builds a [`Dlp`] of them.
///
/// ```
/// use gateway_dlp::{DlpBuilder, Limits, ProfileConfig, WordsEntry};
///
/// let names = WordsEntry::new("projects", "Project names", ["Blue Falcon", "Nightjar"]);
/// let profile = ProfileConfig {
///     matches_min: 3,
///     ..ProfileConfig::new("internal", ["projects", "us_ssn"])
/// };
/// DlpBuilder::new().words(names).profile(profile).build(&Limits::default())?;
///
/// let typo = ProfileConfig::new("cards", ["paymentcard"]);
/// let error = DlpBuilder::new().profile(typo).build(&Limits::default()).unwrap_err();
/// let says = "profile `cards`: no entry `paymentcard`, did you mean `payment_card`?";
/// assert_eq!(error.to_string(), says);
/// # Ok::<(), gateway_dlp::BuildError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct DlpBuilder {
    profiles: Vec<ProfileConfig>,
    custom: Custom,
}

impl DlpBuilder {
    /// A builder without profiles: what it builds looks for nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a profile.
    #[must_use]
    pub fn profile(mut self, profile: ProfileConfig) -> Self {
        self.profiles.push(profile);
        self
    }

    /// Adds a regular expression that profiles may name. One that none names is checked all the
    /// same, but not looked for.
    #[must_use]
    pub fn regex(mut self, entry: RegexEntry) -> Self {
        self.custom.regexes.push(entry);
        self
    }

    /// Adds a word list that profiles may name. One that none names is checked all the same, but
    /// not looked for.
    #[must_use]
    pub fn words(mut self, entry: WordsEntry) -> Self {
        self.custom.words.push(entry);
        self
    }

    /// Adds a table that profiles may name.
    #[must_use]
    pub fn dataset(mut self, entry: DatasetEntry) -> Self {
        self.custom.datasets.push(entry);
        self
    }

    /// Adds documents that profiles may name.
    #[must_use]
    pub fn fingerprint(mut self, entry: FingerprintEntry) -> Self {
        self.custom.fingerprints.push(entry);
        self
    }

    /// Adds a path that profiles may name.
    #[must_use]
    pub fn path(mut self, entry: PathEntry) -> Self {
        self.custom.paths.push(entry);
        self
    }

    /// Compiles everything that some profile counts.
    ///
    /// # Errors
    /// The first thing that is wrong with the configuration.
    pub fn build(&self, limits: &Limits) -> Result<Dlp, BuildError> {
        Dlp::new(self.plan(limits)?, limits)
    }

    /// Compiles what the profiles of these ids count, as if there were no others: findings are weighed
    /// by them alone. Entries that their entries require are looked for, and not reported. An id that
    /// no profile has is passed over.
    ///
    /// # Errors
    /// The first thing that is wrong with the configuration, be it of another profile.
    pub fn build_only(&self, ids: &[&str], limits: &Limits) -> Result<Dlp, BuildError> {
        let mut plan = self.plan(limits)?;
        plan.narrow(ids);
        Dlp::new(plan, limits)
    }

    /// The profiles, in the order in which they were added.
    #[must_use]
    pub fn profiles(&self) -> &[ProfileConfig] {
        &self.profiles
    }

    pub(crate) fn plan(&self, limits: &Limits) -> Result<Plan, BuildError> {
        Plan::new(&self.profiles, &self.custom, limits)
    }
}
