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
        let Head::Member { name, size } = Head::read(head)? else { return Some(entries) };
        let from = at + BLOCK;
        let bytes = from..from.checked_add(size)?;
        archive.get(bytes.clone())?;
        entries.push(Entry { name, bytes });
        at = from.checked_add(size.checked_next_multiple_of(BLOCK)?)?;
    }
    // Some writers leave out the blocks of zeros at the end.
    (at >= archive.len()).then_some(entries)
}

/// What a block before a member says.
enum Head {
    Member {
        name: String,
        size: usize,
    },
    /// There are no more.
    End,
}

impl Head {
    fn read(head: &[u8]) -> Option<Self> {
        if head.iter().all(|byte| *byte == 0) {
            return Some(Self::End);
        }
        let is_file = matches!(head.get(156)?, 0 | b'0');
        if octal(head.get(148..156)?)? != sum(head) || !is_file {
            return None;
        }
        let size = usize::try_from(octal(head.get(124..136)?)?).ok()?;
        Some(Self::Member { name: name(head.get(..NAME_BYTES_MAX)?)?, size })
    }
}

/// What an archive that comes in pieces holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Event<'a> {
    /// A member of this name begins.
    Begin(String),
    /// The next bytes of it.
    Bytes(&'a [u8]),
    /// It has ended.
    End,
}

/// An archive that comes in pieces.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reading {
    /// What has come of the next head.
    head: Vec<u8>,
    /// Bytes that the member at work still has.
    left: usize,
    /// Bytes that fill its last block.
    filling: usize,
    is_over: bool,
}

impl Reading {
    /// Shows what the next bytes hold; `None` if they are not as they should be.
    pub(crate) fn push(&mut self, mut bytes: &[u8], mut show: impl FnMut(Event<'_>)) -> Option<()> {
        while !bytes.is_empty() && !self.is_over {
            let wanted = match (self.left, self.filling) {
                (0, 0) => BLOCK.saturating_sub(self.head.len()),
                (0, filling) => filling,
                (left, _) => left,
            };
            let (taken, rest) = bytes.split_at(wanted.min(bytes.len()));
            bytes = rest;
            match (self.left, self.filling) {
                (0, 0) => self.take_head(taken, &mut show)?,
                (0, _) => self.filling -= taken.len(),
                (left, _) => {
                    show(Event::Bytes(taken));
                    self.left = left - taken.len();
                    if self.left == 0 {
                        show(Event::End);
                    }
                }
            }
        }
        Some(())
    }

    fn take_head(&mut self, bytes: &[u8], show: &mut impl FnMut(Event<'_>)) -> Option<()> {
        self.head.extend_from_slice(bytes);
        if self.head.len() < BLOCK {
            return Some(());
        }
        match Head::read(&self.head)? {
            Head::End => self.is_over = true,
            Head::Member { name, size } => {
                self.left = size;
                self.filling = size.checked_next_multiple_of(BLOCK)? - size;
                show(Event::Begin(name));
                if size == 0 {
                    show(Event::End);
                }
            }
        }
        self.head.clear();
        Some(())
    }

    /// Whether the archive may end here.
    pub(crate) fn is_whole(&self) -> bool {
        // Some writers leave out the blocks of zeros at the end.
        self.is_over || self.left == 0 && self.head.is_empty()
    }
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

    /// Members as they come in pieces of so many bytes; `None` where `entries` is to say so too.
    fn in_pieces(archive: &[u8], size: usize) -> Option<Vec<(String, Vec<u8>)>> {
        let (mut reading, mut all) = (Reading::default(), Vec::<(String, Vec<u8>)>::new());
        let mut ended = 0;
        for piece in archive.chunks(size) {
            reading.push(piece, |event| match event {
                Event::Begin(name) => all.push((name, Vec::new())),
                Event::Bytes(bytes) => all.last_mut().unwrap().1.extend_from_slice(bytes),
                Event::End => ended += 1,
            })?;
        }
        reading.is_whole().then(|| assert_eq!(ended, all.len())).map(|()| all)
    }

    #[test]
    fn in_pieces_an_archive_holds_the_same() {
        let bytes = archive(&[("a.ndb", b"one"), ("COPYING", b""), ("b.hdb", &[7; 513])]).unwrap();
        let whole = |bytes: &[u8]| {
            let member = |one: Entry| (one.name, bytes[one.bytes].to_vec());
            entries(bytes).map(|all| all.into_iter().map(member).collect::<Vec<_>>())
        };
        assert_eq!(whole(&bytes).unwrap().len(), 3);
        for size in [1, 7, 511, 512, 513, 9_999] {
            for end in (0..=bytes.len()).step_by(if size == 1 { 97 } else { 1 }) {
                let bytes = &bytes[..end];
                assert_eq!(in_pieces(bytes, size), whole(bytes), "{size} {end}");
            }
            for at in (0..bytes.len()).step_by(7) {
                let mut bytes = bytes.clone();
                bytes[at] ^= 1;
                assert_eq!(in_pieces(&bytes, size), whole(&bytes), "{size} {at}");
            }
        }
    }

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
