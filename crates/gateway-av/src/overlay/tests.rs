//! What is laid upon a database, beside one that was built of the same files.

use std::collections::BTreeMap;

use gateway_inspect::conformance::{Options, check, check_idle};
use gateway_inspect::{
    Chain, Findings, Limits, Offset, Outcome, Part, PartId, PartKind, Progress, Unscannable,
    Wanted, Window,
};
use md5::{Digest, Md5};
use proptest::prelude::*;
use sha1::Sha1;
use sha2::Sha256;

use super::*;
use crate::DatabaseLimits;
use crate::imports::tests::importing;

/// Files by name, each with its lines.
type Folder = BTreeMap<String, Vec<String>>;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

const TEXT: &[u8] = b"..morph..hixy..mo-moa..+morp 41";

fn program() -> Vec<u8> {
    let mut bytes = crate::pe::tests::program(false, 0x1010, (0, 0), &[(0x1000, 0x400, 0x200)]);
    bytes[0x410..0x414].copy_from_slice(b"morp");
    bytes
}

fn elf() -> Vec<u8> {
    let mut bytes =
        crate::elf::tests::program(true, false, &[(0, 0), (0x110, 0x20), (0x180, 0x40)]);
    bytes[0x112..0x116].copy_from_slice(b"morp");
    bytes[0x190..0x194].copy_from_slice(b"hixy");
    bytes
}

/// All that is scanned: what it is, and its bytes.
fn samples() -> Vec<(PartKind, Vec<u8>)> {
    vec![
        (PartKind::Text, TEXT.to_vec()),
        (PartKind::Text, b"nothing of it".to_vec()),
        (PartKind::Pe, program()),
        (PartKind::Pe, importing(false)),
        (PartKind::Elf, elf()),
        (PartKind::Unknown, b"..++..mox..".to_vec()),
    ]
}

const EXTENSIONS: [&str; 7] = ["cdb", "hdb", "hsb", "imp", "ldb", "mdb", "ndb"];

/// Signatures of every kind, by the extension of their files. Most are of something in the samples.
fn lines(extension: &str) -> Vec<String> {
    let imports = hex(&Md5::digest(b"first.one,first.two,wsock32.wsastartup"));
    let section = hex(&Md5::digest(&program()[0x400..0x600]));
    match extension {
        "hdb" => vec![
            format!("{}:{}:Md5-1", hex(&Md5::digest(TEXT)), TEXT.len()),
            format!("{}:*:Md5-2:73", hex(&Md5::digest(TEXT))),
            format!("{}:{}:Md5-3", hex(&Md5::digest(program())), program().len()),
            format!("{}:{}:None-1", "0".repeat(32), TEXT.len()),
        ],
        "hsb" => vec![
            format!("{}:{}:Sha-1", hex(&Sha1::digest(TEXT)), TEXT.len()),
            format!("{}:{}:Sha-2", hex(&Sha256::digest(TEXT)), TEXT.len()),
            format!("{}:{}:Sha-3", hex(&Sha256::digest(elf())), elf().len()),
        ],
        "mdb" => vec![
            format!("512:{section}:Section-1"),
            format!("*:{section}:Section-2:73"),
            format!("511:{section}:Section-3"),
        ],
        "imp" => vec![format!("{imports}:38:Import-1"), format!("{imports}:*:Import-2:73")],
        "ndb" => [
            "Body-1:0:*:6d6f7270",
            "Body-2:0:*:6d6f*6869",
            "Body-3:0:EOF-4:7020",
            "Body-4:7:2:6d6f",
            "Body-5:1:EP+0:6d6f7270",
            "Late-1:6:S1+2:6d6f7270",
            "Late-2:6:SL+0,99:6869*2e2e",
            "Html-1:3:*:6d6f7270",
            "Pdf-1:10:*:6d6f78",
            "Body-6:0:*:6d6f{1-3}682e{-9}6869",
        ]
        .map(str::to_owned)
        .to_vec(),
        "ldb" => [
            "Logic-1;Target:0;0&1;6d6f;6869",
            "Logic-2;Target:0;0=0;7a7a7a",
            "Logic-3;Target:0;0>2;6d6f",
            "Logic-4;Target:0;0&1=0;6d6f;7a7a",
            "Logic-5;Engine:51-255,Target:0,FileSize:8-99;0;6d6f",
            "Logic-6;Target:0;1>1;6d6f;0(>>2#ib1#>0x2d)",
            "Regex-1;Engine:81-255,Target:0;0&1;6d6f;0/r.h/",
            "Regex-2;Engine:81-255,Target:3;0&1;6d6f;0/r.h/",
            "Regex-3;Engine:81-255,Target:0;0&1=0;6d6f;0/zz/",
            "Late-3;Engine:51-255,Target:6,NumberOfSections:3-3;0&1;S1+2:6d6f7270;68697879",
            "Entry-1;Engine:51-255,Target:1,EntryPoint:1040-1040;0;6d6f",
        ]
        .map(str::to_owned)
        .to_vec(),
        _ => vec![
            "Member-1:*:*:\\.exe$:*:*:*:*:*:*".to_owned(),
            "Member-2:CL_TYPE_ZIP:*:*:*:31:*:*:*:*".to_owned(),
            "Member-3:CL_TYPE_MSCAB:*:*:*:*:*:*:*:*".to_owned(),
        ],
    }
}

/// Any file, and some of the signatures of its kind.
fn file() -> impl Strategy<Value = (String, Vec<String>)> {
    (proptest::sample::select(&EXTENSIONS[..]), 0..2u8).prop_flat_map(|(extension, number)| {
        let all = lines(extension);
        let lines = proptest::sample::subsequence(all.clone(), 0..=all.len());
        lines.prop_map(move |lines| (format!("{number}.{extension}"), lines))
    })
}

fn folder() -> impl Strategy<Value = Folder> {
    proptest::collection::vec(file(), 0..6).prop_map(|files| files.into_iter().collect())
}

/// Files that say something of signatures in others, none or all of them.
fn terms() -> impl Strategy<Value = Folder> {
    let handler = "Handler;Engine:51-255,Target:7,HandlerType:CL_TYPE_HTML;0;6d6f7270";
    let all: Vec<(String, Vec<String>)> = [
        ("a.fp", format!("{}:{}:x", hex(&Md5::digest(elf())), elf().len())),
        ("a.ftm", "0:2:2b2b:x:CL_TYPE_ANY:CL_TYPE_PDF".to_owned()),
        ("a.ign2", "Body-1\nMd5-1\nLogic-3\nMember-1\nSection-2".to_owned()),
        ("h.ldb", handler.to_owned()),
    ]
    .map(|(name, line)| (name.to_owned(), vec![line]))
    .to_vec();
    proptest::sample::subsequence(all, 0..=4).prop_map(|files| files.into_iter().collect())
}

fn builder<'a>(files: impl IntoIterator<Item = (&'a String, &'a Vec<String>)>) -> DatabaseBuilder {
    let mut builder = DatabaseBuilder::default();
    for (name, lines) in files {
        builder.add_file(name, lines.join("\n").as_bytes()).expect(name);
    }
    builder
}

/// `av`, which was built of `before`, and upon it what differs in `after`.
fn overlaid(av: &Av, before: &Folder, after: &Folder) -> Result<Av, NotOverlaid> {
    let differs = |one: &Folder, other: &Folder, name: &String| one.get(name) != other.get(name);
    let gone = before.keys().filter(|name| differs(before, after, name));
    let fresh = after.iter().filter(|(name, _)| differs(before, after, name));
    av.overlaid(&gone.map(String::as_str).collect::<Vec<_>>(), builder(fresh))
}

/// What is found in a part, in order, and what was not looked at; chunk by chunk.
fn found(
    av: &Av,
    kind: PartKind,
    bytes: &[u8],
    chunk: usize,
) -> (Vec<String>, Option<Unscannable>) {
    let mut zip = Part::root(PartKind::Zip, Some(900));
    zip.size = Some(900);
    let mut part = Part::member(PartId::new(1), &zip, "zip:in/a.exe".into(), 0);
    part.kind = kind;
    let mut chain = Chain::open(&av.examiners(), &part, &Wanted::all(), &Limits::default());
    let mut found = Findings::new(0);
    for bytes in bytes.chunks(chunk) {
        chain.push(bytes, &mut found);
    }
    let unscannable = chain.finish(&mut found).unscannable;
    let one =
        |finding: gateway_inspect::Finding| format!("{} {:?}", finding.entry.id, finding.place);
    let mut all: Vec<_> = found.drain().map(one).collect();
    all.sort_unstable();
    (all, unscannable)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// What is laid upon a database finds what a database finds that was built of the same files.
    #[test]
    fn an_overlay_finds_what_the_whole_finds(
        terms in terms(),
        mut before in folder(),
        mut after in folder(),
        mut later in folder(),
        chunk in 1usize..99,
    ) {
        for folder in [&mut before, &mut after, &mut later] {
            folder.extend(terms.clone());
        }
        let built = builder(&before).build();
        let first = overlaid(&built, &before, &after).unwrap();
        let second = overlaid(&first, &before, &later).unwrap();
        for (overlay, files) in [(&first, &after), (&second, &later)] {
            let whole = builder(files).build();
            prop_assert_eq!(overlay.report(), whole.report());
            prop_assert_eq!(overlay.signatures(), whole.signatures());
            prop_assert!(overlay.shares_with(&built) && !overlay.shares_with(&whole));
            for (kind, bytes) in samples() {
                let expected = found(&whole, kind, &bytes, bytes.len());
                prop_assert_eq!(&found(overlay, kind, &bytes, bytes.len()), &expected);
                prop_assert_eq!(&found(overlay, kind, &bytes, chunk), &expected);
            }
        }
    }
}

fn folder_of(files: &[(&str, &str)]) -> Folder {
    let file = |(name, lines): &(&str, &str)| ((*name).to_owned(), vec![(*lines).to_owned()]);
    files.iter().map(file).collect()
}

#[test]
fn the_laws_of_examiners_hold_of_every_kind() {
    for extension in EXTENSIONS {
        let all = lines(extension);
        let (first, second) = all.split_at(all.len() / 2);
        let (name, more) = (format!("a.{extension}"), format!("b.{extension}"));
        let before: Folder = [(name.clone(), all.clone()), (more.clone(), second.to_vec())].into();
        let after: Folder = [(name, first.to_vec()), (more, second.to_vec())].into();
        let built = builder(&before).build();
        let overlay = overlaid(&built, &before, &after).unwrap();
        for (kind, bytes) in samples() {
            for examiner in overlay.examiners() {
                let part = Part::root(kind, None);
                let options = Options { part, chunkings: 40, ..Options::default() };
                if examiner.open(&options.part, &Wanted::all()).is_some() {
                    check(&*examiner, &bytes, &options).expect(extension);
                }
            }
        }
    }
}

#[test]
fn what_is_hidden_is_not_counted_and_holds_nothing_back() {
    let line = |n: usize| format!("Hidden-{n}:0:*:6d6f{}", if n < 40 { "7270" } else { "72" });
    let hidden = (0..80).map(line).collect::<Vec<_>>().join("\n");
    let logicals = "None;Target:0;0=0;7a7a7a\nMore;Engine:51-255,Target:0,FileSize:1-99;0;6d6f7270\n\
                    Number;Target:0;0&1;6d6f;0(>>40#ib1#=0x78)\nGap;Target:0;0&1;6d6f*7270;7a7a7a";
    let ends = "Shift:0:EOF-9,4:6d6f7270\nFixed:0:2:6d6f7270\nChain:0:2:6d6f*7270";
    let before = folder_of(&[
        ("hidden.ndb", &hidden),
        ("hidden.ldb", logicals),
        ("ends.ndb", ends),
        ("wanted.ndb", "Wanted:0:*:6d6f727068"),
    ]);
    let built = builder(&before).build();
    let wanted = folder_of(&[("wanted.ndb", "Wanted:0:*:6d6f727068")]);
    let options =
        Options { part: Part::root(PartKind::Text, None), chunkings: 300, ..Options::default() };
    let findings = |av: &Av, bytes: &[u8]| {
        let [_, bodies, ..] = av.lowest_examiners();
        check(&*bodies, bytes, &options).unwrap().findings
    };
    assert_eq!(findings(&built, b"..morph.."), crate::found::SIGNATURES_FOUND_MAX);
    let rest = overlaid(&built, &before, &wanted).unwrap();
    assert_eq!(findings(&rest, b"..morph.."), 1);
    let none = overlaid(&built, &before, &Folder::new()).unwrap();
    assert_eq!((findings(&none, b"..morph.."), none.signatures()), (0, 1));
    let [_, bodies, ..] = none.lowest_examiners();
    check_idle(&*bodies, b"..morp..morph.mo", &options).unwrap();
    let mut inspector = bodies.open(&options.part, &Wanted::all()).unwrap();
    let mut found = Findings::new(9);
    let window = Window::new(b"..morph..", 0, Offset::ZERO);
    assert_eq!(inspector.push(window, &mut found), Progress::More { clear_to: window.end() });
    let tail = Window::new(&[], 0, window.end());
    assert_eq!(inspector.finish(tail, &mut found), Outcome::Clean);
}

#[test]
fn what_is_not_laid_upon_says_why() {
    let before = folder_of(&[
        ("a.ndb", "a:0:*:6162"),
        ("a.fp", "900150983cd24fb0d6963f7d28e17f72:3:x"),
        ("a.ftm", "0:2:2b2b:x:CL_TYPE_ANY:CL_TYPE_PDF"),
        ("a.ign2", "b"),
        ("group.ndb", "g:0:$7:7270"),
        ("handler.ldb", "h;Engine:51-255,Target:7,HandlerType:CL_TYPE_HTML;0;6d6f7270"),
        ("macro.ldb", "m;Target:0;0&1;6d6f;${3-5}7$"),
    ]);
    let built = builder(&before).build();
    let tied = |name: &str| Some(NotOverlaid::Tied { file: name.to_owned() });
    for (name, lines, expected) in [
        ("a.ndb", Some("a:0:*:6163"), None),
        ("a.ndb", None, None),
        ("b.ign2", Some("# none"), None),
        ("b.cfg", Some("x"), None),
        ("a.fp", None, tied("a.fp")),
        ("b.sfp", Some("900150983cd24fb0d6963f7d28e17f72:3:x"), tied("b.sfp")),
        ("a.ftm", None, tied("a.ftm")),
        ("a.ign2", Some("a"), tied("a.ign2")),
        ("b.ign", Some("a.ndb:1:a"), tied("b.ign")),
        ("group.ndb", None, tied("group.ndb")),
        ("b.ndb", Some("g:0:$7:7271"), tied("b.ndb")),
        ("handler.ldb", None, tied("handler.ldb")),
        ("macro.ldb", None, None),
        ("b.ldb", Some("m;Target:0;0&1;6d6f;${3-5}7$"), tied("b.ldb")),
    ] {
        let mut after = before.clone();
        match lines {
            Some(lines) => drop(after.insert(name.to_owned(), vec![lines.to_owned()])),
            None => drop(after.remove(name)),
        }
        assert_eq!(overlaid(&built, &before, &after).err(), expected, "{name} {lines:?}");
    }
    let none = || DatabaseBuilder::default();
    let unknown = NotOverlaid::Unknown { file: "c.ndb".to_owned() };
    assert_eq!(built.overlaid(&["c.ndb"], none()).unwrap_err(), unknown);
    let image = builder(&before).build_image();
    let (head, rest) = image.split_at(crate::image::HEAD_BYTES);
    let head = crate::image::ImageHead::read(head).unwrap();
    let (records, bulk) = rest.split_at(head.records_bytes);
    let image = head.open(records, bulk.to_vec().into()).unwrap();
    assert_eq!(image.overlaid(&[], none()).unwrap_err(), NotOverlaid::Image);
    let mut fresh =
        DatabaseBuilder::new(DatabaseLimits { signatures_max: 7, ..DatabaseLimits::default() });
    fresh.add_file("b.ndb", b"b:0:*:6162\nc:0:*:6162").unwrap();
    let many = NotOverlaid::TooMany { max: 7 };
    assert_eq!(built.overlaid(&[], fresh.clone()).unwrap_err(), many);
    assert!(built.overlaid(&["a.ndb"], fresh).is_ok());
}
