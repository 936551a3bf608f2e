//! Finds the signatures of archives in a text, in whatever pieces it comes. Whether one begins there its
//! header tells.

use memchr::memmem::Finder;

use super::runs::find_mark;
use super::tail::Tail;
use crate::archive::behind::SIGNATURES;

/// The search.
#[derive(Debug)]
pub(super) struct Archives {
    finders: [Finder<'static>; SIGNATURES.len()],
}

impl Archives {
    pub(super) fn new() -> Self {
        Self { finders: SIGNATURES.map(Finder::new) }
    }

    /// Where the first signature ends in `text`, which follows `tail`, and the signature.
    pub(super) fn find(&self, tail: &Tail, text: &[u8]) -> Option<(usize, &'static [u8])> {
        let ends = self.finders.iter().map(|finder| find_mark(finder, tail, text));
        ends.zip(SIGNATURES).filter_map(|(end, signature)| Some((end?, signature))).min()
    }
}
