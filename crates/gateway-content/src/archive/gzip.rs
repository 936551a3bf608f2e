//! A gzip file (RFC 1952) as a container of one member: all that its streams unpack to.

use gateway_inspect::Unscannable;

use super::Member;
use super::zip::ZipWalk;
use crate::Limits;
use crate::coding::decoder::Decoder;
use crate::coding::gzip::{Gzip, Header, Read};
use crate::inbox::Inbox;

/// The walk through a gzip file up to its end.
pub(crate) struct GzipWalk {
    header: Header,
    limits: Limits,
}

/// What a walk came to.
pub(super) enum Walked {
    /// More bytes are needed.
    On,
    /// The member.
    Member(Box<Member>),
    /// It cannot be followed; what is left may hold an archive like any file.
    Failed(Box<ZipWalk>),
}

impl GzipWalk {
    /// At the first byte.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { header: Header::default(), limits: limits.clone() }
    }

    pub(super) fn walk(&mut self, inbox: &mut Inbox) -> Walked {
        let (consumed, read) = self.header.read(inbox.front());
        inbox.advance(consumed);
        match read {
            Read::More => Walked::On,
            Read::Foreign { .. } => self.give_up(Unscannable::Malformed),
            Read::Failed(reason) => self.give_up(reason),
            Read::Done => Walked::Member(Box::new(Member {
                name: std::mem::take(&mut self.header).into_name(),
                format: "gz",
                size: None,
                packed_size: None,
                encrypted: false,
                decoder: Ok(Decoder::GzipFile(Gzip::after_header(&self.limits))),
            })),
        }
    }

    /// The member is over; what follows may hold an archive like any file.
    pub(super) fn member_ended(&self) -> Box<ZipWalk> {
        Box::new(ZipWalk::searching(&self.limits))
    }

    fn give_up(&self, reason: Unscannable) -> Walked {
        let mut tail = self.member_ended();
        tail.fail(reason);
        Walked::Failed(tail)
    }
}
