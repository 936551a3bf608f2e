//! Passwords: named in the configuration, read at the start, never shown.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::StartError;

/// Where a secret is read from. The secret itself stands in no configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// The first line of a file.
    File(PathBuf),
    /// An environment variable.
    Variable(String),
}

impl SecretSource {
    /// Reads the secret.
    ///
    /// # Errors
    ///
    /// [`StartError::Secret`] names the file or the variable.
    pub fn read(&self) -> Result<Secret, StartError> {
        let failed = |secret: String, source| StartError::Secret { secret, source };
        match self {
            Self::File(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|source| failed(path.display().to_string(), source))?;
                Ok(Secret(text.lines().next().unwrap_or_default().to_owned()))
            }
            Self::Variable(name) => std::env::var(name)
                .map(Secret)
                .map_err(|error| failed(format!("${name}"), io::Error::other(error))),
        }
    }
}

/// A secret. Its debug form does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The secret itself, for a client library alone.
    #[cfg(any(feature = "clickhouse", feature = "kafka"))]
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn secrets_are_read_and_not_shown() {
        let scratch = Scratch::new();
        let file = scratch.path().join("password");
        std::fs::write(&file, "hunter2\n").unwrap();
        let secret = SecretSource::File(file.clone()).read().unwrap();
        assert_eq!(secret, Secret("hunter2".into()));
        assert!(!format!("{secret:?}").contains("hunter2"));
        std::fs::remove_file(&file).unwrap();
        let error = SecretSource::File(file).read().unwrap_err().to_string();
        assert!(error.contains("/password"), "{error}");
        let error = SecretSource::Variable("NO_SUCH_VARIABLE_HERE".into()).read().unwrap_err();
        assert!(error.to_string().contains("$NO_SUCH_VARIABLE_HERE"), "{error}");
        assert!(SecretSource::Variable("PATH".into()).read().is_ok());
    }
}
