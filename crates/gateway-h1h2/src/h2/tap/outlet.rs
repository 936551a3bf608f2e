//! The direction to the peer: what has been framed, and what frees the budgets.

use super::Notes;
use crate::h2::frame::{DATA, HEADERS, Header, Place, RST_STREAM};
use crate::h2::halves::Ends;
use crate::h2::purse::Purse;

/// The direction to the peer.
#[derive(Debug)]
pub(in crate::h2) struct Outlet {
    place: Place,
}

impl Outlet {
    pub(in crate::h2) fn new(preface_bytes: usize) -> Self {
        Self { place: Place::new(preface_bytes) }
    }

    /// Looks at the next bytes.
    pub(in crate::h2) fn pass(&mut self, bytes: &[u8], notes: &mut Notes, purse: &mut Purse) {
        let mut rest = bytes;
        loop {
            let taken = self.place.pass(rest);
            let frame = self.place.frame();
            if taken > 0 && frame.kind == DATA {
                match notes.framed.last_mut() {
                    Some((stream, sum)) if *stream == frame.stream => *sum += taken,
                    Some(_) | None => notes.framed.push((frame.stream, taken)),
                }
            }
            rest = rest.get(taken..).unwrap_or_default();
            if rest.is_empty() {
                return;
            }
            let Some((frame, taken)) = self.place.enter(rest) else { return };
            begin_sent(frame, notes, purse);
            rest = rest.get(taken..).unwrap_or_default();
        }
    }

    /// Whether a frame may be written here by hand.
    pub(in crate::h2) fn is_between_frames(&self) -> bool {
        self.place.is_between_frames()
    }
}

fn begin_sent(frame: Header, notes: &mut Notes, purse: &mut Purse) {
    match frame.kind {
        DATA if frame.length > 0 => purse.body_sent(),
        HEADERS => {
            // Of a client: the response is still to come. A server opens none.
            notes.halves.head(frame.stream, Ends::Later);
            purse.head();
        }
        RST_STREAM => notes.resets_sent.push_back(frame.stream),
        _ => {}
    }
}
