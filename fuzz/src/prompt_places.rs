//! Where the prompt stands in a body: pieces do not matter, and in JSON and forms that are sound it is
//! where a plain reader of the whole body finds it.

use gateway_proxy::prompt_places as places;

/// Containers within each other that are followed.
const DEPTH_MAX: usize = 60;

/// Places that are told apart.
const PLACES_MAX: usize = 4_000;

/// What is looked for: as catalogs write it, and as steps, of which `None` is each element.
const LOCATIONS: [(&str, &[Option<&str>]); 4] = [
    ("json:a", &[Some("a")]),
    ("json:a[*].b", &[Some("a"), None, Some("b")]),
    ("json:[*]", &[None]),
    ("json:a.b", &[Some("a"), Some("b")]),
];

/// The first byte chooses the location, the second the pieces, the rest is the body.
pub fn prompt_places(data: &[u8]) {
    let Some((&[which, cut], body)) = data.split_first_chunk() else { return };
    let cut = 1 + usize::from(cut);
    let which = usize::from(which) % (LOCATIONS.len() + 1);
    let (location, expected) = match LOCATIONS.get(which) {
        Some((location, steps)) => {
            (*location, Json { bytes: body, steps, places: Vec::new() }.all())
        }
        None => ("form:a", Some(form(body))),
    };
    let whole = places(location, body, body.len());
    assert_eq!(whole, places(location, body, cut), "the pieces changed where the prompt is");
    for (start, end) in whole.iter().flatten() {
        assert!(start <= end && *end <= body.len(), "{start}..{end} of {}", body.len());
    }
    if let Some(expected) = expected.filter(|expected| expected.len() <= PLACES_MAX) {
        assert_eq!(whole, Some(expected), "{location} in {}", body.escape_ascii());
    }
}

/// The values of `a`, and of names with escapes, which may be any.
fn form(body: &[u8]) -> Vec<(usize, usize)> {
    let (mut at, mut places) = (0, Vec::new());
    for field in body.split(|byte| *byte == b'&') {
        if let Some(equals) = field.iter().position(|byte| *byte == b'=') {
            let name = &field[..equals];
            if name == b"a" || name.iter().take(257).any(|byte| b"%+".contains(byte)) {
                places.push((at + equals + 1, at + field.len()));
            }
        }
        at += field.len() + 1;
    }
    places
}

/// A plain reader of JSON, for values that are sound from the first byte to the last.
struct Json<'a> {
    bytes: &'a [u8],
    steps: &'a [Option<&'a str>],
    places: Vec<(usize, usize)>,
}

impl Json<'_> {
    /// The places, if all of it is sound: containers, one behind the other.
    fn all(mut self) -> Option<Vec<(usize, usize)>> {
        let mut at = self.blanks(0);
        while at < self.bytes.len() {
            if !b"{[".contains(&self.bytes[at]) {
                return None;
            }
            at = self.value(at, 0, Some(0))?;
            at = self.blanks(at);
        }
        Some(self.places)
    }

    fn blanks(&self, at: usize) -> usize {
        let rest = self.bytes[at..].iter();
        at + rest.take_while(|byte| b" \t\r\n".contains(byte)).count()
    }

    /// A value that begins at `at`, and whose path are so many of the steps, if it is on the path at
    /// all: where it ends.
    fn value(&mut self, at: usize, depth: usize, path: Option<usize>) -> Option<usize> {
        let end = match self.bytes.get(at)? {
            b'{' | b'[' if depth == DEPTH_MAX => return None,
            b'{' => self.members(at + 1, depth, path)?,
            b'[' => self.elements(at + 1, depth, path)?,
            b'"' => self.string(at)?,
            _ => {
                let word = self.bytes[at..].iter();
                let is_word = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
                match word.take_while(is_word).count() {
                    0 => return None,
                    len => at + len,
                }
            }
        };
        if path == Some(self.steps.len()) {
            self.places.push((at, end));
        }
        Some(end)
    }

    fn string(&self, at: usize) -> Option<usize> {
        let mut inner = at + 1;
        loop {
            match self.bytes.get(inner)? {
                b'"' => return Some(inner + 1),
                b'\\' => inner += 2,
                _ => inner += 1,
            }
        }
    }

    fn members(&mut self, at: usize, depth: usize, path: Option<usize>) -> Option<usize> {
        let mut at = self.blanks(at);
        if self.bytes.get(at) == Some(&b'}') {
            return Some(at + 1);
        }
        loop {
            if self.bytes.get(at) != Some(&b'"') {
                return None;
            }
            let end = self.string(at)?;
            let name = &self.bytes[at + 1..end - 1];
            let step = path.and_then(|taken| self.steps.get(taken).copied().flatten());
            let is_any = name.contains(&b'\\');
            let is_next = step.is_some_and(|step| is_any || step.as_bytes() == name);
            at = self.blanks(end);
            if self.bytes.get(at) != Some(&b':') {
                return None;
            }
            at = self.blanks(at + 1);
            at = self.value(at, depth + 1, path.filter(|_| is_next).map(|taken| taken + 1))?;
            at = self.blanks(at);
            match self.bytes.get(at)? {
                b',' => at = self.blanks(at + 1),
                b'}' => return Some(at + 1),
                _ => return None,
            }
        }
    }

    fn elements(&mut self, at: usize, depth: usize, path: Option<usize>) -> Option<usize> {
        let mut at = self.blanks(at);
        if self.bytes.get(at) == Some(&b']') {
            return Some(at + 1);
        }
        let is_each = path.is_some_and(|taken| self.steps.get(taken) == Some(&None));
        loop {
            at = self.value(at, depth + 1, path.filter(|_| is_each).map(|taken| taken + 1))?;
            at = self.blanks(at);
            match self.bytes.get(at)? {
                b',' => at = self.blanks(at + 1),
                b']' => return Some(at + 1),
                _ => return None,
            }
        }
    }
}
