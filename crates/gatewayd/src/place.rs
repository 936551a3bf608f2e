//! Where in a text file something stands, and how to get there from a byte offset. Knows nothing
//! of what the text means.

use std::fmt;
use std::path::{Path, PathBuf};

/// A position in a file, counted as editors count: lines and columns from 1, columns in
/// characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// The file.
    pub(crate) file: PathBuf,
    /// Its line, from 1.
    pub(crate) line: usize,
    /// The character within the line, from 1.
    pub(crate) column: usize,
}

impl Place {
    /// The place of byte `offset` of `text`, the contents of `file`. An offset beyond the end
    /// stands for the end.
    pub(crate) fn of(file: &Path, text: &str, offset: usize) -> Self {
        let before: &[u8] = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
        let line_start = before.iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1);
        let in_line = before.get(line_start..).unwrap_or_default();
        Self {
            file: file.to_owned(),
            line: before.iter().filter(|&&b| b == b'\n').count() + 1,
            // Continuation bytes of UTF-8 belong to the character before them.
            column: in_line.iter().filter(|&&b| b & 0xC0 != 0x80).count() + 1,
        }
    }
}

impl Place {
    /// What `told` says beyond the place, where it begins with it.
    pub(crate) fn taken_from(&self, told: String) -> String {
        told.strip_prefix(&format!("{self}: ")).map(str::to_owned).unwrap_or(told)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file.display(), self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_as_editors_do() {
        let text = "a = 1\nb = \"ü\" # x\n";
        for (offset, line, column) in
            [(0, 1, 1), (4, 1, 5), (6, 2, 1), (11, 2, 6), (13, 2, 7), (19, 3, 1), (999, 3, 1)]
        {
            let place = Place::of(Path::new("f"), text, offset);
            assert_eq!((place.line, place.column), (line, column), "offset {offset}");
        }
        assert_eq!(Place::of(Path::new("x/f.toml"), text, 6).to_string(), "x/f.toml:2:1");
    }
}
