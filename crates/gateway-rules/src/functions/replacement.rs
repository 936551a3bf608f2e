//! What `regex_replace` and `wildcard_replace` have in common: a pattern with groups, and a text
//! that refers to them.

use std::sync::Arc;

use bytes::Bytes;
use regex_automata::meta::Regex;

use super::{Given, Misfit, Prepared, RESULT_BYTES_MAX};
use crate::problem::Problem;
use crate::value::Value;

/// A compiled pattern with the text that takes the place of its match.
#[derive(Debug)]
pub(crate) struct Replacement {
    regex: Arc<Regex>,
    pieces: Vec<Piece>,
}

#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Text(Vec<u8>),
    /// The number of a group, 1 to 8.
    Group(usize),
}

const GROUP_MAX: u8 = 8;

/// What a replacement is like.
const EXPECTED: &str =
    "a replacement whose `$` are written `$$` or begin `${1}` to `${8}`, groups of the pattern";

impl Replacement {
    /// `None` where the text refers to a group that the pattern lacks; its form has been checked.
    fn new(regex: Arc<Regex>, text: &[u8]) -> Option<Self> {
        let pieces = pieces(text)?;
        let groups = regex.captures_len();
        let is_known = |piece: &Piece| {
            matches!(piece, Piece::Text(_))
                || matches!(piece, Piece::Group(group) if *group < groups)
        };
        pieces.iter().all(is_known).then_some(Self { regex, pieces })
    }

    /// The value with the first match replaced; the value itself where nothing matches; `None`
    /// where the result would be too long.
    fn apply(&self, value: &Bytes) -> Option<Bytes> {
        let mut captures = self.regex.create_captures();
        self.regex.captures(&value[..], &mut captures);
        let Some(found) = captures.get_match() else { return Some(value.clone()) };
        let mut replaced = value.get(..found.start())?.to_vec();
        for piece in &self.pieces {
            let piece = match piece {
                Piece::Text(text) => text,
                // A group that took no part in the match is empty.
                Piece::Group(group) => captures
                    .get_group(*group)
                    .and_then(|span| value.get(span.range()))
                    .unwrap_or_default(),
            };
            if replaced.len() + piece.len() > RESULT_BYTES_MAX {
                return None;
            }
            replaced.extend_from_slice(piece);
        }
        replaced.extend_from_slice(value.get(found.end()..)?);
        (replaced.len() <= RESULT_BYTES_MAX.max(value.len())).then(|| replaced.into())
    }
}

/// What `function` is ready with: the third argument, `text`, for what `regex` finds.
pub(super) fn prepare(
    function: &'static str,
    regex: Arc<Regex>,
    text: Option<&Bytes>,
) -> Result<Prepared, Problem> {
    let text = text.map_or(&[][..], |text| text);
    let replacement = Replacement::new(regex, text);
    replacement.map(Prepared::Replacement).ok_or_else(|| Problem::ArgumentValue {
        function,
        parameter: "replacement",
        expected: EXPECTED,
        found: String::from_utf8_lossy(text).into_owned(),
    })
}

/// The first argument with its first match replaced.
pub(super) fn apply(given: &Given<'_>) -> Option<Value> {
    match given.prepared {
        Prepared::Replacement(replacement) => replacement.apply(given.bytes(0)?).map(Value::Bytes),
        Prepared::Nothing => None,
    }
}

/// Checks the form of a replacement, the argument of this number.
pub(super) fn check(text: Option<&Bytes>, argument: usize) -> Result<(), Misfit> {
    match text {
        Some(text) if pieces(text).is_none() => Err(Misfit { argument, expected: EXPECTED }),
        _ => Ok(()),
    }
}

fn pieces(text: &[u8]) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut plain = Vec::new();
    let mut rest = text;
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        match (byte, behind) {
            (b'$', [b'$', behind @ ..]) => {
                plain.push(b'$');
                rest = behind;
            }
            (b'$', [b'{', digit @ b'1'..=b'9', b'}', behind @ ..]) if digit - b'0' <= GROUP_MAX => {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
                pieces.push(Piece::Group(usize::from(digit - b'0')));
                rest = behind;
            }
            (b'$', _) => return None,
            _ => plain.push(byte),
        }
    }
    pieces.push(Piece::Text(plain));
    Some(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_at_their_references() {
        let text = |text: &str| Piece::Text(text.into());
        assert_eq!(pieces(b"a$$b"), Some(vec![text("a$b")]));
        assert_eq!(
            pieces(b"/${2}/${1}"),
            Some(vec![text("/"), Piece::Group(2), text("/"), Piece::Group(1), text("")])
        );
        for bad in ["$", "a$b", "${0}", "${9}", "${10}", "${", "${1", "${x}"] {
            assert_eq!(pieces(bad.as_bytes()), None, "{bad}");
        }
    }
}
