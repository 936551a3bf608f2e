//! The catalog of detectors: one file each, whose documentation is its manual page.

mod aws_access_key;
mod github_token;
mod lead_in;
mod payment_card;
mod private_key;
mod us_ssn;

use std::fmt;

use crate::sample::Test;

/// A predefined entry: what it finds, and by what.
pub struct Detector {
    id: &'static str,
    name: &'static str,
    summary: &'static str,
    examples: &'static [Example],
    pub(crate) pattern: &'static str,
    pub(crate) match_bytes_max: usize,
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
    const ALL: &[Detector] = &[
        aws_access_key::DETECTOR,
        github_token::DETECTOR,
        payment_card::DETECTOR,
        private_key::DETECTOR,
        us_ssn::DETECTOR,
    ];
    ALL
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
    fn examples_are_found_as_they_say() {
        for detector in detectors() {
            let profile = ProfileConfig::new("p", [detector.id()]);
            let dlp = DlpBuilder::new().profile(profile).build(&Limits::default()).unwrap();
            for Example { text, found: expected } in detector.examples() {
                assert_eq!(found(&dlp, text), *expected, "{}: {text}", detector.id());
            }
            let positive = detector.examples().iter().filter(|example| !example.found.is_empty());
            let negative = detector.examples().iter().filter(|example| example.found.is_empty());
            assert!(positive.count() >= 2 && negative.count() >= 2, "{}", detector.id());
        }
    }
}
