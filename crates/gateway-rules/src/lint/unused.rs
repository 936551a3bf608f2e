//! Lists and constants that no filter names.

use std::collections::BTreeSet;

use crate::constants::Constants;
use crate::layout;
use crate::lists::Lists;

/// The lists that none of `filters`, which are texts of filters, names.
pub fn unused_lists(
    lists: &Lists,
    filters: impl IntoIterator<Item = impl AsRef<str>>,
) -> Vec<&str> {
    let named = named(filters);
    lists.iter().map(|(name, _)| name).filter(|name| !named.contains(&format!("${name}"))).collect()
}

/// The constants that none of `filters`, which are texts of filters, names.
pub fn unused_constants(
    constants: &Constants,
    filters: impl IntoIterator<Item = impl AsRef<str>>,
) -> Vec<&str> {
    let named = named(filters);
    constants.names().filter(|name| !named.contains(*name)).collect()
}

fn named(filters: impl IntoIterator<Item = impl AsRef<str>>) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for filter in filters {
        named.extend(layout::words(filter.as_ref()).map(str::to_owned));
    }
    named
}
