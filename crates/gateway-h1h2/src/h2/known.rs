//! Fields that were sent on a connection lately, as the engine takes them. What a client asks and a
//! server answers is mostly the same from one message to the next, which is what HPACK lives of too:
//! a field that was sent before need not be made again. Not a table of the wire.

use http::header::{
    AUTHORIZATION, CONTENT_LENGTH, COOKIE, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHORIZATION,
};

/// Fields that are kept.
const FIELDS_MAX: usize = 24;
/// Bytes of a value, or of a name, that is kept.
const BYTES_MAX: usize = 256;

/// The fields, by the places in which they came.
#[derive(Debug, Default)]
pub(super) struct Known {
    fields: Vec<(HeaderName, HeaderValue)>,
    /// Where the next field is looked for first: mostly they come in the same order.
    next: usize,
    cookies: Cookies,
    /// The last message whole, its values as they were kept. A message with the same names in the
    /// same order is made of it at once.
    last: HeaderMap,
    /// The length that it has behind its fields.
    length: Option<u64>,
}

/// Whether cookies may be put into the table of the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Cookies {
    #[default]
    Indexed,
    NeverIndexed,
}

impl Known {
    /// Messages of many who do not trust each other come from here on: cookies of one are not for
    /// another to guess by trial (RFC 7541 §7.1.3).
    pub(super) fn mix(&mut self) {
        self.cookies = Cookies::NeverIndexed;
        self.fields.retain(|(name, _)| *name != COOKIE);
        self.last.clear();
    }

    /// The fields of a message as the engine takes them, with `content-length` if there is a length.
    pub(super) fn map<'a, F>(&mut self, fields: F, length: Option<u64>) -> HeaderMap
    where
        F: Iterator<Item = (&'a [u8], &'a [u8])> + Clone,
    {
        match self.again(fields.clone(), length) {
            Some(map) => map,
            None => self.anew(fields, length),
        }
    }

    /// The same, where the last message had the same names in the same order.
    fn again<'a, F>(&mut self, fields: F, length: Option<u64>) -> Option<HeaderMap>
    where
        F: Iterator<Item = (&'a [u8], &'a [u8])> + Clone,
    {
        // Values that are not kept, by their places.
        let (mut unkept, mut place) = (0_u32, 1_u32);
        let mut last = self.last.iter_mut();
        for (name, value) in fields.clone() {
            let (known, kept) = last.next()?;
            if known.as_str().as_bytes() != name {
                return None;
            }
            if kept.as_bytes() != value {
                match made(self.cookies, known, value)? {
                    value if is_kept(&value) => *kept = value,
                    _ => unkept |= place,
                }
            }
            place <<= 1;
        }
        match (length, last.next()) {
            (None, None) => {}
            (Some(bytes), Some((name, kept))) if *name == CONTENT_LENGTH => {
                if self.length.replace(bytes) != length {
                    *kept = HeaderValue::from(bytes);
                }
            }
            (Some(_) | None, _) => return None,
        }
        let mut map = self.last.clone();
        if unkept > 0 {
            for ((known, value), (_, text)) in map.iter_mut().zip(fields) {
                if unkept & 1 == 1 {
                    *value = made(self.cookies, known, text)?;
                }
                unkept >>= 1;
            }
        }
        Some(map)
    }

    /// The same, field by field.
    fn anew<'a, F>(&mut self, fields: F, length: Option<u64>) -> HeaderMap
    where
        F: Iterator<Item = (&'a [u8], &'a [u8])>,
    {
        let mut map = HeaderMap::with_capacity(fields.size_hint().1.unwrap_or_default() + 1);
        self.next = 0;
        for (name, value) in fields {
            // All are valid by the invariant of `Fields`: none is lost here.
            let Some((name, value)) = self.field(name, value) else { continue };
            // More names than a map can hold: they are beyond every limit that a receiver has.
            if map.try_append(name, value).is_err() {
                break;
            }
        }
        if let Some(bytes) = length {
            map.insert(CONTENT_LENGTH, HeaderValue::from(bytes));
        }
        self.learn(&map, length);
        map
    }

    /// Keeps a message, but for values that are not kept.
    fn learn(&mut self, map: &HeaderMap, length: Option<u64>) {
        let small =
            map.len() <= FIELDS_MAX && map.keys().all(|name| name.as_str().len() <= BYTES_MAX);
        if !small {
            self.last.clear();
            return;
        }
        (self.last, self.length) = (map.clone(), length);
        for value in self.last.values_mut().filter(|value| !is_kept(value)) {
            let sensitive = value.is_sensitive();
            *value = HeaderValue::from_static("");
            value.set_sensitive(sensitive);
        }
    }

    /// A field as the engine takes it; `None` if it is not valid.
    #[inline(always)]
    fn field(&mut self, name: &[u8], value: &[u8]) -> Option<(HeaderName, HeaderValue)> {
        let Some(place) = self.place(name) else {
            let name = HeaderName::from_bytes(name).ok()?;
            let value = self.made(&name, value)?;
            self.keep(&name, &value);
            return Some((name, value));
        };
        self.next = place + 1;
        let cookies = self.cookies;
        let (known, last) = self.fields.get_mut(place)?;
        if last.as_bytes() != value {
            let value = made(cookies, known, value)?;
            if value.len() > BYTES_MAX {
                return Some((known.clone(), value));
            }
            *last = value;
        }
        Some((known.clone(), last.clone()))
    }

    fn made(&self, name: &HeaderName, value: &[u8]) -> Option<HeaderValue> {
        made(self.cookies, name, value)
    }

    /// Where a field of this name stands, from `next` on and then from the begin.
    fn place(&self, name: &[u8]) -> Option<usize> {
        // The names of HTTP/2 are in lower case already.
        if self.fields.get(self.next).is_some_and(|(known, _)| known.as_str().as_bytes() == name) {
            return Some(self.next);
        }
        let is_named = |(known, _): &(HeaderName, HeaderValue)| {
            known.as_str().as_bytes().eq_ignore_ascii_case(name)
        };
        let next = self.next.min(self.fields.len());
        let (before, behind) = self.fields.split_at(next);
        match behind.iter().position(is_named) {
            Some(place) => Some(next + place),
            None => before.iter().position(is_named),
        }
    }

    fn keep(&mut self, name: &HeaderName, value: &HeaderValue) {
        if name.as_str().len() > BYTES_MAX || !is_kept(value) {
            return;
        }
        let (place, field) = (self.next.min(self.fields.len()), (name.clone(), value.clone()));
        if self.fields.len() < FIELDS_MAX {
            self.fields.insert(place, field);
        } else if let Some(other) = self.fields.get_mut(place) {
            *other = field;
        }
        self.next = place + 1;
    }
}

/// Whether a value is kept: a small one that is no secret.
fn is_kept(value: &HeaderValue) -> bool {
    value.len() <= BYTES_MAX && !value.is_sensitive()
}

fn made(cookies: Cookies, name: &HeaderName, value: &[u8]) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_bytes(value).ok()?;
    // RFC 7541 §7.1.3: what must not be guessed by trial is not put into the table.
    let is_cookie = cookies == Cookies::NeverIndexed && *name == COOKIE;
    value.set_sensitive(is_cookie || *name == AUTHORIZATION || *name == PROXY_AUTHORIZATION);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes out is what went in, whatever was sent before.
    #[track_caller]
    fn check(known: &mut Known, fields: &[(&str, &str)], length: Option<u64>) {
        let bytes = fields.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes()));
        let map = known.map(bytes.clone(), length);
        assert_eq!(map, Known::default().map(bytes, length));
        let (told, plain) = (
            list(&map),
            map.iter().all(|(name, value)| value.is_sensitive() == (*name == AUTHORIZATION)),
        );
        assert!(plain, "{map:?}");
        let length = length.map(|bytes| ("content-length".to_owned(), bytes.to_string()));
        let fields = fields.iter().map(|(name, value)| (name.to_lowercase(), value.to_string()));
        assert_eq!(told, fields.chain(length).collect::<Vec<_>>());
    }

    fn list(map: &HeaderMap) -> Vec<(String, String)> {
        let text = |value: &HeaderValue| value.to_str().expect("text").to_owned();
        map.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
    }

    #[test]
    fn fields_are_what_was_asked_for() {
        let mut known = Known::default();
        let long = "x".repeat(BYTES_MAX + 1);
        for fields in [
            &[("a", "1"), ("b", "2"), ("b", "3")][..],
            &[("A", "1"), ("B", "2"), ("b", "3")],
            &[("b", "3"), ("a", "2"), ("Authorization", "x"), ("c", "")],
            &[("authorization", "y"), ("c", &long), ("c", "4"), ("a", "2")],
            &[("b", "2"), ("b", "2"), ("b", "2"), (&long, "1"), (&long, "2")],
            &[],
            &[("a", "1")],
            &[("a", "1"), ("cookie", "x")],
            &[("a", "1"), ("cookie", &long)],
            &[("a", ""), ("cookie", "")],
        ] {
            for length in [None, Some(0), Some(1), Some(1), None] {
                check(&mut known, fields, length);
                let kept = known.last.values().all(|value| value.len() <= BYTES_MAX);
                assert!(kept && known.last.get(AUTHORIZATION).is_none_or(HeaderValue::is_empty));
            }
        }
        let kept = |known: &Known, name: &str| known.fields.iter().any(|(kept, _)| kept == name);
        assert!(kept(&known, "a") && kept(&known, "c"));
        assert!(!kept(&known, "authorization"), "credentials are not kept");
        assert!(known.fields.iter().all(|(_, value)| value.len() <= BYTES_MAX));
    }

    #[test]
    fn cookies_of_many_are_nobodys_to_guess() {
        let mut known = Known::default();
        let sensitive = |known: &mut Known, name: &str| {
            let map = known.map([(name.as_bytes(), b"a=1".as_slice())].into_iter(), None);
            map.values().all(HeaderValue::is_sensitive)
        };
        assert!(!sensitive(&mut known, "cookie"));
        known.mix();
        assert!(sensitive(&mut known, "cookie") && sensitive(&mut known, "Cookie"));
        assert!(known.last.values().all(HeaderValue::is_empty));
        assert!(!sensitive(&mut known, "accept"));
        assert!(known.fields.iter().all(|(name, _)| *name != COOKIE), "nor are they kept");
    }

    #[test]
    fn few_are_kept() {
        let mut known = Known::default();
        let names: Vec<_> = (0..3 * FIELDS_MAX).map(|number| format!("x-{number}")).collect();
        let fields: Vec<_> = names.iter().map(|name| (name.as_str(), name.as_str())).collect();
        for part in [&fields[..], &fields[FIELDS_MAX..], &fields[..FIELDS_MAX / 2], &fields[..]] {
            check(&mut known, part, None);
            assert!(known.fields.len() <= FIELDS_MAX && known.last.len() <= FIELDS_MAX);
        }
    }

    #[test]
    fn what_is_not_valid_is_no_field() {
        let mut known = Known::default();
        check(&mut known, &[("a", "1")], None);
        for (name, value) in [("", "x"), ("a b", "x"), ("a", "x\r\ny"), ("b", "\0")] {
            assert_eq!(known.field(name.as_bytes(), value.as_bytes()), None);
        }
        check(&mut known, &[("a", "1")], None);
    }
}
