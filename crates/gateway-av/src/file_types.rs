//! Types by first bytes, from `.ftm` files: what a part is to body signatures, where that is not what
//! the sniffer of the gateway takes it for.

use nom::branch::alt;
use nom::character::complete::{char, one_of};
use nom::combinator::opt;
use nom::sequence::preceded;
use nom::{IResult, Parser};

use crate::hex_body::{Byte, byte};
use crate::image::{Input, Stored, stored_struct};
use crate::line::{Fault, Field, Parsed, expect, fault, field, levels, number, separator, whole};
use crate::target::Target;
use crate::{LineError, Unsupported};

/// Bytes from the beginning of a part among which those must lie that tell a type, as ClamAV has it.
pub(crate) const TYPE_BYTES_MAX: usize = 1024;

/// What a line of an `.ftm` file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileType {
    /// Where the bytes lie.
    pub(crate) at: u32,
    /// Pairs of value and mask; at least one.
    pub(crate) bytes: Box<[Byte]>,
    /// What the part is; `None` for what signatures have no target for.
    pub(crate) target: Option<Target>,
}

impl FileType {
    fn end(&self) -> usize {
        self.at as usize + self.bytes.len()
    }

    fn is_of(&self, head: &[u8]) -> bool {
        head.get(self.at as usize..self.end()).is_some_and(|bytes| {
            bytes.iter().zip(&self.bytes).all(|(byte, (value, mask))| byte & mask == *value)
        })
    }
}

/// All types, in the order of loading.
#[derive(Clone, Debug, Default)]
pub(crate) struct FileTypes(pub(crate) Vec<FileType>);

impl FileTypes {
    /// How many bytes a part must have begun with for its type to be known.
    pub(crate) fn bytes_max(&self) -> usize {
        self.0.iter().map(FileType::end).max().unwrap_or(0)
    }

    /// What a part that begins with `head` is by the first line that fits, if one does.
    pub(crate) fn target_of(&self, head: &[u8]) -> Option<Option<Target>> {
        self.0.iter().find(|one| one.is_of(head)).map(|one| one.target)
    }
}

/// Parses `magic:offset:bytes:name:required type:type[:min[:max]]`.
pub(crate) fn type_line(line: &[u8]) -> Result<Parsed<FileType>, Fault> {
    let mut fields = (field, separator, field, separator, field, separator, field, separator);
    let (rest, (magic, (), offset, (), hex, (), _, ())) = fields.parse(line).map_err(fault)?;
    let mut fields = (field, separator, field, levels);
    let (_, (required, (), to, levels)) = fields.parse(rest).map_err(fault)?;
    if !levels.hold() {
        return Ok(Parsed::Unsupported(Unsupported::FunctionalityLevel));
    }
    let magic = whole(magic, LineError::Magic, expect(LineError::Magic, one_of("014")))?;
    type_name(required)?;
    type_name(to)?;
    let at = whole(offset, LineError::Offset, expect(LineError::Offset, place))?;
    let Some(at) = at.filter(|_| magic == '0') else {
        return Ok(Parsed::Unsupported(Unsupported::FileType));
    };
    let bytes = whole(hex, LineError::Body, bytes)?;
    let end = usize::try_from(at).unwrap_or(usize::MAX).saturating_add(bytes.len());
    match u32::try_from(at) {
        Ok(at) if end <= TYPE_BYTES_MAX => {
            let target = target(to.bytes);
            Ok(Parsed::Signature(FileType { at, bytes: bytes.into(), target }))
        }
        _ => Ok(Parsed::Unsupported(Unsupported::TooLong)),
    }
}

/// `*` or `n`, with `,maxshift`, which makes it no place.
fn place(input: &[u8]) -> IResult<&[u8], Option<u64>, Fault> {
    let exact = (number, opt(preceded(char(','), number)));
    let exact = exact.map(|(at, shift)| if shift.is_none() { Some(at) } else { None });
    alt((char('*').map(|_| None), exact)).parse(input)
}

fn bytes(input: &[u8]) -> IResult<&[u8], Vec<Byte>, Fault> {
    expect(LineError::Body, nom::multi::many1(byte)).parse(input)
}

fn type_name(field: Field<'_>) -> Result<(), Fault> {
    let is_word = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
    match field.bytes.strip_prefix(b"CL_TYPE_") {
        Some(rest) if !rest.is_empty() && rest.iter().all(is_word) => Ok(()),
        _ => Err(Fault { rest: field.bytes.len() + field.after, reason: LineError::FileType }),
    }
}

/// The target of signatures for parts of the type that `field` names, if they have one.
pub(crate) fn handler(field: Field<'_>) -> Result<Option<Target>, Fault> {
    type_name(field)?;
    Ok(target(field.bytes))
}

/// The target that parts of a type are looked at as.
fn target(name: &[u8]) -> Option<Target> {
    match name.strip_prefix(b"CL_TYPE_").unwrap_or_default() {
        b"MSEXE" => Some(Target::Pe),
        b"MSOLE2" => Some(Target::Ole),
        b"HTML" | b"HTML_UTF16" => Some(Target::Html),
        b"GRAPHICS" | b"GIF" | b"JPEG" | b"PNG" | b"TIFF" | b"BMP" => Some(Target::Graphics),
        b"ELF" => Some(Target::Elf),
        b"MACHO" | b"MACHO_UNIBIN" => Some(Target::MachO),
        b"PDF" => Some(Target::Pdf),
        b"SWF" => Some(Target::Flash),
        b"JAVA" => Some(Target::Java),
        name if name.starts_with(b"TEXT_") || name == b"SCRIPT" => Some(Target::Text),
        _ => None,
    }
}

stored_struct!(FileType { at, bytes, target });

impl Stored for FileTypes {
    fn store(&self, out: &mut Vec<u8>) {
        self.0.store(out);
    }

    fn load(input: &mut Input<'_>) -> Option<Self> {
        let all: Vec<FileType> = Stored::load(input)?;
        all.iter().all(|one| one.end() <= TYPE_BYTES_MAX).then_some(Self(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_tell_types() {
        let line = |text: &str| match type_line(text.as_bytes()) {
            Ok(Parsed::Signature(one)) => Ok(Ok(one.target)),
            Ok(Parsed::Unsupported(reason)) => Ok(Err(reason)),
            Err(fault) => Err((text.len() - fault.rest + 1, fault.reason)),
        };
        for (text, expected) in [
            ("0:0:4d5a:DOS:CL_TYPE_ANY:CL_TYPE_MSEXE", Ok(Ok(Some(Target::Pe)))),
            ("0:257:75??74?2:TAR:CL_TYPE_ANY:CL_TYPE_POSIX_TAR:40", Ok(Ok(None))),
            ("0:0:4d5a:x:CL_TYPE_ANY:CL_TYPE_MSEXE:241", Ok(Err(Unsupported::FunctionalityLevel))),
            ("1:*:504b0304:x:CL_TYPE_ANY:CL_TYPE_ZIPSFX", Ok(Err(Unsupported::FileType))),
            ("0:1023:4d5a:x:CL_TYPE_ANY:CL_TYPE_MSEXE", Ok(Err(Unsupported::TooLong))),
            ("2:0:4d5a:x:CL_TYPE_ANY:CL_TYPE_MSEXE", Err((1, LineError::Magic))),
            ("0:x:4d5a:x:CL_TYPE_ANY:CL_TYPE_MSEXE", Err((3, LineError::Offset))),
            ("0:0:4d5:x:CL_TYPE_ANY:CL_TYPE_MSEXE", Err((5, LineError::Body))),
            ("0:0::x:CL_TYPE_ANY:CL_TYPE_MSEXE", Err((5, LineError::Body))),
            ("0:0:4d5a:x:ANY:CL_TYPE_MSEXE", Err((12, LineError::FileType))),
            ("0:0:4d5a:x:CL_TYPE_ANY", Err((23, LineError::Separator))),
        ] {
            assert_eq!(line(text), expected, "{text}");
        }
    }
}
