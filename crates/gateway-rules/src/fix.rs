//! Fixes: what to write in place of what is wrong, exactly, where that can be said.

use std::ops::Range;

use crate::problem::{Extension, Problem};

/// A change of the source that a tool can make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The bytes to replace.
    pub span: Range<usize>,
    /// What takes their place.
    pub text: String,
}

/// The fix of a problem at its place; `None` where the author has to choose.
pub(crate) fn fix(problem: &Problem, span: Range<usize>) -> Option<Fix> {
    let text = match problem {
        Problem::UnknownField { suggestion, .. }
        | Problem::UnknownFunction { suggestion, .. }
        | Problem::UnknownList { suggestion, .. }
        | Problem::UnknownOperator { suggestion, .. } => suggestion.clone()?,
        Problem::Assignment => "==".to_owned(),
        Problem::OperatorCase { found } => found.to_ascii_lowercase(),
        Problem::Octal { decimal, .. } => decimal.clone(),
        Problem::HostBits { network, .. } => network.clone(),
        Problem::SetBraces { instead, .. } => instead.clone()?,
        // Another operator goes with another kind of value: the operator is not in the span.
        Problem::LiteralType { instead: Some(instead), .. } if !instead.starts_with("in ") => {
            instead.clone()
        }
        Problem::NotInWirefilter { extension } => match extension {
            Extension::Comma | Extension::WhiteSpace => " ".to_owned(),
            Extension::Comment => String::new(),
            Extension::EmptyIndex => "[*]".to_owned(),
            Extension::BoolComparison
            | Extension::Constant
            | Extension::FieldComparison
            | Extension::LiteralArgument
            | Extension::MemberAccess
            | Extension::NamedConstant
            | Extension::SingleQuotes => return None,
        },
        _ => return None,
    };
    Some(Fix { span, text })
}
