//! A container that has to be there as a whole before its members can be told: gathered up to a
//! limit, opened at its end.

use bytes::{Bytes, BytesMut};
use gateway_inspect::Unscannable;

use super::cfb::Cfb;
use super::pdf::Pdf;
use crate::Limits;
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
    /// A Compound File.
    Cfb,
    Pdf,
}

enum File {
    Cfb(Box<Cfb>),
    Pdf(Box<Pdf>),
}

impl File {
    fn failed(&self) -> Option<Unscannable> {
        match self {
            Self::Cfb(file) => file.failed(),
            Self::Pdf(file) => file.failed(),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Cfb(file) => file.len(),
            Self::Pdf(file) => file.len(),
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
            return Walked::Become(Box::new(Walker::Zip(Box::new(ZipWalk::searching(&self.limits)))));
        }
        self.bytes.extend_from_slice(front);
        inbox.advance(front.len());
        Walked::On
    }

    /// All of it is there: the next member.
    pub(crate) fn at_end(&mut self) -> Option<Member> {
        if self.opened.is_none() {
            let bytes: Bytes = self.bytes.split().freeze();
            match self.format {
                Format::Pdf => {
                    let file = Pdf::open(bytes, &self.limits);
                    self.opened = Some(File::Pdf(Box::new(file)));
                }
                Format::Cfb => match Cfb::open(bytes) {
                    Ok(file) => self.opened = Some(File::Cfb(Box::new(file))),
                    Err(reason) => {
                        self.failed = Some(reason);
                        return None;
                    }
                },
            }
        }
        match self.opened.as_mut()? {
            File::Cfb(file) => file.next_member(&self.limits),
            File::Pdf(file) => file.next_member(),
        }
    }
}
