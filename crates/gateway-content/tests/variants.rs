//! Ways to bring a file past a scanner: contradictory headers, things put before and behind, files
//! that are of two kinds at once, odd encodings. Each is found as a part of its own, whatever the
//! chunks, or the reason says why it could not be looked at. None of them ends clean.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![expect(clippy::disallowed_methods, reason = "other programs write some of the files")]

#[path = "variants/documents.rs"]
mod documents;
#[path = "variants/mail.rs"]
mod mail;
#[path = "variants/planted.rs"]
mod planted;
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

use gateway_content::BodyInfo;
use gateway_inspect::Unscannable;

use crate::planted::unpack;

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

/// Bodies above this are not looked at in every chunking.
const LARGE: usize = 200_000;

/// Looks at all variants with all files; every failure is told.
fn check(variants: impl Fn(&[u8]) -> Vec<Variant>) {
    let mut failures = Vec::new();
    for (kind, file) in payloads() {
        for variant in variants(&file) {
            let info = BodyInfo::default();
            let info = match variant.content_type {
                "" => info,
                content_type => info.with_content_type(content_type.as_bytes()),
            };
            let look = |chunk| unpack(&variant.body, &info, &file, chunk);
            let whole = look(variant.body.len().max(1));
            let chunks: &[usize] =
                if variant.body.len() > LARGE { &[16_384] } else { &[1, 7, 1_460, 16_384] };
            for chunk in chunks {
                let seen = look(*chunk);
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
fn archives_of_full_models() {
    let (_, program) = payloads().remove(0);
    check(|file| if file == program { programs::of_full_models(file) } else { Vec::new() });
}

#[test]
fn archives_of_gnu_tar() {
    check(programs::of_gnu_tar);
}

#[test]
fn archives_of_other_programs() {
    check(programs::variants);
}
