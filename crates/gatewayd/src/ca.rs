//! The files of the certificate authority: made at the first start, read at every one. What a
//! certificate holds is the business of `gateway_tls`.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use gateway_tls::{Authority, AuthorityError, AuthorityRequest, KeyError, SigningKey};
use x509_parser::parse_x509_certificate;

use crate::random::{self, NoRandom};
use crate::{clock, config, state};

/// The beginning of the common name of a new authority; a few random digits follow, so that two
/// authorities in one trust store can be told apart.
pub(crate) const NAME: &str = "Gateway CA";
/// Days that a new authority is valid.
pub(crate) const VALIDITY_DAYS: u32 = 3_650;

/// Why there is no certificate authority to work with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum CaError {
    /// A file could not be read.
    #[error("cannot read {}: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file could not be written.
    #[error("cannot write {}: {source}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Neither file is there.
    #[error("there is no CA at {}: `gateway-proxy ca init` makes one", .cert.display())]
    Missing {
        /// The certificate file.
        cert: PathBuf,
    },
    /// One of the two files is there without the other.
    #[error(
        "{} is there, but {} is not: put back the missing one, or remove both and run \
         `gateway-proxy ca init` to make a new authority", .there.display(), .missing.display()
    )]
    Half {
        /// The file that is there.
        there: PathBuf,
        /// The file that is not.
        missing: PathBuf,
    },
    /// Others than its owner may read the key.
    #[error(
        "{} can be read by others (mode {mode:03o}): whoever has it can impersonate every site; \
         run `chmod 600` on it, and make a new authority if others had access", .path.display()
    )]
    KeyExposed {
        /// The key file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The key cannot be used.
    #[error("{}: {source}", .path.display())]
    Key {
        /// The key file.
        path: PathBuf,
        /// What is wrong.
        source: KeyError,
    },
    /// The certificate cannot be used, or not with this key.
    #[error("{}: {source}", .path.display())]
    Certificate {
        /// The certificate file.
        path: PathBuf,
        /// What is wrong.
        source: AuthorityError,
    },
    /// A new authority cannot be made as asked for.
    #[error("cannot make an authority: {0}")]
    Make(AuthorityError),
    /// A new key cannot be made.
    #[error("cannot make a key: {0}")]
    MakeKey(KeyError),
    /// No random bytes for a new key.
    #[error(transparent)]
    NoRandom(#[from] NoRandom),
}

/// Whether an authority was there or made just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Its files were there.
    Found,
    /// They were made.
    Made,
}

/// What a new authority shall be.
#[derive(Clone, Debug)]
pub(crate) struct Wish<'a> {
    /// Its common name; [`NAME`] and a few random digits when none is wished.
    pub(crate) name: Option<&'a str>,
    /// Days that it shall be valid.
    pub(crate) days: u32,
}

impl Default for Wish<'_> {
    fn default() -> Self {
        Self { name: None, days: VALIDITY_DAYS }
    }
}

/// The authority whose files `files` names; made as `wish` says where neither file is there.
///
/// # Errors
///
/// [`CaError`]. Existing files are never written over.
pub(crate) fn load_or_make(
    files: &config::Ca,
    wish: &Wish<'_>,
) -> Result<(Authority, Origin), CaError> {
    if files.cert.exists() || files.key.exists() {
        return load(files).map(|authority| (authority, Origin::Found));
    }
    match make(files, wish) {
        // Another process was first: theirs counts.
        Err(CaError::Write { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => {
            load(files).map(|authority| (authority, Origin::Found))
        }
        made => made.map(|authority| (authority, Origin::Made)),
    }
}

/// The authority whose files `files` names.
///
/// # Errors
///
/// [`CaError`]; a key that others can read is refused.
pub(crate) fn load(files: &config::Ca) -> Result<Authority, CaError> {
    if !files.cert.exists() && !files.key.exists() {
        return Err(CaError::Missing { cert: files.cert.clone() });
    }
    for (there, missing) in [(&files.cert, &files.key), (&files.key, &files.cert)] {
        if there.exists() && !missing.exists() {
            return Err(CaError::Half { there: there.clone(), missing: missing.clone() });
        }
    }
    let certificate = read(&files.cert)?;
    let mode = std::fs::metadata(&files.key)
        .map_err(|source| CaError::Read { path: files.key.clone(), source })?
        .mode();
    if mode & 0o077 != 0 {
        return Err(CaError::KeyExposed { path: files.key.clone(), mode: mode & 0o777 });
    }
    let key = SigningKey::from_pem(&read(&files.key)?)
        .map_err(|source| CaError::Key { path: files.key.clone(), source })?;
    Authority::from_pem(&certificate, key, clock::unix_s())
        .map_err(|source| CaError::Certificate { path: files.cert.clone(), source })
}

fn make(files: &config::Ca, wish: &Wish<'_>) -> Result<Authority, CaError> {
    let [a, b, c, d] = random::bytes()?;
    let default = format!("{NAME} {a:02x}{b:02x}{c:02x}{d:02x}");
    let request = AuthorityRequest {
        common_name: wish.name.unwrap_or(&default),
        now_unix_s: clock::unix_s(),
        validity_days: wish.days,
        serial: random::bytes()?,
    };
    let authority = Authority::create(&request, new_key()?).map_err(CaError::Make)?;
    let key_pem = authority.key().to_pem().map_err(CaError::MakeKey)?;
    write(&files.key, &key_pem)?;
    write(&files.cert, &authority.cert_pem())?;
    Ok(authority)
}

/// A fresh P-256 key, as of an authority, or of the leaves.
///
/// # Errors
///
/// [`CaError::NoRandom`] or [`CaError::MakeKey`].
pub(crate) fn new_key() -> Result<SigningKey, CaError> {
    // Bytes outside the range of keys are drawn once in four thousand million times.
    match SigningKey::from_random_bytes(&random::bytes()?) {
        Err(KeyError::OutOfRange) => SigningKey::from_random_bytes(&random::bytes()?),
        key => key,
    }
    .map_err(CaError::MakeKey)
}

fn read(path: &Path) -> Result<String, CaError> {
    std::fs::read_to_string(path).map_err(|source| CaError::Read { path: path.to_owned(), source })
}

fn write(path: &Path, contents: &str) -> Result<(), CaError> {
    state::write_new(path, contents.as_bytes())
        .map_err(|source| CaError::Write { path: path.to_owned(), source })
}

/// What people compare of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    /// The subject, such as `CN=Gateway CA 1a2b3c4d`.
    pub(crate) subject: String,
    /// Begin of the validity, in seconds since the Unix epoch.
    pub(crate) valid_from_unix_s: u64,
    /// End of the validity, in seconds since the Unix epoch.
    pub(crate) valid_until_unix_s: u64,
    /// SHA-256 of the certificate, in hex with colons.
    pub(crate) fingerprint: String,
}

impl Identity {
    /// That of `authority`.
    pub(crate) fn of(authority: &Authority) -> Self {
        let der = authority.cert_der();
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, der);
        let pairs: Vec<String> = digest.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
        // An authority that was loaded has a certificate that parses.
        let (subject, begin, end) = match parse_x509_certificate(der) {
            Ok((_, certificate)) => {
                let validity = certificate.validity();
                let subject = certificate.subject().to_string();
                (subject, validity.not_before.timestamp(), validity.not_after.timestamp())
            }
            Err(_) => (String::new(), 0, 0),
        };
        let unix_s = |at: i64| u64::try_from(at).unwrap_or(0);
        Self {
            subject,
            valid_from_unix_s: unix_s(begin),
            valid_until_unix_s: unix_s(end),
            fingerprint: pairs.join(":"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::scratch::Scratch;

    fn files(scratch: &Scratch) -> config::Ca {
        config::Ca { cert: scratch.path().join("ca.pem"), key: scratch.path().join("ca.key") }
    }

    #[test]
    fn what_was_made_is_found_again() {
        let scratch = Scratch::new();
        let files = files(&scratch);
        let (made, origin) = load_or_make(&files, &Wish::default()).unwrap();
        assert_eq!(origin, Origin::Made);
        assert_eq!(std::fs::metadata(&files.key).unwrap().mode() & 0o777, 0o600);
        let (found, origin) = load_or_make(&files, &Wish::default()).unwrap();
        assert_eq!(origin, Origin::Found);
        let identity = Identity::of(&made);
        assert_eq!(identity, Identity::of(&found));
        assert!(identity.subject.starts_with("CN=Gateway CA "), "{identity:?}");
        assert_eq!(identity.fingerprint.len(), 32 * 3 - 1);
        let days = (identity.valid_until_unix_s - clock::unix_s()) / 86_400;
        assert!((VALIDITY_DAYS - 1..=VALIDITY_DAYS).contains(&u32::try_from(days).unwrap()));
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        let scratch = Scratch::new();
        let files = files(&scratch);
        load_or_make(&files, &Wish { name: Some("Ours"), days: 1 }).unwrap();
        let key = std::fs::read_to_string(&files.key).unwrap();

        std::fs::set_permissions(&files.key, PermissionsExt::from_mode(0o640)).unwrap();
        let error = load(&files).unwrap_err().to_string();
        assert!(error.contains("mode 640") && error.contains("chmod 600"), "{error}");

        std::fs::remove_file(&files.key).unwrap();
        let error = load_or_make(&files, &Wish::default()).unwrap_err().to_string();
        assert!(error.contains("ca.pem is there") && error.contains("put back"), "{error}");

        let other = new_key().unwrap().to_pem().unwrap();
        for (contents, says) in [("junk", "no unencrypted private key"), (&other, "belong")] {
            let _ = std::fs::remove_file(&files.key);
            state::write_new(&files.key, contents.as_bytes()).unwrap();
            let error = load(&files).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
        std::fs::remove_file(&files.key).unwrap();
        state::write_new(&files.key, key.as_bytes()).unwrap();
        assert!(load(&files).is_ok());
    }
}
