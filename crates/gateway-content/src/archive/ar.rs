//! Archives of `ar`, as libraries and packages of Debian are: a signature, and members of which each
//! stands behind a header of text.

use gateway_inspect::Unscannable;

use super::Member;
use super::headed::{Entry, Head, Headed};
use crate::Limits;
use crate::coding::decoder::Decoder;

const SIGNATURE: &[u8] = b"!<arch>\n";
const HEADER_BYTES: usize = 60;

/// The format.
#[derive(Default)]
pub(crate) struct Ar {
    is_begun: bool,
}

impl Headed for Ar {
    fn read(&mut self, head: &[u8], _: &Limits) -> Head {
        if !self.is_begun {
            if head.len() < SIGNATURE.len() {
                return Head::Need(SIGNATURE.len());
            }
            self.is_begun = true;
            return Head::Skip { bytes: SIGNATURE.len(), skip: 0 };
        }
        let Some(header) = head.get(..HEADER_BYTES) else { return Head::Need(HEADER_BYTES) };
        let field = |from: usize, to: usize| header.get(from..to).unwrap_or_default().trim_ascii();
        let size = std::str::from_utf8(field(48, 58)).ok().and_then(|text| text.parse().ok());
        let Some(size) = size.filter(|_| header.ends_with(b"`\n")) else {
            return Head::Broken(Unscannable::Malformed);
        };
        let name = field(0, 16);
        let name = name.strip_suffix(b"/").filter(|name| !name.is_empty()).unwrap_or(name);
        let member = Member::stream("ar", name.to_vec(), Decoder::Stored { left: size });
        Head::Member(Box::new(Entry {
            bytes: HEADER_BYTES,
            packed: Some(size),
            behind: size % 2,
            crc: None,
            member: Member { size: Some(size), ..member },
        }))
    }

    fn may_end(&self) -> bool {
        self.is_begun
    }
}
