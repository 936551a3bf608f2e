//! The flat memory of a machine: few regions, each a row of bytes, all of which can be read,
//! written and run. What was written to the first of them, the program, is noted byte by byte.

/// An address at which there is nothing, and whether it was to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoMemory {
    pub(crate) address: u32,
    pub(crate) writes: bool,
}

/// Some bytes from an address on.
struct Region {
    base: u32,
    bytes: Vec<u8>,
}

/// The memory.
pub(crate) struct Memory {
    /// The program comes first, as most is done there.
    regions: Vec<Region>,
    /// A bit for each byte of the program that was written, and how many were.
    written: Vec<u8>,
    written_bytes: usize,
}

impl Region {
    fn slice(&self, address: u32, len: usize) -> Option<&[u8]> {
        let at = address.checked_sub(self.base)? as usize;
        self.bytes.get(at..at.checked_add(len)?)
    }
}

impl Memory {
    /// With the program in it.
    pub(crate) fn new(base: u32, image: Vec<u8>) -> Self {
        let written = vec![0; image.len() / 8 + 1];
        Self { regions: vec![Region { base, bytes: image }], written, written_bytes: 0 }
    }

    /// Lays bytes into memory, where nothing is yet.
    pub(crate) fn add(&mut self, base: u32, bytes: Vec<u8>) {
        self.regions.push(Region { base, bytes });
    }

    /// Takes the region that begins at `base` out: how long it was. The program stays.
    pub(crate) fn remove(&mut self, base: u32) -> usize {
        let found = self.regions.iter().skip(1).position(|region| region.base == base);
        found.map_or(0, |at| self.regions.remove(at + 1).bytes.len())
    }

    /// Where the program lies.
    pub(crate) fn base(&self) -> u32 {
        self.regions.first().map_or(0, |region| region.base)
    }

    /// The program as it is now.
    pub(crate) fn image(&self) -> &[u8] {
        self.regions.first().map_or(&[], |region| &region.bytes)
    }

    /// The bytes of the region that begins at `base`.
    pub(crate) fn region(&self, base: u32) -> Option<&[u8]> {
        let region = self.regions.iter().find(|region| region.base == base)?;
        Some(&region.bytes)
    }

    /// `len` bytes from `address` on.
    pub(crate) fn slice(&self, address: u32, len: usize) -> Result<&[u8], NoMemory> {
        let mut regions = self.regions.iter();
        let found = regions.find_map(|region| region.slice(address, len));
        found.ok_or(NoMemory { address, writes: false })
    }

    /// As many bytes of an instruction at `address` as there are, up to all of `code`.
    pub(crate) fn fetch(&self, address: u32, code: &mut [u8; 16]) -> usize {
        for region in &self.regions {
            let Some(at) = address.checked_sub(region.base) else { continue };
            match region.bytes.get(at as usize..) {
                None | Some([]) => {}
                Some(bytes) => {
                    if let Some(whole) = bytes.first_chunk() {
                        *code = *whole;
                        return code.len();
                    }
                    // It stands at the end.
                    for (to, from) in code.iter_mut().zip(bytes) {
                        *to = *from;
                    }
                    return bytes.len();
                }
            }
        }
        0
    }

    /// The number of `size` bytes (1, 2 or 4) at `address`, the lowest first.
    pub(crate) fn read(&self, address: u32, size: u32) -> Result<u32, NoMemory> {
        for region in &self.regions {
            let Some(at) = address.checked_sub(region.base) else { continue };
            let rest = region.bytes.get(at as usize..).unwrap_or_default();
            let value = match size {
                1 => rest.first().map(|byte| u32::from(*byte)),
                2 => rest.first_chunk().map(|word| u32::from(u16::from_le_bytes(*word))),
                _ => rest.first_chunk().map(|word| u32::from_le_bytes(*word)),
            };
            if let Some(value) = value {
                return Ok(value);
            }
        }
        Err(NoMemory { address, writes: false })
    }

    /// Writes the lowest `size` bytes (1, 2 or 4) of `value`.
    pub(crate) fn write(&mut self, address: u32, size: u32, value: u32) -> Result<(), NoMemory> {
        let value = value.to_le_bytes();
        self.put(address, value.get(..size as usize).unwrap_or(&value))
    }

    /// Writes `bytes`.
    pub(crate) fn put(&mut self, address: u32, bytes: &[u8]) -> Result<(), NoMemory> {
        for (i, region) in self.regions.iter_mut().enumerate() {
            let Some(at) = address.checked_sub(region.base).map(|at| at as usize) else { continue };
            let Some(place) = region.bytes.get_mut(at..at.saturating_add(bytes.len())) else {
                continue;
            };
            // Most are of few bytes, for which a call would cost more than the copy.
            match (place, bytes) {
                ([a], [b]) => *a = *b,
                ([a, b, c, d], [e, f, g, h]) => (*a, *b, *c, *d) = (*e, *f, *g, *h),
                (place, bytes) => place.copy_from_slice(bytes),
            }
            if i == 0 {
                for at in at..at + bytes.len() {
                    if let Some(bits) = self.written.get_mut(at / 8) {
                        let bit = 1 << (at % 8);
                        self.written_bytes += usize::from(*bits & bit == 0);
                        *bits |= bit;
                    }
                }
            }
            return Ok(());
        }
        Err(NoMemory { address, writes: true })
    }

    /// Whether the byte of the program at `address` was written.
    pub(crate) fn is_written(&self, address: u32) -> bool {
        let Some(at) = address.checked_sub(self.base()).map(|at| at as usize) else { return false };
        self.written.get(at / 8).is_some_and(|bits| bits >> (at % 8) & 1 == 1)
    }

    /// How many bytes of the program were written.
    pub(crate) const fn written(&self) -> usize {
        self.written_bytes
    }

    /// From now on no byte counts as written.
    pub(crate) fn forget_written(&mut self) {
        self.written.fill(0);
        self.written_bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lie_lowest_byte_first_and_writes_are_noted() {
        let mut memory = Memory::new(0x1000, vec![0; 16]);
        memory.add(0x8000, vec![7; 4]);
        memory.write(0x100c, 4, 0x0102_0304).unwrap();
        memory.write(0x1002, 1, 0xffee).unwrap();
        assert_eq!(memory.read(0x100c, 2), Ok(0x0304));
        assert_eq!(memory.read(0x1000, 4), Ok(0x00ee_0000));
        assert_eq!(memory.read(0x8000, 4), Ok(0x0707_0707));
        assert!(memory.is_written(0x100f) && memory.is_written(0x1002));
        assert!(!memory.is_written(0x100b) && !memory.is_written(0x8000));
        memory.forget_written();
        assert!(!memory.is_written(0x1002));
    }

    #[test]
    fn what_reaches_out_of_a_region_is_refused() {
        let mut memory = Memory::new(0x1000, vec![0; 16]);
        for (address, size) in [(0x0fff, 1), (0x0fff, 4), (0x100d, 4), (0x1010, 1), (u32::MAX, 4)] {
            assert_eq!(memory.read(address, size), Err(NoMemory { address, writes: false }));
            assert_eq!(memory.write(address, size, 0), Err(NoMemory { address, writes: true }));
        }
        let mut code = [0; 16];
        assert_eq!(memory.fetch(0x100e, &mut code), 2);
        assert_eq!(memory.fetch(0x1010, &mut code), 0);
    }
}
