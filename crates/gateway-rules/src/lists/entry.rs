//! One entry of a list, read from its text.

use std::net::IpAddr;

use super::ListKind;
use super::domains::{Name, Scope};
use super::hash::{Letters, ListSeed};
use super::networks::Range;
use super::strings::Strings;
use super::urls::Url;
use super::wildcards::Pattern;
use crate::ast::AddressItem;
use crate::diagnostic::Diagnostic;
use crate::parse::{read_address_item, read_int_range};

/// Why a text is no entry of a list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EntryError {
    /// It is no name of a host.
    #[error("`{found}` is no name of a host: {reason}")]
    Name {
        /// What stands there.
        found: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// It is no URL.
    #[error("`{found}` is no URL: {reason}")]
    Url {
        /// What stands there.
        found: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// It is no digest of a file.
    #[error("`{found}` is no digest: expected 32, 40, 56, 64, 96 or 128 hexadecimal digits")]
    Hash {
        /// What stands there.
        found: String,
    },
    /// It is no wildcard pattern.
    #[error("`{found}` is no wildcard pattern: {reason}")]
    Wildcard {
        /// What stands there.
        found: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// It is no number or range of them, or no address, network or range.
    #[error("{0}")]
    Value(Diagnostic),
    /// It is no text at all.
    #[error("expected UTF-8")]
    Utf8,
    /// The line is none of its format.
    #[error("expected {expected}, found `{found}`")]
    Line {
        /// What the format has there.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// The patterns are too long together.
    #[error("the patterns of a list have at most {bytes_max} bytes together")]
    Bytes {
        /// The most bytes that there may be.
        bytes_max: usize,
    },
    /// There are too many entries already.
    #[error("the list has more than {entries_max} entries")]
    TooMany {
        /// The most that there may be.
        entries_max: usize,
    },
}

/// An entry, ready to be stored.
#[derive(Clone, Debug)]
pub(super) enum Entry {
    String { hash: u64, bytes: usize },
    Name(Name),
    Url(Url),
    Wildcard(Pattern),
    Range(Range),
    Numbers(i64, i64),
}

/// Digits of MD5, SHA-1, SHA-224, SHA-256, SHA-384 and SHA-512.
const HASH_DIGITS: [usize; 6] = [32, 40, 56, 64, 96, 128];

impl Entry {
    /// Reads an entry as it is written in a list of this kind.
    pub(super) fn read(kind: ListKind, seed: &ListSeed, text: &str) -> Result<Self, EntryError> {
        match kind {
            ListKind::Text => Ok(Self::string(seed, Letters::Exact, text)),
            ListKind::Hash => {
                let is_hash = HASH_DIGITS.contains(&text.len())
                    && text.bytes().all(|byte| byte.is_ascii_hexdigit());
                if !is_hash {
                    return Err(EntryError::Hash { found: text.into() });
                }
                Ok(Self::string(seed, Letters::Folded, text))
            }
            ListKind::Host => Self::named(kind, seed, text, Scope::Here),
            ListKind::Domain => match (text.strip_prefix('='), text.strip_prefix("*.")) {
                (Some(name), _) => Self::named(kind, seed, name, Scope::Here),
                (None, Some(name)) => Self::named(kind, seed, name, Scope::Below),
                (None, None) => {
                    let name = text.strip_prefix('.').unwrap_or(text);
                    Self::named(kind, seed, name, Scope::HereAndBelow)
                }
            },
            ListKind::Url => Self::named(kind, seed, text, Scope::Here),
            ListKind::Wildcard => Pattern::read(text).map(Self::Wildcard),
            ListKind::Ip => range(text).map(Self::Range),
            ListKind::Number => read_int_range(text)
                .map(|(first, last)| Self::Numbers(first, last))
                .map_err(EntryError::Value),
        }
    }

    /// Reads the name of a host that a format gives with what it stands for. In lists of URLs it
    /// may have a path.
    pub(super) fn named(
        kind: ListKind,
        seed: &ListSeed,
        name: &str,
        scope: Scope,
    ) -> Result<Self, EntryError> {
        match kind {
            ListKind::Host | ListKind::Domain => Name::read(seed, name, scope).map(Self::Name),
            ListKind::Url => Url::read(seed, name, scope).map(Self::Url),
            ListKind::Text
            | ListKind::Hash
            | ListKind::Wildcard
            | ListKind::Ip
            | ListKind::Number => Self::read(kind, seed, name),
        }
    }

    fn string(seed: &ListSeed, letters: Letters, text: &str) -> Self {
        let hash = Strings::hash(*seed, letters, text.as_bytes());
        Self::String { hash, bytes: text.len() }
    }
}

fn range(text: &str) -> Result<Range, EntryError> {
    // The plain forms are by far the most; what is wrong with others the parser of filters says.
    let (address, prefix) = text.split_once('/').map_or((text, None), |(a, p)| (a, Some(p)));
    if let Ok(address) = address.parse::<IpAddr>() {
        let whole = if address.is_ipv4() { 32 } else { 128 };
        let digits =
            |prefix: &str| !prefix.is_empty() && prefix.bytes().all(|b| b.is_ascii_digit());
        let prefix = match prefix {
            None => Some(whole),
            Some(prefix) if digits(prefix) => prefix.parse().ok(),
            Some(_) => None,
        };
        if let Some(range) = prefix.and_then(|prefix| Range::network(address, prefix)) {
            return Ok(range);
        }
    }
    let unexpected = || EntryError::Line { expected: "an address", found: text.into() };
    match read_address_item(text).map_err(EntryError::Value)? {
        AddressItem::Network(address, prefix) => {
            Range::network(address, prefix).ok_or_else(unexpected)
        }
        AddressItem::Range(first, last) => Range::new(first, last).ok_or_else(unexpected),
    }
}
