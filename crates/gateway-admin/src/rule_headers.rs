//! Changes of request header fields: as `rule_settings` of Cloudflare's API has them, as
//! `request_headers` of `rules.toml` does, and as what rules are made of.

use std::collections::BTreeMap;

use gateway_rules::{HeaderChange, HeaderChanges, HeaderOperation};
use serde::{Deserialize, Deserializer, Serialize};
use toml_edit::{Array, InlineTable, Item, Table, TableLike, Value};

/// What is changed in requests that a rule lets pass; fields are deleted, then set, then added.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct HeadersJson {
    /// Names of fields that are taken out.
    #[serde(deserialize_with = "or_none", skip_serializing_if = "Vec::is_empty")]
    delete_headers: Vec<String>,
    /// Values by the name of a field, in the place of what the client wrote.
    #[serde(deserialize_with = "or_none", skip_serializing_if = "BTreeMap::is_empty")]
    set_headers: BTreeMap<String, Values>,
    /// Values by the name of a field, besides what the client wrote.
    #[serde(deserialize_with = "or_none", skip_serializing_if = "BTreeMap::is_empty")]
    add_headers: BTreeMap<String, Values>,
}

/// The values of one field; a text stands for a list of one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
struct Values(Vec<String>);

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Texts {
            One(String),
            Several(Vec<String>),
        }
        Texts::deserialize(deserializer).map(|texts| match texts {
            Texts::One(text) => Self(vec![text]),
            Texts::Several(texts) => Self(texts),
        })
    }
}

/// The API writes `null` where there is nothing.
fn or_none<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Default + Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

impl HeadersJson {
    /// Whether nothing is changed.
    pub(crate) fn is_empty(&self) -> bool {
        self.names().next().is_none()
    }

    /// The names of the settings that say something.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        let says = |map: &BTreeMap<String, Values>| map.values().any(|values| !values.0.is_empty());
        let settings = [
            ("delete_headers", !self.delete_headers.is_empty()),
            ("set_headers", says(&self.set_headers)),
            ("add_headers", says(&self.add_headers)),
        ];
        settings.into_iter().filter_map(|(name, says)| says.then_some(name))
    }

    /// The same said in one way: a field is set to one value, and its further ones are added.
    fn normal(&self) -> Self {
        let mut normal = Self { delete_headers: self.delete_headers.clone(), ..Self::default() };
        for (name, values) in &self.set_headers {
            if let [first, rest @ ..] = values.0.as_slice() {
                normal.set_headers.insert(name.clone(), Values(vec![first.clone()]));
                normal.add(name, rest);
            }
        }
        for (name, values) in &self.add_headers {
            normal.add(name, &values.0);
        }
        normal
    }

    fn add(&mut self, name: &str, values: &[String]) {
        if !values.is_empty() {
            self.add_headers.entry(name.to_owned()).or_default().0.extend_from_slice(values);
        }
    }

    /// What a rule is made of.
    pub(crate) fn changes(&self) -> HeaderChanges {
        use HeaderOperation::{Add, Delete, Set};
        let Self { delete_headers, set_headers, add_headers } = self.normal();
        let each = |operation, fields: BTreeMap<String, Values>| {
            let of_field = move |(name, values): (String, Values)| {
                let change = move |value| HeaderChange::new(operation, name.clone(), value);
                values.0.into_iter().map(change)
            };
            fields.into_iter().flat_map(of_field)
        };
        let deleted = delete_headers.into_iter().map(|name| HeaderChange::new(Delete, name, ""));
        let mut changes = HeaderChanges::default();
        changes.request =
            deleted.chain(each(Set, set_headers)).chain(each(Add, add_headers)).collect();
        changes
    }

    /// What the table of a rule says.
    pub(crate) fn read(rule: &Table) -> Self {
        let Some(table) = rule.get(KEY).and_then(Item::as_table_like) else {
            return Self::default();
        };
        let values = |key| {
            let fields = table.get(key).and_then(Item::as_table_like);
            let field = |(name, item): (&str, &Item)| (name.to_owned(), Values(texts(item)));
            fields.into_iter().flat_map(TableLike::iter).map(field).collect()
        };
        Self {
            delete_headers: table.get("delete").map(texts).unwrap_or_default(),
            set_headers: values("set"),
            add_headers: values("add"),
        }
    }

    /// What the table of a rule is to say, where it does not say the same already; `None` to say
    /// nothing.
    pub(crate) fn to_write(&self, rule: &Table) -> Option<Option<InlineTable>> {
        let wanted = self.normal();
        if Self::read(rule).normal() == wanted {
            return None;
        }
        Some((!wanted.is_empty()).then(|| wanted.table()))
    }

    fn table(&self) -> InlineTable {
        let mut table = InlineTable::new();
        if !self.delete_headers.is_empty() {
            let names: Array = self.delete_headers.iter().map(String::as_str).collect();
            table.insert("delete", names.into());
        }
        for (key, fields) in [("set", &self.set_headers), ("add", &self.add_headers)] {
            let field = |(name, values): (&String, &Values)| {
                let value: Value = match values.0.as_slice() {
                    [one] => one.as_str().into(),
                    several => several.iter().map(String::as_str).collect::<Array>().into(),
                };
                (name.clone(), value)
            };
            let fields: InlineTable = fields.iter().map(field).collect();
            if !fields.is_empty() {
                table.insert(key, fields.into());
            }
        }
        table
    }
}

/// The key of the table in `rules.toml`.
pub(crate) const KEY: &str = "request_headers";

/// The texts of a list, or the only one.
fn texts(item: &Item) -> Vec<String> {
    match (item.as_str(), item.as_array()) {
        (Some(text), _) => vec![text.to_owned()],
        (None, Some(array)) => array.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        (None, None) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use toml_edit::DocumentMut;

    use super::*;

    fn table(text: &str) -> Table {
        text.parse::<DocumentMut>().expect("TOML").as_table().clone()
    }

    /// What the API has, what the policy has of it, and what the API has of that.
    fn check(given: &serde_json::Value, toml: &str, shown: &serde_json::Value) {
        let headers: HeadersJson = serde_json::from_value(given.clone()).expect("settings");
        let written = headers.to_write(&Table::new()).flatten();
        let written = written.map_or_else(String::new, |table| format!("{KEY} = {table}"));
        assert_eq!(written.trim(), toml);
        let read = HeadersJson::read(&table(toml));
        assert_eq!(&serde_json::to_value(&read).expect("JSON"), shown);
        assert!(headers.to_write(&table(toml)).is_none(), "it says the same already");
        assert_eq!(headers.changes(), read.changes());
    }

    #[test]
    fn the_two_forms_say_the_same() {
        let all = json!({
            "delete_headers": ["X-A"], "set_headers": {"X-B": ["1"]},
            "add_headers": {"X-C": ["1", "2"], "X-D": ["3"]},
        });
        check(
            &all,
            r#"request_headers = { delete = ["X-A"], set = { X-B = "1" }, add = { X-C = ["1", "2"], X-D = "3" } }"#,
            &all,
        );
        check(
            &json!({"set_headers": {"X-B": "1", "X-C": ["2", "3"]}, "add_headers": {"X-C": "4"}}),
            r#"request_headers = { set = { X-B = "1", X-C = "2" }, add = { X-C = ["3", "4"] } }"#,
            &json!({
                "set_headers": {"X-B": ["1"], "X-C": ["2"]}, "add_headers": {"X-C": ["3", "4"]},
            }),
        );
        for nothing in [
            json!({}),
            json!({"add_headers": null, "set_headers": {}, "delete_headers": null}),
            json!({"add_headers": {"X-A": []}, "set_headers": {"X-A": []}}),
        ] {
            check(&nothing, "", &json!({}));
        }
    }

    #[test]
    fn what_is_taken_away_is_written() {
        let there = table("request_headers = { set = { X-B = \"1\" } }");
        assert!(matches!(HeadersJson::default().to_write(&there), Some(None)));
    }
}
