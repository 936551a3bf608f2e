//! `lists.toml` as lists, and other entries back into its text: what is not touched stays as it is.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use toml_edit::{Array, DocumentMut, Item, Table, Value, value};

use crate::problem::Problem;

/// A list as the API shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ListJson {
    /// What filters call it.
    pub(crate) id: String,
    /// A name for people.
    pub(crate) name: String,
    /// More for people.
    pub(crate) description: String,
    /// `ip`, `number` or `text`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// How many entries there are.
    pub(crate) count: usize,
    /// The entries; left out where lists are shown side by side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) items: Option<Vec<Shown>>,
}

/// An entry as the API shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Shown {
    value: String,
}

/// An entry as it is sent: a text alone, or in the form of Cloudflare's API.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Sent {
    Text(String),
    Object {
        value: String,
        #[serde(flatten)]
        rest: Map<String, Json>,
    },
}

impl Sent {
    /// The entry.
    ///
    /// # Errors
    ///
    /// A [`Problem`] with the name of what would be lost.
    pub(crate) fn checked(self) -> Result<String, Problem> {
        let (value, rest) = match self {
            Self::Text(value) => (value, Map::new()),
            Self::Object { value, rest } => (value, rest),
        };
        let is_lost = |(key, other): &(&String, &Json)| {
            *key != "created_at" && !matches!(other, Json::Null) && other.as_str() != Some("")
        };
        match rest.iter().find(is_lost) {
            Some((key, _)) => {
                Err(Problem::request(format!("entry `{value}`: `{key}` is not offered")))
            }
            None => Ok(value),
        }
    }
}

/// The lists of a text that is in force, or was.
#[derive(Debug)]
pub(crate) struct ListText(DocumentMut);

impl ListText {
    /// Reads `text`.
    ///
    /// # Errors
    ///
    /// A [`Problem`] where it is no TOML; whether lists are right is another question.
    pub(crate) fn read(text: &str) -> Result<Self, Problem> {
        let document = text.parse().map_err(|error: toml_edit::TomlError| {
            Problem::new(StatusCode::CONFLICT, format!("lists.toml cannot be read: {error}"))
        })?;
        Ok(Self(document))
    }

    /// The lists, in order, without their entries.
    pub(crate) fn lists(&self) -> Vec<ListJson> {
        self.tables().map(|table| ListJson { items: None, ..list_of(table) }).collect()
    }

    /// One list.
    ///
    /// # Errors
    ///
    /// A [`Problem`] where there is none of this id.
    pub(crate) fn list(&self, wanted: &str) -> Result<ListJson, Problem> {
        let found = self.tables().find(|table| text(table, "id") == wanted);
        found.map(list_of).ok_or_else(|| none(wanted))
    }

    /// Puts `entries` in the place of all entries of the list `wanted`.
    ///
    /// # Errors
    ///
    /// A [`Problem`] where there is none of this id.
    pub(crate) fn set(&mut self, wanted: &str, entries: Vec<String>) -> Result<(), Problem> {
        let tables = self.0.get_mut("list").and_then(Item::as_array_of_tables_mut);
        let mut tables = tables.into_iter().flat_map(|tables| tables.iter_mut());
        let found = tables.find(|table| text(table, "id") == wanted);
        let table = found.ok_or_else(|| none(wanted))?;
        let mut array = Array::new();
        let lines = entries.len() > 1;
        for entry in entries {
            let mut entry = Value::from(entry);
            entry.decor_mut().set_prefix(if lines { "\n  " } else { "" });
            array.push_formatted(entry);
        }
        if lines {
            array.set_trailing("\n");
            array.set_trailing_comma(true);
        }
        table.insert("entries", value(array));
        Ok(())
    }

    /// The text.
    pub(crate) fn write(self) -> String {
        self.0.to_string()
    }

    fn tables(&self) -> impl Iterator<Item = &Table> {
        let tables = self.0.get("list").and_then(Item::as_array_of_tables);
        tables.into_iter().flat_map(|tables| tables.iter())
    }
}

fn none(id: &str) -> Problem {
    Problem::not_found(format!("there is no list of the id `{id}`"))
}

fn text<'a>(table: &'a Table, key: &str) -> &'a str {
    table.get(key).and_then(Item::as_str).unwrap_or_default()
}

fn list_of(table: &Table) -> ListJson {
    let entries = table.get("entries").and_then(Item::as_array);
    let entries = entries.into_iter().flat_map(|entries| entries.iter());
    let items: Vec<Shown> =
        entries.filter_map(Value::as_str).map(|value| Shown { value: value.to_owned() }).collect();
    let id = text(table, "id");
    let name = table.get("name").and_then(Item::as_str).unwrap_or(id);
    ListJson {
        id: id.to_owned(),
        name: name.to_owned(),
        description: text(table, "description").to_owned(),
        kind: text(table, "type").to_owned(),
        count: items.len(),
        items: Some(items),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TEXT: &str = "# Lists.\n\n[[list]]\nid = \"paste\" # mine\ntype = \"text\"\nentries = [\n  \
        # why\n  \"a.example\",\n]\n\n# offices\n[[list]]\nid = \"office\"\nname = 'Offices'\n\
        type = \"ip\"\nentries = [\"192.0.2.0/24\", \"198.51.100.7\"]\n";

    fn read(text: &str) -> ListText {
        ListText::read(text).unwrap()
    }

    #[test]
    fn every_list_reads_as_what_it_is() {
        assert_eq!(read(TEXT).write(), TEXT);
        assert_eq!(
            serde_json::to_value(read(TEXT).lists()).unwrap(),
            json!([
                {"id": "paste", "name": "paste", "description": "", "type": "text", "count": 1},
                {"id": "office", "name": "Offices", "description": "", "type": "ip", "count": 2},
            ])
        );
        let office = serde_json::to_value(read(TEXT).list("office").unwrap()).unwrap();
        assert_eq!(office["items"], json!([{"value": "192.0.2.0/24"}, {"value": "198.51.100.7"}]));
        assert!(read(TEXT).list("none").is_err() && read("").lists().is_empty());
        assert!(ListText::read("[[list").is_err() && read("list = 1").lists().is_empty());
    }

    #[test]
    fn other_entries_touch_nothing_else() {
        let mut lists = read(TEXT);
        lists.set("paste", vec!["b.example".into(), "c \"d\"\n.example".into()]).unwrap();
        let written = lists.write();
        let (before, rest) = written.split_once("entries = [").unwrap();
        assert!(TEXT.starts_with(before), "{written}");
        assert!(rest.contains("# offices\n[[list]]\nid = \"office\"\nname = 'Offices'"), "{rest}");
        let again = read(&written).list("paste").unwrap().items.unwrap();
        let values: Vec<_> = again.iter().map(|item| item.value.as_str()).collect();
        assert_eq!(values, ["b.example", "c \"d\"\n.example"]);
        let mut empty = read(&written);
        empty.set("paste", Vec::new()).unwrap();
        assert_eq!(read(&empty.write()).list("paste").unwrap().count, 0);
        assert!(read(TEXT).set("none", Vec::new()).is_err());
    }

    #[test]
    fn entries_come_in_two_forms_and_nothing_is_lost() {
        for (sent, entry) in [
            (json!("a"), Ok("a")),
            (json!({"value": "a", "description": "", "created_at": "2026-01-01"}), Ok("a")),
            (json!({"value": "a", "description": null}), Ok("a")),
            (json!({"value": "a", "description": "x"}), Err("description")),
        ] {
            let read: Sent = serde_json::from_value(sent.clone()).unwrap();
            match (read.checked(), entry) {
                (Ok(found), Ok(entry)) => assert_eq!(found, entry),
                (Err(problem), Err(name)) => assert!(format!("{problem:?}").contains(name)),
                (found, _) => panic!("{sent}: {found:?}"),
            }
        }
    }
}
