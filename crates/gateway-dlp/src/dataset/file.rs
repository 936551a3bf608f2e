//! A dataset as the bytes of a file: a line that names the form, the salt, the titles, the cells in
//! the order of their keys, and the filter of prefixes; then the SHA-256 of all that.

use sha2::{Digest, Sha256};

use super::{CELLS_MAX, Dataset, Filter};

/// What a file begins with.
const MAGIC: &[u8] = b"gateway dataset 1\n";
/// Bytes of the largest file.
pub const FILE_BYTES_MAX: usize = 256 << 20;
/// Bytes of the digest at the end.
const DIGEST: usize = 32;

/// Why bytes are no dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DatasetFileError {
    /// They do not begin as one does.
    #[error("no dataset: it begins otherwise")]
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

impl Dataset {
    /// The bytes of a file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.keys.len() * 16 + self.prefixes.bits.len() * 8);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&self.salt);
        bytes.extend([self.lengths, self.number_max]);
        put(&mut bytes, self.columns.len());
        for title in &self.columns {
            put(&mut bytes, title.len());
            bytes.extend_from_slice(title.as_bytes());
        }
        put(&mut bytes, self.keys.len());
        for (key, digest) in self.keys.iter().zip(&self.digests) {
            bytes.extend_from_slice(&key.to_le_bytes());
            bytes.extend_from_slice(&digest.to_le_bytes());
        }
        put(&mut bytes, self.prefixes.bits.len());
        for word in &self.prefixes.bits {
            bytes.extend_from_slice(&word.to_le_bytes());
        }
        let digest = Sha256::digest(&bytes);
        bytes.extend_from_slice(&digest);
        bytes
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// [`DatasetFileError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DatasetFileError> {
        if !bytes.starts_with(MAGIC) {
            return Err(DatasetFileError::Magic);
        }
        let body = bytes.len().checked_sub(DIGEST).and_then(|len| bytes.split_at_checked(len));
        let Some((body, digest)) = body else { return Err(DatasetFileError::Digest) };
        if *Sha256::digest(body) != *digest {
            return Err(DatasetFileError::Digest);
        }
        Reader { bytes: body, at: MAGIC.len() }.dataset()
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
    fn dataset(mut self) -> Result<Dataset, DatasetFileError> {
        let salt = self.array()?;
        let [lengths, number_max] = self.array()?;
        let mut columns = Vec::new();
        for _ in 0..self.count(1)? {
            let len = self.count(1)?;
            let title = self.take(len)?;
            columns.push(String::from_utf8(title.to_vec()).map_err(|_| self.wrong())?);
        }
        let cells = self.count(16)?;
        if cells > CELLS_MAX {
            return Err(self.wrong());
        }
        let (mut keys, mut digests) = (Vec::with_capacity(cells), Vec::with_capacity(cells));
        let mut filter = Filter::new(cells);
        for _ in 0..cells {
            let key = u64::from_le_bytes(self.array()?);
            if keys.last().is_some_and(|last| *last >= key) {
                return Err(self.wrong());
            }
            filter.insert(key);
            keys.push(key);
            digests.push(u64::from_le_bytes(self.array()?));
        }
        let words = self.count(8)?;
        if !words.is_power_of_two() {
            return Err(self.wrong());
        }
        let mut prefixes = Filter { bits: Vec::with_capacity(words) };
        for _ in 0..words {
            prefixes.bits.push(u64::from_le_bytes(self.array()?));
        }
        if self.at != self.bytes.len() {
            return Err(self.wrong());
        }
        Ok(Dataset { salt, columns, keys, digests, lengths, number_max, filter, prefixes })
    }

    const fn wrong(&self) -> DatasetFileError {
        DatasetFileError::Content { at: self.at }
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], DatasetFileError> {
        let bytes = self.at.checked_add(len).and_then(|end| self.bytes.get(self.at..end));
        let bytes = bytes.ok_or_else(|| self.wrong())?;
        self.at += len;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], DatasetFileError> {
        let wrong = self.wrong();
        self.take(N)?.try_into().map_err(|_| wrong)
    }

    /// A number of things of which each takes `size` bytes: no more than there is room for.
    fn count(&mut self, size: usize) -> Result<usize, DatasetFileError> {
        let count = u32::from_le_bytes(self.array()?);
        let count = usize::try_from(count).map_err(|_| self.wrong())?;
        let room = self.bytes.len().saturating_sub(self.at) / size;
        if count > room { Err(self.wrong()) } else { Ok(count) }
    }
}
