//! Where in a body a prompt stands: the bytes of the values at a path in JSON, or of a field of a form,
//! in a body as it is sent. In doubt a byte is one of the prompt's.

use gateway_content::BodyInfo;
use gateway_inspect::{Offset, Span, Tally};

use super::Body;
use crate::catalogs::{JsonStep, Location, Prompt};

/// Objects and arrays within each other that are told apart. What lies deeper is at no path.
const DEPTH_MAX: usize = 64;

/// Bytes of a name that are compared; a longer one is none that is looked for.
const NAME_BYTES_MAX: usize = 256;

/// Places that are remembered; of more, everything behind is the prompt.
const PLACES_MAX: usize = 4_096;

/// A prompt, and what was found in it.
pub(super) struct PromptSeen {
    pub(super) places: PromptPlaces,
    pub(super) tally: Tally,
}

impl Body {
    /// It carries `prompt`; to be told before the first byte.
    pub(crate) fn carries(&mut self, prompt: &Prompt, info: &BodyInfo) {
        let Some(unpacker) = &mut self.unpacker else { return };
        unpacker.tell_spans();
        let mut places = PromptPlaces::new(&prompt.location);
        if !info.codings.is_empty() || info.opaque.is_some() {
            places.cannot_follow();
        }
        self.prompt = Some(Box::new(PromptSeen { places, tally: Tally::default() }));
    }

    /// What was found in the prompt that it carries.
    pub(crate) fn prompt(&self) -> Option<&Tally> {
        self.prompt.as_ref().map(|prompt| &prompt.tally)
    }
}

/// Follows one body, or one message after the other.
#[derive(Debug)]
pub(super) struct PromptPlaces {
    reader: Reader,
    at: Offset,
    places: Vec<Span>,
    /// Where the place under way begins.
    open: Option<Offset>,
}

/// What is followed.
#[derive(Debug)]
enum Reader {
    Json(Json),
    Form(Form),
    /// It cannot be followed: all of it may be the prompt.
    Whole,
}

impl PromptPlaces {
    pub(super) fn new(location: &Location) -> Self {
        let reader = match location {
            Location::Json(steps) => Reader::Json(Json::new(steps.clone())),
            Location::Form(name) => Reader::Form(Form::new(name)),
        };
        Self { reader, at: Offset::ZERO, places: Vec::new(), open: None }
    }

    /// It is in a coding in which no place can be told.
    pub(super) fn cannot_follow(&mut self) {
        self.reader = Reader::Whole;
    }

    /// The next message begins.
    pub(super) fn begin_message(&mut self) {
        match &mut self.reader {
            Reader::Json(json) => json.restart(),
            Reader::Form(form) => form.restart(),
            Reader::Whole => {}
        }
        (self.at, self.open) = (Offset::ZERO, None);
        self.places.clear();
    }

    /// Takes the next bytes.
    pub(super) fn read(&mut self, bytes: &[u8]) {
        let from = self.at;
        for (index, byte) in bytes.iter().enumerate() {
            let at = from + index;
            match &mut self.reader {
                Reader::Json(json) => json.read(*byte, at, &mut self.open, &mut self.places),
                Reader::Form(form) => form.read(*byte, at, &mut self.open, &mut self.places),
                Reader::Whole => break,
            }
            let is_broken = matches!(&self.reader, Reader::Json(json) if json.is_broken);
            if is_broken || self.places.len() > PLACES_MAX {
                self.reader = Reader::Whole;
            }
        }
        self.at += bytes.len();
    }

    /// Whether what was found in `spans` lies in a prompt, in part at least. Where something was found
    /// whose place is not known may be there.
    pub(super) fn hold(&self, spans: Option<&[Span]>) -> bool {
        let Some(spans) = spans else { return true };
        if matches!(self.reader, Reader::Whole) {
            return true;
        }
        let open = self.open.map(|open| Span::new(open, Offset::MAX));
        let mut places = self.places.iter().copied().chain(open);
        places.any(|place| spans.iter().any(|it| it.start < place.end && place.start < it.end))
    }
}

/// JSON, as far as paths need it.
#[derive(Debug)]
struct Json {
    steps: Vec<JsonStep>,
    /// Containers, the innermost last.
    stack: Vec<Container>,
    /// Containers too deep for the stack.
    deeper: usize,
    state: State,
    key: Vec<u8>,
    /// Whether an escape stands in the key, which then may be any.
    is_any_key: bool,
    /// How many containers are around the place under way.
    place_depth: usize,
    /// It is no JSON: whoever reads it all the same may see anything.
    is_broken: bool,
}

#[derive(Clone, Copy, Debug)]
struct Container {
    is_object: bool,
    /// Whether it is what the steps up to it lead to.
    is_on_path: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// A value, or a name, may begin.
    Between,
    /// Within a name, or behind a `\` there.
    Key,
    KeyEscape,
    /// Between a name and its value.
    Colon,
    /// Within a string, or behind a `\` there.
    Text,
    TextEscape,
    /// Within a number or a word.
    Word,
}

impl Json {
    fn new(steps: Vec<JsonStep>) -> Self {
        Self {
            steps,
            stack: Vec::new(),
            deeper: 0,
            state: State::Between,
            key: Vec::new(),
            is_any_key: false,
            place_depth: 0,
            is_broken: false,
        }
    }

    fn restart(&mut self) {
        *self = Self::new(std::mem::take(&mut self.steps));
    }

    fn read(&mut self, byte: u8, at: Offset, open: &mut Option<Offset>, places: &mut Vec<Span>) {
        match self.state {
            State::Text => match byte {
                b'"' => {
                    self.state = State::Between;
                    self.end_value(at + 1, open, places);
                }
                b'\\' => self.state = State::TextEscape,
                _ => {}
            },
            State::TextEscape => self.state = State::Text,
            State::Key => match byte {
                b'"' => self.state = State::Colon,
                b'\\' => {
                    self.is_any_key = true;
                    self.state = State::KeyEscape;
                }
                _ if self.key.len() <= NAME_BYTES_MAX => self.key.push(byte),
                _ => {}
            },
            State::KeyEscape => self.state = State::Key,
            State::Colon => match byte {
                b':' => self.state = State::Between,
                b' ' | b'\t' | b'\r' | b'\n' => {}
                _ => self.between(byte, at, open, places),
            },
            State::Word => match byte {
                b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n' => {
                    self.state = State::Between;
                    self.end_value(at, open, places);
                    self.between(byte, at, open, places);
                }
                _ => {}
            },
            State::Between => self.between(byte, at, open, places),
        }
    }

    fn between(&mut self, byte: u8, at: Offset, open: &mut Option<Offset>, places: &mut Vec<Span>) {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' | 0x1e => {}
            b',' => self.forget_key(),
            b'}' | b']' => {
                if self.deeper > 0 {
                    self.deeper -= 1;
                } else {
                    let opened = self.stack.pop().map(|container| container.is_object);
                    self.is_broken |= opened != Some(byte == b'}');
                }
                self.state = State::Between;
                self.end_value(at + 1, open, places);
                self.forget_key();
            }
            b'"' if self.awaits_key() => {
                self.forget_key();
                self.state = State::Key;
            }
            _ => self.begin_value(byte, at, open),
        }
    }

    /// Whether the string that begins is a name.
    fn awaits_key(&self) -> bool {
        let in_object = self.stack.last().is_some_and(|container| container.is_object);
        in_object && self.deeper == 0 && self.key.is_empty() && !self.is_any_key
    }

    fn forget_key(&mut self) {
        self.key.clear();
        self.is_any_key = false;
    }

    fn begin_value(&mut self, byte: u8, at: Offset, open: &mut Option<Offset>) {
        let depth = self.stack.len();
        self.is_broken |= depth == 0 && !matches!(byte, b'{' | b'[');
        let parent = self.stack.last().copied();
        let is_on_path = self.deeper == 0
            && parent.is_none_or(|parent| {
                parent.is_on_path
                    && match self.steps.get(depth.saturating_sub(1)) {
                        Some(JsonStep::Each) => !parent.is_object,
                        Some(JsonStep::Key(key)) => {
                            parent.is_object && (self.is_any_key || self.key == key.as_bytes())
                        }
                        None => false,
                    }
            });
        if is_on_path && depth == self.steps.len() && open.is_none() {
            *open = Some(at);
            self.place_depth = depth;
        }
        self.state = match byte {
            b'"' => State::Text,
            b'{' | b'[' => {
                if depth < DEPTH_MAX && self.deeper == 0 {
                    self.stack.push(Container { is_object: byte == b'{', is_on_path });
                } else {
                    self.deeper += 1;
                }
                self.forget_key();
                State::Between
            }
            _ => State::Word,
        };
    }

    /// A value has ended before `end`.
    fn end_value(&mut self, end: Offset, open: &mut Option<Offset>, places: &mut Vec<Span>) {
        if self.deeper == 0
            && self.stack.len() <= self.place_depth
            && let Some(start) = open.take()
        {
            places.push(Span::new(start, end));
        }
    }
}

/// A form: `name=value` between `&`.
#[derive(Debug)]
struct Form {
    wanted: String,
    name: Vec<u8>,
    in_value: bool,
}

impl Form {
    fn new(name: &str) -> Self {
        Self { wanted: name.to_owned(), name: Vec::new(), in_value: false }
    }

    fn restart(&mut self) {
        self.name.clear();
        self.in_value = false;
    }

    fn read(&mut self, byte: u8, at: Offset, open: &mut Option<Offset>, places: &mut Vec<Span>) {
        match byte {
            b'&' => {
                if let Some(start) = open.take() {
                    places.push(Span::new(start, at));
                }
                self.restart();
            }
            b'=' if !self.in_value => {
                self.in_value = true;
                // A name with escapes may be any.
                let is_any = self.name.iter().any(|byte| matches!(byte, b'%' | b'+'));
                if is_any || self.name == self.wanted.as_bytes() {
                    *open = Some(at + 1);
                }
            }
            _ if !self.in_value && self.name.len() <= NAME_BYTES_MAX => self.name.push(byte),
            _ => {}
        }
    }
}

/// Where in `body`, read in pieces of `cut` bytes, the prompt stands at `location`, as catalogs write it
/// (`json:a[*].b`, `form:f`): the first byte and the one behind the last of each place. `None` where
/// all of it may be the prompt, or where `location` is none. For fuzzing.
#[cfg(feature = "fuzz")]
#[must_use]
pub fn prompt_places(location: &str, body: &[u8], cut: usize) -> Option<Vec<(usize, usize)>> {
    let rows = crate::catalogs::Prompts::parse(&format!("a,POST,a.example,/x,{location}")).ok()?;
    let prompt = rows.of_request("POST", "a.example", "/x")?;
    let mut places = PromptPlaces::new(&prompt.location);
    for piece in body.chunks(cut.max(1)) {
        places.read(piece);
        assert!(places.places.len() <= PLACES_MAX + 1, "too many places are remembered");
    }
    if matches!(places.reader, Reader::Whole) {
        return None;
    }
    let open = places.open.map(|open| Span::new(open, places.at));
    let index = |at: Offset| usize::try_from(at.as_u64()).unwrap_or(usize::MAX);
    let all = places.places.iter().chain(&open);
    Some(all.map(|span| (index(span.start), index(span.end))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogs::Prompts;

    fn places(location: &str, body: &str, cut: usize) -> Vec<String> {
        let row = format!("a,POST,a.example,/x,{location}");
        let rows = Prompts::parse(&row).expect("sound");
        let prompt = rows.of_request("POST", "a.example", "/x").expect("it is there");
        let mut places = PromptPlaces::new(&prompt.location);
        for piece in body.as_bytes().chunks(cut) {
            places.read(piece);
        }
        let end = Offset::new(body.len() as u64);
        let open = places.open.map(|open| Span::new(open, end));
        let text =
            |span: &Span| body[span.start.as_u64() as usize..span.end.as_u64() as usize].into();
        places.places.iter().chain(&open).map(text).collect()
    }

    #[test]
    fn values_are_found_by_their_path() {
        for (location, body, found) in [
            ("json:a", r#"{"a": "x", "b": "y", "a": 12}"#, vec![r#""x""#, "12"]),
            ("json:a", r#"{"b": {"a": "x"}, "c": ["a", {"a": 1}]}"#, vec![]),
            ("json:a.b", r#"{"a": {"b": "x\"}", "c": 1}}"#, vec![r#""x\"}""#]),
            ("json:a[*].b", r#"{"a": [{"b": 1}, {"b": "y"}, 3]}"#, vec!["1", r#""y""#]),
            ("json:[*]", r#"["x", ["y"], {"z": 1}]"#, vec![r#""x""#, r#"["y"]"#, r#"{"z": 1}"#]),
            (
                "json:a",
                r#"{"a": {"b": ["x", {"a": "y"}]}, "c": 1}"#,
                vec![r#"{"b": ["x", {"a": "y"}]}"#],
            ),
            ("json:a", r#"{"\u0061": "x", "b": "y"}"#, vec![r#""x""#]),
            // Messages with a separator between them; what never ends.
            ("json:a", "{\"a\": 1}\u{1e}{\"a\": 2}\u{1e}", vec!["1", "2"]),
            ("json:a", r#"{"a": "x y"#, vec![r#""x y"#]),
            ("json:a", r#"{"a" : "x" , "b" : "y" }"#, vec![r#""x""#]),
            ("form:f", "a=1&f=x%20y&g=f&ff=2", vec!["x%20y"]),
            ("form:f", "f=x=y&%66=z", vec!["x=y", "z"]),
            ("form:f", "a=f", vec![]),
        ] {
            for cut in [1, 2, 3, 7, 99] {
                assert_eq!(places(location, body, cut), found, "{location} {body} by {cut}");
            }
        }
    }

    #[test]
    fn what_is_too_deep_or_too_much_is_bounded() {
        let deep = format!("{}{{\"a\": 1{}", "[".repeat(1000), "]".repeat(1000));
        assert_eq!(places("json:a", &deep, 64), [""; 0]);
        let wide = format!("[{}]", "1,".repeat(2 * PLACES_MAX));
        let mut found = PromptPlaces::new(&Location::Json(vec![JsonStep::Each]));
        found.read(wide.as_bytes());
        assert!(found.places.len() <= PLACES_MAX + 1);
        let span = Span::new(Offset::ZERO, Offset::new(1));
        assert!(found.hold(Some(&[span])), "nobody knows");
    }

    #[test]
    fn what_is_no_json_may_be_the_prompt() {
        for (body, whole) in [
            (r#"{"a": [ } "x" ]}"#, true),
            ("}", true),
            ("a=b", true),
            (r#"{"b": ["x"], "c": {}}"#, false),
        ] {
            let mut places = PromptPlaces::new(&Location::Json(vec![JsonStep::Key("a".into())]));
            places.read(body.as_bytes());
            let span = Span::new(Offset::ZERO, Offset::new(1));
            assert_eq!(places.hold(Some(&[span])), whole, "{body}");
        }
    }

    #[test]
    fn what_overlaps_a_place_is_in_it() {
        let mut places = PromptPlaces::new(&Location::Json(vec![JsonStep::Key("a".into())]));
        places.read(br#"{"a": "xy", "b": "z"#);
        let span = |from, to| [Span::new(Offset::new(from), Offset::new(to))];
        for (from, to, is_in) in [(0, 6, false), (5, 7, true), (7, 9, true), (10, 12, false)] {
            assert_eq!(places.hold(Some(&span(from, to))), is_in, "{from}..{to}");
        }
        assert!(places.hold(None));
        places.cannot_follow();
        assert!(places.hold(Some(&span(0, 1))));
    }

    proptest::proptest! {
        /// Whatever the bytes, no piece of them matters, and memory stays small.
        #[test]
        fn any_pieces_give_the_same(
            body in proptest::collection::vec(
                proptest::sample::select(br#"{}[]",:\a1 "#.to_vec()), 0..60,
            ),
            cut in 1..9usize,
        ) {
            let body = String::from_utf8(body).unwrap();
            proptest::prop_assert_eq!(places("json:a[*]", &body, cut), places("json:a[*]", &body, 99));
        }
    }
}
