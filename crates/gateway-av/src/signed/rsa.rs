//! RSA signatures, verified (RFC 8017): PKCS#1 v1.5, PSS, and the bare power for signatures without
//! padding.

use num_bigint::BigUint;
use sha2::{Digest, Sha256};

use super::SignatureError;

/// Bits of a modulus: fewer are no protection, more are work.
const MODULUS_BITS: std::ops::RangeInclusive<u64> = 1024..=8192;

/// Bits of an exponent.
const EXPONENT_BITS_MAX: u64 = 64;

/// Bytes of SHA-256, which is also how many bytes of salt a PSS signature has here.
const HASH_LEN: usize = 32;

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicKey {
    modulus: BigUint,
    exponent: BigUint,
}

impl PublicKey {
    /// A key of these numbers; `None` if they are none of a key, or of one that is not accepted.
    pub(crate) fn new(modulus: BigUint, exponent: BigUint) -> Option<Self> {
        let fits = MODULUS_BITS.contains(&modulus.bits())
            && (2..=EXPONENT_BITS_MAX).contains(&exponent.bits());
        (fits && modulus.bit(0)).then_some(Self { modulus, exponent })
    }

    /// Bytes of the modulus, and of a signature.
    pub(crate) fn len(&self) -> usize {
        usize::try_from(self.modulus.bits().div_ceil(8)).unwrap_or(usize::MAX)
    }

    /// What was signed, as many bytes as the modulus has.
    pub(crate) fn open(&self, signature: &BigUint) -> Result<Vec<u8>, SignatureError> {
        if *signature >= self.modulus {
            return Err(SignatureError::Wrong);
        }
        let bytes = signature.modpow(&self.exponent, &self.modulus).to_bytes_be();
        let mut message = vec![0; self.len().saturating_sub(bytes.len())];
        message.extend(bytes);
        Ok(message)
    }

    /// Verifies a signature with the padding of PKCS#1 v1.5 over `info`, a DER `DigestInfo`.
    pub(crate) fn verify_pkcs1(&self, info: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
        let padding = self.len().checked_sub(info.len() + 3).filter(|len| *len >= 8);
        let padding = padding.ok_or(SignatureError::Unsupported)?;
        let expected = [&[0, 1], &vec![0xFF; padding][..], &[0], info].concat();
        let opened = self.open(&BigUint::from_bytes_be(signature))?;
        if opened == expected { Ok(()) } else { Err(SignatureError::Wrong) }
    }

    /// Verifies a PSS signature over `digest`, a SHA-256; its mask is made by SHA-256 too, and its salt
    /// has 32 bytes.
    pub(crate) fn verify_pss(
        &self,
        digest: &[u8; HASH_LEN],
        signature: &BigUint,
    ) -> Result<(), SignatureError> {
        let opened = self.open(signature)?;
        let wrong = SignatureError::Wrong;
        let masked_len = opened.len().checked_sub(HASH_LEN + 1).ok_or(wrong)?;
        let (masked, rest) = opened.split_at_checked(masked_len).ok_or(wrong)?;
        let Some((0xBC, hash)) = rest.split_last() else { return Err(wrong) };
        let mut block: Vec<u8> = masked.iter().zip(mask(hash)).map(|(a, b)| a ^ b).collect();
        // The modulus has a whole number of bytes, so one bit at the top is left out.
        if let Some(first) = block.first_mut() {
            *first &= 0x7F;
        }
        let salt_at = masked_len.checked_sub(HASH_LEN).ok_or(wrong)?;
        let (padding, salt) = block.split_at_checked(salt_at).ok_or(wrong)?;
        let Some((1, zeros)) = padding.split_last() else { return Err(wrong) };
        let again = Sha256::new().chain_update([0; 8]).chain_update(digest).chain_update(salt);
        let holds = zeros.iter().all(|byte| *byte == 0) && again.finalize().as_slice() == hash;
        if holds { Ok(()) } else { Err(wrong) }
    }
}

/// The mask that a hash stands for, without end (MGF1).
fn mask(hash: &[u8]) -> impl Iterator<Item = u8> {
    (0u32..).flat_map(move |number| {
        Sha256::new().chain_update(hash).chain_update(number.to_be_bytes()).finalize()
    })
}
