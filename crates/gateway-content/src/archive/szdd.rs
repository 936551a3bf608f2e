//! Files of Microsoft's `compress.exe` (SZDD), in both of their forms: one packed file each.

use super::Member;
use super::headed::{Entry, Head, Headed, u32_at};
use crate::Limits;
use crate::coding::decoder::Decoder;
use crate::coding::lzss::Lzss;
use crate::coding::stepped::{Sizes, Stepped};

/// The signatures, the bytes of the header, and where in the window the first byte goes.
const FORMS: [(&[u8], usize, usize); 2] =
    [(b"SZDD\x88\xf0\x27\x33", 14, 4_096 - 16), (b"SZ \x88\xf0\x27\x33\xd1", 12, 4_096 - 18)];

/// The format.
#[derive(Default)]
pub(crate) struct Szdd {
    is_read: bool,
}

impl Headed for Szdd {
    fn read(&mut self, head: &[u8], limits: &Limits) -> Head {
        if self.is_read {
            return Head::End(0);
        }
        let form = FORMS.iter().find(|(signature, ..)| {
            let seen = head.get(..signature.len()).unwrap_or(head);
            signature.starts_with(seen)
        });
        let Some((_, bytes, start)) = form else {
            return Head::Broken(gateway_inspect::Unscannable::Malformed);
        };
        if head.len() < *bytes {
            return Head::Need(*bytes);
        }
        self.is_read = true;
        let unpacked = u64::from(u32_at(head, bytes - 4));
        let sizes = Sizes { packed: None, unpacked };
        let decoder = Decoder::Other(Box::new(Stepped::new(Lzss::new(*start), sizes, limits)));
        let member = Member::stream("szdd", Vec::new(), decoder);
        Head::Member(Box::new(Entry {
            bytes: *bytes,
            packed: None,
            behind: 0,
            crc: None,
            member: Member { size: Some(unpacked), ..member },
        }))
    }

    fn may_end(&self) -> bool {
        self.is_read
    }
}
