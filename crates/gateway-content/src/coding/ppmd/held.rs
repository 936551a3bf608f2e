//! The memory of a model as its format lays it out, byte by byte: of a size that the encoder chose, and held as far as
//! it was given out. Until there is room for all of it text stands by itself, and units that were given out from below
//! and those from above stand at the two ends of one stretch.

use super::heap::{STATE, UNIT};

/// Bytes of a state and of a unit.
pub(super) const STATE_BYTES: usize = STATE as usize;
pub(super) const UNIT_BYTES: usize = UNIT as usize;
/// Bytes that there is more room for than are given out.
const ROOM_BYTES: usize = 16 << 10;

/// Bytes by their address. What was not given out is zero.
pub(super) struct Held {
    /// Text, until all stands in `units`.
    text: Vec<u8>,
    units: Vec<u8>,
    /// Where the text begins, and where all ends.
    start: u32,
    end: u32,
    /// Units below it stand at the lower end of `units`.
    split: u32,
    /// What would be the address of the first byte of `units`, by those below `split` and by those from there on.
    low_base: u32,
    high_base: u32,
    /// Bytes of units that were given out.
    given: usize,
    bytes_max: usize,
    is_over: bool,
}

impl Held {
    /// Addresses from `start` to `end`, of which `bytes_max` bytes may be given out.
    pub(super) const fn new(start: u32, end: u32, bytes_max: usize) -> Self {
        Self {
            text: Vec::new(),
            units: Vec::new(),
            start,
            end,
            split: end,
            low_base: end,
            high_base: end,
            given: 0,
            bytes_max,
            is_over: false,
        }
    }

    /// Whether more was given out than may be. It stands there: what goes on over several steps is whole.
    pub(super) const fn is_over(&self) -> bool {
        self.is_over
    }

    /// Units from `first` to `low` and from `high` on are given out.
    pub(super) fn reach(&mut self, first: u32, low: u32, high: u32) {
        self.split = high;
        self.given = (low - first) as usize + (self.end - high) as usize;
        self.is_over |= self.given + self.text.len() > self.bytes_max;
        if self.low_base == self.start {
            return;
        }
        // The unit behind the lower ones is looked at as well.
        let lower = low.wrapping_sub(self.low_base) as usize + UNIT_BYTES;
        if first < self.low_base || lower + (self.end - high) as usize > self.units.len() {
            self.make_room(first, low);
        }
    }

    /// Makes room for twice as much as is given out, or for all that there is.
    fn make_room(&mut self, first: u32, low: u32) {
        let most = self.bytes_max.max(self.given) + ROOM_BYTES;
        let room = (2 * self.given + ROOM_BYTES).min(most);
        let is_whole = room >= (self.end - first) as usize;
        let (room, low_base) = match is_whole {
            true => (self.end - self.start, self.start),
            // Less than there are units.
            false => (room as u32, first),
        };
        let high_base = self.end - room;
        let mut units = vec![0; room as usize];
        let lower = (first.max(self.low_base), low, low_base);
        let upper = (self.split.max(self.high_base), self.end, high_base);
        for (from, to, base) in [lower, upper] {
            let into =
                units.get_mut(from.wrapping_sub(base) as usize..to.wrapping_sub(base) as usize);
            let held = self.units.get(self.place(from)..).unwrap_or_default();
            into.unwrap_or_default().iter_mut().zip(held).for_each(|(slot, byte)| *slot = *byte);
        }
        if is_whole {
            let text = std::mem::take(&mut self.text);
            units.iter_mut().zip(text).for_each(|(slot, byte)| *slot = byte);
        }
        (self.units, self.low_base, self.high_base) = (units, low_base, high_base);
    }

    fn place(&self, at: u32) -> usize {
        let base = if at < self.split { self.low_base } else { self.high_base };
        at.wrapping_sub(base) as usize
    }

    fn slice(&self, at: u32, len: usize) -> Option<&[u8]> {
        self.units.get(self.place(at)..)?.get(..len)
    }

    /// So many bytes of a unit.
    pub(super) fn read<const N: usize>(&self, at: u32) -> [u8; N] {
        let rest = self.units.get(self.place(at)..);
        rest.and_then(|rest| rest.first_chunk()).copied().unwrap_or([0; N])
    }

    pub(super) fn write<const N: usize>(&mut self, at: u32, value: [u8; N]) {
        let place = self.place(at);
        let rest = self.units.get_mut(place..);
        if let Some(slot) = rest.and_then(|rest| rest.first_chunk_mut()) {
            *slot = value;
        }
    }

    /// A whole unit.
    pub(super) fn unit(&self, at: u32) -> &[u8; UNIT_BYTES] {
        let rest = self.units.get(self.place(at)..);
        rest.and_then(|rest| rest.first_chunk()).unwrap_or(&[0; UNIT_BYTES])
    }

    pub(super) fn byte(&self, at: u32) -> u8 {
        self.units.get(self.place(at)).copied().unwrap_or(0)
    }

    pub(super) fn set_byte(&mut self, at: u32, value: u8) {
        let place = self.place(at);
        if let Some(slot) = self.units.get_mut(place) {
            *slot = value;
        }
    }

    /// A number of four bytes.
    pub(super) fn number(&self, at: u32) -> u32 {
        u32::from_le_bytes(self.read(at))
    }

    pub(super) fn set_number(&mut self, at: u32, value: u32) {
        self.write(at, value.to_le_bytes());
    }

    /// `count` states that stand behind each other.
    pub(super) fn states(&self, first: u32, count: u32) -> &[[u8; STATE_BYTES]] {
        let states = self.slice(first, count as usize * STATE_BYTES);
        states.map_or(&[], |states| states.as_chunks().0)
    }

    pub(super) fn states_mut(&mut self, first: u32, count: u32) -> &mut [[u8; STATE_BYTES]] {
        let place = self.place(first);
        let states = self.units.get_mut(place..);
        let states = states.and_then(|rest| rest.get_mut(..count as usize * STATE_BYTES));
        states.map_or(&mut [], |states| states.as_chunks_mut().0)
    }

    /// Copies `len` bytes of units.
    pub(super) fn copy(&mut self, from: u32, to: u32, len: u32) {
        let (from, to, len) = (self.place(from), self.place(to), len as usize);
        if from.max(to).saturating_add(len) <= self.units.len() {
            self.units.copy_within(from..from + len, to);
        }
    }

    /// The byte there, of text or of what stands in its place.
    pub(super) fn text(&self, at: u32) -> u8 {
        match self.text.get(at.wrapping_sub(self.start) as usize) {
            Some(byte) => *byte,
            None => self.byte(at),
        }
    }

    /// The text ends with `byte`, which is there.
    pub(super) fn set_text(&mut self, at: u32, byte: u8) {
        if self.low_base == self.start {
            return self.set_byte(at, byte);
        }
        if let Some(slot) = self.text.get_mut(at.wrapping_sub(self.start) as usize) {
            *slot = byte;
            return;
        }
        if self.text.len() == self.text.capacity() {
            self.text.reserve_exact(self.text.len() / 2 + ROOM_BYTES / 4);
            self.is_over |= self.given + self.text.len() > self.bytes_max;
        }
        self.text.push(byte);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Units from both ends come closer, and stay what they are.
    #[test]
    fn units_are_held_as_far_as_they_are_given_out() {
        let (start, end) = (13, u32::MAX - 24);
        let mut held = Held::new(1, end, 1 << 20);
        let (mut low, mut high) = (start, end);
        for i in 1..=4_000 {
            (low, high) = (low + UNIT, high - UNIT);
            held.reach(start, low, high);
            held.set_number(low - UNIT, i);
            held.set_number(high, !i);
        }
        assert_eq!(held.number(low), 0);
        assert!(held.units.len() < 4 * 4_000 * UNIT_BYTES + ROOM_BYTES);
        for i in 1..=4_000 {
            let [below, above] = [start + UNIT * (i - 1), end - UNIT * i];
            assert_eq!([held.number(below), held.number(above)], [i, !i]);
        }
        assert!(!held.is_over());
        held.reach(start, low + (1 << 20), high);
        assert!(held.is_over());
        assert_eq!([held.number(low - UNIT), held.number(high)], [4_000, !4_000]);
    }

    /// There is room for all at the latest when all is given out, and it goes on downwards.
    #[test]
    fn units_stand_by_their_address_once_all_are_given_out() {
        let (start, end) = (12_012, 60_012);
        let mut held = Held::new(12, end, 1 << 20);
        held.reach(start, start + UNIT, end - UNIT);
        held.set_number(start, 7);
        held.set_number(end - UNIT, 9);
        let middle = start + 24_000;
        held.reach(start, middle, middle);
        held.write(middle - 6, [3; 12]);
        held.reach(start - 6_000, middle, middle);
        held.copy(start, start - 6_000, UNIT);
        assert_eq!([start, end - UNIT, start - 6_000].map(|at| held.number(at)), [7, 9, 7]);
        assert_eq!(held.states(middle - 6, 2), [[3; 6]; 2]);
        assert_eq!((held.number(end - 2), held.number(end), held.number(0)), (0, 0, 0));
    }
}
