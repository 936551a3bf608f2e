//! Classes of bytes: `[a-z\d]`.

use super::escape::{BLANK, Place, VERTICAL};
use super::{OTHER, Refusal, Translator, WRONG, push_byte};

impl<'a> Translator<'a> {
    /// What has begun with a bracket.
    pub(super) fn class(&mut self) -> Result<(), Refusal> {
        self.out.push('[');
        if self.eat(b"^") {
            self.out.push('^');
        }
        let mut is_first = true;
        loop {
            if !is_first && self.eat(b"]") {
                break;
            }
            is_first = false;
            let Some(from) = self.class_item()? else { continue };
            let is_range = self.rest.first() == Some(&b'-') && self.rest.get(1) != Some(&b']');
            if !is_range {
                push_byte(&mut self.out, from);
                continue;
            }
            self.skip(1);
            let before = self.out.len();
            let Some(to) = self.class_item()? else {
                // Behind a range there is no class.
                self.out.truncate(before);
                return Err(OTHER);
            };
            if from > to {
                return Err(WRONG);
            }
            push_byte(&mut self.out, from);
            self.out.push('-');
            push_byte(&mut self.out, to);
        }
        self.atom("]");
        Ok(())
    }

    /// The byte that comes next in a class; `None` for several, which are put out.
    fn class_item(&mut self) -> Result<Option<u8>, Refusal> {
        let Some((byte, rest)) = self.rest.split_first() else { return Err(WRONG) };
        if *byte == b'[' && matches!(rest.first(), Some(b':' | b'.' | b'=')) {
            return self.named_class(rest);
        }
        self.rest = rest;
        if *byte != b'\\' {
            return Ok(Some(*byte));
        }
        let Some((letter, rest)) = self.rest.split_first() else { return Err(WRONG) };
        if let Some(byte) = self.escaped_byte(Place::Class)? {
            return Ok(Some(byte));
        }
        self.rest = rest;
        match letter {
            b'd' | b'D' | b'w' | b'W' | b's' | b'S' => {
                self.out += &format!("\\{}", char::from(*letter));
            }
            b'h' => self.out += BLANK,
            b'v' => self.out += VERTICAL,
            _ => return Err(OTHER),
        }
        Ok(None)
    }

    /// `[:name:]`, of which `rest` is what follows on the bracket.
    fn named_class(&mut self, rest: &'a [u8]) -> Result<Option<u8>, Refusal> {
        const NAMES: [&str; 14] = [
            "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print",
            "punct", "space", "upper", "word", "xdigit",
        ];
        let end = rest.windows(2).position(|two| two == b":]");
        let name =
            end.and_then(|end| rest.get(1..end)).and_then(|name| std::str::from_utf8(name).ok());
        let is_name = |name: &str| NAMES.contains(&name.strip_prefix('^').unwrap_or(name));
        let (Some(end), Some(name)) = (end, name.filter(|name| is_name(name))) else {
            if rest.first() == Some(&b':') && end.is_none() {
                // A bracket and a colon, and no name.
                self.rest = rest;
                return Ok(Some(b'['));
            }
            return Err(OTHER);
        };
        self.out += &format!("[:{name}:]");
        self.rest = rest.get(end + 2..).unwrap_or_default();
        Ok(None)
    }
}
