//! A container that has to be there as a whole before its members can be told: gathered up to a
//! limit, opened at its end.

use bytes::{Bytes, BytesMut};
use gateway_inspect::Unscannable;

use super::cfb::Cfb;
use super::pdf::Pdf;
use crate::Limits;
use crate::archive::cab::Cab;
use crate::archive::seven_zip::SevenZip;
use crate::archive::zip::ZipWalk;
use crate::archive::{Member, Walked, Walker};
use crate::inbox::Inbox;

/// The walk.
pub(crate) struct Gathered {
    bytes: BytesMut,
    /// The container, once all of it is there.
    opened: Option<File>,
    format: Format,
    failed: Option<Unscannable>,
    limits: Limits,
}

/// What it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Cab,
    /// A Compound File.
    Cfb,
    Pdf,
    SevenZip,
}

enum File {
    Cab(Box<Cab>),
    Cfb(Box<Cfb>),
    Pdf(Box<Pdf>),
    SevenZip(Box<SevenZip>),
}

impl File {
    fn failed(&self) -> Option<Unscannable> {
        match self {
            Self::Cab(file) => file.failed(),
            Self::Cfb(file) => file.failed(),
            Self::Pdf(file) => file.failed(),
            Self::SevenZip(file) => file.failed(),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Cab(file) => file.len(),
            Self::Cfb(file) => file.len(),
            Self::Pdf(file) => file.len(),
            Self::SevenZip(file) => file.len(),
        }
    }
}

impl Gathered {
    /// A walk at the first byte of a file of that format.
    pub(crate) fn new(format: Format, limits: &Limits) -> Self {
        Self { bytes: BytesMut::new(), opened: None, format, failed: None, limits: limits.clone() }
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
            self.failed = Some(Unscannable::TooLarge);
            self.bytes = BytesMut::new();
            return Walked::Become(Box::new(Walker::Zip(Box::new(ZipWalk::searching(
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
                Format::Cfb => Cfb::open(bytes).map(|file| File::Cfb(Box::new(file))),
                Format::Pdf => Ok(File::Pdf(Box::new(Pdf::open(bytes, limits)))),
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
            File::Cfb(file) => file.next_member(&self.limits),
            File::Pdf(file) => file.next_member(),
            File::SevenZip(file) => file.next_member(&self.limits),
        }
    }
}
