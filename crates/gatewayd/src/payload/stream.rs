//! Bytes that are sealed to a key message by message, in one context of HPKE (RFC 9180 §5.2), so that none
//! can be left out, repeated or put elsewhere. What marks the last one is the caller's matter.

use rustls::crypto::hpke::{
    EncapsulatedSecret, Hpke, HpkeOpener, HpkePrivateKey, HpkePublicKey, HpkeSealer,
};

use super::{KEY_BYTES, KEY_ID_BYTES, NoKey, OpenError, PrivateKey, PublicKey, SUITE};

/// The bytes cannot be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bytes cannot be sealed")]
pub(crate) struct SealStreamError;

/// Seals messages to a key, one after the other.
pub(crate) struct SealStream(Box<dyn HpkeSealer>);

/// Opens them, in the same order.
pub(crate) struct Opener(Box<dyn HpkeOpener>);

impl PublicKey {
    /// Bytes that stand before the messages: which key it is, and the encapsulated one.
    pub(crate) const SEAL_BYTES: usize = KEY_ID_BYTES + KEY_BYTES;

    /// Begins to seal for the use of the key that `info` names; gives what is to stand before the messages.
    ///
    /// # Errors
    /// [`SealStreamError`].
    pub(crate) fn begin_sealing(
        &self,
        info: &[u8],
    ) -> Result<(Vec<u8>, SealStream), SealStreamError> {
        let key = HpkePublicKey(self.0.to_vec());
        let (secret, sealer) = SUITE.setup_sealer(info, &key).map_err(|_| SealStreamError)?;
        let mut begin = self.id().to_vec();
        begin.extend(secret.0);
        Ok((begin, SealStream(sealer)))
    }
}

impl SealStream {
    /// The next message, bound to `bound`.
    ///
    /// # Errors
    /// [`SealStreamError`].
    pub(crate) fn seal(&mut self, bound: &[u8], plain: &[u8]) -> Result<Vec<u8>, SealStreamError> {
        self.0.seal(bound, plain).map_err(|_| SealStreamError)
    }
}

impl PrivateKey {
    /// Begins to open what was sealed with the same `info`; `begin` stands before the messages.
    ///
    /// # Errors
    /// [`OpenError::Form`] and [`OpenError::OtherKey`].
    pub(crate) fn begin_opening(&self, info: &[u8], begin: &[u8]) -> Result<Opener, OpenError> {
        let (id, secret) = begin.split_at_checked(KEY_ID_BYTES).ok_or(OpenError::Form)?;
        if secret.len() != KEY_BYTES {
            return Err(OpenError::Form);
        }
        if id != self.public().map_err(|NoKey| OpenError::OtherKey)?.id() {
            return Err(OpenError::OtherKey);
        }
        let (secret, key) =
            (EncapsulatedSecret(secret.to_vec()), HpkePrivateKey::from(self.0.to_vec()));
        let opener = SUITE.setup_opener(&secret, info, &key);
        opener.map(Opener).map_err(|_| OpenError::Form)
    }
}

impl Opener {
    /// The next message, which was bound to `bound`.
    ///
    /// # Errors
    /// [`OpenError::Changed`].
    pub(crate) fn open(&mut self, bound: &[u8], sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        self.0.open(bound, sealed).map_err(|_| OpenError::Changed)
    }
}
