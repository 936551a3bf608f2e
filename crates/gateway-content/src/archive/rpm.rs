//! RPM packages (their format, version 4): a lead, two headers of which the first is padded, and one
//! compressed archive of cpio.

use gateway_inspect::Unscannable;

use super::Member;
use super::headed::{Entry, Head, Headed};
use crate::Limits;
use crate::coding::decoder::Decoder;
use crate::coding::up_to::UpTo;

const LEAD_BYTES: usize = 96;
const HEADER: &[u8] = &[0x8e, 0xad, 0xe8];
const HEADER_BYTES: usize = 16;
const ENTRY_BYTES: u64 = 16;

/// The format.
#[derive(Default)]
pub(crate) struct Rpm {
    next: Next,
}

/// What comes next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Next {
    #[default]
    Lead,
    Signature,
    Header,
    Payload,
    End,
}

impl Headed for Rpm {
    fn read(&mut self, head: &[u8], _: &Limits) -> Head {
        match self.next {
            Next::Lead if head.len() < LEAD_BYTES => Head::Need(LEAD_BYTES),
            Next::Lead => {
                self.next = Next::Signature;
                Head::Skip { bytes: LEAD_BYTES, skip: 0 }
            }
            Next::Signature | Next::Header => self.header(head),
            Next::Payload => {
                self.next = Next::End;
                let rest = Decoder::Other(Box::new(UpTo::new(0, u64::MAX)));
                let member = Member::stream("rpm", b"payload".to_vec(), rest);
                Head::Member(Box::new(Entry {
                    bytes: 0,
                    packed: None,
                    behind: 0,
                    crc: None,
                    member,
                }))
            }
            Next::End => Head::End(0),
        }
    }

    fn may_end(&self) -> bool {
        matches!(self.next, Next::Payload | Next::End)
    }
}

impl Rpm {
    fn header(&mut self, head: &[u8]) -> Head {
        let Some(header) = head.get(..HEADER_BYTES) else { return Head::Need(HEADER_BYTES) };
        if !header.starts_with(HEADER) {
            return Head::Broken(Unscannable::Malformed);
        }
        let number = |at: usize| {
            let four = header.get(at..).and_then(|b| b.first_chunk());
            four.map_or(0, |b| u64::from(u32::from_be_bytes(*b)))
        };
        let bytes = number(8) * ENTRY_BYTES + number(12);
        let skip = if self.next == Next::Signature { bytes.next_multiple_of(8) } else { bytes };
        self.next = if self.next == Next::Signature { Next::Header } else { Next::Payload };
        Head::Skip { bytes: HEADER_BYTES, skip }
    }
}
