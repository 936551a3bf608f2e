//! The commands of `gateway-proxy` that need no network, as a person or a script runs them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod archive;
mod av_db;
mod ca;
mod check;
mod demo;
mod dlp;
mod dlp_documents;
mod dlp_profiles;
mod program;
mod rule_settings;
mod rules;
mod rules_tools;
mod scan;
mod yara;
