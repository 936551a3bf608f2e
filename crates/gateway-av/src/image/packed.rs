//! Values of which an image holds many and a scan asks for few: each stands as its bytes until one near
//! it is asked for.

use std::sync::OnceLock;

use bytes::Bytes;

use super::{Input, Stored, load_bulk, store_bulk};

/// Values that are read together.
const BLOCK: usize = 16;

/// Values by number, one behind the other in blocks. A block is read when one of it is asked for
/// first, and stays.
#[derive(Debug)]
pub(crate) struct Packed<T> {
    len: usize,
    bytes: Bytes,
    /// Where each block begins, 8 bytes each.
    starts: Bytes,
    blocks: Box<[OnceLock<Box<[T]>>]>,
}

impl<T> Default for Packed<T> {
    fn default() -> Self {
        Self::new(0, Bytes::new(), Bytes::new())
    }
}

impl<T> Packed<T> {
    fn new(len: usize, bytes: Bytes, starts: Bytes) -> Self {
        let blocks = (0..len.div_ceil(BLOCK)).map(|_| OnceLock::new()).collect();
        Self { len, bytes, starts, blocks }
    }
}

impl<T: Stored> FromIterator<T> for Packed<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let (mut len, mut bytes, mut starts) = (0usize, Vec::new(), Vec::new());
        for value in values {
            if len.is_multiple_of(BLOCK) {
                (bytes.len() as u64).store(&mut starts);
            }
            value.store(&mut bytes);
            len += 1;
        }
        bytes.shrink_to_fit();
        Self::new(len, bytes.into(), starts.into())
    }
}

impl<T: Stored> Packed<T> {
    /// How many numbers values have.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// The value with this number. What is no value of its type, in an image that is none, is not
    /// there.
    pub(crate) fn get(&self, number: usize) -> Option<&T> {
        let block = self.blocks.get(number / BLOCK)?;
        block.get_or_init(|| self.read(number / BLOCK)).get(number % BLOCK)
    }

    #[cold]
    fn read(&self, block: usize) -> Box<[T]> {
        let count = self.len.saturating_sub(block * BLOCK).min(BLOCK);
        let read = || {
            let start = self.starts.get(block * 8..)?.first_chunk()?;
            let start = usize::try_from(u64::from_le_bytes(*start)).ok()?;
            let mut input = Input::new(self.bytes.get(start..)?);
            (0..count).map(|_| T::load(&mut input)).collect::<Option<_>>()
        };
        read().unwrap_or_default()
    }

    pub(crate) fn store(&self, out: &mut Vec<u8>, bulk: &mut Vec<u8>) {
        self.len.store(out);
        store_bulk(&self.bytes, out, bulk);
        store_bulk(&self.starts, out, bulk);
    }

    pub(crate) fn load(input: &mut Input<'_>, bulk: &Bytes) -> Option<Self> {
        let len = usize::load(input)?;
        let (bytes, starts) = (load_bulk(input, bulk)?, load_bulk(input, bulk)?);
        let fits = starts.len() == len.div_ceil(BLOCK).checked_mul(8)?;
        fits.then(|| Self::new(len, bytes, starts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_by_number() {
        let values = (0..50u32).map(|number| (number, vec![7u8; number as usize]));
        let packed: Packed<_> = values.clone().collect();
        let (mut out, mut bulk) = (Vec::new(), vec![1, 2, 3]);
        packed.store(&mut out, &mut bulk);
        let bulk = Bytes::from(bulk);
        let loaded = Packed::load(&mut Input::new(&out), &bulk).unwrap();
        for (number, value) in values.enumerate() {
            assert_eq!((packed.get(number), loaded.get(number)), (Some(&value), Some(&value)));
        }
        assert_eq!((packed.get(50), Packed::<u8>::default().get(0)), (None, None));
        assert!(Packed::<u32>::load(&mut Input::new(&out), &bulk.slice(..9)).is_none());
    }

    #[test]
    fn what_is_no_value_is_not_there() {
        let packed: Packed<bool> = [true; 20].into_iter().collect();
        let bytes = [&packed.bytes[..18], &[7, 1]].concat();
        let other = Packed::<bool>::new(20, bytes.into(), packed.starts);
        assert_eq!((other.get(15), other.get(16), other.get(19)), (Some(&true), None, None));
    }
}
