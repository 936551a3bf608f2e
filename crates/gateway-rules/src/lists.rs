//! Named lists: sets that stand beside the filters, which call them by name (`in $name`).
//!
//! What the entries of a list stand for is its [`ListKind`]. Files of many formats are read by
//! [`ListBuilder::read`]; nothing here opens one.

mod builder;
mod domains;
mod entry;
mod hash;
mod networks;
mod numbers;
mod ranges;
mod read;
mod strings;
mod table;
mod urls;
mod wildcards;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

pub use self::builder::ListBuilder;
pub use self::entry::EntryError;
pub use self::hash::ListSeed;
pub use self::read::{LineFault, ListFormat, PassedOver, ReadReport};

use self::domains::Domains;
use self::networks::Networks;
use self::numbers::Numbers;
use self::strings::Strings;
use self::urls::Urls;
use self::wildcards::Wildcards;
use crate::options::ParseOptions;
use crate::suggest;
use crate::value::{Type, Value};

/// What the entries of a list are, and what a value must be like to be in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ListKind {
    /// Domains: `a.example` stands for itself and all names below it, `*.a.example` for those below
    /// it alone, `=a.example` for itself alone. Case and a final dot count nothing. Addresses may
    /// stand among them.
    Domain,
    /// Digests of files in hexadecimal digits (MD5, SHA-1 and SHA-2), whose case counts nothing.
    Hash,
    /// Names of hosts and addresses, each for itself alone.
    Host,
    /// Addresses of IPv4 and IPv6, networks such as `192.0.2.0/24`, ranges `192.0.2.1..192.0.2.9`.
    Ip,
    /// Numbers, and ranges of them such as `8000..8099`.
    Number,
    /// Texts, byte for byte.
    Text,
    /// URLs, each for all that begin with it and go on with a new segment of the path or query:
    /// `a.example/docs` for `https://a.example/docs/x`, but not for `https://a.example/docsx`. An
    /// entry without scheme or port goes for any. `.a.example/x` stands for hosts below, too,
    /// `*.a.example/x` for those alone. Only the case of the host counts nothing.
    Url,
    /// Patterns with `*` for any number of bytes, against the whole value; case counts nothing.
    Wildcard,
}

impl ListKind {
    /// Every kind, in the order of their names.
    pub const ALL: [Self; 8] = [
        Self::Domain,
        Self::Hash,
        Self::Host,
        Self::Ip,
        Self::Number,
        Self::Text,
        Self::Url,
        Self::Wildcard,
    ];

    /// The name in policies, such as `domain`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Domain => "domain",
            Self::Hash => "hash",
            Self::Host => "host",
            Self::Ip => "ip",
            Self::Number => "number",
            Self::Text => "text",
            Self::Url => "url",
            Self::Wildcard => "wildcard",
        }
    }

    /// The type of the values that can be in such a list.
    #[must_use]
    pub const fn ty(self) -> Type {
        match self {
            Self::Ip => Type::Ip,
            Self::Number => Type::Int,
            Self::Domain | Self::Hash | Self::Host | Self::Text | Self::Url | Self::Wildcard => {
                Type::Bytes
            }
        }
    }

    /// The most entries of such a list.
    #[must_use]
    pub const fn entries_max(self) -> usize {
        match self {
            Self::Wildcard => List::WILDCARDS_MAX,
            Self::Domain
            | Self::Hash
            | Self::Host
            | Self::Ip
            | Self::Number
            | Self::Text
            | Self::Url => List::ENTRIES_MAX,
        }
    }
}

/// Lists by name. Copies share what is stored.
///
/// ```
/// use gateway_rules::{
///     Facts, Filter, List, ListKind, ListSeed, Lists, ParseOptions, Scheme, Truth, field,
/// };
///
/// let seed = ListSeed::new([1, 2, 3]);
/// let mut lists = Lists::default();
/// lists.insert("guests", List::read(ListKind::Ip, seed, ["192.0.2.0/24", "198.51.100.7"])?)?;
/// let options = ParseOptions { lists: lists.into(), ..ParseOptions::default() };
/// let scheme = Scheme::gateway();
/// let filter = Filter::parse(&scheme, "net.src.ip in $guests", &options)?;
/// let mut facts = Facts::new(&scheme);
/// facts.set(field::NET_SRC_IP, std::net::IpAddr::from([192, 0, 2, 9]));
/// assert_eq!(filter.truth(&facts), Truth::True);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lists(BTreeMap<String, Arc<List>>);

/// The entries of one list.
///
/// Of names, URLs, texts and digests only hashes of 61 bits are stored: with 16 million entries
/// and a seed that nobody outside knows, a value that is not listed seems to be with a chance of
/// one in 100 thousand million, for each word of seven bytes that it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    kind: ListKind,
    seed: ListSeed,
    set: Set,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Set {
    Domains(Domains),
    Networks(Networks),
    Numbers(Numbers),
    Strings(Strings),
    Urls(Urls),
    Wildcards(Box<Wildcards>),
}

/// Why there is no such list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ListError {
    /// The name is none that filters could say.
    #[error("a list is named with up to 64 ASCII letters, digits, `_`, `-` and `.`")]
    Name,
    /// The name is taken.
    #[error("a list of this name is there already")]
    Taken,
    /// An entry is none of its kind.
    #[error("{source}")]
    Entry {
        /// Which one, from 0.
        index: usize,
        /// What is wrong with it.
        source: EntryError,
    },
}

/// Characters of a name.
const NAME_CHARS_MAX: usize = 64;

/// Whether filters can call a list so.
pub(crate) fn is_name(name: &str) -> bool {
    let sound = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    !name.is_empty() && name.len() <= NAME_CHARS_MAX && name.bytes().all(sound)
}

impl Lists {
    /// Adds a list.
    ///
    /// # Errors
    ///
    /// [`ListError::Name`], [`ListError::Taken`].
    pub fn insert(&mut self, name: &str, list: impl Into<Arc<List>>) -> Result<(), ListError> {
        if !is_name(name) {
            return Err(ListError::Name);
        }
        if self.0.contains_key(name) {
            return Err(ListError::Taken);
        }
        self.0.insert(name.to_owned(), list.into());
        Ok(())
    }

    /// Puts a list in the place of another one; gives that one back. A list of a new name is added.
    ///
    /// # Errors
    ///
    /// [`ListError::Name`].
    pub fn replace(
        &mut self,
        name: &str,
        list: impl Into<Arc<List>>,
    ) -> Result<Option<Arc<List>>, ListError> {
        if is_name(name) {
            Ok(self.0.insert(name.to_owned(), list.into()))
        } else {
            Err(ListError::Name)
        }
    }

    /// The list of this name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Arc<List>> {
        self.0.get(name)
    }

    /// Every list with its name, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Arc<List>)> {
        self.0.iter().map(|(name, list)| (name.as_str(), list))
    }

    /// The name that was probably meant.
    pub(crate) fn similar(&self, name: &str) -> Option<String> {
        suggest::closest(name, self.0.keys().map(String::as_str)).map(str::to_owned)
    }
}

impl List {
    /// The most entries of a list.
    pub const ENTRIES_MAX: usize = 1 << 24;
    /// The most entries of a list of wildcard patterns.
    pub const WILDCARDS_MAX: usize = 1 << 16;

    /// Reads entries as they are written in a list of this kind.
    ///
    /// # Errors
    ///
    /// [`ListError::Entry`].
    pub fn read<'a>(
        kind: ListKind,
        seed: ListSeed,
        entries: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, ListError> {
        let mut builder = ListBuilder::new(kind, seed);
        for (index, entry) in entries.into_iter().enumerate() {
            builder.add(entry).map_err(|source| ListError::Entry { index, source })?;
        }
        Ok(builder.build())
    }

    /// A list without entries, of values of this type.
    pub(crate) fn empty(ty: &Type) -> Self {
        let kind = match ty {
            Type::Int => ListKind::Number,
            Type::Ip => ListKind::Ip,
            Type::Bool | Type::Bytes | Type::Array(_) | Type::Map(_) => ListKind::Text,
        };
        // Nothing is looked for in vain that a secret could speed up.
        ListBuilder::new(kind, ListSeed::new([0; 3])).build()
    }

    /// What the entries are.
    #[must_use]
    pub const fn kind(&self) -> ListKind {
        self.kind
    }

    /// The secret numbers that it was built with: a list built with the same ones of the same
    /// entries in the same order is equal.
    #[must_use]
    pub const fn seed(&self) -> ListSeed {
        self.seed
    }

    /// How many entries are stored, repeated ones once. Of addresses and numbers, how many ranges;
    /// of URLs with paths, their hosts count too.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.set {
            Set::Domains(set) => set.len(),
            Set::Networks(set) => set.len(),
            Set::Numbers(set) => set.len(),
            Set::Strings(set) => set.len(),
            Set::Urls(set) => set.len(),
            Set::Wildcards(set) => set.len(),
        }
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a value is in it; a value of another type than [`ListKind::ty`] never is.
    #[must_use]
    #[inline]
    pub fn holds(&self, value: &Value) -> bool {
        match (&self.set, value) {
            (Set::Domains(set), Value::Bytes(value)) => set.holds(value),
            (Set::Strings(set), Value::Bytes(value)) => set.holds(value),
            (Set::Urls(set), Value::Bytes(value)) => set.holds(value),
            (Set::Wildcards(set), Value::Bytes(value)) => set.holds(value),
            (Set::Networks(set), Value::Ip(value)) => set.holds(*value),
            (Set::Numbers(set), Value::Int(value)) => set.holds(*value),
            _ => false,
        }
    }

    /// Whether a value is in it of which only a lower bound is known; `None` while that is open.
    pub(crate) fn bound(&self, least: &Value) -> Option<bool> {
        match (&self.set, least) {
            (Set::Numbers(set), Value::Int(least)) => match set.last() {
                None => Some(false),
                Some((_, last)) if last < *least => Some(false),
                Some((first, i64::MAX)) if first <= *least => Some(true),
                Some(_) => None,
            },
            _ => None,
        }
    }
}

/// A list that a filter names. Two are equal if list and name are; in the order of the names, for
/// all of one rule set come from the same lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) name: Box<str>,
    pub(crate) list: Arc<List>,
}

impl PartialOrd for Listed {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Listed {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name.cmp(&other.name)
    }
}

impl ParseOptions {
    /// These options with other lists.
    #[must_use]
    pub fn with_lists(mut self, lists: Lists) -> Self {
        self.lists = lists.into();
        self
    }
}

#[cfg(test)]
mod tests;
