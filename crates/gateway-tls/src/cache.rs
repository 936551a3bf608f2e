//! What was minted, kept for the next connection: least recently used goes first, and nothing is
//! given out past two thirds of its life. No locks and no single flight: those are the caller's.

use std::collections::BTreeMap;
use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};

/// How much a [`LeafCache`] keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheLimits {
    /// Leaves kept. A leaf carries at most 101 names of 255 bytes, so an entry stays below 32 KiB
    /// and is mostly below 2 KiB. Default 4,096.
    pub entries_max: usize,
}

impl Default for CacheLimits {
    fn default() -> Self {
        Self { entries_max: 4_096 }
    }
}

/// What a minted leaf is kept under: the authority's generation and a digest of the host.
///
/// It is of one size whatever a client asks for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeafKey {
    generation: u64,
    host_digest: [u8; 32],
}

impl LeafKey {
    /// The key of a leaf for a host, under the generation of the authority that signs it: another
    /// authority is another generation.
    ///
    /// Give the host in one form, such as [`ClientHello::sni`](crate::ClientHello::sni): two
    /// spellings are two keys.
    #[must_use]
    pub fn new(generation: u64, host: &str) -> Self {
        let mut host_digest = [0; 32];
        host_digest.copy_from_slice(digest(&SHA256, host.as_bytes()).as_ref());
        Self { generation, host_digest }
    }
}

impl fmt::Debug for LeafKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.host_digest;
        write!(f, "LeafKey({}:{a:02x}{b:02x}{c:02x}{d:02x}…)", self.generation)
    }
}

/// A bounded cache of what was made of minted leaves, such as a TLS stack's own form of chain and
/// key. Times are in seconds since the Unix epoch.
///
/// ```
/// use gateway_tls::{CacheLimits, LeafCache, LeafKey};
///
/// let mut cache = LeafCache::new(CacheLimits::default());
/// let key = LeafKey::new(1, "example.com");
/// cache.insert(key, "chain and key", 2_000);
/// assert_eq!(cache.find(&key, 1_999), Some(&"chain and key"));
/// assert_eq!(cache.find(&key, 2_000), None);
/// ```
#[derive(Clone, Debug)]
pub struct LeafCache<V> {
    limits: CacheLimits,
    entries: BTreeMap<LeafKey, Entry<V>>,
    /// Keys by the turn of their last use.
    by_turn: BTreeMap<u64, LeafKey>,
    turn: u64,
}

#[derive(Clone, Debug)]
struct Entry<V> {
    value: V,
    remint_at_unix_s: u64,
    turn: u64,
}

impl<V> LeafCache<V> {
    /// An empty cache.
    #[must_use]
    pub const fn new(limits: CacheLimits) -> Self {
        Self { limits, entries: BTreeMap::new(), by_turn: BTreeMap::new(), turn: 0 }
    }

    /// How many leaves are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether none is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What is kept under a key, unless it is time to mint again; then it is forgotten.
    pub fn find(&mut self, key: &LeafKey, now_unix_s: u64) -> Option<&V> {
        if self.entries.get(key)?.remint_at_unix_s <= now_unix_s {
            self.remove(key);
            return None;
        }
        let turn = self.next_turn();
        let entry = self.entries.get_mut(key)?;
        self.by_turn.remove(&entry.turn);
        self.by_turn.insert(turn, *key);
        entry.turn = turn;
        Some(&entry.value)
    }

    /// Keeps a value until [`remint_at_unix_s`](crate::MintedLeaf::remint_at_unix_s), in place of
    /// what the key held, and lets the least recently used go where there are too many.
    pub fn insert(&mut self, key: LeafKey, value: V, remint_at_unix_s: u64) {
        self.remove(&key);
        let turn = self.next_turn();
        self.entries.insert(key, Entry { value, remint_at_unix_s, turn });
        self.by_turn.insert(turn, key);
        while self.entries.len() > self.limits.entries_max
            && let Some((_, oldest)) = self.by_turn.pop_first()
        {
            self.entries.remove(&oldest);
        }
    }

    fn remove(&mut self, key: &LeafKey) {
        if let Some(entry) = self.entries.remove(key) {
            self.by_turn.remove(&entry.turn);
        }
    }

    fn next_turn(&mut self) -> u64 {
        self.turn += 1;
        self.turn
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(host: &str) -> LeafKey {
        LeafKey::new(1, host)
    }

    #[test]
    fn the_least_recently_used_goes_first() {
        let mut cache = LeafCache::new(CacheLimits { entries_max: 2 });
        assert!(cache.is_empty());
        cache.insert(key("a"), 1, 100);
        cache.insert(key("b"), 2, 100);
        assert_eq!(cache.find(&key("a"), 0), Some(&1));
        cache.insert(key("c"), 3, 100);
        assert_eq!(cache.find(&key("b"), 0), None);
        assert_eq!(cache.find(&key("a"), 0), Some(&1));
        assert_eq!(cache.find(&key("c"), 0), Some(&3));
        cache.insert(key("c"), 4, 100);
        assert_eq!(cache.find(&key("c"), 0), Some(&4));
        assert_eq!(cache.len(), 2);
    }

    #[test]
    fn nothing_is_kept_past_its_time_or_without_room() {
        let mut cache = LeafCache::new(CacheLimits::default());
        cache.insert(key("a"), 1, 100);
        assert_eq!(cache.find(&key("a"), 99), Some(&1));
        assert_eq!(cache.find(&key("a"), 100), None);
        assert!(cache.is_empty());
        let mut cache = LeafCache::new(CacheLimits { entries_max: 0 });
        cache.insert(key("a"), 1, 100);
        assert!(cache.is_empty());
    }

    #[test]
    fn another_authority_is_another_key() {
        assert_eq!(key("a"), LeafKey::new(1, "a"));
        assert_ne!(key("a"), LeafKey::new(2, "a"));
        assert_ne!(key("a"), key("b"));
    }

    proptest! {
        /// Against a list with the last used at the end.
        #[test]
        fn behaves_like_a_list_in_order_of_use(
            steps in proptest::collection::vec((0..6_u64, any::<bool>(), 1..20_u64), 0..60),
        ) {
            let mut cache = LeafCache::new(CacheLimits { entries_max: 3 });
            let mut model: Vec<(u64, usize, u64)> = Vec::new();
            for (now, (host, is_insert, life_s)) in steps.into_iter().enumerate() {
                let key = LeafKey::new(host, "a");
                let at = model.iter().position(|entry| entry.0 == host);
                let known = at.map(|at| model.remove(at));
                if is_insert {
                    cache.insert(key, now, now as u64 + life_s);
                    model.push((host, now, now as u64 + life_s));
                    if model.len() > 3 {
                        model.remove(0);
                    }
                } else {
                    let live = known.filter(|entry| entry.2 > now as u64);
                    prop_assert_eq!(cache.find(&key, now as u64).copied(), live.map(|e| e.1));
                    model.extend(live);
                }
                prop_assert_eq!(cache.len(), model.len());
                prop_assert_eq!(cache.by_turn.len(), model.len());
            }
        }
    }
}
