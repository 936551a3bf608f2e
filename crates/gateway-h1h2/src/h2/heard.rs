//! What was received on a connection last: names of fields and an authority. Peers mostly send the
//! same ones again, and what was checked and copied as a whole before need not be looked at byte by
//! byte. Values are never taken for known.

use bytes::Bytes;
use http::header::{HeaderMap, HeaderName};

use super::Fault;
use crate::Authority;
use crate::fields::Names;

/// Names that are kept of a head.
pub(super) const NAMES_MAX: usize = 32;
/// Bytes of one of them: of a head that has a longer name none is kept.
const NAME_BYTES_MAX: usize = 64;

/// The names of the last head, and the last authority.
#[derive(Default)]
pub(super) struct Heard {
    /// Those that become names of [`Fields`](crate::Fields), in order, and none that are treated in a
    /// way of their own: a cookie stands there at most once.
    names: Vec<HeaderName>,
    text: Names,
    authority: Option<Named>,
}

/// An authority and the text in which it was received.
struct Named {
    text: Bytes,
    authority: Authority,
}

impl Heard {
    /// The names of the last head, which are valid.
    pub(super) fn names(&self) -> &[HeaderName] {
        &self.names
    }

    /// The same as text.
    pub(super) fn text(&self) -> &Names {
        &self.text
    }

    /// Keeps the names of these fields, which are valid, but for those that are `left_out` of what is
    /// told. There is no `Host` nor a second crumb of a cookie.
    pub(super) fn learn(&mut self, headers: &HeaderMap, left_out: impl Fn(&HeaderName) -> bool) {
        self.names.clear();
        self.text.clear();
        let small = |name: &HeaderName| name.as_str().len() <= NAME_BYTES_MAX;
        if headers.len() > NAMES_MAX || !headers.keys().all(small) {
            return;
        }
        for (name, _) in headers.iter().filter(|(name, _)| !left_out(name)) {
            self.names.push(name.clone());
            self.text.push(name.as_str());
        }
    }

    /// The authority of this text.
    pub(super) fn authority(&mut self, text: &[u8]) -> Result<Authority, Fault> {
        if let Some(named) = self.authority.as_ref().filter(|named| named.text == text) {
            return Ok(named.authority.clone());
        }
        // In memory of its own: it outlives its head.
        let text = Bytes::copy_from_slice(text);
        let authority = Authority::parse(text.clone()).map_err(|_| Fault::Authority)?;
        self.authority = Some(Named { text, authority: authority.clone() });
        Ok(authority)
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn small_heads_are_kept_and_others_forgotten() {
        let (long, many) = ("x".repeat(NAME_BYTES_MAX + 1), NAMES_MAX + 1);
        let many: Vec<_> = (0..many).map(|number| format!("x-{number}")).collect();
        let many: Vec<_> = many.iter().map(String::as_str).collect();
        let mut heard = Heard::default();
        for (names, kept) in [
            (&["a", "content-length", "cookie", "b", "b"][..], &["a", "cookie", "b", "b"][..]),
            (&many[1..], &many[1..]),
            (&["a", &long], &[]),
            (&["b"], &["b"]),
            (&many, &[]),
            (&[], &[]),
        ] {
            let mut headers = HeaderMap::new();
            for name in names {
                let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
                headers.append(name, HeaderValue::from_static("1"));
            }
            heard.learn(&headers, |name| *name == http::header::CONTENT_LENGTH);
            assert_eq!(heard.names(), kept);
            assert_eq!(heard.text().bytes(), kept.concat().len());
        }
    }

    #[test]
    fn authorities_are_those_of_their_text() {
        let mut heard = Heard::default();
        for text in ["a.example", "A.example:80", "a.example", "a.example", "[::1]:1", "a:80"] {
            assert_eq!(heard.authority(text.as_bytes()), Ok(Authority::parse(text).expect(text)));
        }
        for _ in 0..2 {
            assert_eq!(heard.authority(b"a@b"), Err(Fault::Authority));
            assert!(heard.authority(b"a:80").is_ok());
        }
    }
}
