//! Finds where a file begins within another one: programs, archives, and what installers carry. A few
//! bytes are no file; each has to make sense as one.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::arj::{self, Arj};
use super::autoit::{self, Script};
use super::behind::{self, Behind};
use super::headed::{Headed, HeadedWalk, u32_at};
use super::install_shield::{self, Disks, Names, Packages, disk_entry};
use super::iso::{self, Iso};
use super::lzh::{self, Lzh};
use super::nsis::{self, Nsis};
use super::rar::Rar;
use super::volume::FileSystem;
use super::{Member, Walked, Walker, hfs, sis, udf};
use crate::Limits;
use crate::coding::decoder::Decoder;
use crate::coding::up_to::UpTo;
use crate::document::gathered::Gathered;
use crate::inbox::Inbox;
use crate::program::layout;

/// Bytes of which a signature is looked for, at the most.
pub(crate) const SIGNATURE_BYTES: usize = 4;
/// The first bytes of each; a program has but two, and a method of LHA stands behind two others.
const SIGNATURES: [&[u8]; 15] = [
    PROGRAM,
    arj::SIGNATURE,
    b"MSCF",
    b"7z\xbc\xaf",
    b"\xef\xbe\xad\xde",
    b"\xa3\x48\x4b\xbe",
    b"Inst",
    b"Disk",
    b"Rar!",
    b"\xe7\x16\xe3\xbd",
    sis::SIGNATURE,
    b"%PDF",
    lzh::METHODS[0],
    lzh::METHODS[1],
    lzh::METHODS[2],
];
/// Those of descriptors of discs and of headers of volumes, which stand at one place of a part alone.
const PLACED: [(u64, &[u8]); 8] = [
    (hfs::HEADER_AT, hfs::SIGNATURES[0]),
    (hfs::HEADER_AT, hfs::SIGNATURES[1]),
    (iso::SIGNATURE_AT, b"BEA0"),
    (iso::SIGNATURE_AT, b"BOOT"),
    (iso::SIGNATURE_AT, b"CD00"),
    (iso::SIGNATURE_AT, b"CDW0"),
    (iso::SIGNATURE_AT, b"NSR0"),
    (iso::SIGNATURE_AT, b"TEA0"),
];
const PLACES: [u64; 2] = [hfs::HEADER_AT, iso::SIGNATURE_AT];
/// What a program begins with.
pub(crate) const PROGRAM: &[u8] = b"MZ";
/// How far behind the start of a file readers of PDF look for it.
const PDF_AT_MAX: u64 = 1_024;
/// Bytes in which a program has to tell what it is.
const PROGRAM_BYTES_MAX: usize = 4 << 10;

/// Whether a signature begins with a byte.
static BEGINS: [bool; 256] = begins();

const fn begins() -> [bool; 256] {
    let mut begins = [false; 256];
    let mut i = 0;
    while i < SIGNATURES.len() {
        begins[SIGNATURES[i][0] as usize] = true;
        i += 1;
    }
    begins
}

/// The signatures that stand at that place alone.
fn placed(at: u64) -> impl Iterator<Item = &'static [u8]> {
    PLACED.iter().filter(move |(place, _)| *place == at).map(|(_, signature)| *signature)
}

/// Whether `bytes`, which stand at `at`, begin with a signature, or one with all of them.
fn may_begin(bytes: &[u8], at: u64) -> bool {
    let may_be = |known: &&[u8]| {
        known.first() == bytes.first() && (known.starts_with(bytes) || bytes.starts_with(known))
    };
    bytes.first().is_none_or(|first| {
        BEGINS[usize::from(*first)] && SIGNATURES.iter().any(may_be)
            || placed(at).any(|known| may_be(&known))
    })
}

/// Bytes behind a signature that stands for nothing which are looked at one by one: often the next is near.
const NEAR_BYTES: usize = 16;

static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(SIGNATURES).ok()
});

/// Where the first signature begins in `bytes`, the first of which stands at `at`; whether anything is behind it is
/// not looked at.
pub(crate) fn find(bytes: &[u8], at: u64) -> Option<usize> {
    let anywhere = FINDER.as_ref().and_then(|finder| finder.find(bytes)).map(|found| found.start());
    let is_there = |(place, index): &(u64, usize)| {
        let head = bytes.get(*index..).unwrap_or_default();
        placed(*place).any(|signature| head.starts_with(signature))
    };
    let index = |place: u64| Some((place, usize::try_from(place.checked_sub(at)?).ok()?));
    let there = PLACES.into_iter().filter_map(index).find(is_there).map(|(_, index)| index);
    [anywhere, there].into_iter().flatten().min()
}

/// Whether `bytes`, which stand at `at`, begin with one.
fn is_signature(bytes: &[u8], at: u64) -> bool {
    let is_first = bytes.first().is_some_and(|first| BEGINS[usize::from(*first)]);
    is_first && SIGNATURES.iter().any(|signature| bytes.starts_with(signature))
        || placed(at).any(|signature| bytes.starts_with(signature))
}

/// How many of the last of `bytes`, the first of which stands at `at`, may begin a signature.
pub(crate) fn begun(bytes: &[u8], at: u64) -> usize {
    let begins = |tail: &[u8], at: u64| {
        SIGNATURES.iter().any(|signature| signature.starts_with(tail))
            || placed(at).any(|signature| signature.starts_with(tail))
    };
    let longest = bytes.len().min(SIGNATURE_BYTES - 1);
    let of = |n: &usize| {
        let from = bytes.len() - n;
        begins(bytes.get(from..).unwrap_or_default(), at + from as u64)
    };
    (1..=longest).rev().find(of).unwrap_or(0)
}

/// The same wherever they stand: at least as many.
pub(crate) fn begun_anywhere(bytes: &[u8]) -> usize {
    let all = || SIGNATURES.into_iter().chain(PLACED.map(|(_, signature)| signature));
    let longest = bytes.len().min(SIGNATURE_BYTES - 1);
    let tail = |n: usize| bytes.get(bytes.len() - n..).unwrap_or_default();
    (1..=longest).rev().find(|n| all().any(|known| known.starts_with(tail(*n)))).unwrap_or(0)
}

/// Bytes of the signature with which `head` begins.
pub(crate) fn signature_bytes(head: &[u8]) -> usize {
    let all = SIGNATURES.into_iter().chain(PLACED.map(|(_, signature)| signature));
    all.into_iter().find(|signature| head.starts_with(signature)).map_or(1, <[u8]>::len)
}

/// Where in `bytes`, of which the first is at `place`, the first signature is behind which there may be
/// something. Those that stand for nothing are passed over at once: a file may be full of them.
pub(crate) fn candidate(bytes: &[u8], place: Place) -> Option<usize> {
    candidate_before(bytes, bytes.len(), place)
}

/// The same of those that begin before `until`.
pub(crate) fn candidate_before(bytes: &[u8], until: usize, place: Place) -> Option<usize> {
    let near = bytes.get(..until.saturating_add(SIGNATURE_BYTES - 1)).unwrap_or(bytes);
    let (mut from, mut sought) = (0, 0);
    loop {
        let is_near = from < sought;
        let (rest, at) = (near.get(from..)?, place.at + from as u64);
        let here = if !is_near {
            from + find(rest, at)?
        } else if is_signature(rest, at) {
            from
        } else {
            from += 1;
            continue;
        };
        sought = here + NEAR_BYTES;
        if here >= until {
            return None;
        }
        if !is_nothing(bytes.get(here..)?, place.on(bytes, here)) {
            return Some(here);
        }
        from = here + 1;
    }
}

/// Whether it is certain by now that nothing is behind the signature with which `bytes` begin.
fn is_nothing(bytes: &[u8], place: Place) -> bool {
    // All of them begin with one.
    let mut seen = SIGNATURE_BYTES.min(bytes.len());
    while let Some(head) = bytes.get(..seen) {
        seen = match look(head, place) {
            Found::Need(need) => need.max(seen + 1),
            Found::Nothing => return true,
            Found::File(_)
            | Found::Data { .. }
            | Found::Package
            | Found::Installer(_)
            | Found::Volume(_)
            | Found::Archive(_) => break,
        };
    }
    false
}

/// The bytes before a signature that may belong to what it stands for.
pub(crate) type Before = [u8; BEFORE_BYTES];
pub(crate) const BEFORE_BYTES: usize = lzh::METHOD_AT;

/// What a part is in front of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Front {
    Binary,
    /// What looks for a PDF of its own. Headers that are not filled in are believed.
    Text,
    /// RTF, which may have the bytes of objects in it as they are: only archives end it.
    Rtf,
}

/// Where a signature stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// In its part.
    pub(crate) at: u64,
    /// Where the program begins that was met last, or the part.
    pub(crate) program: u64,
    /// The last bytes before it, as far as they are known.
    pub(crate) last: [Option<u8>; BEFORE_BYTES],
    pub(crate) front: Front,
}

impl Place {
    /// The place `n` bytes further on, if `bytes` follow here.
    pub(crate) fn on(self, bytes: &[u8], n: usize) -> Self {
        let last = match bytes.get(..n) {
            None | Some([]) => self.last,
            Some([only]) => [self.last[1], Some(*only)],
            Some([.., one, other]) => [Some(*one), Some(*other)],
        };
        Self { at: self.at + n as u64, last, ..self }
    }

    /// The bytes before it, if all of them are known.
    pub(crate) fn before(self) -> Option<Before> {
        let [one, other] = self.last;
        Some([one?, other?])
    }
}

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
    /// A file system, in an image of which the front is behind.
    Volume(FileSystem),
    /// The same, from the bytes before the signature on.
    Archive(Box<dyn Headed>),
}

impl Found {
    /// Opens what begins with the front of `inbox`, `before` in front of it. A package is not opened here.
    pub(crate) fn open(
        self,
        inbox: &mut Inbox,
        before: Option<Before>,
        limits: &Limits,
    ) -> Option<Walked> {
        let stream = |skip, bytes| {
            let decoder = Decoder::Other(Box::new(UpTo::new(skip, bytes)));
            Member::stream("at", inbox.at().to_string().into_bytes(), decoder)
        };
        let told_at = inbox.at();
        let format = match self {
            Self::Need(_) | Self::Nothing | Self::Package => return None,
            Self::File(bytes) => return Some(Walked::from(Some(stream(0, bytes)))),
            Self::Data { skip, bytes } => return Some(Walked::from(Some(stream(skip, bytes)))),
            Self::Installer(format) => format,
            Self::Volume(system) => {
                let walk = Gathered::volume(system, told_at, inbox.reached(), limits);
                return Some(Walked::Become(Box::new(Walker::Gathered(Box::new(walk)))));
            }
            Self::Archive(format) => {
                inbox.unread(&before.unwrap_or_default());
                format
            }
        };
        let walk = HeadedWalk::told(format, (inbox.at(), told_at), limits);
        Some(Walked::Become(Box::new(Walker::Headed(Box::new(walk)))))
    }
}

/// Tells what `head` is, which begins with a signature at `place`.
pub(crate) fn look(head: &[u8], place: Place) -> Found {
    let Place { at, program: start, front, .. } = place;
    // What begins none is told with the first byte that shows it, however many have come: what a view changes
    // is overwritten together with it, and a search through all of them does not stop there either.
    if !may_begin(head, at) {
        return Found::Nothing;
    }
    if head.len() < SIGNATURE_BYTES {
        return Found::Need(SIGNATURE_BYTES);
    }
    let is_full = |signature: &[u8]| {
        let seen = head.get(..signature.len()).unwrap_or(head);
        signature.starts_with(seen).then_some(seen.len() == signature.len())
    };
    match head.first() {
        Some(b'M' | b'7' | b'R') if front == Front::Rtf => of_text(head),
        _ if front == Front::Rtf => Found::Nothing,
        Some(b'M') if head.starts_with(PROGRAM) => program(head),
        Some(b'M' | b'7' | b'R') if front == Front::Text => of_text(head),
        Some(b'M') => of_length(behind::cabinet(head)),
        Some(b'7') => of_length(behind::seven_zip(head)),
        Some(b'`') => arj(head),
        Some(0xef) if at.wrapping_sub(start) % nsis::STEP != nsis::FLAGS_BYTES => Found::Nothing,
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
        Some(b'B' | b'N' | b'T') => descriptor(head),
        Some(b'C') if head.starts_with(b"CDW0") => descriptor(head),
        Some(b'C') => match is_full(iso::SIGNATURE) {
            Some(true) => Found::Installer(Box::new(Iso::new())),
            Some(false) => Found::Need(iso::SIGNATURE.len()),
            None => Found::Nothing,
        },
        Some(b'H') => Found::Volume(FileSystem::Hfs),
        Some(b'-') => place.before().map_or(Found::Nothing, |before| lha(before, head)),
        Some(b'%') if front == Front::Binary && at <= PDF_AT_MAX => Found::File(u64::MAX),
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

/// A descriptor with which the volume recognition of UDF begins.
fn descriptor(head: &[u8]) -> Found {
    match head.get(..udf::ID_BYTES) {
        None => Found::Need(udf::ID_BYTES),
        Some(id) if udf::is_descriptor(id) => Found::Volume(FileSystem::Udf),
        Some(_) => Found::Nothing,
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

/// An archive of ARJ, by the first of its headers.
fn arj(head: &[u8]) -> Found {
    match arj::begins(head) {
        Ok(true) => Found::Installer(Box::<Arj>::default()),
        Ok(false) => Found::Nothing,
        Err(need) => Found::Need(need),
    }
}

/// An archive behind a text.
fn of_text(head: &[u8]) -> Found {
    match behind::look(head) {
        Behind::Archive(bytes) => Found::File(bytes),
        Behind::Nothing => Found::Nothing,
        Behind::Need(need) => Found::Need(need),
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
        && head.get(bytes - 1).is_some_and(u8::is_ascii_graphic);
    if is_sound { Found::Installer(Box::new(Packages::default())) } else { Found::Nothing }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place =
        Place { at: 4, program: 0, last: [Some(b'\t'), Some(b'\t')], front: Front::Binary };

    #[track_caller]
    fn check(head: &[u8], is_begun: bool) {
        let found = look(head, PLACE);
        let is_right = if is_begun {
            matches!(found, Found::Need(_))
        } else {
            matches!(found, Found::Nothing)
        };
        assert!(is_right, "{}", head.escape_ascii());
    }

    /// More bytes do not make it one: what is held for it would end with the file at one time and not at another.
    #[test]
    fn what_begins_with_a_part_of_a_signature_is_nothing() {
        for signature in SIGNATURES {
            for (upto, next) in signature.iter().enumerate().skip(1) {
                let begun = signature.get(..upto).unwrap_or_default();
                check(begun, true);
                for more in [0, 1, 2, 60] {
                    check(&[begun, &[!next], &vec![b'\t'; more]].concat(), false);
                }
            }
        }
    }
}
