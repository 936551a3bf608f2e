//! Whether what a vendor hands out is the vendor's: signatures over databases, by both schemes of
//! ClamAV.
//!
//! The old one is RSA with a key that the reader knows, over an MD5 (containers) or a SHA-256 (lists of
//! members, scripts), written in a text coding of its own: [`VendorKey`]. The new one is a file beside
//! the signed one, `.sign`, with PKCS#7 signatures by certificates: [`Trust::certificates`].
//!
//! It verifies and does not sign; keys here are public ones, so nothing takes care of the time it takes.

mod certificate;
mod content;
mod der;
mod pkcs7;
mod rsa;
mod sign_file;
mod vendor_key;

use thiserror::Error;

pub use certificate::{Certificate, CertificateError, certificates};
pub(crate) use content::{Content, Hashing};
pub(crate) use sign_file::verify_detached;
pub use vendor_key::VendorKey;

/// Whom to believe, and what to do with what nobody vouches for.
#[derive(Clone, Debug)]
pub struct Trust {
    /// The key of signatures over containers (`.cvd`): RSA over the MD5. Default: ClamAV's.
    pub containers: VendorKey,
    /// The key of signatures over lists of members (`.info`): RSA-PSS over a SHA-256. Default:
    /// ClamAV's.
    pub members: VendorKey,
    /// The key of signatures over scripts (`.cdiff`): RSA-PSS over a SHA-256. Default: ClamAV's.
    pub scripts: VendorKey,
    /// Certificates of authorities that `.sign` files lead up to. Default: none, so that no such file
    /// can be verified.
    pub certificates: Vec<Certificate>,
    /// The time, in seconds since 1970, at which certificates must be valid; `None` for any.
    /// Default: `None`.
    pub now: Option<u64>,
    /// Default: [`Strictness::Strict`].
    pub strictness: Strictness,
}

/// What becomes of a container that nobody vouches for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Strictness {
    /// It is refused.
    #[default]
    Strict,
    /// It is loaded if it is whole, and said to be unsigned or signed by someone else.
    Lax,
}

impl Default for Trust {
    fn default() -> Self {
        Self {
            containers: VendorKey::clamav_containers(),
            members: VendorKey::clamav_members(),
            scripts: VendorKey::clamav_scripts(),
            certificates: Vec::new(),
            now: None,
            strictness: Strictness::default(),
        }
    }
}

/// Who vouches for something.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Vouched {
    /// The holder of a certificate, by its common name.
    Certificate(String),
    /// The vendor, by the key of its kind.
    Key,
    /// Nobody, for this reason. With [`Strictness::Lax`] only.
    Nobody(SignatureError),
}

impl std::fmt::Display for Vouched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Certificate(name) => write!(f, "signed by {name}"),
            Self::Key => f.write_str("signed by the vendor's key"),
            Self::Nobody(reason) => write!(f, "not trusted: {reason}"),
        }
    }
}

/// Why a signature does not hold.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureError {
    /// There is none.
    #[error("there is no signature")]
    Missing,
    /// It is not written as signatures are.
    #[error("the signature is malformed")]
    Malformed,
    /// It is another one's, or of other content.
    #[error("the signature is not that of the key over this content")]
    Wrong,
    /// It is made by means that are not known here: other than RSA with SHA-256, 384 or 512.
    #[error("the signature is made by means that are not supported")]
    Unsupported,
    /// No certificate leads from the signer to an authority that is trusted.
    #[error("the signer's certificate leads to no trusted authority")]
    Untrusted,
    /// A certificate on the way is not valid at this time.
    #[error("a certificate of the signer is not valid at this time")]
    Expired,
}
