//! The files of a category of the lists of the University of Toulouse (UT1): names and URLs without
//! their scheme, one a line.

use super::Reading;
use crate::lists::domains::Scope;

pub(super) fn domains(reading: &mut Reading<'_>, file: &[u8]) {
    names(reading, file);
}

pub(super) fn urls(reading: &mut Reading<'_>, file: &[u8]) {
    names(reading, file);
}

fn names(reading: &mut Reading<'_>, file: &[u8]) {
    reading.lines(file, |reading, line, text| {
        if !text.starts_with('#') {
            let added = reading.builder.add_name(text, Scope::HereAndBelow);
            reading.keep(line, added);
        }
    });
}
