//! A dataset as the bytes of a file: a line that names the form, the salt, the titles, the cells in
//! the order of their keys, and the filter of prefixes; then the SHA-256 of all that.

use super::{CELLS_MAX, Dataset, Filter};
use crate::digested::{Fault, Reader, put, seal};

/// What a file begins with.
const MAGIC: &[u8] = b"gateway dataset 1\n";
/// Bytes of the largest file.
pub const FILE_BYTES_MAX: usize = 256 << 20;

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
        seal(bytes)
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// [`DatasetFileError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DatasetFileError> {
        Ok(read(Reader::open(bytes, MAGIC)?)?)
    }
}

impl From<Fault> for DatasetFileError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Magic => Self::Magic,
            Fault::Digest => Self::Digest,
            Fault::Content(at) => Self::Content { at },
        }
    }
}

fn read(mut file: Reader<'_>) -> Result<Dataset, Fault> {
    let salt = file.array()?;
    let [lengths, number_max] = file.array()?;
    let mut columns = Vec::new();
    for _ in 0..file.count_of(1)? {
        let len = file.count_of(1)?;
        let title = file.take(len)?;
        columns.push(String::from_utf8(title.to_vec()).map_err(|_| file.wrong())?);
    }
    let cells = file.count_of(16)?;
    if cells > CELLS_MAX {
        return Err(file.wrong());
    }
    let (mut keys, mut digests) = (Vec::with_capacity(cells), Vec::with_capacity(cells));
    let mut filter = Filter::new(cells);
    for _ in 0..cells {
        let key = u64::from_le_bytes(file.array()?);
        if keys.last().is_some_and(|last| *last >= key) {
            return Err(file.wrong());
        }
        filter.insert(key);
        keys.push(key);
        digests.push(u64::from_le_bytes(file.array()?));
    }
    let words = file.count_of(8)?;
    if !words.is_power_of_two() {
        return Err(file.wrong());
    }
    let mut prefixes = Filter { bits: Vec::with_capacity(words) };
    for _ in 0..words {
        prefixes.bits.push(u64::from_le_bytes(file.array()?));
    }
    if !file.is_over() {
        return Err(file.wrong());
    }
    Ok(Dataset { salt, columns, keys, digests, lengths, number_max, filter, prefixes })
}
