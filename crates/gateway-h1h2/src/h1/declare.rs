//! What the framing fields of a head declare, and every way in which they can be ambiguous.
//!
//! The result is one [`Declared`]; where the body ends is then decided by
//! [`Framing`](crate::Framing) alone.

use super::Check;
use super::judge::{Fault, Judge};
use crate::fields::members;
use crate::{Declared, Version};

/// Which message the declarations stand in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// A request, or a response that may say how long its body is.
    Message,
    /// A response that can have no body and has no say about one.
    Bodiless,
}

/// What a whole head declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Settled {
    pub(super) declared: Declared,
    /// Another reader may see another end: the connection must not carry a further message.
    pub(super) doubtful: bool,
}

/// The framing fields met so far.
#[derive(Default)]
pub(super) struct Declarations {
    length: Option<u64>,
    /// Lines of `Transfer-Encoding`, each exactly `chunked`.
    encodings: usize,
    /// Where the last framing field stands.
    at: usize,
}

impl Declarations {
    /// Takes a `Content-Length` line.
    pub(super) fn add_length(
        &mut self,
        value: &[u8],
        at: usize,
        judge: &mut Judge<'_>,
    ) -> Result<(), Fault> {
        self.at = at;
        let mut numbers = value.split(|byte| *byte == b',').map(|text| number(text.trim_ascii()));
        let Some(Some(length)) = numbers.next() else {
            return Err(judge.refuse(Check::ContentLengthSyntax, at));
        };
        let mut listed = false;
        for other in numbers {
            listed = true;
            match other {
                Some(other) if other == length => {}
                Some(_) => return Err(judge.refuse(Check::ContentLengthDiffers, at)),
                None => return Err(judge.refuse(Check::ContentLengthSyntax, at)),
            }
        }
        if listed {
            judge.find(Check::ContentLengthList, at)?;
        }
        match self.length {
            None => self.length = Some(length),
            Some(before) if before == length => {
                judge.find(Check::ContentLengthRepeated, at)?;
            }
            Some(_) => return Err(judge.refuse(Check::ContentLengthDiffers, at)),
        }
        Ok(())
    }

    /// Takes a `Transfer-Encoding` line.
    pub(super) fn add_encoding(
        &mut self,
        value: &[u8],
        at: usize,
        judge: &mut Judge<'_>,
    ) -> Result<(), Fault> {
        self.at = at;
        if !value.eq_ignore_ascii_case(b"chunked") {
            let known = members(value).all(|coding| coding.eq_ignore_ascii_case(b"chunked"));
            let check = match known {
                true => Check::TransferEncodingRepeated,
                false => Check::TransferEncodingUnknown,
            };
            return Err(judge.refuse(check, at));
        }
        self.encodings += 1;
        if self.encodings > 1 {
            return Err(judge.refuse(Check::TransferEncodingRepeated, at));
        }
        Ok(())
    }

    /// Weighs the lines of a whole head against each other.
    pub(super) fn settle(
        &self,
        subject: Subject,
        version: Version,
        judge: &mut Judge<'_>,
    ) -> Result<Settled, Fault> {
        let chunked = self.encodings > 0;
        let mut doubtful = false;
        if chunked && version == Version::Http10 {
            return Err(judge.refuse(Check::TransferEncodingInHttp10, self.at));
        }
        if chunked && self.length.is_some() {
            judge.find(Check::ContentLengthAndTransferEncoding, self.at)?;
            doubtful = true;
        }
        let declared = match self.length {
            _ if chunked => Declared::Chunked,
            Some(length) => Declared::Length(length),
            None => Declared::Nothing,
        };
        if subject == Subject::Bodiless && declared != Declared::Nothing {
            judge.find(Check::FramingInBodiless, self.at)?;
            return Ok(Settled { declared: Declared::Nothing, doubtful });
        }
        Ok(Settled { declared, doubtful })
    }
}

/// `1*DIGIT` that fits into 64 bits.
fn number(text: &[u8]) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0_u64, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}
