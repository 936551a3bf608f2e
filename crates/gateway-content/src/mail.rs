//! Mail and multipart bodies: MIME (RFC 2045, RFC 2046), forms with files (RFC 7578), mbox.

mod entity;
mod header;
mod quoted;
mod split;
pub(crate) mod tnef;
pub(crate) mod walk;
