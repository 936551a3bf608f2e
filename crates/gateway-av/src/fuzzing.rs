//! Bodies of the fuzz targets: plain functions, so that a corpus replays in ordinary tests.

use std::sync::LazyLock;

use gateway_inspect::{Chain, Finding, Findings, Limits, Part, PartId, PartKind, Wanted};

use crate::{Av, DatabaseBuilder, LoadError, Report};

mod databases;
#[cfg(feature = "yara")]
mod rules;

pub use databases::{clamav_container, clamav_image, clamav_signature, clamav_update};
#[cfg(feature = "yara")]
pub use rules::yara_rules;

/// Loads arbitrary bytes as a signature file, and scans them with what they hold.
///
/// The first byte says what form the rest has. Panics when a second look, in other chunks, finds
/// anything else.
pub fn clamav_load(data: &[u8]) {
    let Some((form, contents)) = data.split_first() else { return };
    let name = match (form, form % 3) {
        (244..=245, _) => "fuzz.cdb",
        (246..=247, _) => "fuzz.ftm",
        (248, _) => "fuzz.mdb",
        (249, _) => "fuzz.imp",
        (250..=251, _) => "fuzz.sfp",
        (252..=253, _) => "fuzz.ign",
        (254..=255, _) => "fuzz.ign2",
        (_, 0) => "fuzz.hdb",
        (_, 1) => "fuzz.ndb",
        _ => "fuzz.ldb",
    };
    let mut builder = DatabaseBuilder::default();
    let added = builder.add_file(name, contents);
    assert_eq!(added, in_pieces(name, contents, usize::from(*form) / 3 + 1), "in pieces");
    if added.is_err() {
        assert_eq!(builder.clone().build().signatures(), 1, "a refused file left something behind");
    }
    let av = builder.build();
    let chunk = usize::from(*form) / 3 + 1;
    assert_eq!(scan(&av, contents, contents.len().max(1)), scan(&av, contents, chunk));
}

/// What a signature file comes to that is taken in by so many bytes at a time.
fn in_pieces(name: &str, contents: &[u8], size: usize) -> Result<Report, LoadError> {
    let mut builder = DatabaseBuilder::default();
    let mut file = builder.begin_file(name)?;
    contents.chunks(size).try_for_each(|piece| file.push(piece))?;
    file.finish()
}

/// Reads arbitrary bytes as a program, and scans them with signatures over the pieces of programs.
///
/// The first byte is the length of the chunks. Panics when a second look, in other chunks, finds
/// anything else.
pub fn clamav_program(data: &[u8]) {
    static AV: LazyLock<Av> = LazyLock::new(|| of_files(&PROGRAM_SIGNATURES).build());
    let Some((chunk, bytes)) = data.split_first() else { return };
    let chunk = usize::from(*chunk) + 1;
    assert_eq!(scan(&AV, bytes, bytes.len().max(1)), scan(&AV, bytes, chunk));
}

/// Files of signatures, all of which are sound.
fn of_files(files: &[(&str, &str)]) -> DatabaseBuilder {
    let mut builder = DatabaseBuilder::default();
    for (name, lines) in files {
        if let Err(error) = builder.add_file(name, lines.as_bytes()) {
            debug_assert!(false, "{error}");
        }
    }
    builder
}

/// Signatures that any program is looked at for.
const PROGRAM_SIGNATURES: [(&str, &str); 4] = [
    ("p.mdb", "*:d41d8cd98f00b204e9800998ecf8427e:section:73"),
    ("p.imp", "d41d8cd98f00b204e9800998ecf8427e:*:imports:73"),
    (
        "p.ndb",
        "a:1:EP+0:0000\nb:1:SE0:2e2e\nc:6:EP-2:0000\nd:9:SL+0,64:0000\ne:9:S0+1:2e2e\n\
         h:6:SE1:2e2e*2e2e\nm:1:VI:4e00*5700\ni:6:S1+0,9:2e2e\nj:6:SL+0:0000",
    ),
    (
        "p.ldb",
        "f;Engine:51-255,Target:1,NumberOfSections:1-9;0&1;2e2e;0(>>2#ib1#=0x2e)\n\
         g;Engine:51-255,Target:6,EntryPoint:0-999;0=0;ffff\n\
         k;Engine:81-255,Target:6;0&1>1;SE1:2e2e;S1+2,99:0/\\x2e[^x]/ge\n\
         l;Engine:81-255,Target:1;0&1;2e2e;EP+0:0/../r",
    ),
];

fn scan(av: &Av, bytes: &[u8], chunk: usize) -> Vec<Finding> {
    // Programs are looked at as such.
    let kind = match bytes.first_chunk() {
        Some(b"MZ") => PartKind::Pe,
        Some(b"\x7fE") => PartKind::Elf,
        Some(b"\xcf\xfa" | b"\xce\xfa" | b"\xfe\xed") => PartKind::MachO,
        _ => PartKind::Text,
    };
    let zip = Part::root(PartKind::Zip, None);
    let mut part = Part::member(PartId::new(1), &zip, "zip:in/a.exe".into(), 0);
    part.kind = kind;
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
            include_bytes!("../corpus/clamav_load/members"),
            include_bytes!("../corpus/clamav_load/file_types"),
            include_bytes!("../corpus/clamav_load/sections"),
            include_bytes!("../corpus/clamav_load/followers"),
            include_bytes!("../corpus/clamav_load/places"),
            include_bytes!("../corpus/clamav_load/expressions"),
            include_bytes!("../corpus/clamav_load/sections_of_elf"),
            include_bytes!("../corpus/clamav_load/places_in_containers"),
        ] {
            let forms = (0..=9).map(|form| seed[0] % 3 + 3 * form).chain(244..=255);
            for form in forms {
                super::clamav_load(&[&[form], &seed[1..]].concat());
            }
            for end in 0..seed.len() {
                super::clamav_load(&seed[..end]);
            }
        }
    }

    #[test]
    fn the_corpus_of_programs_replays() {
        for seed in [
            &include_bytes!("../corpus/clamav_program/pe")[..],
            include_bytes!("../corpus/clamav_program/pe_wide"),
            include_bytes!("../corpus/clamav_program/elf"),
            include_bytes!("../corpus/clamav_program/mach"),
            include_bytes!("../corpus/clamav_program/elf_sections"),
            include_bytes!("../corpus/clamav_program/pe_version"),
        ] {
            for chunk in [0, 6, 255] {
                super::clamav_program(&[&[chunk], &seed[1..]].concat());
            }
            for end in 0..seed.len() {
                super::clamav_program(&seed[..end]);
            }
        }
    }

    proptest! {
        #[test]
        fn changed_programs_are_looked_at(
            at in 0..900usize,
            value in any::<[u8; 4]>(),
            which in 0..6usize,
        ) {
            let seeds = [
                &include_bytes!("../corpus/clamav_program/pe")[..],
                include_bytes!("../corpus/clamav_program/pe_wide"),
                include_bytes!("../corpus/clamav_program/elf"),
                include_bytes!("../corpus/clamav_program/mach"),
                include_bytes!("../corpus/clamav_program/elf_sections"),
                include_bytes!("../corpus/clamav_program/pe_version"),
            ];
            let mut bytes = seeds[which].to_vec();
            for (byte, value) in bytes.iter_mut().skip(at).zip(value) {
                *byte = value;
            }
            super::clamav_program(&bytes);
        }

        #[test]
        fn arbitrary_bytes_load_or_are_refused(data in proptest::collection::vec(any::<u8>(), 0..300)) {
            super::clamav_load(&data);
        }

        #[test]
        fn logical_lines_that_are_nearly_right_load_or_are_refused(
            form in any::<u8>(),
            lines in proptest::collection::vec("[a-c];Target:0;[01(]{1,2}[&|=<>]?[01)]?(;([36a?*()|0-9]{2,12}(::[iwaf]{1,2})?|0\\(>>[0-9]#[idha][lb]e?[1-4]#[=<>][0-9]{1,2}\\)|\\$\\{[0-9]-[0-9]\\}[0-9]\\$|[0=>&]{1,3}/[36ab()|*+?^$.\\\\\\[\\]{},0-2-]{1,9}/[girexsmAEU]{0,3})){1,2}", 0..6),
        ) {
            super::clamav_load(&[&[form % 80 * 3 + 2], lines.join("\n").as_bytes()].concat());
        }

        #[test]
        fn lines_that_are_nearly_right_load_or_are_refused(
            form in any::<u8>(),
            lines in proptest::collection::vec("[a-c]:[0-9]{1,2}:(\\*|[0-9],?[0-9]?|EOF-[0-9]{1,2}|[ES]P?.|VI|S[0-9L]\\+[0-9]):[36a?*{}()|!BW0-9-]{0,30}", 0..6),
        ) {
            super::clamav_load(&[&[form % 80 * 3 + 1], lines.join("\n").as_bytes()].concat());
        }
    }
}
