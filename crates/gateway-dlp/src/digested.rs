//! Files of forms of our own: a line that names the form, what it holds, then the SHA-256 of all that.
//! What is in them, who writes them knows.

use sha2::{Digest, Sha256};

/// Bytes of the digest at the end.
const DIGEST: usize = 32;

/// Why bytes are no such file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// They do not begin with the line of the form.
    Magic,
    /// They are not those that were written.
    Digest,
    /// They say what cannot be, there.
    Content(usize),
}

/// Adds how many of something follow.
pub(crate) fn put(bytes: &mut Vec<u8>, count: usize) {
    bytes.extend_from_slice(&u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
}

/// The whole file, of which `bytes` is all but the digest.
pub(crate) fn seal(mut bytes: Vec<u8>) -> Vec<u8> {
    let digest = Sha256::digest(&bytes);
    bytes.extend_from_slice(&digest);
    bytes
}

/// Reads what stands between the first line and the digest.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Begins behind the line `magic`.
    pub(crate) fn open(bytes: &'a [u8], magic: &[u8]) -> Result<Self, Fault> {
        if !bytes.starts_with(magic) {
            return Err(Fault::Magic);
        }
        let body = bytes.len().checked_sub(DIGEST).and_then(|len| bytes.split_at_checked(len));
        let Some((body, digest)) = body else { return Err(Fault::Digest) };
        if *Sha256::digest(body) != *digest {
            return Err(Fault::Digest);
        }
        Ok(Self { bytes: body, at: magic.len() })
    }

    /// What was read last cannot be.
    pub(crate) const fn wrong(&self) -> Fault {
        Fault::Content(self.at)
    }

    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8], Fault> {
        let bytes = self.at.checked_add(len).and_then(|end| self.bytes.get(self.at..end));
        let bytes = bytes.ok_or_else(|| self.wrong())?;
        self.at += len;
        Ok(bytes)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let wrong = self.wrong();
        self.take(N)?.try_into().map_err(|_| wrong)
    }

    /// A number of things, `max` at the most.
    pub(crate) fn count(&mut self, max: usize) -> Result<usize, Fault> {
        let count = u32::from_le_bytes(self.array()?);
        match usize::try_from(count) {
            Ok(count) if count <= max => Ok(count),
            _ => Err(self.wrong()),
        }
    }

    /// A number of things of which each takes `size` bytes: no more than there is room for.
    pub(crate) fn count_of(&mut self, size: usize) -> Result<usize, Fault> {
        let count = self.count(usize::MAX)?;
        let room = self.bytes.len().saturating_sub(self.at) / size;
        if count > room { Err(self.wrong()) } else { Ok(count) }
    }

    /// Whether everything was read.
    pub(crate) const fn is_over(&self) -> bool {
        self.at == self.bytes.len()
    }
}
