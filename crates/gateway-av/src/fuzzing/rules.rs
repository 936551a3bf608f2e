//! Body of the fuzz target of rules of YARA.

use std::sync::Arc;

use gateway_inspect::{Chain, Examiner, Findings, Limits, Part, PartKind, Unscannable, Wanted};

use crate::yara::{Yara, YaraBuilder};

/// Bytes of a source: each rule becomes a program that takes time to compile.
const SOURCE_BYTES_MAX: usize = 1 << 10;

/// What is scanned besides the source itself: bytes in which modules look for headers.
const PART: &[u8] = b"MZ\x90\0 some words, \x7fELF, PK\x03\x04 and d8:announce";

/// Compiles arbitrary bytes as a source of rules, and scans a small part and the bytes themselves with
/// what they hold. Panics when an error has no place, or a second look, in other chunks, finds
/// anything else.
pub fn yara_rules(data: &[u8]) {
    let source = data.get(..SOURCE_BYTES_MAX).unwrap_or(data);
    let mut builder = YaraBuilder::default();
    let report = match builder.add_source("fuzz.yar", source) {
        Ok(report) => report,
        Err(error) => {
            assert!(error.line > 0 && error.column > 0 && !error.what.is_empty(), "{error:?}");
            return;
        }
    };
    assert!(report.left_out.iter().all(|(rule, _)| !rule.is_empty()), "{report:?}");
    let yara = builder.build();
    for part in [PART, source] {
        assert_eq!(look(&yara, part, part.len().max(1)), look(&yara, part, 7));
    }
}

/// The rules that hold, and why it could not be told.
fn look(yara: &Yara, bytes: &[u8], chunk: usize) -> (Vec<Arc<str>>, Option<Unscannable>) {
    let part = Part::root(PartKind::Unknown, None);
    let examiners: [Arc<dyn Examiner>; 1] = [Arc::new(yara.clone())];
    let mut chain = Chain::open(&examiners, &part, &Wanted::all(), &Limits::default());
    let mut found = Findings::new(0);
    for piece in bytes.chunks(chunk) {
        chain.push(piece, &mut found);
    }
    let unscannable = chain.finish(&mut found).unscannable;
    (found.as_slice().iter().map(|one| one.entry.id.clone()).collect(), unscannable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yara_sources_are_compiled_or_refused_wherever_they_end() {
        for source in [
            "rule a { strings: $a = \"words\" nocase wide ascii condition: #a > 0 and @a[1] < 20 }",
            "rule b { meta: of = \"this\" strings: $a = /s[o0]me\\s+w[a-z]{2,4}/i condition: $a }",
            "import \"pe\" rule c { condition: pe.is_pe or (filesize < 9 and uint16(0) == 0x5a4d) }",
            "rule d { strings: $a = { 50 4B ( 03 | 05 ) ~04 } condition: $a in (0..99) } rule \u{e9}",
        ] {
            for end in (0..source.len()).step_by(3).chain([source.len()]) {
                yara_rules(&source.as_bytes()[..end]);
            }
        }
    }

    #[test]
    fn what_a_source_finds_is_seen() {
        let mut builder = YaraBuilder::default();
        builder.add_source("a.yar", b"rule a { strings: $a = \"words\" condition: $a }").unwrap();
        let yara = builder.build();
        assert_eq!(look(&yara, PART, 7), (vec![Arc::from("YARA.a")], None));
        assert_eq!(look(&yara, b"none", 7), (vec![], None));
    }
}
