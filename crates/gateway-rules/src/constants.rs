//! Named constants: values that stand beside the filters, which write their names where a value is
//! wanted. A constant becomes part of every filter that names it when the filter is read.

use std::collections::{BTreeMap, BTreeSet};

use crate::ast::Literal;
use crate::layout;
use crate::scheme::is_field_name;
use crate::suggest;
use crate::value::{Type, Value};

/// Values by name.
///
/// ```
/// use gateway_rules::{Constants, Facts, Filter, ParseOptions, Scheme, Truth, field};
///
/// let mut constants = Constants::default();
/// constants.insert("admin_port", 8443_i64)?;
/// let options = ParseOptions { constants: constants.into(), ..ParseOptions::default() };
/// let scheme = Scheme::gateway();
/// let filter = Filter::parse(&scheme, "net.dst.port in {22 admin_port}", &options)?;
/// let mut facts = Facts::new(&scheme);
/// facts.set(field::NET_DST_PORT, 8443_i64);
/// assert_eq!(filter.truth(&facts), Truth::True);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Constants(BTreeMap<String, Literal>);

/// Why there is no such constant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConstantError {
    /// The name is none that filters could say.
    #[error("a constant is named like a field: words joined by dots, and not `true` or `false`")]
    Name,
    /// The name is taken.
    #[error("a constant of this name is there already")]
    Taken,
    /// It is no single value.
    #[error("a constant is a Bool, an Int, an Ip or Bytes, no array and no map")]
    Value,
}

impl Constants {
    /// Adds a constant. A field of the same name hides it where either could stand.
    ///
    /// # Errors
    /// [`ConstantError`].
    pub fn insert(&mut self, name: &str, value: impl Into<Value>) -> Result<(), ConstantError> {
        if !is_field_name(name) || matches!(name, "true" | "false") {
            return Err(ConstantError::Name);
        }
        let literal = match value.into() {
            Value::Bool(value) => Literal::Bool(value),
            Value::Int(value) => Literal::Int(value),
            Value::Ip(value) => Literal::Ip(value),
            Value::Bytes(value) => Literal::Bytes(value),
            Value::Array(_) | Value::Map(_) => return Err(ConstantError::Value),
        };
        if self.0.contains_key(name) {
            return Err(ConstantError::Taken);
        }
        self.0.insert(name.to_owned(), literal);
        Ok(())
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The constants that the text of a filter, or of a part of one, names, with their values, each
    /// once, in order.
    #[must_use]
    pub fn named_in(&self, text: &str) -> Vec<(&str, Value)> {
        let words: BTreeSet<&str> = layout::words(text).collect();
        let named = self.0.iter().filter(|(name, _)| words.contains(name.as_str()));
        let value = |literal: &Literal| match literal {
            Literal::Bool(value) => Value::Bool(*value),
            Literal::Int(value) => Value::Int(*value),
            Literal::Ip(value) => Value::Ip(*value),
            Literal::Bytes(value) => Value::Bytes(value.clone()),
        };
        named.map(|(name, literal)| (name.as_str(), value(literal))).collect()
    }

    /// The value of this name, and its type.
    pub(crate) fn find(&self, name: &str) -> Option<(&Literal, Type)> {
        let literal = self.0.get(name)?;
        let ty = match literal {
            Literal::Bool(_) => Type::Bool,
            Literal::Int(_) => Type::Int,
            Literal::Ip(_) => Type::Ip,
            Literal::Bytes(_) => Type::Bytes,
        };
        Some((literal, ty))
    }

    /// The name that was probably meant.
    pub(crate) fn similar(&self, name: &str) -> Option<&str> {
        suggest::closest(name, self.0.keys().map(String::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_checked() {
        let mut constants = Constants::default();
        assert_eq!(constants.insert("office.port", 22_i64), Ok(()));
        assert_eq!(constants.insert("office.port", 23_i64), Err(ConstantError::Taken));
        for bad in ["", "1a", "a b", "true", "a-b"] {
            assert_eq!(constants.insert(bad, 1_i64), Err(ConstantError::Name), "{bad}");
        }
        let array: Value = ["a"].into_iter().collect();
        assert_eq!(constants.insert("names", array), Err(ConstantError::Value));
        assert_eq!(constants.find("office.port"), Some((&Literal::Int(22), Type::Int)));
        assert_eq!(constants.similar("offce.port"), Some("office.port"));
        assert_eq!(constants.names().collect::<Vec<_>>(), ["office.port"]);
    }

    #[test]
    fn what_a_text_names_is_found() {
        let mut constants = Constants::default();
        constants.insert("ssh", 22_i64).expect("sound");
        constants.insert("web", 80_i64).expect("sound");
        let text = "port in {ssh 443} and host == \"web\" # web";
        assert_eq!(constants.named_in(text), [("ssh", Value::Int(22))]);
    }
}
