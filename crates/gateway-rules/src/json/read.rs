//! From JSON to a syntax tree, and what can be wrong with JSON. Types are not looked at: that is the parser's work.

use bytes::Bytes;
use serde_json::Value as Json;

use crate::action::ActionError;
use crate::ast::{
    AddressItem, Argument, Call, Case, Connective, Expr, ExprKind, Index, Literal, Operand, Order,
    Quantifier, Source, Span, Test,
};
use crate::filter::ParseError;
use crate::functions::FunctionId;
use crate::lists::{List, Listed, is_name};
use crate::parse::{read_address_item, wildcard_fault};
use crate::scheme::Scheme;
use crate::value::Type;

/// Why a JSON text is no filter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// The text is no JSON, or nested more than 128 deep.
    #[error("the text is no JSON: {reason}")]
    Syntax {
        /// The words of the JSON reader.
        reason: String,
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
    let found: String = found.to_string().chars().take(60).collect();
    Err(JsonError::Unexpected { expected, found })
}

/// The tree of a condition.
///
/// # Errors
/// All but [`JsonError::Filter`].
pub(crate) fn expression(scheme: &Scheme, text: &str) -> Read<Expr> {
    let json: Json = serde_json::from_str(text)
        .map_err(|fault| JsonError::Syntax { reason: fault.to_string() })?;
    condition(scheme, &json)
}

fn condition(scheme: &Scheme, json: &Json) -> Read<Expr> {
    let Some(op) = json.get("op") else { return unexpected("an object with `op`", json) };
    let member = |name| json.get(name).unwrap_or(&Json::Null);
    let inner = || condition(scheme, member("item")).map(Box::new);
    let joined = |connective| {
        let json = member("items");
        let Some(items) = json.as_array().filter(|items| items.len() >= 2) else {
            return unexpected("two items or more", json);
        };
        let items = items.iter().map(|item| condition(scheme, item)).collect::<Read<_>>()?;
        Ok(ExprKind::Joined(connective, items))
    };
    let kind = match op.as_str().unwrap_or_default() {
        "and" => joined(Connective::And)?,
        "or" => joined(Connective::Or)?,
        "xor" => joined(Connective::Xor)?,
        "not" => ExprKind::Not(inner()?),
        "any" => ExprKind::Quantified(Quantifier::Any, inner()?),
        "all" => ExprKind::Quantified(Quantifier::All, inner()?),
        "constant" => match member("value") {
            Json::Bool(value) => ExprKind::Constant(*value),
            other => return unexpected("`true` or `false`", other),
        },
        "is_true" => ExprKind::Test(operand(scheme, member("left"))?, Test::IsTrue),
        name => {
            let Some(test) = test(scheme, name, member("right"))? else {
                return unexpected("an operator", op);
            };
            ExprKind::Test(operand(scheme, member("left"))?, test)
        }
    };
    Ok(Expr { kind, span: Span::default() })
}

fn test(scheme: &Scheme, op: &str, right: &Json) -> Read<Option<Test>> {
    let order = |order| {
        Ok(if right.get("field").is_some() || right.get("call").is_some() {
            Test::Against(order, operand(scheme, right)?)
        } else {
            Test::Order(order, literal(right)?)
        })
    };
    Ok(Some(match op {
        "==" => order(Order::Equal)?,
        "!=" => order(Order::NotEqual)?,
        "<" => order(Order::Less)?,
        "<=" => order(Order::LessOrEqual)?,
        ">" => order(Order::Greater)?,
        ">=" => order(Order::GreaterOrEqual)?,
        "&" => Test::Mask(int(right.get("int").unwrap_or(right))?),
        "in" => set(right)?,
        "contains" => Test::Contains(bytes(right)?),
        "matches" => match right {
            Json::String(pattern) if is_quotable(pattern) => Test::Matches(pattern.clone()),
            _ => return unexpected("a regular expression", right),
        },
        "wildcard" => Test::Wildcard(Case::Ignored, pattern(right)?),
        "strict wildcard" => Test::Wildcard(Case::Exact, pattern(right)?),
        _ => return Ok(None),
    }))
}

/// Whether the printer has a string for this pattern: one that is no regular expression may not.
fn is_quotable(pattern: &str) -> bool {
    regex_syntax::ast::parse::Parser::new().parse(pattern).is_ok()
}

fn pattern(json: &Json) -> Read<Bytes> {
    let pattern = bytes(json)?;
    match wildcard_fault(&pattern) {
        None => Ok(pattern),
        Some(_) => unexpected("a wildcard pattern", json),
    }
}

fn set(json: &Json) -> Read<Test> {
    let items = |kind: &str| json.get(kind).and_then(Json::as_array);
    if let Some(items) = items("ints") {
        let range = |item: &Json| match item.as_array().map(Vec::as_slice) {
            Some([first, last]) => {
                let (first, last) = (int(first)?, int(last)?);
                if first > last {
                    return unexpected("a range in order", item);
                }
                Ok((first, last))
            }
            _ => unexpected("a range of two integers", item),
        };
        return Ok(Test::InInts(items.iter().map(range).collect::<Read<_>>()?));
    }
    if let Some(items) = items("addresses") {
        let address = |item: &Json| -> Read<AddressItem> {
            match item.as_str().map(read_address_item) {
                Some(Ok(item)) => Ok(item),
                Some(Err(_)) | None => unexpected("an address, a network or a range", item),
            }
        };
        return Ok(Test::InAddresses(items.iter().map(address).collect::<Read<_>>()?));
    }
    if let Some(items) = items("strings") {
        return Ok(Test::InBytes(items.iter().map(bytes).collect::<Read<_>>()?));
    }
    if let Some(name) = json.get("list").and_then(Json::as_str).filter(|name| is_name(name)) {
        // The name is all that is printed; what list it is says who parses it.
        let list = List::empty(&Type::Bytes).into();
        return Ok(Test::InList(Listed { name: name.into(), list }));
    }
    unexpected("`ints`, `addresses`, `strings` or `list`", json)
}

fn operand(scheme: &Scheme, json: &Json) -> Read<Operand> {
    let source = if let Some(name) = json.get("field").and_then(Json::as_str) {
        let unknown = || JsonError::UnknownField { name: name.to_owned() };
        Source::Field(scheme.id(name).ok_or_else(unknown)?)
    } else if let Some(name) = json.get("call").and_then(Json::as_str) {
        let unknown = || JsonError::UnknownFunction { name: name.to_owned() };
        let function = FunctionId::named(name).ok_or_else(unknown)?;
        let arguments = json.get("arguments").unwrap_or(&Json::Null);
        let Some(arguments) = arguments.as_array() else {
            return unexpected("an array of arguments", arguments);
        };
        let argument = |json: &Json| -> Read<Argument> {
            Ok(if json.get("field").is_some() || json.get("call").is_some() {
                Argument::Operand(operand(scheme, json)?)
            } else {
                Argument::Literal(literal(json)?)
            })
        };
        let arguments = arguments.iter().map(argument).collect::<Read<_>>()?;
        Source::Call(Box::new(Call { function, arguments }))
    } else {
        return unexpected("an object with `field` or `call`", json);
    };
    let path = match json.get("path") {
        None => Vec::new(),
        Some(Json::Array(path)) => path.iter().map(index).collect::<Read<_>>()?,
        Some(other) => return unexpected("an array of indexes", other),
    };
    Ok(Operand { source, path })
}

fn index(json: &Json) -> Read<Index> {
    if json == "*" {
        return Ok(Index::Each);
    }
    if let Some(key) = json.get("key") {
        return bytes(key).map(Index::Key);
    }
    let position = json.get("index").and_then(Json::as_u64);
    match position.and_then(|position| u32::try_from(position).ok()) {
        Some(position) => Ok(Index::At(position)),
        None => unexpected("`index`, `key` or `\"*\"`", json),
    }
}

fn literal(json: &Json) -> Read<Literal> {
    if let Some(value) = json.get("int") {
        return int(value).map(Literal::Int);
    }
    if let Some(value) = json.get("bool").and_then(Json::as_bool) {
        return Ok(Literal::Bool(value));
    }
    if let Some(value) = json.get("ip") {
        return match value.as_str().map(str::parse) {
            Some(Ok(address)) => Ok(Literal::Ip(address)),
            Some(Err(_)) | None => unexpected("an IP address", value),
        };
    }
    bytes(json).map(Literal::Bytes)
}

fn int(json: &Json) -> Read<i64> {
    json.as_i64().map_or_else(|| unexpected("an integer of 64 bits", json), Ok)
}

fn bytes(json: &Json) -> Read<Bytes> {
    match (json.as_str(), json.get("hex").and_then(Json::as_str)) {
        (Some(text), _) => Ok(Bytes::copy_from_slice(text.as_bytes())),
        (None, Some(hex)) => {
            let digit = |digit: &u8| char::from(*digit).to_digit(16);
            let pair = |pair: &[u8]| match pair {
                [high, low] => u8::try_from(digit(high)? << 4 | digit(low)?).ok(),
                _ => None,
            };
            let value: Option<Vec<u8>> = hex.as_bytes().chunks(2).map(pair).collect();
            value.map_or_else(|| unexpected("pairs of hexadecimal digits", json), |v| Ok(v.into()))
        }
        (None, None) => unexpected("a string or `hex`", json),
    }
}
