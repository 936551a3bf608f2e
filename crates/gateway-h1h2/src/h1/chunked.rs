//! The chunked coding (RFC 9112 §7.1), decoded byte by byte for the lines and slice by slice for
//! the data. Extensions are checked, counted and dropped.

use bytes::Bytes;

use super::input::Input;
use super::judge::{Fault, Judge};
use super::{Check, Limits};
use crate::fields::{is_token_byte, is_value_byte};

/// Where the decoder stands.
///
/// ```text
/// Size -> [Extension] -> SizeLf -> Data -> DataCr -> DataLf -> Size ...
///                           \-> Trailers (size 0)
/// ```
#[derive(Debug)]
enum State {
    Size { digits: u8 },
    Extension(Extension),
    SizeLf,
    Data,
    DataCr,
    DataLf,
    Trailers,
}

/// Where in a chunk extension (RFC 9112 §7.1.1): `;name`, `;name=token` or `;name="quoted"`.
#[derive(Clone, Copy, Debug)]
enum Extension {
    /// Behind the semicolon: a name must begin.
    Start,
    Name,
    /// Behind the equals sign: a value must begin.
    Value,
    Token,
    Quoted,
    Escaped,
    /// Behind the closing quote.
    Closed,
    /// Malformed and tolerated: everything up to the end of the line.
    Loose,
}

/// One chunked body.
#[derive(Debug)]
pub(super) struct Chunked {
    state: State,
    /// The size being read, then the bytes of the chunk still to come.
    size: u64,
    extension_bytes: usize,
}

/// What a step of the decoder gave.
pub(super) enum Chunk {
    Data(Bytes),
    /// The last chunk is over: a trailer section follows.
    Trailers,
    NeedInput,
    NeedCredit,
}

const DIGITS_MAX: u8 = 16;

impl Chunked {
    pub(super) const fn new() -> Self {
        Self { state: State::Size { digits: 0 }, size: 0, extension_bytes: 0 }
    }

    /// Decodes up to the next piece of data, of at most `credit` bytes.
    pub(super) fn step(
        &mut self,
        input: &mut Input,
        credit: u64,
        judge: &mut Judge<'_>,
        limits: &Limits,
    ) -> Result<Chunk, Fault> {
        loop {
            match self.state {
                State::Trailers => return Ok(Chunk::Trailers),
                State::Data => {
                    if input.is_empty() {
                        return Ok(Chunk::NeedInput);
                    }
                    if credit == 0 {
                        return Ok(Chunk::NeedCredit);
                    }
                    let most = usize::try_from(self.size.min(credit)).unwrap_or(usize::MAX);
                    let data = input.take(most);
                    self.size -= data.len() as u64;
                    if self.size == 0 {
                        self.state = State::DataCr;
                    }
                    return Ok(Chunk::Data(data));
                }
                State::Size { .. }
                | State::Extension(_)
                | State::SizeLf
                | State::DataCr
                | State::DataLf => {
                    if input.is_empty() {
                        return Ok(Chunk::NeedInput);
                    }
                    let line_bytes = self.read_line(input.front(), judge, limits)?;
                    input.skip(line_bytes);
                }
            }
        }
    }

    /// Reads on until data or trailers begin or the piece ends; says how many bytes that was.
    fn read_line(
        &mut self,
        piece: &[u8],
        judge: &mut Judge<'_>,
        limits: &Limits,
    ) -> Result<usize, Fault> {
        for (at, byte) in piece.iter().copied().enumerate() {
            self.state = match (&self.state, byte) {
                (State::Size { digits }, _) => self.read_size(*digits, byte, at, judge)?,
                (State::Extension(place), b'\r') => {
                    match place {
                        Extension::Name
                        | Extension::Token
                        | Extension::Closed
                        | Extension::Loose => {}
                        Extension::Start
                        | Extension::Value
                        | Extension::Quoted
                        | Extension::Escaped => {
                            judge.find(Check::ChunkExtensionSyntax, at)?;
                        }
                    }
                    State::SizeLf
                }
                (State::Extension(place), _) => {
                    let place = *place;
                    self.extension_bytes += 1;
                    if self.extension_bytes > limits.chunk_extension_bytes_max {
                        return Err(judge.refuse(Check::ChunkExtensionsTooLarge, at));
                    }
                    State::Extension(read_extension(place, byte, at, judge)?)
                }
                (State::SizeLf, b'\n') if self.size == 0 => State::Trailers,
                (State::SizeLf, b'\n') => State::Data,
                (State::SizeLf, _) => return Err(judge.refuse(Check::ChunkLineEnd, at)),
                (State::DataCr, b'\r') => State::DataLf,
                (State::DataLf, b'\n') => State::Size { digits: 0 },
                (State::DataCr | State::DataLf, _) => {
                    return Err(judge.refuse(Check::ChunkDataEnd, at));
                }
                (State::Data | State::Trailers, _) => return Ok(at),
            };
        }
        Ok(piece.len())
    }

    fn read_size(
        &mut self,
        digits: u8,
        byte: u8,
        at: usize,
        judge: &mut Judge<'_>,
    ) -> Result<State, Fault> {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            b'A'..=b'F' => byte - b'A' + 10,
            b';' if digits > 0 => return Ok(State::Extension(Extension::Start)),
            b'\r' if digits > 0 => return Ok(State::SizeLf),
            b'\n' if digits > 0 => return Err(judge.refuse(Check::ChunkLineEnd, at)),
            _ => return Err(judge.refuse(Check::ChunkSizeSyntax, at)),
        };
        if digits == DIGITS_MAX {
            return Err(judge.refuse(Check::ChunkSizeTooLarge, at));
        }
        self.size = (self.size << 4) | u64::from(digit);
        Ok(State::Size { digits: digits + 1 })
    }
}

fn read_extension(
    place: Extension,
    byte: u8,
    at: usize,
    judge: &mut Judge<'_>,
) -> Result<Extension, Fault> {
    // No severity lets a line end in anything but CR LF.
    if byte == b'\n' {
        return Err(judge.refuse(Check::ChunkLineEnd, at));
    }
    let next = match (place, byte) {
        (Extension::Loose, _) => Some(Extension::Loose),
        (Extension::Start | Extension::Name, _) if is_token_byte(byte) => Some(Extension::Name),
        (Extension::Name, b'=') => Some(Extension::Value),
        (Extension::Value, b'"') => Some(Extension::Quoted),
        (Extension::Value | Extension::Token, _) if is_token_byte(byte) => Some(Extension::Token),
        (Extension::Name | Extension::Token | Extension::Closed, b';') => Some(Extension::Start),
        (Extension::Quoted, b'"') => Some(Extension::Closed),
        (Extension::Quoted, b'\\') => Some(Extension::Escaped),
        (Extension::Quoted | Extension::Escaped, _) if is_value_byte(byte) => {
            Some(Extension::Quoted)
        }
        (
            Extension::Start
            | Extension::Name
            | Extension::Value
            | Extension::Token
            | Extension::Quoted
            | Extension::Escaped
            | Extension::Closed,
            _,
        ) => None,
    };
    match next {
        Some(place) => Ok(place),
        None => {
            judge.find(Check::ChunkExtensionSyntax, at)?;
            Ok(Extension::Loose)
        }
    }
}
