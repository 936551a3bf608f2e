//! The grammar of a line of a `.cdb` file: what the directory of a container says of a member.

use std::ops::RangeInclusive;

use gateway_inspect::PartKind;
use nom::branch::alt;
use nom::character::complete::char;
use nom::combinator::{opt, value};
use nom::sequence::preceded;
use nom::{IResult, Parser};
use regex_automata::meta::{self, Regex};
use regex_automata::util::syntax;

use crate::image::{Input, Stored, stored_struct};
use crate::line::{
    Fault, Field, Parsed, expect, fault, field, levels, name, number, separator, whole,
};
use crate::{LineError, Unsupported};

/// Bytes that a compiled expression over names may take.
const REGEX_BYTES_MAX: usize = 1 << 20;

/// The containers that `*` stands for, and each that has a name.
const CONTAINERS: [(&str, PartKind); 14] = [
    ("CL_TYPE_7Z", PartKind::SevenZip),
    ("CL_TYPE_ARJ", PartKind::Arj),
    ("CL_TYPE_CPIO_CRC", PartKind::Cpio),
    ("CL_TYPE_CPIO_NEWC", PartKind::Cpio),
    ("CL_TYPE_CPIO_ODC", PartKind::Cpio),
    ("CL_TYPE_CPIO_OLD", PartKind::Cpio),
    ("CL_TYPE_LHA_LZH", PartKind::Lzh),
    ("CL_TYPE_MAIL", PartKind::Mail),
    ("CL_TYPE_MSCAB", PartKind::Cab),
    ("CL_TYPE_MSOLE2", PartKind::Ole),
    ("CL_TYPE_OLD_TAR", PartKind::Tar),
    ("CL_TYPE_POSIX_TAR", PartKind::Tar),
    ("CL_TYPE_RAR", PartKind::Rar),
    ("CL_TYPE_ZIP", PartKind::Zip),
];

/// Other containers that have a name.
const OTHERS: [(&str, PartKind); 21] = [
    ("CL_TYPE_BINHEX", PartKind::BinHex),
    ("CL_TYPE_BZ", PartKind::Bzip2),
    ("CL_TYPE_EGG", PartKind::Egg),
    ("CL_TYPE_ELF", PartKind::Elf),
    ("CL_TYPE_GIF", PartKind::Gif),
    ("CL_TYPE_GZ", PartKind::Gzip),
    ("CL_TYPE_HTML", PartKind::Html),
    ("CL_TYPE_JAVA", PartKind::JavaClass),
    ("CL_TYPE_JPEG", PartKind::Jpeg),
    ("CL_TYPE_MACHO", PartKind::MachO),
    ("CL_TYPE_MACHO_UNIBIN", PartKind::MachO),
    ("CL_TYPE_MSCHM", PartKind::Chm),
    ("CL_TYPE_MSEXE", PartKind::Pe),
    ("CL_TYPE_MSSZDD", PartKind::Szdd),
    ("CL_TYPE_ONENOTE", PartKind::OneNote),
    ("CL_TYPE_PDF", PartKind::Pdf),
    ("CL_TYPE_PNG", PartKind::Png),
    ("CL_TYPE_RTF", PartKind::Rtf),
    ("CL_TYPE_SWF", PartKind::Swf),
    ("CL_TYPE_TNEF", PartKind::Tnef),
    ("CL_TYPE_XZ", PartKind::Xz),
];

/// What a line of a `.cdb` file asks for; what is `None` may be anything.
#[derive(Clone, Debug)]
pub(crate) struct MemberLine {
    pub(crate) container: Option<PartKind>,
    pub(crate) container_size: Option<RangeInclusive<u64>>,
    pub(crate) name: Option<NamePattern>,
    pub(crate) packed_size: Option<RangeInclusive<u64>>,
    pub(crate) size: Option<RangeInclusive<u64>>,
    pub(crate) encrypted: Option<bool>,
    /// Which member it is, counted from 1.
    pub(crate) position: Option<RangeInclusive<u64>>,
}

/// An expression over the names of members.
#[derive(Clone, Debug)]
pub(crate) struct NamePattern {
    text: String,
    regex: Regex,
}

impl NamePattern {
    /// The expression `text`; `None` if it is none, or takes too much memory.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let config = meta::Config::new()
            .utf8_empty(false)
            .nfa_size_limit(Some(REGEX_BYTES_MAX))
            .hybrid_cache_capacity(REGEX_BYTES_MAX)
            .onepass_size_limit(Some(REGEX_BYTES_MAX));
        let syntax = syntax::Config::new().utf8(false).unicode(false);
        let regex = Regex::builder().configure(config).syntax(syntax).build(text).ok()?;
        Some(Self { text: text.to_owned(), regex })
    }

    pub(crate) fn is_match(&self, name: &str) -> bool {
        self.regex.is_match(name)
    }
}

/// Whether a part of this kind is a container that `*` stands for.
pub(crate) fn is_container(kind: PartKind) -> bool {
    CONTAINERS.iter().any(|(_, one)| *one == kind)
}

/// Parses `name:container:size:name pattern:packed:unpacked:encrypted:position:checksum:`
/// `reserved[:min[:max]]`.
pub(crate) fn member_line(line: &[u8]) -> Result<Parsed<(&str, MemberLine)>, Fault> {
    let (rest, (name, ())) = (name, separator).parse(line).map_err(fault)?;
    let next = |rest| {
        let (rest, (field, ())) = (field, separator).parse(rest).map_err(fault)?;
        Ok::<_, Fault>((rest, field))
    };
    let (rest, container) = next(rest)?;
    let (rest, container_size) = next(rest)?;
    let (rest, pattern) = next(rest)?;
    let (rest, packed_size) = next(rest)?;
    let (rest, size) = next(rest)?;
    let (rest, encrypted) = next(rest)?;
    let (rest, position) = next(rest)?;
    let (rest, checksum) = next(rest)?;
    let (rest, _) = field(rest).map_err(fault)?;
    let (_, levels) = levels(rest).map_err(fault)?;
    if !levels.hold() {
        return Ok(Parsed::Unsupported(Unsupported::FunctionalityLevel));
    }
    let container = match container_kind(container)? {
        Parsed::Signature(kind) => kind,
        Parsed::Unsupported(reason) => return Ok(Parsed::Unsupported(reason)),
    };
    let encrypted = match encrypted.bytes {
        b"*" => None,
        b"0" => Some(false),
        b"1" => Some(true),
        _ => return Err(at(encrypted, LineError::Flag)),
    };
    let container_size = whole(container_size, LineError::Range, range)?;
    let packed_size = whole(packed_size, LineError::Range, range)?;
    let size = whole(size, LineError::Range, range)?;
    let position = whole(position, LineError::Range, range)?;
    let name_pattern = match pattern.bytes {
        b"*" => None,
        bytes => {
            let text = std::str::from_utf8(bytes).ok();
            let pattern_at = at(pattern, LineError::NamePattern);
            Some(text.and_then(NamePattern::new).ok_or(pattern_at)?)
        }
    };
    if checksum.bytes != b"*" {
        return Ok(Parsed::Unsupported(Unsupported::Checksum));
    }
    let line = MemberLine {
        container,
        container_size,
        name: name_pattern,
        packed_size,
        size,
        encrypted,
        position,
    };
    Ok(Parsed::Signature((name, line)))
}

fn at(field: Field<'_>, reason: LineError) -> Fault {
    Fault { rest: field.bytes.len() + field.after, reason }
}

/// The kind that a type of container is; `None` for any.
pub(crate) fn container_kind(container: Field<'_>) -> Result<Parsed<Option<PartKind>>, Fault> {
    let text = container.bytes;
    if matches!(text, b"*" | b"CL_TYPE_ANY") {
        return Ok(Parsed::Signature(None));
    }
    if !text.starts_with(b"CL_TYPE_") {
        return Err(at(container, LineError::FileType));
    }
    let mut known = CONTAINERS.iter().chain(&OTHERS);
    let known = known.find(|(name, _)| name.as_bytes() == text);
    Ok(known.map_or(Parsed::Unsupported(Unsupported::Container), |(_, kind)| {
        Parsed::Signature(Some(*kind))
    }))
}

/// `*`, `n` or `n-m`.
fn range(input: &[u8]) -> IResult<&[u8], Option<RangeInclusive<u64>>, Fault> {
    let bounds = (number, opt(preceded(char('-'), number)));
    let bounds = bounds.map(|(from, to)| Some(from..=to.unwrap_or(from)));
    expect(LineError::Range, alt((value(None, char('*')), bounds))).parse(input)
}

stored_struct!(MemberLine {
    container,
    container_size,
    name,
    packed_size,
    size,
    encrypted,
    position,
});

/// As its text, which is compiled again.
impl Stored for NamePattern {
    fn store(&self, out: &mut Vec<u8>) {
        self.text.store(out);
    }

    fn load(input: &mut Input<'_>) -> Option<Self> {
        Self::new(&String::load(input)?)
    }
}
