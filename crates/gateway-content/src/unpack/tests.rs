//! Bodies of every shape through the unpacker: what is seen in them, and how they end.

use std::io::Write;

use bytes::Bytes;
use gateway_inspect::{PartKind, Unscannable, Wanted};

use crate::fixture::{
    Descriptor, Entry, Zip, brotli, deflate, deflated, gzip, gzip_named, stored, zip, zlib, zstd,
};
use crate::laws::{Seen, WORD, content_tree, examiners, look};
use crate::{BodyInfo, Budget, Coding, Limits, PartEvent, Step, Unpacker};

/// Unpacks in one piece, byte by byte and in odd pieces under small budgets: the same each time.
fn unpack_with(body: &[u8], info: &BodyInfo, limits: &Limits) -> Seen {
    let whole = look(body, &[body.len().max(1)], Budget::UNLIMITED, info, limits);
    let odd = look(body, &[7, 1, 4_096, 33], Budget { decoded_bytes: 5, steps: 3 }, info, limits);
    assert_eq!(whole, odd);
    if body.len() < 100_000 {
        assert_eq!(whole, look(body, &[1], Budget::default(), info, limits));
    }
    whole
}

fn unpack(body: &[u8]) -> Seen {
    unpack_with(body, &BodyInfo::default(), &Limits::default())
}

fn coded(body: &[u8], codings: &[Coding]) -> Seen {
    unpack_with(body, &BodyInfo::new(codings.to_vec(), None), &Limits::default())
}

impl Seen {
    /// Parts with their names, kinds, reasons and whether the word was found, children first.
    fn lines(&self) -> Vec<String> {
        let line = |end: &crate::PartEnd| {
            let words = self.findings.get(&end.part.id).map_or(0, |found| {
                found.iter().filter(|finding| finding.entry.scanner == "word").count()
            });
            let reason = end.outcome.unscannable.map_or("ok", Unscannable::name);
            format!("{} {} {reason} {}", end.part.name, end.part.kind, "!".repeat(words))
        };
        self.ends.iter().map(|end| line(end).trim().to_owned()).collect()
    }

    #[track_caller]
    fn is(&self, lines: &[&str]) {
        assert_eq!(self.lines(), lines);
    }
}

fn text(n: usize) -> Vec<u8> {
    (0..n).map(|i| b"abcdefghij klmnopqrs\n"[i * i % 21]).collect()
}

fn bad() -> Vec<u8> {
    [&text(300), WORD, &text(40)].concat()
}

#[test]
fn plain_bodies_are_one_part() {
    unpack(b"").is(&["unknown ok"]);
    unpack(&bad()).is(&["text ok !"]);
    unpack(&crate::fixture::tar("a.txt", b"")).is(&["tar:a.txt unknown ok", "tar ok"]);
}

#[test]
fn codings_are_taken_off() {
    let bad = bad();
    let skippable = b"\x50\x2a\x4d\x18\x03\0\0\0any".to_vec();
    for (body, codings) in [
        (gzip(&bad), &[Coding::Gzip][..]),
        ([gzip(&bad[..200]), gzip(&bad[200..]), vec![0; 9]].concat(), &[Coding::Gzip]),
        (zlib(&bad), &[Coding::Deflate]),
        (deflate(&bad), &[Coding::Deflate]),
        (gzip(&zlib(&bad)), &[Coding::Deflate, Coding::Identity, Coding::Gzip]),
        (brotli(&bad), &[Coding::Brotli]),
        (zstd(&bad), &[Coding::Zstd]),
        ([zstd(&bad[..200]), skippable, zstd(&bad[200..])].concat(), &[Coding::Zstd]),
        (brotli(&zstd(&bad)), &[Coding::Zstd, Coding::Brotli]),
    ] {
        coded(&body, codings).is(&["text ok !"]);
    }
    for coding in [Coding::Gzip, Coding::Brotli, Coding::Zstd] {
        coded(b"", &[coding]).is(&["unknown ok"]);
    }
}

#[test]
fn brotli_and_zstd_that_break_are_no_clean_bodies() {
    for (packed, coding) in [(brotli(&bad()), Coding::Brotli), (zstd(&bad()), Coding::Zstd)] {
        let cut = coded(&packed[..packed.len() - 1], &[coding]).lines();
        assert!(cut.iter().all(|line| line.contains("malformed")), "{coding:?}: {cut:?}");
        let tail = [&packed[..], b"tail"].concat();
        coded(&tail, &[coding]).is(&["text malformed !"]);
        let foreign = coded(&[b"\xff\xff", &bad()[..]].concat(), &[coding]).lines();
        assert_eq!(foreign, ["unknown malformed"], "{coding:?}");
    }
    // A window beyond what a content-coding may ask for: 16 MiB.
    let wide = [&b"\x28\xb5\x2f\xfd\x00\x70"[..], b"\x01\0\0"].concat();
    coded(&wide, &[Coding::Zstd]).is(&["unknown too_large"]);
}

#[test]
fn what_was_flushed_is_shown_at_once() {
    let content = b"data: one event\n\n".repeat(3);
    let mut events = Vec::new();
    let mut encoder = brotli::CompressorWriter::new(&mut events, 4096, 5, 22);
    Write::write_all(&mut encoder, &content).unwrap();
    Write::flush(&mut encoder).unwrap();
    drop(encoder);
    let mut decoder = crate::coding::decoder::Decoder::of(Coding::Brotli, &Limits::default());
    // All but the empty last block, which the encoder writes when it is dropped.
    let (mut out, mut at) = (bytes::BytesMut::new(), 0);
    while at < events.len() - 1 {
        at += decoder.run(&events[at..events.len() - 1], &mut out).0;
    }
    assert_eq!(out, content);
    let mut engine = zstd_safe::CCtx::create();
    let mut packed = vec![0; 1000];
    let mut output = zstd_safe::OutBuffer::around(&mut packed[..]);
    engine.compress_stream(&mut output, &mut zstd_safe::InBuffer::around(&content)).unwrap();
    engine.flush_stream(&mut output).unwrap();
    let len = output.pos();
    let mut decoder = crate::coding::decoder::Decoder::of(Coding::Zstd, &Limits::default());
    let (mut out, mut at) = (bytes::BytesMut::new(), 0);
    while at < len {
        at += decoder.run(&packed[at..len], &mut out).0;
    }
    assert_eq!(out, content);
    assert_eq!(decoder.finish(&mut out), Err(Unscannable::Malformed), "the frame has no end yet");
}

#[test]
fn what_breaks_in_a_coding_is_no_clean_body() {
    let packed = gzip(&bad());
    let broken = |at: usize| {
        let mut packed = packed.clone();
        packed[at] ^= 0x55;
        packed
    };
    coded(&packed[..packed.len() - 1], &[Coding::Gzip]).is(&["text malformed !"]);
    coded(&broken(packed.len() - 3), &[Coding::Gzip]).is(&["text malformed !"]);
    coded(&broken(packed.len() - 7), &[Coding::Gzip]).is(&["text malformed !"]);
    coded(&[&packed[..], b"tail"].concat(), &[Coding::Gzip]).is(&["text malformed !"]);
    coded(&[zlib(&bad()), b"tail".to_vec()].concat(), &[Coding::Deflate]).is(&["text malformed !"]);
    // Not in the coding at all: the bytes themselves are looked at.
    coded(&bad(), &[Coding::Gzip]).is(&["text malformed !"]);
    coded(&[b"\x1f", &bad()[..]].concat(), &[Coding::Gzip]).is(&["unknown malformed !"]);
    let info = BodyInfo::undecodable(None);
    unpack_with(&bad(), &info, &Limits::default()).is(&["text unsupported !"]);
}

#[test]
fn every_byte_before_a_corrupt_one_is_shown() {
    let content: Vec<u8> = (0..200_000u32).flat_map(|i| i.wrapping_mul(i).to_le_bytes()).collect();
    let mut packed = deflate(&content);
    let middle = packed.len() / 2;
    packed.truncate(middle);
    packed.extend_from_slice(&[0xff; 64]);
    let seen = coded(&packed, &[Coding::Deflate]);
    let end = seen.ends.last().unwrap();
    assert_eq!(end.outcome.unscannable, Some(Unscannable::Malformed));
    assert!(end.bytes > 200_000);
}

#[test]
fn signatures_in_code_and_lists_are_no_archives() {
    let compares = |jump: &[u8]| [&b"MZ\0\0\x3dPK\x03\x04"[..], jump, &[0x8b; 80]].concat();
    for body in [
        br"header = b'\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff'".to_vec(),
        br#"return unless $first eq "\x50\x4b\x03\x04";"#.to_vec(),
        br"magic: \xfd\x37\x7a\x58\x5a\x00, or ED AB EE DB 00 00 00 00 00 00 00 00 00".to_vec(),
        b"ccf30a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7  a.txt\n".to_vec(),
        b"78010a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7  b.txt\n".to_vec(),
        b"SHA-256: eAEK9PX5UBgP9Rtj3J+vHxjxlBa0KsvSEhy/nSxXnOQ=\r\n".to_vec(),
        compares(&[0x0f, 0x85, 0x39, 0x02, 0, 0]),
        compares(&[0x75, 0xc0, 1, 0, 0, 0]),
    ] {
        let lines = unpack(&body).lines();
        assert!(lines.iter().all(|line| line.ends_with(" ok")), "{lines:?}");
    }
}

#[test]
fn gzip_files_are_parts() {
    unpack(&gzip_named("a.txt", &bad())).is(&["gz:a.txt text ok !", "gz ok"]);
    let two = [gzip(&bad()), vec![0; 5], gzip(&bad())].concat();
    // Without blanks between them, letters are a run of base64 when they are many.
    unpack(&two).is(&["gz:/base64: unknown ok", "gz: text ok !!", "gz ok"]);
    unpack(&gzip(&gzip(&bad()))).is(&["gz:/gz: text ok !", "gz: gz ok", "gz ok"]);
    unpack(&gzip(&bad())[..40]).is(&["gz: text malformed", "gz ok"]);
    // There is no other method (RFC 1952, section 2.3.1).
    unpack(b"\x1f\x8b\x07\x00").is(&["unknown ok"]);
    let archive = zip(&[stored("b", &bad())]);
    unpack(&[&gzip(b"harmless")[..], &archive].concat()).is(&[
        "gz: text ok",
        "zip:b text ok !",
        "gz ok !",
    ]);
}

#[test]
fn zip_members_are_parts() {
    let bad = bad();
    let late = |descriptor| Entry { descriptor, ..deflated("late", &bad) };
    for (entry, line) in [
        (stored("a", &bad), "zip:a text ok !"),
        (deflated("a", &bad), "zip:a text ok !"),
        (deflated("empty", b""), "zip:empty unknown ok"),
        (late(Descriptor::Signed), "zip:late text ok !"),
        (late(Descriptor::Bare), "zip:late text ok !"),
        (late(Descriptor::Wide), "zip:late text ok !"),
        (Entry { wide: true, ..deflated("w", &bad) }, "zip:w text ok !"),
        (Entry { descriptor: Descriptor::Signed, ..stored("s", &bad) }, "zip:s text ok !"),
        (Entry { descriptor: Descriptor::Wide, ..stored("s", &bad) }, "zip:s text ok !"),
    ] {
        let body = zip(&[entry, deflated("z", b"harmless")]);
        let seen = unpack(&body);
        assert_eq!(seen.lines()[0], line);
        assert_eq!(seen.lines()[1], "zip:z text ok", "{line}");
        assert!(seen.lines()[2].starts_with("zip ok"), "{line}: {:?}", seen.lines());
    }
    let folder = |descriptor| Entry { descriptor, ..stored("folder/", b"") };
    unpack(&zip(&[folder(Descriptor::None)])).is(&["zip ok"]);
    unpack(&zip(&[folder(Descriptor::Signed), folder(Descriptor::Missing)])).is(&["zip ok"]);
    unpack(&zip(&[])).is(&["zip ok"]);
}

#[test]
fn archives_nest() {
    let inner = zip(&[deflated("b.txt", &bad())]);
    let outer = zip(&[deflated("a.zip", &inner), stored("c.gz", &gzip(&bad()))]);
    unpack(&outer).is(&[
        "zip:a.zip/zip:b.txt text ok !",
        "zip:a.zip zip ok",
        "zip:c.gz/gz: text ok !",
        "zip:c.gz gz ok",
        "zip ok",
    ]);
    coded(&gzip(&outer), &[Coding::Gzip]).is(&[
        "zip:a.zip/zip:b.txt text ok !",
        "zip:a.zip zip ok",
        "zip:c.gz/gz: text ok !",
        "zip:c.gz gz ok",
        "zip ok",
    ]);
}

#[test]
fn archives_are_found_wherever_they_are() {
    let members = vec![deflated("a", &bad())];
    let base = Zip { members, ..Zip::default() };
    for (prefix, kind) in [
        (&b"\x89PNG\r\n\x1a\n and so on"[..], "png"),
        (b"MZ stub", "exe"),
        (b"text before it PK\x03\x04 P", "text"),
        (b"PKPK\x03\x04PK", "text"),
    ] {
        for relative in [false, true] {
            let made = Zip { prefix: prefix.to_vec(), relative, ..base.clone() };
            let kind = if kind == "text" { "unknown" } else { kind };
            unpack(&made.write()).is(&["zip:a text ok !", &format!("{kind} ok")]);
        }
    }
    unpack(&[base.write(), text(70_000)].concat()).is(&["zip:a text ok !", "zip ok"]);
    unpack(&[base.write(), base.write()].concat()).is(&[
        "zip:a text ok !",
        "zip:a text ok !",
        "zip ok",
    ]);
    let block = [&[9; 60][..], b"APK Sig Block 42"].concat();
    unpack(&Zip { gap: block, ..base.clone() }.write()).is(&["zip:a text ok !", "zip ok"]);
    unpack(&Zip { wide_end: true, ..base.clone() }.write()).is(&["zip:a text ok !", "zip ok"]);
    unpack(&Zip { comment: b"made by hand".to_vec(), ..base }.write())
        .is(&["zip:a text ok !", "zip ok"]);
}

#[test]
fn contradictions_are_told() {
    let bad = bad();
    let a = || deflated("a", &bad);
    let late = || Entry { descriptor: Descriptor::Signed, ..a() };
    let last = |entry: Entry, line: &str| {
        let seen = unpack(&zip(&[entry, deflated("z", b"harmless")]));
        assert!(seen.lines().last().unwrap().starts_with(line), "{:?}", seen.lines());
    };
    let contradiction = |entry: Entry| last(entry, "zip contradiction");
    contradiction(Entry { central_method: Some(0), ..a() });
    contradiction(Entry { central_name: Some("b".into()), ..a() });
    contradiction(Entry { central_size: Some(1), ..a() });
    contradiction(Entry { central_size: Some(1), ..late() });
    contradiction(Entry { central_flags: 1, ..a() });
    contradiction(Entry { central_offset: Some(1), ..a() });
    contradiction(Entry { listed: 0, ..a() });
    contradiction(Entry { listed: 2, ..a() });
    contradiction(Entry { local_crc: Some(7), ..a() });
    contradiction(Entry { local_sizes: Some((0, 0)), ..a() });
    contradiction(Entry { descriptor: Descriptor::Missing, ..a() });
    contradiction(Entry { local_method: Some(0), ..a() });
    contradiction(Entry { local_method: Some(14), ..a() });
    contradiction(Entry { local_flags: 1, ..a() });
    contradiction(Entry { local_sizes: Some((400, 340)), ..stored("s", &bad) });
    let shifted = Zip { members: vec![a()], end_shift: -1, ..Zip::default() };
    unpack(&shifted.write()).is(&["zip:a text ok !", "zip contradiction"]);
    // A second directory in the comment, which readers that begin at the end would take.
    let hidden = zip(&[Entry { central_offset: Some(0), ..a() }]);
    let at = hidden.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    let comment = hidden[at..].to_vec();
    let made = Zip { members: vec![a()], comment, ..Zip::default() };
    unpack(&made.write()).is(&["zip:a text ok !", "zip contradiction"]);
}

#[test]
fn what_cannot_be_unpacked_is_told() {
    let a = || deflated("a", &bad());
    let locked = Entry { local_flags: 1, central_flags: 1, ..a() };
    let seen = unpack(&zip(&[locked, a()]));
    seen.is(&["zip:a unknown encrypted", "zip:a text ok !", "zip ok"]);
    assert!(seen.ends[0].part.encrypted);
    let by_context =
        Entry { local_method: Some(98), central_method: Some(98), ..stored("a", &bad()) };
    unpack(&zip(&[by_context, a()])).is(&[
        "zip:a unknown unsupported",
        "zip:a text ok !",
        "zip ok !",
    ]);
    let mut corrupt = zip(&[a(), a()]);
    corrupt[40] ^= 0xff;
    let seen = unpack(&corrupt);
    assert_eq!(seen.ends[0].outcome.unscannable, Some(Unscannable::Malformed));
    assert_eq!(seen.lines()[1], "zip:a text ok !");
    let whole = zip(&[a(), stored("s", &bad())]);
    for cut in [whole.len() - 1, whole.len() - 30, whole.len() - 200] {
        let seen = unpack(&whole[..cut]);
        assert!(seen.lines().last().unwrap().starts_with("zip malformed"), "{cut}");
    }
    let bare = Entry { descriptor: Descriptor::Bare, ..stored("s", &bad()) };
    let lines = unpack(&zip(&[bare, a()])).lines();
    // Its data have no end, so the next member is found in them.
    assert_eq!(
        lines,
        ["zip:s/zip:a text ok !", "zip:s unknown contradiction !", "zip malformed !",]
    );
}

#[test]
fn limits_are_told() {
    let many: Vec<Entry> = (0..9).map(|i| stored(&format!("{i}"), b"text")).collect();
    let with =
        |limits: Limits, body: &[u8]| unpack_with(body, &BodyInfo::default(), &limits).lines();
    let lines = with(Limits { parts_max: 4, ..Limits::default() }, &zip(&many));
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[3], "zip too_many");
    // Parts that are large pay for more.
    let limits = Limits { parts_floor: 4, bytes_per_part: 100, ..Limits::default() };
    assert_eq!(with(limits.clone(), &zip(&many)).last().unwrap(), "zip too_many");
    let large: Vec<Entry> = (0..9).map(|i| stored(&format!("{i}"), &[b'x'; 100])).collect();
    assert_eq!(with(limits.clone(), &zip(&large)).last().unwrap(), "zip ok");
    assert_eq!(with(limits.clone(), &gzip(&zip(&large))).last().unwrap(), "gz ok");
    let none = Limits { parts_max: 4, ..limits };
    assert_eq!(with(none, &zip(&large)).last().unwrap(), "zip too_many");
    let lines = with(Limits { index_bytes_max: 300, ..Limits::default() }, &zip(&many));
    assert_eq!(lines.last().unwrap(), "zip too_many");
    let deep = gzip(&gzip(&gzip(&bad())));
    let lines = with(Limits { depth_max: 1, ..Limits::default() }, &deep);
    assert_eq!(lines, ["gz: gz too_deep", "gz ok"]);
    let limits = Limits { decoded_bytes_max: 320, ..Limits::default() };
    let lines = with(limits.clone(), &zip(&[deflated("a", &bad()), stored("b", &bad())]));
    assert_eq!(lines, ["zip:a text too_large !", "zip:b text ok !", "zip ok !"]);
    let exact = Limits { decoded_bytes_max: bad().len() as u64, ..Limits::default() };
    assert_eq!(with(exact, &gzip(&bad())), ["gz: text ok !", "gz ok"]);
    let info = BodyInfo::new(vec![Coding::Gzip], None);
    unpack_with(&gzip(&bad()), &info, &limits).is(&["text too_large !"]);
}

#[test]
fn bombs_stop() {
    let zeros = vec![0; 30 << 20];
    let bomb = gzip(&zeros);
    let seen = coded(&bomb, &[Coding::Gzip]);
    seen.is(&["unknown ratio_exceeded"]);
    assert!(seen.ends[0].bytes <= 8 << 20, "{}", seen.ends[0].bytes);
    for (packed, coding) in [(brotli(&zeros), Coding::Brotli), (zstd(&zeros), Coding::Zstd)] {
        let seen = coded(&packed, &[coding]);
        seen.is(&["unknown ratio_exceeded"]);
        assert!(seen.ends[0].bytes <= 8 << 20, "{coding:?}: {}", seen.ends[0].bytes);
    }
    let twice = gzip(&bomb);
    unpack(&twice).is(&["gz:/gz: unknown ratio_exceeded", "gz: gz ok", "gz ok"]);
    let inside = zip(&[deflated("bomb", &zeros), deflated("b", &bad())]);
    unpack(&inside).is(&["zip:bomb unknown ratio_exceeded", "zip:b text ok !", "zip ok"]);
    let loose = Limits { ratio_max: 2_000, decoded_bytes_max: 1 << 20, ..Limits::default() };
    let seen = unpack_with(&bomb, &BodyInfo::default(), &loose);
    seen.is(&["gz: unknown too_large", "gz ok"]);
    assert_eq!(seen.ends[0].bytes, 1 << 20);
}

#[test]
fn nesting_without_end_stops() {
    let mut nest = bad();
    for _ in 0..40 {
        nest = zip(&[stored("n.zip", &nest)]);
    }
    let seen = unpack(&nest);
    assert_eq!(seen.ends.len(), 17);
    assert_eq!(seen.ends[0].outcome.unscannable, Some(Unscannable::TooDeep));
    assert_eq!(seen.ends[0].part.depth, 16);
    assert_eq!(seen.ends[0].part.kind, PartKind::Zip);
}

/// An unpacker for which only `wanted` is looked for.
fn unpacker(wanted: &str, codings: Vec<Coding>, limits: &Limits) -> Unpacker {
    let wanted = if wanted.is_empty() { Wanted::none() } else { Wanted::from_iter([wanted]) };
    let inspect = gateway_inspect::Limits::default();
    Unpacker::new(examiners(), wanted, &BodyInfo::new(codings, None), limits, &inspect)
}

/// Pushes a piece and works it off: the clearance by both reaches and where findings begin.
#[track_caller]
fn feed(unpacker: &mut Unpacker, piece: &[u8]) -> (u64, u64, Vec<u64>) {
    unpacker.push(Bytes::copy_from_slice(piece));
    assert_eq!(unpacker.step(Budget::UNLIMITED), Step::NeedInput);
    let clear = unpacker.clearance();
    let starts = unpacker.reports().filter_map(|report| Some(report.wire_start?.as_u64()));
    let starts = starts.collect();
    (clear.span.as_u64(), clear.part.as_u64(), starts)
}

#[test]
fn plain_text_is_cleared_to_the_byte() {
    let mut words = unpacker("word", Vec::new(), &Limits::default());
    assert_eq!(feed(&mut words, b"data: first\n\n"), (13, 13, vec![]));
    assert_eq!(feed(&mut words, b"data: MALW"), (19, 23, vec![]));
    assert_eq!(feed(&mut words, b"ARE"), (26, 26, vec![19]));
    let mut both = unpacker("digest", Vec::new(), &Limits::default());
    assert_eq!(feed(&mut both, b"data: first\n\n"), (13, 0, vec![]));
    assert_eq!(feed(&mut both, b"P"), (14, 0, vec![]));
    let mut words = unpacker("word", Vec::new(), &Limits::default());
    assert_eq!(feed(&mut words, b"data: P"), (7, 6, vec![]), "an archive may begin there");
}

#[test]
fn a_flushed_event_is_cleared_at_once() {
    for coding in [Coding::Gzip, Coding::Deflate] {
        let mut words = unpacker("word", vec![coding], &Limits::default());
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        let mut wire = 0;
        for event in [&b"data: first\n\n"[..], b"data: second\n\n", b"data: MAL", b"WARE\n\n"] {
            let packed = match coding {
                Coding::Gzip => {
                    gzip.write_all(event).unwrap();
                    gzip.flush().unwrap();
                    std::mem::take(gzip.get_mut())
                }
                _ => {
                    zlib.write_all(event).unwrap();
                    zlib.flush().unwrap();
                    std::mem::take(zlib.get_mut())
                }
            };
            let before = wire;
            wire += packed.len() as u64;
            let (span, part, starts) = feed(&mut words, &packed);
            assert_eq!(part, wire);
            match event {
                b"data: MAL" => assert_eq!(span, before, "back to where the decoder was drained"),
                b"WARE\n\n" => assert!(starts[0] < before && span == wire),
                _ => assert_eq!(span, wire),
            }
        }
    }
}

#[test]
fn members_are_cleared_in_the_wire_of_the_archive() {
    let archive = zip(&[stored("s", b"text MALWARE"), deflated("d", &bad())]);
    let mut words = unpacker("word", Vec::new(), &Limits::default());
    let first = archive.windows(4).position(|bytes| bytes == b"MALW").unwrap() as u64;
    assert_eq!(feed(&mut words, &archive[..first as usize + 2]), (first, 0, vec![]));
    let (span, part, starts) = feed(&mut words, &archive[first as usize + 2..]);
    let len = archive.len() as u64;
    assert_eq!((span, part), (len, len), "the archive is compared to its end");
    // In the member, in the archive itself, and in the deflated one.
    assert_eq!(starts.len(), 3);
    assert!(starts.iter().filter(|start| **start == first).count() == 2, "{starts:?}");
}

#[test]
fn full_queues_pause_the_work() {
    let limits = Limits { waiting_max: 3, ..Limits::default() };
    let mut all = unpacker("word", Vec::new(), &limits);
    all.push(zip(&(0..9).map(|i| stored(&format!("{i}"), WORD)).collect::<Vec<_>>()).into());
    all.end();
    let (mut pauses, mut parts, mut reports) = (0, 0, 0);
    while all.step(Budget::UNLIMITED) != Step::Done {
        assert_eq!(all.step(Budget::UNLIMITED), Step::Full);
        pauses += 1;
        parts += all.parts().count();
        reports += all.reports().count();
    }
    assert!(pauses > 3);
    assert_eq!(parts + all.parts().count(), 20);
    assert_eq!(reports + all.reports().count(), 18);
}

#[test]
fn a_step_keeps_to_its_budget() {
    let limits = Limits { ratio_max: 2_000, ..Limits::default() };
    let budget = Budget::default();
    let steps = |body: Vec<u8>| {
        let mut all = unpacker("word", vec![Coding::Gzip], &limits);
        all.push(body.into());
        all.end();
        let (mut steps, mut before) = (0, 0);
        while all.step(budget) != Step::Done {
            assert!(all.scanned_bytes() - before <= budget.decoded_bytes, "{steps}");
            before = all.scanned_bytes();
            steps += 1;
            let _ = all.parts().count();
        }
        steps
    };
    assert!(steps(gzip(&vec![0; 8 << 20])) >= 32);
    // Blocks of fixed codes with nothing in them: 10 bits each, 4 in 5 bytes.
    let empty = [0b0000_0010, 0b0000_1000, 0b0010_0000, 0b1000_0000, 0];
    let blocks = 4 * 10_000;
    let flood = [&gzip(b"")[..10], &empty.repeat(blocks / 4)].concat();
    assert!(steps(flood) >= blocks / 256 - 1);
}

#[test]
fn nothing_wanted_is_nothing_done() {
    let mut none = unpacker("", Vec::new(), &Limits::default());
    assert!(none.is_idle());
    none.push(Bytes::from_static(b"data"));
    assert_eq!(none.step(Budget::UNLIMITED), Step::Done);
    assert_eq!(none.clearance().part.as_u64(), 4);
    let mut words = unpacker("word", Vec::new(), &Limits::default());
    assert_eq!(feed(&mut words, b"text MALW").0, 5);
    words.set_wanted(Wanted::none());
    assert!(words.is_idle());
    assert_eq!((words.clearance().span.as_u64(), words.scanned_bytes()), (9, 9));
    assert_eq!(words.step(Budget::default()), Step::Done);
}

#[test]
fn kinds_are_told_before_the_end() {
    let mut kinds = unpacker(Unpacker::SCANNER, Vec::new(), &Limits::default());
    let mut tar = b"a/file.txt".to_vec();
    tar.resize(257, 0);
    tar.extend_from_slice(b"ustar");
    tar.resize(600, 0);
    feed(&mut kinds, &tar[..20]);
    let told = |kinds: &mut Unpacker| -> Vec<PartKind> {
        let kind = |event| match event {
            PartEvent::Opened(part) => part.kind,
            PartEvent::Retyped { kind, .. } => kind,
            PartEvent::Ended(end) => end.part.kind,
        };
        kinds.parts().map(kind).collect()
    };
    assert_eq!(told(&mut kinds), [PartKind::Text]);
    feed(&mut kinds, &tar[20..]);
    assert_eq!(told(&mut kinds), [PartKind::Tar]);
}

mod laws {
    //! The laws of the unpacker over bodies that are made, mangled and cut at random.

    use proptest::prelude::*;

    use super::*;

    fn content() -> impl Strategy<Value = Vec<u8>> {
        let pieces: &[&[u8]] = &[
            WORD,
            b"MALW",
            b"ARE",
            b"PK\x03\x04",
            b"PK",
            b"{\"a\": 1}",
            b"text text text",
            b"\x1f\x8b",
            b"\x89PNG\r\n\x1a\n",
            &[0; 700],
            b"PK\x05\x06",
            b"PK\x07\x08",
        ];
        prop::collection::vec(prop::sample::select(pieces), 0..8).prop_map(|pieces| pieces.concat())
    }

    fn entry(content: Vec<u8>) -> impl Strategy<Value = Entry> {
        use Descriptor::*;
        let descriptor = prop::sample::select(&[None, None, Signed, Bare, Wide, Missing][..]);
        let flags = prop::sample::select(&[0u16, 0, 0, 1, 8][..]);
        let names = prop::sample::select(&["a", "b.txt", "dir/", "d/e"][..]);
        (any::<bool>(), descriptor, flags.clone(), flags, names, 0usize..8, any::<bool>()).prop_map(
            move |(deflated, descriptor, local_flags, central_flags, name, listed, wide)| Entry {
                deflated,
                descriptor,
                local_flags,
                central_flags,
                listed: listed.min(1),
                wide,
                ..stored(name, &content)
            },
        )
    }

    fn body() -> impl Strategy<Value = Vec<u8>> {
        content().prop_recursive(4, 24, 3, |inner| {
            let entries = prop::collection::vec(inner.clone().prop_flat_map(entry), 0..3);
            let archive = (entries, content(), content(), any::<bool>(), any::<bool>()).prop_map(
                |(members, prefix, comment, relative, wide_end)| {
                    let prefix = if wide_end { prefix } else { Vec::new() };
                    Zip { members, prefix, comment, relative, wide_end, ..Zip::default() }.write()
                },
            );
            let samples = crate::nestings::samples();
            prop_oneof![
                1 => prop::sample::select(samples),
                1 => inner.clone().prop_map(|body| crate::fixture::tar("t", &body)),
                1 => inner.clone().prop_map(|body| crate::fixture::base64(&body)),
                1 => inner.clone().prop_map(|body| crate::fixture::json(&body)),
                1 => inner.clone().prop_map(|body| crate::fixture::form("b", "f", &body)),
                1 => inner.clone().prop_map(|body| gzip(&body)),
                1 => inner.clone().prop_map(|body| gzip_named("name", &body)),
                1 => inner.prop_map(|body| zlib(&body)),
                2 => archive,
            ]
        })
    }

    fn mangle(mut body: Vec<u8>, at: prop::sample::Index, how: u8) -> Vec<u8> {
        if !body.is_empty() {
            let at = at.index(body.len());
            match how {
                0 => body.truncate(at),
                1 => body[at] ^= 1 << (at % 8),
                2 => body.insert(at, 0),
                3 => drop(body.remove(at)),
                _ => {}
            }
        }
        body
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

        #[test]
        fn made_bodies(
            body in body(), at: prop::sample::Index, how in 0u8..12, head: [u8; 3],
        ) {
            let body = match head[0] % 6 {
                1 => gzip(&body),
                2 => if head[1] % 2 == 0 { zlib(&body) } else { deflate(&body) },
                3 => gzip(&zlib(&body)),
                4 => zstd(&body),
                5 => brotli(&body),
                _ => body,
            };
            content_tree(&[&head[..], &mangle(body, at, how)].concat());
        }

        #[test]
        fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            content_tree(&bytes);
        }
    }
}
