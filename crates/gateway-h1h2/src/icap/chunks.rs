//! The chunks of a body, decoded. Extensions but `ieof` are skipped, trailers are read and dropped.

use bytes::{Buf, Bytes, BytesMut};

use super::IcapError;

/// The longest line of a chunk or trailer.
const LINE_BYTES_MAX: usize = 4 << 10;
/// All trailers of a body.
const TRAILER_BYTES_MAX: usize = 16 << 10;

/// A body being decoded.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    state: State,
    trailer_bytes: usize,
    /// The last chunk says `ieof`.
    was_all: bool,
    /// The last chunk says `use-original-body`, and from where.
    original_from: Option<u64>,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    #[default]
    Size,
    Data(u64),
    AfterData,
    Trailers,
}

/// What a step gave.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Chunk {
    Data(Bytes),
    End,
    NeedInput,
}

impl Chunks {
    /// Whether the end, once it has come, was that of all of the body (`ieof`) and not of a preview alone.
    pub(super) const fn was_all(&self) -> bool {
        self.was_all
    }

    /// From where on the original body follows behind the end, if the last chunk says that it does (the draft on
    /// partial content, `use-original-body`).
    pub(super) const fn original_from(&self) -> Option<u64> {
        self.original_from
    }

    /// Decodes up to the next piece of data.
    pub(super) fn step(&mut self, input: &mut BytesMut) -> Result<Chunk, IcapError> {
        loop {
            match self.state {
                State::Data(left) => {
                    if input.is_empty() {
                        return Ok(Chunk::NeedInput);
                    }
                    let most = usize::try_from(left).unwrap_or(usize::MAX).min(input.len());
                    let data = input.split_to(most).freeze();
                    let left = left - most as u64;
                    self.state = if left == 0 { State::AfterData } else { State::Data(left) };
                    return Ok(Chunk::Data(data));
                }
                State::Size | State::AfterData | State::Trailers => {
                    let Some(line) = take_line(input)? else { return Ok(Chunk::NeedInput) };
                    match self.state {
                        State::AfterData if line.is_empty() => self.state = State::Size,
                        State::AfterData => return Err(IcapError::Chunk),
                        State::Trailers if line.is_empty() => return Ok(Chunk::End),
                        State::Trailers => {
                            self.trailer_bytes += line.len();
                            let named = line.iter().position(|byte| *byte == b':');
                            if named.is_none_or(|at| at == 0)
                                || self.trailer_bytes > TRAILER_BYTES_MAX
                            {
                                return Err(IcapError::Chunk);
                            }
                        }
                        State::Size | State::Data(_) => {
                            self.state = match size(&line)? {
                                0 => {
                                    self.read_extensions(&line)?;
                                    State::Trailers
                                }
                                size => State::Data(size),
                            };
                        }
                    }
                }
            }
        }
    }
}

impl Chunks {
    /// Reads what the last chunk says beside its size. Of what is unknown nothing is made.
    fn read_extensions(&mut self, line: &[u8]) -> Result<(), IcapError> {
        for one in line.split(|byte| *byte == b';').skip(1).map(<[u8]>::trim_ascii) {
            self.was_all |= one.eq_ignore_ascii_case(b"ieof");
            let Some(at) = one.iter().position(|byte| *byte == b'=') else { continue };
            let (name, value) = one.split_at(at);
            if name.trim_ascii().eq_ignore_ascii_case(b"use-original-body") {
                let digits = value.get(1..).unwrap_or_default().trim_ascii();
                let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
                let text = std::str::from_utf8(digits).ok().filter(|_| is_number);
                let from = text.and_then(|text| text.parse().ok()).ok_or(IcapError::Chunk)?;
                self.original_from = Some(from);
            }
        }
        Ok(())
    }
}

/// The size at the begin of a chunk's line; what follows a semicolon is skipped.
fn size(line: &[u8]) -> Result<u64, IcapError> {
    let digits = line.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii_end();
    if digits.is_empty() || digits.len() > 15 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return Err(IcapError::Chunk);
    }
    let digits = std::str::from_utf8(digits).map_err(|_| IcapError::Chunk)?;
    u64::from_str_radix(digits, 16).map_err(|_| IcapError::Chunk)
}

/// The next line without its end, which is CR LF and nothing else.
fn take_line(input: &mut BytesMut) -> Result<Option<Bytes>, IcapError> {
    let Some(end) = input.iter().take(LINE_BYTES_MAX).position(|byte| *byte == b'\n') else {
        return if input.len() < LINE_BYTES_MAX { Ok(None) } else { Err(IcapError::Chunk) };
    };
    let mut line = input.split_to(end).freeze();
    input.advance(1);
    if line.last() != Some(&b'\r') {
        return Err(IcapError::Chunk);
    }
    line.truncate(line.len() - 1);
    if line.iter().any(|byte| *byte != b'\t' && (*byte < b' ' || *byte == 0x7f)) {
        return Err(IcapError::Chunk);
    }
    Ok(Some(line))
}
