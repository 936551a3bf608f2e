//! `[constants]` of `rules.toml`: values that filters call by name.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::Path;

use gateway_rules::{Constants, Value};
use toml::Value as Toml;

use super::Problem;
use crate::toml_file;

/// The table, by names.
pub(super) type Table = BTreeMap<String, Toml>;

/// The constants of `table`, which stands in `text`, the contents of `file`. What is wrong goes to
/// `problems`.
pub(super) fn read(
    (file, text): (&Path, &str),
    table: &Table,
    problems: &mut Vec<Problem>,
) -> Constants {
    let mut constants = Constants::default();
    for (name, written) in table {
        let place = || toml_file::place_of(file, text, &["constants", name]);
        let name = || name.clone();
        match value(written).map(|value| constants.insert(&name(), value)) {
            None => {
                let found = written.to_string();
                problems.push(Problem::ConstantValue { place: place(), name: name(), found });
            }
            Some(Err(source)) => {
                problems.push(Problem::Constant { place: place(), name: name(), source });
            }
            Some(Ok(())) => {}
        }
    }
    constants
}

fn value(written: &Toml) -> Option<Value> {
    Some(match written {
        Toml::String(text) => Value::from(text.as_str()),
        Toml::Integer(number) => Value::Int(*number),
        Toml::Boolean(value) => Value::Bool(*value),
        Toml::Table(table) => {
            let address = table.get("ip").filter(|_| table.len() == 1)?.as_str()?;
            Value::Ip(address.parse::<IpAddr>().ok()?)
        }
        Toml::Float(_) | Toml::Datetime(_) | Toml::Array(_) => return None,
    })
}
