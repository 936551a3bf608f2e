//! The types of fields and the values that facts carry.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use bytes::Bytes;

/// The type of a field, of an element in it, or of an expression.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// A truth value.
    Bool,
    /// A signed 64-bit integer.
    Int,
    /// An IPv4 or IPv6 address.
    Ip,
    /// A string of bytes, not necessarily UTF-8.
    Bytes,
    /// A list whose elements are of one type.
    Array(Box<Self>),
    /// A map from byte strings to elements of one type.
    Map(Box<Self>),
}

impl Type {
    /// The type of the elements of an array or map; `None` for a scalar.
    #[must_use]
    pub fn element(&self) -> Option<&Self> {
        match self {
            Self::Array(element) | Self::Map(element) => Some(element),
            Self::Bool | Self::Int | Self::Ip | Self::Bytes => None,
        }
    }

    /// Whether this is neither an array nor a map.
    #[must_use]
    pub fn is_scalar(&self) -> bool {
        self.element().is_none()
    }

    /// Whether `value` is of this type, looking at its elements too.
    #[must_use]
    pub fn admits(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Bool, Value::Bool(_))
            | (Self::Int, Value::Int(_))
            | (Self::Ip, Value::Ip(_))
            | (Self::Bytes, Value::Bytes(_)) => true,
            (Self::Array(element), Value::Array(items)) => items.iter().all(|v| element.admits(v)),
            (Self::Map(element), Value::Map(items)) => items.values().all(|v| element.admits(v)),
            (
                Self::Bool | Self::Int | Self::Ip | Self::Bytes | Self::Array(_) | Self::Map(_),
                _,
            ) => false,
        }
    }
}

/// Writes `Bool`, `Array<Bytes>`, `Map<Array<Bytes>>`.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("Bool"),
            Self::Int => f.write_str("Int"),
            Self::Ip => f.write_str("Ip"),
            Self::Bytes => f.write_str("Bytes"),
            Self::Array(element) => write!(f, "Array<{element}>"),
            Self::Map(element) => write!(f, "Map<{element}>"),
        }
    }
}

/// The value of a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Of type [`Type::Bool`].
    Bool(bool),
    /// Of type [`Type::Int`].
    Int(i64),
    /// Of type [`Type::Ip`].
    Ip(IpAddr),
    /// Of type [`Type::Bytes`].
    Bytes(Bytes),
    /// Of type [`Type::Array`].
    Array(Vec<Self>),
    /// Of type [`Type::Map`]; `[*]` visits its values in the order of the keys.
    Map(BTreeMap<Bytes, Self>),
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<u16> for Value {
    fn from(value: u16) -> Self {
        Self::Int(value.into())
    }
}

impl From<IpAddr> for Value {
    fn from(value: IpAddr) -> Self {
        Self::Ip(value)
    }
}

impl From<Bytes> for Value {
    fn from(value: Bytes) -> Self {
        Self::Bytes(value)
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Bytes(value.into())
    }
}

/// Copies the text.
impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Bytes(Bytes::copy_from_slice(value.as_bytes()))
    }
}

impl<V: Into<Self>> FromIterator<V> for Value {
    /// Collects an array.
    fn from_iter<I: IntoIterator<Item = V>>(values: I) -> Self {
        Self::Array(values.into_iter().map(Into::into).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_admit_their_values_and_no_others() {
        let names = Type::Array(Box::new(Type::Bytes));
        assert!(names.admits(&["a", "b"].into_iter().collect()));
        assert!(names.admits(&Value::Array(Vec::new())));
        assert!(!names.admits(&Value::Array(vec![Value::Int(1)])));
        assert!(!names.admits(&Value::from("a")));
        assert!(!Type::Int.admits(&Value::from(true)));
        let map = Type::Map(Box::new(names));
        assert_eq!(map.to_string(), "Map<Array<Bytes>>");
        let value = Value::Map(BTreeMap::from([(Bytes::from("k"), ["v"].into_iter().collect())]));
        assert!(map.admits(&value));
    }
}
