//! Named lists: sets that stand beside the filters, which call them by name (`in $name`). A list
//! becomes part of every filter that names it when the filter is read.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::ast::{AddressItem, Test};
use crate::diagnostic::Diagnostic;
use crate::options::ParseOptions;
use crate::parse::{read_address_item, read_int_range};
use crate::suggest;
use crate::value::Type;

/// Lists by name.
///
/// ```
/// use gateway_rules::{Facts, Filter, List, Lists, ParseOptions, Scheme, Truth, Type, field};
///
/// let mut lists = Lists::default();
/// lists.insert("guests", List::read(&Type::Ip, ["192.0.2.0/24", "198.51.100.7"])?)?;
/// let options = ParseOptions { lists: lists.into(), ..ParseOptions::default() };
/// let scheme = Scheme::gateway();
/// let filter = Filter::parse(&scheme, "net.src.ip in $guests", &options)?;
/// let mut facts = Facts::new(&scheme);
/// facts.set(field::NET_SRC_IP, std::net::IpAddr::from([192, 0, 2, 9]));
/// assert_eq!(filter.truth(&facts), Truth::True);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lists(BTreeMap<String, List>);

/// The entries of one list, all of one type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List(Items);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Items {
    Ints(Vec<(i64, i64)>),
    Addresses(Vec<AddressItem>),
    Texts(Vec<Bytes>),
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
    /// There are no lists of this type.
    #[error("there are lists of Bytes, Int and Ip, none of {ty}")]
    Type {
        /// The type.
        ty: Type,
    },
    /// There are too many entries.
    #[error("a list has at most {entries_max} entries")]
    TooMany {
        /// The most that there may be.
        entries_max: usize,
    },
    /// An entry is none of the type.
    #[error("{diagnostic}")]
    Entry {
        /// Which one, from 0.
        index: usize,
        /// What is wrong with it.
        diagnostic: Diagnostic,
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
    pub fn insert(&mut self, name: &str, list: List) -> Result<(), ListError> {
        if !is_name(name) {
            return Err(ListError::Name);
        }
        if self.0.contains_key(name) {
            return Err(ListError::Taken);
        }
        self.0.insert(name.to_owned(), list);
        Ok(())
    }

    pub(crate) fn find(&self, name: &str) -> Option<&List> {
        self.0.get(name)
    }

    /// The name that was probably meant.
    pub(crate) fn similar(&self, name: &str) -> Option<String> {
        suggest::closest(name, self.0.keys().map(String::as_str)).map(str::to_owned)
    }
}

impl List {
    /// The most entries of a list.
    pub const ENTRIES_MAX: usize = 1 << 20;

    /// Reads entries of the type Bytes, Int or Ip: texts as they are; numbers and ranges of them;
    /// addresses, networks and ranges, as they are written in braces.
    ///
    /// # Errors
    ///
    /// [`ListError`] other than of names.
    pub fn read<'a>(
        ty: &Type,
        entries: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, ListError> {
        let entries = entries.into_iter();
        Ok(Self(match ty {
            Type::Bytes => {
                Items::Texts(read(entries, |text| Ok(Bytes::copy_from_slice(text.as_bytes())))?)
            }
            Type::Int => Items::Ints(read(entries, read_int_range)?),
            Type::Ip => Items::Addresses(read(entries, read_address_item)?),
            Type::Bool | Type::Array(_) | Type::Map(_) => {
                return Err(ListError::Type { ty: ty.clone() });
            }
        }))
    }

    /// How many entries there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        match &self.0 {
            Items::Ints(items) => items.len(),
            Items::Addresses(items) => items.len(),
            Items::Texts(items) => items.len(),
        }
    }

    /// Whether nothing is in it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) const fn ty(&self) -> Type {
        match &self.0 {
            Items::Ints(_) => Type::Int,
            Items::Addresses(_) => Type::Ip,
            Items::Texts(_) => Type::Bytes,
        }
    }

    /// The test whether a value is in it.
    pub(crate) fn test(&self) -> Test {
        match &self.0 {
            Items::Ints(items) => Test::InInts(items.clone()),
            Items::Addresses(items) => Test::InAddresses(items.clone()),
            Items::Texts(items) => Test::InBytes(items.clone()),
        }
    }
}

fn read<'a, T>(
    entries: impl Iterator<Item = &'a str>,
    one: impl Fn(&str) -> Result<T, Diagnostic>,
) -> Result<Vec<T>, ListError> {
    let mut items = Vec::new();
    for (index, entry) in entries.enumerate() {
        if index >= List::ENTRIES_MAX {
            return Err(ListError::TooMany { entries_max: List::ENTRIES_MAX });
        }
        items.push(one(entry).map_err(|diagnostic| ListError::Entry { index, diagnostic })?);
    }
    Ok(items)
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
mod tests {
    use super::*;
    use crate::{Facts, Filter, Scheme, Truth, field};

    fn lists() -> Lists {
        let mut lists = Lists::default();
        for (name, ty, entries) in [
            ("paste", Type::Bytes, &["paste.example", "share.example"][..]),
            ("ports", Type::Int, &["80", "8000..8099"]),
            ("office", Type::Ip, &["192.0.2.0/24", "2001:db8::/32", "198.51.100.1..198.51.100.9"]),
            ("none", Type::Bytes, &[]),
        ] {
            lists.insert(name, List::read(&ty, entries.iter().copied()).unwrap()).unwrap();
        }
        lists
    }

    #[test]
    fn a_list_is_what_it_would_be_in_braces() {
        let scheme = Scheme::gateway();
        let options = ParseOptions::default().with_lists(lists());
        for (by_name, in_braces) in [
            (
                "any(http.request.domains[*] in $paste)",
                r#"any(http.request.domains[*] in {"paste.example" "share.example"})"#,
            ),
            ("not net.dst.port in $ports", "not net.dst.port in {80 8000..8099}"),
            (
                "net.src.ip in $office",
                "net.src.ip in {192.0.2.0/24 2001:db8::/32 198.51.100.1..198.51.100.9}",
            ),
            ("http.request.host in $none", "http.request.host in {}"),
        ] {
            let named = Filter::parse(&scheme, by_name, &options).unwrap();
            assert_eq!(named, Filter::parse(&scheme, in_braces, &options).unwrap(), "{by_name}");
        }
        let mut facts = Facts::new(&scheme);
        facts.set(field::NET_DST_PORT, 8_042_i64);
        let filter = Filter::parse(&scheme, "net.dst.port in $ports", &options).unwrap();
        assert_eq!(filter.truth(&facts), Truth::True);
    }

    #[test]
    fn what_is_no_list_of_the_type_is_told() {
        let options = ParseOptions::default().with_lists(lists());
        for (text, says) in [
            ("net.dst.port in $port", "no list is called `$port`; did you mean `$ports`?"),
            ("net.dst.port in $x", "no list is called `$x`"),
            ("net.dst.port in $paste", "`$paste` is a list of Bytes, expected one of Int"),
        ] {
            let error = Filter::parse(&Scheme::gateway(), text, &options).unwrap_err();
            assert_eq!(error.to_string(), says, "{text}");
        }
    }

    #[test]
    fn entries_are_read_strictly() {
        for (ty, entry) in [
            (Type::Ip, "192.0.2.1/24"),
            (Type::Ip, "192.0.2.0/24 x"),
            (Type::Ip, "a.example"),
            (Type::Ip, ""),
            (Type::Int, "9..1"),
            (Type::Int, "1 2"),
            (Type::Int, "x"),
        ] {
            let good = if ty == Type::Ip { "192.0.2.0/24" } else { "1" };
            let error = List::read(&ty, [good, entry]).unwrap_err();
            assert!(matches!(error, ListError::Entry { index: 1, .. }), "{entry}: {error:?}");
        }
        assert_eq!(List::read(&Type::Bool, []), Err(ListError::Type { ty: Type::Bool }));
        let mut lists = lists();
        for (name, error) in
            [("", ListError::Name), ("a b", ListError::Name), ("paste", ListError::Taken)]
        {
            assert_eq!(lists.insert(name, List::read(&Type::Int, []).unwrap()), Err(error));
        }
        let many = std::iter::repeat_n("x", List::ENTRIES_MAX + 1);
        assert!(matches!(List::read(&Type::Bytes, many), Err(ListError::TooMany { .. })));
    }
}
