//! Files that follow each other in one unpacked stream, as in the folders of 7z and CAB.

use std::collections::VecDeque;

use super::Member;
use super::headed::{Entry, Head, Headed};
use crate::Limits;
use crate::coding::decoder::Decoder;

/// A file: its name and size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slice {
    pub(crate) name: Vec<u8>,
    pub(crate) size: u64,
}

/// The files, in their order and without gaps.
pub(crate) struct Sliced {
    format: &'static str,
    slices: VecDeque<Slice>,
}

impl Sliced {
    pub(crate) fn new(format: &'static str, slices: Vec<Slice>) -> Self {
        Self { format, slices: slices.into() }
    }
}

impl Headed for Sliced {
    fn read(&mut self, _: &[u8], _: &Limits) -> Head {
        let Some(slice) = self.slices.pop_front() else { return Head::End(0) };
        let decoder = Decoder::Stored { left: slice.size };
        let member = Member::stream(self.format, slice.name, decoder);
        Head::Member(Box::new(Entry {
            bytes: 0,
            packed: Some(slice.size),
            behind: 0,
            crc: None,
            member: Member { size: Some(slice.size), ..member },
        }))
    }

    fn may_end(&self) -> bool {
        self.slices.iter().all(|slice| slice.size == 0)
    }
}
