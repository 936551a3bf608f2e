//! Plain text: one entry a line. `#` begins a comment; in lists of texts only at the start of a
//! line, since a text may hold one.

use super::{Reading, without_comment};
use crate::lists::ListKind;

pub(super) fn read(reading: &mut Reading<'_>, file: &[u8]) {
    let whole = matches!(reading.builder.kind(), ListKind::Text | ListKind::Wildcard);
    reading.lines(file, |reading, line, text| {
        let entry = match (whole, text.starts_with('#')) {
            (_, true) => "",
            (true, false) => text,
            (false, false) => without_comment(text),
        };
        if !entry.is_empty() {
            let added = reading.builder.add(entry);
            reading.keep(line, added);
        }
    });
}
