//! The standard library: the functions that conditions may call.
//!
//! Each is one file in `functions/`, whose documentation is its manual page; the expressions on the
//! page are its tests. A function is total and deterministic: it sees its arguments and nothing
//! else, neither clock nor randomness, and what would be longer than [`RESULT_BYTES_MAX`] is
//! missing. How calls are read is in `parse`, how they are made in `call`.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use bytes::Bytes;

use crate::ast::{Argument, Literal};
use crate::options::ParseOptions;
use crate::pattern::Patterns;
use crate::problem::Problem;
use crate::suggest;
use crate::value::{Type, Value};

mod base64;
mod bit_slice;
mod cidr;
mod cidr6;
mod concat;
mod decode_base64;
mod encode_base64;
mod ends_with;
mod has_key;
mod has_value;
mod is_timed_hmac_valid_v0;
mod join;
mod json_path;
mod len;
mod lookup_json_integer;
mod lookup_json_string;
mod lower;
mod regex_replace;
mod remove_bytes;
mod remove_query_args;
mod replacement;
mod sha256;
mod split;
mod starts_with;
mod substring;
#[cfg(test)]
mod tests;
mod to_string;
mod upper;
mod url_decode;
mod uuidv4;
mod wildcard_replace;

pub(crate) use self::replacement::Replacement;

/// The most bytes of what a function yields, the elements of an array together.
pub(crate) const RESULT_BYTES_MAX: usize = 1 << 20;

/// The most arguments of one call.
pub(crate) const ARGUMENTS_MAX: usize = 64;

/// The functions, in alphabetical order.
static FUNCTIONS: [Function; 27] = [
    bit_slice::FUNCTION,
    cidr::FUNCTION,
    cidr6::FUNCTION,
    concat::FUNCTION,
    decode_base64::FUNCTION,
    encode_base64::FUNCTION,
    ends_with::FUNCTION,
    has_key::FUNCTION,
    has_value::FUNCTION,
    is_timed_hmac_valid_v0::FUNCTION,
    join::FUNCTION,
    len::FUNCTION,
    lookup_json_integer::FUNCTION,
    lookup_json_string::FUNCTION,
    lower::FUNCTION,
    regex_replace::FUNCTION,
    remove_bytes::FUNCTION,
    remove_query_args::FUNCTION,
    sha256::FUNCTION,
    split::FUNCTION,
    starts_with::FUNCTION,
    substring::FUNCTION,
    to_string::FUNCTION,
    upper::FUNCTION,
    url_decode::FUNCTION,
    uuidv4::FUNCTION,
    wildcard_replace::FUNCTION,
];

/// What other languages, and other products, call our functions.
const FOREIGN: [(&str, &str); 16] = [
    ("base64_decode", "decode_base64"),
    ("base64_encode", "encode_base64"),
    ("count", "len"),
    ("endswith", "ends_with"),
    ("every", "all"),
    ("exists", "any"),
    ("length", "len"),
    ("lowercase", "lower"),
    ("replace", "regex_replace"),
    ("size", "len"),
    ("some", "any"),
    ("startswith", "starts_with"),
    ("substr", "substring"),
    ("tolower", "lower"),
    ("toupper", "upper"),
    ("uppercase", "upper"),
];

/// The position of a function among all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FunctionId(u8);

/// One function.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: &'static str,
    pub(crate) parameters: &'static [Parameter],
    /// How many of the parameters must be given.
    pub(crate) required: usize,
    /// Whether the last parameter may be given again and again.
    pub(crate) repeats: Repeats,
    /// The type of the result, and whether the arguments go together; they fit the parameters.
    pub(crate) yields: fn(&[Argument], &[Type]) -> Result<Type, Misfit>,
    /// What is compiled once for all calls.
    pub(crate) prepare: fn(&[Argument], &mut Patterns, &ParseOptions) -> Result<Prepared, Problem>,
    /// The result; `None` where there is none.
    pub(crate) apply: fn(&Given<'_>) -> Option<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeats {
    No,
    Last,
}

/// A parameter of a function.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) shapes: &'static [Shape],
    pub(crate) kind: Kind,
}

/// What may stand for a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Any,
    /// Cloudflare wants a field or a call here, no value; we take both.
    Field,
    /// A value that stands in the text, so that it can be checked when it is read.
    Literal,
}

/// A kind of types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Bool,
    Int,
    Ip,
    Bytes,
    /// An array of whatever.
    Array,
    ByteArray,
    Map,
}

impl Shape {
    pub(crate) fn admits(self, ty: &Type) -> bool {
        match (self, ty) {
            (Self::Bool, Type::Bool)
            | (Self::Int, Type::Int)
            | (Self::Ip, Type::Ip)
            | (Self::Bytes, Type::Bytes)
            | (Self::Array, Type::Array(_))
            | (Self::Map, Type::Map(_)) => true,
            (Self::ByteArray, Type::Array(element)) => **element == Type::Bytes,
            _ => false,
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bool => "Bool",
            Self::Int => "Int",
            Self::Ip => "Ip",
            Self::Bytes => "Bytes",
            Self::Array => "Array",
            Self::ByteArray => "Array<Bytes>",
            Self::Map => "Map",
        })
    }
}

impl Parameter {
    /// The types that fit, in words.
    pub(crate) fn expected(&self) -> String {
        let shapes: Vec<String> = self.shapes.iter().map(ToString::to_string).collect();
        shapes.join(" or ")
    }
}

/// Why an argument whose type fits does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Misfit {
    /// Which argument, from 0.
    pub(crate) argument: usize,
    /// What was expected instead.
    pub(crate) expected: &'static str,
}

/// What was compiled for a call.
#[derive(Debug)]
pub(crate) enum Prepared {
    Nothing,
    Replacement(Replacement),
}

/// The arguments of one application.
pub(crate) struct Given<'a> {
    pub(crate) first: Option<&'a Value>,
    pub(crate) rest: &'a [Option<Cow<'a, Value>>],
    pub(crate) prepared: &'a Prepared,
}

impl<'a> Given<'a> {
    pub(crate) fn value(&self, index: usize) -> Option<&'a Value> {
        match index.checked_sub(1) {
            None => self.first,
            Some(index) => self.rest.get(index)?.as_deref(),
        }
    }

    pub(crate) fn bytes(&self, index: usize) -> Option<&'a Bytes> {
        match self.value(index)? {
            Value::Bytes(value) => Some(value),
            _ => None,
        }
    }

    pub(crate) fn int(&self, index: usize) -> Option<i64> {
        match self.value(index)? {
            Value::Int(value) => Some(*value),
            _ => None,
        }
    }

    pub(crate) fn ip(&self, index: usize) -> Option<IpAddr> {
        match self.value(index)? {
            Value::Ip(value) => Some(*value),
            _ => None,
        }
    }

    /// How many arguments there are, the missing values among them.
    pub(crate) const fn len(&self) -> usize {
        self.rest.len() + 1
    }
}

impl FunctionId {
    pub(crate) fn named(name: &str) -> Option<Self> {
        let index = FUNCTIONS.binary_search_by(|function| function.name.cmp(name)).ok()?;
        u8::try_from(index).ok().map(Self)
    }

    pub(crate) fn function(self) -> &'static Function {
        // A number is made by `named` alone.
        FUNCTIONS.get(usize::from(self.0)).unwrap_or(&FUNCTIONS[0])
    }
}

/// Every function, in alphabetical order.
#[cfg(test)]
pub(crate) fn all() -> impl Iterator<Item = &'static Function> {
    FUNCTIONS.iter()
}

/// The function that was probably meant.
pub(crate) fn similar(name: &str) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    let foreign = FOREIGN.iter().find(|(known, _)| *known == lower).map(|&(_, ours)| ours);
    let names = FUNCTIONS.iter().map(|function| function.name).chain(["any", "all", "not"]);
    foreign.or_else(|| suggest::closest(name, names))
}

/// Nothing to compile.
fn nothing(_: &[Argument], _: &mut Patterns, _: &ParseOptions) -> Result<Prepared, Problem> {
    Ok(Prepared::Nothing)
}

/// A number in the text is within these bounds; one that is computed is looked at when it is there.
fn check_int(
    arguments: &[Argument],
    argument: usize,
    bounds: std::ops::RangeInclusive<i64>,
    expected: &'static str,
) -> Result<(), Misfit> {
    match arguments.get(argument) {
        Some(Argument::Literal(Literal::Int(value))) if !bounds.contains(value) => {
            Err(Misfit { argument, expected })
        }
        _ => Ok(()),
    }
}

/// The text of an argument that is a literal.
fn literal_bytes(arguments: &[Argument], argument: usize) -> Option<&Bytes> {
    match arguments.get(argument)? {
        Argument::Literal(Literal::Bytes(value)) => Some(value),
        Argument::Literal(_) | Argument::Operand(_) => None,
    }
}

/// Flags are letters of `known`, each at most once.
fn check_flags(
    arguments: &[Argument],
    argument: usize,
    known: &[u8],
    expected: &'static str,
) -> Result<(), Misfit> {
    let Some(flags) = literal_bytes(arguments, argument) else { return Ok(()) };
    let once = |flag: &u8| flags.iter().filter(|other| *other == flag).count() == 1;
    if flags.iter().all(|flag| known.contains(flag) && once(flag)) {
        Ok(())
    } else {
        Err(Misfit { argument, expected })
    }
}
