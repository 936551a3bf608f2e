//! Files of CA certificates that are trusted for origins, read and checked one by one.

use std::path::{Path, PathBuf};

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::{self, PemObject};

/// Why a file of CA certificates cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum OriginCaError {
    /// The file cannot be read, or its PEM is damaged.
    #[error("cannot read certificates from {}: {source}", .path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: pem::Error,
    },
    /// It holds no certificate.
    #[error("{}: no certificate in PEM form", .path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// One of the certificates cannot be trusted for anything.
    #[error("{}: certificate {number}: {source}", .path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// Its position in the file, from 1.
        number: usize,
        /// What is wrong.
        source: rustls::Error,
    },
}

/// The certificates in `path`, each fit to be a trust anchor; at least one.
///
/// # Errors
///
/// [`OriginCaError`].
pub(crate) fn load(path: &Path) -> Result<Vec<CertificateDer<'static>>, OriginCaError> {
    let error = |source| OriginCaError::Pem { path: path.to_owned(), source };
    let certificates = CertificateDer::pem_file_iter(path)
        .map_err(error)?
        .collect::<Result<Vec<_>, _>>()
        .map_err(error)?;
    if certificates.is_empty() {
        return Err(OriginCaError::Empty { path: path.to_owned() });
    }
    let mut store = rustls::RootCertStore::empty();
    for (index, certificate) in certificates.iter().enumerate() {
        store.add(certificate.clone()).map_err(|source| OriginCaError::Certificate {
            path: path.to_owned(),
            number: index + 1,
            source,
        })?;
    }
    Ok(certificates)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ca::{Wish, load_or_make};
    use crate::config::Ca;
    use crate::scratch::Scratch;

    #[test]
    fn only_files_of_sound_certificates_are_taken() {
        let scratch = Scratch::new();
        let files = Ca { cert: scratch.path().join("a.pem"), key: scratch.path().join("a.key") };
        load_or_make(&files, &Wish::default()).unwrap();
        let pem = std::fs::read_to_string(&files.cert).unwrap();
        let twice = scratch.write("twice.pem", format!("# two\n{pem}{pem}"));
        assert_eq!(load(&twice).unwrap().len(), 2);

        let junk = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
        for (name, contents, says) in [
            ("empty.pem", String::new(), "no certificate"),
            ("key.pem", std::fs::read_to_string(&files.key).unwrap(), "no certificate"),
            ("cut.pem", pem[..100].to_owned(), "cannot read certificates"),
            ("junk.pem", format!("{pem}{junk}"), "certificate 2: "),
        ] {
            let path = scratch.write(name, contents);
            let error = load(&path).unwrap_err().to_string();
            assert!(error.contains(says) && error.contains(name), "{error}");
        }
        assert!(load(&scratch.path().join("none.pem")).is_err());
    }
}
