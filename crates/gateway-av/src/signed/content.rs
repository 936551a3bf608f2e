//! What is signed: bytes, or the digests of bytes that have passed.

use sha2::{Digest, Sha256, Sha384, Sha512};

use super::certificate::Hash;

/// What a signature is verified over.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Content<'a> {
    Bytes(&'a [u8]),
    Passed(&'a Digests),
}

impl Content<'_> {
    pub(super) fn digest(&self, hash: Hash) -> Vec<u8> {
        match (self, hash) {
            (Self::Bytes(bytes), _) => hash.digest(bytes),
            (Self::Passed(digests), Hash::Sha256) => digests.sha256.to_vec(),
            (Self::Passed(digests), Hash::Sha384) => digests.sha384.clone(),
            (Self::Passed(digests), Hash::Sha512) => digests.sha512.clone(),
        }
    }
}

/// The digests of what has passed; those that were not computed are empty, and verify nothing.
#[derive(Clone, Debug)]
pub(crate) struct Digests {
    pub(crate) sha256: [u8; 32],
    sha384: Vec<u8>,
    sha512: Vec<u8>,
}

/// Digests of bytes that pass.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hashing {
    sha256: Sha256,
    longer: Option<Box<(Sha384, Sha512)>>,
}

impl Hashing {
    /// All that a signature may be over, in place of SHA-256 alone.
    pub(crate) fn of_signed() -> Self {
        Self { longer: Some(Box::default()), ..Self::default() }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        if let Some((sha384, sha512)) = self.longer.as_deref_mut() {
            sha384.update(bytes);
            sha512.update(bytes);
        }
    }

    pub(crate) fn finish(self) -> Digests {
        let Self { sha256, longer } = self;
        let finish = |longer: Box<(Sha384, Sha512)>| {
            let (sha384, sha512) = *longer;
            (sha384.finalize().to_vec(), sha512.finalize().to_vec())
        };
        let (sha384, sha512) = longer.map(finish).unwrap_or_default();
        Digests { sha256: sha256.finalize().into(), sha384, sha512 }
    }
}
