//! Tells whether a file begins within another one, where its signature was found: programs,
//! cabinets, 7z archives, and what installers carry. A few bytes are no file; each has to make sense
//! as one.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::autoit::{self, Script};
use super::behind;
use super::headed::{Headed, u32_at};
use super::install_shield::{self, Disks, Names, Packages, disk_entry};
use super::iso::{self, Iso};
use super::lzh::{self, Lzh};
use super::nsis::{self, Nsis};
use super::rar::Rar;
use super::sis;
use crate::program::layout;

/// Bytes of which a signature is looked for, at the most.
pub(crate) const SIGNATURE_BYTES: usize = 4;
/// The first bytes of each; a program has but two, and a method of LHA stands behind two others.
const SIGNATURES: [&[u8]; 15] = [
    b"MZ",
    b"MSCF",
    b"7z\xbc\xaf",
    b"\xef\xbe\xad\xde",
    b"\xa3\x48\x4b\xbe",
    b"Inst",
    b"Disk",
    b"CD00",
    b"Rar!",
    b"\xe7\x16\xe3\xbd",
    sis::SIGNATURE,
    b"%PDF",
    lzh::METHODS[0],
    lzh::METHODS[1],
    lzh::METHODS[2],
];
/// How far behind the start of a file readers of PDF look for it.
const PDF_AT_MAX: u64 = 1_024;
/// Bytes in which a program has to tell what it is.
const PROGRAM_BYTES_MAX: usize = 4 << 10;

static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(SIGNATURES).ok()
});

/// Where the first signature begins in `bytes`.
pub(crate) fn find(bytes: &[u8]) -> Option<usize> {
    FINDER.as_ref().and_then(|finder| finder.find(bytes)).map(|found| found.start())
}

/// How many of the last of `bytes` may begin a signature.
pub(crate) fn begun(bytes: &[u8]) -> usize {
    let longest = bytes.len().min(SIGNATURE_BYTES - 1);
    let begins = |n: &usize| {
        let tail = bytes.get(bytes.len() - n..).unwrap_or_default();
        SIGNATURES.iter().any(|signature| signature.starts_with(tail))
    };
    (1..=longest).rev().find(begins).unwrap_or(0)
}

/// The bytes before a signature that may belong to what it stands for.
pub(crate) type Before = [u8; lzh::METHOD_AT];

/// What stands where a signature was found.
pub(crate) enum Found {
    /// So many bytes have to be seen first, counted from the signature.
    Need(usize),
    Nothing,
    /// A file of so many bytes.
    File(u64),
    /// The same behind `skip` bytes.
    Data {
        skip: u64,
        bytes: u64,
    },
    /// What may be a package of Symbian, of which this is the third number.
    Package,
    /// What an installer carries, or an image: a row of things up to the end.
    Installer(Box<dyn Headed>),
    /// The same, from the bytes before the signature on.
    Archive(Box<dyn Headed>),
}

/// Tells what `head` is, which begins with a signature at `at` of its part, `before` in front of it.
pub(crate) fn look(head: &[u8], at: u64, before: Option<Before>) -> Found {
    if head.len() < SIGNATURE_BYTES {
        return Found::Need(SIGNATURE_BYTES);
    }
    let is_full = |signature: &[u8]| {
        let seen = head.get(..signature.len()).unwrap_or(head);
        signature.starts_with(seen).then_some(seen.len() == signature.len())
    };
    match head.first() {
        Some(b'M') if head.starts_with(b"MZ") => program(head),
        Some(b'M') => of_length(behind::cabinet(head)),
        Some(b'7') => of_length(behind::seven_zip(head)),
        Some(0xef) if at % nsis::STEP != nsis::FLAGS_BYTES => Found::Nothing,
        Some(0xef) => match is_full(nsis::SIGNATURE) {
            Some(true) => Found::Installer(Box::new(Nsis::default())),
            Some(false) => Found::Need(nsis::SIGNATURE.len()),
            None => Found::Nothing,
        },
        Some(0xa3) => match is_full(autoit::SIGNATURE) {
            Some(true) => Found::Installer(Box::new(Script::default())),
            Some(false) => Found::Need(autoit::SIGNATURE.len()),
            None => Found::Nothing,
        },
        Some(b'C') if at != iso::SIGNATURE_AT => Found::Nothing,
        Some(b'C') => match is_full(iso::SIGNATURE) {
            Some(true) => Found::Installer(Box::new(Iso::new())),
            Some(false) => Found::Need(iso::SIGNATURE.len()),
            None => Found::Nothing,
        },
        Some(b'-') => before.map_or(Found::Nothing, |before| lha(before, head)),
        Some(b'%') if at <= PDF_AT_MAX => Found::File(u64::MAX),
        Some(b'R') => rar(head),
        Some(0xe7) => note(head),
        Some(0x19) if at == sis::SIGNATURE_AT => Found::Package,
        Some(b'I') => match is_full(install_shield::SIGNATURE) {
            Some(_) => packages(head),
            None => Found::Nothing,
        },
        Some(b'D') => match is_full(install_shield::DISK) {
            Some(true) => match disk_entry(head, Names::None) {
                Err(need) => Found::Need(need),
                Ok(None) => Found::Nothing,
                Ok(Some(_)) => Found::Installer(Box::new(Disks::default())),
            },
            Some(false) => Found::Need(install_shield::DISK.len()),
            None => Found::Nothing,
        },
        _ => Found::Nothing,
    }
}

/// An archive up to the end.
fn rar(head: &[u8]) -> Found {
    match behind::rar(head) {
        Ok(Some(_)) => Found::Installer(Box::new(Rar::default())),
        Ok(None) => Found::Nothing,
        Err(need) => Found::Need(need),
    }
}

fn program(head: &[u8]) -> Found {
    match layout::file_bytes(head) {
        Ok(Some(bytes)) => Found::File(bytes),
        Err(need) if need <= PROGRAM_BYTES_MAX => Found::Need(need),
        Ok(None) | Err(_) => Found::Nothing,
    }
}

/// A file in the notes of OneNote ([MS-ONESTORE], section 2.6.13): it stands behind its length.
fn note(head: &[u8]) -> Found {
    const GUID: &[u8] = b"\xe7\x16\xe3\xbd\x65\x26\x11\x45\xa4\xc4\x8d\x4d\x0b\x7a\x9e\xac";
    const BYTES: usize = 36;
    if head.len() < BYTES {
        return Found::Need(BYTES);
    }
    if !head.starts_with(GUID) || u32_at(head, 20) != 0 {
        return Found::Nothing;
    }
    Found::Data { skip: BYTES as u64, bytes: u32_at(head, 16).into() }
}

/// An archive of LHA, by the header of its first member.
fn lha(before: Before, head: &[u8]) -> Found {
    match lzh::begins(&[&before, head].concat()) {
        Ok(true) => Found::Archive(Box::new(Lzh)),
        Ok(false) => Found::Nothing,
        Err(need) => Found::Need(need.saturating_sub(before.len())),
    }
}

/// A file of the length that its first header tells.
fn of_length(told: Result<Option<u64>, usize>) -> Found {
    match told {
        Ok(Some(bytes)) => Found::File(bytes),
        Ok(None) => Found::Nothing,
        Err(need) => Found::Need(need),
    }
}

/// The files behind an installer of packages: a number of them, zeros, and the name of the first.
fn packages(head: &[u8]) -> Found {
    let bytes = install_shield::START_BYTES + 1;
    if head.len() < bytes {
        return Found::Need(bytes);
    }
    let at = install_shield::SIGNATURE.len();
    let zeros = head.get(at + 4..bytes - 1).unwrap_or_default();
    let is_sound = (1..10_000).contains(&u32_at(head, at))
        && zeros.iter().all(|byte| *byte == 0)
        && head.last().is_some_and(u8::is_ascii_graphic);
    if is_sound { Found::Installer(Box::new(Packages::default())) } else { Found::Nothing }
}
