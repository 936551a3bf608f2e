//! How fields come to be of what was received: lines over the bytes of a head, or text that is copied
//! into one buffer; and how they are sifted. What they say is weighed by the codecs.

use std::ops::Range;

use bytes::Bytes;

use super::{APPENDED, Entry, Fields, Key, Keys, Span, Store, span};

impl Fields {
    /// Shows `weigh` the received fields whose names can be among `names`, in order, and keeps
    /// those of which it says so.
    ///
    /// # Errors
    /// The first that `weigh` gives.
    pub(crate) fn sift<E>(
        &mut self,
        names: Keys,
        mut weigh: impl FnMut(Line<'_>) -> Result<Verdict, E>,
    ) -> Result<(), E> {
        if !self.keys.meets(names) {
            return Ok(());
        }
        let mut place = 0;
        loop {
            let rest = self.entries.get(place..).unwrap_or_default();
            let found = rest
                .iter()
                .position(|entry| names.contains(entry.key) && entry.store != Store::Appended);
            place += found.unwrap_or(rest.len());
            let Some(entry) = self.entries.get(place) else { return Ok(()) };
            let line = Line {
                name: entry.name.of(&self.received),
                value: entry.value.of(&self.received),
                name_at: entry.name.start as usize,
                value_at: entry.value.start as usize,
            };
            match weigh(line)? {
                Verdict::Keep => place += 1,
                // Those that go are few.
                Verdict::Drop => drop(self.entries.remove(place)),
            }
        }
    }
}

/// A field line of a received head, and where in it name and value begin.
#[derive(Clone, Copy)]
pub(crate) struct Line<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) value: &'a [u8],
    pub(crate) name_at: usize,
    pub(crate) value_at: usize,
}

/// Whether a field stays.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Keep,
    Drop,
}

/// The field lines of a head that is being read, before anybody has weighed them.
pub(crate) struct FieldLines {
    entries: Vec<Entry>,
    keys: Keys,
}

impl FieldLines {
    /// Room for `count` fields, and those that are appended as a rule.
    pub(crate) fn new(count: usize) -> Self {
        Self { entries: Vec::with_capacity(count + APPENDED), keys: Keys::none() }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Adds a valid line of `bytes`, of which are given: its begin, the colon, begin and end of the
    /// value, and the begin of the next line.
    #[inline(always)]
    pub(crate) fn push(&mut self, bytes: &[u8], places: [usize; 5]) {
        let [line, colon, value, value_end, next] = places;
        let plain =
            value == colon + 2 && next == value_end + 2 && bytes.get(colon + 1) == Some(&b' ');
        let key = Key::of(bytes.get(line..colon).unwrap_or_default());
        self.keys.insert(key);
        self.entries.push(Entry {
            name: span(line, colon - line),
            value: span(value, value_end - value),
            store: if plain { Store::Line } else { Store::Received },
            key,
        });
    }

    /// The fields, over the head in which they were found: what lay behind it may be gone.
    pub(crate) fn over(self, received: Bytes) -> Fields {
        Fields { received, appended: Vec::new(), entries: self.entries, keys: self.keys }
    }
}

/// Fields that are being copied into one buffer, with room for other text of the same head.
pub(crate) struct FieldsBuffer {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
    keys: Keys,
}

impl FieldsBuffer {
    /// Room for `count` fields and `bytes` bytes altogether. What is filled exactly costs one
    /// allocation less.
    pub(crate) fn new(count: usize, bytes: usize) -> Self {
        let (bytes, entries) = (Vec::with_capacity(bytes), Vec::with_capacity(count));
        Self { bytes, entries, keys: Keys::none() }
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
        let key = Key::of(self.bytes.get(name.clone()).unwrap_or_default());
        self.keys.insert(key);
        let (name, value) = (span(name.start, name.len()), span(value.start, value.len()));
        self.entries.push(Entry { name, value, store: Store::Received, key });
    }

    /// Adds a validated field for each of these names, which are copied as one.
    pub(crate) fn push_all<'a>(&mut self, names: &Names, values: impl Iterator<Item = &'a [u8]>) {
        let names_at = self.put(&names.text).start as u32;
        self.keys = self.keys.with(names.keys);
        for ((name, key), value) in names.spans.iter().zip(values) {
            let name = Span { start: names_at + name.start, bytes: name.bytes };
            let value = self.put(value);
            let value = span(value.start, value.len());
            self.entries.push(Entry { name, value, store: Store::Received, key: *key });
        }
    }

    /// The fields over the buffer.
    pub(crate) fn finish(self) -> Fields {
        let received = Bytes::from(self.bytes);
        Fields { received, appended: Vec::new(), entries: self.entries, keys: self.keys }
    }
}

/// Names of fields as one text, for heads that have the same names in the same order.
#[derive(Default)]
pub(crate) struct Names {
    text: Vec<u8>,
    spans: Vec<(Span, Key)>,
    keys: Keys,
}

impl Names {
    /// Adds the name of a next field.
    pub(crate) fn push(&mut self, name: &str) {
        let key = Key::of(name.as_bytes());
        self.keys.insert(key);
        self.spans.push((span(self.text.len(), name.len()), key));
        self.text.extend_from_slice(name.as_bytes());
    }

    /// Bytes of all of them.
    pub(crate) fn bytes(&self) -> usize {
        self.text.len()
    }

    /// Forgets them.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.spans.clear();
        self.keys = Keys::none();
    }
}
