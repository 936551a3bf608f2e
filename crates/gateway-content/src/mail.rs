//! Mail and multipart bodies: MIME (RFC 2045, RFC 2046), forms with files (RFC 7578), mbox.

#[cfg(any(test, feature = "fuzz"))]
use crate::coding::transform::Transform;

mod entity;
mod header;
mod mapi;
mod quoted;
mod split;
pub(crate) mod tnef;
pub(crate) mod walk;

/// The decoder of the body of a part, for its laws.
#[cfg(any(test, feature = "fuzz"))]
pub(crate) fn decoder(option: u8) -> Box<dyn Transform> {
    let transfer = match option % 3 {
        0 => header::Transfer::Identity,
        1 => header::Transfer::Base64,
        _ => header::Transfer::Quoted,
    };
    let mark = (option & 0x80 != 0).then(|| b"--b".to_vec());
    Box::new(entity::Entity::new(mark, transfer))
}
