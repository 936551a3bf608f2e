//! Compiled rules as bytes, which load faster than their sources compile.

use yara_x::Rules;
use yara_x::errors::SerializationError;

use super::{Yara, YaraLimits};

/// What the bytes begin with; its last character counts the versions of what follows.
const MAGIC: &[u8; 8] = b"GWYARA\0\x01";

/// Why bytes are no rules.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum YaraImageError {
    /// They begin otherwise.
    #[error("expected compiled YARA rules of this version")]
    Magic,
    /// The library does not take them.
    #[error("expected compiled YARA rules: {0}")]
    Rules(#[from] SerializationError),
}

impl Yara {
    /// The rules as bytes for [`Yara::from_bytes`] of the same version of this crate.
    ///
    /// # Errors
    /// When the library cannot write them, which no compiled rules give rise to.
    pub fn to_bytes(&self) -> Result<Vec<u8>, YaraImageError> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(self.rules.serialize()?);
        Ok(bytes)
    }

    /// The rules that [`Yara::to_bytes`] has written. They are programs: take them from nobody whose
    /// rules would not be taken.
    ///
    /// # Errors
    /// [`YaraImageError`].
    pub fn from_bytes(bytes: &[u8], limits: YaraLimits) -> Result<Self, YaraImageError> {
        let rules = bytes.strip_prefix(MAGIC).ok_or(YaraImageError::Magic)?;
        Ok(Self::new(Rules::deserialize(rules)?, limits))
    }
}

#[cfg(test)]
mod tests {
    use super::super::YaraBuilder;
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut builder = YaraBuilder::default();
        builder.add_source("a.yar", b"rule a { strings: $a = \"abcd\" condition: $a }").unwrap();
        let bytes = builder.build().to_bytes().unwrap();
        let read = Yara::from_bytes(&bytes, YaraLimits::default()).unwrap();
        assert_eq!(read.rules(), 1);
        for bytes in [&bytes[1..], b"", &bytes[..bytes.len() / 2], MAGIC] {
            assert!(Yara::from_bytes(bytes, YaraLimits::default()).is_err());
        }
    }
}
