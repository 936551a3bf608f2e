//! URLs in a list, each standing for all that begin with it: found host by host and, where a host
//! has entries with paths, segment by segment.

use memchr::memchr3;

use super::domains::{BELOW, HERE, Labels, Name, Scope};
use super::entry::EntryError;
use super::hash::{Letters, ListSeed, hash_of};
use super::table::Table;

/// The flag of a host of which there are entries with more than the host.
const MORE: u64 = 4;
/// The most segments of a path with those of its query.
const SEGMENTS_MAX: usize = 255;

/// Schemes, their number, and the port that goes without saying.
const SCHEMES: [(&str, u64, u16); 4] =
    [("http", 1, 80), ("https", 2, 443), ("ws", 3, 80), ("wss", 4, 443)];
/// The number of any other scheme.
const OTHER: u64 = 5;

/// What of scheme and port an entry says.
const SAYS: [Says; 3] = [Says::Nothing, Says::Port, Says::SchemeAndPort];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    Nothing,
    Port,
    SchemeAndPort,
}

impl Says {
    const fn bit(self) -> u8 {
        1 << self as u8
    }

    /// The mark behind the host, from which on paths are hashed.
    const fn mark(self, scope: Scope, scheme: u64, port: u16) -> u64 {
        let (scheme, port) = match self {
            Self::Nothing => (0, 0),
            Self::Port => (0, port),
            Self::SchemeAndPort => (scheme, port),
        };
        (port as u64) << 16 | scheme << 8 | (self as u64) << 4 | scope.flags()
    }
}

/// An entry, hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Url {
    host: Name,
    /// The end of what stands behind the host, if anything does.
    end: Option<(u64, u64)>,
    says: Says,
    segments: usize,
}

/// A set of URLs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Urls {
    seed: ListSeed,
    table: Table,
    /// A bit for each of what entries say.
    says: u8,
    /// The most segments of an entry.
    segments: usize,
}

/// The parts of a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Parts<'a> {
    scheme: Option<&'a [u8]>,
    host: &'a [u8],
    port: Option<&'a [u8]>,
    /// Path and query.
    path: &'a [u8],
}

impl<'a> Parts<'a> {
    fn of(url: &'a [u8]) -> Self {
        let colon = url.iter().take(16).position(|b| *b == b':');
        let scheme = colon.and_then(|colon| {
            let behind = url.get(colon..)?.strip_prefix(b"://")?;
            Some((url.get(..colon)?, behind))
        });
        let (scheme, rest) = scheme.map_or((None, url), |(scheme, rest)| (Some(scheme), rest));
        let rest = memchr::memchr(b'#', rest).and_then(|at| rest.get(..at)).unwrap_or(rest);
        let (authority, path) = match memchr3(b'/', b'?', b'#', rest) {
            Some(at) => rest.split_at(at),
            None => (rest, &[][..]),
        };
        let host = memchr::memrchr(b'@', authority).and_then(|at| authority.get(at + 1..));
        let host = host.unwrap_or(authority);
        let colon = memchr::memrchr(b':', host).filter(|colon| {
            // The colons of an address of IPv6 stand in brackets.
            host.get(*colon..).is_some_and(|behind| !behind.contains(&b']'))
        });
        let (host, port) = match colon {
            Some(colon) => (host.get(..colon).unwrap_or(host), host.get(colon + 1..)),
            None => (host, None),
        };
        let bare = host.strip_prefix(b"[").and_then(|host| host.strip_suffix(b"]"));
        Self { scheme, host: bare.unwrap_or(host), port: port.filter(|p| !p.is_empty()), path }
    }

    fn scheme(&self) -> Option<(u64, u16)> {
        let scheme = self.scheme?;
        let known = SCHEMES.iter().find(|known| scheme.eq_ignore_ascii_case(known.0.as_bytes()));
        Some(known.map_or((OTHER, 0), |known| (known.1, known.2)))
    }

    fn port(&self) -> Option<u16> {
        std::str::from_utf8(self.port?).ok()?.parse().ok()
    }
}

/// The length of the first segment of what is left of a path: a `/`, `?` or `&` with what follows.
fn segment(path: &[u8], in_query: bool) -> usize {
    let behind = path.get(1..).unwrap_or_default();
    let end =
        if in_query { memchr::memchr(b'&', behind) } else { memchr::memchr2(b'/', b'?', behind) };
    end.map_or(path.len(), |end| end + 1)
}

impl Url {
    /// Reads an entry; `scope` is what a host without `.` or `*.` in front stands for.
    pub(super) fn read(seed: &ListSeed, text: &str, scope: Scope) -> Result<Self, EntryError> {
        let fault = |reason| EntryError::Url { found: text.into(), reason };
        let parts = Parts::of(text.as_bytes());
        let scheme = parts.scheme();
        if scheme.is_some_and(|(number, _)| number == OTHER) {
            return Err(fault("expected http, https, ws or wss before `://`"));
        }
        if text.contains('#') {
            return Err(fault("what stands behind `#` is never sent"));
        }
        if parts.path.iter().any(|b| b.is_ascii_whitespace() || b.is_ascii_control()) {
            return Err(fault("a URL holds no blanks"));
        }
        let port = parts.port();
        if parts.port.is_some() && port.is_none() {
            return Err(fault("expected a port from 0 to 65535 behind `:`"));
        }
        let host = std::str::from_utf8(parts.host).map_err(|_| fault("expected a host"))?;
        let (host, scope) = match (host.strip_prefix("*."), host.strip_prefix('.')) {
            (Some(host), _) => (host, Scope::Below),
            (None, Some(host)) => (host, Scope::HereAndBelow),
            (None, None) => (host, scope),
        };
        let name = Name::read(seed, host, scope)?;
        let (says, number, port) = match (scheme, port) {
            (None, None) => (Says::Nothing, 0, 0),
            (None, Some(port)) => (Says::Port, 0, port),
            (Some((number, default)), port) => {
                (Says::SchemeAndPort, number, port.unwrap_or(default))
            }
        };
        let path = if parts.path == b"/" { &[][..] } else { parts.path };
        if says == Says::Nothing && path.is_empty() {
            return Ok(Self { host: name, end: None, says, segments: 0 });
        }
        let scope = if name.flags == scope.flags() { scope } else { Scope::Here };
        let host_state = Labels::new(host.trim_end_matches('.').as_bytes())
            .map_or_else(|| seed.start(), |labels| labels.whole(seed).0);
        let state = seed.mark(host_state, says.mark(scope, number, port));
        let (path, flags) = match path.strip_suffix(b"/") {
            Some(path) if !path.contains(&b'?') => (path, BELOW),
            Some(_) | None => (path, HERE),
        };
        let (state, segments) = whole(seed, state, path);
        if segments > SEGMENTS_MAX {
            return Err(fault("it has more than 255 segments"));
        }
        let mut host = name;
        host.flags = MORE;
        Ok(Self { host, end: Some((hash_of(state), flags)), says, segments })
    }
}

/// The state behind a whole path, and how many segments that was.
fn whole(seed: &ListSeed, mut state: u64, mut path: &[u8]) -> (u64, usize) {
    let (mut segments, mut in_query) = (0, false);
    while let Some(first) = path.first() {
        in_query |= *first == b'?';
        let (one, rest) = path.split_at(segment(path, in_query));
        state = seed.part(state, one, 0, one.len(), Letters::Exact);
        segments += 1;
        path = rest;
    }
    (state, segments)
}

impl Urls {
    pub(super) fn new(seed: ListSeed, urls: &[Url]) -> Self {
        let nodes: Vec<(u64, u64)> = urls
            .iter()
            .flat_map(|url| std::iter::once((url.host.hash, url.host.flags)).chain(url.end))
            .collect();
        let mut set = Self { seed, table: Table::new(seed, &nodes), says: 0, segments: 0 };
        urls.iter().for_each(|url| set.note(url));
        set
    }

    fn note(&mut self, url: &Url) {
        self.says |= if url.end.is_some() { url.says.bit() } else { 0 };
        self.segments = self.segments.max(url.segments);
    }

    /// Whether the URL begins with one that is listed.
    pub(super) fn holds(&self, url: &[u8]) -> bool {
        let parts = Parts::of(url);
        let Some(labels) = Labels::new(parts.host) else { return false };
        let found = labels.walk(&self.seed, |state, _, is_whole| {
            let flags = self.table.find(hash_of(state));
            let wanted = if is_whole { HERE } else { BELOW };
            let is_listed = flags & wanted != 0
                || (flags & MORE != 0 && self.continues(state, is_whole, &parts));
            is_listed.then_some(())
        });
        found.is_some()
    }

    /// Whether an entry of a host goes on as the URL does.
    fn continues(&self, host: u64, is_whole: bool, parts: &Parts<'_>) -> bool {
        let (scheme, default) = parts.scheme().unwrap_or((0, 0));
        let port = parts.port().unwrap_or(default);
        let scopes = [if is_whole { Scope::Here } else { Scope::Below }, Scope::HereAndBelow];
        SAYS.into_iter().filter(|says| self.says & says.bit() != 0).any(|says| {
            scopes.into_iter().any(|scope| {
                let state = self.seed.mark(host, says.mark(scope, scheme, port));
                self.goes_along(state, parts.path)
            })
        })
    }

    /// Whether a path begins with one that is listed under a state.
    fn goes_along(&self, mut state: u64, mut path: &[u8]) -> bool {
        let mut in_query = false;
        for _ in 0..=self.segments {
            let flags = self.table.find(hash_of(state));
            if flags & HERE != 0 || (flags & BELOW != 0 && path.first() == Some(&b'/')) {
                return true;
            }
            let Some(first) = path.first() else { return false };
            in_query |= *first == b'?';
            let (one, rest) = path.split_at(segment(path, in_query));
            state = self.seed.part(state, one, 0, one.len(), Letters::Exact);
            path = rest;
        }
        false
    }

    pub(super) fn insert(&mut self, url: &Url) {
        self.note(url);
        self.table.insert(url.host.hash, url.host.flags);
        if let Some((hash, flags)) = url.end {
            self.table.insert(hash, flags);
        }
    }

    /// Takes an entry away. That a host had more stays noted: others of its entries may be left.
    pub(super) fn remove(&mut self, url: &Url) {
        match url.end {
            Some((hash, flags)) => self.table.remove(hash, flags),
            None => self.table.remove(url.host.hash, url.host.flags),
        }
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

    fn urls(entries: &[&str]) -> Urls {
        let read = |entry: &&str| Url::read(&SEED, entry, Scope::Here).expect(entry);
        Urls::new(SEED, &entries.iter().map(read).collect::<Vec<_>>())
    }

    #[test]
    fn an_entry_stands_for_what_begins_with_it() {
        for (entry, url, is_listed) in [
            ("a.example", "https://a.example/", true),
            ("a.example", "http://A.Example:8080/x?y", true),
            ("a.example", "a.example", true),
            ("a.example", "https://b.a.example/", false),
            ("a.example", "/a.example", false),
            (".a.example", "https://b.a.example/", true),
            ("*.a.example", "https://a.example/", false),
            ("*.a.example", "https://b.a.example/", true),
            ("*.a.example/x", "https://b.a.example/x/y", true),
            ("*.a.example/x", "https://a.example/x/y", false),
            (".a.example/x", "https://a.example/x/y", true),
            (".a.example/x", "https://c.b.a.example/x", true),
            ("a.example/docs", "https://a.example/docs", true),
            ("a.example/docs", "https://a.example/docs?x=1", true),
            ("a.example/docs", "https://a.example/docs/a/b", true),
            ("a.example/docs", "https://a.example/docsx", false),
            ("a.example/docs", "https://a.example/Docs", false),
            ("a.example/docs", "https://a.example/", false),
            ("a.example/docs", "https://x.a.example/docs", false),
            ("a.example/docs/", "https://a.example/docs/", true),
            ("a.example/docs/", "https://a.example/docs/x", true),
            ("a.example/docs/", "https://a.example/docs", false),
            ("a.example/docs/", "https://a.example/docs?x", false),
            ("a.example/w?v=1", "https://a.example/w?v=1&t=2", true),
            ("a.example/w?v=1", "https://a.example/w?v=12", false),
            ("a.example/w?v=a/b", "https://a.example/w?v=a/b", true),
            ("https://a.example", "https://a.example/x", true),
            ("https://a.example", "https://a.example:443", true),
            ("https://a.example", "https://a.example:8443/", false),
            ("https://a.example", "http://a.example/", false),
            ("a.example:8080/x", "http://a.example:8080/x", true),
            ("a.example:8080/x", "http://a.example/x", false),
            ("http://[2001:db8::1]:81/x", "http://[2001:db8::1]:81/x/y", true),
            ("a.example", "https://user:pass@a.example/", true),
            ("a.example", "https://a.example@b.example/", false),
            ("a.example", "https://a.example#x", true),
            ("a.example", "ftp://a.example/", true),
        ] {
            assert_eq!(urls(&[entry]).holds(url.as_bytes()), is_listed, "{entry} and {url}");
        }
    }

    #[test]
    fn what_is_no_url_is_refused() {
        for entry in [
            "",
            "/x",
            "ftp://a.example",
            "a.example:99999",
            "a.example/x#y",
            "a b/c",
            "a.example/x y",
            "é.example/",
        ] {
            assert!(Url::read(&SEED, entry, Scope::Here).is_err(), "{entry}");
        }
        let deep = format!("a.example{}", "/x".repeat(256));
        assert!(Url::read(&SEED, &deep, Scope::Here).is_err());
    }

    #[test]
    fn entries_come_and_go() {
        let mut set = urls(&["a.example/x"]);
        let url = |text| Url::read(&SEED, text, Scope::Here).unwrap();
        set.insert(&url("a.example/y/z"));
        set.insert(&url("b.example"));
        set.remove(&url("a.example/x"));
        for (text, is_listed) in
            [("a.example/x", false), ("a.example/y/z/1", true), ("b.example/", true)]
        {
            assert_eq!(set.holds(text.as_bytes()), is_listed, "{text}");
        }
        set.remove(&url("b.example"));
        assert!(!set.holds(b"b.example"));
    }

    proptest! {
        /// A prefix that ends where a segment does is what an entry stands for.
        #[test]
        fn paths_are_matched_as_the_naive_search_says(
            entries in prop::collection::vec("(/[ab]{0,2}){1,3}", 0..6),
            path in "(/[ab]{0,2}){0,4}(\\?[ab]{0,2})?",
        ) {
            let naive = entries.iter().any(|entry| {
                let rest = path.strip_prefix(entry.as_str());
                let ends = |rest: &str| {
                    entry.ends_with('/') || rest.is_empty() || rest.starts_with(['/', '?'])
                };
                *entry == "/" || rest.is_some_and(ends)
            });
            let texts: Vec<String> = entries.iter().map(|entry| format!("a.example{entry}")).collect();
            let set = urls(&texts.iter().map(String::as_str).collect::<Vec<_>>());
            prop_assert_eq!(set.holds(format!("http://a.example{path}").as_bytes()), naive);
        }
    }
}
