//! The gzip format (RFC 1952): any number of members, one after the other.

use bytes::BytesMut;
use crc32fast::Hasher;
use gateway_inspect::Unscannable;

use super::decoder::Decoded;
use super::inflate::{Inflate, InflateState, Wrapper};
use crate::Limits;

/// What every member begins with.
pub(crate) const MAGIC: [u8; 2] = [0x1f, 0x8b];
const DEFLATE: u8 = 8;
const FIXED_BYTES: usize = 10;
const TRAILER_BYTES: usize = 8;
/// Bytes of a file name that are kept; [`Limits::name_bytes_max`] may keep less of them.
const NAME_BYTES_MAX: usize = 4 << 10;
const FHCRC: u8 = 1 << 1;
const FEXTRA: u8 = 1 << 2;
const FNAME: u8 = 1 << 3;
const FCOMMENT: u8 = 1 << 4;
const RESERVED: u8 = 0b1110_0000;

/// A gzip stream on its way.
pub(crate) struct Gzip {
    state: State,
    inflate: Inflate,
    crc: Hasher,
    member_bytes: u32,
    /// Whether a whole member is behind.
    any: bool,
}

enum State {
    Header(Header),
    Body,
    Trailer {
        bytes: [u8; TRAILER_BYTES],
        have: usize,
    },
    /// After a member: padding, another member, or the end.
    Between,
    Over,
}

impl Gzip {
    /// A stream of which nothing was seen.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self::at(State::Header(Header::default()), limits)
    }

    /// A stream whose first header was read.
    pub(crate) fn after_header(limits: &Limits) -> Self {
        Self::at(State::Body, limits)
    }

    fn at(state: State, limits: &Limits) -> Self {
        Self {
            state,
            inflate: Inflate::new(Wrapper::Raw, limits),
            crc: Hasher::new(),
            member_bytes: 0,
            any: false,
        }
    }

    /// Whether all that follows from the input so far is out.
    pub(crate) fn is_drained(&self) -> bool {
        self.inflate.is_drained()
    }

    /// What it has cost so far, in bytes of output that take as long.
    pub(crate) fn work(&self) -> u64 {
        self.inflate.work()
    }

    /// Whether it is certain by now that this is gzip.
    pub(crate) fn is_recognized(&self) -> bool {
        match &self.state {
            State::Header(header) => self.any || header.have >= MAGIC.len(),
            State::Body | State::Trailer { .. } | State::Between | State::Over => true,
        }
    }

    /// The input has ended: whether it did so between members.
    pub(crate) fn finish(&self) -> Result<(), Unscannable> {
        match &self.state {
            State::Between | State::Over => Ok(()),
            State::Header(header) if header.have == 0 && !self.any => Ok(()),
            State::Header(_) | State::Body | State::Trailer { .. } => Err(Unscannable::Malformed),
        }
    }

    /// Takes the next step through `input`. [`Decoded::End`] is answered at the first byte that
    /// begins no further member; it is not consumed.
    pub(crate) fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        match &mut self.state {
            State::Header(header) => {
                let (consumed, read) = header.read(input);
                let decoded = match read {
                    Read::More => Decoded::More,
                    Read::Done => {
                        self.state = State::Body;
                        Decoded::More
                    }
                    Read::Foreign { held } if !self.any => Decoded::Foreign { held },
                    Read::Foreign { .. } => {
                        self.state = State::Over;
                        Decoded::End
                    }
                    Read::Failed(reason) => Decoded::Failed(reason),
                };
                (consumed, decoded)
            }
            State::Body => self.run_body(input, out),
            State::Trailer { bytes, have } => {
                let room = bytes.get_mut(*have..).unwrap_or_default();
                let n = room.len().min(input.len());
                room.iter_mut().zip(input).for_each(|(to, from)| *to = *from);
                *have += n;
                if *have < TRAILER_BYTES {
                    return (n, Decoded::More);
                }
                let trailer = u64::from_le_bytes(*bytes);
                (n, self.end_member(trailer))
            }
            State::Between => {
                let padding = input.iter().take_while(|b| **b == 0).count();
                match input.get(padding) {
                    None => {}
                    Some(first) if *first == MAGIC[0] => {
                        self.inflate.restart();
                        self.state = State::Header(Header::default());
                    }
                    Some(_) => self.state = State::Over,
                }
                (padding, Decoded::More)
            }
            State::Over => (0, Decoded::End),
        }
    }

    /// Compares the trailer, ISIZE above CRC-32, with what came out.
    fn end_member(&mut self, trailer: u64) -> Decoded {
        let crc = std::mem::take(&mut self.crc).finalize();
        let size = std::mem::take(&mut self.member_bytes);
        self.state = State::Between;
        self.any = true;
        if trailer == u64::from(size) << 32 | u64::from(crc) {
            Decoded::More
        } else {
            Decoded::Failed(Unscannable::Malformed)
        }
    }

    fn run_body(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let before = out.len();
        let inflated = self.inflate.run(input, out);
        let fresh = out.get(before..).unwrap_or_default();
        self.crc.update(fresh);
        // ISIZE counts modulo 2^32, and so does the cast.
        self.member_bytes = self.member_bytes.wrapping_add(fresh.len() as u32);
        let decoded = match inflated.state {
            InflateState::More => Decoded::More,
            InflateState::End => {
                self.state = State::Trailer { bytes: [0; TRAILER_BYTES], have: 0 };
                Decoded::More
            }
            InflateState::Failed(reason) => Decoded::Failed(reason),
        };
        (inflated.consumed, decoded)
    }
}

/// Reads the header of one member.
#[derive(Default)]
pub(crate) struct Header {
    field: Field,
    /// Bytes of the fixed part that were read.
    have: usize,
    flags: u8,
    name: Vec<u8>,
}

/// The field whose next byte comes.
#[derive(Clone, Copy, Default)]
enum Field {
    #[default]
    Fixed,
    ExtraLow,
    ExtraHigh {
        low: u8,
    },
    Extra {
        left: u16,
    },
    Name,
    Comment,
    Crc {
        left: u8,
    },
}

/// How far the reading of a header got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// More bytes are needed.
    More,
    /// The compressed data follow.
    Done,
    /// This is no gzip header: `held` bytes of the magic were consumed before that showed.
    Foreign { held: usize },
    /// It is one that cannot be followed.
    Failed(Unscannable),
}

impl Header {
    /// The name of the file, if it was given and as far as it was kept.
    pub(crate) fn into_name(self) -> Vec<u8> {
        self.name
    }

    /// Reads on; says how many bytes were consumed. The CRC of the header is not compared: the
    /// data are looked at either way.
    pub(crate) fn read(&mut self, input: &[u8]) -> (usize, Read) {
        for (i, byte) in input.iter().enumerate() {
            match self.step(*byte) {
                Read::More => {}
                Read::Done => return (i + 1, Read::Done),
                end @ (Read::Foreign { .. } | Read::Failed(_)) => return (i, end),
            }
        }
        (input.len(), Read::More)
    }

    fn step(&mut self, byte: u8) -> Read {
        match self.field {
            Field::Fixed => return self.step_fixed(byte),
            Field::ExtraLow => self.field = Field::ExtraHigh { low: byte },
            Field::ExtraHigh { low } => {
                let left = u16::from_le_bytes([low, byte]);
                self.field = Field::Extra { left };
                if left == 0 {
                    return self.next(FNAME);
                }
            }
            Field::Extra { left: 1 } => return self.next(FNAME),
            Field::Extra { left } => self.field = Field::Extra { left: left.saturating_sub(1) },
            Field::Name if byte == 0 => return self.next(FCOMMENT),
            Field::Name if self.name.len() < NAME_BYTES_MAX => self.name.push(byte),
            Field::Name => {}
            Field::Comment if byte == 0 => return self.next(FHCRC),
            Field::Comment => {}
            Field::Crc { left: 1 } => return Read::Done,
            Field::Crc { left } => self.field = Field::Crc { left: left.saturating_sub(1) },
        }
        Read::More
    }

    fn step_fixed(&mut self, byte: u8) -> Read {
        match self.have {
            0 | 1 if MAGIC.get(self.have) != Some(&byte) => {
                return Read::Foreign { held: self.have };
            }
            2 if byte != DEFLATE => return Read::Failed(Unscannable::Unsupported),
            3 if byte & RESERVED != 0 => return Read::Failed(Unscannable::Unsupported),
            3 => self.flags = byte,
            _ => {}
        }
        self.have += 1;
        if self.have == FIXED_BYTES { self.next(FEXTRA) } else { Read::More }
    }

    /// Goes to the first field that is there, `from` and the ones after it.
    fn next(&mut self, from: u8) -> Read {
        const ORDER: [(u8, Field); 4] = [
            (FEXTRA, Field::ExtraLow),
            (FNAME, Field::Name),
            (FCOMMENT, Field::Comment),
            (FHCRC, Field::Crc { left: 2 }),
        ];
        let rest = ORDER.iter().skip_while(|(flag, _)| *flag != from);
        match rest.into_iter().find(|(flag, _)| self.flags & flag != 0) {
            Some((_, field)) => {
                self.field = *field;
                Read::More
            }
            None => Read::Done,
        }
    }
}
