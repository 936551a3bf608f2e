//! A value as the table hands it to an encoder: borrowed, without any notation.

use std::net::IpAddr;

use super::Field;
use crate::{Action, Text};

/// One value of a record.
pub(crate) enum Value<'a> {
    /// The fact is not known: the field is left out.
    Absent,
    Bool(bool),
    Integer(u64),
    Ip(IpAddr),
    List(&'a dyn List),
    Object(&'a dyn Object),
    Text(&'a [u8]),
    /// Unix nanoseconds.
    Timestamp(u64),
    /// A text that may be as long as a URL.
    Url(&'a [u8]),
    /// A word of this crate's own, such as an action: plain ASCII, never cut.
    Word(&'static str),
}

/// A list of values.
pub(crate) trait List {
    fn len(&self) -> usize;
    fn at(&self, index: usize) -> Option<Value<'_>>;
}

/// Something with named members.
pub(crate) trait Object {
    fn each(&self, visit: &mut dyn FnMut(&'static str, Value<'_>));
}

/// What can stand in a list.
pub(crate) trait Item {
    fn value(&self) -> Value<'_>;
}

impl<T: Item> List for Vec<T> {
    fn len(&self) -> usize {
        self.as_slice().len()
    }

    fn at(&self, index: usize) -> Option<Value<'_>> {
        self.get(index).map(Item::value)
    }
}

impl Item for Text {
    fn value(&self) -> Value<'_> {
        Value::Text(self.as_bytes())
    }
}

impl Item for Action {
    fn value(&self) -> Value<'_> {
        Value::Word(self.as_str())
    }
}

pub(super) fn visit_all<R>(
    table: &'static [Field<R>],
    record: &R,
    visit: &mut dyn FnMut(&'static str, Value<'_>),
) {
    for field in table {
        visit(field.spec.name, (field.value)(record));
    }
}

pub(super) fn text(text: &Text) -> Value<'_> {
    if text.is_empty() { Value::Absent } else { Value::Text(text.as_bytes()) }
}

pub(super) fn url(text: &Text) -> Value<'_> {
    if text.is_empty() { Value::Absent } else { Value::Url(text.as_bytes()) }
}

pub(super) fn word(word: Option<&'static str>) -> Value<'static> {
    word.map_or(Value::Absent, Value::Word)
}

pub(super) fn integer<N: Into<u64>>(number: Option<N>) -> Value<'static> {
    number.map_or(Value::Absent, |number| Value::Integer(number.into()))
}

pub(super) fn boolean(flag: Option<bool>) -> Value<'static> {
    flag.map_or(Value::Absent, Value::Bool)
}

pub(super) fn ip(ip: Option<IpAddr>) -> Value<'static> {
    ip.map_or(Value::Absent, Value::Ip)
}

/// A time of 0 is not known.
pub(super) fn timestamp(unix_ns: u64) -> Value<'static> {
    if unix_ns == 0 { Value::Absent } else { Value::Timestamp(unix_ns) }
}

pub(super) fn list<T: Item>(items: &Vec<T>) -> Value<'_> {
    if items.is_empty() { Value::Absent } else { Value::List(items) }
}
