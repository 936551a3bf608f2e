//! Images of disks: what is in them is found whatever the chunks, and what cannot be looked at says why.

use gateway_inspect::Unscannable::{
    self, Contradiction, Malformed, TooLarge, Unsupported, WorkExceeded,
};

use crate::Limits;
use crate::containers::{check, refused, seen};
use crate::crafted::disk::{self, pc_table};
use crate::crafted::dmg::{self, Tables};
use crate::crafted::fat::{self, END, Width, fat_of};
use crate::crafted::hfs::{self, fork, further, hfs_of};
use crate::crafted::iso;
use crate::crafted::udf::{self, BLOCK, Place, entry, file, file_id, folder, udf_of};
use crate::fixture::{bzip2, gzip, stored, xz_stored, zip, zlib};

const SECRET: &[u8] = b"the account holder is MALWARE, and this is all there is to say\n";

/// Types of chunks in images of Apple's.
const ADC: u32 = 0x8000_0004;
const ZLIB: u32 = 0x8000_0005;
const BZIP2: u32 = 0x8000_0006;
const LZFSE: u32 = 0x8000_0007;
const XZ: u32 = 0x8000_0008;

/// The names of the parts of a body, and why they were not looked at in full.
fn names(body: &[u8]) -> Vec<(String, Option<Unscannable>)> {
    let (seen, _) = seen(body, &Limits::default());
    seen.ends.into_iter().map(|end| (end.part.name, end.outcome.unscannable)).collect()
}

/// The same, as they should be.
#[track_caller]
fn are(body: &[u8], want: &[(&str, Option<Unscannable>)]) {
    let want: Vec<_> = want.iter().map(|(name, reason)| ((*name).to_owned(), *reason)).collect();
    assert_eq!(names(body), want);
}

/// Content of several blocks with the secret at its end.
fn long() -> Vec<u8> {
    (0..2_000u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8 | 0x80)
        .chain(SECRET.iter().copied())
        .collect()
}

pub(crate) fn samples() -> Vec<Vec<u8>> {
    let partitions = [(64, 12, SECRET), (70, 6, &gzip(SECRET)[..])];
    vec![
        udf::udf(SECRET),
        disk::apple(&partitions),
        disk::gpt(&partitions),
        disk::pc(&partitions),
        fat::fat(Width::Twelve, SECRET),
        fat::fat(Width::ThirtyTwo, SECRET),
        hfs::hfs(SECRET),
        dmg::dmg(&[("a", &[(ZLIB, &zlib(&sectors(SECRET)), 1), (0, b"", 1)])], Tables::List),
    ]
}

#[test]
fn files_of_udf_are_found_wherever_they_are_told_to_be() {
    check(&udf::udf(SECRET), "udf:f/a\u{416}.txt");
    check(&udf::udf(&long()), "udf:f/a\u{416}.txt");
    check(&udf::udf(&gzip(&zip(&[stored("b", SECRET)]))), "udf:f/a\u{416}.txt/gz:/zip:b");
    check(&zip(&[stored("a.img", &udf::udf(SECRET))]), "zip:a.img/udf:f/a\u{416}.txt");
    let one = |place: &Place<'_>, size: usize, blocks: &[(usize, Vec<u8>)]| {
        let all = [&[folder(1, &[("a", 2)]), file(2, size, place)], blocks].concat();
        check(&udf_of(&all), "udf:a");
    };
    let (len, blocks) = (SECRET.len() as u32, [(3, SECRET.to_vec())]);
    one(&Place::Inline(SECRET), SECRET.len(), &[]);
    one(&Place::Long(&[(3, len)]), SECRET.len(), &blocks);
    // A hole before it, and its extents in a block of their own.
    one(&Place::Long(&[(0, 700), (3, len)]), 700 + SECRET.len(), &blocks);
    let extents =
        [&16u32.to_le_bytes()[..], &len.to_le_bytes(), &3u32.to_le_bytes(), &[0; 8]].concat();
    let behind = udf::tagged(258, 4, &[&[0; 4], &extents[..]].concat());
    one(&Place::Behind(4), SECRET.len(), &[blocks[0].clone(), (4, behind)]);
}

#[test]
fn streams_and_files_of_the_other_side_are_found() {
    let streams =
        (4, entry(4, 13, file_id("s", 0, 5).len(), &Place::Inline(&file_id("s", 0, 5)), None));
    let image = udf_of(&[
        folder(1, &[("a", 2)]),
        (2, entry(2, 5, 1, &Place::Inline(b"a"), Some(4))),
        streams,
        file(5, SECRET.len(), &Place::Inline(SECRET)),
    ]);
    check(&image, "udf:a/s");
    // Either side of an image that is both has files of its own, and one of both.
    let mut both = iso(SECRET);
    let blocks = [folder(1, &[("a", 2)]), file(2, 3, &Place::Inline(b"own"))];
    let other = udf_of(&blocks);
    let (from, at) = (both.len().max(100 * 1_024), 18 * 2_048);
    both.resize(other.len(), 0);
    both[from..].copy_from_slice(&other[from..]);
    assert!(at < from);
    are(&both, &[("iso:F/A.TXT", None), ("", None)]);
    for (i, id) in [b"\0BEA01\x01", b"\0NSR02\x01"].iter().enumerate() {
        // Where the folders were is what tells that it is UDF.
        let folders = both[18 * 2_048..20 * 2_048].to_vec();
        if i == 0 {
            both[30 * 2_048..32 * 2_048].copy_from_slice(&folders);
            both[16 * 2_048 + 158..16 * 2_048 + 162].copy_from_slice(&30u32.to_le_bytes());
            for (record, sector) in [(30 * 2_048, 30), (30 * 2_048 + 34, 30), (30 * 2_048 + 68, 31)]
            {
                both[record + 2..record + 6].copy_from_slice(&u32::to_le_bytes(sector));
            }
        }
        both[(18 + i) * 2_048..(18 + i) * 2_048 + 7].copy_from_slice(*id);
    }
    are(&both, &[("udf:a", None), ("udf:F/A.TXT", None), ("", None)]);
    check(&both, "udf:F/A.TXT");
}

#[test]
fn images_of_udf_that_are_not_sound_say_so() {
    let whole = udf::udf(SECRET);
    let with = |blocks: &[(usize, Vec<u8>)]| names(&udf_of(blocks)).pop().and_then(|(_, why)| why);
    let root = |files: &[(&str, u32)]| folder(1, files);
    // Without an anchor, with a folder that is none, with a file that is behind the end, with one in part.
    let mut cut = whole;
    cut.truncate(256 * BLOCK);
    refused(&cut, ("", Malformed));
    assert_eq!(with(&[root(&[("a", 2)]), (2, vec![1; 200])]), Some(Malformed));
    let far = file(2, 9, &Place::Short(&[(9_000, 9)]));
    are(&udf_of(&[root(&[("a", 2)]), far]), &[("udf:a", Some(Malformed)), ("", None)]);
    let short = file(2, 900, &Place::Inline(b"short"));
    are(&udf_of(&[root(&[("a", 2)]), short]), &[("udf:a", None), ("", Some(Malformed))]);
    // Files that share bytes; one under two names is shown once.
    let shared = [
        root(&[("a", 2), ("b", 3), ("c", 4)]),
        file(2, 800, &Place::Short(&[(5, 800)])),
        file(3, 600, &Place::Short(&[(6, 600)])),
        file(4, 800, &Place::Short(&[(5, 800)])),
        (5, vec![1; 1_200]),
    ];
    are(&udf_of(&shared), &[("udf:a", None), ("udf:b", None), ("", Some(Contradiction))]);
    // A folder in itself, and one that is in two places.
    let own = [
        root(&[("f", 2), ("g", 2), ("r", 1)]),
        folder(2, &[("a", 3), ("g", 2)]),
        file(3, 1, &Place::Inline(b"a")),
    ];
    are(&udf_of(&own), &[("udf:f/a", None), ("", None)]);
    // Extents that go on in themselves, and holes without an end.
    let extents =
        [&16u32.to_le_bytes()[..], &(3u32 << 30 | 512).to_le_bytes(), &4u32.to_le_bytes(), &[0; 8]]
            .concat();
    let own = udf::tagged(258, 4, &[&[0; 4], &extents[..]].concat());
    assert_eq!(
        with(&[root(&[("a", 2)]), file(2, 9, &Place::Behind(4)), (4, own)]),
        Some(WorkExceeded)
    );
    let holes = [(0, 0x3fff_fe00); 20];
    assert_eq!(
        with(&[root(&[("a", 2)]), file(2, 20 * 0x3fff_fe00, &Place::Short(&holes))]),
        Some(WorkExceeded)
    );
}

/// The least of an image is gathered; the rest is shown as it comes, if that is told before.
#[test]
fn large_images_are_shown_as_they_come() {
    let limits = Limits { gathered_bytes_max: 114_688, ..Limits::default() };
    let zeros = vec![0; 2_000];
    let rest = |place: &Place<'_>, blocks: &[(usize, Vec<u8>)]| {
        let all = [
            &[folder(1, &[("a", 2), ("b", 3), ("c", 4)]), file(2, 3, &Place::Inline(b"own"))],
            &[
                file(3, long().len(), &Place::Short(&[(40, long().len() as u32)])),
                file(4, long().len(), place),
            ],
            &[(40, long()), (70, zeros.clone())],
            blocks,
        ]
        .concat();
        let (all, reasons) = seen(&udf_of(&all), &limits);
        let has_word = |end: &&crate::PartEnd| {
            all.findings
                .get(&end.part.id)
                .is_some_and(|found| found.iter().any(|f| f.entry.scanner == "word"))
        };
        let found: Vec<_> =
            all.ends.iter().filter(has_word).map(|end| end.part.name.clone()).collect();
        (all.ends.len(), found, reasons)
    };
    let len = long().len() as u32;
    let (first, second) = (long()[..512].to_vec(), long()[512..].to_vec());
    let whole = [(50, long())];
    let why = |name: &str, reason| vec![(name.to_owned(), reason)];
    assert_eq!(
        rest(&Place::Short(&[(50, len)]), &whole),
        (4, vec!["udf:b".into(), "udf:c".into(), "".into()], vec![])
    );
    let two = [(5, first.clone()), (50, second.clone())];
    assert_eq!(
        rest(&Place::Short(&[(5, 512), (50, len - 512)]), &two),
        (4, vec!["udf:b".into(), "udf:c".into(), "".into()], vec![])
    );
    let back = [(60, first), (50, second)];
    assert_eq!(
        rest(&Place::Short(&[(60, 512), (50, len - 512)]), &back),
        (4, vec!["udf:b".into(), "".into()], why("udf:c", Unsupported))
    );
    // What is told behind what was gathered is not known.
    let image = udf_of(&[
        folder(1, &[("a", 60)]),
        (60, file(60, SECRET.len(), &Place::Inline(SECRET)).1),
        (70, zeros.clone()),
    ]);
    let (_, reasons) = seen(&image, &limits);
    assert_eq!(reasons, why("", TooLarge));
}

#[test]
fn partitions_are_found_by_each_kind_of_table() {
    let zipped = gzip(SECRET);
    // A table by itself tells of partitions that are elsewhere, but not where the next table begins.
    let disks: [(disk::Maker, _); 3] =
        [(disk::apple, Some(Malformed)), (disk::gpt, Some(Malformed)), (disk::pc, None)];
    for (disk, short) in disks {
        check(&disk(&[(64, 12, b"a"), (70, 6, SECRET)]), "disk:2");
        check(&disk(&[(66, 12, &zipped), (64, 6, b"a")]), "disk:1/gz:");
        check(&gzip(&disk(&[(64, 12, &disk::pc(&[(70, 1, SECRET)]))])), "gz:/disk:1/disk:1");
        // Two that share bytes, and one that is cut.
        let crossed = disk(&[(64, 12, &[1; 2_000]), (65, 12, &[1; 1_000])]);
        refused(&crossed, ("", Contradiction));
        let whole = disk(&[(64, 12, b"a"), (400, 12, SECRET)]);
        refused(&whole[..whole.len() - 20], ("disk:2", Malformed));
        are(&disk(&[(64, 12, SECRET)])[..20_000], &[("", short)]);
        // The first sector alone, as images of macOS have it.
        are(&disk(&[(64, 12, SECRET)])[..512], &[("", None)]);
    }
    refused(&disk::pc(&[(20, 12, SECRET)])[..20_000], ("", Malformed));
    // What lies between them is looked at as well, in parts of its own.
    let mut slack = disk::pc(&[(200, 12, b"a")]);
    slack[90 * 512..90 * 512 + SECRET.len()].copy_from_slice(SECRET);
    check(&slack, "disk:slack");
}

#[test]
fn logical_partitions_are_followed() {
    let mut chain = disk::pc(&[(70, 12, b"a"), (80, 5, &[0; 20_000])]);
    pc_table(&mut chain, 80, &[(12, 1, 2), (5, 10, 10)]);
    pc_table(&mut chain, 90, &[(12, 2, 1)]);
    chain[92 * 512..92 * 512 + SECRET.len()].copy_from_slice(SECRET);
    check(&chain, "disk:6");
    // One that leads back, and one that leads nowhere.
    pc_table(&mut chain, 90, &[(12, 2, 1), (5, 0, 10)]);
    refused(&chain, ("", Contradiction));
    pc_table(&mut chain, 90, &[(12, 2, 1), (5, 15, 10)]);
    refused(&chain, ("", Malformed));
}

#[test]
fn tables_that_disagree_say_so() {
    let whole = disk::gpt(&[(64, 12, SECRET)]);
    let with = |at: usize, byte: u8| {
        let mut disk = whole.clone();
        disk[at] = byte;
        names(&disk).pop().and_then(|(_, why)| why)
    };
    assert_eq!(with(400, 0), None);
    // The header, an entry, and the mark of the header.
    assert_eq!(with(512 + 40, 1), Some(Contradiction));
    assert_eq!(with(1_024 + 2, 1), Some(Contradiction));
    assert_eq!(with(512, b'e'), Some(Malformed));
    // A table of a PC beside it, and an image of an optical disc in front of what it tells of.
    let mut both = whole.clone();
    pc_table(&mut both, 0, &[(0xee, 1, 100), (12, 65, 1)]);
    are(
        &both,
        &[
            ("disk:slack", None),
            ("disk:1", None),
            ("disk:2", None),
            ("disk:slack", None),
            ("", None),
        ],
    );
    let mut optical = iso(SECRET);
    pc_table(&mut optical, 0, &[(12, 64, 20)]);
    are(&optical, &[("iso:F/A.TXT", None), ("", None)]);
}

/// As many sectors as it takes.
fn sectors(content: &[u8]) -> Vec<u8> {
    let mut sectors = content.to_vec();
    sectors.resize(content.len().next_multiple_of(512), 0);
    sectors
}

/// ADC without a string.
fn adc(content: &[u8]) -> Vec<u8> {
    let run = |run: &[u8]| [&[0x7f + run.len() as u8], run].concat();
    content.chunks(128).flat_map(run).collect()
}

#[test]
fn images_of_apple_are_opened_whatever_their_chunks() {
    let whole = sectors(SECRET);
    for tables in [Tables::List, Tables::Resources] {
        let name = if tables == Tables::List { "dmg:disk image (Apple_HFS : 1)" } else { "dmg:0" };
        let image = |front: (u32, &[u8], u64), chunk: (u32, &[u8], u64)| {
            dmg::dmg(&[("disk image (Apple_HFS : 1)", &[front, (0, b"", 100), chunk])], tables)
        };
        let front = (ZLIB, &zlib(&[b'a'; 512])[..], 1);
        for (kind, packed) in [
            (1, whole.clone()),
            (ADC, adc(&whole)),
            (ZLIB, zlib(&whole)),
            (BZIP2, bzip2(&whole)),
            (XZ, xz_stored(&whole)),
        ] {
            check(&image(front, (kind, &packed, 1)), name);
        }
        // By what the front is the image is told to be worth keeping.
        let front = bzip2(&[b'a'; 512]);
        check(&image((BZIP2, &front, 1), (1, &whole, 1)), name);
        let first = [b"ER\x02\0", &[b'a'; 508][..]].concat();
        check(&image((ADC, &adc(&first), 1), (ADC, &adc(&whole), 1)), name);
        let packed = zlib(&first);
        check(
            &gzip(&image((ZLIB, &packed, 1), (XZ, &xz_stored(&whole), 1))),
            &format!("gz:/{name}"),
        );
    }
    let disk = disk::pc(&[(70, 12, &gzip(SECRET))]);
    let (first, rest) = disk.split_at(512);
    let chunks = [(ZLIB, &zlib(first)[..], 1), (ZLIB, &zlib(rest), rest.len() as u64 / 512)];
    check(&dmg::dmg(&[("whole", &chunks)], Tables::List), "dmg:whole/disk:1/gz:");
}

#[test]
fn images_of_apple_that_cannot_be_read_say_so() {
    let front = zlib(&[b'a'; 512]);
    let with = |chunks: &[dmg::Chunk<'_>]| {
        let all = [&[(ZLIB, &front[..], 1)], chunks].concat();
        dmg::dmg(&[("a", &all)], Tables::List)
    };
    refused(&with(&[(LZFSE, b"bvx$", 1)]), ("dmg:a", Unsupported));
    refused(&with(&[(ADC, b"\x00\x01", 1)]), ("dmg:a", Malformed));
    refused(&with(&[(ZLIB, &zlib(b"short"), 1)]), ("dmg:a", Malformed));
    refused(&with(&[(0, b"", 1 << 60)]), ("dmg:a", Malformed));
    refused(&with(&[(0, b"", 1 << 40)]), ("dmg:a", Unscannable::RatioExceeded));
    // Of a chunk no more is shown than it has sectors.
    are(&with(&[(1, &[1; 5_000], 1)]), &[("zlib:", None), ("dmg:a", None), ("", None)]);
    // Whatever is in front, what the end tells is not passed over; without tables there is nothing.
    let text = dmg::dmg(&[("a", &[(1, &sectors(b"a text"), 1)])], Tables::List);
    refused(&text, ("", Unsupported));
    let mut empty = dmg::dmg(&[("a", &[(ZLIB, &front[..], 1)])], Tables::List);
    let end = empty.len();
    empty[end - 512 + 216..end - 512 + 232].fill(0);
    refused(&empty, ("", Malformed));
    let limits = Limits { gathered_bytes_max: 3_000, ..Limits::default() };
    let (_, reasons) = seen(&with(&[(1, &[1; 5_000], 9)]), &limits);
    assert_eq!(reasons, [(String::new(), TooLarge)]);
}

#[test]
fn both_forks_of_files_of_hfs_are_found() {
    check(&hfs::hfs(SECRET), "hfs:f/a\u{416}.txt");
    check(&hfs::hfs(&gzip(&long())), "hfs:f/a\u{416}.txt/gz:");
    let (none, one) = (fork(0, 0, &[]), fork(SECRET.len(), 1, &[(30, 1)]));
    let blocks = [(30, SECRET.to_vec())];
    check(&hfs_of(&[hfs::file(2, "a", 17, &none, &one)], &[], &blocks), "hfs:a/rsrc");
    let disk = disk::gpt(&[(64, 7, &hfs::hfs(SECRET))]);
    check(&disk, "disk:1/hfs:f/a\u{416}.txt");
    let packed = zlib(&hfs::hfs(SECRET));
    let chunks = [(ZLIB, &packed[..], hfs::hfs(SECRET).len() as u64 / 512)];
    check(&dmg::dmg(&[("a", &chunks)], Tables::List), "dmg:a/hfs:f/a\u{416}.txt");
    // In extents of which some are told elsewhere.
    let content = [&[1; 9 * 512][..], SECRET].concat();
    let extents: Vec<_> = (0..8).map(|i| (60 - 2 * i, 1)).collect();
    let file = hfs::file(2, "a", 17, &fork(content.len(), 10, &extents), &none);
    let all = [(60, vec![1; 512]), (30, SECRET.to_vec()), (33, vec![1; 512])];
    let rest = [further(17, 8, &[(33, 1)]), further(17, 9, &[(30, 1)])];
    let volume = hfs_of(&[file], &rest, &all);
    check(&volume, "hfs:a");
}

#[test]
fn volumes_of_hfs_that_are_not_sound_say_so() {
    let none = fork(0, 0, &[]);
    let with = |data: Vec<u8>| {
        let blocks = [(30, vec![1; 2_000])];
        let files = [
            hfs::file(2, "a", 17, &data, &none),
            hfs::file(2, "b", 18, &fork(600, 2, &[(30, 2)]), &none),
        ];
        names(&hfs_of(&files, &[], &blocks))
    };
    let (a, b) = (("hfs:a".to_owned(), None), ("hfs:b".to_owned(), None));
    let whole = |why| (String::new(), Some(why));
    assert_eq!(with(fork(600, 2, &[(31, 2)])), [a.clone(), b.clone(), whole(Contradiction)]);
    assert_eq!(with(fork(600, 1, &[(32, 1)])), [a, b.clone(), whole(Malformed)]);
    let far = ("hfs:a".to_owned(), Some(Malformed));
    assert_eq!(with(fork(600, 2, &[(900, 2)])), [far, b, (String::new(), None)]);
    let sound = hfs::hfs(SECRET);
    let changed = |at: usize, byte: u8| {
        let mut volume = sound.clone();
        volume[at] = byte;
        volume
    };
    // The size of blocks, that of nodes, a leaf that leads to itself, one that is none, and a file that is packed.
    refused(&changed(1_024 + 43, 1), ("", Malformed));
    refused(&changed(5_120 + 14 + 18, 0), ("", Malformed));
    refused(&changed(5_120 + 2 * 512 + 3, 1), ("", Contradiction));
    refused(&changed(5_120 + 512 + 8, 0), ("", Malformed));
    refused(&changed(5_120 + 2 * 512 + 14 + 20 + 41, 0x20), ("", Unsupported));
    refused(&sound[..3_000], ("", Malformed));
}

#[test]
fn files_of_fat_are_found_by_their_names() {
    for width in [Width::Twelve, Width::Sixteen, Width::ThirtyTwo] {
        let path = "fat:a folder/a file of a long name \u{416}";
        check(&fat::fat(width, SECRET), path);
        // Those of sixteen bits are large.
        if width == Width::Sixteen {
            continue;
        }
        check(&fat::fat(width, &gzip(&long())), &format!("{path}/gz:"));
        check(&disk::pc(&[(64, 6, &fat::fat(width, SECRET))]), &format!("disk:1/{path}"));
        check(&gzip(&fat::fat(width, &zip(&[stored("b", SECRET)]))), &format!("gz:/{path}/zip:b"));
    }
    // By a short name, behind one that was deleted and the label; a long name that belongs to another.
    let short = fat::entry("A       TXT", 0x20, 5, SECRET.len());
    let mut small = short.clone();
    small[12] = 0x18;
    check(&fat_of(Width::Twelve, &small, &[(5, END)], &[(5, SECRET.to_vec())]), "fat:a.txt");
    let label = fat::entry("LABEL      ", 8, 0, 0);
    let deleted = fat::entry("\u{65}       TXT", 0x20, 5, SECRET.len());
    let long = fat::named("none", 0x20, 5, 1);
    for front in [&label[..], &long[..32]] {
        let root = [
            front,
            &deleted
                .iter()
                .enumerate()
                .map(|(at, byte)| if at == 0 { 0xe5 } else { *byte })
                .collect::<Vec<_>>(),
            &short,
        ]
        .concat();
        check(&fat_of(Width::Twelve, &root, &[(5, END)], &[(5, SECRET.to_vec())]), "fat:A.TXT");
        let root = [front, &short].concat();
        check(&fat_of(Width::Twelve, &root, &[(5, END)], &[(5, SECRET.to_vec())]), "fat:A.TXT");
    }
}

#[test]
fn volumes_of_fat_that_are_not_sound_say_so() {
    let with = |files: &[(u8, u32, usize)], table: &[(u32, u32)]| {
        let entry = |(i, (attributes, cluster, size)): (usize, &(u8, u32, usize))| {
            fat::entry(&format!("{i}          "), *attributes, *cluster, *size)
        };
        let root: Vec<u8> = files.iter().enumerate().flat_map(entry).collect();
        names(&fat_of(Width::Twelve, &root, table, &[(5, vec![1; 512]), (6, vec![1; 512])]))
    };
    let one = |name: &str| (name.to_owned(), None);
    let whole = |why| (String::new(), Some(why));
    // A chain that is cut, one that leads back, clusters of two files, and a folder in two places.
    assert_eq!(with(&[(0, 5, 900)], &[(5, END)]), [one("fat:0"), whole(Malformed)]);
    assert_eq!(with(&[(0, 5, 100_000)], &[(5, 6), (6, 5)]), [whole(Contradiction)]);
    let crossed = with(&[(0, 5, 900), (0, 6, 100)], &[(5, 6), (6, END)]);
    assert_eq!(crossed, [one("fat:0"), one("fat:1"), whole(Contradiction)]);
    let same = with(&[(0, 5, 900), (0, 5, 900)], &[(5, 6), (6, END)]);
    assert_eq!(same, [one("fat:0"), one("")]);
    assert_eq!(with(&[(16, 7, 0), (16, 7, 0)], &[(7, END)]), [whole(Contradiction)]);
    let sound = fat::fat(Width::Twelve, SECRET);
    refused(&sound[..2_000], ("", Malformed));
    let limits = Limits { gathered_bytes_max: 3_300, ..Limits::default() };
    // Of a large one the files are shown as they come.
    let (_, reasons) = seen(&sound, &limits);
    assert_eq!(reasons, []);
    // What is known and not read.
    let mut other = sound;
    other[3..11].copy_from_slice(b"EXFAT   ");
    other[11..64].fill(0);
    refused(&other, ("", Unsupported));
}
