//! The properties of a mail or of an attachment in `winmail.dat` ([MS-OXTNEF], section 2.1.3.4): each value that is
//! no number is a member by the number and type of its property; the text in RTF is unpacked.

use gateway_inspect::Unscannable;

use crate::Limits;
use crate::archive::Member;
use crate::archive::headed::{Entry, Head, Headed, u16_at, u32_at};
use crate::coding::bounded::Bounded;
use crate::coding::decoder::Decoder;
use crate::document::compressed_rtf::CompressedRtf;

/// Text in RTF, packed.
const RTF: (u16, u16) = (0x1009, BINARY);
const OBJECT: u16 = 0x0d;
const STRING: u16 = 0x1e;
const UNICODE: u16 = 0x1f;
const BINARY: u16 = 0x102;
/// The flag of types that have many values.
const MANY: u16 = 0x1000;
/// Properties from here on have names.
const NAMED: u16 = 0x8000;
/// Set and kind of a name, and its length or number.
const NAME_BYTES: usize = 24;
/// What an object begins with: the interface by which it is read.
const INTERFACE_BYTES: usize = 16;

/// The format.
#[derive(Default)]
pub(super) struct Mapi {
    is_begun: bool,
    /// The property whose values are read: number, type, and how many are left.
    open: Option<(u16, u16, u32)>,
    failed: Option<Unscannable>,
}

impl Mapi {
    /// A property: its number, type and name, and how many values it has.
    fn property(&mut self, head: &[u8]) -> Head {
        if head.len() < 4 {
            return Head::Need(4);
        }
        let (kind, number) = (u16_at(head, 0), u16_at(head, 2));
        let mut at = 4;
        if number >= NAMED {
            at += NAME_BYTES;
            if head.len() < at {
                return Head::Need(at);
            }
            if u32_at(head, at - 8) == 1 {
                let name = (u32_at(head, at - 4) as usize).checked_next_multiple_of(4);
                at = at.saturating_add(name.unwrap_or(usize::MAX));
                if head.len() < at {
                    return Head::Need(at);
                }
            }
        }
        let counts = kind & MANY != 0 || matches!(kind, OBJECT | STRING | UNICODE | BINARY);
        let count = if counts {
            let end = at.saturating_add(4);
            if head.len() < end {
                return Head::Need(end);
            }
            at = end;
            u32_at(head, end - 4)
        } else {
            1
        };
        self.open = Some((number, kind & !MANY, count));
        Head::Skip { bytes: at, skip: 0 }
    }

    /// A value of a property.
    fn value(&mut self, head: &[u8], number: u16, kind: u16, left: u32) -> Head {
        let fixed = match kind {
            OBJECT | STRING | UNICODE | BINARY => None,
            0x01 => Some(0),
            0x02..=0x04 | 0x0a | 0x0b => Some(4),
            0x05..=0x07 | 0x14 | 0x40 => Some(8),
            0x48 => Some(16),
            _ => {
                // How long it is nobody knows.
                self.failed = Some(Unscannable::Malformed);
                return Head::End(0);
            }
        };
        if let Some(skip) = fixed {
            self.open = None;
            return Head::Skip { bytes: 0, skip: skip * u64::from(left) };
        }
        let start = if kind == OBJECT { 4 + INTERFACE_BYTES } else { 4 };
        if head.len() < 4 {
            return Head::Need(4);
        }
        let len = u64::from(u32_at(head, 0));
        let padded = len.next_multiple_of(4);
        self.open = Some((number, kind, left - 1));
        let Some(content) = len.checked_sub(start as u64 - 4).filter(|len| *len > 0) else {
            return Head::Skip { bytes: 4, skip: padded };
        };
        if head.len() < start {
            self.open = Some((number, kind, left));
            return Head::Need(start);
        }
        let (decoder, size) = match (number, kind) {
            RTF => {
                let text = Bounded::new(CompressedRtf::new(), Some(content));
                (Decoder::Other(Box::new(text)), None)
            }
            _ => (Decoder::Stored { left: content }, Some(content)),
        };
        let name = format!("{number:04x}{kind:04x}").into_bytes();
        let member = Member::stream("mapi", name, decoder);
        Head::Member(Box::new(Entry {
            bytes: start,
            packed: Some(content),
            behind: padded - len,
            crc: None,
            member: Member { size, packed_size: Some(content), ..member },
        }))
    }
}

impl Headed for Mapi {
    fn read(&mut self, head: &[u8], _: &Limits) -> Head {
        match self.open {
            Some((number, kind, left @ 1..)) => return self.value(head, number, kind, left),
            Some(_) => self.open = None,
            None => {}
        }
        if !self.is_begun {
            if head.len() < 4 {
                return Head::Need(4);
            }
            self.is_begun = true;
            return Head::Skip { bytes: 4, skip: 0 };
        }
        self.property(head)
    }

    fn may_end(&self) -> bool {
        self.open.is_none_or(|(_, _, left)| left == 0)
    }

    fn failed(&self) -> Option<Unscannable> {
        self.failed
    }
}
