//! Which pieces of bodies get memory of their own. Not a limit: how much may be held is the business
//! of windows and credit.

use bytes::Bytes;

/// Body bytes in one frame that are copied always.
const COPIED_BYTES: usize = 256;
/// The same while more than [`HELD_BYTES_SHARED_MAX`] are held: larger ones fill a buffer.
const COPIED_BYTES_MAX: usize = 12 * 1024;
/// Body bytes of one connection, delivered without credit, beyond which they get memory of their
/// own.
const HELD_BYTES_SHARED_MAX: usize = 64 * 1024;

/// The same bytes in memory of their own, where they would keep alive much that is not theirs: a read
/// buffer holds several frames, and is free only when all of them are. Copying costs little where
/// they are few, and where nobody takes them anyway. With these the connection has delivered `held`
/// bytes without credit.
pub(super) fn compact(data: Bytes, held: usize) -> Bytes {
    let copies = data.len() <= COPIED_BYTES
        || (data.len() <= COPIED_BYTES_MAX && held > HELD_BYTES_SHARED_MAX);
    if copies { Bytes::copy_from_slice(&data) } else { data }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_small_or_held_is_copied() {
        let (small, large) = (COPIED_BYTES, COPIED_BYTES_MAX);
        let (few, many) = (HELD_BYTES_SHARED_MAX, HELD_BYTES_SHARED_MAX + 1);
        for (bytes, held, copied) in [
            (1, 1, true),
            (small, few, true),
            (small + 1, few, false),
            (small + 1, many, true),
            (large, few, false),
            (large, many, true),
            (large + 1, many, false),
        ] {
            let data = Bytes::from(vec![7; bytes]);
            let kept = compact(data.clone(), held);
            assert_eq!(kept, data);
            assert_eq!(kept.as_ptr() != data.as_ptr(), copied, "{bytes} bytes, {held} held");
        }
    }
}
