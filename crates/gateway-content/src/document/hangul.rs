//! Documents of Hangul. Those of version 5 are Compound Files of which most streams are deflated; those of version 3
//! have a header of their own, and all behind it is deflated.

use gateway_inspect::Unscannable;

use crate::Limits;
use crate::archive::Member;
use crate::archive::headed::{Entry, Head, Headed, u16_at, u32_at};
use crate::coding::decoder::Decoder;
use crate::coding::held::Deflated;
use crate::coding::inflate::{self, Wrapper};

/// The stream of version 5 that tells what the others are, and what it begins with.
const HEADER: &str = "FileHeader";
const SIGNATURE: &[u8] = b"HWP Document File\0";
const FLAGS_AT: usize = 36;
const IS_PACKED: u32 = 1;
/// A document that is to be read alone: its sections are in `ViewText`, and encrypted.
const TO_READ: u32 = 1 << 2;
/// By a password, by rights, by a certificate, by rights by one.
const ENCRYPTED: u32 = 1 << 1 | 1 << 4 | 1 << 8 | 1 << 10;
/// Folders of streams, and streams, that are deflated if any are.
const PACKED: [&str; 3] = ["BodyText", "DocInfo", "Scripts"];
/// Those of which each may be or not.
const MAYBE_PACKED: [&str; 4] = ["BinData", "DocHistory", "ViewText", "XMLTemplate"];
/// Bytes by which that is told.
const TOLD_BYTES: usize = 512;
/// What the name of an embedded object ends with, and what begins it behind its length.
const OBJECT: &str = ".OLE";
const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
const LENGTH_BYTES: usize = 4;

/// Whether a stream may be that one.
pub(super) fn is_header(path: &str) -> bool {
    path.eq_ignore_ascii_case(HEADER)
}

/// What a document of version 5 says of its streams.
pub(super) struct Hangul {
    flags: u32,
}

impl Hangul {
    /// Reads the stream [`HEADER`]; none if it is of another kind of file.
    pub(super) fn read(header: &[u8]) -> Option<Self> {
        header.starts_with(SIGNATURE).then(|| Self { flags: u32_at(header, FLAGS_AT) })
    }

    /// Whether any streams are encrypted.
    pub(super) fn is_encrypted(&self) -> bool {
        self.flags & (ENCRYPTED | TO_READ) != 0
    }

    /// What a stream consists of, if it is no file itself.
    pub(super) fn inner(&self, path: &str, stream: &[u8]) -> Option<Box<dyn Headed>> {
        let is_object = path.len().checked_sub(OBJECT.len()).and_then(|at| path.get(at..));
        let is_object = is_object.is_some_and(|end| end.eq_ignore_ascii_case(OBJECT));
        if self.is_packed(path, stream) {
            Some(Box::new(Stream { is_object, is_read: false }))
        } else if is_object {
            Some(Box::new(Object::default()))
        } else {
            None
        }
    }

    fn is_packed(&self, path: &str, stream: &[u8]) -> bool {
        let folder = path.split('/').next().unwrap_or_default();
        let is_of = |folders: &[&str]| folders.iter().any(|of| of.eq_ignore_ascii_case(folder));
        let is_told = || {
            let first = stream.get(..TOLD_BYTES).unwrap_or(stream);
            inflate::may_begin(Wrapper::Raw, first) != Some(false)
        };
        if stream.is_empty() || self.flags & IS_PACKED == 0 || self.flags & ENCRYPTED != 0 {
            return false;
        }
        let is_always = is_of(&PACKED) && self.flags & TO_READ == 0;
        is_always || (is_of(&PACKED) || is_of(&MAYBE_PACKED)) && is_told()
    }
}

/// A stream that is deflated.
struct Stream {
    is_object: bool,
    is_read: bool,
}

impl Headed for Stream {
    fn read(&mut self, _: &[u8], limits: &Limits) -> Head {
        if std::mem::replace(&mut self.is_read, true) {
            return Head::End(0);
        }
        let mut member = deflated(limits);
        if self.is_object {
            member.inner = Some(Box::new(Object::default()));
        }
        all_that_follows(0, member)
    }

    fn may_end(&self) -> bool {
        self.is_read
    }
}

/// An embedded object: a Compound File behind its length, or anything else.
#[derive(Default)]
struct Object {
    is_read: bool,
}

impl Headed for Object {
    fn read(&mut self, head: &[u8], _: &Limits) -> Head {
        if self.is_read {
            return Head::End(0);
        }
        let bytes = LENGTH_BYTES + COMPOUND.len();
        if head.len() < bytes {
            return Head::Need(bytes);
        }
        self.is_read = true;
        let begins = |at: &usize| head.get(*at..).is_some_and(|file| file.starts_with(COMPOUND));
        let Some(at) = [0, LENGTH_BYTES].into_iter().find(begins) else { return Head::End(0) };
        let name = at.to_string().into_bytes();
        all_that_follows(at, Member::stream("at", name, Decoder::unbounded()))
    }

    fn may_end(&self) -> bool {
        self.is_read
    }
}

/// A document of version 3.
#[derive(Default)]
pub(crate) struct Hwp3 {
    next: Next,
    failed: Option<Unscannable>,
}

/// What comes next of one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Next {
    #[default]
    Header,
    Body,
    End,
}

/// The signature, and what is told of the document.
const HEADER_BYTES: usize = 30 + 128;
/// Behind it: title, author and the like.
const SUMMARY_BYTES: u64 = 1_008;
const PASSWORD_AT: usize = 30 + 96;
const IS_PACKED_AT: usize = 30 + 124;
/// Length of what is behind the summary and not packed.
const MORE_BYTES_AT: usize = 30 + 126;

impl Headed for Hwp3 {
    fn read(&mut self, head: &[u8], limits: &Limits) -> Head {
        match self.next {
            Next::Header if head.len() < HEADER_BYTES => Head::Need(HEADER_BYTES),
            Next::Header => {
                self.next = Next::End;
                if u16_at(head, PASSWORD_AT) != 0 {
                    self.failed = Some(Unscannable::Encrypted);
                    return Head::End(0);
                }
                if head.get(IS_PACKED_AT).is_none_or(|packed| *packed == 0) {
                    return Head::End(0);
                }
                self.next = Next::Body;
                let skip = SUMMARY_BYTES + u64::from(u16_at(head, MORE_BYTES_AT));
                Head::Skip { bytes: HEADER_BYTES, skip }
            }
            Next::Body => {
                self.next = Next::End;
                all_that_follows(0, deflated(limits))
            }
            Next::End => Head::End(0),
        }
    }

    fn may_end(&self) -> bool {
        self.next == Next::End
    }

    fn failed(&self) -> Option<Unscannable> {
        self.failed
    }
}

fn deflated(limits: &Limits) -> Member {
    let decoder = Decoder::Other(Box::new(Deflated::new(limits)));
    Member::stream("deflate", Vec::new(), decoder)
}

/// A member behind `bytes` that ends as its decoder tells.
fn all_that_follows(bytes: usize, member: Member) -> Head {
    Head::Member(Box::new(Entry { bytes, packed: None, behind: 0, crc: None, member }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::deflate;

    #[track_caller]
    fn check(flags: u32, path: &str, stream: &[u8], want: [bool; 2]) {
        let mut header = [SIGNATURE, &[0; 18]].concat();
        header.extend_from_slice(&flags.to_le_bytes());
        let hangul = Hangul::read(&header).unwrap();
        let [is_packed, has_inner] = want;
        assert_eq!(hangul.is_packed(path, stream), is_packed, "{flags} {path}");
        assert_eq!(hangul.inner(path, stream).is_some(), has_inner, "{flags} {path}");
    }

    #[test]
    fn streams_are_packed_by_flags_and_places() {
        let packed = deflate(b"what a section has in it");
        let image = b"\xff\xd8\xff\xe0 an image";
        let (yes, no) = ([true; 2], [false; 2]);
        for path in ["BodyText/Section0", "bodytext/SECTION12", "DocInfo", "Scripts/DefaultJScript"]
        {
            check(IS_PACKED, path, &packed, yes);
            check(IS_PACKED, path, image, yes);
            check(IS_PACKED | TO_READ, path, image, no);
            check(IS_PACKED, path, b"", no);
            check(0, path, &packed, no);
            check(IS_PACKED | 2, path, &packed, no);
        }
        check(IS_PACKED, "BinData/BIN0001.jpg", &packed, yes);
        check(IS_PACKED, "BinData/BIN0001.jpg", image, no);
        check(IS_PACKED, "BinData/BIN0001.OLE", &packed, yes);
        check(IS_PACKED, "BinData/BIN0001.ole", image, [false, true]);
        check(0, "BinData/BIN0001.ole", &packed, [false, true]);
        for path in ["FileHeader", "PrvText", "\u{5}HwpSummaryInformation", "Other/DocInfo", ""] {
            check(IS_PACKED, path, &packed, no);
        }
        assert!(Hangul::read(b"HWP Document Files").is_none());
    }
}
