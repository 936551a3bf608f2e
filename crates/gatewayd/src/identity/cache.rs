//! What was found out about credentials, for a while: kept under a keyed digest, never as they
//! are.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use gateway_proxy::{Credentials, Unidentified, User};

use crate::random::{self, NoRandom};

/// Answers that are kept.
const ANSWERS_MAX: usize = 16 << 10;

/// The digest under which an answer is kept (HMAC-SHA-256 with a key of this cache alone).
pub(super) type Key = [u8; 32];

/// Answers about credentials.
pub(super) struct Cache {
    key: hmac::Key,
    right: Duration,
    wrong: Duration,
    answers: Mutex<HashMap<Key, Answer>>,
}

struct Answer {
    user: Option<Arc<User>>,
    until: Instant,
}

impl Cache {
    /// One that keeps users for `right`, and that there is none for `wrong`.
    pub(super) fn new(right: Duration, wrong: Duration) -> Result<Self, NoRandom> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &random::bytes::<32>()?);
        Ok(Self { key, right, wrong, answers: Mutex::default() })
    }

    /// The key for credentials: equal for equal ones alone.
    pub(super) fn key(&self, credentials: &Credentials) -> Key {
        let mut context = hmac::Context::with_key(&self.key);
        match credentials {
            Credentials::Basic { user, password } => {
                context.update(b"basic\0");
                // A user's name holds no control characters: the end of it is known.
                context.update(user.as_bytes());
                context.update(b"\0");
                context.update(password);
            }
            Credentials::Bearer(token) => {
                context.update(b"bearer\0");
                context.update(token.as_bytes());
            }
            _ => {}
        }
        let mut key = [0; 32];
        let tag = context.sign();
        key.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
        key
    }

    /// The answer under `key`, if it still counts.
    pub(super) fn find(&self, key: &Key, now: Instant) -> Option<Result<Arc<User>, Unidentified>> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = answers.get(key).filter(|answer| now < answer.until)?;
        Some(answer.user.clone().ok_or(Unidentified::Wrong))
    }

    /// Keeps a user, no longer than `left`.
    pub(super) fn keep(&self, key: Key, user: Arc<User>, left: Duration, now: Instant) {
        self.put(key, Answer { user: Some(user), until: now + self.right.min(left) }, now);
    }

    /// Keeps that there is no such user.
    pub(super) fn refuse(&self, key: Key, now: Instant) {
        self.put(key, Answer { user: None, until: now + self.wrong }, now);
    }

    fn put(&self, key: Key, answer: Answer, now: Instant) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= ANSWERS_MAX {
            answers.retain(|_, answer| now < answer.until);
        }
        if answers.len() >= ANSWERS_MAX {
            // Guesses must not push out who is known.
            answers.retain(|_, answer| answer.user.is_some());
        }
        if answers.len() < ANSWERS_MAX {
            answers.insert(key, answer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basic(user: &str, password: &'static str) -> Credentials {
        Credentials::Basic { user: user.into(), password: password.into() }
    }

    #[test]
    fn answers_count_for_their_time() {
        let cache = Cache::new(Duration::from_secs(60), Duration::from_secs(5)).unwrap();
        let now = Instant::now();
        let (right, wrong) = (cache.key(&basic("a", "b")), cache.key(&basic("a", "c")));
        let user = Arc::new(User::default());
        cache.keep(right, user.clone(), Duration::MAX, now);
        cache.refuse(wrong, now);
        assert_eq!(cache.find(&right, now), Some(Ok(user.clone())));
        assert_eq!(cache.find(&wrong, now), Some(Err(Unidentified::Wrong)));
        assert_eq!(cache.find(&wrong, now + Duration::from_secs(5)), None);
        assert!(cache.find(&right, now + Duration::from_secs(59)).is_some());
        assert_eq!(cache.find(&right, now + Duration::from_secs(60)), None);
        // A token that ends sooner is not taken longer.
        cache.keep(right, user, Duration::from_secs(1), now);
        assert_eq!(cache.find(&right, now + Duration::from_secs(1)), None);
    }

    #[test]
    fn keys_are_those_of_the_whole_credentials() {
        let ttl = Duration::from_secs(1);
        let (cache, other) = (Cache::new(ttl, ttl).unwrap(), Cache::new(ttl, ttl).unwrap());
        let keys = [
            cache.key(&basic("a", "bc")),
            cache.key(&basic("ab", "c")),
            cache.key(&basic("a", "b")),
            cache.key(&Credentials::Bearer("abc".into())),
            other.key(&basic("a", "bc")),
        ];
        for (n, key) in keys.iter().enumerate() {
            assert!(keys.iter().skip(n + 1).all(|other| other != key), "{n}");
        }
        assert_eq!(keys[0], cache.key(&basic("a", "bc")));
    }

    #[test]
    fn guesses_do_not_push_out_who_is_known() {
        let cache = Cache::new(Duration::from_secs(60), Duration::from_secs(60)).unwrap();
        let now = Instant::now();
        let known = cache.key(&basic("a", "b"));
        cache.keep(known, Arc::new(User::default()), Duration::MAX, now);
        for n in 0..=u32::try_from(ANSWERS_MAX).unwrap() {
            let mut key = [0; 32];
            key[..4].copy_from_slice(&n.to_be_bytes());
            cache.refuse(key, now);
        }
        assert!(cache.find(&known, now).is_some());
        assert!(cache.answers.lock().unwrap().len() <= ANSWERS_MAX);
    }

    /// What identity costs a request once it is known; the figure is printed, the bound is wide
    /// enough for a busy machine.
    #[test]
    fn a_hit_is_cheap() {
        let cache = Cache::new(Duration::from_secs(60), Duration::from_secs(5)).unwrap();
        let token = Credentials::Bearer("a".repeat(1200));
        for credentials in [basic("alice@corp.test", "correct horse battery staple"), token] {
            let key = cache.key(&credentials);
            cache.keep(key, Arc::new(User::default()), Duration::MAX, Instant::now());
            let mut took: Vec<Duration> = (0..20_000)
                .map(|_| {
                    let began = Instant::now();
                    assert!(cache.find(&cache.key(&credentials), began).is_some());
                    began.elapsed()
                })
                .collect();
            took.sort_unstable();
            let (median, p99) = (took[took.len() / 2], took[took.len() * 99 / 100]);
            println!("{:?}: median {median:?}, p99 {p99:?}", credentials.scheme());
            assert!(median < Duration::from_micros(200), "{median:?}");
        }
    }
}
