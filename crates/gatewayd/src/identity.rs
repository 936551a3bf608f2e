//! Who clients are: the sources that vouch for them, loaded with the settings, and the one place
//! that the sessions ask.
//!
//! What is slow (passwords) is done away from the threads that move bytes; what has been found out
//! is kept for a while, and who guesses is locked out for a while.

mod attempts;
mod cache;
mod certificate;
mod network;
mod password;
mod token;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use aws_lc_rs::digest;
use gateway_proxy::{
    Anonymous, AuthScheme, Credentials, Device, Identification, Identify, Known, Unidentified, User,
};
use rustls_pki_types::CertificateDer;
use tokio::sync::Semaphore;

use crate::clock::unix_s;
use crate::config::Identity;
use crate::origin_ca::OriginCaError;
use crate::place::Place;
use crate::random::NoRandom;
use crate::toml_file::TomlError;
use attempts::Attempts;
use cache::{Cache, Key};
pub(crate) use certificate::{Devices, RootsError};
use network::Networks;
pub(crate) use password::hash;
use password::{UserError, Users};
use token::{JwksError, Tokens};

/// How long an answer to somebody who is locked out waits.
const LOCKED_DELAY: Duration = Duration::from_secs(1);
/// Passwords that may wait to be looked at; more are told to come again.
const QUEUE_MAX: usize = 64;

/// Why a source cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum IdentityError {
    /// The file of users has not the form that is expected.
    #[error(transparent)]
    Toml(#[from] TomlError),
    /// A user in it is wrong.
    #[error(transparent)]
    User(#[from] UserError),
    /// The keys of the identity provider cannot be used.
    #[error(transparent)]
    Jwks(#[from] JwksError),
    /// A file of authorities for devices cannot be used.
    #[error(transparent)]
    Authority(#[from] OriginCaError),
    /// The authorities cannot be used together.
    #[error(transparent)]
    Roots(#[from] RootsError),
}

impl IdentityError {
    /// The place in the file, where it is about one.
    pub(crate) fn place(&self) -> Option<&Place> {
        match self {
            Self::Toml(TomlError::Parse { place, .. })
            | Self::Jwks(JwksError::Form { place, .. }) => Some(place),
            Self::User(error) => Some(&error.place),
            Self::Toml(TomlError::Read { .. })
            | Self::Jwks(_)
            | Self::Authority(_)
            | Self::Roots(_) => None,
        }
    }
}

/// Everything that vouches for clients, read and checked.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    settings: Identity,
    users: Option<Users>,
    tokens: Option<Tokens>,
    networks: Networks,
    pub(crate) devices: Option<Arc<Devices>>,
    /// A digest of all files: equal for equal sources.
    stamp: Vec<u8>,
}

/// Reads and checks the sources that `settings` name.
///
/// # Errors
///
/// [`IdentityError`] with the file, and the place in it where there is one.
pub(crate) fn load(settings: &Identity) -> Result<Sources, IdentityError> {
    let mut stamp = digest::Context::new(&digest::SHA256);
    let users = if settings.users.as_os_str().is_empty() {
        None
    } else {
        let text = crate::toml_file::read(&settings.users)?;
        stamp.update(text.as_bytes());
        Some(Users::parse(&settings.users, &text)?)
    };
    let tokens = if settings.jwt.jwks.as_os_str().is_empty() {
        None
    } else {
        let text = token::read(&settings.jwt.jwks)?;
        stamp.update(text.as_bytes());
        Some(Tokens::parse(&settings.jwt, &text)?)
    };
    let devices = if settings.device.ca.is_empty() {
        None
    } else {
        Some(Arc::new(Devices::load(&settings.device, &mut |der| stamp.update(der))?))
    };
    Ok(Sources {
        networks: Networks::new(&settings.network),
        users,
        tokens,
        devices,
        stamp: stamp.finish().as_ref().to_vec(),
        settings: settings.clone(),
    })
}

impl Sources {
    /// How many users have passwords, and how many keys sign tokens.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.users.as_ref().map_or(0, Users::len), self.tokens.as_ref().map_or(0, Tokens::len))
    }

    fn is_same(&self, other: &Self) -> bool {
        self.stamp == other.stamp && self.settings == other.settings
    }
}

/// Finds out who clients are.
pub(crate) struct Identifier {
    sources: Sources,
    cache: Cache,
    attempts: Arc<Attempts>,
    /// One for each password that is looked at.
    hashing: Arc<Semaphore>,
    queued: AtomicUsize,
}

impl Identifier {
    /// One that asks `sources`.
    ///
    /// # Errors
    ///
    /// [`NoRandom`].
    pub(crate) fn new(sources: Sources) -> Result<Self, NoRandom> {
        Self::with(sources, Arc::new(Attempts::new()?))
    }

    /// One that asks `sources` from now on, in place of this one: itself while they are the same.
    /// Who is locked out stays so.
    ///
    /// # Errors
    ///
    /// [`NoRandom`].
    pub(crate) fn next(self: &Arc<Self>, sources: Sources) -> Result<Arc<Self>, NoRandom> {
        if self.sources.is_same(&sources) {
            return Ok(self.clone());
        }
        Ok(Arc::new(Self::with(sources, self.attempts.clone())?))
    }

    fn with(sources: Sources, attempts: Arc<Attempts>) -> Result<Self, NoRandom> {
        let settings = &sources.settings;
        let right = Duration::from_millis(settings.cache_ms);
        let wrong = Duration::from_millis(settings.refused_cache_ms);
        // A hash takes a processor and much memory: more at a time would only be slower.
        let at_a_time = std::thread::available_parallelism().map_or(1, usize::from).clamp(1, 4);
        Ok(Self {
            cache: Cache::new(right, wrong)?,
            attempts,
            hashing: Arc::new(Semaphore::new(at_a_time)),
            queued: AtomicUsize::new(0),
            sources,
        })
    }

    /// How sessions ask for credentials.
    pub(crate) fn identification(&self) -> Identification {
        let Sources { settings, users, tokens, .. } = &self.sources;
        let mut schemes = Vec::new();
        if tokens.is_some() {
            schemes.push(AuthScheme::Bearer);
        }
        if users.is_some() {
            schemes.push(AuthScheme::Basic);
        }
        let anonymous = if settings.required { Anonymous::Challenge } else { Anonymous::Admit };
        Identification { schemes, anonymous, realm: settings.realm.clone() }
    }

    /// The authorities that certify devices.
    pub(crate) fn devices(&self) -> Option<&Arc<Devices>> {
        self.sources.devices.as_ref()
    }

    /// What is known of a client at `address` that speaks no TLS with the gateway itself.
    pub(crate) fn known_at(&self, address: IpAddr) -> Known {
        Known { user: self.sources.networks.find(address), ..Known::default() }
    }

    /// What is known of a client at `address` that has shown these certificates, or none, in TLS
    /// with the gateway itself.
    pub(crate) fn known_by(&self, address: IpAddr, shown: &[CertificateDer<'_>]) -> Known {
        let mut known = self.known_at(address);
        if let Some(devices) = &self.sources.devices {
            let (device, user): (Device, Option<User>) = devices.identify(shown.first());
            known.device = Some(Arc::new(device));
            known.user = user.map(Arc::new).or(known.user);
        }
        known
    }

    /// The answer that was found before, if it still counts.
    pub(crate) fn remembered(
        &self,
        credentials: &Credentials,
    ) -> Option<Result<Arc<User>, Unidentified>> {
        self.cache.find(&self.cache.key(credentials), Instant::now())
    }

    /// Finds out whose credentials those are.
    ///
    /// # Errors
    ///
    /// [`Unidentified`].
    pub(crate) async fn identify(
        self: Arc<Self>,
        asked: Identify,
    ) -> Result<Arc<User>, Unidentified> {
        let key = self.cache.key(&asked.credentials);
        match asked.credentials {
            Credentials::Basic { user, password } => {
                self.by_password(asked.client, user, password, key).await
            }
            Credentials::Bearer(token) => self.by_token(asked.client, &token, key).await,
            _ => Err(Unidentified::Wrong),
        }
    }

    async fn by_token(
        &self,
        client: IpAddr,
        token: &str,
        key: Key,
    ) -> Result<Arc<User>, Unidentified> {
        let tokens = self.sources.tokens.as_ref().ok_or(Unidentified::Wrong)?;
        self.unless_locked(client, "").await?;
        let checked = tokens.check(token, unix_s());
        let now = Instant::now();
        match checked {
            Ok((user, left)) => {
                let user = Arc::new(user);
                self.cache.keep(key, user.clone(), left, now);
                Ok(user)
            }
            Err(_) => {
                self.note_wrong(client, "", key, now);
                Err(Unidentified::Wrong)
            }
        }
    }

    async fn by_password(
        self: Arc<Self>,
        client: IpAddr,
        user: String,
        password: bytes::Bytes,
        key: Key,
    ) -> Result<Arc<User>, Unidentified> {
        if self.sources.users.is_none() {
            return Err(Unidentified::Wrong);
        }
        self.unless_locked(client, &user).await?;
        let place = Queued::new(&self.queued)?;
        let permit = self.hashing.clone().acquire_owned().await;
        let permit = permit.map_err(|_closed| Unidentified::Busy)?;
        drop(place);
        // Whoever asked the same before has perhaps been answered meanwhile.
        if let Some(answer) = self.cache.find(&key, Instant::now()) {
            return answer;
        }
        let (this, name) = (self.clone(), user.clone());
        let checked = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            this.sources.users.as_ref().and_then(|users| users.check(&name, &password))
        });
        let found = checked.await.map_err(|_broken| Unidentified::Busy)?;
        let now = Instant::now();
        match found {
            Some(found) => {
                self.attempts.forget(client, &user);
                self.cache.keep(key, found.clone(), Duration::MAX, now);
                Ok(found)
            }
            None => {
                self.note_wrong(client, &user, key, now);
                Err(Unidentified::Wrong)
            }
        }
    }

    /// Refuses who has guessed too often, after a while.
    async fn unless_locked(&self, client: IpAddr, user: &str) -> Result<(), Unidentified> {
        let Some(retry_after) = self.attempts.locked(client, user, Instant::now()) else {
            return Ok(());
        };
        tokio::time::sleep(LOCKED_DELAY).await;
        Err(Unidentified::Locked { retry_after })
    }

    fn note_wrong(&self, client: IpAddr, user: &str, key: Key, now: Instant) {
        let settings = &self.sources.settings;
        self.cache.refuse(key, now);
        let lock = Duration::from_millis(settings.lock_ms);
        if self.attempts.note(client, user, settings.attempts_max, lock, now) {
            tracing::warn!(%client, "too many wrong credentials: the client is locked out");
        }
    }
}

/// A place in the queue of passwords.
struct Queued<'a>(&'a AtomicUsize);

impl<'a> Queued<'a> {
    fn new(queued: &'a AtomicUsize) -> Result<Self, Unidentified> {
        let place = Self(queued);
        if queued.fetch_add(1, Ordering::Relaxed) < QUEUE_MAX {
            Ok(place)
        } else {
            Err(Unidentified::Busy)
        }
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
