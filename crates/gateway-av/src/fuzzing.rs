//! Bodies of the fuzz targets: plain functions, so that a corpus replays in ordinary tests.

use gateway_inspect::{Chain, Finding, Findings, Limits, Part, PartKind, Wanted};

use crate::{Av, DatabaseBuilder};

/// Loads arbitrary bytes as a signature file, and scans them with what they hold.
///
/// The first byte says what form the rest has. Panics when a second look, in other chunks, finds
/// anything else.
pub fn clamav_load(data: &[u8]) {
    let Some((form, contents)) = data.split_first() else { return };
    let name = match (form, form % 3) {
        (252..=253, _) => "fuzz.ign",
        (254..=255, _) => "fuzz.ign2",
        (_, 0) => "fuzz.hdb",
        (_, 1) => "fuzz.ndb",
        _ => "fuzz.ldb",
    };
    let mut builder = DatabaseBuilder::default();
    if builder.add_file(name, contents).is_err() {
        assert_eq!(builder.clone().build().signatures(), 1, "a refused file left something behind");
    }
    let av = builder.build();
    let chunk = usize::from(*form) / 3 + 1;
    assert_eq!(scan(&av, contents, contents.len().max(1)), scan(&av, contents, chunk));
}

fn scan(av: &Av, bytes: &[u8], chunk: usize) -> Vec<Finding> {
    let part = Part::root(PartKind::Text, None);
    let mut chain = Chain::open(&av.examiners(), &part, &Wanted::all(), &Limits::default());
    let mut found = Findings::new(0);
    for bytes in bytes.chunks(chunk) {
        chain.push(bytes, &mut found);
    }
    chain.finish(&mut found);
    let mut findings: Vec<_> = found.drain().collect();
    findings.sort_by(|a, b| (a.place, &a.entry.id).cmp(&(b.place, &b.entry.id)));
    findings
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    #[test]
    fn the_corpus_replays() {
        for seed in [
            &include_bytes!("../corpus/clamav_load/bad_line")[..],
            include_bytes!("../corpus/clamav_load/bodies"),
            include_bytes!("../corpus/clamav_load/hashes"),
            include_bytes!("../corpus/clamav_load/logicals"),
            include_bytes!("../corpus/clamav_load/unsupported"),
            include_bytes!("../corpus/clamav_load/zeros"),
        ] {
            let forms = (0..=9).map(|form| seed[0] % 3 + 3 * form).chain(252..=255);
            for form in forms {
                super::clamav_load(&[&[form], &seed[1..]].concat());
            }
            for end in 0..seed.len() {
                super::clamav_load(&seed[..end]);
            }
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_load_or_are_refused(data in proptest::collection::vec(any::<u8>(), 0..300)) {
            super::clamav_load(&data);
        }

        #[test]
        fn logical_lines_that_are_nearly_right_load_or_are_refused(
            form in any::<u8>(),
            lines in proptest::collection::vec("[a-c];Target:0;[01(]{1,2}[&|=<>]?[01)]?(;[36a?*()|0-9]{2,12}(::[iwaf]{1,2})?){1,2}", 0..6),
        ) {
            super::clamav_load(&[&[form % 80 * 3 + 2], lines.join("\n").as_bytes()].concat());
        }

        #[test]
        fn lines_that_are_nearly_right_load_or_are_refused(
            form in any::<u8>(),
            lines in proptest::collection::vec("[a-c]:[0-9]{1,2}:(\\*|[0-9],?[0-9]?|EOF-[0-9]{1,2}|[ES]P?.):[36a?*{}()|!BW0-9-]{0,30}", 0..6),
        ) {
            super::clamav_load(&[&[form % 80 * 3 + 1], lines.join("\n").as_bytes()].concat());
        }
    }
}
