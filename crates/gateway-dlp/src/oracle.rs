//! A slow search of whole buffers, to test the scanner against (feature `oracle`).
//!
//! It says in the plainest way what is to be found: at each place, from left to right, the match
//! of a backtracking-free regex engine (the PikeVM of regex-automata) over the whole buffer. It
//! shares the patterns and the judges with the scanner, but no automaton, no sieve and no
//! candidates. It takes time that grows with the square of the buffer.
//!
//! Scanner and oracle agree on every buffer in which no match is cut by
//! [`Limits::match_bytes_max`] and no limit on work is met. What [`Conditions`](crate::Conditions) and
//! [`Precision`](crate::Precision) ask for besides, paths and tables, the oracle does not know.
//!
//! ```
//! use gateway_dlp::oracle::Oracle;
//! use gateway_dlp::{DlpBuilder, Limits, ProfileConfig};
//!
//! let builder = DlpBuilder::new().profile(ProfileConfig::new("cards", ["payment_card"]));
//! let oracle = Oracle::new(&builder, &Limits::default())?;
//! let found = oracle.find_all(b"pay with 4111 1111 1111 1111");
//! assert_eq!((&*found[0].0, found[0].1.len()), ("payment_card", 19));
//! # Ok::<(), gateway_dlp::BuildError>(())
//! ```

use std::fmt;
use std::sync::Arc;

use gateway_inspect::{Offset, Span};
use regex_automata::nfa::thompson::{self, pikevm};
use regex_automata::{Anchored, Input, MatchKind};

use crate::plan::{EntryPlan, Preference};
use crate::sample::Judgement;
use crate::{BuildError, DlpBuilder, Limits};

/// Finds in a whole buffer what the scanner is to find in a stream.
pub struct Oracle(Vec<(EntryPlan, pikevm::PikeVM)>);

impl Oracle {
    /// An oracle for what `builder` would build.
    ///
    /// # Errors
    /// Those of [`DlpBuilder::build`], but for the size of automata.
    pub fn new(builder: &DlpBuilder, limits: &Limits) -> Result<Self, BuildError> {
        let compile = |plan: EntryPlan| {
            let match_kind = match plan.preference {
                Preference::First => MatchKind::LeftmostFirst,
                Preference::Longest => MatchKind::All,
            };
            let too_large = || BuildError::TooLarge {
                entry: plan.entry.id.to_string(),
                automaton_bytes_max: limits.automaton_bytes_max,
            };
            let config = thompson::Config::new().utf8(false);
            let nfa =
                thompson::Compiler::new().configure(config).build_from_hir(&plan.pattern.hir());
            let nfa = nfa.map_err(|_| too_large())?;
            let config = pikevm::Config::new().match_kind(match_kind);
            let vm = pikevm::Builder::new().configure(config).build_from_nfa(nfa);
            vm.map_err(|_| too_large()).map(|vm| (plan, vm))
        };
        let plan = builder.plan(limits)?;
        plan.entries.into_iter().map(compile).collect::<Result<_, _>>().map(Self)
    }

    /// Everything that is to be found in `bytes`: id of the entry and place, by entry and then by
    /// place.
    #[must_use]
    pub fn find_all(&self, bytes: &[u8]) -> Vec<(Arc<str>, Span)> {
        let mut all = Vec::new();
        for (plan, vm) in &self.0 {
            let mut cache = vm.create_cache();
            let mut start = 0;
            while start < bytes.len() {
                match find_at(plan, vm, &mut cache, bytes, start) {
                    Some((judgement, end)) => {
                        let (from, to) = (start + judgement.lead, end - judgement.trail);
                        all.push((plan.entry.id.clone(), span(from, to)));
                        start = to;
                    }
                    None => start += 1,
                }
            }
        }
        all
    }
}

fn span(start: usize, end: usize) -> Span {
    Span::new(Offset::new(start as u64), Offset::new(end as u64))
}

/// The match that begins at `start`: what is thought of it, and its end.
fn find_at(
    plan: &EntryPlan,
    vm: &pikevm::PikeVM,
    cache: &mut pikevm::Cache,
    bytes: &[u8],
    start: usize,
) -> Option<(Judgement, usize)> {
    let mut limit = bytes.len().min(start.saturating_add(plan.match_bytes_max));
    loop {
        let input = Input::new(bytes).range(start..limit).anchored(Anchored::Yes);
        let end = vm.find(cache, input)?.end();
        match plan.test.judge(bytes, start, end) {
            Some(judgement) => return Some((judgement, end)),
            // The next shorter one.
            None => limit = end - 1,
        }
    }
}

impl fmt::Debug for Oracle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries: Vec<_> = self.0.iter().map(|(plan, _)| &*plan.entry.id).collect();
        f.debug_tuple("Oracle").field(&entries).finish()
    }
}
