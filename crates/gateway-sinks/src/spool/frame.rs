//! The form of a spooled record on disk: a frame of length, checksum, key, time and JSON line.
//! Reads and writes bytes, no files.
//!
//! ```text
//! u32 length of what follows the checksum   little endian, like all numbers
//! u32 CRC-32 of the length and of what follows the checksum
//! u64 time, Unix nanoseconds
//! u16 length of the key
//!     key, then the JSON line
//! ```

/// Bytes before the payload.
const HEAD_BYTES: usize = 8;
/// Bytes before the key in the payload.
const PAYLOAD_HEAD_BYTES: usize = 10;
/// A longer payload is taken for damage.
const PAYLOAD_BYTES_MAX: usize = 16 << 20;

/// A record as it lies in the spool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spooled {
    payload: Vec<u8>,
    key_bytes: usize,
}

impl Spooled {
    /// The key by which a receiver knows a second delivery.
    pub(crate) fn key(&self) -> &[u8] {
        let end = PAYLOAD_HEAD_BYTES + self.key_bytes;
        self.payload.get(PAYLOAD_HEAD_BYTES..end).unwrap_or_default()
    }

    /// The JSON line with its line feed.
    pub(crate) fn line(&self) -> &[u8] {
        self.payload.get(PAYLOAD_HEAD_BYTES + self.key_bytes..).unwrap_or_default()
    }

    /// When the record was written, in Unix nanoseconds.
    pub(crate) fn time_ns(&self) -> u64 {
        self.payload.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }
}

/// Appends a frame to `out`; gives false, and appends nothing, if the record is too long for one.
#[must_use]
pub(super) fn write(key: &[u8], time_ns: u64, line: &[u8], out: &mut Vec<u8>) -> bool {
    let payload_bytes = PAYLOAD_HEAD_BYTES + key.len() + line.len();
    let (Ok(key_bytes), Ok(length)) = (u16::try_from(key.len()), u32::try_from(payload_bytes))
    else {
        return false;
    };
    if payload_bytes > PAYLOAD_BYTES_MAX {
        return false;
    }
    let mut hasher = crc32fast::Hasher::new();
    let (time, key_length) = (time_ns.to_le_bytes(), key_bytes.to_le_bytes());
    for piece in [&length.to_le_bytes()[..], &time, &key_length, key, line] {
        hasher.update(piece);
    }
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&hasher.finalize().to_le_bytes());
    for piece in [&time[..], &key_length, key, line] {
        out.extend_from_slice(piece);
    }
    true
}

/// The first frame of `bytes` and its length; none if there is no whole and sound one.
pub(super) fn read(bytes: &[u8]) -> Option<(Spooled, usize)> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (checksum, rest) = rest.split_first_chunk::<4>()?;
    let payload_bytes = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let payload = rest.get(..payload_bytes).filter(|_| payload_bytes <= PAYLOAD_BYTES_MAX)?;
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(length);
    hasher.update(payload);
    if hasher.finalize() != u32::from_le_bytes(*checksum) {
        return None;
    }
    let key_bytes = payload.get(8..)?.first_chunk().map(|bytes| u16::from_le_bytes(*bytes))?;
    let key_bytes = usize::from(key_bytes);
    let has_key = payload.len() >= PAYLOAD_HEAD_BYTES + key_bytes;
    let spooled = Spooled { payload: payload.to_vec(), key_bytes };
    has_key.then_some((spooled, HEAD_BYTES + payload_bytes))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_written_is_read(
            key in proptest::collection::vec(any::<u8>(), 0..40),
            line in proptest::collection::vec(any::<u8>(), 0..200),
            time_ns in any::<u64>(),
        ) {
            let mut bytes = Vec::new();
            prop_assert!(write(&key, time_ns, &line, &mut bytes));
            let frame_bytes = bytes.len();
            bytes.extend_from_slice(b"more");
            let (spooled, read_bytes) = read(&bytes).unwrap();
            prop_assert_eq!(read_bytes, frame_bytes);
            prop_assert_eq!(spooled.key(), &key[..]);
            prop_assert_eq!(spooled.line(), &line[..]);
            prop_assert_eq!(spooled.time_ns(), time_ns);
            for cut in 0..frame_bytes {
                prop_assert_eq!(read(&bytes[..cut]), None);
            }
        }

        #[test]
        fn a_changed_frame_is_no_frame(
            line in proptest::collection::vec(any::<u8>(), 0..100),
            at in any::<prop::sample::Index>(),
            change in 1_u8..,
        ) {
            let mut bytes = Vec::new();
            prop_assert!(write(b"key", 7, &line, &mut bytes));
            let at = at.index(bytes.len());
            bytes[at] ^= change;
            prop_assert_eq!(read(&bytes), None);
        }

        #[test]
        fn no_bytes_are_too_odd(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            if let Some((spooled, length)) = read(&bytes) {
                prop_assert!(length <= bytes.len());
                prop_assert!(spooled.key().len() + spooled.line().len() < length);
            }
        }
    }

    #[test]
    fn what_is_too_long_is_refused() {
        let mut bytes = Vec::new();
        assert!(!write(&[0; 1 << 16], 0, b"", &mut bytes));
        assert!(!write(b"", 0, &vec![0; PAYLOAD_BYTES_MAX], &mut bytes));
        assert!(bytes.is_empty());
    }
}
