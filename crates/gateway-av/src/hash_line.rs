//! The grammar of a line with a digest: in an `.fp`, `.hdb`, `.hsb` or `.sfp` file that of a whole file, in
//! an `.imp` file that of its imports, in an `.mdb` or `.msb` file that of a section.

use nom::branch::alt;
use nom::character::complete::char;
use nom::combinator::{value, verify};
use nom::{Err, IResult, Parser};

use crate::line::{
    Fault, Levels, NO_DIGIT, Parsed, expect, fault, hex_digit, levels, name, number, separator,
};
use crate::{LineError, Unsupported};

/// The first functionality level that knows the size `*`.
const WILDCARD_LEVEL: u64 = 73;

/// A file digest, told apart by its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileDigest {
    Md5([u8; 16]),
    Sha1([u8; 20]),
    Sha256([u8; 32]),
}

/// What a line with a digest says, whatever the digest is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HashLine {
    pub(crate) digest: FileDigest,
    /// `None` for any size.
    pub(crate) size: Option<u64>,
}

/// Parses `digest:size:name[:min[:max]]`.
pub(crate) fn hash_line(line: &[u8]) -> Result<Parsed<(&str, HashLine)>, Fault> {
    let mut fields = (expect(LineError::Digest, digest), separator, size, separator, name, levels);
    let (rest, (digest, (), size, (), name, levels)) = fields.parse(line).map_err(fault)?;
    digest_line(rest, name, HashLine { digest, size }, levels)
}

/// Parses `size:digest:name[:min[:max]]`, as a line of an `.mdb` or `.msb` file has it.
pub(crate) fn section_line(line: &[u8]) -> Result<Parsed<(&str, HashLine)>, Fault> {
    let mut fields = (size, separator, expect(LineError::Digest, digest), separator, name, levels);
    let (rest, (size, (), digest, (), name, levels)) = fields.parse(line).map_err(fault)?;
    digest_line(rest, name, HashLine { digest, size }, levels)
}

/// What a line with a digest comes to, `rest` being its end.
fn digest_line<'a>(
    rest: &[u8],
    name: &'a str,
    line: HashLine,
    levels: Levels,
) -> Result<Parsed<(&'a str, HashLine)>, Fault> {
    if line.size.is_none() && levels.min.is_none_or(|min| min < WILDCARD_LEVEL) {
        return Err(Fault::new(rest, LineError::WildcardLevel));
    }
    if !levels.hold() {
        return Ok(Parsed::Unsupported(Unsupported::FunctionalityLevel));
    }
    Ok(Parsed::Signature((name, line)))
}

/// A size of at least one byte; `None` for `*`.
fn size(input: &[u8]) -> IResult<&[u8], Option<u64>, Fault> {
    let size = alt((value(None, char('*')), verify(number, |size| *size > 0).map(Some)));
    expect(LineError::Size, size).parse(input)
}

/// A digest, its length told by where the digits end.
pub(crate) fn digest(input: &[u8]) -> IResult<&[u8], FileDigest, Fault> {
    let digest = (unhex(input).map(FileDigest::Sha256).map(|digest| (digest, 64)))
        .or_else(|| unhex(input).map(FileDigest::Sha1).map(|digest| (digest, 40)))
        .or_else(|| unhex(input).map(FileDigest::Md5).map(|digest| (digest, 32)));
    match digest.and_then(|(digest, len)| Some((input.get(len..)?, digest))) {
        Some(parsed) => Ok(parsed),
        None => Err(Err::Error(Fault::new(input, LineError::Digest))),
    }
}

/// The bytes that the hex digits at the beginning of `input` stand for, if these are `2 * N`.
fn unhex<const N: usize>(input: &[u8]) -> Option<[u8; N]> {
    let (digits, rest) = input.split_at_checked(2 * N)?;
    if rest.first().is_some_and(|next| hex_digit(*next) != NO_DIGIT) {
        return None;
    }
    let mut bytes = [0; N];
    let mut all = 0;
    // A database has tens of millions of digits: all are looked at, so that a processor takes many
    // of them at a time.
    for (byte, [high, low]) in bytes.iter_mut().zip(digits.as_chunks().0) {
        let (high, low) = (hex_digit(*high), hex_digit(*low));
        all |= high | low;
        *byte = high << 4 | low & 15;
    }
    (all < 16).then_some(bytes)
}
