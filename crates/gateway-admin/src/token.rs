//! The token that callers over TCP show: made once, kept in a file that only its owner can read.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use subtle::ConstantTimeEq;

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The file can be neither read nor made.
    #[error("cannot read or make the token file {}: {source}", .file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others can read the file.
    #[error("{}: others can read the token (mode {mode:o}): chmod 600 it", .file.display())]
    Exposed {
        /// The file.
        file: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The file holds no token.
    #[error(
        "{}: expected {TOKEN_CHARS_MIN} or more letters and digits in one line; \
         delete the file and a new one is made", .file.display()
    )]
    Form {
        /// The file.
        file: PathBuf,
    },
}

/// Shorter ones could be guessed.
const TOKEN_CHARS_MIN: usize = 32;

/// A token. Its text appears in no output.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// The token in `file`; where there is no such file, it is made of the random bytes `fresh`.
    ///
    /// # Errors
    ///
    /// [`TokenError`].
    pub fn load_or_make(file: &Path, fresh: [u8; 32]) -> Result<Self, TokenError> {
        let failed = |source| TokenError::File { file: file.to_owned(), source };
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
            Ok(mut made) => {
                let text: String = fresh.iter().map(|byte| format!("{byte:02x}")).collect();
                writeln!(made, "{text}").and_then(|()| made.sync_all()).map_err(failed)?;
                return Ok(Self(text));
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed(error)),
        }
        let mode = std::fs::metadata(file).map_err(failed)?.mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(TokenError::Exposed { file: file.to_owned(), mode });
        }
        let text = std::fs::read_to_string(file).map_err(failed)?;
        let text = text.trim();
        let sound = |c: char| c.is_ascii_alphanumeric() || "-._~+/=".contains(c);
        if text.len() < TOKEN_CHARS_MIN || !text.chars().all(sound) {
            return Err(TokenError::Form { file: file.to_owned() });
        }
        Ok(Self(text.to_owned()))
    }

    /// Whether the value of `Authorization` shows this token (RFC 6750, section 2.1). Takes the
    /// same time wherever the first difference is.
    #[must_use]
    pub fn is_shown_by(&self, authorization: &[u8]) -> bool {
        let Some((scheme, shown)) = authorization.split_at_checked("Bearer ".len()) else {
            return false;
        };
        scheme.eq_ignore_ascii_case(b"Bearer ") && shown.ct_eq(self.0.as_bytes()).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn it_is_made_once_for_its_owner_alone_and_shown_exactly() {
        let scratch = Scratch::new();
        let file = scratch.path().join("token");
        let made = Token::load_or_make(&file, [7; 32]).unwrap();
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let found = Token::load_or_make(&file, [8; 32]).unwrap();
        let text = "07".repeat(32);
        assert!(!format!("{made:?}").contains("07"));
        for (authorization, shows) in [
            (format!("Bearer {text}"), true),
            (format!("bearer {text}"), true),
            (format!("Bearer {text} "), false),
            (format!("Bearer {}", &text[1..]), false),
            (format!("Basic {text}"), false),
            (text, false),
            ("Bearer ".to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(found.is_shown_by(authorization.as_bytes()), shows, "{authorization}");
        }
    }

    #[test]
    fn a_file_that_others_read_or_that_holds_no_token_is_refused() {
        let scratch = Scratch::new();
        let file = scratch.path().join("token");
        std::fs::write(&file, "short\n").unwrap();
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
        let error = Token::load_or_make(&file, [0; 32]).unwrap_err();
        assert!(matches!(error, TokenError::Exposed { mode: 0o640, .. }), "{error}");
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
        let error = Token::load_or_make(&file, [0; 32]).unwrap_err();
        assert!(matches!(error, TokenError::Form { .. }), "{error}");
    }
}
