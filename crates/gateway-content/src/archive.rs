//! Containers: what opens their members, one format per file.

pub(crate) mod alz;
pub(crate) mod ar;
pub(crate) mod arj;
pub(crate) mod autoit;
pub(crate) mod bare;
pub(crate) mod behind;
pub(crate) mod binary;
mod btree;
pub(crate) mod cab;
pub(crate) mod chm;
pub(crate) mod cpio;
pub(crate) mod dmg;
pub(crate) mod egg;
pub(crate) mod embedded;
pub(crate) mod fat;
pub(crate) mod foreign;
pub(crate) mod gzip;
pub(crate) mod headed;
mod hfs;
mod index;
pub(crate) mod install_shield;
mod iso;
pub(crate) mod lzh;
pub(crate) mod mac_binary;
pub(crate) mod mach_o;
pub(crate) mod nsis;
pub(crate) mod onward;
pub(crate) mod partitions;
pub(crate) mod rar;
mod record;
pub(crate) mod rpm;
pub(crate) mod seek;
pub(crate) mod seven_zip;
pub(crate) mod single;
pub(crate) mod sis;
pub(crate) mod sliced;
pub(crate) mod swf;
pub(crate) mod szdd;
pub(crate) mod tar;
mod tar_sparse;
pub(crate) mod trailer;
mod udf;
mod udf_bridge;
mod udf_entry;
pub(crate) mod volume;
pub(crate) mod wim;
pub(crate) mod xar;
pub(crate) mod zip;

use bytes::BytesMut;
use gateway_inspect::Unscannable;

use crate::coding::decoder::Decoder;
use crate::coding::remains::Remains;
use crate::declared::Declared;
use crate::document::gathered::Gathered;
use crate::document::ole1::Ole1Walk;
use crate::inbox::Inbox;
use crate::mail::walk::MimeWalk;
use crate::text::walk::TextWalk;
use crate::trace::Trace;

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
    /// Whether it is its container in a plainer form.
    pub(crate) view: bool,
    /// What is declared about it.
    pub(crate) declared: Declared,
    /// From where on the container is needed for it, if not from where the walk stands.
    pub(crate) from: Option<u64>,
    /// What is unpacked already.
    pub(crate) primed: BytesMut,
    /// What that came from.
    pub(crate) primed_from: Option<Box<Trace>>,
    /// What it consists of, if it is no file itself.
    pub(crate) inner: Option<Box<dyn headed::Headed>>,
    /// Its bytes, or why they cannot be had.
    pub(crate) decoder: Result<Decoder, Unscannable>,
}

impl Member {
    /// A member of which no more than its name is known.
    pub(crate) fn stream(format: &'static str, name: Vec<u8>, decoder: Decoder) -> Self {
        Self {
            name,
            format,
            size: None,
            packed_size: None,
            encrypted: false,
            view: false,
            declared: Declared::default(),
            from: None,
            primed: BytesMut::new(),
            primed_from: None,
            inner: None,
            decoder: Ok(decoder),
        }
    }

    /// The container itself in a plainer form.
    pub(crate) fn view(format: &'static str, name: Vec<u8>, decoder: Decoder) -> Self {
        Self { view: true, ..Self::stream(format, name, decoder) }
    }
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

/// What a walk came to.
pub(crate) enum Walked {
    /// Something was used; no member yet.
    On,
    /// A member.
    Member(Box<Member>),
    /// What follows is walked through in another way.
    Become(Box<Walker>),
}

impl From<Option<Member>> for Walked {
    fn from(member: Option<Member>) -> Self {
        member.map_or(Self::On, |member| Self::Member(Box::new(member)))
    }
}

/// Walks through the bytes of one part in search of members.
pub(crate) enum Walker {
    /// There are none, or no more are looked for.
    Closed,
    /// A ZIP archive, a file of no kind that is opened, and what follows other containers.
    Binary(Box<binary::BinaryWalk>),
    Cpio(Box<cpio::CpioWalk>),
    /// A container that is gathered, as its index comes last or its parts are scattered.
    Gathered(Box<Gathered>),
    /// A gzip file; what follows its members is looked through like any file.
    Gzip(gzip::GzipWalk),
    /// A row of headers with data behind each.
    Headed(Box<headed::HeadedWalk>),
    Mime(Box<MimeWalk>),
    /// An object of OLE 1.
    Ole1(Box<Ole1Walk>),
    /// One compressed stream.
    Single(single::SingleWalk),
    Tar(Box<tar::TarWalk>),
    /// Text, in which there may be other things, or an archive behind it.
    Text(Box<TextWalk>),
}

impl Walker {
    /// Walks on through `inbox`, up to the next member. What it holds about members may grow by
    /// `index_room` bytes, and what it gathers by `room`.
    pub(crate) fn walk(
        &mut self,
        inbox: &mut Inbox,
        index_room: usize,
        room: usize,
    ) -> Option<Member> {
        let walked = match self {
            Self::Closed => {
                inbox.advance(inbox.front().len());
                return None;
            }
            Self::Binary(walk) => walk.walk(inbox, index_room, room),
            Self::Cpio(walk) => walk.walk(inbox),
            Self::Gathered(walk) => walk.walk(inbox, room),
            Self::Gzip(walk) => walk.walk(inbox),
            Self::Headed(walk) => walk.walk(inbox),
            Self::Mime(walk) => walk.walk(inbox),
            Self::Ole1(walk) => walk.walk(inbox),
            Self::Single(walk) => walk.walk(),
            Self::Tar(walk) => walk.walk(inbox),
            Self::Text(walk) => walk.walk(inbox, index_room),
        };
        match walked {
            Walked::On => None,
            Walked::Member(member) => Some(*member),
            Walked::Become(next) => {
                let failed = self.failed();
                *self = *next;
                match (failed, &mut *self) {
                    (Some(reason), Self::Text(walk)) => walk.fail(reason),
                    (Some(reason), Self::Mime(walk)) => walk.fail(reason),
                    (Some(reason), Self::Binary(walk)) => walk.fail(reason),
                    (Some(reason), Self::Gathered(walk)) => walk.fail(reason),
                    (Some(reason), Self::Headed(walk)) => walk.fail(reason),
                    _ => {}
                }
                None
            }
        }
    }

    /// All bytes of the part have come: puts back what may have begun something and did not, if there is any.
    pub(crate) fn put_back(&mut self, inbox: &mut Inbox) -> bool {
        match self {
            Self::Binary(walk) => walk.put_back(inbox),
            Self::Headed(walk) => {
                let next = walk.put_back(inbox);
                let is_left = next.is_some();
                if let Some(next) = next {
                    *self = Self::Binary(next);
                }
                is_left
            }
            Self::Text(walk) => walk.put_back(inbox),
            Self::Closed
            | Self::Cpio(_)
            | Self::Gathered(_)
            | Self::Gzip(_)
            | Self::Mime(_)
            | Self::Ole1(_)
            | Self::Single(_)
            | Self::Tar(_) => false,
        }
    }

    /// All bytes of the part have been walked through: a member that only shows now.
    pub(crate) fn at_end(&mut self) -> Option<Member> {
        match self {
            Self::Gathered(walk) => walk.at_end(),
            Self::Headed(walk) => {
                walk.end();
                None
            }
            Self::Mime(walk) => {
                walk.end();
                None
            }
            Self::Tar(walk) => {
                walk.end();
                None
            }
            Self::Cpio(walk) => {
                walk.end();
                None
            }
            Self::Ole1(walk) => {
                walk.end();
                None
            }
            Self::Binary(_) | Self::Closed | Self::Gzip(_) | Self::Single(_) | Self::Text(_) => {
                None
            }
        }
    }

    /// The member that was met last is open.
    pub(crate) fn member_opened(&mut self) {
        if let Self::Text(walk) = self {
            walk.member_opened();
        }
    }

    /// The member that was opened last is over.
    pub(crate) fn member_ended(&mut self, end: &MemberEnd) {
        match self {
            Self::Closed | Self::Gathered(_) => {}
            Self::Binary(walk) => walk.member_ended(end),
            Self::Cpio(walk) => walk.member_ended(),
            Self::Headed(walk) => walk.member_ended(end),
            Self::Mime(walk) => walk.member_ended(),
            Self::Ole1(walk) => *self = Self::Binary(walk.member_ended()),
            // How far a stream was read that breaks depends on the pieces: what is behind it stays
            // unsearched, and the member says why.
            Self::Gzip(_) | Self::Single(_) if end.whole.is_err() => *self = Self::Closed,
            Self::Gzip(walk) => *self = Self::Binary(walk.member_ended()),
            Self::Single(walk) => *self = Self::Binary(walk.member_ended()),
            Self::Tar(walk) => walk.member_ended(end),
            Self::Text(walk) => walk.member_ended(end),
        }
    }

    /// What the member that was opened last leaves to the next.
    pub(crate) fn keep(&mut self, remains: Option<Remains>) {
        if let (Self::Headed(walk), Some(remains)) = (self, remains) {
            walk.keep(remains);
        }
    }

    /// Bytes that it holds of that at the most.
    pub(crate) fn kept(&self) -> usize {
        match self {
            Self::Headed(walk) => walk.kept(),
            _ => 0,
        }
    }

    /// The archive that a walk through other things is in.
    fn zip(&self) -> Option<&zip::ZipWalk> {
        match self {
            Self::Binary(walk) => Some(walk.zip()),
            Self::Text(walk) => walk.zip(),
            _ => None,
        }
    }

    /// The least reason for which a container was not followed, so far.
    pub(crate) fn failed(&self) -> Option<Unscannable> {
        match self {
            Self::Closed | Self::Gzip(_) | Self::Single(_) => None,
            Self::Binary(walk) => walk.failed(),
            Self::Cpio(walk) => walk.failed(),
            Self::Gathered(walk) => walk.failed(),
            Self::Headed(walk) => walk.failed(),
            Self::Mime(walk) => walk.failed(),
            Self::Ole1(walk) => walk.failed(),
            Self::Tar(walk) => walk.failed(),
            Self::Text(walk) => walk.failed(),
        }
    }

    /// Where the container began that the walk is in.
    pub(crate) fn begun_at(&self) -> Option<u64> {
        match self {
            Self::Gathered(walk) => Some(walk.begun_at()),
            Self::Headed(walk) => Some(walk.begun_at()),
            Self::Binary(_) | Self::Closed | Self::Mime(_) | Self::Text(_) => {
                self.zip().and_then(zip::ZipWalk::begun_at)
            }
            Self::Cpio(_) | Self::Gzip(_) | Self::Ole1(_) | Self::Single(_) | Self::Tar(_) => {
                Some(0)
            }
        }
    }

    /// Whether a container that has not ended is cut.
    pub(crate) fn is_unfinished(&self) -> bool {
        match self {
            Self::Gzip(_) => true,
            Self::Binary(_) | Self::Text(_) => self.begun_at().is_some(),
            // They say themselves why they failed.
            _ => false,
        }
    }

    /// From where on bytes are needed for members that may yet be opened; `None` if those begin
    /// where the walk stands.
    pub(crate) fn needs_from(&self) -> Option<u64> {
        match self {
            Self::Binary(walk) => walk.needs_from(),
            Self::Gathered(walk) => Some(walk.begun_at()),
            Self::Headed(walk) => walk.needs_from(),
            Self::Text(walk) => walk.needs_from(),
            _ => None,
        }
    }

    /// How many of the bytes that were used may yet be put back.
    pub(crate) fn carried(&self) -> usize {
        match self {
            Self::Binary(walk) => walk.carried(),
            Self::Text(walk) => walk.carried(),
            _ => self.zip().map_or(0, zip::ZipWalk::carried),
        }
    }

    /// Bytes held about the members that were met.
    pub(crate) fn index_bytes(&self) -> usize {
        self.zip().map_or(0, zip::ZipWalk::index_bytes)
    }

    /// Bytes that are gathered.
    pub(crate) fn gathered(&self) -> usize {
        match self {
            Self::Binary(walk) => walk.gathered(),
            Self::Gathered(walk) => walk.gathered(),
            Self::Headed(walk) => walk.gathered(),
            _ => 0,
        }
    }
}
