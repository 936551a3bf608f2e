//! Certificates that the gateway shows as its own, where it is neither the origin's nor its authority's
//! that counts: files of a certificate, with what leads to its authority, and of its key.

use std::path::{Path, PathBuf};

use rustls_pki_types::pem::{self, PemObject};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// Why they cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum OwnCertificateError {
    /// A file cannot be read, or its PEM is damaged, or holds nothing of the kind.
    #[error("cannot read {what} from {}: {source}", .path.display())]
    Pem {
        /// What should be there.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: pem::Error,
    },
}

/// The certificates in `certificate`, the own one first, and the key in `key`.
///
/// # Errors
///
/// [`OwnCertificateError`]. Whether they belong together TLS finds out.
pub(crate) fn load(
    certificate: &Path,
    key: &Path,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), OwnCertificateError> {
    let error = |what, path: &Path, source| {
        let path = path.to_owned();
        OwnCertificateError::Pem { what, path, source }
    };
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .and_then(|chain| if chain.is_empty() { Err(pem::Error::NoItemsFound) } else { Ok(chain) })
        .map_err(|source| error("a certificate", certificate, source))?;
    let key =
        PrivateKeyDer::from_pem_file(key).map_err(|source| error("a private key", key, source))?;
    Ok((chain, key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ca::{Wish, load_or_make};
    use crate::config::Ca;
    use crate::scratch::Scratch;

    #[test]
    fn each_file_holds_what_it_should() {
        let scratch = Scratch::new();
        let files = Ca { cert: scratch.path().join("a.pem"), key: scratch.path().join("a.key") };
        load_or_make(&files, &Wish::default()).unwrap();
        assert_eq!(load(&files.cert, &files.key).unwrap().0.len(), 1);
        let says = |certificate: &Path, key: &Path| load(certificate, key).unwrap_err().to_string();
        let told = says(&files.key, &files.key);
        assert!(
            told.contains("cannot read a certificate from") && told.contains("a.key"),
            "{told}"
        );
        let told = says(&files.cert, &files.cert);
        assert!(
            told.contains("cannot read a private key from") && told.contains("a.pem"),
            "{told}"
        );
        assert!(says(&scratch.path().join("none"), &files.key).contains("none"));
    }
}
