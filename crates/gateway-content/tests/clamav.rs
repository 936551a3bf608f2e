//! ClamAV's own test files, as Debian's package `clamav-testfiles` has them: one small program in
//! containers of every kind. It is found as a part of its own, whatever the chunks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![expect(clippy::disallowed_methods, reason = "the files are Debian's")]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use gateway_content::{BodyInfo, Budget, Limits, PartEvent, Step, Unpacker};
use gateway_inspect::{
    Examiner, Findings, Inspector, Offset, Outcome, Part, Progress, Reach, Unscannable, Wanted,
    Window,
};

const FILES: &str = "/usr/share/clamav-testfiles";

/// The program.
const PROGRAM: &str = "clam.exe";

/// Gathers every part and notes the path of those that are the program.
struct Program {
    bytes: Vec<u8>,
    found: Arc<Mutex<BTreeSet<String>>>,
}

struct Compare {
    want: Vec<u8>,
    have: Vec<u8>,
    name: String,
    found: Arc<Mutex<BTreeSet<String>>>,
}

impl Examiner for Program {
    fn open(&self, part: &Part, _: &Wanted) -> Option<Box<dyn Inspector>> {
        let (want, found) = (self.bytes.clone(), Arc::clone(&self.found));
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

/// The paths of parts that are the program, and why parts could not be looked at.
fn unpack(body: &[u8], program: &[u8], chunk: usize) -> (BTreeSet<String>, Vec<Unscannable>) {
    let found = Arc::default();
    let examiner = Program { bytes: program.to_vec(), found: Arc::clone(&found) };
    let examiners: Arc<[Arc<dyn Examiner>]> = Arc::new([Arc::new(examiner)]);
    let inspect = gateway_inspect::Limits::default();
    let (info, limits) = (BodyInfo::default(), Limits::default());
    let mut unpacker = Unpacker::new(examiners, Wanted::all(), &info, &limits, &inspect);
    let mut reasons = Vec::new();
    let mut work = |unpacker: &mut Unpacker| loop {
        let step = unpacker.step(Budget::default());
        reasons.extend(unpacker.parts().filter_map(|event| match event {
            PartEvent::Ended(end) => end.outcome.unscannable,
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

#[test]
fn the_program_is_found_in_the_containers_of_clamav() {
    let read = |name: &str| {
        let path = Path::new(FILES).join(name);
        std::fs::read(&path)
            .unwrap_or_else(|e| panic!("{}: {e}; see clamav-testfiles", path.display()))
    };
    let program = read(PROGRAM);
    let mut names: Vec<String> = std::fs::read_dir(FILES)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let mut missed = Vec::new();
    for name in &names {
        let body = read(name);
        let whole = unpack(&body, &program, body.len());
        for chunk in [1, 7, 1_460, 16_384] {
            assert_eq!(unpack(&body, &program, chunk), whole, "{name} by {chunk}");
        }
        println!("{name}: {whole:?}");
        if whole.0.is_empty() {
            missed.push(name.as_str());
        }
    }
    assert!(names.len() >= 44, "{} files", names.len());
    assert_eq!(missed, [""; 0]);
}
