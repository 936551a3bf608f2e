//! Field lines of a message, in order and case of the wire, as ranges over the bytes of its head.
//!
//! Not a map: a map is built by [`Fields::header_map`] for those who want one. Framing fields
//! never stand here, see [`BodySize`](crate::BodySize).

use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue};

mod entry;
mod key;
pub(crate) mod octets;
mod received;
mod syntax;

use entry::{Entry, Span, Store, span};
pub(crate) use key::{Key, Keys};
pub(crate) use received::{FieldLines, FieldsBuffer, Line, Names, Verdict};
pub(crate) use syntax::{
    is_framing, is_framing_lookalike, is_token, is_token_byte, is_value_byte, members,
};

/// Room for a first appended field and those that follow it as a rule: `Host` and `Via`.
const APPENDED_BYTES: usize = 96;
/// The same as a number of fields.
const APPENDED: usize = 2;

/// An ordered list of fields (RFC 9110 §5).
///
/// Received fields are ranges over the one buffer of their head, appended ones live in a buffer
/// of their own, so a head costs one allocation however many fields it has. Names compare without
/// regard to case and are kept as they came. Every name is a token and no value holds a control
/// character other than a tab, whatever the way a field got here.
#[derive(Default)]
pub struct Fields {
    received: Bytes,
    appended: Vec<u8>,
    entries: Vec<Entry>,
    /// Those of all names here, and maybe of names that are gone.
    keys: Keys,
}

/// With room for the fields that a proxy adds to what it passes on.
impl Clone for Fields {
    fn clone(&self) -> Self {
        let mut entries = Vec::with_capacity(self.entries.len() + APPENDED);
        entries.extend_from_slice(&self.entries);
        let (received, appended) = (self.received.clone(), self.appended.clone());
        Self { received, appended, entries, keys: self.keys }
    }
}

/// Why a field cannot be appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FieldError {
    /// The name is not a token (RFC 9110 §5.1).
    #[error("a field name is a non-empty token")]
    Name,
    /// The value holds a control character other than a tab (RFC 9110 §5.5).
    #[error("a field value holds a control character")]
    Value,
    /// The field frames the message, or does so for readers who take another mark for `-`: the
    /// codec writes such fields from the body size.
    #[error("framing fields are written from the body size")]
    Framing,
    /// Appended fields hold at most 4 GiB together.
    #[error("the fields are too large")]
    TooLarge,
}

impl Fields {
    /// No fields.
    pub const fn new() -> Self {
        Self {
            received: Bytes::new(),
            appended: Vec::new(),
            entries: Vec::new(),
            keys: Keys::none(),
        }
    }

    /// The bytes of the head that was received, and nothing where none was.
    pub(crate) fn received(&self) -> &Bytes {
        &self.received
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no field.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The value of the first field of this name.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.all(name).next()
    }

    /// The values of all fields of this name, in order.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.entries_named(name).map(|(_, entry)| self.value(entry))
    }

    fn entries_named(&self, name: &str) -> impl Iterator<Item = (usize, &Entry)> {
        let key = Key::of(name.as_bytes());
        let entries: &[Entry] = if self.keys.contains(key) { &self.entries } else { &[] };
        entries.iter().enumerate().filter(move |(_, entry)| self.is_named(entry, key, name))
    }

    fn is_named(&self, entry: &Entry, key: Key, name: &str) -> bool {
        entry.key == key && self.name(entry).eq_ignore_ascii_case(name.as_bytes())
    }

    /// Whether there is a field of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// All fields as `(name, value)`, in order and in the case of the wire.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.entries.iter().map(|entry| {
            let name = std::str::from_utf8(self.name(entry)).unwrap_or_default();
            (name, self.value(entry))
        })
    }

    /// The keys of all names here, and maybe of names that are gone.
    pub(crate) fn keys(&self) -> Keys {
        self.keys
    }

    /// The same as [`iter`](Self::iter), with names as bytes, and their keys in front.
    pub(crate) fn iter_keyed(&self) -> impl Iterator<Item = (Key, &[u8], &[u8])> + Clone {
        self.entries.iter().map(|entry| (entry.key, self.name(entry), self.value(entry)))
    }

    /// Adds a field at the end. Blanks around the value are not part of it.
    ///
    /// # Errors
    /// See [`FieldError`]; nothing is added then.
    pub fn append(&mut self, name: &str, value: impl AsRef<[u8]>) -> Result<(), FieldError> {
        let entry = self.store(name, value.as_ref())?;
        self.push(entry);
        Ok(())
    }

    /// Replaces all fields of this name by one, where the first of them stood, or else at the end.
    ///
    /// # Errors
    /// See [`FieldError`]; nothing is changed then.
    pub fn set(&mut self, name: &str, value: impl AsRef<[u8]>) -> Result<(), FieldError> {
        let value = value.as_ref();
        if self.is_set(name, value) {
            return Ok(());
        }
        let entry = self.store(name, value)?;
        let place = self.entries_named(name).next().map(|(place, _)| place);
        self.remove(name);
        self.keys.insert(entry.key);
        self.entries.insert(place.map_or(self.entries.len(), |place| place), entry);
        Ok(())
    }

    /// Whether `set` would change nothing.
    fn is_set(&self, name: &str, value: &[u8]) -> bool {
        let mut all = self.entries_named(name);
        let one = all.next().is_some_and(|(_, entry)| {
            self.name(entry) == name.as_bytes() && self.value(entry) == value.trim_ascii()
        });
        one && all.next().is_none()
    }

    /// Takes out all fields of this name and says how many there were.
    pub fn remove(&mut self, name: &str) -> usize {
        let before = self.entries.len();
        self.weed(Keys::of(&[name]), &mut |other| other.eq_ignore_ascii_case(name.as_bytes()));
        before - self.entries.len()
    }

    /// Keeps the fields for which `keep(name, value)` is true.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &[u8]) -> bool) {
        self.retain_named(|name, value| keep(std::str::from_utf8(name).unwrap_or_default(), value));
    }

    /// The same, with names as bytes: what only compares them need not have them checked again.
    fn retain_named(&mut self, mut keep: impl FnMut(&[u8], &[u8]) -> bool) {
        let (received, appended) = (&self.received, &self.appended);
        self.entries.retain(|entry| {
            let store = entry.store.of(received, appended);
            keep(entry.name.of(store), entry.value.of(store))
        });
    }

    /// Takes out the fields whose names have one of these keys and are `unwanted`.
    pub(crate) fn weed(&mut self, names: Keys, unwanted: &mut dyn FnMut(&[u8]) -> bool) {
        if !self.keys.meets(names) {
            return;
        }
        let (received, appended) = (&self.received, &self.appended);
        self.entries.retain(|entry| {
            !(names.contains(entry.key)
                && unwanted(entry.name.of(entry.store.of(received, appended))))
        });
    }

    /// The fields as a `HeaderMap`; order between different names and the case of names are lost.
    pub fn header_map(&self) -> HeaderMap {
        let mut map = HeaderMap::with_capacity(self.len());
        for entry in &self.entries {
            let value = match entry.store {
                Store::Line | Store::Received => {
                    let start = entry.value.start as usize;
                    let value = self.received.slice(start..start + entry.value.bytes as usize);
                    HeaderValue::from_maybe_shared(value)
                }
                Store::Appended => HeaderValue::from_bytes(self.value(entry)),
            };
            // Both are valid by the invariant of this type: no field is lost here.
            if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(self.name(entry)), value) {
                map.append(name, value);
            }
        }
        map
    }

    fn name(&self, entry: &Entry) -> &[u8] {
        entry.name.of(entry.store.of(&self.received, &self.appended))
    }

    fn value(&self, entry: &Entry) -> &[u8] {
        entry.value.of(entry.store.of(&self.received, &self.appended))
    }

    /// The same as [`append`](Self::append), for a field that the caller knows to be valid and no
    /// framing: its value comes in pieces, of which the first does not begin with a blank nor the last
    /// end with one.
    pub(crate) fn append_valid(
        &mut self,
        name: &'static str,
        value: &[&[u8]],
    ) -> Result<(), FieldError> {
        debug_assert!(check(name, value).is_ok(), "{name} is not valid");
        let entry = self.keep(name, value)?;
        self.push(entry);
        Ok(())
    }

    fn push(&mut self, entry: Entry) {
        self.keys.insert(entry.key);
        self.entries.push(entry);
    }

    /// Writes `name: value` and CR LF for every field but those named by `except`. Lines that stand
    /// so behind one another in the received head are copied as one.
    pub(crate) fn put_lines(&self, out: &mut BytesMut, except: &[&str]) {
        let keys = Keys::of(except);
        let skipped = |entry: &Entry| {
            keys.contains(entry.key)
                && except.iter().any(|name| self.is_named(entry, entry.key, name))
        };
        let bytes = self.entries.iter().map(|entry| entry.name.bytes + entry.value.bytes + 4);
        out.reserve(bytes.map(|bytes| bytes as usize).sum());
        let mut run = Span { start: 0, bytes: 0 };
        for entry in self.entries.iter().filter(|entry| !skipped(entry)) {
            if entry.store == Store::Line {
                let line_end = entry.value.end() + 2;
                if entry.name.start != run.end() {
                    out.put_slice(run.of(&self.received));
                    run.start = entry.name.start;
                }
                run.bytes = line_end - run.start;
                continue;
            }
            out.put_slice(run.of(&self.received));
            run.bytes = 0;
            for part in [self.name(entry), b": ", self.value(entry), b"\r\n"] {
                out.put_slice(part);
            }
        }
        out.put_slice(run.of(&self.received));
    }

    fn store(&mut self, name: &str, value: &[u8]) -> Result<Entry, FieldError> {
        let value = value.trim_ascii();
        check(name, &[value])?;
        self.keep(name, &[value])
    }

    /// Keeps a valid field.
    fn keep(&mut self, name: &str, value: &[&[u8]]) -> Result<Entry, FieldError> {
        let bytes = value.iter().map(|piece| piece.len()).sum::<usize>();
        let start = self.appended.len();
        if u32::try_from(start + name.len() + bytes).is_err() {
            return Err(FieldError::TooLarge);
        }
        if self.appended.is_empty() {
            self.appended.reserve(APPENDED_BYTES.max(name.len() + bytes));
        }
        self.appended.extend_from_slice(name.as_bytes());
        for piece in value {
            self.appended.extend_from_slice(piece);
        }
        let middle = start + name.len();
        Ok(Entry {
            name: span(start, name.len()),
            value: span(middle, bytes),
            store: Store::Appended,
            key: Key::of(name.as_bytes()),
        })
    }
}

/// Whether this may be a field that does not say where the message ends.
fn check(name: &str, value: &[&[u8]]) -> Result<(), FieldError> {
    if !is_token(name.as_bytes()) {
        return Err(FieldError::Name);
    }
    if is_framing(name.as_bytes()) || is_framing_lookalike(name.as_bytes()) {
        return Err(FieldError::Framing);
    }
    let is_valid = |piece: &&[u8]| octets::value_end(piece, 0) == piece.len();
    if !value.iter().all(is_valid) {
        return Err(FieldError::Value);
    }
    Ok(())
}

impl PartialEq for Fields {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Fields {}

/// Shows names and values, except the values that carry credentials.
impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (name, value) in self.iter() {
            if SECRET.iter().any(|secret| name.eq_ignore_ascii_case(secret)) {
                map.entry(&name, &format_args!("<{} bytes>", value.len()));
            } else {
                map.entry(&name, &format_args!("\"{}\"", value.escape_ascii()));
            }
        }
        map.finish()
    }
}

const SECRET: [&str; 4] = ["authorization", "cookie", "proxy-authorization", "set-cookie"];

#[cfg(test)]
mod tests {
    use super::*;

    /// Two received fields and one appended.
    fn sample() -> Fields {
        let head = Bytes::from_static(b"Via: 1.1 a\r\nX-A: \xff\r\n");
        let mut lines = FieldLines::new(2);
        lines.push(&head, [0, 3, 5, 10, 12]);
        lines.push(&head, [12, 15, 17, 18, 20]);
        assert_eq!(lines.len(), 2);
        let mut fields = lines.over(head);
        fields.append("via", " 1.1 b\t").expect("a field");
        fields
    }

    fn list(fields: &Fields) -> Vec<String> {
        fields.iter().map(|(name, value)| format!("{name}={}", value.escape_ascii())).collect()
    }

    #[test]
    fn order_and_case_stay() {
        let mut fields = sample();
        assert_eq!(list(&fields), ["Via=1.1 a", "X-A=\\xff", "via=1.1 b"]);
        assert_eq!((fields.len(), fields.is_empty()), (3, false));
        assert_eq!(fields.get("VIA"), Some(b"1.1 a".as_slice()));
        assert_eq!(fields.all("via").count(), 2);
        assert_eq!(fields.get("vi"), None);
        fields.set("VIA", "c").expect("a field");
        assert_eq!(list(&fields), ["VIA=c", "X-A=\\xff"]);
        fields.set("New", "").expect("a field");
        assert_eq!(list(&fields), ["VIA=c", "X-A=\\xff", "New="]);
        assert_eq!((fields.remove("x-a"), fields.remove("x-a")), (1, 0));
        fields.retain(|name, value| name == "New" && value.is_empty());
        assert_eq!(list(&fields), ["New="]);
    }

    #[test]
    fn invalid_fields_cannot_be_made() {
        for (name, value, error) in [
            ("", "x", FieldError::Name),
            ("a b", "x", FieldError::Name),
            ("a:", "x", FieldError::Name),
            ("\u{e9}", "x", FieldError::Name),
            ("a", "x\r\nb: c", FieldError::Value),
            ("a", "\0", FieldError::Value),
            ("a", "x\x7fy", FieldError::Value),
            ("Content-Length", "1", FieldError::Framing),
            ("transfer-ENCODING", "chunked", FieldError::Framing),
            ("Transfer_Encoding", "chunked", FieldError::Framing),
            ("content.length", "1", FieldError::Framing),
        ] {
            let mut fields = sample();
            assert_eq!(fields.append(name, value), Err(error), "{name}: {value}");
            assert_eq!(fields.set(name, value), Err(error), "{name}: {value}");
            assert_eq!(fields, sample());
        }
    }

    #[test]
    fn a_map_when_asked_for() {
        let map = sample().header_map();
        let via: Vec<_> = map.get_all("via").iter().map(HeaderValue::as_bytes).collect();
        assert_eq!(via, [b"1.1 a", b"1.1 b"]);
        assert_eq!(map.get("x-a").map(HeaderValue::as_bytes), Some(b"\xff".as_slice()));
        assert_eq!(map.len(), 3);
    }

    #[test]
    fn credentials_are_not_shown() {
        let mut fields = sample();
        fields.append("Proxy-Authorization", "Basic c2VjcmV0").expect("a field");
        fields.append("cookie", "id=secret").expect("a field");
        let shown = format!("{fields:?}");
        assert!(shown.contains("\"X-A\": \"\\xff\""), "{shown}");
        assert!(shown.contains("\"cookie\": <9 bytes>"), "{shown}");
        assert!(!shown.contains("c2Vj") && !shown.contains("secret"), "{shown}");
    }
}
