//! What can be wrong with folders of signature databases.

use std::path::PathBuf;

use gateway_av::image::ImageError;
use gateway_av::signed::{CertificateError, Vouched};
use gateway_av::{LoadError, Report};

/// One problem, or one warning.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AvProblem {
    /// A signature database cannot be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A file of certificates for signature databases cannot be read.
    #[error("{}: {source}", .path.display())]
    Certificates {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: CertificateError,
    },
    /// An image of signature databases cannot be loaded.
    #[error("{}: {source}", .path.display())]
    Image {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: ImageError,
    },
    /// An image stands for all databases, and others are there too.
    #[error("{}: an image stands for all databases: expected nothing beside it", .path.display())]
    ImageNotAlone {
        /// The image.
        path: PathBuf,
    },
    /// Nobody who is trusted vouches for a container, which is loaded all the same.
    #[error("{}: {vouched}", .path.display())]
    Untrusted {
        /// The container.
        path: PathBuf,
        /// Why it is not trusted.
        vouched: Vouched,
    },
    /// A file in the folder of signature databases is of no kind that is loaded.
    #[error("{}: not loaded: not a signature file such as .ndb or .hdb", .path.display())]
    Skipped {
        /// The file.
        path: PathBuf,
    },
    /// Some signatures of a database are of a kind that is not supported.
    #[error("{}: {report}", .path.display())]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// How many of what kind.
        report: Report,
    },
}
