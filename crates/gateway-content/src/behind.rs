//! Archives and programs that have something of another kind before them, as programs open them: they are found
//! whatever the chunks, and a signature alone is none. And those that have no signature, or are not opened.

use std::collections::BTreeSet;

use gateway_inspect::Unscannable;

use crate::containers::{check, refused, seen as unpacked, stub, text};
use crate::crafted::foreign;
use crate::crafted::mac_binary::{Form, mac_binary};
use crate::crafted::stored::{cab, seven_zip};
use crate::crafted::{
    arj, autoit, disks, iso, lh5, lzh, notes, nsis, packages, program, rar4, rar5,
};
use crate::fixture::{bzip2, cpio, gzip, stored, tar, utf16, zip};
use crate::laws::{Seen, look};
use crate::{BodyInfo, Budget, Limits};

/// What views change is in it.
const SECRET: &[u8] =
    b"<b>the</b> account &amp; holder\\n is MALWARE {\\b and} %41 this is all there is\n";

/// Sizes of chunks; 0 is the whole body.
const CHUNKS: [usize; 6] = [1, 7, 31, 1_460, 16_384, 0];

/// What is seen, the same for all chunks.
#[track_caller]
fn seen(body: &[u8], info: &BodyInfo) -> Seen {
    let mut first: Option<Seen> = None;
    for chunk in CHUNKS {
        let chunk = if chunk == 0 { body.len() } else { chunk };
        let seen = look(body, &[chunk], Budget::default(), info, &Limits::default());
        match &first {
            Some(first) => assert_eq!(first, &seen, "by {chunk}"),
            None => first = Some(seen),
        }
    }
    first.unwrap()
}

/// The members of archives, each with the exact secret, that end without a reason.
#[track_caller]
fn members(body: &[u8], info: &BodyInfo) -> BTreeSet<String> {
    let seen = seen(body, info);
    let is_member = |end: &&crate::PartEnd| {
        let found = seen.findings.get(&end.part.id);
        let has_word = found.is_some_and(|found| found.iter().any(|f| f.entry.scanner == "word"));
        has_word && end.bytes == SECRET.len() as u64 && end.outcome.unscannable.is_none()
    };
    seen.ends.iter().filter(is_member).map(|end| end.part.name.clone()).collect()
}

fn archives() -> [(&'static str, Vec<u8>); 6] {
    [
        ("zip:a", zip(&[stored("a", SECRET)])),
        ("cab:a.txt", cab([0; 4], SECRET)),
        ("cab:a.txt", cab(*b"PK\x03\x04", SECRET)),
        ("7z:a", seven_zip(SECRET)),
        ("rar:a", rar4(0x30, 0, SECRET)),
        ("rar:a", rar5(&[0], SECRET)),
    ]
}

#[test]
fn archives_are_found_behind_anything_that_is_read() {
    let fronts: [(&str, Vec<u8>); 19] = [
        ("", b"some text\n".to_vec()),
        ("", b"MSCF 7z Rar! PK MSCFMSCF, and MSC".to_vec()),
        ("", b"#!/bin/sh\necho \"a\\n\"\nexit\n".to_vec()),
        ("", b"<!DOCTYPE html><html><body>a page</body></html>\n".to_vec()),
        ("", b"<html><script>var a = 1;".to_vec()),
        ("", b"<html><!-- a comment that is open ".to_vec()),
        ("", b"<html><a title='a value that is open ".to_vec()),
        ("", b"<?xml version=\"1.0\"?><a>MSC</a>7z\xbc".to_vec()),
        ("", b"{\"a\": 1}\n".to_vec()),
        ("", b"{\"a\": \"\\u0041\\n\"}\n".to_vec()),
        ("", b"{\\rtf1 hello}".to_vec()),
        ("", utf16(b"text of two bytes each", false)),
        ("", b"text aGVsbG8gd29ybGQgaGVsbG8gd29ybGQgaGVsbG8g".to_vec()),
        ("", b"text %41%42%43%44%45%46".to_vec()),
        ("", b"text\nbegin 644 a\n".to_vec()),
        (
            "",
            b"%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\nendobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
                .to_vec(),
        ),
        ("", b"\x89PNG\r\n\x1a\n and so on".to_vec()),
        ("text/plain; charset=shift_jis", b"text \x82\xa0 and on".to_vec()),
        ("application/x-www-form-urlencoded", b"a=b%20c+d&".to_vec()),
    ];
    for (media, front) in fronts {
        let info = BodyInfo::default();
        let info = if media.is_empty() { info } else { info.with_content_type(media.as_bytes()) };
        for (want, archive) in archives() {
            let body = [&front[..], &archive, b" and text behind"].concat();
            let members = members(&body, &info);
            let is_found = members.iter().any(|name| name.ends_with(want));
            let front = String::from_utf8_lossy(&front).into_owned();
            assert!(is_found, "{want} behind {front}: {members:?}");
        }
    }
}

/// Fronts of parts that are read as text, or seen whole in another form.
fn texts() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("", b"hi".to_vec()),
        ("", b"hello world\n".to_vec()),
        ("", b"hell\0 of a text\n".to_vec()),
        (
            "",
            b"M MZ MZMZ Inst InstallShield Disk Disk1\\ CD001 -lh5- `\xea`\xea\x40\0 Rar! "
                .to_vec(),
        ),
        ("", b"#!/bin/sh\necho \"a\\n\"\nexit\n".to_vec()),
        ("", b"<!DOCTYPE html><html><body>a page</body></html>\n".to_vec()),
        ("", b"<html><script>var a = 1;".to_vec()),
        ("", b"<?xml version=\"1.0\"?><a>M</a>".to_vec()),
        ("", b"{\"a\": \"\\u0041\\n\"}\n".to_vec()),
        ("", utf16(b"text of two bytes each", false)),
        ("", b"text aGVsbG8gd29ybGQgaGVsbG8gd29ybGQgaGVsbG8g".to_vec()),
        ("", b"text %41%42%43%44%45%46".to_vec()),
        ("text/plain; charset=shift_jis", b"text \x82\xa0 and on".to_vec()),
        ("application/x-www-form-urlencoded", b"a=b%20c+d&".to_vec()),
        ("application/octet-stream", vec![0x93; 200]),
    ]
}

fn declared(media: &str) -> BodyInfo {
    let info = BodyInfo::default();
    if media.is_empty() { info } else { info.with_content_type(media.as_bytes()) }
}

/// Whether the word is in a part whose name has `want` in it, and no part has a reason.
#[track_caller]
fn check_found(body: &[u8], info: &BodyInfo, want: &str) {
    let seen = seen(body, info);
    let has_word = |end: &&crate::PartEnd| {
        let found = seen.findings.get(&end.part.id);
        found.is_some_and(|found| found.iter().any(|f| f.entry.scanner == "word"))
    };
    let front = String::from_utf8_lossy(body.get(..60).unwrap_or(body)).into_owned();
    let names: Vec<&str> = seen.ends.iter().filter(has_word).map(|e| &e.part.name[..]).collect();
    assert!(names.iter().any(|name| name.contains(want)), "{want} in {front}: {names:?}");
    for end in &seen.ends {
        assert_eq!(end.outcome.unscannable, None, "{} of {front}", end.part.name);
    }
}

#[test]
fn programs_are_found_behind_texts() {
    let installer = [&program(&[7; 512])[..], &nsis(b"header", SECRET)].concat();
    let with = |carried: Vec<u8>| [&program(b"any")[..], &carried].concat();
    for (media, front) in texts() {
        let info = declared(media);
        let at = format!("at:{}", front.len());
        for (want, file) in [
            (&at[..], program(SECRET)),
            ("nsis:1", installer.clone()),
            ("autoit:a", with(autoit(6, false, SECRET))),
            ("ishield:a.txt", with(packages("a.txt", SECRET))),
            ("ishield:Disk1\\b.dat", with(disks(SECRET))),
            ("arj:a", arj("a", 0, SECRET)),
            ("lzh:a", lzh(0, "-lh0-", "a", SECRET, SECRET.len())),
            ("lzh:a", lzh(2, "-lh0-", "a", SECRET, SECRET.len())),
            ("at:", notes(SECRET)),
        ] {
            check_found(&[&front[..], &file].concat(), &info, want);
        }
    }
}

#[test]
fn an_image_may_begin_with_text() {
    // What is behind a script is zeros, and its view alone is seen as something else.
    for (media, front) in texts().into_iter().filter(|(_, front)| !front.ends_with(b"a = 1;")) {
        let info = declared(media);
        let mut image = iso(SECRET);
        image[..front.len()].copy_from_slice(&front);
        check_found(&image, &info, "iso:");
    }
}

#[test]
fn programs_are_found_behind_other_containers() {
    for front in [
        gzip(b"x"),
        bzip2(b"x"),
        zip(&[stored("a", b"x")]),
        cpio(b"070701", "c", b"x"),
        tar("t", b"x"),
        arj("a", 0, b"x"),
        lzh(2, "-lh0-", "a", b"x", 1),
    ] {
        let body = [&front[..], &program(SECRET)].concat();
        check_found(&body, &BodyInfo::default(), &format!("at:{}", front.len()));
        // What follows an archive of tar is seen in blocks.
        let body = [&front[..], &arj("a", 0, SECRET), &[b' '; 600]].concat();
        check_found(&body, &BodyInfo::default(), "arj:a");
    }
}

#[test]
fn programs_are_found_in_further_members_of_gzip() {
    let body = [gzip(b"hi"), gzip(&program(SECRET)), gzip(b"and on")].concat();
    check_found(&body, &BodyInfo::default(), "gz:/at:2");
}

/// What is taken for an archive and breaks at once is not taken for it again and again.
#[test]
fn what_breaks_at_once_is_passed() {
    let mut broken = arj("a", 0, SECRET);
    let basic = usize::from(u16::from_le_bytes([broken[2], broken[3]]));
    broken[4 + basic + 4..4 + basic + 6].copy_from_slice(&[0xff, 0xff]);
    broken.resize(30_000, 1);
    let installer = [&b"text "[..], b"InstallShield\0\x01\0\0\0", &[0; 28], b"a"].concat();
    for body in [[&b"text"[..], &broken].concat(), [&[0, 1, 2], &broken[..]].concat(), installer] {
        let seen = seen(&body, &BodyInfo::default());
        assert!(seen.ends.iter().any(|end| end.outcome.unscannable.is_some()));
    }
}

#[test]
fn what_follows_a_program_in_a_text_is_read_on() {
    let run = crate::fixture::base64(b"the word is MALWARE, and that is all of it");
    let body = [&b"hello\n"[..], &program(b"any"), b"\nand then ", &run, b"\n"].concat();
    check_found(&body, &BodyInfo::default(), "base64:");
}

#[test]
fn words_of_texts_begin_nothing() {
    let words: &[u8] = b"The MZ is what programs begin with, as PK archives do; #define MZ 0x5a4d; InstallShield, \
        Inst, Disk1\\data1.cab, CD001, -lh5-, -lz5-, -pm0-, %PDF-1.7, %PDF, Rar!, MSCF, 7z, \x60\xea, MZMZ";
    let zeros = [&b"text MZ"[..], &[0; 200], b"MZ\x90\0", &[1; 80], b"InstallShield\0 1"].concat();
    let pad = [b"a line of text\n".repeat(100), words.to_vec()].concat();
    for text in [words, &words.repeat(50), &zeros, &pad, &b"MZ".repeat(9_000)] {
        let seen = seen(text, &BodyInfo::default());
        for end in &seen.ends {
            assert_eq!(end.outcome.unscannable, None, "{}", end.part.name);
            assert!(!end.part.name.contains("at:"), "{}", end.part.name);
        }
    }
}

#[test]
fn one_archive_may_follow_another() {
    let page = b"<html>a page</html>";
    let [zip, cab, other, seven, ..] = archives().map(|(_, archive)| archive);
    for text in [&b"text\n"[..], page] {
        let body = [text, &cab, text, &seven, &zip, text, &other, text].concat();
        let members = members(&body, &BodyInfo::default());
        let of = |ending: &str| members.iter().filter(|name| name.ends_with(ending)).count();
        assert_eq!((of("cab:a.txt"), of("7z:a"), of("zip:a")), (2, 1, 1), "{members:?}");
    }
}

#[test]
fn a_list_of_signatures_is_text() {
    let list: &[u8] = b"[50:application/vnd.ms-cab-compressed]\n>0=\0\x08MSCF\0\0\0\0\n[50:application/\
        vnd.rar]\n>0=\0\x04Rar!\n>0=\0\x07Rar!\x1a\x07\0\n>0=\0\x08Rar!\x1a\x07\x01\0\n[50:application/\
        x-7z-compressed]\n>0=\0\x067z\xbc\xaf\x27\x1c\n[50:application/zip]\n>0=\0\x04PK\x03\x04\n";
    for front in [&b"MIME-Magic\0\n"[..], b"<html>", b"{\"a\": \"\\n\"", b"#!/bin/sh\n\\n"] {
        let seen = seen(&[front, list].concat(), &BodyInfo::default());
        for end in &seen.ends {
            assert_eq!(end.outcome.unscannable, None, "{}", end.part.name);
            assert!(!end.part.name.contains("at:"), "{}", end.part.name);
        }
    }
}

#[test]
fn what_may_begin_an_archive_at_the_end_is_searched() {
    let secret = b"the word is MALWARE";
    let run = crate::fixture::base64(secret);
    for begun in [
        &b"MSCF"[..],
        b"Rar!\x1a\x07\x01",
        b"7z\xbc\xaf\x27\x1c",
        b"PK\x03\x04",
        b"MSCF MSCF PK\x05\x06",
    ] {
        let body = [b"text ", begun, b"\n", &run[..]].concat();
        let seen = seen(&body, &BodyInfo::default());
        assert!(seen.findings.values().flatten().any(|f| f.entry.scanner == "word"), "{begun:?}");
    }
}

#[test]
fn archives_of_lha_are_found_in_programs() {
    let content = text();
    let stub = stub(70);
    for level in 0..=2 {
        let archive = lzh(level, "-lh5-", "a", &lh5(&content, 21), content.len());
        check(&[&stub[..], &archive].concat(), "lzh:a");
        // Behind what only seems to begin one, and what only seems to begin a ZIP archive.
        check(&[&stub[..], b"PK\x03\x04-lh5--lh5- ", &archive].concat(), "lzh:a");
        let mut damaged = archive;
        damaged[if level == 2 { 0 } else { 1 }] ^= 0x55;
        let (seen, reasons) = unpacked(&[&stub[..], &damaged].concat(), &Limits::default());
        assert_eq!((seen.ends.len(), reasons), (1, vec![]), "{level}");
    }
    // The method stands in its header by chance.
    let mut program = b"MZ-lh5-".to_vec();
    program.resize(300, 0);
    assert_eq!(unpacked(&program, &Limits::default()).1, []);
    let text = b"a -lh5- is a method, and -lh1- is one";
    assert_eq!(unpacked(text, &Limits::default()).1, []);
}

#[test]
fn forks_of_macintosh_files_are_parts() {
    for form in [Form::First, Form::Summed] {
        for (data, resources, want) in [
            (SECRET, &b"resources"[..], "macbinary:a"),
            (b"data", SECRET, "macbinary:a/rsrc"),
            (&gzip(SECRET), b"", "macbinary:a/gz:"),
            (&[b' '; 700][..], &zip(&[stored("b", SECRET)]), "macbinary:a/rsrc/zip:b"),
        ] {
            let file = mac_binary(form, data, resources);
            check(&file, want);
            let packed = lzh(1, "-lh0-", "a", &file, file.len());
            check(&packed, &format!("lzh:a/{want}"));
            // What is behind the forks is searched like any file.
            let behind = [&file[..], &[0; 700], &rar4(0x30, 0, SECRET)].concat();
            check(&behind, "macbinary:a/rest/rar:a");
        }
    }
    let mut cut = mac_binary(Form::First, &[b'a'; 900], b"");
    cut.truncate(700);
    refused(&cut, ("macbinary:a", Unscannable::Malformed));
}

/// It is for the last of the first bytes to tell whether something else has begun in them, not for the piece with
/// which they have come.
#[test]
fn forks_that_begin_like_an_archive_are_parts_whatever_the_pieces() {
    let mark = b"Rar!\x1a\x07\x01\0 crc\x07\x01\0";
    let file = mac_binary(Form::First, &[&mark[..], &[b' '; 900]].concat(), b"");
    let (info, limits) = (BodyInfo::default(), Limits::default());
    let by = |cut: usize| look(&file, &[cut, file.len()], Budget::default(), &info, &limits);
    for cut in 128..200 {
        assert_eq!(by(cut), by(file.len()), "{cut}");
    }
    refused(&file, ("macbinary:a", Unscannable::Malformed));
}

/// By its first bytes it is told what a file is: a header of an archive in these may go on behind them.
#[test]
fn headers_that_go_on_behind_the_first_bytes_are_waited_for() {
    let name = "n".repeat(300);
    let data = [&[b' '; 100][..], &zip(&[stored(&name, SECRET)])].concat();
    for form in [Form::First, Form::Summed] {
        check(&mac_binary(form, &data, b""), &format!("macbinary:a/zip:{name}"));
    }
}

#[test]
fn archives_that_are_not_opened_say_so() {
    for (format, head, _) in foreign::all() {
        for len in [head.len(), 700] {
            let mut body = head.clone();
            body.resize(len.max(head.len()), 0x21);
            refused(&body, ("", Unscannable::Unsupported));
            let (_, reasons) = unpacked(&zip(&[stored(format, &body)]), &Limits::default());
            assert_eq!(reasons, [(format!("zip:{format}"), Unscannable::Unsupported)]);
        }
    }
}

/// What stands behind an archive, or behind what only seems to begin one, is found wherever the body is cut; and what
/// comes of a program with an archive in its headers does not depend on it either.
#[test]
fn no_cut_hides_what_stands_behind() {
    let lha = |name: &str| lzh(0, "-lh0-", name, SECRET, SECRET.len());
    let mut packed = stub(70);
    let in_headers = zip(&[stored("h", b"in the headers")]);
    packed.splice(100.., in_headers);
    packed.extend_from_slice(&[0; 400]);
    let bodies = [
        [&lha("a")[..], &[0], &lha("b")].concat(),
        [&zip(&[stored("a", SECRET)])[..], &lha("b")].concat(),
        [&b"\x01\x02\x03 Disk1 is no entry "[..], &[b'.'; 300], &zip(&[stored("b", SECRET)])]
            .concat(),
        packed,
    ];
    for body in bodies {
        let look = |cuts: &[usize]| {
            look(&body, cuts, Budget::UNLIMITED, &BodyInfo::default(), &Limits::default())
        };
        let whole = look(&[body.len()]);
        assert!(whole.ends.len() >= 2, "{:?}", whole.ends);
        for at in 1..body.len() {
            for more in [1, 30] {
                assert_eq!(look(&[at, more, body.len()]), whole, "{at}, {more}");
            }
        }
    }
}

/// What may begin a file and waits for bytes that do not come: of a program whose headers are far behind, an archive
/// of ARJ and one of LHA with a long header.
fn waiting() -> [Vec<u8>; 3] {
    let mut far = b"MZ".to_vec();
    far.resize(60, 0);
    far.extend_from_slice(&[0, 0x0f, 0, 0]);
    let mut long = arj("a", 0, SECRET)[..12].to_vec();
    long[2..4].copy_from_slice(&2_000u16.to_le_bytes());
    let mut wide = lzh(0, "-lh0-", "a", SECRET, SECRET.len())[..21].to_vec();
    wide[0] = 255;
    [far, long, wide]
}

#[test]
fn what_waits_for_more_hides_nothing_at_the_end() {
    let more: [(&str, Vec<u8>); 4] = [
        ("", b"\x01\x02\x03 of no kind ".to_vec()),
        ("", b"\x89PNG\r\n\x1a\n and so on".to_vec()),
        ("", b"{\\rtf1 hello}".to_vec()),
        ("", gzip(b"hello")),
    ];
    let fronts = texts().into_iter().chain(more);
    for (media, front) in fronts {
        for wait in waiting() {
            for (want, archive) in archives() {
                let body = [&front[..], &wait, b" and ", &archive].concat();
                let members = members(&body, &declared(media));
                let is_found = members.iter().any(|name| name.ends_with(want));
                let front = front.escape_ascii();
                assert!(is_found, "{want} behind {} in {front}: {members:?}", wait.escape_ascii());
            }
        }
    }
}

/// The path of a file on a disk of InstallShield goes on up to a zero.
#[test]
fn what_waits_for_a_zero_hides_nothing_at_the_end() {
    for wait in [&b"Disk1\\"[..], b"InstallShield\0", b"Disk1\\Disk1\\Disk1\\"] {
        let body = [&b"\x01\x02\x03 "[..], wait, b" %PDF-1.4 the word is MALWARE"].concat();
        let seen = seen(&body, &BodyInfo::default());
        let names: Vec<&str> = seen.ends.iter().map(|end| &end.part.name[..]).collect();
        assert!(names.iter().any(|name| name.starts_with("at:")), "{names:?}");
    }
}

/// Two signatures of LHA in one header that makes no sense: what was looked at and left is not looked at once more.
#[test]
fn a_header_that_breaks_is_met_once() {
    let twice = b"{  J-pmJ-pm\xff\xff2\0CD\xff\xff0\x19\x04\x001I         J-pmJ-pm+\xff2\0CD\xff\xff0\x19\x04\x001IGFjY2,n";
    let body = [&twice[..], b"JJJJJJJJ\xcaJJ-pmJ-pmHK\xbe"].concat();
    for front in [&b""[..], b"\x01\x02\x03", b"some text ", b"<p>a page</p> "] {
        seen(&[front, &body].concat(), &BodyInfo::default());
    }
}
