//! The catalog of what is odd about rules that compile, with the words for each.

use std::ops::Range;

use crate::rule::RuleIndex;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// It costs time, or could be said more plainly.
    Note,
    /// It does not do what its author thinks, or nothing at all.
    Warning,
}

impl Weight {
    /// `note` or `warning`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
        }
    }
}

/// What is odd, as data; `Display` is the headline.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the headline above each variant says what its fields are")]
pub enum Flaw {
    #[error("this never holds")]
    NeverTrue,
    #[error("this always holds")]
    AlwaysTrue,
    #[error("this rule never decides: wherever it holds, {} above it does too", list(.by))]
    Unreachable { by: Vec<String> },
    #[error("this rule says the same as `{first}`")]
    Duplicate { first: String },
    #[error("this stands here twice")]
    Repeated,
    #[error("this adds nothing to what stands at bytes {} to {} of the filter", other.start, other.end)]
    Redundant { other: Range<usize> },
    #[error("`{member}` is in the set already, by `{by}`")]
    RedundantMember { member: String, by: String },
    #[error("no rule names the list `${name}`")]
    UnusedList { name: String },
    #[error("no rule names the constant `{name}`")]
    UnusedConstant { name: String },
    #[error("this rule is tried for every request, which costs about {nanoseconds} ns")]
    Unindexable { nanoseconds: u32 },
    #[error("the expression begins with `{found}`, which says nothing")]
    RegexLeadingStar { found: String },
    #[error("the expression repeats something up to {times} times")]
    RegexRepetition { times: u32 },
    #[error("`.` stands for any byte: the expression also matches `{example}`")]
    RegexDot { example: String },
    #[error("the expression may match within a longer name, such as `{example}`")]
    RegexUnanchored { example: String },
    #[error("the expression matches every value")]
    RegexAll,
    #[error("the expression is a plain text")]
    RegexPlain { text: String },
    #[error("this is in every value that is there")]
    MatchesAll,
    #[error("`{field}` is in lower case, `{value}` is not")]
    LowerCase { field: String, value: String },
    #[error("`{field}` lies between {least} and {greatest}, `{value}` does not")]
    OutOfRange { field: String, value: i64, least: i64, greatest: i64 },
    #[error("`{field}` is the name of a host, `{value}` is more than that")]
    HostValue { field: String, value: String },
    #[error("`{field}` may be `{example}` too")]
    HostPart { field: String, example: String },
    #[error("methods are in capitals, `{value}` is not")]
    MethodCase { value: String },
}

fn list(ids: &[String]) -> String {
    ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(" or ")
}

impl Flaw {
    /// A stable name for tools, such as `never-true`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NeverTrue => "never-true",
            Self::AlwaysTrue => "always-true",
            Self::Unreachable { .. } => "unreachable",
            Self::Duplicate { .. } => "duplicate",
            Self::Repeated => "repeated",
            Self::Redundant { .. } => "redundant",
            Self::RedundantMember { .. } => "redundant-member",
            Self::UnusedList { .. } => "unused-list",
            Self::UnusedConstant { .. } => "unused-constant",
            Self::Unindexable { .. } => "unindexable",
            Self::RegexLeadingStar { .. } => "regex-leading-star",
            Self::RegexRepetition { .. } => "regex-repetition",
            Self::RegexDot { .. } => "regex-dot",
            Self::RegexUnanchored { .. } => "regex-unanchored",
            Self::RegexAll => "regex-all",
            Self::RegexPlain { .. } => "regex-plain",
            Self::MatchesAll => "matches-all",
            Self::LowerCase { .. } => "lower-case",
            Self::OutOfRange { .. } => "out-of-range",
            Self::HostValue { .. } => "host-value",
            Self::HostPart { .. } => "host-part",
            Self::MethodCase { .. } => "method-case",
        }
    }

    /// How much it matters.
    #[must_use]
    pub const fn weight(&self) -> Weight {
        match self {
            Self::Unindexable { .. }
            | Self::RegexLeadingStar { .. }
            | Self::RegexPlain { .. }
            | Self::Redundant { .. }
            | Self::RedundantMember { .. } => Weight::Note,
            _ => Weight::Warning,
        }
    }

    /// What to write instead.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::NeverTrue => "remove it, or join what excludes itself by `or`".into(),
            Self::AlwaysTrue => "remove it, or write `true` where that is meant".into(),
            Self::Unreachable { .. } => "move the rule up, or remove it".into(),
            Self::Duplicate { .. } => "remove one of the two".into(),
            Self::Repeated | Self::Redundant { .. } | Self::RedundantMember { .. } => {
                "remove it".into()
            }
            Self::UnusedList { name } => {
                format!("write `in ${name}` in a rule, or remove the list")
            }
            Self::UnusedConstant { .. } => "remove it".into(),
            Self::Unindexable { .. } => {
                "add a condition joined by `and` that names values: `==`, `in {…}`, `contains`"
                    .into()
            }
            Self::RegexLeadingStar { found } => format!("remove `{found}`"),
            Self::RegexRepetition { .. } => "write `*` or `+`".into(),
            Self::RegexDot { .. } => r"write `\.` for a dot".into(),
            Self::RegexUnanchored { .. } => {
                "begin with `^` or `(^|\\.)` and end with `$`, or compare the domains: \
                 `any(http.request.domains[*] == …)`"
                    .into()
            }
            Self::RegexAll | Self::MatchesAll => {
                "remove it; `len(…) >= 0` asks whether there is a value".into()
            }
            Self::RegexPlain { text } => format!("write `contains \"{text}\"`"),
            Self::LowerCase { value, .. } => format!("write `{}`", value.to_ascii_lowercase()),
            Self::OutOfRange { least, greatest, .. } => {
                format!("write a number from {least} to {greatest}")
            }
            Self::HostValue { .. } => "write the host alone, or compare `http.request.uri`".into(),
            Self::HostPart { .. } => {
                "compare the domains: `any(http.request.domains[*] == …)`".into()
            }
            Self::MethodCase { value } => format!("write `{}`", value.to_ascii_uppercase()),
        }
    }
}

/// One thing that is odd about a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: RuleIndex,
    /// The place: bytes of the text of its filter.
    pub span: Range<usize>,
    /// What is odd.
    pub flaw: Flaw,
}
