//! A file that was planted in a body: which parts are the file, and which could not be looked at.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use gateway_content::{BodyInfo, Budget, Limits, PartEvent, Step, Unpacker};
use gateway_inspect::{
    Examiner, Findings, Inspector, Offset, Outcome, Part, Progress, Reach, Unscannable, Wanted,
    Window,
};

/// Notes the paths of parts that are the file.
struct Exact {
    want: Vec<u8>,
    found: Arc<Mutex<BTreeSet<String>>>,
}

struct Compare {
    want: Vec<u8>,
    have: Vec<u8>,
    name: String,
    found: Arc<Mutex<BTreeSet<String>>>,
}

impl Examiner for Exact {
    fn open(&self, part: &Part, _: &Wanted) -> Option<Box<dyn Inspector>> {
        let (want, found) = (self.want.clone(), Arc::clone(&self.found));
        Some(Box::new(Compare { want, have: Vec::new(), name: part.name.clone(), found }))
    }
}

impl Inspector for Compare {
    fn reach(&self) -> Reach {
        Reach::Part
    }

    fn memory_max(&self) -> usize {
        self.want.len() + 1
    }

    fn push(&mut self, window: Window<'_>, _: &mut Findings) -> Progress {
        let room = (self.want.len() + 1).saturating_sub(self.have.len());
        self.have.extend(window.fresh().iter().take(room));
        Progress::More { clear_to: Offset::ZERO }
    }

    fn finish(&mut self, _: Window<'_>, _: &mut Findings) -> Outcome {
        if self.have == self.want {
            self.found.lock().unwrap().insert(std::mem::take(&mut self.name));
        }
        Outcome::Clean
    }
}

/// The paths of parts that are the file, and of parts that could not be looked at, with the reason.
pub(crate) type Seen = (BTreeSet<String>, Vec<(String, Unscannable)>);

/// Unpacks `body`, of which `info` is known, in pieces of `chunk` bytes, and looks for `file`.
pub(crate) fn unpack(body: &[u8], info: &BodyInfo, file: &[u8], chunk: usize) -> Seen {
    let found = Arc::default();
    let examiner = Exact { want: file.to_vec(), found: Arc::clone(&found) };
    let examiners: Arc<[Arc<dyn Examiner>]> = Arc::new([Arc::new(examiner)]);
    let inspect = gateway_inspect::Limits::default();
    let limits = Limits::default();
    let mut unpacker = Unpacker::new(examiners, Wanted::all(), info, &limits, &inspect);
    let mut reasons = Vec::new();
    let mut work = |unpacker: &mut Unpacker| loop {
        let step = unpacker.step(Budget::default());
        reasons.extend(unpacker.parts().filter_map(|event| match event {
            PartEvent::Ended(end) => Some((end.part.name, end.outcome.unscannable?)),
            _ => None,
        }));
        let _ = unpacker.reports().count();
        if matches!(step, Step::NeedInput | Step::Done) {
            break;
        }
    };
    for piece in body.chunks(chunk) {
        unpacker.push(Bytes::copy_from_slice(piece));
        work(&mut unpacker);
    }
    unpacker.end();
    work(&mut unpacker);
    let found = std::mem::take(&mut *found.lock().unwrap());
    (found, reasons)
}
