//! `rules.toml` as rules, and rules back into its text: comments, spelling and settings that are
//! not touched stay as they are. What is in the table of one rule is the business of `rule_table`.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table};

use crate::problem::Problem;
use crate::rule_json::RuleJson;
use crate::rule_table::{id, rule_of, written};

/// The rules of a text that is in force, or was.
#[derive(Debug)]
pub(crate) struct RuleText {
    document: DocumentMut,
    rules: Vec<Table>,
    /// What stands before the first rule and is about the whole file.
    opening: String,
    /// Where the first rule stands among the tables of the file.
    first: isize,
}

/// Tables behind the rules stand that much further behind.
const BEHIND: isize = 1 << 30;

impl RuleText {
    /// Reads `text`.
    ///
    /// # Errors
    ///
    /// A [`Problem`] where it is no TOML; whether rules are right is another question.
    pub(crate) fn read(text: &str) -> Result<Self, Problem> {
        let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
            let detail = format!("rules.toml cannot be read: {error}");
            Problem::new(StatusCode::CONFLICT, detail)
        })?;
        let mut rules: Vec<Table> = match document.remove("rule") {
            Some(Item::ArrayOfTables(tables)) => tables.into_iter().collect(),
            None => Vec::new(),
            Some(_) => {
                let detail = "rules.toml: `rule` is not written as [[rule]]; edit the text";
                return Err(Problem::new(StatusCode::CONFLICT, detail));
            }
        };
        let first = rules.first().and_then(Table::position).unwrap_or(BEHIND);
        let mut opening = String::new();
        if let Some(first) = rules.first_mut() {
            let prefix = prefix(first);
            let split = prefix.rfind("\n\n").map_or(0, |at| at + 1);
            opening = prefix.get(..split).unwrap_or_default().to_owned();
            first.decor_mut().set_prefix(prefix.get(split..).unwrap_or_default());
        }
        Ok(Self { document, rules, opening, first })
    }

    /// The rules, in order.
    pub(crate) fn rules(&self) -> Vec<RuleJson> {
        self.rules.iter().enumerate().map(|(index, table)| rule_of(index, table)).collect()
    }

    /// Puts `rules` in the place of all; those with a known id are changed where they stand, those
    /// without a precedence keep their place in the list.
    ///
    /// # Errors
    ///
    /// A [`Problem`] where two have the same id.
    pub(crate) fn replace(&mut self, rules: Vec<RuleJson>) -> Result<(), Problem> {
        let mut seen = BTreeSet::new();
        let given = |rule: &&RuleJson| !rule.id.is_empty();
        if let Some(twice) = rules.iter().filter(given).find(|rule| !seen.insert(rule.id.clone())) {
            let detail = format!("the id `{}` stands twice", twice.id);
            return Err(Problem::request(detail));
        }
        let place = |(index, rule): (usize, RuleJson)| {
            (rule.precedence.unwrap_or_else(|| RuleJson::precedence_of(index)), rule)
        };
        let mut placed: Vec<_> = rules.into_iter().enumerate().map(place).collect();
        placed.sort_by_key(|(precedence, _)| *precedence);
        let mut old = std::mem::take(&mut self.rules);
        for (_, rule) in placed {
            // An id that is made for one rule is none that another one brings.
            let rule = self.with_id(rule, &seen);
            let known = old.iter().position(|table| id(table) == rule.id);
            let table = known.map_or_else(Table::new, |at| old.remove(at));
            self.rules.push(written(table, &rule)?);
        }
        Ok(())
    }

    /// Adds a rule, by its precedence or else as the last one; gives its id.
    ///
    /// # Errors
    ///
    /// A [`Problem`] where its id is taken.
    pub(crate) fn add(&mut self, rule: RuleJson) -> Result<String, Problem> {
        if self.position(&rule.id).is_some() && !rule.id.is_empty() {
            let detail = format!("there is a rule of the id `{}`", rule.id);
            return Err(Problem::new(StatusCode::CONFLICT, detail));
        }
        let rule = self.with_id(rule, &BTreeSet::new());
        let at = rule.precedence.map_or(self.rules.len(), |precedence| self.place(precedence));
        self.rules.insert(at, written(Table::new(), &rule)?);
        Ok(rule.id)
    }

    /// Changes the rule `id`; another precedence moves it.
    ///
    /// # Errors
    ///
    /// A [`Problem`] where there is none of this id, or the new one is taken.
    pub(crate) fn set(&mut self, id: &str, mut rule: RuleJson) -> Result<(), Problem> {
        let at = self.position(id).ok_or_else(|| none(id))?;
        if rule.id.is_empty() {
            id.clone_into(&mut rule.id);
        }
        if rule.id != id && self.position(&rule.id).is_some() {
            let detail = format!("there is a rule of the id `{}`", rule.id);
            return Err(Problem::new(StatusCode::CONFLICT, detail));
        }
        let stays = rule.precedence.is_none_or(|given| given == RuleJson::precedence_of(at));
        let table = written(self.rules.remove(at), &rule)?;
        let to = match rule.precedence {
            Some(precedence) if !stays => self.place(precedence),
            _ => at,
        };
        self.rules.insert(to, table);
        Ok(())
    }

    /// Takes the rule `id` away.
    ///
    /// # Errors
    ///
    /// A [`Problem`] where there is none of this id.
    pub(crate) fn remove(&mut self, id: &str) -> Result<(), Problem> {
        let at = self.position(id).ok_or_else(|| none(id))?;
        self.rules.remove(at);
        Ok(())
    }

    /// The text.
    pub(crate) fn write(mut self) -> String {
        let mut tables = ArrayOfTables::new();
        let mut position = self.first;
        for (_, item) in self.document.iter_mut() {
            move_behind(item, self.first);
        }
        for (index, mut table) in self.rules.into_iter().enumerate() {
            let own = prefix(&table);
            let opening = if index == 0 { &*self.opening } else { "" };
            // Rules stand apart.
            let gap = if index > 0 && !own.starts_with('\n') { "\n" } else { "" };
            let own =
                if index == 0 && opening.is_empty() { own.trim_start_matches('\n') } else { &own };
            let prefix = format!("{opening}{gap}{own}");
            table.decor_mut().set_prefix(prefix);
            table.set_position(Some(position));
            for (_, item) in table.iter_mut() {
                if let Item::Table(inner) = item {
                    position += 1;
                    inner.set_position(Some(position));
                }
            }
            position += 1;
            tables.push(table);
        }
        if tables.is_empty() {
            return format!("{}{}", self.opening, self.document);
        }
        self.document.insert("rule", Item::ArrayOfTables(tables));
        self.document.to_string()
    }

    fn position(&self, wanted: &str) -> Option<usize> {
        self.rules.iter().position(|table| id(table) == wanted)
    }

    /// Where a rule of `precedence` belongs.
    fn place(&self, precedence: u64) -> usize {
        let after = |index: &usize| RuleJson::precedence_of(*index) >= precedence;
        (0..self.rules.len()).find(after).unwrap_or(self.rules.len())
    }

    /// An id made of the words of a name.
    pub(crate) fn id_of(name: &str) -> String {
        let words: Vec<String> = name
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_ascii_lowercase)
            .collect();
        if words.is_empty() { "rule".to_owned() } else { words.join("-") }
    }

    /// Gives a rule without an id one that is made from its name and is not `taken`.
    fn with_id(&self, mut rule: RuleJson, taken: &BTreeSet<String>) -> RuleJson {
        if rule.id.is_empty() {
            let stem = Self::id_of(&rule.name);
            let mut number = 1;
            rule.id.clone_from(&stem);
            while self.position(&rule.id).is_some() || taken.contains(&rule.id) {
                number += 1;
                rule.id = format!("{stem}-{number}");
            }
        }
        rule
    }
}

/// Makes room before the tables that stand behind a place.
fn move_behind(item: &mut Item, place: isize) {
    let Item::Table(table) = item else { return };
    if let Some(position) = table.position().filter(|position| *position > place) {
        table.set_position(Some(position.saturating_add(BEHIND)));
    }
    for (_, item) in table.iter_mut() {
        move_behind(item, place);
    }
}

fn none(id: &str) -> Problem {
    Problem::not_found(format!("there is no rule of the id `{id}`"))
}

fn prefix(table: &Table) -> String {
    table.decor().prefix().and_then(|raw| raw.as_str()).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::{prop_assert_eq, proptest};
    use serde_json::json;

    use super::*;
    use crate::rule_json::Settings;

    const TEXT: &str = "# The rules.\n# Mind the order.\n\n# about a\n[[rule]]\nid = \"a\" # mine\n\
        name = 'A'\nlayer = \"http\"\naction = \"block\"\nfilter = '''\nx == 1\n'''\n\n\
        # about b\n[[rule]]\nid = \"b\"\nlayer = \"l4\"\naction = \"allow\"\nfilter = \"y\"\n\
        log_only = true\n\n[[rule]]\nid = \"c\"\nlayer = \"http\"\naction = \"redirect\"\n\
        filter = \"z\"\n[rule.redirect]\nto = \"https://a.example/\" # there\nkeep_path = true\n";

    fn text() -> RuleText {
        RuleText::read(TEXT).unwrap()
    }

    fn ids(text: &str) -> Vec<String> {
        RuleText::read(text).unwrap().rules().into_iter().map(|rule| rule.id).collect()
    }

    #[test]
    fn reading_and_writing_back_changes_no_byte() {
        assert_eq!(text().write(), TEXT);
        let mut same = text();
        same.replace(same.rules()).unwrap();
        assert_eq!(same.write(), TEXT);
        assert_eq!(RuleText::read("# nothing\n").unwrap().write(), "# nothing\n");
    }

    #[test]
    fn constants_stay_where_they_are() {
        let constants = "# ours\n[constants]\nssh = 22\n\n[constants.office]\nip = \"192.0.2.1\"\n";
        let more = r#"{"id": "d", "action": "block", "filters": ["http"], "traffic": "x"}"#;
        for text in [format!("{constants}\n{TEXT}"), format!("{TEXT}\n{constants}")] {
            assert_eq!(RuleText::read(&text).unwrap().write(), text);
            let mut longer = RuleText::read(&text).unwrap();
            longer.add(serde_json::from_str(more).unwrap()).unwrap();
            let other = more.replace("\"d\"", "\"e\"");
            longer.add(serde_json::from_str(&other).unwrap()).unwrap();
            let longer = longer.write();
            assert!(longer.contains(constants), "{longer}");
            assert_eq!(ids(&longer), ["a", "b", "c", "d", "e"]);
        }
    }

    #[test]
    fn every_rule_reads_as_what_it_is() {
        let rules = serde_json::to_value(text().rules()).unwrap();
        assert_eq!(rules[0]["traffic"], "x == 1\n");
        assert_eq!(
            rules[1],
            json!({
                "id": "b", "name": "b", "description": "", "precedence": 2000, "enabled": true,
                "action": "allow", "filters": ["l4"], "traffic": "y", "identity": "",
                "device_posture": "", "rule_settings": null, "log_only": true,
            })
        );
        assert_eq!(
            rules[2]["rule_settings"]["redirect"],
            json!({
                "target_uri": "https://a.example/", "preserve_path_and_query": true,
            })
        );
    }

    #[test]
    fn a_change_touches_what_it_changes() {
        let mut one = text();
        let mut rule = one.rules().remove(0);
        rule.action = "allow".into();
        rule.enabled = false;
        one.set("a", rule).unwrap();
        let expected = TEXT.replacen("action = \"block\"", "action = \"allow\"", 1).replacen(
            "x == 1\n'''\n",
            "x == 1\n'''\nenabled = false\n",
            1,
        );
        assert_eq!(one.write(), expected);
    }

    #[test]
    fn checks_are_shown_and_change_as_they_are_told() {
        let relaxed = TEXT.replacen(
            "filter = \"y\"\n",
            "filter = \"y\"\nchecks = { field-folded = \"repair\" } # old\n",
            1,
        );
        let rule = RuleText::read(&relaxed).unwrap().rules().remove(1);
        assert_eq!(
            serde_json::to_value(&rule).unwrap()["rule_settings"],
            json!({"checks": {"field-folded": "repair"}})
        );
        let with = |checks: &[(&str, &str)]| {
            let mut text = RuleText::read(&relaxed).unwrap();
            let mut rule = rule.clone();
            let checks = checks.iter().map(|(check, does)| ((*check).into(), (*does).into()));
            rule.rule_settings = Some(Settings { checks: checks.collect(), ..Settings::default() });
            text.set("b", rule).unwrap();
            text.write()
        };
        let same = with(&[("field-folded", "repair")]);
        assert_eq!(same, relaxed, "what says the same stays as it is written");
        let other = with(&[("line-bare-lf", "repair")]);
        assert!(other.contains("checks = { line-bare-lf = \"repair\" }"), "{other}");
        assert!(!with(&[]).contains("checks"));
    }

    #[test]
    fn what_an_action_is_given_is_shown_and_changes_as_it_is_told() {
        for (action, key, one, other) in [
            ("forward", "worker", "tidy", "slow"),
            ("redact", "redact_otherwise", "allow", "block"),
            ("allow", "scan", "deep", "late"),
        ] {
            let given = TEXT.replacen(
                "action = \"allow\"\nfilter = \"y\"\n",
                &format!("action = \"{action}\"\nfilter = \"y\"\n{key} = \"{one}\" # old\n"),
                1,
            );
            let rule = RuleText::read(&given).unwrap().rules().remove(1);
            let shown = serde_json::to_value(&rule).unwrap();
            assert_eq!(
                (&shown["action"], &shown["rule_settings"]),
                (&action.into(), &json!({key: one}))
            );
            assert_eq!(serde_json::from_value::<RuleJson>(shown).unwrap(), rule);
            assert!(rule.clone().checked().is_ok());
            let with = |settings: serde_json::Value| {
                let mut text = RuleText::read(&given).unwrap();
                let settings = serde_json::from_value(settings).unwrap();
                text.set("b", RuleJson { rule_settings: settings, ..rule.clone() }).unwrap();
                text.write()
            };
            assert_eq!(with(json!({key: one})), given, "what says the same stays as it is written");
            let changed = with(json!({key: other}));
            assert!(changed.contains(&format!("{key} = \"{other}\" # old\n")), "{changed}");
            for none in [json!(null), json!({}), json!({key: ""})] {
                assert!(!with(none).contains(key));
            }
            let mut added = text();
            let rule = json!({"id": "d", "action": action, "filters": ["http"], "traffic": "q",
                "rule_settings": {key: one}});
            added.add(serde_json::from_value(rule).unwrap()).unwrap();
            let added = added.write();
            assert!(added.contains(&format!("{key} = \"{one}\"")), "{added}");
        }
    }

    #[test]
    fn whether_what_was_found_is_kept_is_shown_and_changes_as_it_is_told() {
        let keeping =
            TEXT.replacen("filter = \"y\"\n", "filter = \"y\"\npayload_log = true # why\n", 1);
        let rule = RuleText::read(&keeping).unwrap().rules().remove(1);
        let shown = serde_json::to_value(&rule).unwrap();
        assert_eq!(shown["rule_settings"], json!({"payload_log": {"enabled": true}}));
        for (settings, written) in [
            (shown["rule_settings"].clone(), "payload_log = true # why\n"),
            (json!({"payload_log": {"enabled": false}}), "payload_log = false # why\n"),
            (json!({"payload_log": {}}), "payload_log = false # why\n"),
            (json!(null), "payload_log = false # why\n"),
        ] {
            let mut text = RuleText::read(&keeping).unwrap();
            let rule_settings = serde_json::from_value(settings.clone()).unwrap();
            text.set("b", RuleJson { rule_settings, ..rule.clone() }).unwrap();
            let expected = keeping.replace("payload_log = true # why\n", written);
            assert_eq!(text.write(), expected, "{settings}");
        }
        let mut text = text();
        text.set("b", rule).unwrap();
        assert!(text.write().contains("payload_log = true\n"));
    }

    #[test]
    fn changes_of_header_fields_are_shown_and_change_as_they_are_told() {
        let with_headers = TEXT.replacen(
            "filter = \"z\"\n",
            "filter = \"z\"\nrequest_headers = { add = { X-A = [\"1\"] } } # old\n\
             response_headers = { delete = [\"Server\"] }\n",
            1,
        );
        let rule = RuleText::read(&with_headers).unwrap().rules().remove(2);
        let shown = serde_json::to_value(&rule).unwrap();
        assert_eq!(shown["rule_settings"]["add_headers"], json!({"X-A": ["1"]}));
        let with = |settings: serde_json::Value| {
            let mut text = RuleText::read(&with_headers).unwrap();
            let settings = serde_json::from_value(settings).unwrap();
            text.set("c", RuleJson { rule_settings: Some(settings), ..rule.clone() }).unwrap();
            text.write()
        };
        let redirect = json!({"target_uri": "https://a.example/", "preserve_path_and_query": true});
        let same = with(json!({"redirect": redirect, "add_headers": {"X-A": "1"}}));
        assert_eq!(same, with_headers, "what says the same stays as it is written");
        let other = with(json!({"redirect": redirect, "set_headers": {"X-A": ["@{source.ip}"]}}));
        let line = "request_headers = { set = { X-A = \"@{source.ip}\" } } # old\n";
        assert!(other.contains(line), "{other}");
        let none = with(json!({"redirect": redirect}));
        assert!(!none.contains("request_headers") && none.contains("response_headers"), "{none}");
    }

    #[test]
    fn hours_and_ends_are_shown_and_change_as_they_are_told() {
        let timed = TEXT.replacen(
            "filter = \"y\"\n",
            "filter = \"y\"\nschedule = { time_zone = \"Asia/Tokyo\", mon = \"08:00-09:00\" } # old\n\
             expires = \"2030-01-01T00:00:00Z\"\n",
            1,
        );
        let rule = RuleText::read(&timed).unwrap().rules().remove(1);
        let shown = serde_json::to_value(&rule).unwrap();
        assert_eq!(shown["schedule"], json!({"time_zone": "Asia/Tokyo", "mon": "08:00-09:00"}));
        assert_eq!(shown["expiration"], json!({"expires_at": "2030-01-01T00:00:00Z"}));
        let with = |rule: RuleJson| {
            let mut text = RuleText::read(&timed).unwrap();
            text.set("b", rule).unwrap();
            text.write()
        };
        assert_eq!(with(rule.clone()), timed, "what says the same stays as it is written");
        let mut other = rule.clone();
        other.schedule = Some(BTreeMap::from([("tue".into(), "10:00-11:00".into())]));
        other.expiration = None;
        let other = with(other);
        assert!(other.contains("schedule = { tue = \"10:00-11:00\" }"), "{other}");
        assert!(!other.contains("expires"), "{other}");
        assert!(!with(RuleJson { schedule: None, ..rule }).contains("schedule"));
    }

    #[test]
    fn moved_added_and_removed_rules_keep_their_comments_and_the_file_its_opening() {
        let mut moved = text();
        let mut rule = moved.rules().remove(0);
        rule.precedence = Some(9_000);
        moved.set("a", rule).unwrap();
        let moved = moved.write();
        assert_eq!(ids(&moved), ["b", "c", "a"]);
        assert!(moved.starts_with("# The rules.\n# Mind the order.\n"), "{moved}");
        assert!(moved.contains("# about a\n[[rule]]\nid = \"a\" # mine"), "{moved}");
        assert!(moved.contains("id = \"c\"\nlayer = \"http\"\naction = \"redirect\"\nfilter = \"z\"\n[rule.redirect]"), "{moved}");
        let mut added = text();
        let rule = json!({"name": "No Zips!", "action": "block", "filters": ["http"],
            "traffic": "q == \"1\"", "precedence": 1500});
        let id = added.add(serde_json::from_value(rule.clone()).unwrap()).unwrap();
        assert_eq!(id, "no-zips");
        assert_eq!(added.add(serde_json::from_value(rule).unwrap()).unwrap(), "no-zips-2");
        let added = added.write();
        assert_eq!(ids(&added), ["a", "no-zips-2", "no-zips", "b", "c"]);
        let mut removed = RuleText::read(&added).unwrap();
        removed.remove("a").unwrap();
        assert!(removed.remove("a").is_err());
        let removed = removed.write();
        assert!(removed.starts_with("# The rules.\n") && !removed.contains("about a"), "{removed}");
        let mut none = text();
        none.replace(Vec::new()).unwrap();
        assert_eq!(none.write(), "# The rules.\n# Mind the order.\n");
    }

    proptest! {
        /// Whatever rules are written, the same are read, and writing them again changes nothing.
        #[test]
        fn what_is_written_is_read(
            words in proptest::collection::vec(("\\PC{0,12}", "[a-z'\"\\\\\n =]{0,16}"), 0..6),
            from in 0usize..4,
        ) {
            let rule = |(number, (name, filter)): (usize, (String, String))| -> RuleJson {
                serde_json::from_value(json!({
                    "id": format!("r{number}"), "name": name, "action": "block",
                    "filters": ["http"], "traffic": filter, "log_only": number % 2 == 0,
                })).unwrap()
            };
            let rules: Vec<RuleJson> = words.into_iter().enumerate().map(rule).collect();
            // Some stand there already, with other words.
            let mut text = text();
            for known in rules.iter().take(from) {
                let other = RuleJson { name: "before".into(), ..known.clone() };
                text.add(other).unwrap();
            }
            text.replace(rules.clone()).unwrap();
            let written = text.write();
            let mut again = RuleText::read(&written).unwrap();
            let read = again.rules();
            prop_assert_eq!(read.len(), rules.len());
            for (read, rule) in read.iter().zip(&rules) {
                let name = if rule.name.is_empty() { &rule.id } else { &rule.name };
                prop_assert_eq!(&read.name, name);
                prop_assert_eq!((&read.id, read.log_only), (&rule.id, rule.log_only));
                prop_assert_eq!(&read.traffic, &rule.filter());
            }
            again.replace(read).unwrap();
            prop_assert_eq!(again.write(), written);
        }
    }

    #[test]
    fn two_of_one_id_are_refused() {
        let mut twice = text();
        let rules = [twice.rules(), twice.rules()].concat();
        assert!(twice.replace(rules).is_err());
        let rule = text().rules().remove(0);
        assert!(text().add(rule.clone()).is_err());
        assert!(text().set("b", rule.clone()).is_err() && text().set("none", rule).is_err());
        assert!(RuleText::read("rule = 1").is_err() && RuleText::read("[[rule").is_err());
    }
}
