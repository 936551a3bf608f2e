//! Credentials: keys, tokens, passwords and what opens something else.

pub(super) mod aws_access_key;
pub(super) mod github_token;
pub(super) mod private_key;
