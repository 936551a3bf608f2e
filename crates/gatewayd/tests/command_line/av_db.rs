//! `gateway-proxy av db`: databases compiled into an image, shown, checked and verified.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::program::Folder;

/// A container as ClamAV's `.cld`: unsigned, of one member.
fn container(member: &str, lines: &str) -> Vec<u8> {
    let mut head = vec![0; 512];
    head[..member.len()].copy_from_slice(member.as_bytes());
    head[124..136].copy_from_slice(format!("{:011o}\0", lines.len()).as_bytes());
    head[148..156].fill(b' ');
    head[156] = b'0';
    let sum: u32 = head.iter().map(|byte| u32::from(*byte)).sum();
    head[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut bytes = format!("{:512}", "ClamAV-VDB:today:7:1:90:X:X:tester:0").into_bytes();
    bytes.extend(head);
    bytes.extend(lines.as_bytes());
    bytes.resize(bytes.len().next_multiple_of(512) + 1024, 0);
    bytes
}

fn databases() -> Folder {
    let folder = Folder::new();
    folder.write("db/own.ndb", "Own.Worm:0:*:776f726d*2121\n");
    folder.write("db/more.ldb", "More.One;Engine:51-255,Target:0;0&1;6d6f7270;0/(?=a)b/\n");
    folder.write("db/main.cld", container("main.ndb", "Main.Worm:0:*:6d61696e21\n"));
    folder
}

#[test]
fn a_folder_becomes_an_image_that_finds_the_same() {
    let folder = databases();
    let refused = folder.run(&["av", "db", "build", "db", "all.avimg"]);
    assert_eq!(refused.status, 2, "{refused:?}");
    assert!(refused.err.contains("not signed by anyone who is trusted"), "{refused:?}");
    let built = folder.run(&["av", "db", "build", "--strict", "false", "db", "all.avimg"]);
    assert_eq!(built.status, 0, "{built:?}");
    let report = "all.avimg: 2 loaded, 1 unsupported (1 regex with look-around), ";
    assert!(built.text().starts_with(report), "{built:?}");
    assert!(built.err.contains("main.cld: not trusted"), "{built:?}");
    let info = folder.run(&["av", "db", "info", "all.avimg"]);
    assert_eq!(
        info.text(),
        "all.avimg: image, 2 loaded, 1 unsupported (1 regex with look-around)\n"
    );
    let image = std::fs::read(folder.path("all.avimg")).unwrap();
    folder.write("image/all.avimg", &image);
    folder.write("file", "a worm!! main!");
    let from_files = folder.run(&["scan", "--av", "--strict", "false", "--db", "db", "file"]);
    let from_image = folder.run(&["scan", "--av", "--db", "image", "file"]);
    assert_eq!((from_files.status, from_files.text()), (1, from_image.text()), "{from_image:?}");
    assert!(from_image.text().contains("Main.Worm"), "{from_image:?}");
    folder.write("image/own.ndb", "Own.Worm:0:*:776f726d*2121\n");
    let beside = folder.run(&["scan", "--av", "--db", "image", "file"]);
    assert!(beside.status == 2 && beside.err.contains("nothing beside it"), "{beside:?}");
}

#[test]
fn an_image_is_built_upon_the_one_that_is_there() {
    let folder = Folder::new();
    let lines = |own: &str| -> String {
        let line = |n: u32| format!("Large-{n}:0:*:{n:08x}2d2d2d2d\n");
        (0..100).map(line).collect::<String>() + own
    };
    let len = || std::fs::metadata(folder.path("all.avimg")).unwrap().len();
    let build = |args: &[&str]| {
        let built = folder.run(&[&["av", "db", "build", "db", "all.avimg"], args].concat());
        assert_eq!(built.status, 0, "{built:?}");
        assert!(built.text().starts_with("all.avimg: 101 loaded, 0 unsupported, "), "{built:?}");
        len()
    };
    folder.write("db/own.ndb", lines("Own.Worm:0:*:776f726d*2121\n"));
    let whole = build(&[]);
    folder.write("db/own.ndb", lines("Own.Other:0:*:776f726d*2121\n"));
    assert!(build(&[]) > whole);
    folder.write("image/all.avimg", std::fs::read(folder.path("all.avimg")).unwrap());
    folder.write("file", "a worm!!");
    let found = folder.run(&["scan", "--av", "--db", "image", "file"]);
    assert!(found.text().contains("Own.Other") && !found.text().contains("Own.Worm"), "{found:?}");
    assert_eq!(build(&["--whole"]), whole + 1);
}

#[test]
fn an_image_has_a_name_under_which_it_is_loaded() {
    let folder = Folder::new();
    folder.write("db/own.ndb", "Own.Worm:0:*:776f726d*2121\n");
    for name in ["all.foo", "all", "all.avimg.new"] {
        let refused = folder.run(&["av", "db", "build", "db", name]);
        assert_eq!(refused.status, 2, "{refused:?}");
        assert!(refused.err.contains("expected a name that ends with .avimg"), "{refused:?}");
        assert!(!folder.path(name).exists(), "{name}");
    }
}

#[test]
fn lint_tells_what_is_ignored() {
    let folder = Folder::new();
    folder.write("db/own.ndb", "Own.Worm:0:*:776f726d*2121\nOwn.Other:0:*:6f74686572\n");
    folder.write("db/own.ign2", "Own.Worm\n");
    let lint = folder.run(&["av", "db", "lint", "db"]);
    assert_eq!((lint.status, lint.text()), (0, "1 loaded, 0 unsupported, 1 ignored\n"), "{lint:?}");
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let folder = databases();
    let lint = folder.run(&["av", "db", "lint", "--strict", "false", "db"]);
    assert_eq!(lint.status, 0, "{lint:?}");
    assert!(
        lint.text().ends_with("2 loaded, 1 unsupported (1 regex with look-around)\n"),
        "{lint:?}"
    );
    folder.write("db/own.ndb", "Own.Worm:0:*:776f726d*2121\nOwn.Bad:0:*:776\n");
    folder.write("db/main.cld", container("main.ndb", "Main.Worm:0:x:6d61696e21\n"));
    let lint = folder.run(&["av", "db", "lint", "--strict", "false", "db"]);
    assert_eq!(lint.status, 2, "{lint:?}");
    assert!(lint.text().contains("db/own.ndb:2:16: expected two hex digits"), "{lint:?}");
    assert!(lint.text().contains("db/main.cld:main.ndb:1:13: expected an offset"), "{lint:?}");
}

#[test]
fn what_nobody_vouches_for_does_not_verify() {
    let folder = databases();
    let info = folder.run(&["av", "db", "info", "db/main.cld"]);
    let expected = "db/main.cld: version 7 of today, 1 signatures, level 90, by tester; not trusted: \
                    there is no signature\n  main.ndb: 25 bytes\n";
    assert_eq!((info.status, info.text()), (0, expected), "{info:?}");
    let verify = folder.run(&["av", "db", "verify", "db/main.cld"]);
    assert_eq!(verify.status, 1, "{verify:?}");
    assert!(verify.text().contains("there is no signature"), "{verify:?}");
    folder.write("a.cdiff", "ClamAV-Diff:1:2:");
    let script = folder.run(&["av", "db", "verify", "a.cdiff"]);
    assert!(script.status == 1 && script.text().contains("a.cdiff: not signed"), "{script:?}");
}

/// A script of changes, unsigned, that leads to `version`.
fn script(version: u64, commands: &str) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(commands.as_bytes()).unwrap();
    let head = format!("ClamAV-Diff:{version}:{}:", commands.len()).into_bytes();
    [head, packed.finish().unwrap(), b":".to_vec()].concat()
}

/// Commands that put a line to `main.ndb`, and another list of members in the place of the one there.
fn adding(name: &str, version: u64) -> String {
    let list = format!("ClamAV-VDB:today:{version}:2:90:X:X:tester:0");
    format!(
        "OPEN main.ndb\nADD {name}:0:*:{}\nCLOSE\nUNLINK main.info\nOPEN main.info\nADD {list}\nCLOSE\n",
        name.bytes().map(|byte| format!("{byte:02x}")).collect::<String>()
    )
}

/// The names of the files in `db`.
fn names(folder: &Folder) -> Vec<String> {
    let entries = std::fs::read_dir(folder.path("db")).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}

#[test]
fn scripts_bring_a_database_up_to_date() {
    let folder = Folder::new();
    // As the updater of ClamAV leaves it unpacked.
    folder.write("db/main.ndb", "Main.Worm:0:*:6d61696e21\n");
    folder.write("db/main.info", "ClamAV-VDB:today:7:1:90:X:X:tester:0\n");
    folder.write("db/own.ndb", "Own.Worm:0:*:776f726d*2121\n");
    for version in 8..=11 {
        folder.write(
            &format!("main-{version}.cdiff"),
            script(version, &adding(&format!("Worm{version}"), version)),
        );
    }
    let update = |more: &[&str]| {
        folder.run(&[&["av", "db", "update", "--strict", "false", "db"][..], more].concat())
    };
    let first = update(&["main-8.cdiff"]);
    let line = "db/main.cld: version 8, 2 signatures; not trusted: there is no signature\n";
    assert_eq!((first.status, first.text()), (0, line), "{first:?}");
    assert_eq!(names(&folder), ["main.cld", "own.ndb"]);
    // Two at once, from a container; its older form goes.
    let cld = std::fs::read(folder.path("db/main.cld")).unwrap();
    folder.write("db/main.cvd", &cld);
    let more = update(&["main-9.cdiff", "main-10.cdiff"]);
    assert_eq!(more.status, 0, "{more:?}");
    assert!(more.text().starts_with("db/main.cld: version 10, "), "{more:?}");
    assert_eq!(names(&folder), ["main.cld", "own.ndb"]);
    folder.write("file", "main! Worm8 Worm9 Worm10 Worm11");
    let scan = folder.run(&["scan", "--av", "--strict", "false", "--db", "db", "file"]);
    for (name, is_found) in
        [("Main.Worm", true), ("Worm8", true), ("Worm9", true), ("Worm10", true), ("Worm11", false)]
    {
        assert_eq!(scan.text().contains(name), is_found, "{name}: {scan:?}");
    }
}

#[test]
fn a_script_that_does_not_fit_changes_nothing() {
    let folder = Folder::new();
    folder.write("db/main.ndb", "Main.Worm:0:*:6d61696e21\n");
    folder.write("db/main.info", "ClamAV-VDB:today:7:1:90:X:X:tester:0\n");
    folder.write("main-8.cdiff", script(8, &adding("Worm8", 8)));
    folder.write("main-9.cdiff", script(9, "OPEN main.ndb\nDEL 1 other\nCLOSE\n"));
    folder.write("main-10.cdiff", script(9, &adding("Worm9", 8)));
    folder.write("main-11.cdiff", script(9, "UNLINK main.info\n"));
    folder.write("other-8.cdiff", script(8, &adding("Worm8", 8)));
    folder.write("main.cdiff", script(8, &adding("Worm8", 8)));
    for (scripts, error) in [
        (
            &["main-9.cdiff"][..],
            "main-9.cdiff: leads to version 9, but main is of version 7: expected the script to version 8",
        ),
        (&["main-8.cdiff", "main-8.cdiff"], "leads to version 8, but main is of version 8"),
        (
            &["main-8.cdiff", "main-9.cdiff"],
            "main-9.cdiff: line 3: line 1 of the file does not begin",
        ),
        (
            &["main-8.cdiff", "main-10.cdiff"],
            "db/main.cld: its list of members is of version 8, not 9",
        ),
        (&["main-8.cdiff", "main-11.cdiff"], "db/main.cld: there is no main.info"),
        (&["main-8.cdiff", "other-8.cdiff"], "db: there is no database other"),
        (&["main.cdiff"], "main.cdiff: expected a name such as daily-27000.cdiff"),
        (&["absent-8.cdiff"], "there is no database absent"),
    ] {
        let args = [&["av", "db", "update", "--strict", "false", "db"], scripts].concat();
        let run = folder.run(&args);
        assert!(run.status == 2 && run.err.contains(error), "{scripts:?}: {run:?}");
        assert_eq!(names(&folder), ["main.info", "main.ndb"], "{scripts:?}");
    }
    // Who has not been told otherwise takes nothing that is unsigned.
    let run = folder.run(&["av", "db", "update", "db", "main-8.cdiff"]);
    assert!(run.status == 2 && run.err.contains("main-8.cdiff: not signed"), "{run:?}");
    assert_eq!(names(&folder), ["main.info", "main.ndb"]);
}
