//! Fingerprints as the bytes of a file: a line that names the form, the seed, the documents, each with its
//! name and its fingerprints in order; then the SHA-256 of all that.

use super::{DOCUMENTS_MAX, Document, Fingerprints, KEPT_MAX, KEPT_MIN};
use crate::digested::{Fault, Reader, put, seal};

/// What a file begins with.
const MAGIC: &[u8] = b"gateway fingerprints 1\n";
/// Bytes of the largest file.
pub const FINGERPRINT_FILE_BYTES_MAX: usize = 64 << 20;
/// Bytes of the longest name.
const NAME_MAX: usize = 4_096;

/// Why bytes are no fingerprints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FingerprintFileError {
    /// They do not begin as such a file does.
    #[error("no fingerprints: it begins otherwise")]
    Magic,
    /// They are not those that were written.
    #[error("damaged: the digest at its end is another")]
    Digest,
    /// They say what cannot be.
    #[error("damaged at byte {at}")]
    Content {
        /// Where.
        at: usize,
    },
}

impl Fingerprints {
    /// The bytes of a file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&self.seed);
        put(&mut bytes, self.documents.len());
        for Document { name, hashes } in &self.documents {
            let name: String = name
                .chars()
                .scan(0, |len, c| {
                    *len += c.len_utf8();
                    (*len <= NAME_MAX).then_some(c)
                })
                .collect();
            put(&mut bytes, name.len());
            bytes.extend_from_slice(name.as_bytes());
            put(&mut bytes, hashes.len());
            hashes.iter().for_each(|hash| bytes.extend_from_slice(&hash.to_le_bytes()));
        }
        seal(bytes)
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// [`FingerprintFileError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FingerprintFileError> {
        Ok(read(Reader::open(bytes, MAGIC)?)?)
    }
}

impl From<Fault> for FingerprintFileError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Magic => Self::Magic,
            Fault::Digest => Self::Digest,
            Fault::Content(at) => Self::Content { at },
        }
    }
}

fn read(mut file: Reader<'_>) -> Result<Fingerprints, Fault> {
    let seed = file.array()?;
    let mut documents = Vec::new();
    for _ in 0..file.count(DOCUMENTS_MAX)? {
        let len = file.count(NAME_MAX)?;
        let name = String::from_utf8(file.take(len)?.to_vec()).map_err(|_| file.wrong())?;
        let mut hashes: Vec<u64> = Vec::new();
        for _ in 0..file.count(KEPT_MAX)? {
            let hash = u64::from_le_bytes(file.array()?);
            if hashes.last().is_some_and(|last| *last >= hash) {
                return Err(file.wrong());
            }
            hashes.push(hash);
        }
        if hashes.len() < KEPT_MIN {
            return Err(file.wrong());
        }
        documents.push(Document { name, hashes });
    }
    if !file.is_over() {
        return Err(file.wrong());
    }
    Ok(Fingerprints::of(seed, documents))
}
