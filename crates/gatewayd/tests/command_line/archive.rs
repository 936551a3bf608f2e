//! Writes the small archives that the tests scan.

use std::io::Write;

use flate2::write::GzEncoder;
use flate2::{Compression, Crc};

/// Whether the header of a member says that it is encrypted.
#[derive(Clone, Copy)]
pub(crate) enum Encrypted {
    Yes,
    No,
}

/// `contents` as a gzip file.
pub(crate) fn gzip(contents: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(contents).unwrap();
    encoder.finish().unwrap()
}

/// A ZIP archive (APPNOTE 6.3.3) of one stored member.
pub(crate) fn zip(name: &str, contents: &[u8], encrypted: Encrypted) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(contents);
    let flags: u16 = match encrypted {
        Encrypted::Yes => 1,
        Encrypted::No => 0,
    };
    let size = u32::try_from(contents.len()).unwrap();
    // From "version needed" to "extra field length": the same in both headers.
    let mut common = Vec::new();
    common.extend(10_u16.to_le_bytes());
    common.extend(flags.to_le_bytes());
    common.extend([0; 6]);
    for number in [crc.sum(), size, size] {
        common.extend(number.to_le_bytes());
    }
    common.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
    common.extend([0; 2]);

    let mut archive = Vec::new();
    archive.extend(b"PK\x03\x04");
    archive.extend(&common);
    archive.extend(name.as_bytes());
    archive.extend(contents);
    let directory_at = u32::try_from(archive.len()).unwrap();
    archive.extend(b"PK\x01\x02");
    archive.extend(10_u16.to_le_bytes());
    archive.extend(&common);
    // Comment length, disk, attributes, offset of the local header.
    archive.extend([0; 14]);
    archive.extend(name.as_bytes());
    let directory_size = u32::try_from(archive.len()).unwrap() - directory_at;
    archive.extend(b"PK\x05\x06");
    archive.extend([0; 4]);
    archive.extend([1, 0, 1, 0]);
    archive.extend(directory_size.to_le_bytes());
    archive.extend(directory_at.to_le_bytes());
    archive.extend([0; 2]);
    archive
}
