//! Looks for documents in one part, byte by byte; what it finds depends on the bytes alone.

use std::collections::BTreeMap;

use gateway_inspect::Offset;

use super::Fingerprints;
use super::shingle::{Pick, Shingler};

/// Fingerprints of a document that a text must have before it is held: fewer are chance.
const HOLD_MIN: u32 = 3;

/// Words without a fingerprint of a document after which a text goes on with something else.
const RUN_WORDS: u64 = 64;

/// What is carried from chunk to chunk.
pub(crate) struct Seeker {
    shingler: Shingler,
    /// The documents of which something was found.
    hits: BTreeMap<u32, Hits>,
    /// Where the stretch begins that is like a document, and the word at which its last fingerprint was.
    run: Option<(u64, u64)>,
    /// Percent of a document's fingerprints from which on it is found.
    similarity_min: u8,
}

/// What was found of one document.
struct Hits {
    /// One bit for each of its fingerprints.
    seen: Box<[u64]>,
    count: u32,
    is_told: bool,
}

impl Seeker {
    pub(crate) fn new(set: &Fingerprints, similarity_min: u8) -> Self {
        let shingler = Shingler::new(set.seed);
        Self { shingler, hits: BTreeMap::new(), run: None, similarity_min }
    }

    /// Bytes that one may hold on the heap.
    pub(crate) fn heap_max(set: &Fingerprints) -> usize {
        let bits: usize = set.documents().map(|(_, kept)| kept.div_ceil(64) * 8).sum();
        // Each document, and the nodes of the map, half of which may be empty.
        bits + set.documents.len() * 4 * (size_of::<u32>() + size_of::<Hits>()) + 1_024
    }

    /// Takes the bytes `fresh`, which begin at `at`; gives the place of each document that is found to
    /// `found`.
    pub(crate) fn push(
        &mut self,
        set: &Fingerprints,
        (at, fresh): (Offset, &[u8]),
        mut found: impl FnMut(u64, u64),
    ) {
        for (at, byte) in (at.as_u64()..).zip(fresh) {
            if let Some(pick) = self.shingler.push(*byte) {
                self.take(set, pick, (at, at + 1), &mut found);
            }
        }
        self.end_run();
    }

    /// The part ends at `end`.
    pub(crate) fn finish(
        &mut self,
        set: &Fingerprints,
        end: Offset,
        mut found: impl FnMut(u64, u64),
    ) {
        if let Some(pick) = self.shingler.end() {
            self.take(set, pick, (end.as_u64(), end.as_u64()), &mut found);
        }
        self.run = None;
    }

    /// Where the stretch begins that may yet be enough of a document; `seen` if there is none.
    pub(crate) fn clear_to(&self, seen: Offset) -> Offset {
        self.run.map_or(seen, |(start, _)| Offset::new(start))
    }

    /// A fingerprint whose last word ends at `at`, as the byte up to `end` shows. What came before may
    /// have left already.
    fn take(
        &mut self,
        set: &Fingerprints,
        pick: Pick,
        (at, end): (u64, u64),
        found: &mut impl FnMut(u64, u64),
    ) {
        self.end_run();
        let now = self.shingler.words();
        for (document, index) in set.having(pick.hash) {
            let kept = set.kept(document);
            let hits = self.hits.entry(document).or_insert_with(|| Hits {
                seen: vec![0; kept.div_ceil(64)].into(),
                count: 0,
                is_told: false,
            });
            let Some(word) = hits.seen.get_mut(index as usize / 64) else { continue };
            let bit = 1 << (index % 64);
            if *word & bit == 0 {
                *word |= bit;
                hits.count += 1;
            }
            if hits.is_told || hits.count < HOLD_MIN {
                continue;
            }
            let start = self.run.map_or(at, |(start, _)| start);
            self.run = Some((start, now));
            if u64::from(hits.count) * 100 >= kept as u64 * u64::from(self.similarity_min) {
                hits.is_told = true;
                found(start, end);
            }
        }
        if self.hits.values().all(|hits| hits.is_told || hits.count < HOLD_MIN) {
            self.run = None;
        }
    }

    /// Ends the stretch if nothing of a document has come for long.
    fn end_run(&mut self) {
        self.run = self.run.filter(|(_, last)| self.shingler.words() - last <= RUN_WORDS);
    }
}
