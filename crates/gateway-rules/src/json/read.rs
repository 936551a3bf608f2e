//! From JSON to a syntax tree. Types are not looked at: that is the parser's work.

use bytes::Bytes;
use serde_json::Value as Json;

use super::fault::{JsonError, Read, unexpected};
use super::nested::Nested;
use crate::ast::{
    AddressItem, Argument, Call, Case, Connective, Expr, ExprKind, Index, Literal, Operand, Order,
    Quantifier, Source, Span, Test,
};
use crate::functions::FunctionId;
use crate::lists::{List, Listed, is_name};
use crate::options::ParseOptions;
use crate::parse::{read_address_item, wildcard_fault};
use crate::scheme::Scheme;
use crate::value::Type;

/// Levels of JSON that one of a filter may have: three connectives, each with its items.
const JSON_LEVELS: usize = 6;
/// Those of a test at the end.
const JSON_LEVELS_OF_TEST: usize = 16;

/// The tree of a condition that is nested no deeper than the options allow.
///
/// # Errors
/// All but [`JsonError::Filter`].
pub(crate) fn expression(scheme: &Scheme, text: &str, options: &ParseOptions) -> Read<Expr> {
    let depth_max = options.max_nesting_depth.min(ParseOptions::NESTING_DEPTH_CEILING);
    let json = Nested::read(text, depth_max * JSON_LEVELS + JSON_LEVELS_OF_TEST);
    let json = json.map_err(|error| match error {
        JsonError::Nesting { .. } => JsonError::Nesting { depth_max },
        other => other,
    })?;
    let reader = Reader { scheme, depth_max };
    // What is still to be done, the next last, and the conditions that are done.
    let mut left = vec![Left::Condition(json, Parent::None, 0)];
    let mut done: Vec<Expr> = Vec::new();
    while let Some(next) = left.pop() {
        let kind = match next {
            Left::Condition(json, parent, depth) => {
                match reader.condition(json, parent, depth, &mut left)? {
                    Some(kind) => kind,
                    None => continue,
                }
            }
            Left::Joined(connective, count) => {
                ExprKind::Joined(connective, done.split_off(done.len().saturating_sub(count)))
            }
            Left::Around(around) => {
                let Some(inner) = done.pop().map(Box::new) else { continue };
                match around {
                    Around::Not => ExprKind::Not(inner),
                    Around::Quantified(quantifier) => ExprKind::Quantified(quantifier, inner),
                }
            }
        };
        done.push(Expr { kind, span: Span::default() });
    }
    done.pop().map_or_else(|| unexpected("a condition", &Json::Null), Ok)
}

/// What is still to be read, or to be made of what has been.
enum Left {
    /// A condition, what it stands in, and how deep it is nested there.
    Condition(Nested, Parent, usize),
    /// Of so many conditions before.
    Joined(Connective, usize),
    /// Of the one before.
    Around(Around),
}

#[derive(Clone, Copy)]
enum Around {
    Not,
    Quantified(Quantifier),
}

/// What a condition stands in, as far as it has to be in parentheses there.
#[derive(Clone, Copy)]
enum Parent {
    None,
    Not,
    Joined(Connective),
}

struct Reader<'s> {
    scheme: &'s Scheme,
    depth_max: usize,
}

impl Reader<'_> {
    /// Reads a condition, or what is to be done for it.
    fn condition(
        &self,
        mut json: Nested,
        parent: Parent,
        depth: usize,
        left: &mut Vec<Left>,
    ) -> Read<Option<ExprKind>> {
        let Some(op) = json.get().get("op") else {
            return unexpected("an object with `op`", json.get());
        };
        let member = |name| json.get().get(name).unwrap_or(&Json::Null);
        let around = match op.as_str().unwrap_or_default() {
            "and" => return self.joined(json, Connective::And, parent, depth, left),
            "or" => return self.joined(json, Connective::Or, parent, depth, left),
            "xor" => return self.joined(json, Connective::Xor, parent, depth, left),
            "not" => Around::Not,
            "any" => Around::Quantified(Quantifier::Any),
            "all" => Around::Quantified(Quantifier::All),
            "constant" => {
                return match member("value") {
                    Json::Bool(value) => Ok(Some(ExprKind::Constant(*value))),
                    other => unexpected("`true` or `false`", other),
                };
            }
            "is_true" => {
                let operand = self.operand(member("left"), depth)?;
                return Ok(Some(ExprKind::Test(operand, Test::IsTrue)));
            }
            name => {
                let Some(test) = self.test(name, member("right"), depth)? else {
                    return unexpected("an operator", op);
                };
                return Ok(Some(ExprKind::Test(self.operand(member("left"), depth)?, test)));
            }
        };
        let parent = match around {
            Around::Not => Parent::Not,
            Around::Quantified(_) => Parent::None,
        };
        let inner = Left::Condition(json.take("item"), parent, self.deeper(depth)?);
        left.extend([Left::Around(around), inner]);
        Ok(None)
    }

    fn joined(
        &self,
        mut json: Nested,
        connective: Connective,
        parent: Parent,
        depth: usize,
        left: &mut Vec<Left>,
    ) -> Read<Option<ExprKind>> {
        let is_grouped = match parent {
            Parent::None => false,
            Parent::Not => true,
            Parent::Joined(outer) => connective <= outer,
        };
        let depth = if is_grouped { self.deeper(depth)? } else { depth };
        let items = json.take("items");
        if items.get().as_array().is_none_or(|items| items.len() < 2) {
            return unexpected("two items or more", items.get());
        }
        let items = items.into_items();
        left.push(Left::Joined(connective, items.len()));
        let conditions = items.into_iter().rev();
        left.extend(
            conditions.map(|item| Left::Condition(item, Parent::Joined(connective), depth)),
        );
        Ok(None)
    }

    const fn deeper(&self, depth: usize) -> Read<usize> {
        if depth < self.depth_max {
            Ok(depth + 1)
        } else {
            Err(JsonError::Nesting { depth_max: self.depth_max })
        }
    }

    fn test(&self, op: &str, right: &Json, depth: usize) -> Read<Option<Test>> {
        let order = |order| {
            Ok(if right.get("field").is_some() || right.get("call").is_some() {
                Test::Against(order, self.operand(right, depth)?)
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

    fn operand(&self, json: &Json, depth: usize) -> Read<Operand> {
        let source = if let Some(name) = json.get("field").and_then(Json::as_str) {
            let unknown = || JsonError::UnknownField { name: name.to_owned() };
            Source::Field(self.scheme.id(name).ok_or_else(unknown)?)
        } else if let Some(name) = json.get("call").and_then(Json::as_str) {
            self.call(name, json.get("arguments").unwrap_or(&Json::Null), depth)?
        } else {
            return unexpected("an object with `field` or `call`", json);
        };
        Ok(Operand { source, path: path(json)? })
    }

    fn call(&self, name: &str, arguments: &Json, depth: usize) -> Read<Source> {
        let unknown = || JsonError::UnknownFunction { name: name.to_owned() };
        let function = FunctionId::named(name).ok_or_else(unknown)?;
        let Some(given) = arguments.as_array() else {
            return unexpected("an array of arguments", arguments);
        };
        let depth = self.deeper(depth)?;
        let mut arguments = Vec::with_capacity(given.len());
        for json in given {
            arguments.push(if json.get("field").is_some() || json.get("call").is_some() {
                Argument::Operand(self.operand(json, depth)?)
            } else {
                Argument::Literal(literal(json)?)
            });
        }
        Ok(Source::Call(Box::new(Call { function, arguments })))
    }
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

fn path(json: &Json) -> Read<Vec<Index>> {
    match json.get("path") {
        None => Ok(Vec::new()),
        Some(Json::Array(path)) => path.iter().map(index).collect(),
        Some(other) => unexpected("an array of indexes", other),
    }
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
