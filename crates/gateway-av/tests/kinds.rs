//! Signatures of every kind but plain bodies: what is found is what `clamscan` finds, and digests of
//! pieces of programs are those that `sigtool` computes.
//!
//! Left out are defects of ClamAV (1.4.6): of a member that compares a number it looks at the last
//! match of the trigger only; and it finds no body of a group, whatever its distance from the trigger
//! of a macro, so that macros are compared with its manual alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![expect(clippy::disallowed_methods, reason = "clamscan and sigtool read what the test writes")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use gateway_av::DatabaseBuilder;
use gateway_inspect::{Chain, Findings, Limits, Part, PartKind, Wanted};

const FILES: &str = "/usr/share/clamav-testfiles";

/// What is found in `part`, which holds `bytes`, with a file of this name and these lines.
fn ours(files: &[(&str, &str)], part: &Part, bytes: &[u8]) -> BTreeSet<String> {
    let mut builder = DatabaseBuilder::default();
    for (name, lines) in files {
        let report = builder.add_file(name, lines.as_bytes()).unwrap();
        assert_eq!(report.unsupported_total(), 0, "{lines}: {report}");
    }
    let av = builder.build();
    let mut all = Vec::new();
    for chunk in [usize::MAX, 1460, 7] {
        let mut chain = Chain::open(&av.examiners(), part, &Wanted::all(), &Limits::default());
        let mut found = Findings::new(0);
        for bytes in bytes.chunks(chunk) {
            chain.push(bytes, &mut found);
        }
        assert_eq!(chain.finish(&mut found).unscannable, None, "{files:?}");
        let names = found.drain().map(|finding| finding.entry.id.to_string());
        all.push(names.collect::<BTreeSet<_>>());
    }
    assert!(all.iter().all(|one| *one == all[0]), "{files:?}: {all:?}");
    all.swap_remove(0)
}

/// What `clamscan` finds in a file of `bytes`.
fn theirs(files: &[(&str, &str)], name: &str, bytes: &[u8]) -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("kinds-{name}"));
    let _ = std::fs::remove_dir_all(&root);
    let database = root.join("database");
    std::fs::create_dir_all(&database).unwrap();
    for (name, lines) in files {
        std::fs::write(database.join(name), format!("{lines}\n")).unwrap();
    }
    let sample = root.join("sample");
    std::fs::write(&sample, bytes).unwrap();
    let output = Command::new("clamscan")
        .args(["--no-summary", "--allmatch=yes", "--stdout", "--database"])
        .args([database, sample])
        .output()
        .expect("clamscan of the package clamav");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(matches!(output.status.code(), Some(0 | 1)), "{files:?}: {text}{errors}");
    std::fs::remove_dir_all(&root).unwrap();
    let names = text.lines().filter_map(|line| line.strip_suffix(" FOUND")?.split_once(": "));
    names.map(|(_, name)| name.trim_end_matches(".UNOFFICIAL").to_owned()).collect()
}

fn agree(files: &[(&str, &str)], name: &str, part: &Part, bytes: &[u8], expected: &[&str]) {
    let expected: BTreeSet<_> = expected.iter().map(ToString::to_string).collect();
    assert_eq!(theirs(files, name, bytes), expected, "clamscan: {files:?}");
    assert_eq!(ours(files, part, bytes), expected, "{files:?}");
}

/// Programs that are at hand.
fn programs() -> Vec<PathBuf> {
    let all = std::fs::read_dir(FILES).expect("files of the package clamav-testfiles");
    let mut all: Vec<_> = all.map(|entry| entry.unwrap().path()).collect();
    all.retain(|path| path.extension().is_some_and(|extension| extension == "exe"));
    all.sort();
    assert!(all.len() > 9, "{all:?}");
    all
}

/// What `sigtool` says of a program behind `marker`, as `number:digest` or `digest:number`.
fn sigtool(option: &str, path: &Path, marker: &str) -> Vec<String> {
    let output = Command::new("sigtool").arg(option).arg(path).output().expect("sigtool");
    let text = String::from_utf8_lossy(&output.stderr).into_owned()
        + &String::from_utf8_lossy(&output.stdout);
    let values = text.lines().filter_map(|line| Some(line.split_once(marker)?.1));
    values.filter_map(|rest| Some(rest.split_once(": ")?.1.trim().to_owned())).collect()
}

#[test]
fn digests_of_pieces_of_programs_are_those_of_sigtool() {
    let (mut sections, mut imports) = (0, 0);
    for path in programs() {
        let bytes = std::fs::read(&path).unwrap();
        let part = Part::root(PartKind::Pe, None);
        let mut all = sigtool("--mdb", &path, "Section{");
        // The others have no bytes in the file.
        all.retain(|one| one.contains(':'));
        let lines: Vec<_> = all.iter().enumerate().map(|(n, one)| format!("{one}:S{n}")).collect();
        let found = ours(&[("t.mdb", &lines.join("\n"))], &part, &bytes);
        assert_eq!(found.len(), lines.len(), "{}: {lines:?}", path.display());
        sections += lines.len();
        // A program without imports has the digest of nothing.
        let all = sigtool("--imp", &path, "Imphash").into_iter();
        for one in all.filter(|one| !one.ends_with(":0")) {
            let line = format!("{one}:I");
            let found = ours(&[("t.imp", &line)], &part, &bytes);
            assert_eq!(found.len(), 1, "{}: {line}", path.display());
            imports += 1;
        }
    }
    assert!(sections > 20 && imports > 5, "{sections} sections, {imports} imports");
}

/// Where the program of the test files begins to run, and its only section, are known.
#[test]
fn offsets_and_conditions_of_programs_are_those_of_clamscan() {
    let path = Path::new(FILES).join("clam.exe");
    let bytes = std::fs::read(path).unwrap();
    let part = Part::root(PartKind::Pe, None);
    let at = |offset: usize| u32::from_le_bytes(bytes[offset..offset + 4].try_into().unwrap());
    let header = at(0x3C) as usize;
    let optional = usize::from(u16::from_le_bytes([bytes[header + 20], bytes[header + 21]]));
    let row = header + 24 + optional;
    let raw = at(row + 20) as usize / 512 * 512;
    let entry = (at(header + 40) - at(row + 12)) as usize + raw;
    let hex = |from: usize| -> String {
        bytes[from..from + 8].iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let (begins, later) = (hex(entry), hex(entry + 4));
    for (number, (offset, body, found)) in [
        ("EP+0", &begins, true),
        ("EP+4", &later, true),
        ("EP+5", &later, false),
        ("EP-1", &begins, false),
        ("EP+0,4", &later, true),
        ("S0+0", &hex(raw), true),
        ("S0+1", &hex(raw), false),
        ("S1+0", &hex(raw), false),
        ("SL+0,2", &hex(raw + 2), true),
        ("SE0", &begins, true),
        ("SE1", &begins, false),
    ]
    .into_iter()
    .enumerate()
    {
        let line = format!("a:1:{offset}:{body}");
        let expected = if found { &["a"][..] } else { &[] };
        agree(&[("t.ndb", &line)], &format!("offset-{number}"), &part, &bytes, expected);
    }
    for (number, (attribute, found)) in [
        (format!("EntryPoint:{entry}-{entry}"), true),
        (format!("EntryPoint:{}-9999", entry + 1), false),
        ("NumberOfSections:1-1".into(), true),
        ("NumberOfSections:2-9".into(), false),
    ]
    .into_iter()
    .enumerate()
    {
        let line = format!("a;Engine:51-255,Target:1,{attribute};0;{begins}");
        let expected = if found { &["a"][..] } else { &[] };
        agree(&[("t.ldb", &line)], &format!("condition-{number}"), &part, &bytes, expected);
    }
}

/// The program has two strings of version information, `Name` and `Other`.
#[test]
fn offsets_from_version_information_are_those_of_clamscan() {
    let bytes = &include_bytes!("../corpus/clamav_program/pe_version")[1..];
    let part = Part::root(PartKind::Pe, None);
    let wide =
        |text: &str| -> String { text.bytes().map(|byte| format!("{byte:02x}00")).collect() };
    for (number, (body, found)) in [
        (wide("Name"), true),
        (wide("Other"), true),
        (wide("ame"), false),
        (wide("Worm"), false),
        (format!("{}*{}", wide("Name"), wide("Other")), true),
        (wide("VS_VERSION_INFO"), false),
    ]
    .into_iter()
    .enumerate()
    {
        let line = format!("a:1:VI:{body}");
        let expected = if found { &["a"][..] } else { &[] };
        agree(&[("t.ndb", &line)], &format!("version-{number}"), &part, bytes, expected);
    }
}

#[test]
fn handlers_are_those_of_clamscan() {
    let bytes = b"\xf5\x00\x00\x00\x03\x00 some morph or other";
    let part = Part::root(PartKind::Unknown, None);
    for (number, (target, handler, expected)) in
        [("0", "HTML", &["G", "H"][..]), ("0", "MSEXE", &["H", "P"]), ("7", "HTML", &[])]
            .into_iter()
            .enumerate()
    {
        let lines = format!(
            "H;Engine:51-255,Target:{target},HandlerType:CL_TYPE_{handler};0;6d6f727068\n\
             G;Engine:51-255,Target:3;0;6d6f727068\n\
             P;Engine:51-255,Target:1;0;6d6f727068"
        );
        agree(&[("t.ldb", &lines)], &format!("handler-{number}"), &part, bytes, expected);
    }
}

#[test]
fn intermediates_are_those_of_clamscan() {
    let content = b"\xf5\x00\x00\x00\x03\x00 some morph or other";
    let lines: Vec<_> = [
        "ZIP",
        "ZIP>CL_TYPE_ZIP",
        "ANY>CL_TYPE_ZIP",
        "GZ>CL_TYPE_ZIP",
        "ZIP>CL_TYPE_ANY",
        "ZIP>CL_TYPE_ANY>CL_TYPE_ZIP",
        "ANY>CL_TYPE_ANY>CL_TYPE_ANY",
    ]
    .iter()
    .enumerate()
    .map(|(number, kinds)| {
        format!("I{number};Engine:51-255,Target:0,Intermediates:CL_TYPE_{kinds};0;6d6f727068")
    })
    .collect();
    let lines = lines.join("\n");
    let files = [("t.ldb", &*lines)];
    let (once, mut part) = zip("a.bin", content);
    let of = |names: &[&str]| names.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    assert_eq!(theirs(&files, "once", &once), of(&["I0"]));
    assert_eq!(ours(&files, &part, content), of(&["I0"]));
    let (twice, _) = zip("a.zip", &once);
    part.kind = PartKind::Zip;
    let id = gateway_inspect::PartId::new(2);
    let part = Part::member(id, &part, "zip:a.zip/zip:a.bin".into(), 0);
    let expected = of(&["I0", "I1", "I2", "I4"]);
    assert_eq!(theirs(&files, "twice", &twice), expected);
    assert_eq!(ours(&files, &part, content), expected);
}

#[test]
fn offsets_from_the_end_are_those_of_clamscan() {
    let part = Part::root(PartKind::Unknown, None);
    for size in 23..=26usize {
        let mut bytes = b"\xf5\x00\x00\x00\x03\x00morp".to_vec();
        bytes.resize(size, 1);
        for (back, shift) in [(25, 9), (24, 9), (25, 20), (size - 6, 0), (size - 5, 0)] {
            let line = format!("a:0:EOF-{back},{shift}:6d6f7270");
            // A part that is shorter has none of the places.
            let places = size.checked_sub(back).map(|first| first..=first + shift);
            let found = places.is_some_and(|places| places.contains(&6));
            let expected = if found { &["a"][..] } else { &[] };
            let name = format!("end-{size}-{back}-{shift}");
            agree(&[("t.ndb", &line)], &name, &part, &bytes, expected);
        }
    }
}

#[test]
fn members_without_a_body_are_those_of_clamscan() {
    let group = "a:0:$7:72707a\nb:0:$7:68697a";
    let part = Part::root(PartKind::Unknown, None);
    for (number, (member, sample, found)) in [
        ("0(>>3#ib1#=0x41)", &b"mokA"[..], true),
        ("0(>>3#ib1#=0x42)", b"mokA", false),
        ("0(>>4#il2#>16704,<16706)", b"mok.AA", true),
        ("0(>>4#ib4#=0x41424344)", b"mok.ABCD", true),
        ("0(>>4#ib4#=0x41424344)", b"mok.ABC", false),
        ("0(<<2#ib1#=0x42)", b"B.mok", true),
        ("0(>>3#db2#=42)", b"mok42", true),
        ("0(>>3#db3#>41)", b"mok 42", true),
        ("0(>>3#dbe3#>41)", b"mok 42", false),
        ("0(>>3#hb2#=66)", b"mok42", true),
        ("0(>>3#hl4#=0x1234)", b"mok3412", true),
        ("0(>>3#hl4#=0x3412)", b"mok3412", false),
        ("0(>>3#hl3#=0x4103)", b"mok3412", true),
        ("0(>>3#hl6#=0x1234)", b"mok0x3412", true),
        ("0(>>3#hl4#=0x34)", b"mok  34", true),
        ("0(>>3#hle4#=0x34)", b"mok  34", false),
        ("0(>>3#hle4#=0x34)", b"mok34zz", true),
        ("0(>>3#hl4#=0x3)", b"mok 34z", true),
        ("0(>>3#hl4#>0)", b"mokzz34", false),
        ("0(>>3#hl8#=0x78563412)", b"mok12345678", true),
        ("0(>>3#ab4#=16)", b"mok0x10", true),
        ("0(>>3#ab4#=10)", b"mok0010", true),
        ("${5-7}7$", b"mok..rpz", true),
        ("${5-7}7$", b"mok....hiz", true),
        ("${5-7}7$", b"mok.hiz", false),
        ("${5-7}7$", b"mok.....hiz", false),
        ("${5-7}6$", b"mok..rpz", false),
    ]
    .into_iter()
    .enumerate()
    {
        let line = format!("L;Engine:81-255,Target:0;0&1;6d6f6b;{member}");
        let mut files = vec![("t.ldb", &line[..])];
        if member.starts_with('$') {
            files.push(("t.ndb", group));
        }
        let bytes = [b"\xf5\x00\x01\xfe\x03\x00", sample, b"\x00\x01"].concat();
        let expected = if found { &["L"][..] } else { &[] };
        if member.starts_with('$') {
            // As the manual has it: ClamAV finds none of these.
            let found = ours(&files, &part, &bytes);
            assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), expected, "{line}");
        } else {
            agree(&files, &format!("follower-{number}"), &part, &bytes, expected);
        }
    }
}

#[test]
fn listed_files_are_those_of_clamscan() {
    let bytes = b"\xf5\x00\x01\xfe\x03\x00 some worm or other";
    let sample = Path::new(env!("CARGO_TARGET_TMPDIR")).join("kinds-listed");
    std::fs::write(&sample, bytes).unwrap();
    let part = Part::root(PartKind::Unknown, None);
    let body = ("t.ndb", "a:0:*:776f726d");
    for (option, file) in [("--md5", "t.fp"), ("--sha256", "t.sfp")] {
        let output = Command::new("sigtool").arg(option).arg(&sample).output().expect("sigtool");
        let line = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        agree(&[body, (file, &line)], &format!("listed{option}"), &part, bytes, &[]);
        let other = line.replacen(|c: char| c.is_ascii_digit(), "a", 1);
        agree(&[body, (file, &other)], &format!("other{option}"), &part, bytes, &["a"]);
    }
    std::fs::remove_file(sample).unwrap();
}

/// A ZIP of one stored member, and the member as a part of it.
fn zip(name: &str, bytes: &[u8]) -> (Vec<u8>, Part) {
    let sizes = [(bytes.len() as u32).to_le_bytes(), (bytes.len() as u32).to_le_bytes()].concat();
    let crc = crc32(bytes).to_le_bytes();
    let names = (name.len() as u16).to_le_bytes();
    let head = [&[10, 0, 0, 0, 0, 0, 0, 0, 0x21, 0][..], &crc, &sizes, &names, &[0, 0]].concat();
    let local = [b"PK\x03\x04", &head[..], name.as_bytes(), bytes].concat();
    let central = [b"PK\x01\x02\x0a\x00", &head[..], &[0; 14], name.as_bytes()].concat();
    let (at, len) = ((local.len() as u32).to_le_bytes(), (central.len() as u32).to_le_bytes());
    let end = [b"PK\x05\x06\0\0\0\0\x01\0\x01\0", &len[..], &at, &[0, 0]].concat();
    let file = [local, central, end].concat();
    let container = Part::root(PartKind::Zip, Some(file.len() as u64));
    let id = gateway_inspect::PartId::new(1);
    let mut part = Part::member(id, &container, format!("zip:{name}"), 0);
    part.size = Some(bytes.len() as u64);
    part.packed_size = part.size;
    (file, part)
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            crc >> 1 ^ if crc & 1 == 1 { 0xEDB8_8320 } else { 0 }
        })
    })
}

#[test]
fn members_of_containers_are_those_of_clamscan() {
    let content = b"\xf5\x00\x01\xfe\x03\x00 content of a member";
    let (file, part) = zip("in/worm.txt", content);
    let (len, size) = (content.len(), file.len());
    for (number, (fields, found)) in [
        ("*:*:*:*:*:*:*".to_owned(), true),
        (format!("CL_TYPE_ZIP:{size}:worm\\.txt$:{len}:{len}:0:*"), true),
        (format!("CL_TYPE_ZIP:*:^in/worm:1-{len}:{len}-99:0:1"), true),
        ("CL_TYPE_ZIP:*:*:*:*:0:2".to_owned(), false),
        ("CL_TYPE_ZIP:*:*:*:*:1:*".to_owned(), false),
        (format!("CL_TYPE_ZIP:{}:*:*:*:*:*", size + 1), false),
        ("CL_TYPE_ZIP:*:WORM:*:*:*:*".to_owned(), false),
        ("CL_TYPE_MSCAB:*:*:*:*:*:*".to_owned(), false),
        (format!("*:*:*:*:{}:*:*", len + 1), false),
    ]
    .into_iter()
    .enumerate()
    {
        let files = [("t.cdb", &*format!("a:{fields}:*:*"))];
        let expected: BTreeSet<_> = found.then(|| "a".to_owned()).into_iter().collect();
        assert_eq!(theirs(&files, &format!("member-{number}"), &file), expected, "{fields}");
        assert_eq!(ours(&files, &part, content), expected, "{fields}");
    }
}
