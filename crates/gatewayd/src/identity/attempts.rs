//! Who guesses: wrong credentials are counted by address and user, and too many lock that pair
//! out for a while. Somebody else who knows the password comes in from elsewhere all the same.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_lc_rs::hmac;

use crate::random::{self, NoRandom};

/// Pairs of address and user that are counted; beyond, new ones are not.
const PAIRS_MAX: usize = 16 << 10;
/// How many times the wrong credentials of one user an address may bring for all users together.
const USERS_PER_ADDRESS: u32 = 10;

/// Counts wrong credentials.
pub(super) struct Attempts {
    key: hmac::Key,
    counted: Mutex<HashMap<Pair, Count>>,
}

/// An address, and the digest of a user's name; without one, the address for all users.
type Pair = (IpAddr, Option<[u8; 16]>);

struct Count {
    wrong: u32,
    /// When what was counted is forgotten; until then a full count locks.
    until: Instant,
    locked: bool,
}

impl Attempts {
    /// Nobody has guessed yet.
    pub(super) fn new() -> Result<Self, NoRandom> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &random::bytes::<32>()?);
        Ok(Self { key, counted: Mutex::default() })
    }

    /// How long no credentials of `user` from `client` are looked at any more, if so.
    pub(super) fn locked(&self, client: IpAddr, user: &str, now: Instant) -> Option<Duration> {
        let counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let locked = |pair: &Pair| {
            let count = counted.get(pair).filter(|count| count.locked && now < count.until)?;
            Some(count.until - now)
        };
        locked(&self.pair(client, user)).max(locked(&(network(client), None)))
    }

    /// Counts wrong credentials; whether they have locked somebody out now. `max` of one user lock
    /// that user, ten times as many of all users the address, each for `lock`.
    pub(super) fn note(
        &self,
        client: IpAddr,
        user: &str,
        max: u32,
        lock: Duration,
        now: Instant,
    ) -> bool {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.len() >= PAIRS_MAX {
            counted.retain(|_, count| now < count.until);
        }
        let all = max.saturating_mul(USERS_PER_ADDRESS);
        let mut locks = false;
        for (pair, max) in [(self.pair(client, user), max), ((network(client), None), all)] {
            if counted.len() >= PAIRS_MAX && !counted.contains_key(&pair) {
                continue;
            }
            let fresh = Count { wrong: 0, until: now, locked: false };
            let count = counted.entry(pair).or_insert(fresh);
            if now >= count.until {
                (count.wrong, count.locked) = (0, false);
            }
            count.wrong = count.wrong.saturating_add(1);
            count.until = now + lock;
            locks |= !count.locked && count.wrong >= max;
            count.locked = count.wrong >= max;
        }
        locks
    }

    /// The user has come with the right credentials.
    pub(super) fn forget(&self, client: IpAddr, user: &str) {
        let pair = self.pair(client, user);
        self.counted.lock().unwrap_or_else(PoisonError::into_inner).remove(&pair);
    }

    /// Names are kept as digests: whoever sends them chooses their length.
    fn pair(&self, client: IpAddr, user: &str) -> Pair {
        let tag = hmac::sign(&self.key, user.as_bytes());
        let mut name = [0; 16];
        name.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
        (network(client), Some(name))
    }
}

/// The addresses that count as one: a host has all of an IPv6 /64.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from(u128::from(address) >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: Duration = Duration::from_secs(60);

    fn at(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn too_many_wrong_ones_lock_the_pair_for_a_while() {
        let attempts = Attempts::new().unwrap();
        let (here, there, now) = (at("192.0.2.1"), at("192.0.2.2"), Instant::now());
        let locks: Vec<bool> = (0..4).map(|_| attempts.note(here, "a", 3, LOCK, now)).collect();
        assert_eq!(locks, [false, false, true, false]);
        assert_eq!(attempts.locked(here, "a", now), Some(LOCK));
        assert_eq!(attempts.locked(here, "b", now), None);
        assert_eq!(attempts.locked(there, "a", now), None);
        assert_eq!(attempts.locked(here, "a", now + LOCK), None);
        // It begins anew then.
        assert!(!attempts.note(here, "a", 3, LOCK, now + LOCK));
    }

    #[test]
    fn the_right_password_is_a_new_beginning() {
        let attempts = Attempts::new().unwrap();
        let (here, now) = (at("192.0.2.1"), Instant::now());
        for _ in 0..5 {
            assert!(!attempts.note(here, "a", 3, LOCK, now));
            assert!(!attempts.note(here, "a", 3, LOCK, now));
            attempts.forget(here, "a");
        }
    }

    #[test]
    fn many_users_from_one_address_lock_the_address() {
        let attempts = Attempts::new().unwrap();
        let (here, now) = (at("2001:db8::1"), Instant::now());
        for n in 0..30 {
            attempts.note(here, &n.to_string(), 3, LOCK, now);
        }
        // Another address of the same host.
        assert_eq!(attempts.locked(at("2001:db8::2"), "new", now), Some(LOCK));
        assert_eq!(attempts.locked(at("2001:db8:0:1::2"), "new", now), None);
    }

    #[test]
    fn what_is_counted_is_bounded() {
        let attempts = Attempts::new().unwrap();
        let (here, now) = (at("192.0.2.1"), Instant::now());
        for n in 0..=PAIRS_MAX {
            attempts.note(here, &n.to_string(), 3, LOCK, now);
        }
        assert_eq!(attempts.counted.lock().unwrap().len(), PAIRS_MAX);
        attempts.note(here, "later", 3, LOCK, now + LOCK);
        assert_eq!(attempts.counted.lock().unwrap().len(), 2);
    }
}
