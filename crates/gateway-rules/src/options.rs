//! The settings under which filters and rule sets are read.

use std::sync::Arc;

use crate::constants::Constants;
use crate::lists::Lists;

/// Which dialect a filter is held to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Compat {
    /// The whole language of this crate.
    #[default]
    Extended,
    /// Only what Cloudflare's Wirefilter reads too; the rest is an error that says so.
    Wirefilter,
}

/// What a filter may yield.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Yields {
    /// One truth value.
    #[default]
    Bool,
    /// One truth value, or an array of them such as `x[*] == "y"`.
    BoolOrArray,
}

/// What `!=` yields where the field or the element is missing; every other comparison is false.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum NilNotEqual {
    /// A missing value differs from every value.
    #[default]
    True,
    /// A missing value satisfies no comparison.
    False,
}

/// What a list is whose name nobody has said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum UnknownLists {
    /// An error: a rule that names it would never hold.
    #[default]
    Refused,
    /// An empty one, for those who check filters apart from their lists.
    Empty,
}

/// How one filter is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseOptions {
    /// The dialect; the extended one by default.
    pub compat: Compat,
    /// What the filter may yield; one truth value by default.
    pub yields: Yields,
    /// What `!=` yields on a missing value; true by default.
    pub nil_not_equal: NilNotEqual,
    /// The most levels of parentheses, `not`, `any` and `all`; 128 by default, and never more than
    /// [`ParseOptions::NESTING_DEPTH_CEILING`].
    pub max_nesting_depth: usize,
    /// The most `*` in one wildcard pattern; 1,024 by default. Matching is linear in any case.
    pub wildcard_star_limit: usize,
    /// The most bytes of a filter's text; 1 MiB by default.
    pub filter_bytes_max: usize,
    /// The most bytes of one compiled regular expression; 10 MiB by default.
    pub regex_bytes_max: usize,
    /// The most bytes of the cache that one regular expression builds while matching; 2 MiB by
    /// default.
    pub regex_cache_bytes_max: usize,
    /// The lists that filters may name; none by default.
    pub lists: Arc<Lists>,
    /// What other names of lists stand for; they are refused by default.
    pub unknown_lists: UnknownLists,
    /// The values that filters may name; none by default.
    pub constants: Arc<Constants>,
}

impl ParseOptions {
    /// The nesting that no setting exceeds, for the sake of the stack.
    pub const NESTING_DEPTH_CEILING: usize = 512;
}

impl Default for ParseOptions {
    fn default() -> Self {
        Self {
            compat: Compat::default(),
            yields: Yields::default(),
            nil_not_equal: NilNotEqual::default(),
            max_nesting_depth: 128,
            wildcard_star_limit: 1024,
            filter_bytes_max: 1 << 20,
            regex_bytes_max: 10 << 20,
            regex_cache_bytes_max: 2 << 20,
            lists: Arc::default(),
            unknown_lists: UnknownLists::default(),
            constants: Arc::default(),
        }
    }
}

/// How the rules that may hold are found among those of a tier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Indexing {
    /// One by one where all of them together are cheaper to try than values are to be looked up, by
    /// what their kinds of conditions cost; by an index else.
    #[default]
    ByCost,
    /// By an index, however few there are.
    Always,
    /// One by one, however many there are.
    Never,
}

/// How a rule set is compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// How each filter is read; a rule always needs one truth value, whatever `yields` says.
    pub parse: ParseOptions,
    /// The most rules of a set; 100,000 by default.
    pub rules_max: usize,
    /// Which rules are found by an index; those for which that is cheaper, by default. It changes no
    /// decision, only what one costs.
    pub indexing: Indexing,
}

impl Default for Options {
    fn default() -> Self {
        Self { parse: ParseOptions::default(), rules_max: 100_000, indexing: Indexing::default() }
    }
}
