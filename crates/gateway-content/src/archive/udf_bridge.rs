//! The ISO 9660 in an image that is one of UDF as well: what it has that UDF does not have.

use std::collections::{BTreeSet, VecDeque};

use super::iso::{self, Records, SIGNATURE_AT};
use super::volume::{Image, Listing, Stretch};

/// Lists the files of the ISO 9660 in the image: those that are the same as others are no more files.
pub(super) fn list_iso(image: &Image<'_>, listing: &mut Listing) {
    let mut folders = VecDeque::new();
    for count in 0..u64::from(iso::DESCRIPTORS_MAX) {
        let at = SIGNATURE_AT + count * iso::SECTOR;
        // The type of the first is behind.
        let kind = if count == 0 { Ok([iso::PRIMARY].as_slice()) } else { image.get(at - 1, 1) };
        let (Ok([kind]), Ok(body)) = (kind, image.get(at, 200)) else { break };
        if *kind == iso::LAST || !body.starts_with(b"CD001") {
            break;
        }
        if let Some(root) = iso::read_root(*kind, body) {
            folders.push_back((
                Vec::new(),
                u64::from(root.sector) * iso::SECTOR,
                root.bytes,
                root.wide,
            ));
        }
    }
    let mut seen = BTreeSet::new();
    while let Some((path, place, bytes, wide)) = folders.pop_front() {
        if !seen.insert((place, wide == iso::Wide::Yes)) {
            continue;
        }
        let whole = [Stretch { at: Some(place), len: bytes }];
        let folder = match listing.gather(image, bytes, &whole) {
            Ok(folder) => folder,
            Err(reason) => {
                listing.fail(reason);
                continue;
            }
        };
        let mut sections: Vec<Stretch> = Vec::new();
        let sectors = folder.chunks(iso::SECTOR as usize);
        for record in sectors.flat_map(|records| Records { records, wide }) {
            let Some(path) = listing.path(&path, &record.name) else { return };
            let place = u64::from(record.sector) * iso::SECTOR;
            if record.flags & iso::FOLDER != 0 {
                folders.push_back((path, place, record.bytes, wide));
                continue;
            }
            sections.push(Stretch { at: Some(place), len: record.bytes });
            if record.flags & iso::GOES_ON == 0 {
                let size =
                    sections.iter().fold(0u64, |sum, section| sum.saturating_add(section.len));
                listing.file(path, size, &std::mem::take(&mut sections));
            }
        }
    }
}
