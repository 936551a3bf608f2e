//! Tables as text (RFC 4180): fields between a delimiter, in quotes where they hold one; lines end
//! with LF, CRLF or CR.

/// Reads a table piece by piece.
#[derive(Debug)]
pub(super) struct CsvReader {
    delimiter: u8,
    state: State,
    field: Vec<u8>,
    record: Vec<Vec<u8>>,
    /// Bytes of a field that are kept; what is longer is no cell anyway.
    field_max: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// At the start of a field.
    Start,
    Plain,
    Quoted,
    /// Behind a quote within quotes: the end, or one that is doubled.
    Quote,
    /// Behind a CR.
    Return,
}

impl CsvReader {
    pub(super) const fn new(delimiter: u8, field_max: usize) -> Self {
        Self { delimiter, state: State::Start, field: Vec::new(), record: Vec::new(), field_max }
    }

    /// Takes some bytes, and gives each record that ends in them.
    pub(super) fn push(&mut self, bytes: &[u8], mut each: impl FnMut(&[Vec<u8>])) {
        for byte in bytes {
            if self.state == State::Return {
                self.state = State::Start;
                if *byte == b'\n' {
                    continue;
                }
            }
            match (self.state, *byte) {
                (State::Start, b'"') => self.state = State::Quoted,
                (State::Quoted, b'"') => self.state = State::Quote,
                (State::Quote, b'"') => {
                    self.keep(b'"');
                    self.state = State::Quoted;
                }
                (State::Quoted, byte) => self.keep(byte),
                (_, byte) if byte == self.delimiter => self.end_field(),
                (_, b'\n' | b'\r') => {
                    self.end_record(&mut each);
                    self.state = if *byte == b'\r' { State::Return } else { State::Start };
                }
                (_, byte) => {
                    self.keep(byte);
                    self.state = State::Plain;
                }
            }
        }
    }

    /// The table has ended.
    pub(super) fn finish(&mut self, mut each: impl FnMut(&[Vec<u8>])) {
        if self.state != State::Start || !self.field.is_empty() || !self.record.is_empty() {
            if self.state != State::Return {
                self.end_record(&mut each);
            }
            self.state = State::Start;
        }
    }

    fn keep(&mut self, byte: u8) {
        if self.field.len() <= self.field_max {
            self.field.push(byte);
        }
    }

    fn end_field(&mut self) {
        self.record.push(std::mem::take(&mut self.field));
        self.state = State::Start;
    }

    fn end_record(&mut self, each: &mut impl FnMut(&[Vec<u8>])) {
        self.end_field();
        // An empty line is no record.
        if self.record.len() > 1 || self.record.iter().any(|field| !field.is_empty()) {
            each(&self.record);
        }
        self.record.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read_at_any_chunking() {
        for (text, expected) in [
            ("a,b\nc,d\n", vec![vec!["a", "b"], vec!["c", "d"]]),
            ("a,b\r\nc,d", vec![vec!["a", "b"], vec!["c", "d"]]),
            ("\"a,\"\"1\"\"\nx\",b\r\r\n\n", vec![vec!["a,\"1\"\nx", "b"]]),
            ("a,\n,b", vec![vec!["a", ""], vec!["", "b"]]),
            ("", vec![]),
        ] {
            for chunk in [1, 2, 3, 100] {
                let mut records = Vec::new();
                let mut each = |record: &[Vec<u8>]| {
                    let text = |field: &Vec<u8>| String::from_utf8(field.clone()).unwrap();
                    records.push(record.iter().map(text).collect::<Vec<_>>());
                };
                let mut reader = CsvReader::new(b',', 100);
                for piece in text.as_bytes().chunks(chunk) {
                    reader.push(piece, &mut each);
                }
                reader.finish(&mut each);
                assert_eq!(records, expected, "{text:?} by {chunk}");
            }
        }
    }
}
