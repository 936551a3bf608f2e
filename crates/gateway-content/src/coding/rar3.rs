//! The symbols that RAR packed by before version 5: static prefix codes whose lengths may be told as
//! differences to those before, in the forms of 2.0 and of 2.9, and of the latter blocks that are packed by
//! context. What is sound in the older form is `Unsupported`.

use gateway_inspect::Unscannable;

use super::bits::{Bits, Fault, MALFORMED, Order};
use super::prefix_code::PrefixCode;
use super::rar_context::{Context, Told};
use super::rar_filter::Filter;
use super::rar_program::Programs;
use super::rar_slots::{LENGTH_SLOTS, SHORT_SLOTS, distance_slot, slot};
use super::rar5::read_length_code;
use super::stepped::{Sink, Symbols};

const NEAR: usize = 0x2000;
const FAR: usize = 0x4_0000;
/// The distance symbol that stands for the low bits before, and how often they count.
const LOW_AGAIN: u16 = 16;
const LOW_COUNT: u8 = 15;

/// Which of the forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// 2.0, with a window of 1 MiB.
    Two,
    /// 2.9, with one of up to 4 MiB.
    Three,
}

impl Version {
    /// Symbols of the codes for bytes and lengths, distances, low bits of these, and lengths of old
    /// distances.
    const fn symbols(self) -> [usize; 4] {
        match self {
            Self::Two => [298, 48, 0, 28],
            Self::Three => [299, 60, 17, 28],
        }
    }
}

/// The symbols.
pub(crate) struct Rar3 {
    version: Version,
    window: usize,
    codes: Option<Box<Codes>>,
    /// Lengths of all codes of the block before.
    lengths: Vec<u8>,
    old: [usize; 4],
    last: (usize, usize),
    low: usize,
    low_left: u8,
    written: u64,
    programs: Programs,
    /// Blocks by context, and whether the one at hand is one of these.
    context: Context,
    is_by_context: bool,
    /// Whether no more bytes come than have.
    is_last: bool,
}

/// The codes of a block.
struct Codes {
    literals: PrefixCode,
    distances: PrefixCode,
    low: PrefixCode,
    repeated: PrefixCode,
}

/// What the next symbol brings.
enum Next {
    Byte(u8),
    Match {
        distance: usize,
        length: usize,
        moves: Moves,
    },
    /// One that leaves no distance behind.
    Copy {
        distance: usize,
        length: usize,
    },
    /// Nothing.
    None,
    Codes,
    End,
}

/// What becomes of the distances before.
enum Moves {
    /// It is a new one.
    In,
    /// It is that of this number.
    Front(usize),
    /// They stay.
    Stay,
}

impl Rar3 {
    /// A stream with a window of `window` bytes, and of models that may fill `model_bytes_max`.
    pub(crate) fn new(version: Version, window: usize, model_bytes_max: usize) -> Self {
        Self {
            version,
            window: window.max(1),
            codes: None,
            lengths: vec![0; version.symbols().iter().sum()],
            old: [0; 4],
            last: (0, 0),
            low: 0,
            low_left: 0,
            written: 0,
            programs: Programs::default(),
            context: Context::new(model_bytes_max),
            is_by_context: false,
            is_last: false,
        }
    }

    /// The same for a member that goes on from here, whose filters count from its own first byte.
    pub(crate) fn for_next(mut self) -> Self {
        (self.written, self.is_last) = (0, false);
        self.programs.forget_filters();
        self
    }

    pub(crate) const fn version(&self) -> Version {
        self.version
    }

    /// The filters that were met so far, in order.
    pub(crate) fn filters(&self) -> &[Filter] {
        self.programs.filters()
    }

    /// The codes of a block.
    fn read_codes(&mut self, bits: &mut Bits<'_>) -> Result<(), Fault> {
        if self.version == Version::Three {
            bits.skip((8 - bits.at() % 8) as u32 % 8)?;
            if bits.peek(1) == 1 {
                self.context.begin(bits)?;
                self.is_by_context = true;
                return Ok(());
            }
        }
        let is_other = bits.take(1)? == 1;
        if is_other {
            return Err(Fault::Broken(Unscannable::Unsupported));
        }
        let keeps = bits.take(1)? == 1;
        let mut all = if keeps { self.lengths.clone() } else { vec![0; self.lengths.len()] };
        let code = match self.version {
            Version::Two => {
                let lengths: Result<Vec<u8>, Fault> =
                    (0..19).map(|_| bits.take(4).map(|length| length as u8)).collect();
                PrefixCode::new(&lengths?)?
            }
            Version::Three => read_length_code(bits, 20)?,
        };
        let mut i = 0;
        while i < all.len() {
            let symbol = code.read(bits)?;
            let (again, count) = match (self.version, symbol) {
                (_, length @ 0..=15) => {
                    if let Some(slot) = all.get_mut(i) {
                        *slot = (*slot + length as u8) & 15;
                    }
                    i += 1;
                    continue;
                }
                (Version::Two, 16) => (true, bits.number(2)? + 3),
                (Version::Two, 17) => (false, bits.number(3)? + 3),
                (Version::Two, _) => (false, bits.number(7)? + 11),
                (Version::Three, 16) => (true, bits.number(3)? + 3),
                (Version::Three, 17) => (true, bits.number(7)? + 11),
                (Version::Three, 18) => (false, bits.number(3)? + 3),
                (Version::Three, _) => (false, bits.number(7)? + 11),
            };
            let value = match i.checked_sub(1).and_then(|i| all.get(i)) {
                _ if !again => 0,
                Some(value) => *value,
                None => return Err(MALFORMED),
            };
            let to = (i + count).min(all.len());
            all.get_mut(i..to).unwrap_or_default().fill(value);
            i = to;
        }
        let mut at = 0;
        let mut next = self.version.symbols().into_iter().map(|count| {
            let lengths = all.get(at..at + count).unwrap_or_default();
            at += count;
            PrefixCode::new(lengths)
        });
        let mut code = || next.next().unwrap_or(Err(MALFORMED));
        let codes =
            Codes { literals: code()?, distances: code()?, low: code()?, repeated: code()? };
        self.codes = Some(Box::new(codes));
        self.lengths = all;
        (self.low, self.low_left) = (0, 0);
        Ok(())
    }

    fn next(&mut self, bits: &mut Bits<'_>) -> Result<Next, Fault> {
        if self.is_by_context {
            return self.next_by_context(bits);
        }
        let Some(codes) = self.codes.as_deref() else { return Ok(Next::Codes) };
        let symbol = codes.literals.read(bits)?;
        match (self.version, symbol) {
            (_, byte @ 0..=255) => Ok(Next::Byte(byte as u8)),
            (Version::Three, 256) => {
                let goes_on = bits.take(1)? == 1;
                if !goes_on {
                    bits.skip(1)?;
                }
                Ok(if goes_on { Next::Codes } else { Next::End })
            }
            (Version::Three, 257) => {
                self.programs.read(bits, self.written)?;
                Ok(Next::None)
            }
            (Version::Three, 258) | (Version::Two, 256) => {
                let (distance, length) = self.last;
                let moves = if symbol == 256 { Moves::In } else { Moves::Stay };
                Ok(if length == 0 { Next::None } else { Next::Match { distance, length, moves } })
            }
            (Version::Three, again @ 259..=262) => self.again_3(usize::from(again - 259), bits),
            (Version::Two, again @ 257..=260) => self.again_2(usize::from(again - 257), bits),
            (Version::Three, short @ 263..=270) => short_match(short - 263, bits),
            (Version::Two, short @ 261..=268) => short_match(short - 261, bits),
            (Version::Two, 269) => Ok(Next::Codes),
            (Version::Three, slot) => self.new_match(slot - 271, bits),
            (Version::Two, slot) => self.new_match(slot - 270, bits),
        }
    }

    fn next_by_context(&mut self, bits: &mut Bits<'_>) -> Result<Next, Fault> {
        Ok(match self.context.read(bits, self.is_last)? {
            Told::Nothing => Next::None,
            Told::Byte(byte) => Next::Byte(byte),
            Told::Match { distance, length } => Next::Copy { distance, length },
            Told::Program { flags, code } => {
                self.programs.read_from(flags.into(), &code, self.written)?;
                Next::None
            }
            Told::Block => {
                (self.codes, self.is_by_context) = (None, false);
                Next::None
            }
            Told::End => Next::End,
        })
    }

    /// A match at one of the last distances, in the form of 2.9.
    fn again_3(&self, nth: usize, bits: &mut Bits<'_>) -> Result<Next, Fault> {
        let Some(codes) = self.codes.as_deref() else { return Err(MALFORMED) };
        let distance = self.old.get(nth).copied().unwrap_or(0);
        let length = slot(&LENGTH_SLOTS, codes.repeated.read(bits)?, bits)? + 2;
        Ok(Next::Match { distance, length, moves: Moves::Front(nth) })
    }

    /// The same in the form of 2.0, where far ones are longer.
    fn again_2(&self, nth: usize, bits: &mut Bits<'_>) -> Result<Next, Fault> {
        let Some(codes) = self.codes.as_deref() else { return Err(MALFORMED) };
        let distance = self.old.get(nth).copied().unwrap_or(0);
        let length = slot(&LENGTH_SLOTS, codes.repeated.read(bits)?, bits)? + 2;
        let more = [0x101, NEAR, FAR].iter().filter(|least| distance >= **least).count();
        Ok(Next::Match { distance, length: length + more, moves: Moves::In })
    }

    fn new_match(&mut self, length: u16, bits: &mut Bits<'_>) -> Result<Next, Fault> {
        let Some(codes) = self.codes.as_deref() else { return Err(MALFORMED) };
        let length = slot(&LENGTH_SLOTS, length, bits)? + 3;
        let number = codes.distances.read(bits)?;
        let (base, count) = distance_slot(number);
        let mut distance = base + 1;
        let (mut low, mut low_left) = (self.low, self.low_left);
        if self.version == Version::Three && number > 9 {
            distance += bits.number(count - 4)? << 4;
            if low_left > 0 {
                low_left -= 1;
            } else {
                match codes.low.read(bits)? {
                    LOW_AGAIN => low_left = LOW_COUNT,
                    value => low = value.into(),
                }
            }
            distance += low;
        } else {
            distance += bits.number(count)?;
        }
        let more = [NEAR, FAR].iter().filter(|least| distance >= **least).count();
        (self.low, self.low_left) = (low, low_left);
        Ok(Next::Match { distance, length: length + more, moves: Moves::In })
    }
}

fn short_match(number: u16, bits: &mut Bits<'_>) -> Result<Next, Fault> {
    let distance = slot(&SHORT_SLOTS, number, bits)? + 1;
    Ok(Next::Match { distance, length: 2, moves: Moves::In })
}

impl Symbols for Rar3 {
    fn step(&mut self, bits: &mut Bits<'_>, sink: &mut Sink<'_>) -> Result<(), Fault> {
        match self.next(bits)? {
            Next::Byte(byte) => {
                sink.byte(byte);
                self.written += 1;
            }
            Next::Match { distance, length, moves } => {
                sink.copy(distance, length)?;
                self.written += length as u64;
                self.last = (distance, length);
                let [a, b, c, _] = self.old;
                match moves {
                    Moves::In => self.old = [distance, a, b, c],
                    Moves::Front(nth) => {
                        self.old.get_mut(..=nth).unwrap_or_default().rotate_right(1);
                    }
                    Moves::Stay => {}
                }
            }
            Next::Copy { distance, length } => {
                sink.copy(distance, length)?;
                self.written += length as u64;
            }
            Next::None => {}
            Next::Codes => self.read_codes(bits)?,
            Next::End => return Err(MALFORMED),
        }
        Ok(())
    }

    /// In the form of 2.9 a mark tells whether codes stand before the next member, in that of 2.0 they stand here.
    fn close(&mut self, bits: &mut Bits<'_>) -> Result<(), Fault> {
        if self.is_by_context {
            self.context.close(bits, self.is_last)?;
            (self.codes, self.is_by_context) = (None, false);
            return Ok(());
        }
        let Some(codes) = self.codes.as_deref() else { return Ok(()) };
        match (self.version, codes.literals.read(bits)?) {
            (Version::Two, 269) => self.read_codes(bits),
            (Version::Two, _) => Ok(()),
            (Version::Three, 256) => {
                let goes_on = bits.take(1)? == 1;
                let is_next_new = !goes_on && bits.take(1)? == 1;
                if is_next_new {
                    self.codes = None;
                }
                if goes_on { Err(MALFORMED) } else { Ok(()) }
            }
            (Version::Three, _) => Err(MALFORMED),
        }
    }

    fn order(&self) -> Order {
        Order::High
    }

    fn end_of_input(&mut self) {
        self.is_last = true;
    }

    fn work(&self) -> u64 {
        self.context.work()
    }

    fn memory_max(&self) -> usize {
        match self.version {
            Version::Two => 0,
            Version::Three => self.context.memory_max(),
        }
    }

    fn window(&self) -> (usize, u8) {
        (self.window, 0)
    }
}
