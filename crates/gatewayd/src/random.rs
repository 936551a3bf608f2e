//! Random bytes from the operating system, for the libraries, which draw none themselves.

use std::sync::{Mutex, PoisonError};

/// The system gave no random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no random bytes")]
pub(crate) struct NoRandom;

/// `N` bytes fit for keys and serial numbers.
///
/// # Errors
///
/// [`NoRandom`].
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], NoRandom> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_unspecified| NoRandom)?;
    Ok(bytes)
}

/// Draws that are asked of the system at a time.
const AT_ONCE: usize = 32;

/// Bytes as [`bytes`] gives them, for those who need some often: many draws cost hardly more than
/// one. Each is given once.
#[derive(Debug)]
pub(crate) struct Draws<const N: usize>(Mutex<Vec<[u8; N]>>);

impl<const N: usize> Draws<N> {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// The next.
    ///
    /// # Errors
    ///
    /// [`NoRandom`].
    pub(crate) fn next(&self) -> Result<[u8; N], NoRandom> {
        let mut drawn = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bytes) = drawn.pop() {
            return Ok(bytes);
        }
        let mut more = [[0; N]; AT_ONCE];
        aws_lc_rs::rand::fill(more.as_flattened_mut()).map_err(|_unspecified| NoRandom)?;
        drawn.extend(more);
        drawn.pop().ok_or(NoRandom)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn draws_differ() {
        assert_ne!(bytes::<16>().unwrap(), bytes::<16>().unwrap());
        let draws = Draws::<16>::new();
        let drawn: BTreeSet<_> = (0..3 * AT_ONCE).map(|_| draws.next().unwrap()).collect();
        assert_eq!(drawn.len(), 3 * AT_ONCE);
    }
}
