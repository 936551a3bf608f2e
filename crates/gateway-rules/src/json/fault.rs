//! What can be wrong with JSON that should be filters or rules.

use serde_json::Value as Json;

use crate::action::ActionError;
use crate::filter::ParseError;

/// Why a JSON text is no filter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// The text is no JSON.
    #[error("the text is no JSON: {reason}")]
    Syntax {
        /// The words of the JSON reader.
        reason: String,
    },
    /// The tree is nested deeper than a filter may be.
    #[error("the filter is nested more than {depth_max} deep")]
    Nesting {
        /// The setting: [`ParseOptions::max_nesting_depth`](crate::ParseOptions::max_nesting_depth).
        depth_max: usize,
    },
    /// Something else was expected.
    #[error("expected {expected}, found `{found}`")]
    Unexpected {
        /// What was expected.
        expected: &'static str,
        /// What stands there, shortened.
        found: String,
    },
    /// Something is lacking.
    #[error("`{name}` is missing")]
    Missing {
        /// The member.
        name: &'static str,
    },
    /// The action of a rule is none.
    #[error("{error}")]
    Action {
        /// What is wrong with it.
        error: ActionError,
    },
    /// The scheme has no such field.
    #[error("no field is called `{name}`")]
    UnknownField {
        /// The name given.
        name: String,
    },
    /// There is no such function.
    #[error("no function is called `{name}`")]
    UnknownFunction {
        /// The name given.
        name: String,
    },
    /// The tree, printed, is no filter.
    #[error("{error}")]
    Filter {
        /// The printed text, to which the places of the error refer.
        text: String,
        /// What is wrong with it.
        error: ParseError,
    },
}

pub(super) type Read<T> = Result<T, JsonError>;

pub(super) fn unexpected<T>(expected: &'static str, found: &Json) -> Read<T> {
    let mut text = String::new();
    shorten(found, 0, &mut text);
    Err(JsonError::Unexpected { expected, found: text.chars().take(SHOWN_MAX).collect() })
}

/// Characters of what was found that are shown, and levels.
const SHOWN_MAX: usize = 60;
const SHOWN_DEPTH_MAX: usize = 8;

/// Writes the beginning of a value.
fn shorten(json: &Json, depth: usize, text: &mut String) {
    if text.len() > SHOWN_MAX {
        return;
    }
    match json {
        Json::Array(_) | Json::Object(_) if depth == SHOWN_DEPTH_MAX => text.push('…'),
        Json::Array(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate().take(SHOWN_MAX) {
                text.push_str(if at > 0 { "," } else { "" });
                shorten(item, depth + 1, text);
            }
            text.push(']');
        }
        Json::Object(members) => {
            text.push('{');
            for (at, (name, value)) in members.iter().enumerate().take(SHOWN_MAX) {
                text.push_str(if at > 0 { "," } else { "" });
                text.push_str(&Json::from(name.as_str()).to_string());
                text.push(':');
                shorten(value, depth + 1, text);
            }
            text.push('}');
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {
            text.push_str(&json.to_string());
        }
    }
}
