//! Containers: what opens their members, one format per file.

pub(crate) mod gzip;
mod index;
mod record;
mod seek;
pub(crate) mod zip;

use gateway_inspect::Unscannable;

use crate::coding::decoder::Decoder;
use crate::inbox::Inbox;

/// A member that was met, to be opened as a part.
pub(crate) struct Member {
    /// Its name as it stands in the container.
    pub(crate) name: Vec<u8>,
    /// The format of the container, which goes before the name.
    pub(crate) format: &'static str,
    /// Declared size, unpacked.
    pub(crate) size: Option<u64>,
    /// Declared size, packed.
    pub(crate) packed_size: Option<u64>,
    /// Whether it is declared encrypted.
    pub(crate) encrypted: bool,
    /// Its bytes, or why they cannot be had.
    pub(crate) decoder: Result<Decoder, Unscannable>,
}

/// What became of the bytes of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MemberEnd {
    /// Packed bytes that were taken.
    pub(crate) packed: u64,
    /// Bytes that came out.
    pub(crate) unpacked: u64,
    /// Their CRC-32.
    pub(crate) crc: u32,
    /// Whether they are all there is.
    pub(crate) whole: Result<(), Unscannable>,
}

/// Walks through the bytes of one part in search of members.
pub(crate) enum Walker {
    /// There are none, or no more are looked for.
    Closed,
    /// A gzip file; what follows its members is looked through like any file.
    Gzip(gzip::GzipWalk),
    /// A ZIP archive, or a file of any kind that may have one somewhere.
    Zip(Box<zip::ZipWalk>),
}

impl Walker {
    /// Walks on through `inbox`, up to the next member. What it holds about members may grow by
    /// `index_room` bytes.
    pub(crate) fn walk(&mut self, inbox: &mut Inbox, index_room: usize) -> Option<Member> {
        match self {
            Self::Closed => {
                inbox.advance(inbox.front().len());
                None
            }
            Self::Gzip(walk) => match walk.walk(inbox) {
                gzip::Walked::On => None,
                gzip::Walked::Member(member) => Some(*member),
                gzip::Walked::Failed(tail) => {
                    *self = Self::Zip(tail);
                    None
                }
            },
            Self::Zip(walk) => walk.walk(inbox, index_room),
        }
    }

    /// The member that was opened last is over.
    pub(crate) fn member_ended(&mut self, end: &MemberEnd) {
        match self {
            Self::Closed => {}
            Self::Gzip(walk) => {
                *self = Self::Zip(walk.member_ended());
            }
            Self::Zip(walk) => walk.member_ended(end),
        }
    }

    /// The least reason for which a container was not followed, so far.
    pub(crate) fn failed(&self) -> Option<Unscannable> {
        match self {
            Self::Closed | Self::Gzip(_) => None,
            Self::Zip(walk) => walk.failed(),
        }
    }

    /// Where the container began that the walk is in.
    pub(crate) fn begun_at(&self) -> Option<u64> {
        match self {
            Self::Closed => None,
            Self::Gzip(_) => Some(0),
            Self::Zip(walk) => walk.begun_at(),
        }
    }

    /// How many of the bytes that were used may yet be put back.
    pub(crate) fn carried(&self) -> usize {
        match self {
            Self::Closed | Self::Gzip(_) => 0,
            Self::Zip(walk) => walk.carried(),
        }
    }

    /// Bytes held about the members that were met.
    pub(crate) fn index_bytes(&self) -> usize {
        match self {
            Self::Closed | Self::Gzip(_) => 0,
            Self::Zip(walk) => walk.index_bytes(),
        }
    }
}
