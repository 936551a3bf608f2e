//! Names of hosts in a list: each stands for itself, for all below it, or for both.

use std::net::IpAddr;

use memchr::memrchr;

use super::entry::EntryError;
use super::hash::{Letters, ListSeed, dots, hash_of, load_before};
use super::table::Table;

/// The flag of a name that is listed itself.
pub(super) const HERE: u64 = 1;
/// The flag of a name all below which is listed.
pub(super) const BELOW: u64 = 2;

/// Bytes of a name (RFC 1035, section 2.3.4, without the final dot).
const NAME_BYTES_MAX: usize = 253;
/// Bytes of one label.
const LABEL_BYTES_MAX: usize = 63;

/// What a name in a list stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    Here,
    Below,
    HereAndBelow,
}

impl Scope {
    pub(super) const fn flags(self) -> u64 {
        match self {
            Self::Here => HERE,
            Self::Below => BELOW,
            Self::HereAndBelow => HERE | BELOW,
        }
    }
}

/// The labels of a name, whose case counts nothing; without a final dot.
#[derive(Clone, Copy)]
pub(super) struct Labels<'n>(&'n [u8]);

impl<'n> Labels<'n> {
    /// `None` for what is too long for a name.
    #[inline]
    pub(super) fn new(name: &'n [u8]) -> Option<Self> {
        let name = name.strip_suffix(b".").unwrap_or(name);
        (name.len() <= NAME_BYTES_MAX).then_some(Self(name))
    }

    /// Calls `each` with the state of the hash after each label, from the last one on, how many
    /// there were, and whether that was the whole name; until it gives something.
    #[inline]
    pub(super) fn walk<T>(
        self,
        seed: &ListSeed,
        mut each: impl FnMut(u64, usize, bool) -> Option<T>,
    ) -> Option<T> {
        let mut state = seed.start();
        let mut end = self.0.len();
        let mut labels = 0;
        loop {
            // Most labels are short: one word holds them and the dot before them.
            let near = load_before(self.0, end);
            let behind_dot = dots(near).leading_zeros() as usize / 8;
            let start = if behind_dot < 8 || end < 8 {
                let bytes = behind_dot.min(end);
                let word = if bytes == 0 { 0 } else { near >> (8 * (8 - bytes)) };
                state = seed.short(state, word, bytes);
                end - bytes
            } else {
                let dot = memrchr(b'.', self.0.get(..end - 8)?);
                let start = dot.map_or(0, |dot| dot + 1);
                state = seed.part(state, self.0, start, end, Letters::Folded);
                start
            };
            labels += 1;
            if let Some(found) = each(state, labels, start == 0) {
                return Some(found);
            }
            end = start.checked_sub(1)?;
        }
    }

    /// The state of the hash of the whole name, and how many labels it has.
    pub(super) fn whole(self, seed: &ListSeed) -> (u64, usize) {
        let whole = self.walk(seed, |state, labels, is_whole| is_whole.then_some((state, labels)));
        whole.unwrap_or_else(|| (seed.start(), 0))
    }
}

/// The bit for names of so many labels.
const fn depth(labels: usize) -> u64 {
    1 << if labels < 63 { labels } else { 63 }
}

/// A set of names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Domains {
    seed: ListSeed,
    table: Table,
    /// A bit for each number of labels that names have.
    depths: u64,
}

/// A name, hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) hash: u64,
    pub(super) flags: u64,
    depth: u64,
}

impl Name {
    /// Reads the name of a host, or an address, which has nothing below it.
    pub(super) fn read(seed: &ListSeed, text: &str, scope: Scope) -> Result<Self, EntryError> {
        let name = text.strip_suffix('.').unwrap_or(text);
        let address = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let is_address = address.unwrap_or(name).parse::<IpAddr>().is_ok();
        if !is_address {
            check(name).map_err(|reason| EntryError::Name { found: text.into(), reason })?;
        }
        let bare = if is_address { address.unwrap_or(name) } else { name };
        let labels = Labels::new(bare.as_bytes());
        let labels = labels.ok_or_else(|| EntryError::Name {
            found: text.into(),
            reason: "it is longer than 253 bytes",
        })?;
        let (state, labels) = labels.whole(seed);
        let flags = if is_address { HERE } else { scope.flags() };
        Ok(Self { hash: hash_of(state), flags, depth: depth(labels) })
    }
}

/// What is wrong with a name.
fn check(name: &str) -> Result<(), &'static str> {
    if name.is_empty() {
        return Err("it is empty");
    }
    if !name.is_ascii() {
        return Err("expected ASCII: write international names as xn--…");
    }
    for label in name.split('.') {
        if label.is_empty() {
            return Err("two dots stand together, or one in front");
        }
        if label.len() > LABEL_BYTES_MAX {
            return Err("a label is longer than 63 bytes");
        }
        if !label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) {
            return Err("expected letters, digits, `-`, `_` and dots");
        }
    }
    Ok(())
}

impl Domains {
    pub(super) fn new(seed: ListSeed, names: &[Name]) -> Self {
        let entries: Vec<(u64, u64)> = names.iter().map(|name| (name.hash, name.flags)).collect();
        let depths = names.iter().fold(0, |depths, name| depths | name.depth);
        Self { seed, table: Table::new(seed, &entries), depths }
    }

    /// Whether the name itself or one above it is listed.
    #[inline]
    pub(super) fn holds(&self, name: &[u8]) -> bool {
        let Some(labels) = Labels::new(name) else { return false };
        let found = labels.walk(&self.seed, |state, labels, is_whole| {
            // Most lists hold nothing directly below the root.
            if self.depths & depth(labels) == 0 {
                return None;
            }
            let wanted = if is_whole { HERE } else { BELOW };
            (self.table.find(hash_of(state)) & wanted != 0).then_some(())
        });
        found.is_some()
    }

    pub(super) fn insert(&mut self, name: &Name) {
        self.depths |= name.depth;
        self.table.insert(name.hash, name.flags);
    }

    pub(super) fn remove(&mut self, name: &Name) {
        self.table.remove(name.hash, name.flags);
    }

    pub(super) const fn len(&self) -> usize {
        self.table.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::hash::SEED;
    use super::*;

    fn domains(names: &[(&str, Scope)]) -> Domains {
        let read = |(name, scope): &(&str, Scope)| Name::read(&SEED, name, *scope).expect(name);
        Domains::new(SEED, &names.iter().map(read).collect::<Vec<_>>())
    }

    #[test]
    fn names_stand_for_what_they_say() {
        let domains = domains(&[
            ("a.example", Scope::HereAndBelow),
            ("Exact.example.", Scope::Here),
            ("below.example", Scope::Below),
            ("192.0.2.7", Scope::HereAndBelow),
            ("[2001:db8::1]", Scope::Here),
            ("localhost", Scope::Here),
            ("a-label-of-more-than-seven-bytes.example", Scope::HereAndBelow),
        ]);
        for (name, is_listed) in [
            ("a.example", true),
            ("A.EXAMPLE", true),
            ("a.example.", true),
            ("x.a.example", true),
            ("x.y.z.a.example", true),
            ("xa.example", false),
            ("example", false),
            ("", false),
            (".", false),
            ("exact.example", true),
            ("x.exact.example", false),
            ("below.example", false),
            ("x.below.example", true),
            ("192.0.2.7", true),
            ("1.192.0.2.7", false),
            ("2001:DB8::1", true),
            ("localhost", true),
            ("x.a-label-of-more-than-seven-bytes.example", true),
            ("a-label-of-more-than-seven-byte.example", false),
            ("..a.example", true),
        ] {
            assert_eq!(domains.holds(name.as_bytes()), is_listed, "{name}");
        }
        assert!(!domains.holds(&[b'a'; 10_000]));
        assert_eq!(domains.len(), 7);
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for name in ["", ".", "a..b", ".a", "a b", "a/b", "*.a", "é.example", "a:1"] {
            assert!(Name::read(&SEED, name, Scope::Here).is_err(), "{name}");
        }
        let long = "x".repeat(64);
        assert!(Name::read(&SEED, &long, Scope::Here).is_err());
        let label = "x".repeat(63);
        let longest = [&*label, &label, &label, &label[..61]].join(".");
        let listed = domains(&[(&longest, Scope::HereAndBelow)]);
        assert!(
            listed.holds(longest.as_bytes()) && !listed.holds(format!("a.{longest}").as_bytes())
        );
        assert!(Name::read(&SEED, &format!("{longest}x"), Scope::Here).is_err());
    }

    proptest! {
        #[test]
        fn a_name_is_listed_as_the_naive_search_says(
            names in prop::collection::vec(
                ("[ab]{1,2}(\\.[ab]{1,9}){0,3}",
                 prop::sample::select(vec![Scope::Here, Scope::Below, Scope::HereAndBelow])), 0..12),
            asked in "[abAB]{1,2}(\\.[abAB]{1,9}){0,4}",
        ) {
            let listed: Vec<(&str, Scope)> = names.iter().map(|(n, s)| (n.as_str(), *s)).collect();
            let lower = asked.to_ascii_lowercase();
            let naive = listed.iter().any(|(name, scope)| {
                (lower == *name && *scope != Scope::Below)
                    || (lower.ends_with(&format!(".{name}")) && *scope != Scope::Here)
            });
            prop_assert_eq!(domains(&listed).holds(asked.as_bytes()), naive);
        }
    }
}
