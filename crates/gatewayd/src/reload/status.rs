//! What is in force, and how loading it anew went: for logs, metrics and the API.

use std::net::SocketAddr;

use serde::Serialize;

use super::{Fault, ReloadError};

/// Why everything was loaded anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Cause {
    /// SIGHUP.
    Signal,
    /// Files had changed.
    Files,
    /// A policy was handed over.
    Install,
    /// Who speaks with clamd asked for it (`RELOAD`).
    Client,
}

impl Cause {
    /// Its name in logs.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Signal => "signal",
            Self::Files => "files",
            Self::Install => "install",
            Self::Client => "client",
        }
    }
}

/// A new generation is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reloaded {
    /// Its number.
    pub(crate) generation: u64,
    /// Addresses that are listened on now.
    pub(crate) opened: Vec<SocketAddr>,
    /// Addresses that are no longer listened on.
    pub(crate) closed: Vec<SocketAddr>,
    /// Settings that have changed but wait for a restart.
    pub(crate) needs_restart: Vec<&'static str>,
    /// What is not wrong, but perhaps not meant.
    pub(crate) warnings: Vec<String>,
}

/// What is in force, and how the last reload went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Status {
    /// The number of the generation in force.
    pub(crate) generation: u64,
    /// Since when it is, in seconds since the Unix epoch.
    pub(crate) since_unix_s: u64,
    /// Generations before it that still have sessions.
    pub(crate) superseded: usize,
    /// Settings that have changed but wait for a restart.
    pub(crate) needs_restart: Vec<&'static str>,
    /// What is not wrong with the last policy that was loaded anew, but perhaps not meant.
    pub(crate) warnings: Vec<String>,
    /// Reloads that succeeded.
    pub(crate) succeeded: u64,
    /// Reloads that failed, and changed nothing.
    pub(crate) failed: u64,
    /// The last reload, if there was any.
    pub(crate) last: Option<Attempt>,
}

/// A reload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Attempt {
    /// Why it was tried.
    pub(crate) cause: Cause,
    /// When it ended, in seconds since the Unix epoch.
    pub(crate) at_unix_s: u64,
    /// What was wrong; nothing when it succeeded.
    pub(crate) faults: Vec<Fault>,
}

impl Status {
    /// That of a gateway that has just been started.
    pub(super) const fn new(generation: u64, now_unix_s: u64) -> Self {
        Self {
            generation,
            since_unix_s: now_unix_s,
            superseded: 0,
            needs_restart: Vec::new(),
            warnings: Vec::new(),
            succeeded: 0,
            failed: 0,
            last: None,
        }
    }

    /// Notes how a reload went.
    pub(super) fn note(
        &mut self,
        cause: Cause,
        now_unix_s: u64,
        result: &Result<Reloaded, ReloadError>,
    ) {
        let faults = match result {
            Ok(reloaded) => {
                self.generation = reloaded.generation;
                self.since_unix_s = now_unix_s;
                self.needs_restart.clone_from(&reloaded.needs_restart);
                self.warnings.clone_from(&reloaded.warnings);
                self.succeeded += 1;
                Vec::new()
            }
            Err(error) => {
                self.failed += 1;
                Fault::of(error)
            }
        };
        self.last = Some(Attempt { cause, at_unix_s: now_unix_s, faults });
    }
}
