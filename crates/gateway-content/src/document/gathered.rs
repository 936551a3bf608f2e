//! A container that has to be there as a whole before its members can be told: gathered up to a
//! limit, opened at its end.

use bytes::{Bytes, BytesMut};
use gateway_inspect::Unscannable;

use super::cfb::Cfb;
use super::pdf::Pdf;
use crate::Limits;
use crate::archive::binary::BinaryWalk;
use crate::archive::cab::Cab;
use crate::archive::chm::Chm;
use crate::archive::dmg::Dmg;
use crate::archive::headed::HeadedWalk;
use crate::archive::onward::Onward;
use crate::archive::seven_zip::SevenZip;
use crate::archive::sis::Sis;
use crate::archive::volume::{FileSystem, Volume};
use crate::archive::wim::Wim;
use crate::archive::xar::Xar;
use crate::archive::{Member, Walked, Walker};
use crate::inbox::Inbox;

/// The walk.
pub(crate) struct Gathered {
    bytes: BytesMut,
    /// The container, once all of it is there.
    opened: Option<File>,
    format: Format,
    begun_at: u64,
    failed: Option<Unscannable>,
    limits: Limits,
}

/// What it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Cab,
    /// A help file.
    Chm,
    /// A Compound File.
    Cfb,
    /// An image of Apple's.
    Dmg,
    Pdf,
    SevenZip,
    /// A package of Symbian.
    Sis,
    /// A file system, of which the first bytes may be missing.
    Volume {
        system: FileSystem,
        base: u64,
    },
    /// An image of Windows.
    Wim,
    Xar,
}

enum File {
    Cab(Box<Cab>),
    Chm(Box<Chm>),
    Cfb(Box<Cfb>),
    Dmg(Box<Dmg>),
    Pdf(Box<Pdf>),
    SevenZip(Box<SevenZip>),
    Sis(Box<Sis>),
    Volume(Box<Volume>),
    Wim(Box<Wim>),
    Xar(Box<Xar>),
}

impl File {
    fn failed(&self) -> Option<Unscannable> {
        match self {
            Self::Cab(file) => file.failed(),
            Self::Chm(file) => file.failed(),
            Self::Cfb(file) => file.failed(),
            Self::Dmg(file) => file.failed(),
            Self::Pdf(file) => file.failed(),
            Self::SevenZip(file) => file.failed(),
            Self::Sis(file) => file.failed(),
            Self::Volume(file) => file.failed(),
            Self::Wim(file) => file.failed(),
            Self::Xar(file) => file.failed(),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Cab(file) => file.len(),
            Self::Chm(file) => file.len(),
            Self::Cfb(file) => file.len(),
            Self::Dmg(file) => file.len(),
            Self::Pdf(file) => file.len(),
            Self::SevenZip(file) => file.len(),
            Self::Sis(file) => file.len(),
            Self::Volume(file) => file.len(),
            Self::Wim(file) => file.len(),
            Self::Xar(file) => file.len(),
        }
    }
}

impl Gathered {
    /// A walk at the first byte of a file of that format.
    pub(crate) fn new(format: Format, limits: &Limits) -> Self {
        Self {
            bytes: BytesMut::new(),
            opened: None,
            format,
            begun_at: 0,
            failed: None,
            limits: limits.clone(),
        }
    }

    /// A walk behind the first bytes of such a file, of which bytes up to `begun_at` were used.
    pub(crate) fn resumed(format: Format, first: &[u8], begun_at: u64, limits: &Limits) -> Self {
        Self { bytes: first.into(), begun_at, ..Self::new(format, limits) }
    }

    /// A walk behind all of an image of Apple's.
    pub(crate) fn image(bytes: Bytes, limits: &Limits) -> Self {
        // It is told by its end, which is where its members count as beginning.
        Self { begun_at: bytes.len() as u64, bytes: bytes.into(), ..Self::new(Format::Dmg, limits) }
    }

    /// A walk at a byte of the part that `base` is in an image.
    pub(crate) fn volume(system: FileSystem, base: u64, begun_at: u64, limits: &Limits) -> Self {
        Self::behind(system, base, &[], begun_at, limits)
    }

    /// The same behind the `first` bytes from `base` on, of which bytes up to `begun_at` were used.
    pub(crate) fn behind(
        system: FileSystem,
        base: u64,
        first: &[u8],
        begun_at: u64,
        limits: &Limits,
    ) -> Self {
        Self::resumed(Format::Volume { system, base }, first, begun_at, limits)
    }

    /// Notes why a walk that came before failed.
    pub(crate) fn fail(&mut self, reason: Unscannable) {
        self.failed = Some(self.failed.map_or(reason, |old| old.min(reason)));
    }

    /// Up to where the part was used before it showed what it is.
    pub(crate) const fn begun_at(&self) -> u64 {
        self.begun_at
    }

    pub(crate) fn failed(&self) -> Option<Unscannable> {
        let of_file = self.opened.as_ref().and_then(File::failed);
        [self.failed, of_file].into_iter().flatten().min()
    }

    pub(crate) fn gathered(&self) -> usize {
        self.bytes.len() + self.opened.as_ref().map_or(0, File::len)
    }

    /// Takes in the front of `inbox`, if there is `room` for it.
    pub(crate) fn walk(&mut self, inbox: &mut Inbox, room: usize) -> Walked {
        let front = inbox.front();
        if front.len() > room {
            // Up to where it was gathered does not depend on the pieces.
            if let Format::Volume { system, base } = self.format {
                self.bytes.extend_from_slice(front.get(..room).unwrap_or_default());
                inbox.advance(room);
                let bytes = self.bytes.split().freeze();
                let onward = Onward::open((system, base), bytes, self.begun_at, &self.limits);
                let walk = HeadedWalk::new(Box::new(onward), self.begun_at, &self.limits);
                return Walked::Become(Box::new(Walker::Headed(Box::new(walk))));
            }
            inbox.advance(room);
            self.failed = Some(Unscannable::TooLarge);
            self.bytes = BytesMut::new();
            return Walked::Become(Box::new(Walker::Binary(Box::new(BinaryWalk::following(
                &self.limits,
            )))));
        }
        self.bytes.extend_from_slice(front);
        inbox.advance(front.len());
        Walked::On
    }

    /// All of it is there: the next member.
    pub(crate) fn at_end(&mut self) -> Option<Member> {
        if self.opened.is_none() {
            let bytes: Bytes = self.bytes.split().freeze();
            let limits = &self.limits;
            let opened = match self.format {
                Format::Cab => Cab::open(bytes).map(|file| File::Cab(Box::new(file))),
                Format::Chm => Chm::open(bytes).map(|file| File::Chm(Box::new(file))),
                Format::Sis => Sis::open(bytes).map(|file| File::Sis(Box::new(file))),
                Format::Cfb => Cfb::open(bytes, limits).map(|file| File::Cfb(Box::new(file))),
                Format::Dmg => Dmg::open(bytes).map(|file| File::Dmg(Box::new(file))),
                Format::Pdf => Ok(File::Pdf(Box::new(Pdf::open(bytes, limits)))),
                Format::Volume { system, base } => {
                    let volume = Volume::open(system, base, bytes, limits);
                    Ok(File::Volume(Box::new(volume)))
                }
                Format::Wim => Wim::open(bytes).map(|file| File::Wim(Box::new(file))),
                Format::Xar => Xar::open(bytes, limits).map(|file| File::Xar(Box::new(file))),
                Format::SevenZip => {
                    SevenZip::open(bytes, limits).map(|file| File::SevenZip(Box::new(file)))
                }
            };
            match opened {
                Ok(file) => self.opened = Some(file),
                Err(reason) => {
                    self.failed = Some(reason);
                    return None;
                }
            }
        }
        match self.opened.as_mut()? {
            File::Cab(file) => file.next_member(&self.limits),
            File::Chm(file) => file.next_member(&self.limits),
            File::Sis(file) => file.next_member(&self.limits),
            File::Volume(file) => file.next_member(),
            File::Wim(file) => file.next_member(&self.limits),
            File::Xar(file) => file.next_member(&self.limits),
            File::Cfb(file) => file.next_member(&self.limits),
            File::Dmg(file) => file.next_member(&self.limits),
            File::Pdf(file) => file.next_member(),
            File::SevenZip(file) => file.next_member(&self.limits),
        }
    }
}
