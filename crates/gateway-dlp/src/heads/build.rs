//! The table of a lane of heads: all that is live behind each byte, as one state.

use std::collections::{BTreeMap, VecDeque};

use super::graph::{CLASSES, COMPLETE, Graph, NOWHERE, coarse, coarse_set};
use super::{HEAD_LONG, HEAD_MAX, Head};
use crate::table::{Plan, Table};

/// Cells of the table at most; with fewer bytes per head there are less.
const CELLS_MAX: usize = 120_000;

/// A table that finds the ends of `heads`, by their numbers; how many bytes of a head it takes at
/// most is returned too. Rather than make them short, letters are told apart no more.
///
/// Gives none if they would be shorter than `least`.
pub(crate) fn head_table(heads: &[Head], least: usize) -> Option<(Table, usize)> {
    let of = |letters, depth| Some((Builder::new(heads, letters, depth).build()?, depth));
    // A depth that is too much takes longest to find out.
    let deepest = |letters, from| (from..=HEAD_MAX).map_while(|depth| of(letters, depth)).last();
    deepest(Letters::Each, HEAD_LONG).or_else(|| match least {
        HEAD_LONG.. => None,
        _ => deepest(Letters::Halves, least),
    })
}

/// How far letters are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Letters {
    Each,
    /// Those of hexadecimal numbers, and the others.
    Halves,
}

/// What may be live at a place: heads that have some bytes, and which may begin.
type Live = (Vec<(u16, u16)>, Begins);

/// Which heads may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Begins {
    AtStart,
    Nowhere,
    Behind(u8),
}

struct Builder {
    /// For each different head: what may stand before, at its places, and the heads of this kind.
    kinds: Vec<(bool, u128, Graph, Vec<u32>)>,
    /// Coarse classes behind which the same heads may begin are one.
    behind: [u8; CLASSES],
    /// The classes of the table, each of some coarse classes.
    columns: Vec<Vec<usize>>,
}

impl Builder {
    fn new(heads: &[Head], letters: Letters, depth: usize) -> Self {
        let mut kinds: BTreeMap<(bool, u128, Graph), Vec<u32>> = BTreeMap::new();
        for (number, head) in (0_u32..).zip(heads) {
            let kind = (head.at_start, coarse_set(&head.before), head.graph.cut(depth));
            kinds.entry(kind).or_default().push(number);
        }
        let kinds: Vec<_> = kinds
            .into_iter()
            .map(|((start, before, graph), all)| (start, before, graph, all))
            .collect();
        let mut behind = [0; CLASSES];
        for (class, behind) in behind.iter_mut().enumerate() {
            let same = |other: &usize| {
                kinds.iter().all(|kind| kind.1 >> class & 1 == kind.1 >> *other & 1)
            };
            let first = (0..class).find(same).unwrap_or(class);
            *behind = u8::try_from(first).unwrap_or(0);
        }
        Self { kinds, behind, columns: columns(letters) }
    }

    /// What is live behind a byte of the `column`, and what has come to its end there.
    fn step(&self, live: &Live, column: &[usize]) -> (Live, Vec<u32>) {
        let (heads, begins) = live;
        let begin = self.kinds.iter().enumerate().filter(|(_, kind)| match begins {
            Begins::AtStart => kind.0,
            Begins::Nowhere => false,
            Begins::Behind(class) => kind.1 >> class & 1 != 0,
        });
        let new = begin.map(|(kind, _)| (u16::try_from(kind).unwrap_or(u16::MAX), 0));
        let mut next = Vec::new();
        let mut ends = Vec::new();
        for (kind, node) in heads.iter().copied().chain(new) {
            let Some((_, _, graph, numbers)) = self.kinds.get(usize::from(kind)) else { continue };
            for class in column {
                match graph.step(node, *class) {
                    NOWHERE => {}
                    COMPLETE => ends.extend(numbers),
                    to => next.push((kind, to)),
                }
            }
        }
        next.sort_unstable();
        next.dedup();
        ends.sort_unstable();
        ends.dedup();
        // Whether a head may begin behind a letter does not depend on which.
        let class = column.first().copied().unwrap_or(0);
        let behind = self.behind.get(class).copied().unwrap_or(0);
        ((next, Begins::Behind(behind)), ends)
    }

    fn build(&self) -> Option<Table> {
        let mut numbers: BTreeMap<(Live, Vec<u32>), usize> = BTreeMap::new();
        let mut rows: Vec<usize> = Vec::new();
        let mut queue = VecDeque::new();
        let mut ends: Vec<Vec<u32>> = Vec::new();
        let mut depths = Vec::new();
        for begins in [Begins::Nowhere, Begins::AtStart] {
            let live = ((Vec::new(), begins), Vec::new());
            queue.push_back(live.0.clone());
            numbers.insert(live, ends.len());
            ends.push(Vec::new());
            depths.push(0);
        }
        while let Some(live) = queue.pop_front() {
            for column in &self.columns {
                let state = self.step(&live, column);
                let new = ends.len();
                let number = *numbers.entry(state.clone()).or_insert(new);
                if number == new {
                    depths.push(self.depth(&state.0));
                    queue.push_back(state.0);
                    ends.push(state.1);
                }
                rows.push(number);
            }
            if ends.len() * self.columns.len() > CELLS_MAX {
                return None;
            }
        }
        self.table(rows, ends, depths)
    }

    /// Bytes of the longest that is live.
    fn depth(&self, (heads, _): &Live) -> usize {
        let graph = |kind: u16| self.kinds.get(usize::from(kind)).map(|(.., graph, _)| graph);
        let depths =
            heads.iter().filter_map(|(kind, node)| graph(*kind).map(|graph| graph.depth(*node)));
        depths.max().unwrap_or(0)
    }

    fn table(&self, next: Vec<usize>, ends: Vec<Vec<u32>>, depths: Vec<usize>) -> Option<Table> {
        let column = |byte| {
            let class = usize::from(coarse(byte));
            self.columns.iter().position(|column| column.contains(&class)).unwrap_or(0)
        };
        let mut classes = Box::new([0; 256]);
        for (byte, class) in (0..=u8::MAX).zip(classes.iter_mut()) {
            *class = u8::try_from(column(byte)).unwrap_or(0);
        }
        let longest = self.kinds.iter().map(|kind| kind.2.len).max().unwrap_or(0);
        // The byte before a head counts too.
        let (memory, width) = (longest + 1, self.columns.len());
        Table::new(Plan { classes, width, next, ends, depths, at_start: 1, memory })
    }
}

/// The coarse classes that are one.
fn columns(letters: Letters) -> Vec<Vec<usize>> {
    let class = |byte: u8| usize::from(coarse(byte));
    let halves = [b'A'..=b'F', b'G'..=b'Z', b'a'..=b'f', b'g'..=b'z'];
    match letters {
        Letters::Each => (0..CLASSES).map(|class| vec![class]).collect(),
        Letters::Halves => {
            let others = (0..class(b'A')).map(|class| vec![class]);
            others.chain(halves.map(|half| half.map(class).collect())).collect()
        }
    }
}
