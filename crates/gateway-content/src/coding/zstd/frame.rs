//! Where in a frame the input stands: in its header, at the header of a block or in one (RFC 8878,
//! section 3.1.1). By that it is told how many bytes an engine may be given at once, so that what it
//! shows before a fault is the same in all pieces.

use zstd_safe::get_frame_content_size;

/// What a frame begins with. Any other is skipped, or none.
const MAGIC: [u8; 4] = 0xFD2F_B528_u32.to_le_bytes();

/// Bytes that each header has: magic number and descriptor. No frame ends with them.
const HEADER_BYTES_MIN: usize = 5;
/// Bytes of the longest header.
const HEADER_BYTES_MAX: usize = 18;
/// Bytes of the header before each block.
const BLOCK_HEADER_BYTES: usize = 3;

/// How far the input has come into the present frame.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Frame {
    at: At,
    /// The bytes of its header that were taken.
    header: Header<HEADER_BYTES_MAX>,
    /// Bytes that came out of it.
    unpacked: u64,
    /// Those that there are, if its header says so.
    size: Option<u64>,
}

#[derive(Clone, Copy, Debug, Default)]
enum At {
    #[default]
    Header,
    BlockHeader(Header<BLOCK_HEADER_BYTES>),
    Block {
        left: usize,
        is_raw: bool,
        is_last: bool,
    },
    /// Behind the last block, or in a frame that is skipped: nothing comes out any more.
    Rest,
}

/// The first bytes of something that has no more than `N`.
#[derive(Clone, Copy, Debug)]
struct Header<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Default for Header<N> {
    fn default() -> Self {
        Self { bytes: [0; N], len: 0 }
    }
}

impl<const N: usize> Header<N> {
    fn take(&mut self, taken: &[u8]) {
        let rest = self.bytes.get_mut(self.len..).unwrap_or_default();
        rest.iter_mut().zip(taken).for_each(|(slot, byte)| *slot = *byte);
        self.len = N.min(self.len + taken.len());
    }

    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

impl Frame {
    /// Whether nothing of it was taken.
    pub(super) const fn is_new(&self) -> bool {
        self.header.len == 0
    }

    /// How many bytes an engine may be given at once; `None` if it must show no more.
    ///
    /// Of a frame that it has from its first byte to its last it would show all or, when it is corrupt,
    /// nothing; and what one call has decoded before a fault is lost.
    pub(super) fn most(&self) -> Option<usize> {
        match self.at {
            At::Header => Some(HEADER_BYTES_MIN.saturating_sub(self.header.len).max(1)),
            At::BlockHeader(header) => Some(BLOCK_HEADER_BYTES - header.len),
            // These bytes come out in any pieces. At the last of them the engine asks whether all
            // came out that the header names, and elsewhere by the pieces whether it is more.
            At::Block { left, is_raw: true, .. } => {
                let known = self.size.map_or(u64::MAX, |size| size.saturating_sub(self.unpacked));
                let known = usize::try_from(known).unwrap_or(usize::MAX);
                (known > 0).then(|| known.min(left - 1).max(1))
            }
            At::Block { left, .. } => Some(left),
            At::Rest => Some(usize::MAX),
        }
    }

    /// The engine has taken these bytes, no more than [`most`](Self::most), and shown so many.
    pub(super) fn take(&mut self, taken: &[u8], shown: usize) {
        self.unpacked += shown as u64;
        self.at = match &mut self.at {
            At::Header => {
                self.header.take(taken);
                match header_len(self.header.bytes()) {
                    Some(len) if self.header.len < len => At::Header,
                    Some(_) => {
                        self.size = get_frame_content_size(self.header.bytes()).ok().flatten();
                        At::BlockHeader(Header::default())
                    }
                    None => At::Rest,
                }
            }
            At::BlockHeader(header) => {
                header.take(taken);
                if header.len < BLOCK_HEADER_BYTES { self.at } else { block(header.bytes) }
            }
            At::Block { left, is_last, .. } => {
                *left = left.saturating_sub(taken.len());
                if *left > 0 { self.at } else { behind(*is_last) }
            }
            At::Rest => At::Rest,
        };
    }
}

/// Bytes of the header that begins with these; `None` if it is none of a frame with blocks.
fn header_len(header: &[u8]) -> Option<usize> {
    let Some((magic, [descriptor, ..])) = header.split_first_chunk() else {
        return MAGIC.starts_with(header).then_some(HEADER_BYTES_MIN);
    };
    let is_single_segment = descriptor >> 5 & 1 != 0;
    let window = usize::from(!is_single_segment);
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let size = [usize::from(is_single_segment), 2, 4, 8][usize::from(descriptor >> 6)];
    (*magic == MAGIC).then_some(HEADER_BYTES_MIN + window + dictionary + size)
}

/// In the block that has this header.
fn block(header: [u8; BLOCK_HEADER_BYTES]) -> At {
    let [low, middle, high] = header;
    let header = usize::from(low) | usize::from(middle) << 8 | usize::from(high) << 16;
    let (is_last, kind, size) = (header & 1 != 0, header >> 1 & 3, header >> 3);
    // A block of one byte over and over has only that.
    let left = if kind == 1 { 1 } else { size };
    if left > 0 { At::Block { left, is_raw: kind == 0, is_last } } else { behind(is_last) }
}

/// Behind a block.
fn behind(is_last: bool) -> At {
    if is_last { At::Rest } else { At::BlockHeader(Header::default()) }
}
