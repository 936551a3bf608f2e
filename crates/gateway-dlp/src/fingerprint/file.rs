//! Fingerprints as the bytes of a file: a line that names the form, the seed, the documents, each with its
//! name and its fingerprints in order; then the SHA-256 of all that.

use sha2::{Digest, Sha256};

use super::{DOCUMENTS_MAX, Document, Fingerprints, KEPT_MAX, KEPT_MIN};

/// What a file begins with.
const MAGIC: &[u8] = b"gateway fingerprints 1\n";
/// Bytes of the largest file.
pub const FINGERPRINT_FILE_BYTES_MAX: usize = 64 << 20;
/// Bytes of the longest name.
const NAME_MAX: usize = 4_096;
/// Bytes of the digest at the end.
const DIGEST: usize = 32;

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
        let digest = Sha256::digest(&bytes);
        bytes.extend_from_slice(&digest);
        bytes
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// [`FingerprintFileError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FingerprintFileError> {
        if !bytes.starts_with(MAGIC) {
            return Err(FingerprintFileError::Magic);
        }
        let body = bytes.len().checked_sub(DIGEST).and_then(|len| bytes.split_at_checked(len));
        let Some((body, digest)) = body else { return Err(FingerprintFileError::Digest) };
        if *Sha256::digest(body) != *digest {
            return Err(FingerprintFileError::Digest);
        }
        Reader { bytes: body, at: MAGIC.len() }.set()
    }
}

fn put(bytes: &mut Vec<u8>, count: usize) {
    bytes.extend_from_slice(&u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn set(mut self) -> Result<Fingerprints, FingerprintFileError> {
        let seed = self.array()?;
        let mut documents = Vec::new();
        for _ in 0..self.count(DOCUMENTS_MAX)? {
            let len = self.count(NAME_MAX)?;
            let name = String::from_utf8(self.take(len)?.to_vec()).map_err(|_| self.wrong())?;
            let mut hashes: Vec<u64> = Vec::new();
            for _ in 0..self.count(KEPT_MAX)? {
                let hash = u64::from_le_bytes(self.array()?);
                if hashes.last().is_some_and(|last| *last >= hash) {
                    return Err(self.wrong());
                }
                hashes.push(hash);
            }
            if hashes.len() < KEPT_MIN {
                return Err(self.wrong());
            }
            documents.push(Document { name, hashes });
        }
        if self.at != self.bytes.len() {
            return Err(self.wrong());
        }
        Ok(Fingerprints::of(seed, documents))
    }

    const fn wrong(&self) -> FingerprintFileError {
        FingerprintFileError::Content { at: self.at }
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], FingerprintFileError> {
        let bytes = self.at.checked_add(len).and_then(|end| self.bytes.get(self.at..end));
        let bytes = bytes.ok_or_else(|| self.wrong())?;
        self.at += len;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], FingerprintFileError> {
        let wrong = self.wrong();
        self.take(N)?.try_into().map_err(|_| wrong)
    }

    /// A number of things, `max` at the most.
    fn count(&mut self, max: usize) -> Result<usize, FingerprintFileError> {
        let count = u32::from_le_bytes(self.array()?);
        match usize::try_from(count) {
            Ok(count) if count <= max => Ok(count),
            _ => Err(self.wrong()),
        }
    }
}
