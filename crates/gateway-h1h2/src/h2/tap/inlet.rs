//! The direction from the peer: what has come, what it costs, and what must wait until what came before
//! has been told.

use super::{Notes, Response};
use crate::h2::Fault;
use crate::h2::frame::{
    CONTINUATION, DATA, GOAWAY, HEADERS, Header, PING, PUSH_PROMISE, Place, RST_STREAM, SETTINGS,
    WINDOW_UPDATE,
};
use crate::h2::purse::{Coin, Purse};
use crate::h2::setting::Setting;
use crate::h2::trailing::Front;

/// Heads that pass before those in front of them have been told: the engine keeps each in a map that
/// takes some hundred bytes for a field of one byte.
const HEADS_MAX: u32 = 32;
/// DATA of fewer bytes counts as small.
const SMALL_BYTES: u32 = 16;

/// Blocks that begin so are those of a final response: one of the statuses that the static table has
/// (RFC 7541 §A), all of them 200 or higher.
const FINAL: std::ops::RangeInclusive<u8> = 0x88..=0x8e;

/// The direction from the peer.
#[derive(Debug)]
pub(in crate::h2) struct Inlet {
    place: Place,
    /// A frame waits until what came before it has been told.
    held: bool,
    /// The frame that was held may pass.
    lifted: bool,
    /// Streams whose head came since streams were last looked at, and has not ended them.
    fresh: Vec<u32>,
    /// Heads that came since streams were last looked at.
    heads: u32,
    /// GOAWAY was the last frame: the engine may have closed.
    parting: bool,
    /// The highest stream that was opened.
    highest: u32,
    /// The unfinished header block opens a stream.
    opening: bool,
    /// Frames of the unfinished header block.
    continued: u32,
    /// A header block is not finished.
    amid_block: bool,
    /// Frames that have ended, unfinished header blocks left out.
    complete: u64,
    /// The first frame has come.
    greeted: bool,
    /// The peer is a client.
    serves: bool,
    /// The begin of a block of trailers.
    front: Front,
    /// What the unfinished header block can be.
    response: Response,
    /// One setting of a SETTINGS frame, as far as it has come.
    setting: Setting,
    /// The code of a RST_STREAM, as far as it has come.
    code: u32,
}

/// How far bytes may pass.
pub(in crate::h2) struct Passed {
    pub(in crate::h2) bytes: usize,
    /// Why not further.
    pub(in crate::h2) stop: Option<Stop>,
}

pub(in crate::h2) enum Stop {
    /// Until [`Inlet::lift`].
    Held,
    /// For ever.
    Fault(Fault),
}

/// Where in the payload of a frame a piece of it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Payload {
    Begin,
    Later,
}

impl Inlet {
    pub(in crate::h2) fn new(preface_bytes: usize) -> Self {
        Self {
            place: Place::new(preface_bytes),
            held: false,
            lifted: false,
            fresh: Vec::new(),
            heads: 0,
            parting: false,
            highest: 0,
            opening: false,
            continued: 0,
            amid_block: false,
            complete: 0,
            greeted: false,
            serves: preface_bytes > 0,
            front: Front::default(),
            response: Response::Any,
            setting: Setting::default(),
            code: 0,
        }
    }

    /// Looks at the next bytes.
    ///
    /// RST_STREAM, GOAWAY and what follows it, and an empty end of a stream whose head is new are held
    /// up until [`lift`](Self::lift), so that what is told does not depend on the pieces in which
    /// bytes come; and the next head when there are many, so that they take little memory. A frame that is refused stays out, and what came before it passes.
    pub(in crate::h2) fn pass(
        &mut self,
        bytes: &[u8],
        notes: &mut Notes,
        purse: &mut Purse,
    ) -> Passed {
        let mut passed = 0;
        while let Some(rest @ [_, ..]) = bytes.get(passed..) {
            if self.place.left() > 0 {
                match self.pass_payload(rest, notes, purse) {
                    Ok(taken) => passed += taken,
                    Err(fault) => return Passed { bytes: passed, stop: Some(Stop::Fault(fault)) },
                }
                continue;
            }
            let Some((frame, taken)) = self.place.enter(rest) else {
                passed = bytes.len();
                break;
            };
            passed += taken;
            if let Some(stop) = self.enter(frame, notes, purse) {
                // All but the last byte of its header may go: that moves nothing.
                self.place.step_back();
                return Passed { bytes: passed - 1, stop: Some(stop) };
            }
            if frame.length == 0 {
                self.end(frame, notes);
            }
        }
        Passed { bytes: passed, stop: None }
    }

    /// Looks at what of `bytes`, which are not empty, belongs to the payload of the last frame; says how
    /// many that are.
    fn pass_payload(
        &mut self,
        bytes: &[u8],
        notes: &mut Notes,
        purse: &mut Purse,
    ) -> Result<usize, Fault> {
        let frame = self.place.frame();
        let at = if self.place.left() == frame.length { Payload::Begin } else { Payload::Later };
        let taken = self.place.pass(bytes);
        let payload = bytes.get(..taken).unwrap_or_default();
        self.look_into(frame, payload, at, purse)?;
        if self.place.left() == 0 {
            self.end(frame, notes);
        }
        Ok(taken)
    }

    /// Whether a frame must stay out.
    fn enter(&mut self, frame: Header, notes: &mut Notes, purse: &mut Purse) -> Option<Stop> {
        if self.must_wait(frame) {
            self.held = true;
            return Some(Stop::Held);
        }
        (self.lifted, self.parting) = (false, false);
        let fault = match std::mem::replace(&mut self.greeted, true) {
            // RFC 9113 §3.4.
            false if frame.kind != SETTINGS || frame.acknowledges() => Some(Fault::Preface),
            _ if frame.has_wrong_size() => Some(Fault::FrameSize),
            _ => self.begin(frame, notes, purse).err(),
        };
        fault.map(Stop::Fault)
    }

    fn must_wait(&self, frame: Header) -> bool {
        let waits = match frame.kind {
            RST_STREAM | GOAWAY => true,
            HEADERS => self.heads >= HEADS_MAX,
            DATA => frame.length == 0 && frame.ends_stream() && self.fresh.contains(&frame.stream),
            _ => false,
        };
        (waits || self.parting) && !self.lifted
    }

    /// Looks at a piece of the payload of a frame, where what is in it matters here.
    fn look_into(
        &mut self,
        frame: Header,
        payload: &[u8],
        at: Payload,
        purse: &mut Purse,
    ) -> Result<(), Fault> {
        match frame.kind {
            DATA if frame.is_padded_data() && at == Payload::Begin => {
                let padding = payload.first().copied().unwrap_or(0);
                let data = frame.length.saturating_sub(1 + u32::from(padding));
                count_data(frame, data, purse)
            }
            RST_STREAM => {
                for byte in payload {
                    self.code = self.code << 8 | u32::from(*byte);
                }
                Ok(())
            }
            SETTINGS => payload.iter().try_for_each(|byte| self.setting.push(*byte)),
            HEADERS if self.serves => self.front.look(payload),
            HEADERS => {
                let at_block = at == Payload::Begin && frame.bytes_before_block() == 0;
                if at_block && payload.first().is_some_and(|first| FINAL.contains(first)) {
                    self.response = Response::Final;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// What came before a held frame has been told. Says whether there was one.
    pub(in crate::h2) fn lift(&mut self) -> bool {
        self.fresh.clear();
        self.heads = 0;
        self.lifted |= self.held;
        std::mem::take(&mut self.held)
    }

    fn begin(&mut self, frame: Header, notes: &mut Notes, purse: &mut Purse) -> Result<(), Fault> {
        // Within a block only a CONTINUATION may come (§6.10): that is the engine's to judge.
        if !self.amid_block {
            notes.halves.receive(frame)?;
        }
        match frame.kind {
            // How much of it is padding stands in its first byte.
            DATA if frame.is_padded_data() && frame.length > 0 => {}
            DATA => count_data(frame, frame.length, purse)?,
            HEADERS => {
                self.heads += 1;
                self.continued = 0;
                self.opening = frame.stream > self.highest;
                self.response = Response::Any;
                self.front = match self.serves && !self.opening {
                    true => Front::behind(frame.bytes_before_block()),
                    false => Front::default(),
                };
                self.highest = self.highest.max(frame.stream);
                purse.head();
            }
            CONTINUATION => {
                self.continued += 1;
                if self.continued > purse.continuation_max {
                    return Err(Fault::BudgetContinuation);
                }
            }
            RST_STREAM => {
                self.code = 0;
                purse.take(Coin::Cancelled)?;
            }
            SETTINGS => {
                self.setting = Setting::default();
                purse.take(Coin::Settings)?;
            }
            PUSH_PROMISE => return Err(Fault::PushPromise),
            PING => purse.take(Coin::Ping)?,
            WINDOW_UPDATE => purse.take(Coin::WindowUpdate)?,
            // PRIORITY, GOAWAY and what is not known.
            _ => purse.take(Coin::Ignored)?,
        }
        Ok(())
    }

    /// Whether a head or frame has begun and not ended: which one, counted from the first. What is
    /// held up here has not been taken, and counts as ended.
    pub(in crate::h2) fn begun(&self) -> Option<u64> {
        let begun = (self.amid_block || self.place.is_amid_head()) && !self.held;
        begun.then_some(self.complete)
    }

    #[inline]
    fn end(&mut self, frame: Header, notes: &mut Notes) {
        match frame.kind {
            DATA => {}
            HEADERS | CONTINUATION => return self.end_part_of_block(frame, notes),
            SETTINGS => notes.acknowledged |= frame.acknowledges(),
            RST_STREAM => notes.resets.push_back((frame.stream, self.code)),
            GOAWAY => {
                (notes.going_away, notes.parting) = (true, true);
                self.parting = true;
            }
            _ => {}
        }
        self.complete += u64::from(!self.amid_block);
    }

    fn end_part_of_block(&mut self, frame: Header, notes: &mut Notes) {
        self.amid_block = !frame.ends_block();
        self.complete += u64::from(!self.amid_block);
        if frame.kind == HEADERS && !frame.ends_stream() {
            self.fresh.push(frame.stream);
        }
        if frame.kind == HEADERS && !self.serves {
            notes.heads.push((frame.stream, self.response));
        }
        if frame.ends_block() && std::mem::take(&mut self.opening) {
            notes.opened += 1;
        }
    }
}

/// Counts a DATA frame that brings so many bytes.
fn count_data(frame: Header, bytes: u32, purse: &mut Purse) -> Result<(), Fault> {
    match bytes {
        _ if frame.ends_stream() => Ok(()),
        0 => purse.take(Coin::DataEmpty),
        1..SMALL_BYTES => purse.take(Coin::DataSmall),
        SMALL_BYTES.. => {
            purse.body_received();
            Ok(())
        }
    }
}
