//! YAML as a tree with lines: as much of it as rule files use. Anchors and aliases are refused, so
//! that a tree is never larger than its text.

use saphyr_parser::{Event, Parser};

use super::RuleFileError;

/// Levels of the deepest tree.
const DEPTH_MAX: usize = 32;

/// A value, with the line on which it begins.
#[derive(Debug, PartialEq)]
pub(super) struct Node {
    pub(super) line: usize,
    pub(super) value: Value,
}

#[derive(Debug, PartialEq)]
pub(super) enum Value {
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Node {
    /// The value of a key of a map.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Value::Map(pairs) = &self.value else { return None };
        pairs.iter().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The items of a list; nothing if it is none.
    pub(super) fn items(&self) -> impl Iterator<Item = &Self> {
        let items = match &self.value {
            Value::List(items) => items.as_slice(),
            _ => &[],
        };
        items.iter()
    }

    /// The keys of a map.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        let pairs = match &self.value {
            Value::Map(pairs) => pairs.as_slice(),
            _ => &[],
        };
        pairs.iter().map(|(key, _)| &**key)
    }
}

/// What is being built.
enum Open {
    List(usize, Vec<Node>),
    Map(usize, Vec<(String, Node)>, Option<String>),
}

/// The first document of `text`.
pub(super) fn parse(text: &str) -> Result<Node, RuleFileError> {
    let mut open: Vec<Open> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| RuleFileError::Syntax {
            line: error.marker().line(),
            reason: error.info().to_owned(),
        })?;
        let line = span.start.line();
        let wrong = |reason: &str| RuleFileError::Syntax { line, reason: reason.to_owned() };
        let done = match event {
            Event::Alias(_) => return Err(wrong("aliases are not supported")),
            Event::Scalar(text, ..) => Node { line, value: Value::Text(text.into_owned()) },
            Event::SequenceStart(..) | Event::MappingStart(..) if open.len() >= DEPTH_MAX => {
                return Err(wrong("nested too deep"));
            }
            Event::SequenceStart(..) => {
                open.push(Open::List(line, Vec::new()));
                continue;
            }
            Event::MappingStart(..) => {
                open.push(Open::Map(line, Vec::new(), None));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(Open::List(line, items)) => Node { line, value: Value::List(items) },
                Some(Open::Map(line, pairs, _)) => Node { line, value: Value::Map(pairs) },
                None => continue,
            },
            _ => continue,
        };
        match open.last_mut() {
            None => return Ok(done),
            Some(Open::List(_, items)) => items.push(done),
            Some(Open::Map(_, pairs, key)) => match (key.take(), done.value) {
                (Some(key), value) => pairs.push((key, Node { line: done.line, value })),
                (None, Value::Text(text)) => *key = Some(text),
                (None, _) => return Err(wrong("a key is no text")),
            },
        }
    }
    Err(RuleFileError::NoRules)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_have_lines() {
        let tree = parse("a:\n- x\n- {b: 'c'}\nd: |\n  e\n").unwrap();
        let items: Vec<&Node> = tree.get("a").unwrap().items().collect();
        assert_eq!((items[0].text(), items[0].line), (Some("x"), 2));
        assert_eq!((items[1].get("b").unwrap().text(), items[1].line), (Some("c"), 3));
        assert_eq!(tree.get("d").unwrap().text(), Some("e\n"));
        assert_eq!(tree.keys().collect::<Vec<_>>(), ["a", "d"]);
    }

    #[test]
    fn what_could_grow_is_refused() {
        let deep = "[".repeat(DEPTH_MAX + 1);
        for (text, says) in [
            ("a: &x 1\nb: *x\n", "line 2: aliases are not supported"),
            (&*deep, "line 1: nested too deep"),
            ("a: [", "line 2: "),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.starts_with(says), "{error}");
        }
    }
}
