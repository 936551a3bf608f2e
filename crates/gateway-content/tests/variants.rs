//! Ways to bring a file past a scanner: contradictory headers, things put before and behind, files
//! that are of two kinds at once, odd encodings. Each is found as a part of its own, whatever the
//! chunks, or the reason says why it could not be looked at. None of them ends clean.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![expect(clippy::disallowed_methods, reason = "other programs write some of the files")]

#[path = "variants/documents.rs"]
mod documents;
#[path = "variants/mail.rs"]
mod mail;
#[path = "variants/polyglots.rs"]
mod polyglots;
#[path = "variants/programs.rs"]
mod programs;
#[path = "variants/streams.rs"]
mod streams;
#[path = "variants/tapes.rs"]
mod tapes;
#[path = "variants/text.rs"]
mod text;
#[path = "variants/writers.rs"]
mod writers;
#[path = "variants/zip.rs"]
mod zip;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use gateway_content::{BodyInfo, Budget, Limits, PartEvent, Step, Unpacker};
use gateway_inspect::{
    Examiner, Findings, Inspector, Offset, Outcome, Part, Progress, Reach, Unscannable, Wanted,
    Window,
};

/// What is to become of a variant.
#[derive(Clone, Debug)]
pub(crate) enum Want {
    /// The file is found as a part, and there is nothing that was not looked at.
    Found,
    /// The file is found as a part; something else could not be looked at.
    FoundAnd(Unscannable),
    /// The file is not found, for that reason.
    Refused(Unscannable),
}

/// One variant.
pub(crate) struct Variant {
    name: String,
    body: Vec<u8>,
    content_type: &'static str,
    want: Want,
}

impl Variant {
    pub(crate) fn of_type(self, content_type: &'static str) -> Self {
        Self { content_type, ..self }
    }
}

pub(crate) fn found(name: &str, body: Vec<u8>) -> Variant {
    Variant { name: name.into(), body, content_type: "", want: Want::Found }
}

pub(crate) fn found_and(name: &str, reason: Unscannable, body: Vec<u8>) -> Variant {
    Variant { want: Want::FoundAnd(reason), ..found(name, body) }
}

pub(crate) fn refused(name: &str, reason: Unscannable, body: Vec<u8>) -> Variant {
    Variant { want: Want::Refused(reason), ..found(name, body) }
}

/// Three files to bring in: a program, the text that scanners are tried with, and bytes of no kind.
fn payloads() -> Vec<(&'static str, Vec<u8>)> {
    let mut program = b"MZ".to_vec();
    program.resize(64, 0);
    program[60] = 64;
    program.extend_from_slice(b"PE\0\0\x4c\x01\x01\0");
    program.resize(84, 0);
    program.extend_from_slice(&[0xe0, 0, 2, 1, 0x0b, 1]);
    program.resize(544, 0x90);
    program[520..544].copy_from_slice(b"this program is malware!");
    let text = [&br"X5O!P%@AP[4\PZX54(P^)7CC)7}$"[..], b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"];
    let noise = (0..700u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8);
    vec![("program", program), ("text", text.concat()), ("noise", noise.collect())]
}

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

/// The paths of parts that are the file, and why parts could not be looked at.
type Seen = (BTreeSet<String>, Vec<(String, Unscannable)>);

fn unpack(variant: &Variant, file: &[u8], chunk: usize) -> Seen {
    let found = Arc::default();
    let examiner = Exact { want: file.to_vec(), found: Arc::clone(&found) };
    let examiners: Arc<[Arc<dyn Examiner>]> = Arc::new([Arc::new(examiner)]);
    let inspect = gateway_inspect::Limits::default();
    let (mut info, limits) = (BodyInfo::default(), Limits::default());
    if !variant.content_type.is_empty() {
        info = info.with_content_type(variant.content_type.as_bytes());
    }
    let mut unpacker = Unpacker::new(examiners, Wanted::all(), &info, &limits, &inspect);
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
    for piece in variant.body.chunks(chunk) {
        unpacker.push(Bytes::copy_from_slice(piece));
        work(&mut unpacker);
    }
    unpacker.end();
    work(&mut unpacker);
    let found = std::mem::take(&mut *found.lock().unwrap());
    (found, reasons)
}

/// Bodies above this are not looked at in every chunking.
const LARGE: usize = 200_000;

/// Looks at all variants with all files; every failure is told.
fn check(variants: impl Fn(&[u8]) -> Vec<Variant>) {
    let mut failures = Vec::new();
    for (kind, file) in payloads() {
        for variant in variants(&file) {
            let whole = unpack(&variant, &file, variant.body.len().max(1));
            let chunks: &[usize] =
                if variant.body.len() > LARGE { &[16_384] } else { &[1, 7, 1_460, 16_384] };
            for chunk in chunks {
                let seen = unpack(&variant, &file, *chunk);
                if seen != whole {
                    failures.push(format!("{} ({kind}) by {chunk}: {seen:?}", variant.name));
                }
            }
            let reasons: Vec<Unscannable> = whole.1.iter().map(|(_, reason)| *reason).collect();
            let is_found = !whole.0.is_empty();
            let is_right = match &variant.want {
                Want::Found => is_found && reasons.is_empty(),
                Want::FoundAnd(reason) => is_found && reasons.contains(reason),
                Want::Refused(reason) => !is_found && reasons.contains(reason),
            };
            if !is_right {
                let want = &variant.want;
                failures.push(format!("{} ({kind}), want {want:?}: {whole:?}", variant.name));
            }
        }
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn archives_with_contradictions() {
    check(zip::variants);
}

#[test]
fn archives_within_archives() {
    check(zip::nested);
}

#[test]
fn large_archives() {
    let (_, program) = payloads().remove(0);
    check(|file| if file == program { zip::large(file) } else { Vec::new() });
}

#[test]
fn compressed_streams() {
    check(streams::variants);
}

#[test]
fn tapes_and_packages() {
    check(tapes::variants);
}

#[test]
fn files_of_two_kinds() {
    check(polyglots::variants);
}

#[test]
fn messages_and_forms() {
    check(mail::variants);
}

#[test]
fn texts_that_encode() {
    check(text::variants);
}

#[test]
fn documents_that_carry() {
    check(documents::variants);
}

#[test]
fn archives_of_7_zip() {
    check(programs::of_7_zip);
}

#[test]
fn archives_of_other_programs() {
    check(programs::variants);
}
