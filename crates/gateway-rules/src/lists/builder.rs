//! Lists in the making: entries from anywhere, one by one.

use std::net::IpAddr;

use super::domains::{Domains, Name, Scope};
use super::entry::{Entry, EntryError};
use super::hash::{Letters, ListSeed};
use super::networks::{Networks, Range};
use super::numbers::Numbers;
use super::strings::Strings;
use super::urls::{Url, Urls};
use super::wildcards::{Pattern, Wildcards};
use super::{List, ListKind, Set};

/// Gathers the entries of one list, which may come from several files.
///
/// ```
/// use gateway_rules::{ListBuilder, ListKind, ListSeed};
///
/// let mut list = ListBuilder::new(ListKind::Domain, ListSeed::new([1, 2, 3]));
/// list.add("a.example")?;
/// assert_eq!(list.build().len(), 1);
/// # Ok::<(), gateway_rules::EntryError>(())
/// ```
#[derive(Debug)]
pub struct ListBuilder {
    kind: ListKind,
    seed: ListSeed,
    gathered: Gathered,
    entries: usize,
}

/// Entries by their form.
#[derive(Debug, Default)]
struct Gathered {
    strings: Vec<(u64, u64)>,
    longest: usize,
    names: Vec<Name>,
    urls: Vec<Url>,
    wildcards: Vec<Pattern>,
    wildcard_bytes: usize,
    v4: Vec<(u32, u32)>,
    v6: Vec<(u128, u128)>,
    numbers: Vec<(i64, i64)>,
}

/// Bytes of all wildcard patterns of a list.
const WILDCARD_BYTES_MAX: usize = 4 << 20;

impl ListBuilder {
    /// A list without entries.
    #[must_use]
    pub fn new(kind: ListKind, seed: ListSeed) -> Self {
        Self { kind, seed, gathered: Gathered::default(), entries: 0 }
    }

    /// What the entries are.
    #[must_use]
    pub const fn kind(&self) -> ListKind {
        self.kind
    }

    /// How many entries have been added, repeated ones among them.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.entries
    }

    /// Whether nothing has been added.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.entries == 0
    }

    /// Adds an entry as it is written in lists of this kind; see [`ListKind`].
    ///
    /// # Errors
    /// [`EntryError`]; nothing is added then.
    pub fn add(&mut self, text: &str) -> Result<(), EntryError> {
        let entry = Entry::read(self.kind, &self.seed, text)?;
        self.push(entry)
    }

    /// Adds a name with what it stands for.
    pub(super) fn add_name(&mut self, name: &str, scope: Scope) -> Result<(), EntryError> {
        let entry = Entry::named(self.kind, &self.seed, name, scope)?;
        self.push(entry)
    }

    /// Adds a network.
    pub(super) fn add_network(&mut self, address: IpAddr, prefix: u8) -> Result<(), EntryError> {
        let range = Range::network(address, prefix).ok_or_else(|| EntryError::Line {
            expected: "a network without host bits",
            found: format!("{address}/{prefix}"),
        })?;
        self.push(Entry::Range(range))
    }

    fn push(&mut self, entry: Entry) -> Result<(), EntryError> {
        let entries_max = self.kind.entries_max();
        if self.entries >= entries_max {
            return Err(EntryError::TooMany { entries_max });
        }
        let gathered = &mut self.gathered;
        match entry {
            Entry::String { hash, bytes } => {
                gathered.strings.push((hash, 1));
                gathered.longest = gathered.longest.max(bytes);
            }
            Entry::Name(name) => gathered.names.push(name),
            Entry::Url(url) => gathered.urls.push(url),
            Entry::Wildcard(pattern) => {
                if gathered.wildcard_bytes + pattern.len() > WILDCARD_BYTES_MAX {
                    return Err(EntryError::Bytes { bytes_max: WILDCARD_BYTES_MAX });
                }
                gathered.wildcard_bytes += pattern.len();
                gathered.wildcards.push(pattern);
            }
            Entry::Range(Range::V4(first, last)) => gathered.v4.push((first, last)),
            Entry::Range(Range::V6(first, last)) => gathered.v6.push((first, last)),
            Entry::Numbers(first, last) => gathered.numbers.push((first, last)),
        }
        self.entries += 1;
        Ok(())
    }

    /// The list.
    #[must_use]
    pub fn build(self) -> List {
        let Self { kind, seed, gathered, .. } = self;
        let strings = |letters| Strings::new(seed, letters, &gathered.strings, gathered.longest);
        let set = match kind {
            ListKind::Text => Set::Strings(strings(Letters::Exact)),
            ListKind::Hash => Set::Strings(strings(Letters::Folded)),
            ListKind::Host | ListKind::Domain => Set::Domains(Domains::new(seed, &gathered.names)),
            ListKind::Url => Set::Urls(Urls::new(seed, &gathered.urls)),
            ListKind::Wildcard => Set::Wildcards(Box::new(Wildcards::new(gathered.wildcards))),
            ListKind::Ip => Set::Networks(Networks::new(gathered.v4, gathered.v6)),
            ListKind::Number => Set::Numbers(Numbers::new(gathered.numbers)),
        };
        List { kind, seed, set }
    }
}

impl List {
    /// The list with other entries, and then without those of `removed`. What is stored is copied
    /// and changed, not read anew.
    ///
    /// Of addresses and numbers, where ranges that overlap are stored as one, the values themselves
    /// are taken away, whichever entry they came with. Removing what is not there changes nothing.
    ///
    /// # Errors
    /// The position, from 0, of the first faulty entry, added ones counted before removed ones,
    /// and what is wrong with it.
    pub fn changed(&self, added: &[&str], removed: &[&str]) -> Result<Self, (usize, EntryError)> {
        let read = |(position, text): (usize, &&str)| {
            Entry::read(self.kind, &self.seed, text).map_err(|error| (position, error))
        };
        let texts = added.iter().chain(removed).enumerate();
        let mut come = texts.map(read).collect::<Result<Vec<Entry>, _>>()?;
        let entries_max = self.kind.entries_max();
        if self.len() + added.len() > entries_max {
            return Err((added.len().saturating_sub(1), EntryError::TooMany { entries_max }));
        }
        let go = come.split_off(added.len());
        let mut set = self.set.clone();
        match &mut set {
            Set::Strings(strings) => {
                added.iter().for_each(|text| strings.insert(text.as_bytes()));
                removed.iter().for_each(|text| strings.remove(text.as_bytes()));
            }
            Set::Wildcards(wildcards) => {
                **wildcards = wildcards.changed(&patterns(&come), &patterns(&go));
            }
            Set::Domains(domains) => {
                names(&come).for_each(|name| domains.insert(name));
                names(&go).for_each(|name| domains.remove(name));
            }
            Set::Urls(urls) => {
                self::urls(&come).for_each(|url| urls.insert(url));
                self::urls(&go).for_each(|url| urls.remove(url));
            }
            Set::Networks(networks) => *networks = networks.changed(&ranges(&come), &ranges(&go)),
            Set::Numbers(numbers) => *numbers = numbers.changed(&pairs(&come), &pairs(&go)),
        }
        Ok(Self { set, ..*self })
    }
}

fn names(entries: &[Entry]) -> impl Iterator<Item = &Name> {
    entries.iter().filter_map(|entry| if let Entry::Name(name) = entry { Some(name) } else { None })
}

fn patterns(entries: &[Entry]) -> Vec<Pattern> {
    let pattern = |entry: &Entry| match entry {
        Entry::Wildcard(pattern) => Some(pattern.clone()),
        _ => None,
    };
    entries.iter().filter_map(pattern).collect()
}

fn urls(entries: &[Entry]) -> impl Iterator<Item = &Url> {
    entries.iter().filter_map(|entry| if let Entry::Url(url) = entry { Some(url) } else { None })
}

fn ranges(entries: &[Entry]) -> Vec<Range> {
    let range = |entry: &Entry| if let Entry::Range(range) = entry { Some(*range) } else { None };
    entries.iter().filter_map(range).collect()
}

fn pairs(entries: &[Entry]) -> Vec<(i64, i64)> {
    let pair = |entry: &Entry| match entry {
        Entry::Numbers(first, last) => Some((*first, *last)),
        _ => None,
    };
    entries.iter().filter_map(pair).collect()
}
