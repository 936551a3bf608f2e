//! Signature files that come in a container.

use super::{DatabaseBuilder, Form};
use crate::container::Container;
use crate::{LoadError, Report};

impl DatabaseBuilder {
    /// Takes in the members of a container that are signature files; `name` is for errors. Kinds of
    /// files that are not supported are counted, and what no database file is named like is refused.
    ///
    /// # Errors
    /// The first member, or line of one, that is not as it should be. Nothing of the container is
    /// taken in then.
    pub fn add_container(
        &mut self,
        name: &str,
        container: &Container,
    ) -> Result<Report, LoadError> {
        let held = self.held();
        let ignored = self.ignored.clone();
        let mut report = Report::default();
        for (member, bytes) in container.members() {
            if member == "COPYING" || member.ends_with(".info") {
                continue;
            }
            let file = format!("{name}:{member}");
            match self.add_lines(&file, bytes) {
                Ok(added) => report.add(&added),
                Err(error) => {
                    self.truncate(&held);
                    self.ignored = ignored;
                    return Err(error);
                }
            }
        }
        self.take_in(name, &held, &report);
        Ok(report)
    }

    /// Whether a file of this name is a signature file, supported or not.
    #[must_use]
    pub fn is_signature_file(name: &str) -> bool {
        Form::of(name).is_some()
    }
}
