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

/// What differs in `after` from `before`, of which `av` was built, to be laid upon that.
fn overlay(av: &Av, before: &Folder, after: &Folder, part_min: usize) -> Overlay {
    let differs = |one: &Folder, other: &Folder, name: &String| one.get(name) != other.get(name);
    let gone = before.keys().filter(|name| differs(before, after, name));
    let gone: Vec<_> = gone.map(String::as_str).collect();
    let limits = DatabaseLimits::default();
    let mut overlay = av.overlay(Replaced::Files(&gone), limits, part_min).unwrap();
    for (name, lines) in after.iter().filter(|(name, _)| differs(before, after, name)) {
        overlay.files().add_file(name, lines.join("\n").as_bytes()).expect(name);
    }
    overlay
}

fn overlaid(av: &Av, before: &Folder, after: &Folder) -> Result<Av, NotOverlaid> {
    overlay(av, before, after, 0).build()
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
    let limits = DatabaseLimits::default;
    let unknown = NotOverlaid::Unknown { file: "c.ndb".to_owned() };
    let begun = built.overlay(Replaced::Files(&["a.ndb", "c.ndb"]), limits(), 0);
    assert_eq!(begun.unwrap_err(), unknown);
    let few = DatabaseLimits { signatures_max: 7, ..limits() };
    for (gone, expected) in [(&[][..], Some(NotOverlaid::TooMany { max: 7 })), (&["a.ndb"], None)] {
        let mut overlay = built.overlay(Replaced::Files(gone), few.clone(), 0).unwrap();
        overlay.files().add_file("b.ndb", b"b:0:*:6162\nc:0:*:6162").unwrap();
        assert_eq!(overlay.build().err(), expected);
    }
}

/// How many signatures are new, and how many are hidden.
fn changed(overlay: Overlay) -> (usize, usize) {
    let laid = overlay.lay().unwrap();
    (laid.layer.names.len(), laid.hidden.iter().count())
}

#[test]
fn what_was_there_already_is_not_built_once_more() {
    let md5 = "44d88612fea8a8f36de82e1278abb02f";
    let sha256 = "0123456789abcdef".repeat(4);
    let digest = |size: &str, name: &str| format!("{md5}:{size}:{name}");
    let before = folder_of(&[
        ("a.ndb", "a-1:0:*:6162\na-2:0:*:6162\na-3:0:*:6364\na-3:0:*:6364"),
        ("b.ndb", "b-1:0:*:6162\nb-2:4:*:6162:73"),
        ("i.ndb", "i:0:*:6162\nj:0:*:6162"),
        ("i.hdb", &digest("9", "i")),
        ("i.ign2", "i"),
        ("l.ldb", "l-1;Target:0;0&1;6d6f;7068\nl-2;Target:0;0=0;6d6f"),
        ("m.cdb", "m:CL_TYPE_ZIP:*:*:*:31:*:*:*:*"),
        ("d.hdb", &[digest("7", "d-1"), digest("8", "d-1"), digest("9", "d-2")].join("\n")),
        ("e.hsb", &format!("{sha256}:7:e\n{sha256}:*:e:73\n{sha256}:5000000000:huge")),
        ("s.mdb", &format!("512:{md5}:s\n*:{md5}:s:73")),
        ("p.imp", &format!("{md5}:9:p")),
    ]);
    let built = builder(&before).build();
    // Files that change, and how many signatures are new then, and how many are hidden.
    for (files, expected) in [
        (&[("a.ndb", "a-1:0:*:6162\na-2:0:*:6162\na-3:0:*:6364\na-3:0:*:6364\n# all")][..], (0, 0)),
        // Lines end as they like, and stand in any order.
        (
            &[("a.ndb", "a-3:0:*:6364\r\n\r\na-2:0:*:6162\r\na-3:0:*:6364\r\na-1:0:*:6162\r\n")],
            (0, 0),
        ),
        (&[("a.ndb", "a-1:0:*:6162\na-3:0:*:6364")], (0, 2)),
        // Each line counts as often as it is there.
        (&[("a.ndb", "a-3:0:*:6364\na-3:0:*:6364\na-3:0:*:6364\na-1:0:*:6162")], (1, 1)),
        // The same line in another file that stays is another signature.
        (&[("c.ndb", "a-1:0:*:6162")], (1, 0)),
        // From one file that changes to another.
        (
            &[("a.ndb", "a-3:0:*:6364"), ("b.ndb", "a-1:0:*:6162\nb-1:0:*:6162\na-2:0:*:6162")],
            (0, 1),
        ),
        (&[("a.ndb", ""), ("a.sdb", "a-1:0:*:6162\na-2:0:*:6162")], (0, 2)),
        // The name is part of it, and so is all else.
        (&[("a.ndb", "a-1:0:*:6162\nb-2:0:*:6162\na-3:0:0:6364\na-3:0:*:6365")], (3, 3)),
        // Not in force is not there.
        (&[("i.ndb", "j:0:*:6162\ni:0:*:6162")], (1, 1)),
        (&[("i.hdb", &digest("9", "i"))], (0, 0)),
        (&[("i.hdb", &[digest("9", "i"), digest("9", "j")].join("\n"))], (2, 1)),
        (&[("l.ldb", "l-2;Target:0;0=0;6d6f\nl-1;Target:0;0&1;6d6f;7068\n")], (0, 0)),
        (&[("l.ldb", "l-2;Target:0;0=1;6d6f\nl-1;Target:0;0&1;6d6f;7068\n")], (1, 1)),
        (&[("m.cdb", "m:CL_TYPE_ZIP:*:*:*:31:*:*:*:*\nm:CL_TYPE_ZIP:*:*:*:32:*:*:*:*")], (1, 0)),
        // A digest is one by its size and its name, in whatever letters and levels.
        (&[("d.hdb", &[&digest("8", "d-1"), &*digest("7", "d-1:1")].join("\n"))], (0, 1)),
        (&[("d.hdb", &digest("7", "d-1").replace("44d8", "44D8"))], (0, 2)),
        (&[("d.hdb", &[digest("7", "d-2"), digest("8", "d-3")].join("\n"))], (2, 3)),
        (&[("d.hdb", &[digest("7", "d-1"), digest("7", "d-1")].join("\n"))], (1, 2)),
        (&[("d.hdb", &digest("7", "d-01"))], (1, 3)),
        (&[("e.hsb", &format!("{sha256}:7:e\n{sha256}:*:e:73\n"))], (0, 1)),
        // Sizes from 4 GiB on are not told apart.
        (&[("e.hsb", &format!("{sha256}:*:e:73\n{sha256}:7:e\n{sha256}:5000000000:huge"))], (1, 1)),
        (&[("s.mdb", &format!("*:{md5}:s:73"))], (0, 1)),
        (&[("s.mdb", ""), ("s.hdb", &format!("{md5}:512:s"))], (1, 2)),
        (&[("p.imp", &format!("{md5}:9:p\n{md5}:8:p"))], (1, 0)),
    ] {
        let mut after = before.clone();
        for (name, lines) in files {
            after.insert((*name).to_owned(), vec![(*lines).to_owned()]);
        }
        let overlay = overlay(&built, &before, &after, 0);
        let whole = builder(&after).build();
        assert_eq!(overlay.clone().build().unwrap().report(), whole.report(), "{files:?}");
        assert_eq!(changed(overlay), expected, "{files:?}");
    }
}

#[test]
fn lines_that_others_depend_on_may_stay() {
    let terms = |file: &str| -> Vec<(String, Vec<u8>)> {
        [
            ("a.fp", "900150983cd24fb0d6963f7d28e17f72:3:x\n"),
            ("a.ftm", "0:2:2b2b:x:CL_TYPE_ANY:CL_TYPE_PDF\n0:1:2b2b:x:CL_TYPE_ANY:CL_TYPE_PDF\n"),
            ("a.ign2", "b\nc\n"),
            (
                "a.ldb",
                "h;Engine:51-255,Target:7,HandlerType:CL_TYPE_HTML;0;6d6f7270\n\
                       m;Target:0;0&1;6d6f;${3-5}7$\nz;Target:0;0;6d6f\n",
            ),
            ("a.ndb", "g:0:$7:7270\na:0:*:7270\nb:0:*:7270\n"),
        ]
        .map(|(name, lines)| (format!("{file}:{name}"), lines.as_bytes().to_vec()))
        .to_vec()
    };
    let load = |builder: &mut DatabaseBuilder, name: &str, members: &[(String, Vec<u8>)]| {
        let members: Vec<_> = members
            .iter()
            .map(|(member, lines)| (member.rsplit(':').next().unwrap(), &**lines))
            .collect();
        let container = crate::container::tests::container(&members);
        builder.add_container(name, &container).unwrap();
    };
    let members = terms("a.cvd");
    let mut whole = DatabaseBuilder::default();
    load(&mut whole, "a.cvd", &members);
    whole.add_file("b.ndb", b"b-1:0:*:6162\nb:0:*:6162").unwrap();
    let built = whole.build();
    let replace = |member: usize, from: &str, to: &str| {
        let mut members = members.clone();
        let text = String::from_utf8(members[member].1.clone()).unwrap();
        assert!(text.contains(from));
        members[member].1 = text.replacen(from, to, 1).into_bytes();
        members
    };
    for (name, members, is_tied) in [
        ("a.cvd", members.clone(), false),
        ("a.cld", members.clone(), false),
        ("b.cld", members.clone(), true),
        ("a.cld", replace(4, "a:0:*", "a:0:7"), false),
        ("a.cld", replace(3, "z;", "y;"), false),
        ("a.cld", replace(0, ":x", ":y"), true),
        ("a.cld", replace(1, "0:2:", "0:3:"), true),
        ("a.cld", replace(2, "b\nc", "c\nb"), true),
        ("a.cld", replace(2, "c", "d"), true),
        ("a.cld", replace(2, "\nc", ""), true),
        ("a.cld", replace(3, "h;", "g;"), true),
        ("a.cld", replace(3, "m;", "n;"), true),
        ("a.cld", replace(3, "m;Target:0;0&1;6d6f;${3-5}7$\n", ""), false),
        ("a.cld", replace(4, "g:0:$7", "g:0:$8"), true),
        ("a.cld", replace(4, "g:0:$7:7270\n", ""), true),
    ] {
        let mut overlay =
            built.overlay(Replaced::Files(&["a.cvd"]), DatabaseLimits::default(), 0).unwrap();
        load(overlay.files(), name, &members);
        let tied = match overlay.build() {
            Ok(overlaid) => {
                let mut whole = DatabaseBuilder::default();
                load(&mut whole, name, &members);
                whole.add_file("b.ndb", b"b-1:0:*:6162\nb:0:*:6162").unwrap();
                assert_eq!(overlaid.report(), whole.build().report());
                false
            }
            Err(NotOverlaid::Tied { .. }) => true,
            Err(error) => panic!("{error}"),
        };
        assert_eq!(tied, is_tied, "{name} {members:?}");
    }
}

#[test]
fn more_than_a_part_is_too_much() {
    let digest = |n: usize| format!("{n:032x}:9:d-{n}");
    let body = |n: usize| format!("b-{n}:0:*:{n:08x}");
    let lines = |of: &dyn Fn(usize) -> String, from: usize, to: usize| -> String {
        (from..to).map(|n| format!("{}\n", of(n))).collect()
    };
    let (digests, bodies) = (lines(&digest, 0, 1000), lines(&body, 0, 100));
    let before = folder_of(&[("d.hdb", &digests), ("b.ndb", &bodies)]);
    let built = builder(&before).build();
    // The whole weighs 2,000.
    for (digests, bodies, is_too_much) in [
        ((0, 1000), (0, 100), false),
        ((0, 1100), (0, 100), false),
        ((0, 1101), (0, 100), true),
        ((100, 1000), (0, 100), false),
        ((101, 1000), (0, 100), true),
        ((100, 1100), (0, 100), false),
        ((0, 1000), (10, 110), false),
        ((0, 1000), (0, 111), true),
        ((0, 1000), (11, 100), true),
        ((50, 1050), (5, 105), false),
        ((51, 1050), (5, 105), true),
    ] {
        let digests = lines(&digest, digests.0, digests.1);
        let bodies = lines(&body, bodies.0, bodies.1);
        let after = folder_of(&[("d.hdb", &digests), ("b.ndb", &bodies)]);
        let laid = overlay(&built, &before, &after, 20).build();
        let expected = is_too_much.then_some(NotOverlaid::TooMuch);
        assert_eq!(laid.err(), expected, "{} {}", digests.len(), bodies.len());
    }
}

#[test]
fn a_refused_file_has_met_nothing() {
    let before = folder_of(&[
        ("a.ndb", "a:0:*:6162\nb:0:*:6162"),
        ("a.hdb", "44d88612fea8a8f36de82e1278abb02f:68:a"),
    ]);
    let built = builder(&before).build();
    let limits = DatabaseLimits::default();
    let mut overlay = built.overlay(Replaced::All, limits, 0).unwrap();
    let wrong = [
        ("a.ndb", "a:0:*:6162\nb:0:*:616"),
        ("a.hdb", "44d88612fea8a8f36de82e1278abb02f:68:a\nx"),
        ("x.ign2", "a\n\n:"),
    ];
    for (name, lines) in wrong {
        assert!(overlay.files().add_file(name, lines.as_bytes()).is_err(), "{name}");
    }
    assert_eq!(changed(overlay.clone()), (0, 3));
    overlay.files().add_file("b.ndb", b"b:0:*:6162\na:0:*:6162\nc:0:*:6162").unwrap();
    assert_eq!(changed(overlay), (1, 1));
}

/// A line of the `n`th digest: most are of a file, one in a hundred is not supported.
fn digest_line(n: u32) -> String {
    let level = if n % 100 == 99 { ":200:201" } else { "" };
    format!("{:032x}:{}:d-{n}{level}", u128::from(n) * 0x9E37_79B9_7F4A_7C15, n % 7 + 1)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Of many digests those are new, and those hidden, that are not there as often before and after.
    #[test]
    fn what_has_changed_of_many_lines_is_all_that_counts(
        len in 0..400u32,
        ignored in proptest::collection::btree_set(0..400u32, 0..3),
        changes in proptest::collection::vec((0..400u32, 0..4u8, 0..500u32), 0..9),
        move_at in 0..400usize,
        is_image in any::<bool>(),
    ) {
        let before: Vec<u32> = (0..len).collect();
        let mut after = before.clone();
        for (at, change, n) in changes {
            let at = (at as usize).min(after.len());
            match change {
                0 => after.insert(at, n),
                1 if at < after.len() => drop(after.remove(at)),
                2 if at < after.len() => after[at] = n,
                _ => after.rotate_left(at),
            }
        }
        let text = |ns: &[u32]| ns.iter().map(|n| digest_line(*n) + "\n").collect::<String>();
        let build = |files: &[(&str, &[u32])]| {
            let mut builder = DatabaseBuilder::default();
            for (name, ns) in files {
                builder.add_file(name, text(ns).as_bytes()).unwrap();
            }
            let names: String = ignored.iter().map(|n| format!("d-{n}\n")).collect();
            builder.add_file("i.ign2", names.as_bytes()).unwrap();
            builder
        };
        let (first, second) = after.split_at(move_at.min(after.len()));
        let built = if is_image {
            let bytes = build(&[("a.hdb", &before)]).build_image();
            let (head, rest) = bytes.split_at(image::HEAD_BYTES);
            let head = image::ImageHead::read(head).unwrap();
            head.open(&rest.to_vec().into(), &bytes::Bytes::new()).unwrap()
        } else {
            build(&[("a.hdb", &before)]).build()
        };
        let mut overlay =
            built.overlay(Replaced::Files(&["a.hdb"]), DatabaseLimits::default(), 0).unwrap();
        overlay.files().add_file("a.hdb", text(first).as_bytes()).unwrap();
        overlay.files().add_file("b.hdb", text(second).as_bytes()).unwrap();
        let whole = build(&[("a.hdb", first), ("b.hdb", second)]).build();
        let overlaid = overlay.clone().build().unwrap();
        prop_assert_eq!(overlaid.report(), whole.report());
        let count = |ns: &[u32]| {
            let mut counts = BTreeMap::<u32, usize>::new();
            let in_force = |n: &&u32| *n % 100 != 99 && !ignored.contains(n);
            ns.iter().filter(in_force).for_each(|n| *counts.entry(*n).or_default() += 1);
            counts
        };
        let (before, after) = (count(&before), count(&after));
        let more = |one: &BTreeMap<u32, usize>, other: &BTreeMap<u32, usize>| -> usize {
            let less = |n| other.get(n).copied().unwrap_or(0);
            one.iter().map(|(n, count)| count.saturating_sub(less(n))).sum()
        };
        let laid = overlay.lay().unwrap();
        let layer = &built.whole.layer;
        let in_force = |id: &u32| !ignored.iter().any(|n| layer.is_called(*id, &format!("d-{n}")));
        let hidden = laid.hidden.iter().filter(in_force).count();
        let new = usize::try_from(laid.layer.report.loaded).unwrap();
        let met = usize::try_from(overlaid.report().loaded).unwrap() - after.values().sum::<usize>();
        prop_assert_eq!(met, 0);
        let new = new - (before.values().sum::<usize>() - hidden);
        prop_assert_eq!((new, hidden), (more(&after, &before), more(&before, &after)));
    }
}
