//! `winmail.dat` ([MS-OXTNEF]): the attachments and the text of a mail as Outlook packs them up.

use super::mapi::Mapi;
use crate::Limits;
use crate::archive::Member;
use crate::archive::headed::{Entry, Head, Headed, u32_at};
use crate::coding::decoder::Decoder;

/// Signature and key.
const START_BYTES: usize = 6;
/// Level, name and type of an attribute, and its length.
const HEADER_BYTES: usize = 9;
const CHECKSUM_BYTES: u64 = 2;
const BODY: u32 = 0x0002_800c;
const MESSAGE_PROPERTIES: u32 = 0x0006_9003;
const ATTACHMENT_DATA: u32 = 0x0006_800f;
const ATTACHMENT_PROPERTIES: u32 = 0x0006_9005;

/// The format.
#[derive(Default)]
pub(crate) struct Tnef {
    is_begun: bool,
    attachments: u32,
}

impl Headed for Tnef {
    fn read(&mut self, head: &[u8], _: &Limits) -> Head {
        if !self.is_begun {
            if head.len() < START_BYTES {
                return Head::Need(START_BYTES);
            }
            self.is_begun = true;
            return Head::Skip { bytes: START_BYTES, skip: 0 };
        }
        match head {
            [] => return Head::Need(1),
            [1 | 2, ..] if head.len() < HEADER_BYTES => return Head::Need(HEADER_BYTES),
            [1 | 2, ..] => {}
            // Some writers leave a byte behind the last attribute.
            _ => return Head::End(0),
        }
        let (attribute, len) = (u32_at(head, 1), u64::from(u32_at(head, 5)));
        let name = match attribute {
            // Its title comes only behind it.
            ATTACHMENT_DATA => {
                self.attachments += 1;
                self.attachments.to_string().into_bytes()
            }
            BODY => b"body".to_vec(),
            MESSAGE_PROPERTIES | ATTACHMENT_PROPERTIES => b"properties".to_vec(),
            _ => return Head::Skip { bytes: HEADER_BYTES, skip: len + CHECKSUM_BYTES },
        };
        let inner: Option<Box<dyn Headed>> = match attribute {
            MESSAGE_PROPERTIES | ATTACHMENT_PROPERTIES => Some(Box::new(Mapi::default())),
            _ => None,
        };
        let member = Member::stream("tnef", name, Decoder::Stored { left: len });
        let member = Member { inner, ..member };
        Head::Member(Box::new(Entry {
            bytes: HEADER_BYTES,
            packed: Some(len),
            behind: CHECKSUM_BYTES,
            crc: None,
            member: Member { size: Some(len), packed_size: Some(len), ..member },
        }))
    }

    fn may_end(&self) -> bool {
        self.is_begun
    }
}
