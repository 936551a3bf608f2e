//! Fields that were sent on a connection lately, as the engine takes them. What a client asks and a
//! server answers is mostly the same from one message to the next, which is what HPACK lives of too:
//! a field that was sent before need not be made again. Not a table of the wire.

use http::header::{AUTHORIZATION, COOKIE, HeaderName, HeaderValue, PROXY_AUTHORIZATION};

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
    }

    /// A message begins.
    pub(super) fn begin(&mut self) {
        self.next = 0;
    }

    /// A field as the engine takes it; `None` if it is not valid.
    #[inline(always)]
    pub(super) fn field(&mut self, name: &[u8], value: &[u8]) -> Option<(HeaderName, HeaderValue)> {
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
        let small = name.as_str().len() <= BYTES_MAX && value.len() <= BYTES_MAX;
        if !small || value.is_sensitive() {
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
    fn check(known: &mut Known, fields: &[(&str, &str)]) {
        known.begin();
        for (name, value) in fields {
            let (made, of) = known.field(name.as_bytes(), value.as_bytes()).expect("a field");
            assert_eq!((made.as_str(), of.as_bytes()), (&*name.to_lowercase(), value.as_bytes()));
            assert_eq!(of.is_sensitive(), made == AUTHORIZATION, "{name}");
        }
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
        ] {
            check(&mut known, fields);
            check(&mut known, fields);
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
            known.begin();
            known.field(name.as_bytes(), b"a=1").expect("a field").1.is_sensitive()
        };
        assert!(!sensitive(&mut known, "cookie"));
        known.mix();
        assert!(sensitive(&mut known, "cookie") && sensitive(&mut known, "Cookie"));
        assert!(!sensitive(&mut known, "accept"));
        assert!(known.fields.iter().all(|(name, _)| *name != COOKIE), "nor are they kept");
    }

    #[test]
    fn few_are_kept() {
        let mut known = Known::default();
        let names: Vec<_> = (0..3 * FIELDS_MAX).map(|number| format!("x-{number}")).collect();
        let fields: Vec<_> = names.iter().map(|name| (name.as_str(), name.as_str())).collect();
        for part in [&fields[..], &fields[FIELDS_MAX..], &fields[..FIELDS_MAX / 2], &fields[..]] {
            check(&mut known, part);
            assert!(known.fields.len() <= FIELDS_MAX);
        }
    }

    #[test]
    fn what_is_not_valid_is_no_field() {
        let mut known = Known::default();
        check(&mut known, &[("a", "1")]);
        for (name, value) in [("", "x"), ("a b", "x"), ("a", "x\r\ny"), ("b", "\0")] {
            assert_eq!(known.field(name.as_bytes(), value.as_bytes()), None);
        }
        check(&mut known, &[("a", "1")]);
    }
}
