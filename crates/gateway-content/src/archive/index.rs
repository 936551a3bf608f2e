//! What was seen of the members of a ZIP archive, compared with what its directory says.
//!
//! Readers go by the directory, streams by the local headers: where the two differ, one of them
//! sees a member that the other does not. So every difference is a contradiction.

use super::MemberEnd;
use super::record::{End, FLAGS_COMPARED, Header, STORED};

/// One member as it was met.
struct Seen {
    /// Where its local header begins.
    at: u64,
    header: Header,
    /// What came out of its data, where they were unpacked whole.
    data: Option<MemberEnd>,
    listed: bool,
}

/// The members of one archive, and how far its directory agrees.
pub(super) struct Index {
    seen: Vec<Seen>,
    bytes: usize,
    listed: u64,
    /// What is to be added to the offsets that the archive gives; known from the first entry.
    shift: Option<u64>,
    /// Where the directory begins and ends.
    directory: Option<(u64, u64)>,
    end_64: Option<End>,
    agrees: bool,
}

impl Index {
    pub(super) fn new() -> Self {
        Self {
            seen: Vec::new(),
            bytes: 0,
            listed: 0,
            shift: None,
            directory: None,
            end_64: None,
            agrees: true,
        }
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Bytes that holding `header` takes.
    pub(super) fn bytes_of(header: &Header) -> usize {
        size_of::<Seen>() + header.name.len()
    }

    /// Whether the directory has begun.
    pub(super) fn in_directory(&self) -> bool {
        self.directory.is_some()
    }

    /// Something was met that cannot be.
    pub(super) fn contradict(&mut self) {
        self.agrees = false;
    }

    /// A local header was met at `at`.
    pub(super) fn open(&mut self, at: u64, header: Header) {
        if self.in_directory() {
            self.agrees = false;
        }
        self.bytes += Self::bytes_of(&header);
        self.seen.push(Seen { at, header, data: None, listed: false });
    }

    /// The member that was met last has been unpacked whole.
    pub(super) fn close(&mut self, end: MemberEnd) {
        let Some(seen) = self.seen.last_mut() else { return };
        seen.data = Some(end);
        self.agrees &= seen.header.has_descriptor() || fits(&seen.header, &end);
    }

    /// Whether the local header of the member that was met last says what came out of its data.
    pub(super) fn is_told(&self, data: &MemberEnd) -> bool {
        self.seen.last().is_some_and(|seen| fits(&seen.header, data))
    }

    /// An entry of the directory was met, from `from` to `to`.
    pub(super) fn list(&mut self, from: u64, to: u64, header: &Header, offset: u64) {
        match &mut self.directory {
            None => self.directory = Some((from, to)),
            Some((_, end)) if *end == from => *end = to,
            Some(_) => self.agrees = false,
        }
        let shift = *self.shift.get_or_insert_with(|| shift_of(&self.seen, offset));
        let at = offset.wrapping_add(shift);
        let found = self.seen.binary_search_by_key(&at, |seen| seen.at).ok();
        let agrees = found.and_then(|i| self.seen.get_mut(i)).is_some_and(|seen| {
            let again = std::mem::replace(&mut seen.listed, true);
            !again && seen.agrees(header)
        });
        self.listed += 1;
        self.agrees &= agrees;
    }

    /// The digital signature of the directory, which counts as part of it.
    pub(super) fn sign(&mut self, from: u64, to: u64) {
        match &mut self.directory {
            Some((_, end)) if *end == from => *end = to,
            Some(_) | None => self.agrees = false,
        }
    }

    /// The ZIP64 end record was met at `at`.
    pub(super) fn end_64(&mut self, at: u64, end: End) {
        if self.end_64.is_some() || self.directory.is_some_and(|(_, to)| to != at) {
            self.agrees = false;
        }
        self.end_64 = Some(end);
    }

    /// The end record was met at `at`: whether all agrees.
    pub(super) fn finish(&self, at: u64, end: End) -> bool {
        let (from, to) = self.directory.unwrap_or((at, at));
        let wide = self.end_64;
        let either = |narrow: Option<u64>, wide: Option<u64>| match (narrow, wide) {
            (Some(narrow), Some(wide)) if narrow != wide => None,
            (narrow, wide) => wide.or(narrow),
        };
        let entries = either(end.entries, wide.and_then(|wide| wide.entries));
        let bytes = either(end.bytes, wide.and_then(|wide| wide.bytes));
        let offset = either(end.offset, wide.and_then(|wide| wide.offset));
        let reaches_end = wide.is_some() || to == at;
        let shift = self.shift.unwrap_or_else(|| from.wrapping_sub(offset.unwrap_or(from)));
        self.agrees
            && reaches_end
            && !end.is_split
            && !wide.is_some_and(|wide| wide.is_split)
            && self.seen.iter().all(|seen| seen.listed || seen.is_filler())
            && entries == Some(self.listed)
            && bytes == Some(to - from)
            && offset.map(|offset| offset.wrapping_add(shift)) == Some(from)
    }
}

/// Offsets count from the start of the file, or, after something was put before the archive, from
/// where the archive began: then the first entry is that of the first member.
fn shift_of(seen: &[Seen], offset: u64) -> u64 {
    let known = |at: u64| seen.binary_search_by_key(&at, |seen| seen.at).is_ok();
    match seen.iter().find(|seen| !seen.is_filler()) {
        _ if known(offset) => 0,
        Some(first) if offset != 0 && known(offset.saturating_add(first.at)) => first.at,
        Some(first) => first.at.wrapping_sub(offset),
        None => 0,
    }
}

/// Whether a header says what came out of the data.
fn fits(header: &Header, data: &MemberEnd) -> bool {
    header.packed == data.packed && header.unpacked == data.unpacked && header.crc == data.crc
}

impl Seen {
    /// Whether it is a header that only fills up space, as tools of Android write them: a file without a name and
    /// without a byte, of which no reader sees anything.
    fn is_filler(&self) -> bool {
        let Header { method, packed, unpacked, name, .. } = &self.header;
        let is_empty = *method == STORED && *packed == 0 && *unpacked == 0;
        is_empty && name.is_empty() && !self.header.has_descriptor()
    }

    fn agrees(&self, central: &Header) -> bool {
        let local = &self.header;
        let sizes = match &self.data {
            Some(data) => fits(central, data),
            // With a descriptor the local header does not know.
            None if local.has_descriptor() => true,
            None => {
                central.packed == local.packed
                    && central.unpacked == local.unpacked
                    && central.crc == local.crc
            }
        };
        sizes
            && central.method == local.method
            && (central.flags ^ local.flags) & FLAGS_COMPARED == 0
            && central.name == local.name
    }
}
