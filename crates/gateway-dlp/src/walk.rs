//! The walk over a piece: the tables of several lanes, each at several places at a time.
//!
//! A walk is bound by the time that one look into a table takes, as the next look depends on it. So a
//! piece is walked in parts at once, and by two tables at once. What an automaton says depends on the
//! last few bytes alone, and its state tells on how many: each part goes on until the next one, which
//! began knowing nothing, knows as much.

use smallvec::SmallVec;

use crate::table::{Rows, Step, Table, is_hit};

/// Bytes below which a piece is walked in one go.
const PARTS_MIN: usize = 512;

/// Parts for one table, and for two.
const ALONE: usize = 4;
const IN_PAIRS: usize = 3;

/// A state in which something ends, and the index of the byte behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) end: u32,
    pub(crate) state: u32,
}

/// What a walk over a piece finds.
pub(crate) type Hits = SmallVec<[Hit; 64]>;

/// A table, and how far it has come.
pub(crate) struct Walker<'a> {
    pub(crate) table: &'a Table,
    /// The state where the bytes begin, and then where they end.
    pub(crate) state: u32,
    /// Every hit, in no order.
    pub(crate) hits: &'a mut Hits,
}

/// Takes `bytes` from the index `from` on.
pub(crate) fn walk(walkers: &mut [Walker<'_>], bytes: &[u8], from: usize) {
    let fresh = Fresh { bytes: bytes.get(from..).unwrap_or_default(), from };
    let mut walkers = walkers.iter_mut().filter(|walker| !walker.table.is_empty());
    while let Some(one) = walkers.next() {
        match walkers.next() {
            Some(other) => walk_pair([one, other], fresh),
            None => walk_alone(one, fresh),
        }
    }
}

fn walk_alone(walker: &mut Walker<'_>, fresh: Fresh<'_>) {
    let table = walker.table;
    match &table.rows {
        Rows::Small(rows) => walk_rows::<_, 1, ALONE>([(walker, &**rows)], fresh),
        Rows::Large(rows) => walk_rows::<_, 1, ALONE>([(walker, &**rows)], fresh),
        Rows::Huge(rows) => walk_rows::<_, 1, ALONE>([(walker, &**rows)], fresh),
    }
}

fn walk_pair([one, other]: [&mut Walker<'_>; 2], fresh: Fresh<'_>) {
    match (&one.table.rows, &other.table.rows) {
        (Rows::Small(rows), Rows::Small(others)) => {
            walk_rows::<_, 2, IN_PAIRS>([(one, &**rows), (other, &**others)], fresh);
        }
        (Rows::Large(rows), Rows::Large(others)) => {
            walk_rows::<_, 2, IN_PAIRS>([(one, &**rows), (other, &**others)], fresh);
        }
        _ => [one, other].into_iter().for_each(|one| walk_alone(one, fresh)),
    }
}

/// The bytes to take, and the index of the first.
#[derive(Clone, Copy)]
struct Fresh<'a> {
    bytes: &'a [u8],
    from: usize,
}

fn walk_rows<R: Step, const TABLES: usize, const PARTS: usize>(
    mut walkers: [(&mut Walker<'_>, R); TABLES],
    fresh: Fresh<'_>,
) {
    let longest = walkers.iter().map(|(walker, _)| walker.table.memory).max().unwrap_or(0);
    if fresh.bytes.len() < PARTS_MIN || fresh.bytes.len() / PARTS <= longest {
        walkers.iter_mut().for_each(|(walker, rows)| walk_one(walker, *rows, fresh));
    } else {
        walk_parts::<_, TABLES, PARTS>(walkers, fresh);
    }
}

/// Walks in one go.
fn walk_one(walker: &mut Walker<'_>, rows: impl Step, fresh: Fresh<'_>) {
    let Walker { table, state, hits } = walker;
    for (index, byte) in fresh.bytes.iter().enumerate() {
        *state = table.step(rows, *state, *byte);
        if is_hit(*state) {
            hits.push(Hit { end: number(fresh.from + index + 1), state: *state });
        }
    }
}

/// Walks the parts at once.
fn walk_parts<R: Step, const TABLES: usize, const PARTS: usize>(
    mut walkers: [(&mut Walker<'_>, R); TABLES],
    fresh: Fresh<'_>,
) {
    let parts = Parts::<PARTS>::of(fresh.bytes.len(), OVERLAP);
    let bytes = parts.of_bytes(fresh.bytes);
    let mut states: [[u32; PARTS]; TABLES] = std::array::from_fn(|at| {
        let walker = &walkers[at].0;
        let mut states = [walker.table.within; PARTS];
        states[0] = walker.state;
        states
    });
    let tables: [_; TABLES] =
        std::array::from_fn(|at| (walkers[at].0.table.classes(), walkers[at].1));
    let mut taken = 0;
    let left = |taken| bytes.map(|part| part.get(taken..).unwrap_or_default());
    while let Some(more) = run(tables, left(taken), &mut states) {
        taken += more;
        for ((walker, _), states) in walkers.iter_mut().zip(states) {
            parts.note(states, (fresh.from, taken), walker.hits);
        }
    }
    for ((walker, rows), states) in walkers.iter_mut().zip(states) {
        for (part, state) in states.into_iter().enumerate() {
            if part + 1 == PARTS {
                walker.state = state;
            } else if walker.table.depth(state) >= parts.join(part).1 {
                go_on(walker, *rows, fresh, parts.join(part), state);
            }
        }
    }
}

/// Takes bytes of each part until something ends behind one of them, and says how many; `None` if nothing does.
///
/// This is where the time goes: all that it needs fits into the registers as long as nothing else is done here.
#[inline(never)]
fn run<R: Step, const TABLES: usize, const PARTS: usize>(
    tables: [(&[u8; 256], R); TABLES],
    bytes: [&[u8]; PARTS],
    states: &mut [[u32; PARTS]; TABLES],
) -> Option<usize> {
    let mut now = *states;
    macro_rules! take {
        ($bytes:ident $taken:expr, $($at:expr)+) => {$(
            let mut any = 0;
            for part in 0..PARTS {
                let byte = usize::from($bytes[part][$at]);
                for at in 0..TABLES {
                    let (classes, rows) = tables[at];
                    now[at][part] = rows.step(now[at][part], classes[byte]);
                    any |= now[at][part];
                }
            }
            if is_hit(any) {
                *states = now;
                return Some($taken + $at + 1);
            }
        )+};
    }
    let turns = bytes.map(|part| part.as_chunks::<STRIDE>().0);
    let rest = bytes.map(|part| part.as_chunks::<STRIDE>().1);
    for index in 0..turns[0].len() {
        let turn = turns.map(|part| &part[index]);
        // Written out: the compiler does not unroll it, and that costs a third.
        take!(turn index * STRIDE, 0 1 2 3 4 5 6 7);
    }
    for at in 0..rest[0].len() {
        let byte = rest.map(|part| [part[at]]);
        take!(byte turns[0].len() * STRIDE + at, 0);
    }
    *states = now;
    None
}

/// Goes on with a part that is in `state` at its `end`, of which the next one has `seen` so many bytes, until
/// nothing has begun before these that may still end.
#[cold]
#[inline(never)]
fn go_on(
    walker: &mut Walker<'_>,
    rows: impl Step,
    fresh: Fresh<'_>,
    (end, seen): (usize, usize),
    mut state: u32,
) {
    let Walker { table, hits, .. } = walker;
    let mut own = Hits::new();
    let mut at = end;
    for byte in fresh.bytes.get(end..).unwrap_or_default() {
        state = table.step(rows, state, *byte);
        at += 1;
        if is_hit(state) {
            own.push(Hit { end: number(fresh.from + at), state });
        }
        if table.depth(state) < seen + (at - end) {
            break;
        }
    }
    // The next part may have found less there than there is.
    let behind = number(fresh.from + end + 1)..=number(fresh.from + at);
    hits.retain(|hit| !behind.contains(&hit.end));
    hits.extend(own);
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// Bytes that each part takes in one turn.
const STRIDE: usize = 8;

/// Bytes that a part and the next have in common, at least. Most often nothing has begun before them that
/// has not ended by then.
const OVERLAP: usize = 4;

/// How bytes are cut in parts of the same length, at least two.
///
/// Each begins some bytes before the end of the one before it.
struct Parts<const N: usize> {
    len: usize,
    begins: [usize; N],
    /// The bytes of each that the one before has walked over too.
    seen: [usize; N],
}

impl<const N: usize> Parts<N> {
    /// The parts of `bytes` bytes that have at least `overlap` in common: less than one of them has.
    fn of(bytes: usize, overlap: usize) -> Self {
        let len = (bytes + (N - 1) * overlap).div_ceil(N);
        let last = bytes.saturating_sub(len);
        let begins = std::array::from_fn(|part| part * last / (N - 1));
        let mut seen = [0; N];
        for (pair, seen) in begins.windows(2).zip(seen.iter_mut().skip(1)) {
            if let [one, next] = pair {
                *seen = len - (next - one);
            }
        }
        Self { len, begins, seen }
    }

    /// The index behind the last byte of a part, and how many bytes the next has seen by then.
    fn join(&self, part: usize) -> (usize, usize) {
        let begin = self.begins.get(part).copied().unwrap_or(0);
        (begin + self.len, self.seen.get(part + 1).copied().unwrap_or(0))
    }

    /// The bytes of each.
    fn of_bytes<'b>(&self, bytes: &'b [u8]) -> [&'b [u8]; N] {
        self.begins.map(|begin| bytes.get(begin..begin + self.len).unwrap_or_default())
    }

    /// Notes what ends in one of `states`, one of each part, behind so many bytes of it, the first of which stands
    /// at the index `from`. Which of them it is, is as good as random: all are put down, and those that count are kept.
    #[inline(never)]
    fn note(&self, states: [u32; N], (from, taken): (usize, usize), hits: &mut Hits) {
        let mut kept = 0;
        let mut of_parts = [Hit { end: 0, state: 0 }; N];
        for ((state, begin), seen) in states.into_iter().zip(self.begins).zip(self.seen) {
            if let Some(slot) = of_parts.get_mut(kept) {
                *slot = Hit { end: number(from + begin + taken), state };
            }
            kept += usize::from(is_hit(state) & (taken > seen));
        }
        of_parts.iter().take(kept).for_each(|hit| hits.push(*hit));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::literals::literal_table;

    #[track_caller]
    fn check<const N: usize>(parts: &Parts<N>, bytes: usize, overlap: usize) {
        let Parts { len, begins, seen } = parts;
        assert_eq!((begins[0], begins[N - 1] + len), (0, bytes), "{bytes}");
        for at in 1..N {
            assert_eq!(begins[at] + seen[at], begins[at - 1] + len, "{bytes}");
            assert!(seen[at] >= overlap, "{bytes} {overlap}");
        }
    }

    #[test]
    fn parts_take_every_byte_and_overlap() {
        for overlap in [0, 1, 7, 60, 127] {
            for bytes in 512..1_500 {
                let parts = Parts::<4>::of(bytes, overlap);
                check(&parts, bytes, overlap);
                let parts = Parts::<3>::of(bytes, overlap);
                check(&parts, bytes, overlap);
            }
        }
    }

    proptest! {
        #[test]
        fn parts_find_what_one_walk_finds(
            text in "[abc]{1,400}",
            turns in 1_usize..8,
            from in 0_usize..600,
        ) {
            let literals = [&b"ab"[..], b"bca", b"aaaa", b"cabcabca"];
            let numbered: Vec<_> = literals.into_iter().zip(0..).collect();
            let table = literal_table(&numbered).unwrap();
            let others = [&b"c"[..], b"bcab"];
            let others: Vec<_> = others.into_iter().zip(0..).collect();
            let other = literal_table(&others).unwrap();
            let text = text.repeat(turns);
            let (seen, fresh) = text.as_bytes().split_at(from.min(text.len()));
            let at_once = |walker: &mut Walker<'_>, bytes, from| {
                let Rows::Small(rows) = &walker.table.rows else { unreachable!("a small table") };
                walk_one(walker, &**rows, Fresh { bytes, from });
            };
            let all = [&table, &other].map(|table| {
                let mut hits = Hits::new();
                let mut one = Walker { table, state: table.at_start(), hits: &mut hits };
                at_once(&mut one, seen, 0);
                let begin = one.state;
                one.hits.clear();
                at_once(&mut one, fresh, seen.len());
                (table, begin, one.state, hits)
            });
            for tables in [&all[..1], &all] {
                let mut found = [Hits::new(), Hits::new()];
                let mut walkers = Vec::new();
                for ((table, begin, ..), hits) in tables.iter().zip(&mut found) {
                    walkers.push(Walker { table, state: *begin, hits });
                }
                walk(&mut walkers, text.as_bytes(), seen.len());
                for (walker, (.., end, hits)) in walkers.into_iter().zip(tables) {
                    walker.hits.sort_by_key(|hit| hit.end);
                    prop_assert_eq!((walker.state, &*walker.hits), (*end, hits));
                }
            }
        }
    }
}
