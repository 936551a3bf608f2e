//! Whole messages without any parser of HTTP: the wire is a sequence of lines that end in CR LF and
//! of counted bytes, taken from the front one after the other. It forgives nothing: what could be
//! read in two ways is an error.

use crate::meaning::{Asked, Lines, Meaning, Rest, Seen, Start};

/// Why reading stopped.
enum Stop {
    /// The wire ends within a message.
    Short,
    Wrong(String),
}

type Take<T> = Result<T, Stop>;

fn wrong<T>(what: &str) -> Take<T> {
    Err(Stop::Wrong(what.to_owned()))
}

struct Wire<'a>(&'a [u8]);

impl<'a> Wire<'a> {
    /// The next line. A CR or LF that ends no line, or a NUL, is an error.
    fn line(&mut self) -> Take<&'a [u8]> {
        for (at, byte) in self.0.iter().enumerate() {
            match byte {
                b'\r' if self.0.len() == at + 1 => return Err(Stop::Short),
                b'\r' if self.0[at + 1] == b'\n' => {
                    let line = &self.0[..at];
                    self.0 = &self.0[at + 2..];
                    return Ok(line);
                }
                b'\r' | b'\n' | 0 => return wrong("a control character in a line"),
                _ => {}
            }
        }
        Err(Stop::Short)
    }

    fn bytes(&mut self, count: usize) -> Take<&'a [u8]> {
        if self.0.len() < count {
            return Err(Stop::Short);
        }
        let (taken, rest) = self.0.split_at(count);
        self.0 = rest;
        Ok(taken)
    }

    /// Lines of fields up to the empty one.
    fn fields(&mut self) -> Take<Lines> {
        let mut fields = Lines::new();
        loop {
            let line = self.line()?;
            if line.is_empty() {
                return Ok(fields);
            }
            let mut parts = line.splitn(2, |byte| *byte == b':');
            let (name, value) = (parts.next().unwrap(), parts.next());
            let Some(value) = value else { return wrong("a line without a colon") };
            let token = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz";
            let name = String::from_utf8_lossy(name).to_ascii_lowercase();
            if name.is_empty() || !name.chars().all(|letter| token.contains(letter)) {
                return wrong("a name that is no token");
            }
            if value.iter().any(|byte| *byte != b'\t' && (*byte < b' ' || *byte == 127)) {
                return wrong("a control character in a value");
            }
            let blank = |byte: &u8| *byte == b' ' || *byte == b'\t';
            let from = value.iter().position(|byte| !blank(byte)).unwrap_or(value.len());
            let to = value.iter().rposition(|byte| !blank(byte)).map_or(from, |last| last + 1);
            fields.push((name, value[from..to].to_vec()));
        }
    }

    fn chunk_size(&mut self) -> Take<usize> {
        let line = self.line()?;
        if line.is_empty() || line.len() > 8 {
            return wrong("no size of a chunk");
        }
        let mut size = 0;
        for byte in line {
            let Some(digit) = (*byte as char).to_digit(16) else {
                return wrong("no size of a chunk");
            };
            size = size * 16 + digit as usize;
        }
        Ok(size)
    }
}

pub(crate) fn read(wire: &[u8], asked: &[Asked]) -> Result<Seen, String> {
    let mut wire = Wire(wire);
    let (mut messages, mut turn) = (Vec::new(), 0);
    while !wire.0.is_empty() {
        match message(&mut wire, asked.get(turn)) {
            Ok(meaning) => {
                let interim =
                    matches!(meaning.start, Start::Response { status: 100 | 102..=199, .. });
                turn += usize::from(!interim);
                messages.push(meaning);
            }
            Err(Stop::Short) => return Ok(Seen { messages, rest: Rest::Part }),
            Err(Stop::Wrong(what)) => return Err(what),
        }
    }
    Ok(Seen { messages, rest: Rest::Nothing })
}

fn message(wire: &mut Wire<'_>, asked: Option<&Asked>) -> Take<Meaning> {
    let words: Vec<&[u8]> = wire.line()?.splitn(3, |byte| *byte == b' ').collect();
    let [first, second, third] = words[..] else {
        return wrong("a first line without three parts");
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut fields = wire.fields()?;
    let mut taken = |wanted: &str| -> Vec<Vec<u8>> {
        let of_it = fields.iter().filter(|(name, _)| name == wanted);
        let values = of_it.map(|(_, value)| value.clone()).collect();
        fields.retain(|(name, _)| name != wanted);
        values
    };
    let (lengths, codings) = (taken("content-length"), taken("transfer-encoding"));
    let options = taken("connection").join(&b","[..]).to_ascii_lowercase();
    let mut closes =
        options.split(|byte| *byte == b',').any(|option| option.trim_ascii() == b"close");
    let start = if first == b"HTTP/1.1" {
        let [a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9'] = second else {
            return wrong("no status");
        };
        let digit = |byte: &u8| u16::from(byte - b'0');
        let status = digit(a) * 100 + digit(b) * 10 + digit(c);
        Start::Response { status, reason: third.to_vec() }
    } else {
        if third != b"HTTP/1.1" || !second.iter().all(u8::is_ascii_graphic) {
            return wrong("no request line");
        }
        let mut hosts = taken("host");
        if hosts.len() != 1 {
            return wrong("not one Host");
        }
        Start::Request { method: text(first), target: text(second), host: hosts.remove(0) }
    };
    if lengths.len() + codings.len() > 1 {
        return wrong("more than one framing field");
    }
    let (mut body, mut trailers) = (Vec::new(), Lines::new());
    if has_body(&start, asked)? {
        if let [length] = &lengths[..] {
            if !length.iter().all(u8::is_ascii_digit) {
                return wrong("no length");
            }
            let Ok(length) = text(length).parse() else { return wrong("no length") };
            body = wire.bytes(length)?.to_vec();
        } else if let [coding] = &codings[..] {
            if coding != b"chunked" {
                return wrong("another coding");
            }
            loop {
                let size = wire.chunk_size()?;
                if size == 0 {
                    break;
                }
                body.extend_from_slice(wire.bytes(size)?);
                if !wire.line()?.is_empty() {
                    return wrong("a chunk without its end");
                }
            }
            trailers = wire.fields()?;
        } else if matches!(start, Start::Response { .. }) {
            body = wire.bytes(wire.0.len())?.to_vec();
            closes = true;
        }
    }
    Ok(Meaning { start, fields, body, trailers, closes })
}

fn has_body(start: &Start, asked: Option<&Asked>) -> Take<bool> {
    match (start, asked) {
        (Start::Request { .. }, _) => Ok(true),
        (Start::Response { .. }, None) => wrong("a response that nobody asked for"),
        (Start::Response { status, .. }, Some(asked)) => {
            let never = *status < 200 || *status == 204 || *status == 304;
            let method = asked.method.as_str();
            Ok(!never && method != "HEAD" && !(method == "CONNECT" && *status < 300))
        }
    }
}
