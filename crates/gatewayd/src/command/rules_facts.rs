//! Facts as lines of JSON give them to the `rules` commands: values by field, and how they are
//! written back.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use gateway_rules::{Facts, Phase, Scheme, Type, Value};
use serde_json::Value as Json;

/// Why values are no facts.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FactsFault {
    /// There is no such field.
    #[error("no field is called `{name}`")]
    UnknownField {
        /// As it was written.
        name: String,
    },
    /// The value is of another type.
    #[error("the value of `{name}` is not of type {ty}")]
    Value {
        /// The field or constant.
        name: String,
        /// Its type.
        ty: Type,
    },
    /// There is no such phase.
    #[error("no phase is called `{name}`; there are {}", phases())]
    UnknownPhase {
        /// As it was written.
        name: String,
    },
}

fn phases() -> String {
    Phase::ALL.map(Phase::name).join(", ")
}

/// Facts as far as they are known when the phase `until` has ended, without one to the end: values
/// of fields that become known later are passed over, and what is not given by then is missing.
///
/// # Errors
///
/// [`FactsFault`].
pub(crate) fn facts(
    scheme: &Arc<Scheme>,
    values: BTreeMap<String, Json>,
    until: Option<&str>,
) -> Result<Facts, FactsFault> {
    let last = match until {
        None => Phase::ResponseBody,
        Some(name) => Phase::ALL
            .into_iter()
            .find(|phase| phase.name() == name)
            .ok_or_else(|| FactsFault::UnknownPhase { name: name.to_owned() })?,
    };
    let ended = Phase::ALL.into_iter().filter(|phase| *phase <= last).collect();
    let mut facts = Facts::new(scheme);
    for (name, json) in values {
        let field = scheme.id(&name).and_then(|id| Some((id, scheme.field(id)?)));
        let Some((id, field)) = field else { return Err(FactsFault::UnknownField { name }) };
        let Some(value) = value(field.ty(), json) else {
            return Err(FactsFault::Value { name, ty: field.ty().clone() });
        };
        if field.phases().is_subset(ended) {
            facts.set(id, value);
        }
    }
    ended.iter().for_each(|phase| facts.close(phase));
    Ok(facts)
}

/// The value of the type `ty` that `json` stands for.
pub(crate) fn value(ty: &Type, json: Json) -> Option<Value> {
    Some(match (ty, json) {
        (Type::Bool, Json::Bool(value)) => Value::Bool(value),
        (Type::Int, Json::Number(value)) => Value::Int(value.as_i64()?),
        (Type::Ip, Json::String(text)) => Value::Ip(text.parse::<IpAddr>().ok()?),
        (Type::Bytes, Json::String(text)) => Value::from(text),
        (Type::Bytes, Json::Array(numbers)) => {
            let byte = |number: &Json| u8::try_from(number.as_u64()?).ok();
            Value::Bytes(numbers.iter().map(byte).collect::<Option<Vec<u8>>>()?.into())
        }
        (Type::Array(element), Json::Array(items)) => {
            Value::Array(items.into_iter().map(|item| value(element, item)).collect::<Option<_>>()?)
        }
        (Type::Map(element), Json::Object(items)) => {
            let pair =
                |(key, item)| Some((Bytes::from(String::into_bytes(key)), value(element, item)?));
            Value::Map(items.into_iter().map(pair).collect::<Option<_>>()?)
        }
        _ => return None,
    })
}

/// The JSON that [`value`] reads as `value`; keys that are no text are shown as far as they are.
pub(crate) fn to_json(value: &Value) -> Json {
    match value {
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Ip(value) => value.to_string().into(),
        Value::Bytes(value) => match std::str::from_utf8(value) {
            Ok(text) => text.into(),
            Err(_) => value.to_vec().into(),
        },
        Value::Array(items) => items.iter().map(to_json).collect(),
        Value::Map(items) => {
            let pair = |(key, item): (&Bytes, &Value)| {
                (String::from_utf8_lossy(key).into_owned(), to_json(item))
            };
            Json::Object(items.iter().map(pair).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use gateway_rules::{Fact, field};
    use serde_json::json;

    use super::*;

    #[test]
    fn later_values_are_passed_over() {
        let values: BTreeMap<String, Json> = [
            ("net.dst.port".to_owned(), json!(443)),
            ("http.request.host".to_owned(), json!("a.example")),
        ]
        .into();
        let scheme = Scheme::gateway();
        let early = facts(&scheme, values.clone(), Some("client hello")).expect("sound");
        assert_eq!(early.state(field::NET_DST_PORT), Fact::Known(&Value::Int(443)));
        assert_eq!(early.state(field::HTTP_REQUEST_HOST), Fact::NotYet);
        assert_eq!(early.state(field::NET_SNI_HOST), Fact::Missing);
        let whole = facts(&scheme, values, None).expect("sound");
        assert_eq!(whole.state(field::HTTP_REQUEST_HOST), Fact::Known(&Value::from("a.example")));
        let fault = facts(&scheme, BTreeMap::new(), Some("lunch")).expect_err("no phase");
        assert!(fault.to_string().contains("`lunch`; there are connect, client hello"), "{fault}");
    }

    #[test]
    fn what_is_written_reads_back() {
        let map = Type::Map(Box::new(Type::Array(Box::new(Type::Bytes))));
        for (ty, json) in [
            (map, json!({"k": ["v", [255, 0]]})),
            (Type::Ip, json!("2001:db8::1")),
            (Type::Bool, json!(true)),
            (Type::Int, json!(-3)),
        ] {
            assert_eq!(to_json(&value(&ty, json.clone()).expect("a value")), json);
        }
    }
}
