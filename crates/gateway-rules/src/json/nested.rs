//! JSON that is nested deep: read, and taken apart, without a call for each level, so that how deep it
//! may be is the reader's to say and not the stack's.
//!
//! What its values mean is not looked at here.

use serde_json::{Map, Value as Json};

use super::fault::{JsonError, Read};

/// A value that is taken apart level by level when nobody wants it any more.
pub(super) struct Nested(Json);

impl Nested {
    /// Reads a text that is nested no more than `depth_max` deep.
    ///
    /// # Errors
    /// [`JsonError::Syntax`] and [`JsonError::Nesting`].
    pub(super) fn read(text: &str, depth_max: usize) -> Read<Self> {
        Reader { text, at: 0, depth_max, open: Vec::new() }.value()
    }

    pub(super) const fn get(&self) -> &Json {
        &self.0
    }

    /// Takes a member out; null where there is none.
    pub(super) fn take(&mut self, name: &str) -> Self {
        Self(self.0.get_mut(name).map(Json::take).unwrap_or_default())
    }

    /// The items of an array; none of anything else.
    pub(super) fn into_items(mut self) -> Vec<Self> {
        match self.0.take() {
            Json::Array(items) => items.into_iter().map(Self).collect(),
            _ => Vec::new(),
        }
    }
}

impl Drop for Nested {
    fn drop(&mut self) {
        let mut left = vec![self.0.take()];
        while let Some(next) = left.pop() {
            match next {
                Json::Array(items) => left.extend(items),
                Json::Object(members) => left.extend(members.into_iter().map(|(_, value)| value)),
                Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
            }
        }
    }
}

/// An array or an object of which the end has not been read.
enum Open {
    Array(Vec<Nested>),
    /// The members, and the name of the one that comes next.
    Object(Vec<(String, Nested)>, String),
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth_max: usize,
    open: Vec<Open>,
}

impl Reader<'_> {
    fn value(mut self) -> Read<Nested> {
        loop {
            let mut whole = match self.peek() {
                Some(b'[') => {
                    self.enter(Open::Array(Vec::new()))?;
                    if self.peek() != Some(b']') {
                        continue;
                    }
                    self.leave()?
                }
                Some(b'{') => {
                    self.enter(Open::Object(Vec::new(), String::new()))?;
                    if self.peek() != Some(b'}') {
                        self.name()?;
                        continue;
                    }
                    self.leave()?
                }
                _ => self.scalar()?,
            };
            // What has ended may be the last one of what it stands in, and so on.
            loop {
                let is_end = self.peek().is_none();
                match self.open.last_mut() {
                    None if is_end => return Ok(whole),
                    None => return self.unexpected("the end of the text"),
                    Some(Open::Array(items)) => items.push(whole),
                    Some(Open::Object(members, name)) => {
                        members.push((std::mem::take(name), whole));
                    }
                }
                if self.eat(b',') {
                    if let Some(Open::Object(..)) = self.open.last() {
                        self.name()?;
                    }
                    break;
                }
                whole = self.leave()?;
            }
        }
    }

    /// The next byte that is no space.
    fn peek(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let spaces = rest.iter().take_while(|byte| b" \t\r\n".contains(byte)).count();
        self.at += spaces;
        rest.get(spaces).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn enter(&mut self, open: Open) -> Read<()> {
        if self.open.len() >= self.depth_max {
            return Err(JsonError::Nesting { depth_max: self.depth_max });
        }
        self.at += 1;
        self.open.push(open);
        Ok(())
    }

    /// Ends the innermost array or object.
    fn leave(&mut self) -> Read<Nested> {
        let end = match self.open.last() {
            Some(Open::Array(_)) => b']',
            Some(Open::Object(..)) | None => b'}',
        };
        if !self.eat(end) {
            return self.unexpected(if end == b']' { "`,` or `]`" } else { "`,` or `}`" });
        }
        Ok(match self.open.pop() {
            Some(Open::Array(items)) => {
                Nested(items.into_iter().map(|mut item| item.0.take()).collect())
            }
            Some(Open::Object(members, _)) => {
                let taken = members.into_iter().map(|(name, mut value)| (name, value.0.take()));
                Nested(Json::Object(taken.collect::<Map<_, _>>()))
            }
            None => Nested(Json::Null),
        })
    }

    /// The name of a member and the colon behind it.
    fn name(&mut self) -> Read<()> {
        if self.peek() != Some(b'"') {
            return self.unexpected("a name in quotes");
        }
        let Nested(Json::String(found)) = &self.scalar()? else { return self.unexpected("a name") };
        if let Some(Open::Object(_, name)) = self.open.last_mut() {
            name.clone_from(found);
        }
        if self.eat(b':') { Ok(()) } else { self.unexpected("`:`") }
    }

    /// A string, a number, a truth value or null.
    fn scalar(&mut self) -> Read<Nested> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let bytes = rest.as_bytes();
        let length = if bytes.first() == Some(&b'"') {
            let mut is_escaped = false;
            let end = bytes.iter().skip(1).position(|byte| {
                let is_end = *byte == b'"' && !is_escaped;
                is_escaped = *byte == b'\\' && !is_escaped;
                is_end
            });
            end.map_or(bytes.len(), |end| end + 2)
        } else {
            let is_end = |byte: &u8| b" \t\r\n,:[]{}\"".contains(byte);
            bytes.iter().position(is_end).unwrap_or(bytes.len())
        };
        match rest.get(..length).map(serde_json::from_str::<Json>) {
            Some(Ok(value)) => {
                self.at += length;
                Ok(Nested(value))
            }
            Some(Err(_)) | None => self.unexpected("a value"),
        }
    }

    fn unexpected<T>(&self, expected: &str) -> Read<T> {
        let before = self.text.get(..self.at).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        let found = match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            Some(found) => format!("`{found}`"),
            None => "the end of the text".to_owned(),
        };
        let reason = format!("expected {expected}, found {found} at line {line} column {column}");
        Err(JsonError::Syntax { reason })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Option<Json> {
        Nested::read(text, 16).ok().map(|mut nested| nested.0.take())
    }

    #[test]
    fn what_is_no_json_is_told() {
        for (text, reason) in [
            ("", "expected a value, found the end of the text at line 1 column 1"),
            ("{\n  \"a\" 1}", "expected `:`, found `1` at line 2 column 7"),
            ("{a: 1}", "expected a name in quotes, found `a` at line 1 column 2"),
            ("[1 2]", "expected `,` or `]`, found `2` at line 1 column 4"),
            ("[1, ]", "expected a value, found `]` at line 1 column 5"),
            ("{\"a\": 1, }", "expected a name in quotes, found `}` at line 1 column 10"),
            ("{\"a\": 1]", "expected `,` or `}`, found `]` at line 1 column 8"),
            ("\"a", "expected a value, found `\"` at line 1 column 1"),
            ("1 2", "expected the end of the text, found `2` at line 1 column 3"),
            ("[\"ä\", nul]", "expected a value, found `n` at line 1 column 7"),
        ] {
            let error = Nested::read(text, 16).err();
            assert_eq!(error, Some(JsonError::Syntax { reason: reason.to_owned() }), "{text}");
        }
    }

    #[test]
    fn depth_is_counted() {
        let text = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(Nested::read(&text(16), 16).is_ok());
        let too_deep = Nested::read(&text(17), 16).err();
        assert_eq!(too_deep, Some(JsonError::Nesting { depth_max: 16 }));
        // It is taken apart on a stack of any size.
        let small = std::thread::Builder::new().stack_size(64 << 10).spawn(move || {
            assert!(Nested::read(&text(100_000), 100_000).is_ok());
            assert!(Nested::read(&text(100_000)[..150_000], 100_000).is_err());
        });
        small.expect("a thread").join().expect("no fault");
    }

    fn json() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "[",
            "]",
            "{",
            "}",
            ",",
            ":",
            "\"a\"",
            "\"\\\"\"",
            "\"\\u00e4\"",
            "1",
            "-2.5e3",
            "true",
            "null",
            " ",
            "\n",
            "\"a\":",
            "\"b\":",
            "[]",
            "{}",
            "\"",
            "\\",
        ]);
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        /// It reads what a reader with calls reads, and nothing else.
        #[test]
        fn it_reads_what_any_reader_reads(text in json()) {
            prop_assert_eq!(read(&text), serde_json::from_str::<Json>(&text).ok(), "{}", text);
        }
    }
}
