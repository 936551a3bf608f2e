//! Containers that are rarely met: what is in them is found whatever the chunks, and what cannot be
//! looked at says why.

use gateway_inspect::{PartKind, Unscannable};

use crate::coding::xxh32::Xxh32;
use crate::crafted::early::{reduced, shrunk};
use crate::crafted::egg::{self, Told, egg};
use crate::crafted::hangul::{hwp3, hwp5};
use crate::crafted::lharc::{lh1, lh2, lh3, lz5, lzs};
use crate::crafted::quantum::cab_quantum;
use crate::crafted::streams::{Clears, compressed, lz4, lz4_legacy, lzip, swf, swf_lzma};
use crate::crafted::{
    arj, autoit, binhex, cab_lzx, disks, imploded, install_shield, iso, iso_of, lh5, lzh, notes,
    nsis, packages, program, rar4, rar5, sis, szdd, tnef, universal, upx, zip_of,
};
use crate::document::compressed_rtf::tests::packed as compressed_rtf;
use crate::document::vba::tests::{packed as macros, starts};
use crate::fixture::{cfb, deflate, gzip, stored, zip, zlib, zstd};
use crate::laws::{Seen, look};
use crate::text::cells::tests::strings as cells;
use crate::text::script::tests::encoded;
use crate::{BodyInfo, Budget, Limits, packed};

const SECRET: &[u8] = b"the account holder is MALWARE, and this is all there is to say\n";

/// A folder with the file `a.txt`, which is that of [`packed`], as `wimlib-imagex capture FOLDER FILE
/// --compress=XPRESS --no-acls` and `--compress=LZX` of wimlib 1.13.6 write it.
const XPRESS: &[u8] = include_bytes!("../fixtures/xpress.wim");
const LZX: &[u8] = include_bytes!("../fixtures/lzx.wim");

/// Sizes of chunks; 0 is the whole body.
const CHUNKS: [usize; 5] = [1, 7, 1_460, 16_384, 0];

pub(crate) type Reasons = Vec<(String, Unscannable)>;

/// Every format once, small.
pub(crate) fn samples() -> Vec<Vec<u8>> {
    let content = text();
    let stub = stub(70);
    let behind = |data: Vec<u8>| [&stub[..], &data].concat();
    vec![
        packed::bytes(packed::ARJ),
        lzh(0, "-lh1-", "a", &lh1(&content, 21), content.len()),
        lzh(1, "-lh2-", "a", &lh2(&content, 21), content.len()),
        lzh(2, "-lh3-", "a", &lh3(&content, 21), content.len()),
        lzh(0, "-lzs-", "a", &lzs(&content, 21), content.len()),
        lzh(2, "-lh5-", "a", &lh5(&content, 21), content.len()),
        compressed(&content, 16, Clears::Yes),
        lz4(&content, 100, 21),
        lz4_legacy(&content, 21),
        [lzip(), lzip()].concat(),
        cab_quantum(&content, 21, 15),
        XPRESS.to_vec(),
        LZX.to_vec(),
        universal(4, &[(7, SECRET), (12, &gzip(SECRET))]),
        zip_of(1, &shrunk(&content), &content),
        zip_of(4, &reduced(3, &content, 21), &content),
        zip_of(6, &imploded(&content, 21), &content),
        swf(&content)[1].clone(),
        swf_lzma()[1].clone(),
        egg(
            &[],
            &[
                egg::file(Told { name: "a", size: content.len(), ..Told::default() }),
                egg::block(1, &content),
            ],
        ),
        egg(
            &[egg::field(0x24e5_a060, b"")],
            &[egg::file(Told { name: "a", size: 5, ..Told::default() }), egg::lzma_block()],
        ),
        hwp3(true, 0, &content),
        encoded(SECRET, 0),
        [b"<html><script>", &encoded(&content, 0)[..], b"</script>", &encoded(SECRET, 9)].concat(),
        hwp5(1, &[("BodyText/Section0", deflate(&content)), ("DocInfo", deflate(SECRET))]),
        szdd(&content, 21),
        cab_lzx(&content),
        rar4(0x30, 0, SECRET),
        rar5(&[0], SECRET),
        sis(SECRET),
        tnef(SECRET),
        binhex("a", SECRET),
        notes(SECRET),
        behind(nsis(b"header", SECRET)),
        behind(autoit(6, true, SECRET)),
        behind(packages("a.txt", SECRET)),
        behind(disks(SECRET)),
        upx(true, &program(SECRET)),
    ]
}

/// What is seen, the same for all chunks, with the reasons of parts.
#[track_caller]
pub(crate) fn seen(body: &[u8], limits: &Limits) -> (Seen, Reasons) {
    let mut first: Option<Seen> = None;
    for chunk in CHUNKS {
        let chunk = if chunk == 0 { body.len() } else { chunk };
        let seen = look(body, &[chunk], Budget::default(), &BodyInfo::default(), limits);
        match &first {
            Some(first) => assert_eq!(first, &seen, "by {chunk}"),
            None => first = Some(seen),
        }
    }
    let seen = first.unwrap();
    let reason = |end: &crate::PartEnd| Some((end.part.name.clone(), end.outcome.unscannable?));
    let reasons = seen.ends.iter().filter_map(reason).collect();
    (seen, reasons)
}

#[track_caller]
pub(crate) fn check(body: &[u8], want: &str) {
    let (seen, reasons) = seen(body, &Limits::default());
    let has_word = |end: &&crate::PartEnd| {
        let found = seen.findings.get(&end.part.id);
        found.is_some_and(|found| found.iter().any(|f| f.entry.scanner == "word"))
    };
    let paths: Vec<&str> =
        seen.ends.iter().filter(has_word).map(|end| end.part.name.as_str()).collect();
    assert!(paths.contains(&want), "{paths:?}, not {want}; {reasons:?}");
    assert_eq!(reasons, []);
}

/// The word is found in a part, whatever else there is.
#[track_caller]
fn check_found(body: &[u8], want: &str) {
    let (seen, _) = seen(body, &Limits::default());
    let part = seen.ends.iter().find(|end| end.part.name == want).unwrap();
    let found = seen.findings.get(&part.part.id);
    assert!(found.is_some_and(|found| found.iter().any(|f| f.entry.scanner == "word")));
}

/// A part ends for a reason.
#[track_caller]
pub(crate) fn refused(body: &[u8], want: (&str, Unscannable)) {
    let (_, reasons) = seen(body, &Limits::default());
    assert!(reasons.contains(&(want.0.into(), want.1)), "{reasons:?}");
}

/// The content of [`packed`] with a secret that is text.
pub(crate) fn text() -> Vec<u8> {
    packed::content()
}

#[test]
fn archives_of_old_are_opened() {
    let content = text();
    check(&packed::bytes(packed::ARJ), "arj:content");
    check(&packed::bytes(packed::ARJ_FASTEST), "arj:content");
    check(&arj("a.txt", 0, SECRET), "arj:a.txt");
    for level in 0..3 {
        check(&lzh(level, "-lh5-", "a.txt", &lh5(&content, 21), content.len()), "lzh:a.txt");
        check(&lzh(level, "-lh0-", "a.txt", SECRET, SECRET.len()), "lzh:a.txt");
    }
    check(&zip_of(6, &imploded(&content, 21), &content), "zip:a");
    check(&szdd(&content, 21), "szdd:");
    check(&zlib(&content), "zlib:");
    check(&cab_lzx(&content), "cab:/cab:a.txt");
    check(&rar4(0x30, 0, SECRET), "rar:a");
    check(&rar5(&[0], SECRET), "rar:a");
    check(&sis(SECRET), "sis:a");
    check(&iso(SECRET), "iso:F/A.TXT");
}

/// Lines that are all different, with a secret behind them: strings enough for packers to forget some.
fn many_lines() -> Vec<u8> {
    let number = |n: u32| n.wrapping_mul(2_654_435_761) >> 7;
    let lines = (0..9_000)
        .flat_map(|n| [format!("{:x} and {n}", number(n)).as_bytes(), b"\x90\n"].concat());
    lines.chain(SECRET.iter().copied()).collect()
}

#[test]
fn archives_of_the_first_zip_are_opened() {
    let (content, lines) = (text(), many_lines());
    check(&zip_of(1, &shrunk(&content), &content), "zip:a");
    check(&zip_of(1, &shrunk(&lines), &lines), "zip:a");
    for factor in 1..=4 {
        let method = 1 + factor as u16;
        for distance in [21, 42, 210] {
            let long = content.repeat(20);
            check(&zip_of(method, &reduced(factor, &long, distance), &long), "zip:a");
        }
        check(&zip_of(method, &reduced(factor, &lines, 9), &lines), "zip:a");
    }
    let reduced = zip_of(5, &packed::bytes(packed::REDUCED), &packed::title());
    let (seen, reasons) = seen(&reduced, &Limits::default());
    let digest = format!("{:08x}", crc32fast::hash(&packed::title()));
    let digests = seen.findings.values().flatten().filter(|f| f.entry.scanner == "digest");
    assert!(digests.into_iter().any(|found| *found.entry.id == *digest), "{:?}", seen.ends);
    assert_eq!(reasons, []);
}

#[test]
fn archives_of_the_first_lha_are_opened() {
    for (content, distance) in [(text(), 21), (many_lines(), 210), (text().repeat(90), 2_100)] {
        let (shown, len) = (content.as_slice(), content.len());
        check(&lzh(0, "-lh1-", "a", &lh1(shown, distance), len), "lzh:a");
        check(&lzh(1, "-lh2-", "a", &lh2(shown, distance), len), "lzh:a");
        check(&lzh(2, "-lh3-", "a", &lh3(shown, distance), len), "lzh:a");
        check(&lzh(0, "-lzs-", "a", &lzs(shown, distance.min(1_500)), len), "lzh:a");
        let (packed, content) = lz5(shown);
        check(&lzh(0, "-lz5-", "a", &packed, content.len()), "lzh:a");
    }
}

#[test]
fn compressed_files_are_opened() {
    let lines = many_lines();
    for (content, distance) in [(text(), 21), (text().repeat(90), 2_100), (lines, 210)] {
        for (width, clears) in [(9, Clears::No), (12, Clears::Yes), (16, Clears::Yes)] {
            check(&compressed(&content, width, clears), "z:");
        }
        check(&lz4(&content, 4_096, distance), "lz4:");
        check(&lz4(&content, 1 << 20, distance), "lz4:");
        check(&lz4_legacy(&content, distance), "lz4:");
    }
    let empty = lz4(b"", 1, 1);
    let skipped = [&b"\x5a\x2a\x4d\x18\x03\0\0\0"[..], b"abc"].concat();
    check(&[&empty[..], &skipped, &lz4(&text(), 100, 21)].concat(), "lz4:");
    check(&[&lz4_legacy(&text(), 21)[..], &lz4(b"more", 100, 21)].concat(), "lz4:");
    check(&[&skipped[..], &zstd(&text())].concat(), "zst:");
    check(&[lzip(), lzip()].concat(), "lz:");
    check(&[&lzip()[..], b"and so on"].concat(), "lz:");
}

#[test]
fn encoded_scripts_are_decoded() {
    let (content, lines) = (text(), many_lines());
    let base64 = crate::fixture::base64(&gzip(SECRET));
    let wide = |text: &[u8]| crate::fixture::utf16(text, false);
    let page = |script: &[u8]| {
        [b"<html><p>text</p><script language=JScript.Encode>", script, b"</script><p>more"].concat()
    };
    for script in [SECRET, &content, &lines] {
        let encoded = encoded(script, 0);
        check(&encoded, "screnc:");
        check(&page(&encoded), "html:/screnc:");
        for before in [1, 100, 4_085, 4_090, 9_000] {
            check(
                &[&b"a line of a page\n".repeat(before)[..before], &encoded, b"%>"].concat(),
                "screnc:",
            );
        }
        check(&[&encoded[..], &zip(&[stored("a", SECRET)])].concat(), "zip:a");
    }
    check(&encoded(&base64, 0), "screnc:/base64:/gz:");
    check(&wide(&encoded(SECRET, 0)), "charset:utf-16le/screnc:");
    check(&encoded(&encoded(SECRET, 0), 0), "screnc:/screnc:");
    check(&gzip(&page(&encoded(SECRET, 0))), "gz:/html:/screnc:");
    // What one of a false length has behind it is looked at.
    let endless = encoded(b"x = 1", 90_000);
    check(&[&endless[..], &encoded(SECRET, 0)].concat(), "screnc:");
    check(&[&endless[..], &zip(&[stored("a", SECRET)])].concat(), "zip:a");
    for text in
        ["#@~^ and on", "#@~^AAAA", "the mark #@~^ and ^#~@ of a script", "#@#@~^#@~^AAAA=="]
    {
        assert_eq!(parts(text.as_bytes()).len(), 1, "{text}");
    }
    let blocks: Vec<u8> =
        (0..300).flat_map(|_| [&b"<%="[..], &encoded(b" x ", 0), b"%>"].concat()).collect();
    assert_eq!(parts(&blocks).len(), 301);
}

/// What the parts of an archive of EGG are called, and why they are not looked at.
fn parts(body: &[u8]) -> Vec<(String, u64, Option<Unscannable>)> {
    let (seen, _) = seen(body, &Limits::default());
    let part = |end: &crate::PartEnd| (end.part.name.clone(), end.bytes, end.outcome.unscannable);
    seen.ends.iter().map(part).collect()
}

#[test]
fn archives_of_egg_are_opened() {
    let (content, lines) = (text(), many_lines());
    let told = |name, content: &[u8]| Told { name, size: content.len(), ..Told::default() };
    let solid = [egg::field(0x24e5_a060, b"")];
    let others = [egg::file(told("b", b"one")), egg::block(0, b"one")];
    let (one, other) = content.split_at(content.len() - 30);
    for method in 0..=2 {
        check(&egg(&[], &[egg::file(told("a", &lines)), egg::block(method, &lines)]), "egg:a");
        for blocks in [
            vec![egg::block(method, &content)],
            // What a scanner looks for is in two blocks.
            vec![egg::block(method, one), egg::block(method, other)],
            vec![egg::block(2, one), egg::block(0, b""), egg::block(method, other)],
        ] {
            let archive = [&[egg::file(told("a", &content))], &blocks[..]].concat();
            check(&egg(&[], &archive), "egg:a");
            check(&[egg(&[], &archive), zip(&[stored("b", SECRET)])].concat(), "zip:b");
            check(&egg(&[], &[&others[..], &archive].concat()), "egg:a");
            check(&egg(&[], &[&archive[..], &others].concat()), "egg:a");
            let headers = [told("b", &content[..9]), told("a", &content[9..])].map(egg::file);
            check(&egg(&solid, &[&headers[..], &blocks].concat()), "egg:/egg:a");
        }
    }
    check(&egg(&[], &[egg::file(told("a", &content)), egg::lzma_block()]), "egg:a");
    let example = packed::bytes(egg::EXAMPLE);
    assert_eq!(parts(&example)[0], ("egg:hello.txt".to_owned(), 5, None));
    // Fields of any kind, of which some are long, and a folder.
    let info = (0x2c86_950b, &[0; 9][..]);
    let comment = vec![b'c'; 60_000];
    let fields = [info, (0x04c6_3672, &comment), (0x1122_3344, b"unknown")];
    let file = Told { name: "a", fields: &fields, size: content.len() };
    let folder = egg::file(told("folder", b""));
    let wide =
        [&0x04c6_3672_u32.to_le_bytes()[..], &[1], &70_000_u32.to_le_bytes(), &[b'c'; 70_000]];
    let all = [folder, egg::file(file), egg::block(1, &content), wide.concat()];
    check(&egg(&[egg::field(0x1122_3344, b"unknown")], &all), "egg:a");
}

#[test]
fn names_in_egg_are_read_by_their_code_page() {
    let content = text();
    for (flags, before, name, want) in [
        (0, &b""[..], &b"\xed\x95\x9c"[..], "egg:\u{d55c}"),
        (8, b"\xb5\x03", b"\xc7\xd1", "egg:\u{d55c}"),
        (8, b"\xa4\x03", b"\x82\xa0", "egg:\u{3042}"),
        (8, b"\0\0", b"a", "egg:a"),
        (16, b"\x07\0\0\0", b"a", "egg:a"),
        (24, b"\xb5\x03\x07\0\0\0", b"\xc7\xd1", "egg:\u{d55c}"),
    ] {
        let mut named = egg::field(0x0a85_91ac, &[before, name].concat());
        named[4] = flags;
        let file = egg::file(Told { name: "", size: content.len(), ..Told::default() });
        // It stands in place of the name that is there.
        let file = [&file[..16], &named, &file[file.len() - 4..]].concat();
        check(&egg(&[], &[file, egg::block(1, &content)]), want);
    }
}

#[test]
fn archives_of_egg_tell_what_is_not_read() {
    use Unscannable::{Encrypted, Malformed, Unsupported, WorkExceeded};
    let content = text();
    let told = |name, content: &[u8]| Told { name, size: content.len(), ..Told::default() };
    let file = |name| egg::file(told(name, &content));
    let secret = Told { fields: &[(0x08d1_470f, &[0; 17])], ..told("a", &content) };
    let after = [file("b"), egg::block(1, &content)];
    let solid = [egg::field(0x24e5_a060, b"")];
    let split = |before: u32, behind: u32| {
        egg::field(0x24f5_a262, &[before, behind].map(u32::to_le_bytes).concat())
    };
    // What is behind one of several blocks that are not read is.
    for (header, method, reason) in [
        (file("a"), 3, Unsupported),
        (file("a"), 9, Unsupported),
        (egg::file(secret), 1, Encrypted),
    ] {
        let refusing = [header, egg::block(method, b"not read"), egg::block(method, b"not that")];
        let archive = egg(&[], &[&refusing[..], &after].concat());
        refused(&archive, ("egg:a", reason));
        check_found(&archive, "egg:b");
        refused(&egg(&solid, &refusing), ("egg:", reason));
    }
    let all = egg::field(0x08d1_44a8, &[0; 17]);
    refused(&egg(&[all], &after), ("egg:b", Encrypted));
    refused(&egg(&[split(0, 7)], &after), ("", Unsupported));
    check_found(&egg(&[split(0, 7)], &after), "egg:b");
    refused(&egg(&[split(6, 7)], &after), ("", Unsupported));
    check(&egg(&[split(0, 0)], &after), "egg:b");
    let unsupported = [file("a"), egg::block(1, &content), egg::block(3, b"not read")];
    refused(&egg(&[], &unsupported), ("egg:a", Unsupported));
    // A file without its blocks, blocks without a file, and what is no header.
    refused(&egg(&[], &[file("a")]), ("", Malformed));
    refused(&egg(&[], &[egg::block(0, b"a")]), ("", Malformed));
    refused(&egg(&[], &[b"what".to_vec()]), ("", Malformed));
    let mut changed = egg(&[], &after);
    let at = changed.len() - 20;
    changed[at] ^= 0x55;
    refused(&changed, ("egg:b", Malformed));
    let mut sum = egg::block(0, SECRET);
    sum[14] ^= 1;
    refused(&egg(&[], &[file("b"), sum]), ("egg:b", Malformed));
    let whole = egg(&[], &after);
    for end in [10, 16, 30, 60, whole.len() - 20] {
        let reasons = seen(&whole[..end], &Limits::default()).1;
        assert!(reasons.iter().any(|(_, reason)| *reason == Malformed), "{end}: {reasons:?}");
    }
    refused(&whole[..whole.len() - 1], ("", Malformed));
    refused(
        &egg(&[], &[&[file("a")][..], &vec![egg::block(0, b""); 1_100]].concat()),
        ("egg:a", WorkExceeded),
    );
    let fields = [(0x1122_3344, &b""[..]); 1_100];
    let fields = egg::file(Told { fields: &fields, ..told("b", &content) });
    refused(&egg(&[], &[fields, egg::block(1, &content)]), ("", Unscannable::TooMany));
    let many = |count: usize| {
        let header = egg::file(Told { name: &"n".repeat(400), size: 1, ..Told::default() });
        egg(&solid, &[header.repeat(count), egg::block(0, &vec![b'x'; count])])
    };
    let part_count = |count| {
        look(&many(count), &[4_096], Budget::default(), &BodyInfo::default(), &Limits::default())
    };
    let (few, lots) = (part_count(1_000), part_count(5_000));
    assert_eq!((few.ends.len(), few.ends[1_001].outcome.unscannable), (1_002, None));
    let last = lots.ends.last().unwrap();
    assert_eq!(
        (lots.ends.len() < 3_000, last.outcome.unscannable),
        (true, Some(Unscannable::TooMany))
    );
}

#[test]
fn documents_of_hangul_are_opened() {
    use Unscannable::{Encrypted, Malformed};
    let content = text();
    let object = [&[0; 4][..], &cfb("Contents", SECRET)].concat();
    for (path, bytes, want) in [
        ("BodyText/Section0", deflate(SECRET), "ole:BodyText/Section0/deflate:"),
        ("DocInfo", deflate(&content), "ole:DocInfo/deflate:"),
        ("Scripts/DefaultJScript", deflate(SECRET), "ole:Scripts/DefaultJScript/deflate:"),
        ("BinData/BIN0001.png", deflate(&gzip(SECRET)), "ole:BinData/BIN0001.png/deflate:/gz:"),
        ("BinData/BIN0002.png", gzip(SECRET), "ole:BinData/BIN0002.png/gz:"),
        ("BinData/B.OLE", deflate(&object), "ole:BinData/B.OLE/deflate:/at:4/ole:Contents"),
        ("BinData/B.OLE", object.clone(), "ole:BinData/B.OLE/at:4/ole:Contents"),
        ("BinData/B.OLE", object[4..].to_vec(), "ole:BinData/B.OLE/at:0/ole:Contents"),
        (
            "BinData/B.OLE",
            deflate(&zip(&[stored("a", SECRET)])),
            "ole:BinData/B.OLE/deflate:/zip:a",
        ),
        ("PrvText", SECRET.to_vec(), "ole:PrvText"),
    ] {
        let other = ("BodyText/Section1", deflate(b"another section"));
        check(&hwp5(1, &[(path, bytes.clone()), other.clone()]), want);
        check(&hwp5(1, &[other, (path, bytes)]), want);
    }
    check(&hwp5(0, &[("DocInfo", SECRET.to_vec())]), "ole:DocInfo");
    for flags in [1 | 2, 2, 1 | 4, 1 | 1 << 4, 1 << 8, 1 << 10] {
        refused(&hwp5(flags, &[("DocInfo", b"not to be read".to_vec())]), ("", Encrypted));
    }
    let mut broken = deflate(&content);
    broken[0] = 0xff;
    let broken = hwp5(1, &[("DocInfo", broken), ("PrvText", SECRET.to_vec())]);
    refused(&broken, ("ole:DocInfo/deflate:", Malformed));
    check_found(&broken, "ole:PrvText");
    check(&hwp3(true, 0, &content), "deflate:");
    check(&hwp3(true, 0, &gzip(&content)), "deflate:/gz:");
    check(&hwp3(false, 0, &content), "");
    refused(&hwp3(true, 1, &content), ("", Encrypted));
    let whole = hwp3(true, 0, &content);
    for end in [40, 157, 158, 1_166, whole.len() - 30] {
        let (_, reasons) = seen(&whole[..end], &Limits::default());
        assert!(reasons.iter().any(|(_, reason)| *reason == Malformed), "{end}: {reasons:?}");
    }
    let markup = |data: Vec<u8>| {
        let data = String::from_utf8(crate::fixture::base64(&data)).unwrap();
        format!("<?xml version='1.0'?><HWPML><BINDATA Encoding='Base64' Compress='true'>{data}")
    };
    let long = crate::crafted::hangul::noise(900);
    let markup = markup(deflate(&[&long[..], SECRET].concat()));
    check(markup.as_bytes(), "xml:/base64:/deflate:");
}

/// A packed movie is shown as it is unpacked, to the byte, whatever it says of its length.
#[test]
fn movies_are_unpacked_with_their_header() {
    use Unscannable::Malformed;
    let digest_of = |bytes: &[u8]| format!("{:08x}", crc32fast::hash(bytes));
    let lines = many_lines();
    let movies = [swf(&text()), swf(&lines), swf_lzma()];
    for [plain, packed] in &movies {
        for body in [packed.clone(), [packed, &b"what is behind"[..]].concat()] {
            check(&body, "swf:");
            let (seen, _) = seen(&body, &Limits::default());
            let part = seen.ends.iter().find(|end| end.part.name == "swf:").unwrap();
            assert_eq!((part.part.kind, part.part.size), (PartKind::Swf, Some(part.bytes)));
            let found = &seen.findings[&part.part.id];
            assert!(found.iter().any(|found| *found.entry.id == *digest_of(plain)), "{found:?}");
        }
        check(&gzip(packed), "gz:/swf:");
        check(&[packed, &zip(&[stored("a", SECRET)])[..]].concat(), "zip:a");
        // A movie that is not packed is no container, and may have one behind it.
        let (seen, reasons) = seen(plain, &Limits::default());
        assert_eq!((seen.ends.len(), seen.ends[0].part.kind, reasons), (1, PartKind::Swf, vec![]));
        check(&[plain, &zip(&[stored("a", SECRET)])[..]].concat(), "zip:a");
        for length in [0, 7] {
            let mut short = packed.clone();
            short[4..8].copy_from_slice(&u32::to_le_bytes(length));
            refused(&short, ("", Malformed));
        }
        refused(&packed[..packed.len() / 2], ("swf:", Malformed));
        check_found(&packed[..packed.len() - 5], "swf:");
    }
    let [_, by_lzma] = &movies[2];
    let mut longer = by_lzma.clone();
    longer[4] += 1;
    // A mark ends it before.
    check(&longer, "swf:");
    let mut other = by_lzma.clone();
    other[20..30].fill(0xff);
    refused(&other, ("swf:", Malformed));
}

/// What comes before a fault is shown, and the fault told.
#[test]
fn compressed_files_that_break_are_told() {
    let changed = |mut file: Vec<u8>, behind: usize| {
        let at = file.len() - behind;
        file[at] ^= 0x55;
        file
    };
    let cut = |file: &[u8], bytes: usize| file[..file.len() - bytes].to_vec();
    let (frame, member) = (lz4(&text(), 100, 21), lzip());
    let compressed = compressed(&text(), 16, Clears::Yes);
    for (body, path) in [
        (changed(frame.clone(), 1), "lz4:"),
        (cut(&frame, 4), "lz4:"),
        (cut(&frame, 8), "lz4:"),
        (changed(member.clone(), 20), "lz:"),
        (changed(member.clone(), 9), "lz:"),
        (changed(member.clone(), 1), "lz:"),
        (cut(&member, 1), "lz:"),
        ([&member[..], b"LZIP\x01"].concat(), "lz:"),
    ] {
        check_found(&body, path);
        refused(&body, (path, Unscannable::Malformed));
    }
    refused(&changed(frame, 20), ("lz4:", Unscannable::Malformed));
    refused(&cut(&compressed, 1), ("z:", Unscannable::Malformed));
    // A code of which nothing is known, a dictionary that is not here.
    let mut unknown = compressed;
    unknown[20..24].fill(0xff);
    refused(&unknown, ("z:", Unscannable::Malformed));
    let known = b"\x04\x22\x4d\x18\x41\x40\x01\0\0\0";
    let sum = |header: &[u8]| {
        let mut sum = Xxh32::new();
        sum.update(header);
        (sum.finish() >> 8) as u8
    };
    let known = [&known[..], &[sum(&known[4..])]].concat();
    refused(&known, ("lz4:", Unscannable::Unsupported));
    let wide = b"\x28\xb5\x2f\xfd\x00\x88\x01\0\0";
    refused(wide, ("zst:", Unscannable::TooLarge));
}

#[test]
fn archives_behind_text_are_opened() {
    let line = b"a line of text that goes before\n";
    for times in [0, 1, 20, 300] {
        let before = line.repeat(times);
        let behind = |file: &[u8]| [&before, file].concat();
        let path = |rest: &str| match times {
            0 => rest.to_owned(),
            _ => format!("at:{}/{rest}", before.len()),
        };
        check(&behind(&rar4(0x30, 0, SECRET)), &path("rar:a"));
        check(&behind(&rar5(&[0], SECRET)), &path("rar:a"));
        check(&behind(&cab_lzx(&text())), &path("cab:/cab:a.txt"));
    }
}

/// Sections of a file that follow each other are one file.
#[test]
fn files_of_images_may_come_in_sections() {
    let content = [&[b'x'; 4_096 - 30][..], SECRET, &[b'y'; 900]].concat();
    let rest = content.len() - 4_096;
    check(&iso_of(&content, &[(21, 4_096), (23, rest)]), "iso:F/A.TXT");
    check(&iso_of(&content, &[(21, 2_048), (22, 2_048), (23, rest)]), "iso:F/A.TXT");
    let apart = iso_of(&content, &[(23, rest), (21, 4_096)]);
    refused(&apart, ("", Unscannable::Unsupported));
}

/// What is reserved in a cabinet holds anything; the packer of OS-9 does not count the size of a header.
#[test]
fn headers_that_few_write_are_read() {
    let content = text();
    let mut cabinet = cab_lzx(&content);
    cabinet[4] = 7;
    check(&cabinet, "cab:/cab:a.txt");
    check(&[&[0; 700][..], &cabinet].concat(), "at:700/cab:/cab:a.txt");
    let mut archive = lzh(2, "-lh5-", "a.txt", &lh5(&content, 21), content.len());
    archive[0] -= 2;
    refused(&archive, ("", Unscannable::Malformed));
    archive[23] = b'K';
    check(&archive, "lzh:a.txt");
}

/// What a page shows in the numbers of a font is no hex text each time: a book would be too many parts. In a
/// file that is attached it is.
#[test]
fn strings_of_a_page_are_no_parts() {
    let content = "BT <004100420043004400450046> Tj ET\n".repeat(1_000);
    let length = content.len();
    let file = |more: &str| {
        format!("%PDF-1.4\n1 0 obj<<{more}/Length {length}>>stream\n{content}\nendstream endobj\n")
    };
    let hex = |file: String| {
        let (seen, reasons) = seen(file.as_bytes(), &Limits::default());
        assert_eq!(reasons, []);
        seen.ends.iter().filter(|end| end.part.name.as_str().ends_with("hex:")).count()
    };
    assert_eq!(hex(file("")), 0);
    assert_eq!(hex(file("/Type/XObject/Subtype/Form")), 0);
    assert_eq!(hex(file("/Type/EmbeddedFile")), 1_000);
    // Other content than wide text is, wherever it stands.
    let narrow = file("").replace("<004100420043004400450046>", "<4142434445464748494a4b4c4d>");
    assert_eq!(hex(narrow), 1_000);
}

/// A list that says that it is long makes no parts of what is not there.
#[test]
fn folders_of_a_cabinet_that_are_not_there_are_none() {
    let mut file = cab_lzx(SECRET);
    file[26..28].copy_from_slice(&u16::MAX.to_le_bytes());
    let (seen, reasons) = seen(&file, &Limits::default());
    assert!(reasons.contains(&(String::new(), Unscannable::Malformed)), "{reasons:?}");
    assert!(seen.opened.len() < file.len() / 8, "{}", seen.opened.len());
}

#[test]
fn cabinets_by_quantum_are_opened() {
    for (content, distance, window_bits) in
        [(text(), 21, 10), (many_lines(), 210, 15), (text().repeat(90), 2_100, 21)]
    {
        check(&cab_quantum(&content, distance, window_bits), "cab:/cab:a.txt");
    }
    let mut cut = cab_quantum(&text(), 21, 15);
    cut.truncate(cut.len() - 20);
    refused(&cut, ("cab:", Unscannable::Malformed));
    refused(&cab_quantum(&text(), 21, 22), ("cab:", Unscannable::Unsupported));
}

#[test]
fn packed_images_are_opened() {
    // The file comes first, behind the header.
    check(XPRESS, "wim:208");
    check(LZX, "wim:208");
    let mut solid = XPRESS.to_vec();
    // The flags of the second entry of the table, which stands at 747; the first is about the image.
    assert_eq!(solid[747 + 50 + 7], 4);
    solid[747 + 50 + 7] = 16;
    refused(&solid, ("wim:208", Unscannable::Unsupported));
    for (image, at) in [(XPRESS, 300), (LZX, 230)] {
        let mut damaged = image.to_vec();
        damaged[at] ^= 0x55;
        damaged[at + 1] ^= 0x55;
        let (_, reasons) = seen(&damaged, &Limits::default());
        assert_eq!(reasons, [("wim:208".to_owned(), Unscannable::Malformed)]);
    }
    let mut lzms = XPRESS.to_vec();
    lzms[18] = 8;
    refused(&lzms, ("wim:208", Unscannable::Unsupported));
    let mut chunk = XPRESS.to_vec();
    chunk[22] = 2;
    refused(&chunk, ("wim:208", Unscannable::Unsupported));
}

#[test]
fn universal_programs_are_taken_apart() {
    use Unscannable::{Contradiction, Malformed};
    for width in [4, 8] {
        let all = universal(width, &[(0x0100_0007, b"first"), (0x0100_000c, SECRET), (99, b"x")]);
        check(&all, "macho:arm64");
        check(&universal(width, &[(7, b"one"), (99, &gzip(SECRET))]), "macho:99/gz:");
        // What is in no program is looked at as well.
        check(&[&all[..], &zip(&[stored("a", SECRET)])].concat(), "macho:slack/zip:a");
        let mut gap = universal(width, &[(7, b"one")]);
        gap[100..100 + SECRET.len()].copy_from_slice(SECRET);
        check(&gap, "macho:slack");
        check(&[&universal(width, &[])[..], SECRET].concat(), "macho:slack");
        let mut shared = all.clone();
        let entry = if width == 4 { 20 } else { 32 };
        let offset = 8 + 2 * entry + 8 + width - 1;
        shared[offset] = shared[offset - entry] + 1;
        refused(&shared, ("", Contradiction));
        check_found(&shared, "macho:arm64");
        refused(&all[..all.len() - 65], ("", Malformed));
    }
}

#[test]
fn mail_and_notes_bring_files() {
    check(&tnef(SECRET), "tnef:1");
    check(&tnef(&gzip(SECRET)), "tnef:1/gz:");
    check(
        &binhex("a.txt", &[&[0x90, b' ', b' ', b' ', b' ', b' '], SECRET].concat()),
        "hqx:/hqx:a.txt",
    );
    check(&notes(SECRET), "at:1024");
}

/// A program behind which an installer has its files: at a multiple of 512 bytes.
pub(crate) fn stub(code: usize) -> Vec<u8> {
    let mut program = program(&vec![0x90; code]);
    program.resize(program.len().next_multiple_of(512), 0);
    program
}

#[test]
fn installers_bring_files() {
    let stub = stub(700);
    let behind = |data: Vec<u8>| [&stub[..], &data].concat();
    check(&behind(nsis(b"header", SECRET)), "nsis:1");
    check(&behind(nsis(SECRET, b"x")), "nsis:0");
    // Its flags stand at multiples of 512 bytes: the first of them is where a program begins.
    check(&[&b"MZ\0\0"[..], &nsis(b"header", SECRET)[4..]].concat(), "nsis:1");
    // Elsewhere it is a constant of a program that opens such installers.
    let (seen, reasons) =
        seen(&behind([b"..", &nsis(b"header", b"x")[..20]].concat()), &Limits::default());
    assert_eq!((seen.ends.len(), reasons), (1, vec![]));
    for version in [5, 6] {
        for is_packed in [false, true] {
            check(&behind(autoit(version, is_packed, SECRET)), "autoit:ab");
        }
    }
    check(&behind(packages("setup.txt", SECRET)), "ishield:setup.txt");
    check(&behind(disks(SECRET)), "ishield:Disk1\\b.dat");
    check(&behind(disks(&install_shield(SECRET))), "ishield:Disk1\\b.dat/iscab:1");
    check(&behind(zip(&[stored("a", SECRET)])), "zip:a");
    check(&behind(cab_lzx(SECRET)), &format!("at:{}/cab:/cab:a.txt", stub.len()));
}

#[test]
fn programs_within_files_are_found() {
    let inner = program(&[&[0; 64], SECRET].concat());
    let at = |bytes: usize| format!("at:{bytes}");
    for before in [1, 100, 5_000] {
        let body = [&vec![0; before][..], &inner, &[0; 100]].concat();
        check(&body, &at(before));
        check(&[&vec![0; before][..], &inner].concat(), &at(before));
    }
    let outer = program(&[&[0; 300], &inner[..]].concat());
    check(&outer, &at(512 + 300));
    for header in [true, false] {
        check(&upx(header, SECRET), "upx:");
        check(&upx(header, &[&[0; 40], &inner[..]].concat()), "upx:/at:40");
        // What is behind its sections is looked at as well.
        check(&[&upx(header, SECRET)[..], &zip(&[stored("a", SECRET)])].concat(), "zip:a");
    }
}

#[test]
fn what_cannot_be_looked_at_says_why() {
    use Unscannable::{Contradiction, Encrypted, Malformed, RatioExceeded, Unsupported};
    let content = text();
    refused(&arj("a.txt", 1, SECRET), ("arj:a.txt", Encrypted));
    // It goes on from the one before.
    refused(&rar4(0x33, 0x10, SECRET), ("rar:a", Unsupported));
    refused(&rar4(0x33, 0, SECRET), ("rar:a", Malformed));
    refused(&rar4(0x30, 4, SECRET), ("rar:a", Encrypted));
    refused(&rar4(0x30, 2, SECRET), ("", Unsupported));
    refused(&rar5(&[0xc0, 1], SECRET), ("rar:a", Unsupported));
    refused(&rar5(&[0x80, 1], SECRET), ("rar:a", Malformed));
    refused(&lzh(0, "-pm1-", "a", SECRET, 70), ("lzh:a", Unsupported));
    refused(&lzh(0, "-lh1-", "a", SECRET, 7_000), ("lzh:a", Malformed));
    refused(&lzh(0, "-lh2-", "a", &lh2(&content, 21)[..9], 70), ("lzh:a", Malformed));
    refused(&zip_of(1, b"\x01\x01\x04", &content), ("zip:a", Malformed));
    refused(&zip_of(2, &reduced(1, &content, 21)[..150], &content), ("zip:a", Malformed));
    let mut cut = lzh(0, "-lh5-", "a", &lh5(&content, 21), content.len());
    cut.truncate(cut.len() - 20);
    refused(&cut, ("lzh:a", Malformed));
    refused(&szdd(&content, 21)[..60], ("szdd:", Malformed));
    let mut damaged = arj("a.txt", 0, SECRET);
    let last = damaged.len() - 10;
    damaged[last] ^= 1;
    refused(&damaged, ("", Malformed));
    let mut shared = iso(SECRET);
    shared.resize(32 * 2_048, 0);
    // A second record, of a file that begins within the first.
    let record = shared[19 * 2_048 + 34..19 * 2_048 + 74].to_vec();
    shared[19 * 2_048 + 74..19 * 2_048 + 114].copy_from_slice(&record);
    shared[19 * 2_048 + 34 + 10..19 * 2_048 + 34 + 14].copy_from_slice(&5_000u32.to_le_bytes());
    shared[19 * 2_048 + 74 + 2] += 1;
    refused(&shared, ("", Contradiction));
    let zeros = vec![0; 200_000];
    let bomb = zip_of(6, &imploded(&zeros, 1), &zeros);
    let limits = Limits { ratio_max: 10, ratio_floor_bytes: 20_000, ..Limits::default() };
    let (_, reasons) = seen(&bomb[..], &limits);
    assert!(reasons.contains(&("zip:a".into(), RatioExceeded)), "{reasons:?}");
}

#[test]
fn text_and_documents_are_no_programs() {
    let texts: [&[u8]; 3] = [
        b"MZ is how programs begin, and MSCF cabinets; 7z, Rar! and Disk1\\ are but words",
        b"\0\0\0InstallShield\0 and \xef\xbe\xad\xdeNull, MZ\0\0",
        b"\0\0Disk1\\a\x001.0\0nothing\0 \xa3\x48\x4b\xbe",
    ];
    for text in texts {
        let (seen, reasons) = seen(text, &Limits::default());
        assert_eq!((seen.ends.len(), reasons.len()), (1, 0), "{:?}", seen.ends);
    }
    let (_, reasons) = seen(&cfb("a", SECRET), &Limits::default());
    assert_eq!(reasons, []);
}

/// A `winmail.dat` with the properties of a mail: names, values of several, the text in RTF, an object.
fn properties(rtf: &[u8], object: &[u8]) -> Vec<u8> {
    let padded = |bytes: &[u8]| {
        let mut all = [&(bytes.len() as u32).to_le_bytes()[..], bytes].concat();
        all.resize(all.len().next_multiple_of(4), 0);
        all
    };
    let head = |kind: u16, number: u16| [kind.to_le_bytes(), number.to_le_bytes()].concat();
    let one = 1u32.to_le_bytes();
    let data = [
        8u32.to_le_bytes().to_vec(),
        [head(0x0b, 0x0e1f), one.to_vec()].concat(),
        [head(0x40, 0x0039), vec![0; 8]].concat(),
        // Named by a number, and by a string.
        [head(0x03, 0x8001), vec![1; 16], vec![0; 4], vec![7; 4], vec![0; 4]].concat(),
        [head(0x1e, 0x8002), vec![1; 16], one.to_vec(), padded(b"a\0b\0c\0"), one.to_vec()]
            .concat(),
        [padded(b"value")].concat(),
        [head(0x101f, 0x8003), vec![1; 16], vec![0; 4], vec![8; 4], 2u32.to_le_bytes().to_vec()]
            .concat(),
        [padded(b"a\0"), padded(b"b\0")].concat(),
        [head(0x1003, 0x1205), 2u32.to_le_bytes().to_vec(), vec![0; 8]].concat(),
        [head(0x102, 0x1009), one.to_vec(), padded(rtf)].concat(),
        [head(0x0d, 0x3701), one.to_vec(), padded(&[&[9; 16], object].concat())].concat(),
    ]
    .concat();
    let mut out = b"\x78\x9f\x3e\x22\x01\0\x01".to_vec();
    out.extend_from_slice(&0x0006_9003u32.to_le_bytes());
    out.extend_from_slice(&(data.len() as u32).to_le_bytes());
    [&out[..], &data, &[0, 0]].concat()
}

#[test]
fn mails_that_outlook_packed_are_read() {
    let text = b"{\\rtf1\\ansi the account holder is MAL{\\b WARE} and this is all}";
    let rtf = compressed_rtf(text);
    check(&cfb("__substg1.0_10090102", &rtf), "ole:__substg1.0_10090102/rtf/rtf:");
    let mail = properties(&rtf, &gzip(SECRET));
    check(&mail, "tnef:properties/mapi:10090102/rtf:");
    check(&mail, "tnef:properties/mapi:3701000d/gz:");
    // Of names of properties a stream may have the same name.
    let (_, reasons) =
        seen(&cfb("__nameid_version1.0/__substg1.0_10090102", SECRET), &Limits::default());
    assert_eq!(reasons, []);
    let mut wrong = mail;
    wrong[19] = 0x77;
    refused(&wrong, ("tnef:properties", Unscannable::Malformed));
}

#[test]
fn macros_are_unpacked() {
    let source = b"Attribute VB_Name = \"Module1\"\r\nSub AutoOpen()\r\nREM MALWARE\r\nEnd Sub\r\n";
    let module = [&[1, 0x16, 3, 0, 1, 0xf0, 0xff][..], &macros(source)].concat();
    check_found(&cfb("Macros/VBA/Module1", &module), "ole:Macros/VBA/Module1/vba");
    // Behind so many places where it does not begin that it is not taken for a beginning.
    let source = macros(&b"Shell 1 MALWARE\r\n"[..]);
    let module = [&[0xff; 5_000][..], &starts(4, 0, source.len()), &source].concat();
    let (_, reasons) = seen(&cfb("Macros/VBA/Module1", &module), &Limits::default());
    assert_eq!(reasons, [(String::new(), Unscannable::TooMany)]);
}

#[test]
fn text_of_workbooks_and_what_is_encrypted_is_told() {
    let strings = cells("the word is MALWARE");
    check(&zip(&[stored("xl/sharedStrings.bin", &strings)]), "zip:xl/sharedStrings.bin/xlsb:");
    let manifest = b"<?xml version='1.0'?><manifest:manifest><manifest:file-entry>\
        <manifest:encryption-data a='b'/></manifest:file-entry></manifest:manifest>";
    let document = zip(&[stored("META-INF/manifest.xml", manifest)]);
    refused(&document, ("zip:META-INF/manifest.xml/xml:", Unscannable::Encrypted));
}

#[test]
fn what_is_too_large_to_be_gathered_says_so() {
    let limits = Limits { gathered_bytes_max: 3_000, ..Limits::default() };
    let archive = zip(&[stored("a.txt", SECRET)]);
    for container in [cfb("a", SECRET), [&b"%PDF-1.4\n"[..], &[b' '; 4_000]].concat()] {
        let (seen, reasons) = seen(&[&container[..], &archive].concat(), &limits);
        assert_eq!(reasons, [(String::new(), Unscannable::TooLarge)]);
        assert!(seen.ends.iter().any(|end| end.part.name == "zip:a.txt"));
    }
}

#[test]
fn mails_are_told_whatever_they_begin_with() {
    for head in ["X-Any: a\r\n b\r\nSubject: c\r\n", "To: a@b.c\n", "message-id: <a>\n", ""] {
        let mail =
            format!("{head}Content-Transfer-Encoding: Quoted-Printable\r\n\r\nMAL=57A=\r\nRE");
        check(mail.as_bytes(), "mime:");
    }
    // A multipart of nothing hides nothing.
    for body in ["", "\r\n\r\n"] {
        let mail = format!("Subject: a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n{body}");
        assert_eq!(seen(mail.as_bytes(), &Limits::default()).1, []);
    }
    let other = b"From: a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--c\r\n\r\nMALWARE";
    refused(other, ("", Unscannable::Malformed));
}
