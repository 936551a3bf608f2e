//! The blocks of a stream, piece by piece: stored ones, and those of codes, which are read to the end
//! of what has come (RFC 1951, section 3.2).

use std::sync::OnceLock;

use super::super::bits::{Fault, MALFORMED};
use super::code::{
    CODE_BITS_MAX, CODES_MAX, Code, Entry, Format, Kind, LENGTHS_OF_CODES, LITERALS_MAX, Lack,
};
use super::reader::Reader;
use super::window::Window;

/// Codes for bytes and lengths, and for distances, of the fixed code.
const FIXED: [(u8, usize); 5] = [(8, 144), (9, 112), (7, 24), (8, 8), (5, 32)];
/// The order in which the lengths of the codes for lengths come.
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
/// Bits of a code for a byte or length and of the number behind it, at the most; those of a distance
/// are fewer.
const READ_BITS_MAX: u32 = 15 + 16;
/// Bits of a match of deflate, at the most.
const MATCH_BITS_MAX: u32 = 15 + 5 + 15 + 13;
/// Bytes that may be written between two looks at how much room there is: three, and a match of deflate.
const TURN_BYTES: usize = 3 + 258;

/// How a stream stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stand {
    /// All that has come is used.
    Short,
    /// There is no more room.
    Full,
    /// A block is behind.
    Block,
    /// The last one is.
    Over,
}

/// What comes next.
#[derive(Clone, Copy, Debug)]
enum Next {
    /// The head of a block.
    Head,
    /// The length of a stored one.
    StoredLength,
    /// So many bytes of it.
    Stored(usize),
    /// How many codes there are.
    Counts,
    /// The lengths of so many codes for lengths, from this one on.
    LengthCodes { count: usize, at: usize },
    /// The lengths of codes, from this one on.
    Lengths { at: usize },
    /// A byte, or the length of a match.
    Symbol,
    /// The distance of a match of that length.
    Distance { len: usize },
    /// So many bytes of a match.
    Match { distance: usize, len: usize },
    /// Nothing.
    End,
}

/// The codes of a block: for bytes and lengths, and for distances; the latter for lengths of codes while
/// these are read.
struct Codes {
    literals: Code<1024>,
    distances: Code<512>,
}

impl Codes {
    const fn new() -> Self {
        Self { literals: Code::new(), distances: Code::new() }
    }

    /// Makes them those of these lengths.
    fn set(&mut self, literals: &[u8], distances: &[u8], format: Format) -> Result<(), Fault> {
        let lack = format.may_lack();
        self.literals.set(literals, lack, format.literals())?;
        self.distances.set(distances, lack, format.distances())
    }
}

/// A stream.
pub(crate) struct Blocks {
    format: Format,
    next: Next,
    is_last: bool,
    /// The codes that a block brings, once there was one, and how many have brought some.
    own: Option<Box<Codes>>,
    owned: u64,
    /// Whether this block has the fixed ones.
    is_fixed: bool,
    /// Lengths of codes, and how many of them are for bytes and lengths, and for distances.
    lengths: [u8; CODES_MAX],
    literal_count: usize,
    distance_count: usize,
}

impl Blocks {
    /// A stream of which nothing was seen.
    pub(crate) const fn new(format: Format) -> Self {
        Self {
            format,
            next: Next::Head,
            is_last: false,
            own: None,
            owned: 0,
            is_fixed: false,
            lengths: [0; CODES_MAX],
            literal_count: 0,
            distance_count: 0,
        }
    }

    /// Begins the next stream: blocks are counted on.
    pub(crate) const fn restart(&mut self) {
        self.next = Next::Head;
    }

    /// Blocks so far that brought codes of their own.
    pub(crate) const fn owned(&self) -> u64 {
        self.owned
    }

    /// Goes on, up to the end of a block.
    pub(crate) fn run(
        &mut self,
        reader: &mut Reader<'_>,
        window: &mut Window,
    ) -> Result<Stand, Fault> {
        let stand = loop {
            match self.step(reader, window) {
                Ok(None) => {}
                Ok(Some(stand)) => break stand,
                // What has come of it is held.
                Err(Fault::Short) => return Ok(Stand::Short),
                Err(fault) => {
                    reader.leave();
                    return Err(fault);
                }
            }
        };
        reader.leave();
        Ok(stand)
    }

    /// Does what comes next: where that leads, if not to more of the block.
    fn step(
        &mut self,
        reader: &mut Reader<'_>,
        window: &mut Window,
    ) -> Result<Option<Stand>, Fault> {
        match self.next {
            Next::Head => self.head(reader)?,
            Next::StoredLength => {
                let both = reader.take(32)?;
                if both as u16 != !(both >> 16) as u16 {
                    return Err(MALFORMED);
                }
                self.next = Next::Stored((both & 0xffff) as usize);
            }
            Next::Stored(0) => return Ok(Some(self.end_block())),
            Next::Stored(left) => {
                let bytes = reader.bytes(left.min(window.room()));
                window.bytes(bytes);
                self.next = Next::Stored(left - bytes.len());
                if bytes.is_empty() {
                    return Ok(Some(if window.room() == 0 { Stand::Full } else { Stand::Short }));
                }
            }
            Next::Counts => self.counts(reader)?,
            Next::LengthCodes { count, at } => self.length_codes(reader, count, at)?,
            Next::Lengths { at } => self.read_lengths(reader, at)?,
            Next::Symbol => return self.symbols(reader, window),
            Next::Distance { len } => {
                let codes = codes(self.format, self.is_fixed, self.own.as_deref())?;
                let distance = read(&codes.distances, reader)?;
                self.next = Next::Match { distance: based(distance)?, len };
            }
            Next::Match { distance, len } => {
                let left = len - window.copy(distance, len)?;
                if left > 0 {
                    self.next = Next::Match { distance, len: left };
                    return Ok(Some(Stand::Full));
                }
                self.next = Next::Symbol;
            }
            Next::End => return Ok(Some(Stand::Over)),
        }
        Ok(None)
    }

    fn end_block(&mut self) -> Stand {
        self.next = if self.is_last { Next::End } else { Next::Head };
        if self.is_last { Stand::Over } else { Stand::Block }
    }

    fn head(&mut self, reader: &mut Reader<'_>) -> Result<(), Fault> {
        let bits = reader.take(3)?;
        self.is_last = bits & 1 == 1;
        match bits >> 1 {
            0 => {
                reader.align();
                self.next = Next::StoredLength;
            }
            1 => {
                self.is_fixed = true;
                self.next = Next::Symbol;
            }
            2 => self.next = Next::Counts,
            _ => return Err(MALFORMED),
        }
        Ok(())
    }

    fn counts(&mut self, reader: &mut Reader<'_>) -> Result<(), Fault> {
        let bits = reader.take(14)? as usize;
        self.literal_count = 257 + (bits & 31);
        self.distance_count = 1 + (bits >> 5 & 31);
        let (literals_max, distances_max) = self.format.counts_max();
        if self.literal_count > literals_max || self.distance_count > distances_max {
            return Err(MALFORMED);
        }
        self.lengths = [0; CODES_MAX];
        self.is_fixed = false;
        if self.own.is_none() {
            self.own = Some(Box::new(Codes::new()));
        }
        self.owned += 1;
        self.next = Next::LengthCodes { count: 4 + (bits >> 10), at: 0 };
        Ok(())
    }

    fn length_codes(
        &mut self,
        reader: &mut Reader<'_>,
        count: usize,
        mut at: usize,
    ) -> Result<(), Fault> {
        while at < count {
            let length = reader.take(3)? as u8;
            let slot = ORDER.get(at).and_then(|symbol| self.lengths.get_mut(*symbol));
            if let Some(slot) = slot {
                *slot = length;
            }
            at += 1;
            self.next = Next::LengthCodes { count, at };
        }
        let lengths = self.lengths.get(..ORDER.len()).unwrap_or_default();
        // Those of the distances come last: until then their place is free.
        let lack = match self.format.may_lack() {
            Lack::Any => Lack::Any,
            Lack::None | Lack::Single => Lack::None,
        };
        let own = self.own.as_mut().ok_or(MALFORMED)?;
        own.distances.set(lengths, lack, &LENGTHS_OF_CODES)?;
        self.next = Next::Lengths { at: 0 };
        Ok(())
    }

    fn read_lengths(&mut self, reader: &mut Reader<'_>, mut at: usize) -> Result<(), Fault> {
        let count = self.literal_count + self.distance_count;
        while at < count {
            let own = self.own.as_deref().ok_or(MALFORMED)?;
            let (entry, extra) = read(&own.distances, reader)?;
            let extra = extra as usize;
            let (length, times) = match entry.number() {
                16 => {
                    let before = at.checked_sub(1).and_then(|before| self.lengths.get(before));
                    (*before.ok_or(MALFORMED)?, 3 + extra)
                }
                17 => (0, 3 + extra),
                18 => (0, 11 + extra),
                length => (length as u8, 1),
            };
            if at + times > count {
                return Err(MALFORMED);
            }
            self.lengths.get_mut(at..at + times).unwrap_or_default().fill(length);
            at += times;
            self.next = Next::Lengths { at };
        }
        self.begin()
    }

    /// The lengths of all codes are known.
    fn begin(&mut self) -> Result<(), Fault> {
        let (literals, rest) = self.lengths.split_at(self.literal_count.min(self.lengths.len()));
        let distances = rest.get(..self.distance_count).unwrap_or(rest);
        self.own.as_mut().ok_or(MALFORMED)?.set(literals, distances, self.format)?;
        self.next = Next::Symbol;
        Ok(())
    }

    /// Reads symbols up to the end of the block, as far as they have come whole and there is room.
    fn symbols(
        &mut self,
        reader: &mut Reader<'_>,
        window: &mut Window,
    ) -> Result<Option<Stand>, Fault> {
        let codes = codes(self.format, self.is_fixed, self.own.as_deref())?;
        if self.format == Format::Deflate && whole_symbols(codes, reader, window)? == Turn::End {
            return Ok(Some(self.end_block()));
        }
        while window.room() > 0 {
            let entry = read(&codes.literals, reader)?;
            match entry.0.kind() {
                Kind::Literal => {
                    window.byte(entry.0.number() as u8);
                    continue;
                }
                Kind::Base => {}
                Kind::End => return Ok(Some(self.end_block())),
                Kind::Nothing => return Err(MALFORMED),
            }
            let len = based(entry)?;
            let distance = match read(&codes.distances, reader) {
                Ok(distance) => based(distance)?,
                Err(fault) => {
                    self.next = Next::Distance { len };
                    return Err(fault);
                }
            };
            let left = len - window.copy(distance, len)?;
            if left > 0 {
                self.next = Next::Match { distance, len: left };
            }
        }
        Ok(Some(Stand::Full))
    }
}

/// Where reading whole symbols came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// Near the end of what has come, or of the room.
    More,
    /// The end of the block.
    End,
}

/// Reads symbols of deflate as long as there are enough bits, and there is enough room, for any of them.
fn whole_symbols(
    codes: &Codes,
    reader: &mut Reader<'_>,
    window: &mut Window,
) -> Result<Turn, Fault> {
    while window.room() >= TURN_BYTES {
        reader.refill();
        if reader.count() < MATCH_BITS_MAX {
            break;
        }
        let mut entry = codes.literals.first(reader.bits());
        if entry.kind() == Kind::Literal {
            // Those in the table have ten bits at the most: of three more there are enough as well.
            literal(entry, reader, window);
            entry = codes.literals.first(reader.bits());
            if entry.kind() == Kind::Literal {
                literal(entry, reader, window);
                entry = codes.literals.first(reader.bits());
                if entry.kind() == Kind::Literal {
                    literal(entry, reader, window);
                    entry = codes.literals.first(reader.bits());
                    if entry.kind() == Kind::Literal {
                        literal(entry, reader, window);
                        continue;
                    }
                }
            }
            reader.refill();
            if reader.count() < MATCH_BITS_MAX {
                break;
            }
        }
        if entry.bits() == 0 {
            entry = codes.literals.search(reader.bits());
        }
        match entry.kind() {
            Kind::Literal => {
                literal(entry, reader, window);
                continue;
            }
            Kind::Base => {}
            Kind::End => {
                reader.skip(entry.bits());
                return Ok(Turn::End);
            }
            Kind::Nothing => return Err(no_code(entry, reader)),
        }
        let len = number(entry, reader);
        let entry = codes.distances.look_up(reader.bits());
        if entry.kind() != Kind::Base {
            return Err(no_code(entry, reader));
        }
        let distance = number(entry, reader);
        window.copy(distance, len)?;
    }
    Ok(Turn::More)
}

/// Writes the byte that a code means, whose bits have come.
#[inline]
fn literal(entry: Entry, reader: &mut Reader<'_>, window: &mut Window) {
    reader.skip(entry.bits());
    window.byte(entry.number() as u8);
}

/// What a length or distance comes to, whose bits have come.
#[inline]
fn number(entry: Entry, reader: &mut Reader<'_>) -> usize {
    let extra = (reader.bits() >> entry.bits()) as u32 & ((1 << entry.extra()) - 1);
    reader.skip(entry.bits() + entry.extra());
    (entry.number() + extra) as usize
}

/// What stands there means nothing. Its bits are used, which have come: where a fault is does not
/// depend on the pieces.
#[cold]
fn no_code(entry: Entry, reader: &mut Reader<'_>) -> Fault {
    reader.skip(match entry.bits() {
        0 => CODE_BITS_MAX,
        bits => bits + entry.extra(),
    });
    MALFORMED
}

/// The codes of a block: the fixed ones, or those that it has brought.
fn codes(format: Format, is_fixed: bool, own: Option<&Codes>) -> Result<&Codes, Fault> {
    if is_fixed { Ok(fixed(format)) } else { own.ok_or(MALFORMED) }
}

/// The codes that need not be brought.
fn fixed(format: Format) -> &'static Codes {
    static DEFLATE: OnceLock<Box<Codes>> = OnceLock::new();
    static DEFLATE64: OnceLock<Box<Codes>> = OnceLock::new();
    let which = match format {
        Format::Deflate => &DEFLATE,
        Format::Deflate64 => &DEFLATE64,
    };
    which.get_or_init(|| {
        let mut lengths = [0; CODES_MAX];
        let mut slots = lengths.iter_mut();
        for (length, count) in FIXED {
            slots.by_ref().take(count).for_each(|slot| *slot = length);
        }
        let (literals, distances) = lengths.split_at(LITERALS_MAX);
        let mut codes = Box::new(Codes::new());
        // Of these there are as many as there is room for. Without them each symbol would be a fault.
        let _ = codes.set(literals, distances, format);
        codes
    })
}

/// Reads a code and the number behind it.
#[inline]
fn read<const TABLE: usize>(
    code: &Code<TABLE>,
    reader: &mut Reader<'_>,
) -> Result<(Entry, u32), Fault> {
    if reader.count() < READ_BITS_MAX {
        reader.refill();
    }
    let entry = code.look_up(reader.bits());
    let (bits, extra) = (entry.bits(), entry.extra());
    if bits == 0 && reader.count() >= CODE_BITS_MAX {
        return Err(no_code(entry, reader));
    }
    if bits == 0 || bits + extra > reader.count() {
        return Err(Fault::Short);
    }
    let number = (reader.bits() >> bits) as u32 & ((1 << extra) - 1);
    reader.skip(bits + extra);
    Ok((entry, number))
}

/// What a length or distance comes to.
#[inline]
fn based((entry, number): (Entry, u32)) -> Result<usize, Fault> {
    if entry.kind() == Kind::Base { Ok((entry.number() + number) as usize) } else { Err(MALFORMED) }
}
