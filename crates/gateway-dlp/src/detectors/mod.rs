//! The catalog of detectors: one file each, whose documentation is its manual page, in a folder for
//! each category.

mod catalog;
mod category;
mod credentials;
mod financial;
mod general;
mod health;
mod identity;
mod lead_in;
#[cfg(feature = "manual")]
mod manual;
mod number;
mod personal;
mod profiles;
mod secret;

use std::fmt;

use crate::sample::Test;

pub use category::Category;
pub use profiles::{PredefinedProfile, predefined_profiles};

/// A predefined entry: what it finds, and by what.
pub struct Detector {
    id: &'static str,
    name: &'static str,
    summary: &'static str,
    category: Category,
    keywords: &'static [&'static str],
    examples: &'static [Example],
    pub(crate) pattern: &'static str,
    pub(crate) match_bytes_max: usize,
    validators: &'static [&'static str],
    pub(crate) test: Test,
}

/// A text, and what a detector finds in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Example {
    /// The text.
    pub text: &'static str,
    /// What is found, in order; nothing for a text that only looks like it.
    pub found: &'static [&'static str],
}

impl Detector {
    /// The detector of this id, if there is one.
    pub fn find(id: &str) -> Option<&'static Self> {
        let found = detectors().binary_search_by(|detector| detector.id.cmp(id));
        found.ok().and_then(|index| detectors().get(index))
    }

    /// The id that profiles name, such as `payment_card`.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// Its name for people.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// One sentence on what it finds and how it tells it from what only looks like it.
    #[must_use]
    pub const fn summary(&self) -> &'static str {
        self.summary
    }

    /// What kind of data it finds.
    #[must_use]
    pub const fn category(&self) -> Category {
        self.category
    }

    /// Words that people write near the real thing, in lower case and in order: a finding with one
    /// of them close by is surer than one without.
    #[must_use]
    pub const fn keywords(&self) -> &'static [&'static str] {
        self.keywords
    }

    /// What a match must pass besides its form, such as `luhn`; in order.
    #[must_use]
    pub const fn validators(&self) -> &'static [&'static str] {
        self.validators
    }

    /// The regular expression of its form, a lead-in that is no part of a finding included.
    #[must_use]
    pub const fn pattern(&self) -> &'static str {
        self.pattern
    }

    /// Bytes of its longest match.
    #[must_use]
    pub const fn match_bytes_max(&self) -> usize {
        self.match_bytes_max
    }

    /// Texts with and without a match.
    #[must_use]
    pub const fn examples(&self) -> &'static [Example] {
        self.examples
    }
}

impl fmt::Debug for Detector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Detector").field("id", &self.id).finish_non_exhaustive()
    }
}

/// All detectors, in the order of their ids.
#[must_use]
pub const fn detectors() -> &'static [Detector] {
    catalog::ALL
}

/// An example in which `found` is found, in this order.
const fn example(text: &'static str, found: &'static [&'static str]) -> Example {
    Example { text, found }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::found;
    use crate::{DlpBuilder, Limits, ProfileConfig};

    #[test]
    fn ids_are_in_order() {
        assert!(detectors().is_sorted_by(|a, b| a.id() < b.id()));
    }

    #[test]
    fn the_page_of_detectors_names_each() {
        let page = include_str!("../../../../docs/detectors.md");
        let row = |detector: &Detector| format!("| `{}` | {} |", detector.id(), detector.name());
        let missing: Vec<_> = detectors().iter().map(row).filter(|r| !page.contains(r)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn keywords_are_in_order_and_lower_case() {
        for detector in detectors() {
            let keywords = detector.keywords();
            assert!(keywords.is_sorted(), "{}", detector.id());
            assert!(keywords.iter().all(|k| **k == k.to_lowercase()), "{}", detector.id());
            assert!(detector.validators().is_sorted(), "{}", detector.id());
            if let Test::Named(named) | Test::Told(named) = detector.test {
                let names = named.names;
                let keywords = detector.keywords();
                assert!(names.iter().all(|n| keywords.contains(n)), "{}", detector.id());
                let is_told = matches!(detector.test, Test::Told(_));
                assert!(is_told || !detector.validators().is_empty(), "{}", detector.id());
            }
        }
    }

    #[test]
    fn examples_are_found_as_they_say() {
        let mut wrong = Vec::new();
        for detector in detectors() {
            let profile = ProfileConfig::new("p", [detector.id()]);
            let dlp = DlpBuilder::new().profile(profile).build(&Limits::default()).unwrap();
            for Example { text, found: expected } in detector.examples() {
                let said = found(&dlp, text);
                if said != *expected {
                    wrong.push(format!("{}: {text}: {said:?}", detector.id()));
                }
            }
            let positive = detector.examples().iter().filter(|example| !example.found.is_empty());
            let negative = detector.examples().iter().filter(|example| example.found.is_empty());
            assert!(positive.count() >= 2 && negative.count() >= 2, "{}", detector.id());
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
