//! Entries of files in UDF (ECMA-167, part 4): where the bytes of a file are, and what a folder lists.

use gateway_inspect::Unscannable;

use super::headed::{u16_at, u32_at};
use super::udf::{Address, Logical};
use super::volume::{Image, Listing};

/// Bytes that tell what a descriptor is.
const TAG_BYTES: usize = 16;
/// Tags.
const FILE_IDS: u16 = 257;
const EXTENTS: u16 = 258;
const FILE: u16 = 261;
const EXTENDED_FILE: u16 = 266;
/// Types of files.
const FOLDER: u8 = 4;
const STREAMS: u8 = 13;
/// The way in which entries are recorded that all writers use: there is but one.
const STRATEGY: u16 = 4;
/// Bytes of what lists a file before what varies, and what is true of it.
const FILE_ID_BYTES: usize = 38;
const DELETED: u8 = 4;
const PARENT: u8 = 8;

/// Whether `bytes` begin with a tag that says `id`, and has the sum that it should have.
pub(super) fn is_tagged(bytes: &[u8], id: u16) -> bool {
    let Some(tag) = bytes.get(..TAG_BYTES) else { return false };
    let summed = tag.iter().enumerate().filter(|(at, _)| *at != 4);
    let sum = summed.fold(0u8, |sum, (_, byte)| sum.wrapping_add(*byte));
    u16_at(tag, 0) == id && tag.get(4) == Some(&sum)
}

/// An entry of a file.
pub(super) struct Entry<'a> {
    kind: u8,
    /// How its extents are told.
    form: u8,
    pub(super) size: u64,
    /// What tells its extents, or its bytes, and where these stand.
    data: &'a [u8],
    pub(super) data_at: u64,
    /// The folder of its named streams.
    pub(super) streams: Option<Address>,
    /// Whether it is all that tells of the file.
    pub(super) is_whole: bool,
}

impl<'a> Entry<'a> {
    /// The entry in the block at `at` of the image.
    pub(super) fn read(
        image: &Image<'a>,
        at: u64,
        block_bytes: usize,
    ) -> Result<Self, Unscannable> {
        let bytes = image.get(at, block_bytes)?;
        let is_extended = match u16_at(bytes, 0) {
            FILE => false,
            EXTENDED_FILE => true,
            _ => return Err(Unscannable::Malformed),
        };
        if !is_tagged(bytes, u16_at(bytes, 0)) {
            return Err(Unscannable::Malformed);
        }
        let fixed = if is_extended { 216 } else { 176 };
        let [attributes, extents] = [fixed - 8, fixed - 4].map(|at| u32_at(bytes, at) as usize);
        let from = fixed.saturating_add(attributes);
        let to = from.saturating_add(extents);
        let data = bytes.get(from..to).ok_or(Unscannable::Malformed)?;
        let size = u64::from(u32_at(bytes, 56)) | u64::from(u32_at(bytes, 60)) << 32;
        Ok(Self {
            kind: bytes.get(27).copied().unwrap_or(0),
            form: bytes.get(34).copied().unwrap_or(0) & 7,
            size,
            data,
            data_at: at + from as u64,
            streams: if is_extended { Address::read(bytes, 152) } else { None },
            is_whole: u16_at(bytes, 20) == STRATEGY,
        })
    }

    pub(super) const fn is_folder(&self) -> bool {
        matches!(self.kind, FOLDER | STREAMS)
    }

    /// Its extents, of which those without a partition are in that one.
    pub(super) const fn extents(&self, partition: u16) -> Extents<'a> {
        Extents { form: self.form, partition, left: self.data, is_over: false }
    }
}

/// An extent of a file.
pub(super) struct Extent {
    /// Where it is, if it is recorded.
    pub(super) at: Option<Address>,
    pub(super) len: u64,
    /// Whether it is in the entry itself.
    pub(super) is_inline: bool,
}

/// The extents of a file.
pub(super) struct Extents<'a> {
    form: u8,
    partition: u16,
    /// Those to come.
    left: &'a [u8],
    is_over: bool,
}

impl<'a> Extents<'a> {
    /// The next one.
    pub(super) fn next(
        &mut self,
        logical: &Logical<'a>,
        listing: &mut Listing,
    ) -> Result<Option<Extent>, Unscannable> {
        loop {
            if self.is_over {
                return Ok(None);
            }
            let bytes = match self.form {
                0 => 8,
                1 => 16,
                2 => 20,
                3 => {
                    self.is_over = true;
                    let len = self.left.len() as u64;
                    return Ok(Some(Extent { at: None, len, is_inline: true }));
                }
                _ => return Err(Unscannable::Unsupported),
            };
            let Some((extent, rest)) = self.left.split_at_checked(bytes) else { return Ok(None) };
            self.left = rest;
            let told = u32_at(extent, 0);
            let (kind, len) = (told >> 30, told & 0x3fff_ffff);
            if len == 0 {
                self.is_over = true;
                return Ok(None);
            }
            if !listing.may_read(bytes) {
                return Err(Unscannable::WorkExceeded);
            }
            let address = match self.form {
                0 => Address { block: u32_at(extent, 4), partition: self.partition },
                1 => Address { block: u32_at(extent, 4), partition: u16_at(extent, 8) },
                _ => Address { block: u32_at(extent, 12), partition: u16_at(extent, 16) },
            };
            let len = u64::from(len);
            match kind {
                0 => return Ok(Some(Extent { at: Some(address), len, is_inline: false })),
                1 | 2 => return Ok(Some(Extent { at: None, len, is_inline: false })),
                _ => self.go_on(address, logical, listing)?,
            }
        }
    }

    /// The list goes on in another block.
    fn go_on(
        &mut self,
        address: Address,
        logical: &Logical<'a>,
        listing: &mut Listing,
    ) -> Result<(), Unscannable> {
        let at = logical.place(address)?;
        let bytes = logical.image.get(at, logical.block_bytes)?;
        if !is_tagged(bytes, EXTENTS) {
            return Err(Unscannable::Malformed);
        }
        if !listing.may_read(bytes.len()) {
            return Err(Unscannable::WorkExceeded);
        }
        let rest = bytes.get(24..).unwrap_or_default();
        self.left = rest.get(..u32_at(bytes, 20) as usize).ok_or(Unscannable::Malformed)?;
        Ok(())
    }
}

/// What a folder says of a file.
pub(super) struct FileId<'a> {
    pub(super) name: &'a [u8],
    pub(super) address: Address,
}

/// The files of a folder, but for those that were deleted and what it is in itself.
pub(super) struct FileIds<'a> {
    left: &'a [u8],
}

impl<'a> FileIds<'a> {
    pub(super) const fn new(folder: &'a [u8]) -> Self {
        Self { left: folder }
    }

    /// Whether all of them were read.
    pub(super) const fn is_whole(&self) -> bool {
        self.left.is_empty()
    }
}

impl<'a> Iterator for FileIds<'a> {
    type Item = FileId<'a>;

    fn next(&mut self) -> Option<FileId<'a>> {
        while is_tagged(self.left, FILE_IDS) {
            let flags = *self.left.get(18)?;
            let name_bytes = usize::from(*self.left.get(19)?);
            let name_at = FILE_ID_BYTES + usize::from(u16_at(self.left, 36));
            let name = self.left.get(name_at..name_at + name_bytes)?;
            let address = Address::read(self.left, 20);
            let end = (name_at + name_bytes).next_multiple_of(4).min(self.left.len());
            self.left = self.left.get(end..)?;
            match address {
                Some(address) if flags & (DELETED | PARENT) == 0 => {
                    return Some(FileId { name, address });
                }
                _ => {}
            }
        }
        None
    }
}

/// A name in the way of OSTA: how wide its characters are, and these.
pub(super) struct Cs0<'a>(pub(super) &'a [u8]);

impl Cs0<'_> {
    /// The name in UTF-8.
    pub(super) fn read(&self) -> Vec<u8> {
        match self.0 {
            [16, name @ ..] => {
                let units = name.as_chunks::<2>().0.iter().map(|b| u16::from_be_bytes(*b));
                String::from_utf16_lossy(&units.collect::<Vec<_>>()).into_bytes()
            }
            [_, name @ ..] => {
                name.iter().map(|byte| char::from(*byte)).collect::<String>().into_bytes()
            }
            [] => Vec::new(),
        }
    }
}
