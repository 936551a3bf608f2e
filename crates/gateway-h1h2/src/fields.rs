//! Field lines of a message, in order and case of the wire, as ranges over the bytes of its head.
//!
//! Not a map: a map is built by [`Fields::header_map`] for those who want one. Framing fields
//! never stand here, see [`BodySize`](crate::BodySize).

use std::fmt;
use std::ops::Range;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};

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
}

#[derive(Clone, Copy)]
struct Entry {
    store: Store,
    name: Span,
    value: Span,
}

#[derive(Clone, Copy)]
enum Store {
    Received,
    Appended,
}

#[derive(Clone, Copy)]
struct Span {
    start: u32,
    bytes: u32,
}

/// With room for the fields that a proxy adds to what it passes on.
impl Clone for Fields {
    fn clone(&self) -> Self {
        let mut entries = Vec::with_capacity(self.entries.len() + APPENDED);
        entries.extend_from_slice(&self.entries);
        Self { received: self.received.clone(), appended: self.appended.clone(), entries }
    }
}

impl Span {
    fn of(self, store: &[u8]) -> &[u8] {
        let start = self.start as usize;
        store.get(start..start.saturating_add(self.bytes as usize)).unwrap_or_default()
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
        Self { received: Bytes::new(), appended: Vec::new(), entries: Vec::new() }
    }

    /// Fields over the bytes of a received head, with room for `count` entries.
    pub(crate) fn over(received: Bytes, count: usize) -> Self {
        Self { received, appended: Vec::new(), entries: Vec::with_capacity(count + APPENDED) }
    }

    /// Adds a validated field of the received head; both must be slices of `head`, the slice that
    /// [`over`](Self::over) got.
    pub(crate) fn push_received(&mut self, head: &[u8], name: &[u8], value: &[u8]) {
        let (name, value) = (span_in(head, name), span_in(head, value));
        self.entries.push(Entry { store: Store::Received, name, value });
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
        self.entries
            .iter()
            .filter(move |entry| self.name(entry).eq_ignore_ascii_case(name.as_bytes()))
            .map(|entry| self.value(entry))
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

    /// The same, with names as bytes.
    pub(crate) fn iter_named(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.entries.iter().map(|entry| (self.name(entry), self.value(entry)))
    }

    /// Adds a field at the end. Blanks around the value are not part of it.
    ///
    /// # Errors
    /// See [`FieldError`]; nothing is added then.
    pub fn append(&mut self, name: &str, value: impl AsRef<[u8]>) -> Result<(), FieldError> {
        let entry = self.store(name, value.as_ref())?;
        self.entries.push(entry);
        Ok(())
    }

    /// Replaces all fields of this name by one, where the first of them stood, or else at the end.
    ///
    /// # Errors
    /// See [`FieldError`]; nothing is changed then.
    pub fn set(&mut self, name: &str, value: impl AsRef<[u8]>) -> Result<(), FieldError> {
        let entry = self.store(name, value.as_ref())?;
        let place = self
            .entries
            .iter()
            .position(|entry| self.name(entry).eq_ignore_ascii_case(name.as_bytes()))
            .unwrap_or(self.entries.len());
        self.remove(name);
        self.entries.insert(place.min(self.entries.len()), entry);
        Ok(())
    }

    /// Takes out all fields of this name and says how many there were.
    pub fn remove(&mut self, name: &str) -> usize {
        let before = self.entries.len();
        self.retain_named(|other, _| !other.eq_ignore_ascii_case(name.as_bytes()));
        before - self.entries.len()
    }

    /// Keeps the fields for which `keep(name, value)` is true.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &[u8]) -> bool) {
        self.retain_named(|name, value| keep(std::str::from_utf8(name).unwrap_or_default(), value));
    }

    /// The same, with names as bytes: what only compares them need not have them checked again.
    pub(crate) fn retain_named(&mut self, mut keep: impl FnMut(&[u8], &[u8]) -> bool) {
        let (received, appended) = (&self.received, &self.appended);
        self.entries.retain(|entry| {
            let store: &[u8] = match entry.store {
                Store::Received => received,
                Store::Appended => appended,
            };
            keep(entry.name.of(store), entry.value.of(store))
        });
    }

    /// The fields as a `HeaderMap`; order between different names and the case of names are lost.
    pub fn header_map(&self) -> HeaderMap {
        let mut map = HeaderMap::with_capacity(self.len());
        for entry in &self.entries {
            let value = match entry.store {
                Store::Received => {
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

    fn bytes(&self, store: Store) -> &[u8] {
        match store {
            Store::Received => &self.received,
            Store::Appended => &self.appended,
        }
    }

    fn name(&self, entry: &Entry) -> &[u8] {
        entry.name.of(self.bytes(entry.store))
    }

    fn value(&self, entry: &Entry) -> &[u8] {
        entry.value.of(self.bytes(entry.store))
    }

    /// The same as [`append`](Self::append), with a value in pieces, of which the first does not
    /// begin with a blank nor the last end with one.
    pub(crate) fn append_joined(&mut self, name: &str, value: &[&[u8]]) -> Result<(), FieldError> {
        let entry = self.store_joined(name, value)?;
        self.entries.push(entry);
        Ok(())
    }

    fn store(&mut self, name: &str, value: &[u8]) -> Result<Entry, FieldError> {
        self.store_joined(name, &[value.trim_ascii()])
    }

    fn store_joined(&mut self, name: &str, value: &[&[u8]]) -> Result<Entry, FieldError> {
        if !is_token(name.as_bytes()) {
            return Err(FieldError::Name);
        }
        if is_framing(name.as_bytes()) || is_framing_lookalike(name.as_bytes()) {
            return Err(FieldError::Framing);
        }
        if !value.iter().all(|piece| piece.iter().all(|byte| is_value_byte(*byte))) {
            return Err(FieldError::Value);
        }
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
            store: Store::Appended,
            name: span(start, name.len()),
            value: span(middle, bytes),
        })
    }
}

/// Fields that are being copied into one buffer, with room for other text of the same head.
pub(crate) struct FieldsBuffer {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

impl FieldsBuffer {
    /// Room for `count` fields and `bytes` bytes altogether. What is filled exactly costs one
    /// allocation less.
    pub(crate) fn new(count: usize, bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), entries: Vec::with_capacity(count) }
    }

    /// Copies text that is no field; says where it stands.
    pub(crate) fn put(&mut self, text: &[u8]) -> Range<usize> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(text);
        start..self.bytes.len()
    }

    /// Copies a validated field.
    pub(crate) fn push(&mut self, name: &str, value: &[u8]) {
        let name = self.put(name.as_bytes());
        let value = self.put(value);
        self.push_ranges(name, value);
    }

    /// Adds a validated field of text that was copied before.
    pub(crate) fn push_ranges(&mut self, name: Range<usize>, value: Range<usize>) {
        let (name, value) = (span(name.start, name.len()), span(value.start, value.len()));
        self.entries.push(Entry { store: Store::Received, name, value });
    }

    /// The buffer, and the fields over it.
    pub(crate) fn finish(self) -> (Bytes, Fields) {
        let fields = self.finish_fields();
        (fields.received.clone(), fields)
    }

    /// The fields alone.
    pub(crate) fn finish_fields(self) -> Fields {
        let received = Bytes::from(self.bytes);
        Fields { received, appended: Vec::new(), entries: self.entries }
    }
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

/// Offsets fit: heads are capped far below 4 GiB, and `store` refuses to grow beyond.
fn span(start: usize, bytes: usize) -> Span {
    Span { start: start as u32, bytes: bytes as u32 }
}

fn span_in(whole: &[u8], part: &[u8]) -> Span {
    // An address difference is the cheapest way back from a borrowed slice to its range.
    span((part.as_ptr() as usize).wrapping_sub(whole.as_ptr() as usize), part.len())
}

/// Whether these bytes are a token (RFC 9110 §5.6.2).
pub(crate) fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|byte| is_token_byte(*byte))
}

/// Whether this byte may stand in a token.
pub(crate) const fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        )
}

/// Whether this byte may stand in a field value (RFC 9110 §5.5).
pub(crate) const fn is_value_byte(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

/// Whether this field says where the message ends.
pub(crate) fn is_framing(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"content-length") || name.eq_ignore_ascii_case(b"transfer-encoding")
}

/// Whether the name becomes that of a framing field for readers who take every mark for the same,
/// as those do that make variables of names (RFC 3875 §4.1.18).
#[inline]
pub(crate) fn is_framing_lookalike(name: &[u8]) -> bool {
    matches!(name.len(), 14 | 17) && is_framing_in_other_marks(name)
}

fn is_framing_in_other_marks(name: &[u8]) -> bool {
    let same = |framing: &[u8]| {
        name.len() == framing.len()
            && name.iter().zip(framing).all(|(byte, expected)| {
                byte.eq_ignore_ascii_case(expected)
                    || (*expected == b'-' && !byte.is_ascii_alphanumeric())
            })
    };
    match name.len() {
        14 => same(b"content-length") && !is_framing(name),
        17 => same(b"transfer-encoding") && !is_framing(name),
        _ => false,
    }
}

/// The members of a comma-separated list, blanks trimmed, empty members left out (RFC 9110 §5.6.1).
pub(crate) fn members(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).filter(|member| !member.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two received fields and one appended.
    fn sample() -> Fields {
        let head = Bytes::from_static(b"Via: 1.1 a\r\nX-A: \xff\r\n");
        let mut fields = Fields::over(head.clone(), 2);
        fields.push_received(&head, &head[0..3], &head[5..10]);
        fields.push_received(&head, &head[12..15], &head[17..18]);
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
