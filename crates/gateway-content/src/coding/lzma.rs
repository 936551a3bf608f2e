//! The symbols of LZMA, as its reference decoder describes them.

mod window;

use bytes::BytesMut;
use gateway_inspect::Unscannable;

use self::window::{PIECE, Window};
use super::range::{Model, Range, Source};

/// The most bytes that one symbol takes.
pub(super) const SYMBOL_BYTES_MAX: usize = 20;

const STATES: usize = 12;
const POSITIONS: usize = 16;
const IS_MATCH: usize = 0;
const IS_REP: usize = IS_MATCH + STATES * POSITIONS;
const IS_REP0: usize = IS_REP + STATES;
const IS_REP1: usize = IS_REP0 + STATES;
const IS_REP2: usize = IS_REP1 + STATES;
const IS_REP0_LONG: usize = IS_REP2 + STATES;
const SLOT: usize = IS_REP0_LONG + STATES * POSITIONS;
const SPECIAL: usize = SLOT + 4 * 64;
const ALIGN: usize = SPECIAL + 128;
const LENGTH: usize = ALIGN + 16;
/// Choice, second choice, low and middle trees by position, high tree.
const LENGTH_SIZE: usize = 2 + 2 * POSITIONS * 8 + 256;
const REP_LENGTH: usize = LENGTH + LENGTH_SIZE;
const LITERAL: usize = REP_LENGTH + LENGTH_SIZE;
const LITERAL_SIZE: usize = 0x300;
/// Distance that stands for the end.
const END_DISTANCE: u32 = u32::MAX;

/// Bits of the context of literals and positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Properties {
    lc: u32,
    lp: u32,
    pb: u32,
}

impl Properties {
    /// From the byte that encodes them. More than four bits for literals take megabytes, and no
    /// encoder uses them unless told to.
    pub(super) fn read(byte: u8) -> Result<Self, Unscannable> {
        if byte >= 9 * 5 * 5 {
            return Err(Unscannable::Malformed);
        }
        let byte = u32::from(byte);
        let properties = Self { lc: byte % 9, lp: byte / 9 % 5, pb: byte / 45 };
        if properties.lc + properties.lp > 4 {
            return Err(Unscannable::Unsupported);
        }
        Ok(properties)
    }
}

/// The decoder of symbols.
pub(super) struct Symbols {
    properties: Properties,
    model: Model,
    pub(super) range: Option<Range>,
    state: usize,
    reps: [u32; 4],
    pub(super) window: Window,
}

enum Symbol {
    Literal(u8),
    Match { distance: u32, len: usize },
    End,
}

/// How decoding stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stand {
    /// More bytes are needed.
    Starved,
    /// As many bytes came out as may.
    Full,
    /// The mark of the end came.
    Ended,
    Failed(Unscannable),
}

impl Symbols {
    /// A decoder with a window of at most `window_max` bytes.
    pub(super) fn new(properties: Properties, window_max: usize) -> Self {
        let literals = LITERAL_SIZE << (properties.lc + properties.lp);
        Self {
            properties,
            model: Model::new(LITERAL + literals),
            range: None,
            state: 0,
            reps: [0; 4],
            window: Window::new(window_max.max(1)),
        }
    }

    /// Begins anew, with other properties if they are given; the window stays.
    pub(super) fn reset(&mut self, properties: Option<Properties>) {
        match properties {
            Some(properties) if properties != self.properties => {
                let literals = LITERAL_SIZE << (properties.lc + properties.lp);
                self.properties = properties;
                self.model = Model::new(LITERAL + literals);
            }
            _ => self.model.reset(),
        }
        self.state = 0;
        self.reps = [0; 4];
    }

    /// Decodes from `input` until `out` has grown by at least `room` bytes, or by one match more: how many bytes were used. Symbols
    /// that may need more bytes than there are wait, unless there are no more: `last`.
    pub(super) fn run(
        &mut self,
        input: &[u8],
        last: bool,
        room: usize,
        out: &mut BytesMut,
    ) -> (usize, Stand) {
        let Some(mut range) = self.range else { return (0, Stand::Starved) };
        let mut source = Source { bytes: input, at: 0, short: false };
        let mut left = room;
        let stand = loop {
            let before = self.window.total;
            let stand = self.decode(&mut range, &mut source, last, left.min(PIECE));
            let count = (self.window.total - before) as usize;
            self.window.show(count, out);
            left = left.saturating_sub(count);
            if left == 0 || stand != Stand::Full {
                break stand;
            }
        };
        self.range = Some(range);
        (source.at, stand)
    }

    /// The same, for what is shown at once.
    fn decode(
        &mut self,
        range: &mut Range,
        source: &mut Source<'_>,
        last: bool,
        room: usize,
    ) -> Stand {
        let full = self.window.total + room as u64;
        while self.window.total < full {
            let symbol = if source.bytes.len() - source.at >= SYMBOL_BYTES_MAX {
                self.symbol::<false>(range, source)
            } else if last {
                let before = (*range, self.state, self.reps, source.at);
                self.model.keep();
                let symbol = self.symbol::<true>(range, source);
                if source.short {
                    self.model.undo();
                    (*range, self.state, self.reps, source.at) = before;
                    return Stand::Starved;
                }
                symbol
            } else {
                return Stand::Starved;
            };
            match symbol {
                Symbol::Literal(byte) => self.window.put(byte),
                Symbol::Match { distance, len } => {
                    let within = u64::from(distance) < self.window.total;
                    if !within || distance as usize >= self.window.max {
                        let reason =
                            if within { Unscannable::TooLarge } else { Unscannable::Malformed };
                        return Stand::Failed(reason);
                    }
                    self.window.repeat(distance as usize, len);
                }
                Symbol::End => return Stand::Ended,
            }
        }
        Stand::Full
    }

    #[inline(always)]
    fn symbol<const KEEPS: bool>(&mut self, range: &mut Range, source: &mut Source<'_>) -> Symbol {
        let model = &mut self.model;
        let position = self.window.total as usize & ((1 << self.properties.pb) - 1);
        if range.bit::<KEEPS>(model, IS_MATCH + self.state * POSITIONS + position, source) == 0 {
            return self.literal::<KEEPS>(range, source);
        }
        if range.bit::<KEEPS>(model, IS_REP + self.state, source) == 0 {
            let len = length::<KEEPS>(range, model, LENGTH, position, source);
            let distance = distance::<KEEPS>(range, model, len, source);
            self.reps = [distance, self.reps[0], self.reps[1], self.reps[2]];
            self.state = if self.state < 7 { 7 } else { 10 };
            if distance == END_DISTANCE {
                return Symbol::End;
            }
            return Symbol::Match { distance, len: len + 2 };
        }
        if range.bit::<KEEPS>(model, IS_REP0 + self.state, source) == 0 {
            if range.bit::<KEEPS>(model, IS_REP0_LONG + self.state * POSITIONS + position, source)
                == 0
            {
                self.state = if self.state < 7 { 9 } else { 11 };
                return Symbol::Match { distance: self.reps[0], len: 1 };
            }
        } else {
            let which = match range.bit::<KEEPS>(model, IS_REP1 + self.state, source) {
                0 => 1,
                _ => 2 + range.bit::<KEEPS>(model, IS_REP2 + self.state, source),
            };
            if let Some(moved) = self.reps.get_mut(..=which) {
                moved.rotate_right(1);
            }
        }
        let len = length::<KEEPS>(range, model, REP_LENGTH, position, source);
        self.state = if self.state < 7 { 8 } else { 11 };
        Symbol::Match { distance: self.reps[0], len: len + 2 }
    }

    #[inline(always)]
    fn literal<const KEEPS: bool>(&mut self, range: &mut Range, source: &mut Source<'_>) -> Symbol {
        let Properties { lc, lp, .. } = self.properties;
        let last = if self.window.total == 0 { 0 } else { usize::from(self.window.byte_at(0)) };
        let low = self.window.total as usize & ((1 << lp) - 1);
        let context = (low << lc) + (last >> (8 - lc));
        let base = LITERAL + LITERAL_SIZE * context;
        let mut symbol = 1;
        if self.state >= 7 {
            let mut matched = usize::from(self.window.byte_at(self.reps[0] as usize));
            while symbol < 0x100 {
                let expected = matched >> 7 & 1;
                matched <<= 1;
                let bit = range.bit::<KEEPS>(
                    &mut self.model,
                    base + ((1 + expected) << 8) + symbol,
                    source,
                );
                symbol = symbol << 1 | bit;
                if bit != expected {
                    break;
                }
            }
        }
        while symbol < 0x100 {
            symbol = symbol << 1 | range.bit::<KEEPS>(&mut self.model, base + symbol, source);
        }
        self.state = match self.state {
            0..=3 => 0,
            4..=9 => self.state - 3,
            _ => self.state - 6,
        };
        Symbol::Literal((symbol & 0xff) as u8)
    }
}

#[inline(always)]
fn length<const KEEPS: bool>(
    range: &mut Range,
    model: &mut Model,
    base: usize,
    position: usize,
    source: &mut Source<'_>,
) -> usize {
    let low = base + 2;
    let middle = low + POSITIONS * 8;
    if range.bit::<KEEPS>(model, base, source) == 0 {
        range.tree::<KEEPS>(model, low + position * 8, 3, source)
    } else if range.bit::<KEEPS>(model, base + 1, source) == 0 {
        8 + range.tree::<KEEPS>(model, middle + position * 8, 3, source)
    } else {
        16 + range.tree::<KEEPS>(model, middle + POSITIONS * 8, 8, source)
    }
}

#[inline(always)]
fn distance<const KEEPS: bool>(
    range: &mut Range,
    model: &mut Model,
    len: usize,
    source: &mut Source<'_>,
) -> u32 {
    let slot = range.tree::<KEEPS>(model, SLOT + len.min(3) * 64, 6, source) as u32;
    if slot < 4 {
        return slot;
    }
    let bits = (slot >> 1) - 1;
    let high = (2 | slot & 1) << bits;
    if slot < 14 {
        let base = SPECIAL + high as usize - slot as usize;
        return high + range.tree_reversed::<KEEPS>(model, base, bits, source) as u32;
    }
    let middle = range.direct(bits - 4, source) << 4;
    high.wrapping_add(middle)
        .wrapping_add(range.tree_reversed::<KEEPS>(model, ALIGN, 4, source) as u32)
}
