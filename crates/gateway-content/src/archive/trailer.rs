//! What a file ends with may tell what it is, as it does of images of Apple's: the last bytes of each file, and all of
//! such as begin like one.

use bytes::{Bytes, BytesMut};
use gateway_inspect::{PartKind, Unscannable};

use super::dmg::{TRAILER_BYTES, is_trailer};

/// What has come of a file.
#[derive(Default)]
pub(crate) struct Trailer {
    last: Vec<u8>,
    all: All,
}

/// All of it.
#[derive(Default)]
enum All {
    /// It is not kept.
    #[default]
    No,
    Kept(BytesMut),
    TooLarge,
}

/// Whether a file of `kind` that begins with `first` may begin with a packed piece of a disk.
pub(crate) fn may_be_image(kind: PartKind, first: &[u8]) -> bool {
    match kind {
        PartKind::Bzip2 | PartKind::Xz | PartKind::Zlib => true,
        // LZFSE, and the first sector of a disk as it stands or packed by ADC.
        PartKind::Unknown => {
            first.starts_with(b"bvx") || first.starts_with(b"ER") || first.get(1..3) == Some(b"ER")
        }
        _ => false,
    }
}

impl Trailer {
    /// From now on all of it is kept.
    pub(crate) fn keep(&mut self) {
        self.all = All::Kept(BytesMut::new());
    }

    /// Whether all of it is, or was.
    pub(crate) const fn keeps(&self) -> bool {
        matches!(self.all, All::Kept(_) | All::TooLarge)
    }

    /// The next bytes of it, of which `bytes_max` are kept.
    pub(crate) fn push(&mut self, piece: &[u8], bytes_max: usize) {
        if let All::Kept(all) = &mut self.all {
            if piece.len() > bytes_max.saturating_sub(all.len()) {
                self.all = All::TooLarge;
            } else {
                all.extend_from_slice(piece);
            }
        }
        let end = piece.get(piece.len().saturating_sub(TRAILER_BYTES)..).unwrap_or_default();
        let kept = (TRAILER_BYTES - end.len()).min(self.last.len());
        self.last.drain(..self.last.len() - kept);
        self.last.extend_from_slice(end);
    }

    /// It is over: the image that it is, or why that cannot be had.
    pub(crate) fn take(&mut self) -> Option<Result<Bytes, Unscannable>> {
        let is_image = is_trailer(&std::mem::take(&mut self.last));
        let all = std::mem::take(&mut self.all);
        is_image.then_some(match all {
            All::No => Err(Unscannable::Unsupported),
            All::Kept(all) => Ok(all.freeze()),
            All::TooLarge => Err(Unscannable::TooLarge),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(len: usize) -> Vec<u8> {
        let mut image: Vec<u8> = (0..len).map(|i| i as u8).collect();
        image[len - 512..len - 500].copy_from_slice(b"koly\0\0\0\x04\0\0\x02\0");
        image
    }

    #[test]
    fn an_image_is_told_at_its_end_whatever_the_pieces() {
        let image = image(2_000);
        for cut in [1, 7, 511, 512, 513, 2_000] {
            let taken = |keep: bool, bytes: &[u8], bytes_max: usize| {
                let mut trailer = Trailer::default();
                if keep {
                    trailer.keep();
                }
                bytes.chunks(cut).for_each(|piece| trailer.push(piece, bytes_max));
                trailer.take()
            };
            assert_eq!(taken(true, &image, 2_000), Some(Ok(Bytes::from(image.clone()))));
            assert_eq!(taken(true, &image, 1_999), Some(Err(Unscannable::TooLarge)));
            assert_eq!(taken(false, &image, 2_000), Some(Err(Unscannable::Unsupported)));
            assert_eq!(taken(true, &image[..1_999], 2_000), None);
            assert_eq!(taken(true, &image[1_488..1_999], 2_000), None);
        }
    }
}
