//! The memory of a model as its format lays it out, byte by byte: of a size that the encoder chose, and held in
//! pages, of which those are there in which something was written.

const PAGE_BITS: u32 = 12;
/// Bytes of a page.
const PAGE: usize = 1 << PAGE_BITS;

/// Bytes by their address. What was not written is zero. Numbers of two bytes stand at even addresses.
pub(super) struct Pages {
    /// The page of each stretch of addresses, one more than its number; 0 for none.
    numbers: Vec<u32>,
    pages: Vec<Box<[u8; PAGE]>>,
    pages_max: usize,
    is_over: bool,
}

impl Pages {
    /// Addresses up to `end`, of which those may be written that take `bytes_max` together.
    pub(super) fn new(end: u32, bytes_max: usize) -> Self {
        let numbers = vec![0; (end >> PAGE_BITS) as usize + 1];
        Self { numbers, pages: Vec::new(), pages_max: bytes_max.div_ceil(PAGE) + 1, is_over: false }
    }

    /// Whether more was written than may be. It stands there: what goes on over several addresses is whole.
    pub(super) const fn is_over(&self) -> bool {
        self.is_over
    }

    fn page(&self, at: u32) -> Option<&[u8; PAGE]> {
        let number = *self.numbers.get((at >> PAGE_BITS) as usize)?;
        self.pages.get((number as usize).checked_sub(1)?).map(|page| &**page)
    }

    fn page_mut(&mut self, at: u32) -> Option<&mut [u8; PAGE]> {
        let number = self.numbers.get_mut((at >> PAGE_BITS) as usize)?;
        if *number == 0 {
            self.is_over |= self.pages.len() >= self.pages_max;
            self.pages.push(Box::new([0; PAGE]));
            // Fewer than there are addresses.
            *number = self.pages.len() as u32;
        }
        self.pages.get_mut(*number as usize - 1).map(|page| &mut **page)
    }

    pub(super) fn byte(&self, at: u32) -> u8 {
        let byte = self.page(at).and_then(|page| page.get(at as usize % PAGE));
        byte.copied().unwrap_or(0)
    }

    pub(super) fn set_byte(&mut self, at: u32, value: u8) {
        if let Some(slot) = self.page_mut(at).and_then(|page| page.get_mut(at as usize % PAGE)) {
            *slot = value;
        }
    }

    /// Two bytes.
    pub(super) fn pair(&self, at: u32) -> [u8; 2] {
        let rest = self.page(at).and_then(|page| page.get(at as usize % PAGE..));
        rest.and_then(|rest| rest.first_chunk()).copied().unwrap_or_default()
    }

    pub(super) fn set_pair(&mut self, at: u32, value: [u8; 2]) {
        let rest = self.page_mut(at).and_then(|page| page.get_mut(at as usize % PAGE..));
        if let Some(slot) = rest.and_then(|rest| rest.first_chunk_mut()) {
            *slot = value;
        }
    }

    /// A number of four bytes.
    pub(super) fn number(&self, at: u32) -> u32 {
        let [[a, b], [c, d]] = [self.pair(at), self.pair(at.wrapping_add(2))];
        u32::from_le_bytes([a, b, c, d])
    }

    pub(super) fn set_number(&mut self, at: u32, value: u32) {
        let [a, b, c, d] = value.to_le_bytes();
        self.set_pair(at, [a, b]);
        self.set_pair(at.wrapping_add(2), [c, d]);
    }

    /// Copies `len` bytes, an even number of them.
    pub(super) fn copy(&mut self, from: u32, to: u32, len: u32) {
        for at in (0..len).step_by(2) {
            let pair = self.pair(from.wrapping_add(at));
            self.set_pair(to.wrapping_add(at), pair);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_there_once_something_stands_in_them() {
        let mut pages = Pages::new(u32::MAX - 24, PAGE);
        assert_eq!((pages.number(u32::MAX - 27), pages.pages.len()), (0, 0));
        pages.set_number(u32::MAX - 27, 0x1234_5678);
        assert!(!pages.is_over());
        // Across the end of a page, so in one more than may be.
        pages.set_number(PAGE as u32 - 2, 0x9abc_def0);
        assert_eq!(pages.number(u32::MAX - 27), 0x1234_5678);
        assert_eq!((pages.number(PAGE as u32 - 2), pages.is_over()), (0x9abc_def0, true));
        assert_eq!(pages.pages.len(), 3);
    }
}
