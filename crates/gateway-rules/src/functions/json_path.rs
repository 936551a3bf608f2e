//! The way of keys and positions into a JSON document, which two functions go.

use serde_json::Value as Json;

use super::Given;
use crate::value::Value;

/// What stands in the document of the first argument where the other ones lead; `None` where it is
/// no JSON, or nothing stands there.
pub(super) fn found(given: &Given<'_>) -> Option<Json> {
    let mut json: Json = serde_json::from_slice(given.bytes(0)?).ok()?;
    for index in 1..given.len() {
        let step = match (given.value(index)?, &mut json) {
            (Value::Bytes(key), Json::Object(members)) => {
                members.get_mut(std::str::from_utf8(key).ok()?)?
            }
            (Value::Int(position), Json::Array(items)) => {
                items.get_mut(usize::try_from(*position).ok()?)?
            }
            _ => return None,
        };
        json = step.take();
    }
    Some(json)
}
