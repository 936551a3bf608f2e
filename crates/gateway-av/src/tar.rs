//! The members of a tar archive (POSIX.1-1988, "ustar") as databases are packed in: plain files, with
//! names of one folder, read and written. Anything else in one is an error; archives to be scanned are
//! not read here.

use std::ops::Range;

/// Bytes of a block.
const BLOCK: usize = 512;

/// Bytes of a name.
const NAME_BYTES_MAX: usize = 100;

/// A member: its name, and where its bytes lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) bytes: Range<usize>,
}

/// The members of `archive` in their order; `None` if it is not as it should be.
pub(crate) fn entries(archive: &[u8]) -> Option<Vec<Entry>> {
    let mut entries = Vec::new();
    let mut at = 0usize;
    while let Some(head) = archive.get(at..at.checked_add(BLOCK)?) {
        if head.iter().all(|byte| *byte == 0) {
            return Some(entries);
        }
        if octal(head.get(148..156)?)? != sum(head) {
            return None;
        }
        let size = usize::try_from(octal(head.get(124..136)?)?).ok()?;
        let from = at + BLOCK;
        let bytes = from..from.checked_add(size)?;
        archive.get(bytes.clone())?;
        match head.get(156)? {
            0 | b'0' => entries.push(Entry { name: name(head.get(..NAME_BYTES_MAX)?)?, bytes }),
            _ => return None,
        }
        at = from.checked_add(size.checked_next_multiple_of(BLOCK)?)?;
    }
    // Some writers leave out the blocks of zeros at the end.
    (at >= archive.len()).then_some(entries)
}

/// The sum of all bytes of a head, the place of the sum itself taken as spaces.
fn sum(head: &[u8]) -> u64 {
    let space = |(at, byte): (usize, &u8)| if (148..156).contains(&at) { b' ' } else { *byte };
    head.iter().enumerate().map(space).map(u64::from).sum()
}

/// A number in octal digits, between spaces and zeros.
fn octal(field: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(field).ok()?;
    let digits = text.trim_matches(['\0', ' ']);
    u64::from_str_radix(digits, 8).ok()
}

/// The name of a file, which must lie in no folder.
fn name(field: &[u8]) -> Option<String> {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    let name = std::str::from_utf8(field.get(..end)?).ok()?;
    let name = name.strip_prefix("./").unwrap_or(name);
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let fits = !name.is_empty() && !name.starts_with('.') && name.bytes().all(is_plain);
    fits.then(|| name.to_owned())
}

/// An archive of these members; `None` if one has a name that is none of a file of one folder.
pub(crate) fn archive(members: &[(&str, &[u8])]) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    for (file, bytes) in members {
        let mut head = [0; BLOCK];
        let place = head.get_mut(..NAME_BYTES_MAX)?;
        place.get_mut(..file.len())?.copy_from_slice(file.as_bytes());
        if name(place)? != *file {
            return None;
        }
        for (at, text) in [
            (100, "0000644\0"),
            (108, "0000000\0"),
            (116, "0000000\0"),
            (124, format!("{:011o}\0", bytes.len()).as_str()),
            (136, "00000000000\0"),
            (156, "0"),
            (257, "ustar\x0000"),
        ] {
            head.get_mut(at..at + text.len())?.copy_from_slice(text.as_bytes());
        }
        let sum = format!("{:06o}\0 ", sum(&head));
        head.get_mut(148..156)?.copy_from_slice(sum.as_bytes());
        all.extend(head);
        all.extend(*bytes);
        all.resize(all.len().next_multiple_of(BLOCK), 0);
    }
    all.resize(all.len() + 2 * BLOCK, 0);
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_lie_where_they_are() {
        let bytes = archive(&[("a.ndb", b"one"), ("b.hdb", &[7; 513]), ("COPYING", b"")]).unwrap();
        let all = entries(&bytes).unwrap();
        let names: Vec<_> = all.iter().map(|one| &*one.name).collect();
        assert_eq!(names, ["a.ndb", "b.hdb", "COPYING"]);
        assert_eq!((&bytes[all[0].bytes.clone()], all[1].bytes.len()), (&b"one"[..], 513));
        for cut in [511, 513, 1024, 1537] {
            let cut_off = entries(&bytes[..cut]);
            assert_eq!(cut_off.map(|all| all.len()), (cut == 1024).then_some(1), "{cut}");
        }
        for (at, byte) in [(0, b'/'), (150, b'9'), (156, b'5'), (124, b'7')] {
            let mut bad = bytes.clone();
            bad[at] = byte;
            assert_eq!(entries(&bad), None, "{at}");
        }
        for bad in ["", "a/b", ".a", "a b", &"a".repeat(101)] {
            assert_eq!(archive(&[(bad, b"")]), None, "{bad}");
        }
    }
}
