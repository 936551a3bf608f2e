//! The name of a body in the store: 16 random bytes, so that nobody can tell one beforehand.

use std::fmt;
use std::str::FromStr;

use super::entry::hex;
use crate::random::{self, NoRandom};

const BYTES: usize = 16;

/// Names a body in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Id([u8; BYTES]);

/// The text is no name of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected 32 hexadecimal digits in lower case, as `gateway-proxy quarantine list` shows them"
)]
pub(crate) struct NoId;

impl Id {
    /// A new one.
    ///
    /// # Errors
    /// [`NoRandom`].
    pub(crate) fn draw() -> Result<Self, NoRandom> {
        random::bytes().map(Self)
    }

    /// Its bytes.
    pub(super) const fn as_bytes(&self) -> &[u8; BYTES] {
        &self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl FromStr for Id {
    type Err = NoId;

    fn from_str(text: &str) -> Result<Self, NoId> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Ok(byte - b'0'),
            b'a'..=b'f' => Ok(byte - b'a' + 10),
            _ => Err(NoId),
        };
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != BYTES || !rest.is_empty() {
            return Err(NoId);
        }
        let mut id = [0; BYTES];
        for (to, [high, low]) in id.iter_mut().zip(pairs) {
            *to = (digit(*high)? << 4) | digit(*low)?;
        }
        Ok(Self(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written_and_nothing_else_is() {
        let id = Id::draw().unwrap();
        assert_eq!(id.to_string().parse(), Ok(id));
        let zeros = "0".repeat(32);
        assert!(zeros.parse::<Id>().is_ok());
        for wrong in [
            "",
            "..",
            &zeros[1..],
            &format!("{zeros}0"),
            &zeros.replace('0', "A"),
            "../../etc/passwd",
        ] {
            assert_eq!(wrong.parse::<Id>(), Err(NoId), "{wrong}");
        }
    }
}
