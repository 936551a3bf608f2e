//! A gzip file (RFC 1952) as a container of one member: all that its streams unpack to.

use gateway_inspect::Unscannable;

use super::binary::BinaryWalk;
use super::{Member, Walked, Walker};
use crate::Limits;
use crate::coding::decoder::Decoder;
use crate::coding::gzip::{Gzip, Header, Read};
use crate::inbox::Inbox;

/// The walk through a gzip file up to its end.
pub(crate) struct GzipWalk {
    header: Header,
    limits: Limits,
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
            Read::Done => {
                let name = std::mem::take(&mut self.header).into_name();
                let decoder = Decoder::GzipFile(Gzip::after_header(&self.limits));
                Walked::from(Some(Member::stream("gz", name, decoder)))
            }
        }
    }

    /// The member is over; what follows may hold anything like any file.
    pub(super) fn member_ended(&self) -> Box<BinaryWalk> {
        Box::new(BinaryWalk::following(&self.limits))
    }

    fn give_up(&self, reason: Unscannable) -> Walked {
        let mut tail = self.member_ended();
        tail.fail(reason);
        Walked::Become(Box::new(Walker::Binary(tail)))
    }
}
