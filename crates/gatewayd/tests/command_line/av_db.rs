//! `gateway-proxy av db`: databases compiled into an image, shown, checked and verified.

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
