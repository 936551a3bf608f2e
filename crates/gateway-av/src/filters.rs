//! All filters of some segments, whatever the width of their literals.

use crate::filter::{Key, Literal, Tier};
use crate::segment::Segment;
use crate::short_filter::Shorts;

/// One filter.
#[derive(Debug)]
pub(crate) enum Filter {
    Wide(Tier),
    Short(Shorts),
}

impl Filter {
    /// The filters that find `literals` of segments, each with its number.
    pub(crate) fn build(literals: &[(Literal, &Segment, u32)]) -> Vec<Self> {
        let wide = Tier::build(literals).into_iter().map(Self::Wide);
        wide.chain(Shorts::build(literals).into_iter().map(Self::Short)).collect()
    }

    /// Looks at `bytes` from index `from` on, and gives `hit` each literal that may lie there, with
    /// the index at which its *piece* begins. Returns where to go on when there are more bytes.
    pub(crate) fn scan(&self, bytes: &[u8], from: usize, hit: impl FnMut(&Key, usize)) -> usize {
        match self {
            Self::Wide(tier) => tier.scan(bytes, from, hit),
            Self::Short(shorts) => shorts.scan(bytes, from, hit),
        }
    }
}
