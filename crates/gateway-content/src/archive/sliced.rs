//! Files that follow each other in one unpacked stream, as in the folders of 7z and CAB.

use std::collections::VecDeque;

use gateway_inspect::Unscannable;

use super::{Member, Walked};
use crate::coding::decoder::Decoder;
use crate::inbox::Inbox;

/// A file: its name and size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slice {
    pub(crate) name: Vec<u8>,
    pub(crate) size: u64,
}

/// The walk.
pub(crate) struct SlicedWalk {
    format: &'static str,
    slices: VecDeque<Slice>,
    failed: Option<Unscannable>,
}

impl SlicedWalk {
    /// A walk through `slices`, in this order and without gaps.
    pub(crate) fn new(format: &'static str, slices: Vec<Slice>) -> Self {
        Self { format, slices: slices.into(), failed: None }
    }

    pub(crate) fn failed(&self) -> Option<Unscannable> {
        self.failed
    }

    /// The stream is over: whether before the last file.
    pub(crate) fn end(&mut self) {
        if !self.slices.is_empty() {
            self.failed = Some(Unscannable::Malformed);
        }
    }

    pub(crate) fn walk(&mut self, inbox: &mut Inbox) -> Walked {
        let Some(slice) = self.slices.pop_front() else {
            inbox.advance(inbox.front().len());
            return Walked::On;
        };
        let decoder = Decoder::Stored { left: slice.size };
        let member = Member::stream(self.format, slice.name, decoder);
        Walked::from(Some(Member { size: Some(slice.size), ..member }))
    }
}
