//! What the policy in force still wants to know, so that nothing else is looked for.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;

/// The ids of the entries that some possible rule still needs, by name space.
///
/// An id is a path with dots, such as `dlp.payment_card`; the first label names the scanner. A
/// scanner runs only while something of its own is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    all: bool,
    ids: BTreeSet<Arc<str>>,
}

impl Wanted {
    /// Everything that any examiner can find.
    #[must_use]
    pub const fn all() -> Self {
        Self { all: true, ids: BTreeSet::new() }
    }

    /// Nothing.
    #[must_use]
    pub const fn none() -> Self {
        Self { all: false, ids: BTreeSet::new() }
    }

    /// Adds one id, `dlp.payment_card`, or everything of one scanner, `dlp`.
    pub fn insert(&mut self, id: impl Into<Arc<str>>) {
        self.ids.insert(id.into());
    }

    /// Whether nothing is wanted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.all && self.ids.is_empty()
    }

    /// Whether `id` of `scanner` is wanted, by itself or with all of its scanner.
    #[must_use]
    pub fn wants(&self, scanner: &str, id: &str) -> bool {
        self.all || self.ids.contains(scanner) || {
            let named = |wanted: &Arc<str>| {
                wanted.strip_prefix(scanner).and_then(|rest| rest.strip_prefix('.')) == Some(id)
            };
            self.of(scanner).any(named)
        }
    }

    /// Whether anything of `scanner` is wanted.
    #[must_use]
    pub fn wants_any(&self, scanner: &str) -> bool {
        self.all || self.of(scanner).next().is_some()
    }

    fn of<'a>(&'a self, scanner: &'a str) -> impl Iterator<Item = &'a Arc<str>> {
        self.ids
            .range::<str, _>((Bound::Included(scanner), Bound::Unbounded))
            .take_while(move |id| id.starts_with(scanner))
            .filter(move |id| {
                id.strip_prefix(scanner)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
    }
}

impl<T: Into<Arc<str>>> FromIterator<T> for Wanted {
    fn from_iter<I: IntoIterator<Item = T>>(ids: I) -> Self {
        Self { all: false, ids: ids.into_iter().map(Into::into).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_wanted_by_name_or_with_their_scanner() {
        let cards = Wanted::from_iter(["dlp.payment_card"]);
        assert!(cards.wants("dlp", "payment_card") && cards.wants_any("dlp"));
        assert!(!cards.wants("dlp", "us_ssn") && !cards.wants_any("av") && !cards.wants_any("dl"));
        let dlp = Wanted::from_iter(["dlp", "dlpx.a"]);
        assert!(dlp.wants("dlp", "us_ssn") && dlp.wants_any("dlpx") && !dlp.wants_any("av"));
        assert!(Wanted::all().wants("av", "eicar"));
        assert!(Wanted::none().is_empty() && !Wanted::none().wants_any("dlp"));
    }
}
