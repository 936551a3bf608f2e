//! The catalog of what can be wrong with a filter or a rule, with the words for each.
//!
//! A problem carries data; [`Diagnostic`](crate::Diagnostic) says where it is and renders it.

mod extension;

pub use self::extension::Extension;
use crate::headers::HeaderFault;
use crate::phase::{Gate, PhaseSet};
use crate::suggest::hint;
use crate::value::Type;

/// What is wrong, as data; `Display` is the headline of the diagnostic.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the headline above each variant says what its fields are")]
pub enum Problem {
    #[error("the filter is empty")]
    Empty,
    #[error("the filter is {bytes} bytes long, more than {bytes_max}")]
    TooLong { bytes: usize, bytes_max: usize },
    #[error("expected {expected}, found {found}")]
    Unexpected { expected: &'static str, found: String },
    #[error("{} is not part of Wirefilter's language", extension.what())]
    NotInWirefilter { extension: Extension },

    #[error("no field is called `{name}`{}", hint(suggestion.as_deref()))]
    UnknownField { name: String, suggestion: Option<String> },
    #[error("no function is called `{name}`{}", hint(suggestion.as_deref()))]
    UnknownFunction { name: String, suggestion: Option<String> },
    #[error("`{function}` takes {expected}, found {found}")]
    ArgumentCount { function: &'static str, expected: String, found: usize },
    #[error("`{function}` takes {expected} as `{parameter}`, found {found}")]
    ArgumentType {
        function: &'static str,
        parameter: &'static str,
        expected: String,
        found: String,
    },
    #[error("`{function}` takes a value that stands in the text as `{parameter}`, found `{found}`")]
    ArgumentComputed { function: &'static str, parameter: &'static str, found: String },
    #[error("`{function}` takes {expected} as `{parameter}`, found `{found}`")]
    ArgumentValue {
        function: &'static str,
        parameter: &'static str,
        expected: &'static str,
        found: String,
    },
    #[error("`[*]` can stand in the first argument of `{function}` alone")]
    ArgumentEach { function: &'static str },
    #[error("no list is called `${name}`{}", hint(suggestion.as_deref()))]
    UnknownList { name: String, suggestion: Option<String> },
    #[error("`${name}` is a list of {found}, expected one of {expected}")]
    ListType { name: String, found: Type, expected: Type },
    #[error("`{name}` is a constant of type {found}, expected one of {expected}")]
    ConstantType { name: String, found: Type, expected: Type },
    #[error("`{operand}` is of type {found}, compared with one of type {expected}")]
    RightType { operand: String, found: Type, expected: Type },
    #[error("`[*]` can stand left of an operator, not in `{operand}` right of it")]
    RightEach { operand: String },
    #[error("expected a field, found the value {found}")]
    ValueFirst { found: String, turned: Option<String> },

    #[error("expected a comparison, found `=`")]
    Assignment,
    #[error("`{found}` is not an operator{}", hint(suggestion.as_deref()))]
    UnknownOperator { found: String, suggestion: Option<String> },
    #[error("`{found}` is not an operator: words of the language are lower-case")]
    OperatorCase { found: String },
    #[error("expected an operator after `{operand}`, which is of type {ty}, found {found}")]
    MissingOperator { operand: String, ty: Type, found: String },
    #[error("`{operator}` does not apply to `{operand}`, which is of type {ty}")]
    OperatorType { operator: String, operand: String, ty: Type },
    #[error("`{operator}` compares single values, and `{operand}` is of type {ty}")]
    WholeCompared { operator: String, operand: String, ty: Type },

    #[error("expected a value of type {expected}, found {found}")]
    LiteralType { expected: Type, found: String, instead: Option<String> },
    #[error("`{found}` does not fit an Int: it holds -9223372036854775808 to 9223372036854775807")]
    IntRange { found: String },
    #[error("`{found}` is no octal number: a number that begins with 0 has the digits 0 to 7")]
    Octal { found: String, decimal: String },
    #[error("`{found}` is no IP address")]
    Address { found: String },
    #[error("`{found}` is no prefix length: expected 0 to {max}")]
    PrefixLength { found: String, max: u8 },
    #[error("the network `{found}` has host bits set")]
    HostBits { found: String, network: String },
    #[error("the range `{found}` ends before it begins, or mixes IPv4 and IPv6")]
    RangeOrder { found: String },
    #[error("expected a set in braces, found {found}")]
    SetBraces { found: String, instead: Option<String> },
    #[error("the set is not closed: expected {expected} or `}}`, found {found}")]
    SetUnclosed { expected: &'static str, found: String },

    #[error("the string is not closed")]
    StringUnclosed { close: String },
    #[error("`\\{found}` is no escape in a string")]
    Escape { found: String },
    #[error("a raw string has at most 255 `#` before its quote")]
    RawHashes,
    #[error("`{found}` is no byte string: expected two hexadecimal digits at a time")]
    ByteString { found: String },

    #[error("the wildcard pattern has two `*` in a row")]
    DoubleStar,
    #[error("the wildcard pattern has more than {stars_max} `*`")]
    TooManyStars { stars_max: usize },
    #[error("`\\{found}` is no escape in a wildcard pattern")]
    WildcardEscape { found: String },
    #[error("the regular expression is faulty: {reason}")]
    RegexSyntax { reason: String },
    #[error("the regular expression needs more than {bytes_max} bytes when compiled")]
    RegexSize { bytes_max: usize },

    #[error("expected an index, found {found}")]
    Index { found: String },
    #[error("`{index}` does not apply to `{operand}`, which is of type {ty}")]
    IndexType { index: String, operand: String, ty: Type },

    #[error("the filter is nested more than {depth_max} deep")]
    Nesting { depth_max: usize },
    #[error("expected one truth value, found {}", crowd(ty))]
    ArrayResult { ty: Type },
    #[error("`{operator}` combines two truth values or two arrays, found {left} and {right}")]
    MixedOperands { operator: &'static str, left: Type, right: Type },
    #[error("both sides of `{operator}` are the array `{operand}`")]
    SameArray { operator: &'static str, operand: String },
    #[error("`{quantifier}` takes an array of truth values, found one of type {found}")]
    QuantifierOperand { quantifier: &'static str, found: Type },

    #[error("{what} cannot use `{field}`, which is known only in the phase {phases}")]
    FieldTooLate { what: &'static str, field: String, phases: PhaseSet },
    #[error("the action `{action}` is not one of `l4` rules")]
    ActionLayer { action: &'static str },
    #[error("`{to}` cannot be redirected to")]
    RedirectTarget { to: String },
    #[error("a rule set holds at most {rules_max} rules")]
    TooManyRules { rules_max: usize },
    #[error("the rule is known only after the gate {gate}, where `{later}` below it acts")]
    DecidedBehindGate { gate: Gate, later: String },
    #[error(
        "only rules that let traffic pass (`allow`, `noscan`, `forward`) of the layer `http` \
             change header fields, not the action `{action}`"
    )]
    HeadersUnused { action: &'static str },
    #[error("the action `redact` needs a condition on what data loss prevention found")]
    NothingToRedact,
    #[error("`payload_log` needs a condition on what data loss prevention found")]
    NoPayload,
    #[error(
        "`scan` belongs to rules of the layer `http` that ask for malware (`av.…`) or let traffic pass \
             (`allow`, `forward`)"
    )]
    ScanUnused,
    #[error("{fault}")]
    Header { fault: HeaderFault },
    #[error("nothing of the {body} is asked for besides `http.body_phase`")]
    BodyPhaseAlone { body: &'static str },
    #[error("`http.body_phase` is `upload` or `download`, never `{found}`")]
    BodyPhaseValue { found: String },
    #[error("`http.body_phase` can be compared with values alone")]
    BodyPhaseOperand,
    #[error("`{field}` is never known here")]
    NeverKnown { field: String, doc: String },
}

fn crowd(ty: &Type) -> String {
    format!("a value of type {ty}")
}

impl Problem {
    /// A stable name for tools, such as `unknown-field`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong { .. } => "too-long",
            Self::Unexpected { .. } => "unexpected",
            Self::NotInWirefilter { .. } => "not-in-wirefilter",
            Self::UnknownField { .. } => "unknown-field",
            Self::UnknownFunction { .. } => "unknown-function",
            Self::ArgumentCount { .. } => "argument-count",
            Self::ArgumentType { .. } => "argument-type",
            Self::ArgumentComputed { .. } => "argument-computed",
            Self::ArgumentValue { .. } => "argument-value",
            Self::ArgumentEach { .. } => "argument-each",
            Self::UnknownList { .. } => "unknown-list",
            Self::ListType { .. } => "list-type",
            Self::ConstantType { .. } => "constant-type",
            Self::RightType { .. } => "right-type",
            Self::RightEach { .. } => "right-each",
            Self::ValueFirst { .. } => "value-first",
            Self::Assignment => "assignment",
            Self::UnknownOperator { .. } => "unknown-operator",
            Self::OperatorCase { .. } => "operator-case",
            Self::MissingOperator { .. } => "missing-operator",
            Self::OperatorType { .. } => "operator-type",
            Self::WholeCompared { .. } => "whole-compared",
            Self::LiteralType { .. } => "literal-type",
            Self::IntRange { .. } => "int-range",
            Self::Octal { .. } => "octal",
            Self::Address { .. } => "address",
            Self::PrefixLength { .. } => "prefix-length",
            Self::HostBits { .. } => "host-bits",
            Self::RangeOrder { .. } => "range-order",
            Self::SetBraces { .. } => "set-braces",
            Self::SetUnclosed { .. } => "set-unclosed",
            Self::StringUnclosed { .. } => "string-unclosed",
            Self::Escape { .. } => "escape",
            Self::RawHashes => "raw-hashes",
            Self::ByteString { .. } => "byte-string",
            Self::DoubleStar => "double-star",
            Self::TooManyStars { .. } => "too-many-stars",
            Self::WildcardEscape { .. } => "wildcard-escape",
            Self::RegexSyntax { .. } => "regex-syntax",
            Self::RegexSize { .. } => "regex-size",
            Self::Index { .. } => "index",
            Self::IndexType { .. } => "index-type",
            Self::Nesting { .. } => "nesting",
            Self::ArrayResult { .. } => "array-result",
            Self::MixedOperands { .. } => "mixed-operands",
            Self::SameArray { .. } => "same-array",
            Self::QuantifierOperand { .. } => "quantifier-operand",
            Self::FieldTooLate { .. } => "field-too-late",
            Self::ActionLayer { .. } => "action-layer",
            Self::RedirectTarget { .. } => "redirect-target",
            Self::TooManyRules { .. } => "too-many-rules",
            Self::DecidedBehindGate { .. } => "decided-behind-gate",
            Self::Header { .. } => "header",
            Self::HeadersUnused { .. } => "headers-unused",
            Self::BodyPhaseAlone { .. } => "body-phase-alone",
            Self::BodyPhaseOperand => "body-phase-operand",
            Self::BodyPhaseValue { .. } => "body-phase-value",
            Self::NeverKnown { .. } => "never-known",
            Self::NothingToRedact => "nothing-to-redact",
            Self::NoPayload => "no-payload",
            Self::ScanUnused => "scan-unused",
        }
    }

    /// What to write instead, where that can be said.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        let fixed = match self {
            Self::Empty => "write a condition, such as `http.request.host == \"a.example\"`",
            Self::Assignment => "write `==`",
            Self::MissingOperator { ty, .. } | Self::OperatorType { ty, .. } => operators_of(ty),
            Self::NotInWirefilter { extension } => extension.instead(),
            Self::UnknownFunction { suggestion: None, .. } => {
                "the functions are listed in docs/functions.md"
            }
            Self::ArgumentComputed { .. } => "write the value itself",
            Self::RightEach { .. } => "name one element, as in `[0]`, or turn the sides round",
            Self::ArgumentEach { .. } => "name one element, as in `[0]`",
            Self::UnknownList { suggestion: None, .. } => "write the members in braces",
            Self::Escape { .. } => {
                "escapes are `\\\"`, `\\\\`, `\\xHH` and `\\OOO`; raw strings r\"…\" have none"
            }
            Self::RawHashes => "write the string in quotes, with escapes",
            Self::ByteString { .. } => {
                "write two bytes or more, as in 61:62, or a string in quotes"
            }
            Self::DoubleStar => "one `*` already stands for any number of bytes",
            Self::WildcardEscape { .. } => "escapes are `\\*` and `\\\\`",
            Self::Index { .. } => "write a number, a key in quotes, or `*` between the brackets",
            Self::SetUnclosed { .. } => "close the set with `}`",
            Self::ArrayResult { .. } | Self::SameArray { .. } => {
                "put `any(…)` or `all(…)` around the condition"
            }
            Self::MixedOperands { .. } => "put `any(…)` or `all(…)` around the array",
            Self::LiteralType { expected, instead: None, .. } => form_of(expected),
            Self::FieldTooLate { .. } => {
                "write an `http` rule with `allow` or `block`, or use a field known before"
            }
            Self::ActionLayer { .. } => "give the rule the layer `http`",
            Self::NoPayload | Self::NothingToRedact => "write `any(dlp.profiles[*] == \"…\")`",
            Self::ScanUnused => "write `av.infected`, or give the rule the action `allow`",
            Self::RedirectTarget { .. } => "write an absolute http or https URL of printable ASCII",
            Self::BodyPhaseOperand | Self::BodyPhaseValue { .. } => {
                "write `http.body_phase == \"upload\"` or `http.body_phase == \"download\"`"
            }
            Self::DecidedBehindGate { .. } => {
                "the lower rule wins there; decide both rules by facts of the same phase"
            }
            _ => return self.tailored_help(),
        };
        Some(fixed.into())
    }

    fn tailored_help(&self) -> Option<String> {
        let instead = match self {
            Self::OperatorCase { found } => &found.to_ascii_lowercase(),
            Self::ValueFirst { turned: None, .. } => {
                return Some("write the field first, then the operator and the value".into());
            }
            Self::ValueFirst { turned: Some(text), .. }
            | Self::LiteralType { instead: Some(text), .. }
            | Self::SetBraces { instead: Some(text), .. }
            | Self::Octal { decimal: text, .. }
            | Self::HostBits { network: text, .. }
            | Self::StringUnclosed { close: text } => text,
            Self::NeverKnown { doc, .. } => return Some(doc.clone()),
            Self::BodyPhaseAlone { body } => {
                return Some(format!(
                    "join it by `and` with what that body is to have, such as \
                     `any(dlp.{body}.profiles[*] == …)`; what else is to match is another rule"
                ));
            }
            Self::UnknownOperator { found, suggestion: None } if found == "not" => {
                return Some("write `not` before the field".into());
            }
            Self::WholeCompared { operator, operand, ty } if ty.element().is_some() => {
                return Some(format!("write `any({operand}[*] {operator} …)`, or `all`"));
            }
            Self::QuantifierOperand { quantifier, found } => {
                return Some(match found {
                    Type::Bool => format!("remove `{quantifier}(…)`: it is one truth value"),
                    _ => format!("write a comparison of its elements: `{quantifier}(…[*] == …)`"),
                });
            }
            Self::UnknownField { suggestion: Some(name), .. }
            | Self::UnknownFunction { suggestion: Some(name), .. }
            | Self::UnknownList { suggestion: Some(name), .. }
            | Self::UnknownOperator { suggestion: Some(name), .. } => name,
            _ => return None,
        };
        Some(format!("write `{instead}`"))
    }

    /// Whether the problem is one to know of, not one that stops the rule.
    #[must_use]
    pub const fn is_warning(&self) -> bool {
        matches!(self, Self::DecidedBehindGate { .. } | Self::NeverKnown { .. })
    }
}

/// How a value of a type is written.
const fn form_of(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "write `true` or `false`",
        Type::Int => "write a whole number, such as `80`, `-1` or `0x50`",
        Type::Ip => "write an address, such as `192.0.2.1` or `2001:db8::1`",
        Type::Bytes => "write a text in quotes",
        Type::Array(_) | Type::Map(_) => "compare the elements: `any(…[*] == …)`, or `all`",
    }
}

const fn operators_of(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "a Bool stands alone, or after `not`",
        Type::Int => "an Int has ==, !=, <, <=, >, >=, in {…} and &",
        Type::Ip => "an Ip has ==, !=, <, <=, >, >= and in {…}",
        Type::Bytes => {
            "Bytes have ==, !=, <, <=, >, >=, in {…}, contains, matches, wildcard, strict wildcard"
        }
        Type::Array(_) | Type::Map(_) => "compare the elements: `any(…[*] == …)`, or `all`",
    }
}
