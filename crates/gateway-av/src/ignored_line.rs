//! The grammar of a line of an `.ign` or `.ign2` file: the name of a signature that is to be ignored.

use nom::Parser;
use nom::character::complete::char;
use nom::combinator::opt;
use nom::sequence::preceded;

use crate::LineError;
use crate::hash_line::digest;
use crate::line::{Fault, expect, fault, field, name, separator};

/// Parses `name[:digest]` with so many other fields before it: the name of a signature that is to
/// be ignored. The digest is that of its line in another form, and of no use here.
pub(crate) fn ignored_line(line: &[u8], before: usize) -> Result<&str, Fault> {
    let mut rest = line;
    for _ in 0..before {
        (rest, _) = (field, separator).parse(rest).map_err(fault)?;
    }
    let digest = preceded(char(':'), expect(LineError::Digest, digest));
    let (rest, (name, _)) = (name, opt(digest)).parse(rest).map_err(fault)?;
    if rest.is_empty() { Ok(name) } else { Err(Fault::new(rest, LineError::End)) }
}
