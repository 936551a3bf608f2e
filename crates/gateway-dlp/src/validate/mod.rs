//! Validators: small total functions that tell a real number from one that only looks like it.

mod base58check;
mod base64;
mod bech32;
mod card_issuer;
mod crc32;
mod distinct;
mod entropy;
mod luhn;
mod random;
mod ssn;
mod stop_words;
mod strkey;

pub(crate) use base58check::base58check;
pub(crate) use base64::base64_bytes;
pub(crate) use bech32::bech32;
pub(crate) use card_issuer::card_issuer;
pub(crate) use crc32::{base62, crc32};
pub(crate) use distinct::distinct;
pub(crate) use luhn::luhn;
pub(crate) use random::is_random;
pub(crate) use ssn::ssn;
pub(crate) use stop_words::has_stop_word;
pub(crate) use strkey::strkey;
