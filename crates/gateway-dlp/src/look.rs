//! What a pattern may ask of a place without taking a byte of it: a beginning, an end, the edge of a word.

use regex_syntax::hir::Look;

use crate::bytes::is_word;

/// Whether `look` holds between two bytes; `None` is an end of the part.
pub(crate) fn holds(look: Look, before: Option<u8>, after: Option<u8>) -> bool {
    let (left, right) = (before.is_some_and(is_word), after.is_some_and(is_word));
    match look {
        Look::Start => before.is_none(),
        Look::End => after.is_none(),
        Look::StartLF => before.is_none_or(|byte| byte == b'\n'),
        Look::EndLF => after.is_none_or(|byte| byte == b'\n'),
        Look::StartCRLF => match before {
            Some(b'\r') => after != Some(b'\n'),
            other => other.is_none_or(|byte| byte == b'\n'),
        },
        Look::EndCRLF => match after {
            Some(b'\n') => before != Some(b'\r'),
            other => other.is_none_or(|byte| byte == b'\r'),
        },
        Look::WordAscii | Look::WordUnicode => left != right,
        Look::WordAsciiNegate | Look::WordUnicodeNegate => left == right,
        Look::WordStartAscii | Look::WordStartUnicode => !left && right,
        Look::WordEndAscii | Look::WordEndUnicode => left && !right,
        Look::WordStartHalfAscii | Look::WordStartHalfUnicode => !left,
        Look::WordEndHalfAscii | Look::WordEndHalfUnicode => !right,
    }
}
