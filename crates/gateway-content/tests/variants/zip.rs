//! ZIP archives whose parts disagree, of which parts are missing, or that are nested and long.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use gateway_inspect::Unscannable::{
    Contradiction, Encrypted, Malformed, RatioExceeded, TooDeep, TooMany, Unsupported,
};

use crate::writers::{Entry, Header, Zip, bzip2, zip};
use crate::{Variant, found, found_and, refused};

/// An archive of one member of which `change` sets fields.
fn one(file: &[u8], change: impl Fn(&mut Entry)) -> Vec<u8> {
    let mut entry = Entry::deflated("a.exe", file);
    change(&mut entry);
    Zip::of(&[entry]).write()
}

fn stored(file: &[u8], change: impl Fn(&mut Entry)) -> Vec<u8> {
    let mut entry = Entry::stored("a.exe", file);
    change(&mut entry);
    Zip::of(&[entry]).write()
}

fn central(change: impl Fn(&mut Header)) -> impl Fn(&mut Entry) {
    move |entry| change(entry.central.as_mut().unwrap())
}

/// An archive of which `change` sets fields.
fn whole(file: &[u8], change: impl Fn(&mut Zip)) -> Vec<u8> {
    let mut zip = Zip::of(&[Entry::deflated("a.exe", file)]);
    change(&mut zip);
    zip.write()
}

pub(crate) fn variants(file: &[u8]) -> Vec<Variant> {
    [
        plain(file),
        odd(file),
        headers(file),
        fields(file),
        directories(file),
        wide(file),
        lengths(file),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn plain(file: &[u8]) -> Vec<Variant> {
    let text = b"nothing of note".repeat(9);
    let two = Zip::of(&[Entry::deflated("b", &text), Entry::deflated("a.exe", file)]);
    vec![
        found("deflated", zip(file)),
        found("stored", stored(file, |_| {})),
        found("bzip2", Zip::of(&[Entry::new("a", 12, bzip2(file), file)]).write()),
        found("second member", two.write()),
        found("1 KiB before", whole(file, |zip| zip.prefix = vec![0x41; 1_024])),
        found(
            "1 KiB before, offsets behind it",
            whole(file, |zip| {
                (zip.prefix, zip.is_relative) = (vec![0x41; 1_024], true);
            }),
        ),
        found("binary before", whole(file, |zip| zip.prefix = vec![0xfe; 3_000])),
        found("70 kB behind", whole(file, |zip| zip.suffix = vec![0x42; 70_000])),
        found(
            "in the comment",
            whole(b"x", |z| {
                z.comment = zip(file);
            }),
        ),
        found(
            "comment longer than said",
            whole(file, |zip| {
                (zip.comment, zip.comment_bytes) = (vec![0x43; 300], Some(2));
            }),
        ),
        found("comment shorter than said", whole(file, |zip| zip.comment_bytes = Some(999))),
        found("two archives in a row", [zip(b"harmless"), zip(file)].concat()),
        found("the same, other order", [zip(file), zip(b"harmless")].concat()),
    ]
}

/// Names, fields and bytes that look like something else.
fn odd(file: &[u8]) -> Vec<Variant> {
    vec![
        found(
            "without a name",
            one(file, |entry| {
                entry.local.name.clear();
                entry.central.as_mut().unwrap().name.clear();
            }),
        ),
        found(
            "name with a zero",
            one(file, |entry| {
                entry.local.name = b"a.txt\0.exe".to_vec();
                entry.central.as_mut().unwrap().name = b"a.txt\0.exe".to_vec();
            }),
        ),
        found(
            "name of a folder, with data",
            one(file, |entry| {
                entry.local.name = b"a/".to_vec();
                entry.central.as_mut().unwrap().name = b"a/".to_vec();
            }),
        ),
        found(
            "name of a folder, stored",
            stored(file, |entry| {
                entry.local.name = b"a/".to_vec();
                entry.central.as_mut().unwrap().name = b"a/".to_vec();
            }),
        ),
        found(
            "name of 60,000 bytes",
            one(file, |entry| {
                entry.local.name = vec![b'n'; 60_000];
                entry.central.as_mut().unwrap().name = vec![b'n'; 60_000];
            }),
        ),
        found(
            "extra field of 60,000 bytes",
            one(file, |entry| entry.local.extra = vec![0; 60_000]),
        ),
        found(
            "extra field that lies of its length",
            one(file, |entry| {
                entry.local.extra = vec![0x99, 0x99, 0xff, 0xff, 1, 2];
            }),
        ),
        found("split marker before", whole(file, |zip| zip.prefix = b"PK00".to_vec())),
        found("spanned marker before", whole(file, |zip| zip.prefix = b"PK\x07\x08".to_vec())),
        refused(
            "false local header before",
            Malformed,
            whole(file, |zip| {
                zip.prefix = b"PK\x03\x04 this is none at all, but it looks like one".to_vec();
            }),
        ),
        found(
            "false end record before",
            whole(file, |zip| {
                zip.prefix = [&b"PK\x05\x06"[..], &[0; 18]].concat();
            }),
        ),
        found_and(
            "signatures within the data",
            Malformed,
            Zip::of(&[
                Entry::stored("b", b"PK\x03\x04PK\x01\x02PK\x05\x06PK\x07\x08"),
                Entry::stored("a", file),
            ])
            .write(),
        ),
        found(
            "members of one name",
            Zip::of(&[Entry::deflated("a.exe", b"harmless"), Entry::deflated("a.exe", file)])
                .write(),
        ),
    ]
}

/// The headers of a member say different things.
fn headers(file: &[u8]) -> Vec<Variant> {
    let contradicts = |name: &str, body| found_and(name, Contradiction, body);
    vec![
        contradicts("local method is stored", one(file, |entry| entry.local.method = 0)),
        contradicts("central method is stored", one(file, central(|h| h.method = 0))),
        refused(
            "local method is deflate, data stored",
            Contradiction,
            stored(file, |e| e.local.method = 8),
        ),
        contradicts(
            "central method is deflate, data stored",
            stored(file, central(|h| h.method = 8)),
        ),
        refused(
            "unknown method",
            Unsupported,
            one(file, |entry| {
                entry.local.method = 77;
                entry.central.as_mut().unwrap().method = 77;
            }),
        ),
        refused("local flag: encrypted", Contradiction, one(file, |entry| entry.local.flags |= 1)),
        contradicts("central flag: encrypted", one(file, central(|h| h.flags |= 1))),
        refused(
            "both flags: encrypted",
            Encrypted,
            one(file, |entry| {
                entry.local.flags |= 1;
                entry.central.as_mut().unwrap().flags |= 1;
            }),
        ),
        refused(
            "local sizes are zero",
            Contradiction,
            one(file, |entry| {
                (entry.local.packed, entry.local.unpacked) = (0, 0);
            }),
        ),
        refused(
            "local sizes are zero, stored",
            Contradiction,
            stored(file, |entry| {
                (entry.local.packed, entry.local.unpacked) = (0, 0);
            }),
        ),
        contradicts(
            "central sizes are zero",
            one(
                file,
                central(|h| {
                    (h.packed, h.unpacked) = (0, 0);
                }),
            ),
        ),
        contradicts("local unpacked size too large", one(file, |entry| entry.local.unpacked += 1)),
        contradicts("local unpacked size too small", one(file, |entry| entry.local.unpacked = 3)),
        contradicts("local packed size too large", one(file, |entry| entry.local.packed += 20)),
        refused(
            "local packed size too small",
            Contradiction,
            one(file, |entry| entry.local.packed -= 9),
        ),
        refused(
            "local packed size too small, stored",
            Contradiction,
            stored(file, |e| e.local.packed -= 9),
        ),
    ]
}

/// The same of sizes, sums, names and places.
fn fields(file: &[u8]) -> Vec<Variant> {
    let contradicts = |name: &str, body| found_and(name, Contradiction, body);
    vec![
        found_and(
            "local packed size is huge",
            Malformed,
            one(file, |e| e.local.packed = 0x7fff_ffff),
        ),
        found_and(
            "local packed size is the largest",
            Malformed,
            one(file, |e| e.local.packed = !0),
        ),
        contradicts("central packed size too small", one(file, central(|h| h.packed -= 9))),
        contradicts("central unpacked size too small", one(file, central(|h| h.unpacked = 2))),
        contradicts("local sum is wrong", one(file, |entry| entry.local.crc ^= 1)),
        contradicts("central sum is wrong", one(file, central(|h| h.crc ^= 1))),
        contradicts(
            "both sums are wrong",
            one(file, |entry| {
                entry.local.crc ^= 1;
                entry.central.as_mut().unwrap().crc ^= 1;
            }),
        ),
        contradicts("local name differs", one(file, |e| e.local.name = b"a.txt".to_vec())),
        contradicts("central name is empty", one(file, central(|h| h.name.clear()))),
        contradicts("local name is empty", one(file, |e| e.local.name.clear())),
        contradicts("local name in other case", one(file, |e| e.local.name = b"A.EXE".to_vec())),
        found("local version differs", one(file, |entry| entry.local.version = 63)),
        found("central version differs", one(file, central(|h| h.version = 255))),
        found("local extra field alone", one(file, |e| e.local.extra = b"UX\x04\0abcd".to_vec())),
        contradicts("offset too small", one(file, |entry| entry.shift = !0)),
        contradicts("offset too large", one(file, |entry| entry.shift = 7)),
        found_and(
            "size said to be in the extra field, and is not",
            Malformed,
            one(file, |entry| {
                (entry.local.packed, entry.local.unpacked) = (!0, !0);
            }),
        ),
    ]
}

/// The directory is missing, listed otherwise, or there are several.
fn directories(file: &[u8]) -> Vec<Variant> {
    let contradicts = |name: &str, body| found_and(name, Contradiction, body);
    let plain = zip(file);
    let at = plain.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    let end = plain.windows(4).position(|w| w == b"PK\x05\x06").unwrap();
    let cut = |name: &str, to: usize| found_and(name, Malformed, plain[..to].to_vec());
    let two_ends = [&plain[..], &plain[end..]].concat();
    let unlisted = Zip::of(&[
        Entry::deflated("b", b"harmless"),
        Entry { central: None, ..Entry::deflated("a.exe", file) },
    ]);
    let mut twice = Zip::of(&[Entry::deflated("a.exe", file)]);
    twice.gap = plain[at..end].to_vec();
    // A header without a name and without a byte, as tools of Android fill up space.
    let filler = |entry: Entry| {
        let filler = Entry { central: None, ..entry };
        Zip::of(&[filler, Entry::deflated("a.exe", file)]).write()
    };
    let mut hidden = Zip::of(&[Entry::deflated("b", b"harmless")]);
    hidden.gap = Zip::of(&[Entry::deflated("a.exe", file)]).write()[..at].to_vec();
    vec![
        cut("directory cut off", at),
        cut("directory cut in two", at + 20),
        cut("end record cut off", end),
        cut("end record cut in two", end + 9),
        cut("last member cut", at),
        contradicts("a member is not listed", unlisted.write()),
        contradicts("listed twice", twice.write()),
        found("space filled up before", filler(Entry::stored("", b""))),
        contradicts("space filled up by a name", filler(Entry::stored("b", b""))),
        contradicts("space filled up by a byte", filler(Entry::stored("", b"b"))),
        contradicts("a member between the last and the directory", hidden.write()),
        contradicts("fewer entries counted", whole(file, |zip| zip.count = Some(0))),
        contradicts("more entries counted", whole(file, |zip| zip.count = Some(9))),
        contradicts("directory said to be elsewhere", whole(file, |z| z.directory_at = Some(3))),
        contradicts("directory said to be longer", whole(file, |z| z.directory_bytes = Some(999))),
        contradicts("directory said to be empty", whole(file, |z| z.directory_bytes = Some(0))),
        contradicts("said to be of several disks", whole(file, |zip| zip.disk = 2)),
        contradicts("bytes before the end record", whole(file, |z| z.before_end = vec![0; 40])),
        found("bytes before the directory", whole(file, |zip| zip.gap = vec![0xee; 50])),
        contradicts("two end records", two_ends),
        contradicts("end record alone before", [&plain[end..], &plain].concat()),
        contradicts(
            "end record of nothing behind",
            [&plain[..end], b"PK\x05\x06", &[0; 18]].concat(),
        ),
    ]
}

/// Sizes of 64 bits.
fn wide(file: &[u8]) -> Vec<Variant> {
    let contradicts = |name: &str, body| found_and(name, Contradiction, body);
    let entry = Entry::deflated("a.exe", file);
    let field = |unpacked: u64, packed: u64| {
        [&[1, 0, 16, 0][..], &unpacked.to_le_bytes(), &packed.to_le_bytes()].concat()
    };
    let (unpacked, packed) = (u64::from(entry.local.unpacked), u64::from(entry.local.packed));
    let widen = |header: &mut Header, unpacked: u64, packed: u64| {
        (header.packed, header.unpacked) = (!0, !0);
        header.extra = field(unpacked, packed);
    };
    let record = |entries: u64, bytes: u64, at: u64| {
        let numbers = [entries, entries, bytes, at].map(u64::to_le_bytes).concat();
        [b"PK\x06\x06", &44u64.to_le_bytes()[..], &[45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0], &numbers]
            .concat()
    };
    let plain = zip(file);
    let at = plain.windows(4).position(|w| w == b"PK\x01\x02").unwrap() as u64;
    let end = plain.windows(4).position(|w| w == b"PK\x05\x06").unwrap() as u64;
    let locator = [b"PK\x06\x07", &[0; 4][..], &end.to_le_bytes(), &1u32.to_le_bytes()].concat();
    let tail = |record: Vec<u8>| [record, locator.clone()].concat();
    vec![
        found(
            "wide sizes",
            one(file, |entry| {
                widen(&mut entry.local, unpacked, packed);
                widen(entry.central.as_mut().unwrap(), unpacked, packed);
            }),
        ),
        found("wide sizes, local alone", one(file, |e| widen(&mut e.local, unpacked, packed))),
        found_and(
            "wide sizes that lie",
            Malformed,
            one(file, |entry| {
                widen(&mut entry.local, unpacked, 1 << 40);
            }),
        ),
        found_and(
            "wide sizes that are the largest",
            Malformed,
            one(file, |entry| {
                widen(&mut entry.local, !0, !0);
            }),
        ),
        found(
            "wide field that is not asked for",
            one(file, |entry| {
                entry.local.extra = field(1, 2);
            }),
        ),
        found(
            "wide end record",
            whole(file, |zip| {
                zip.before_end = tail(record(1, end - at, at));
            }),
        ),
        contradicts(
            "wide end record with another count",
            whole(file, |zip| {
                zip.before_end = tail(record(2, end - at, at));
            }),
        ),
        contradicts(
            "wide end record with another place",
            whole(file, |zip| {
                zip.before_end = tail(record(1, end - at, 5));
            }),
        ),
        contradicts(
            "wide end record alone counts, and wrong",
            whole(file, |zip| {
                zip.before_end = tail(record(7, end - at, at));
                (zip.count, zip.directory_at) = (Some(!0), Some(!0));
            }),
        ),
        found(
            "wide end record alone counts",
            whole(file, |zip| {
                zip.before_end = tail(record(1, end - at, at));
                (zip.count, zip.directory_at, zip.directory_bytes) = (Some(!0), Some(!0), Some(!0));
            }),
        ),
        contradicts("wide end record is missing", whole(file, |zip| zip.count = Some(!0))),
    ]
}

/// Sizes stand behind the data.
fn lengths(file: &[u8]) -> Vec<Variant> {
    let contradicts = |name: &str, body| found_and(name, Contradiction, body);
    let signed = |entry: Entry| Zip::of(&[entry.streamed(b"PK\x07\x08")]).write();
    let bare = |entry: Entry| Zip::of(&[entry.streamed(b"")]).write();
    let deflated = || Entry::deflated("a.exe", file);
    let stored = || Entry::stored("a.exe", file);
    let changed = |change: fn(&mut Entry)| {
        let mut entry = deflated().streamed(b"PK\x07\x08");
        change(&mut entry);
        Zip::of(&[entry]).write()
    };
    let wide = || {
        let mut entry = deflated().streamed(b"PK\x07\x08");
        let central = entry.central.clone().unwrap();
        entry.descriptor = [
            &b"PK\x07\x08"[..],
            &central.crc.to_le_bytes(),
            &u64::from(central.packed).to_le_bytes(),
            &u64::from(central.unpacked).to_le_bytes(),
        ]
        .concat();
        entry
    };
    let bzip = Entry::new("a.exe", 12, bzip2(file), file);
    vec![
        found("descriptor with signature", signed(deflated())),
        found("descriptor without", bare(deflated())),
        found("descriptor with signature, stored", signed(stored())),
        refused("descriptor without, stored", Malformed, bare(stored())),
        found("descriptor of 64 bits", Zip::of(&[wide()]).write()),
        found("descriptor, bzip2", signed(bzip.clone())),
        found("descriptor without signature, bzip2", bare(bzip)),
        contradicts("descriptor is missing", changed(|entry| entry.descriptor.clear())),
        contradicts("descriptor lies of the sum", changed(|entry| entry.descriptor[4] ^= 1)),
        contradicts("descriptor lies of the size", changed(|entry| entry.descriptor[8] ^= 1)),
        found(
            "descriptor, and sizes before that lie",
            changed(|entry| {
                entry.local.packed = 5;
                entry.local.unpacked = 5;
            }),
        ),
        // As some programs leave it that write an archive anew.
        found("descriptor is missing, sizes before fit", {
            let mut entry = deflated().streamed(b"");
            let central = entry.central.clone().unwrap();
            entry.local = Header { flags: entry.local.flags, ..central };
            entry.descriptor.clear();
            Zip::of(&[entry]).write()
        }),
        contradicts("descriptor is missing, sizes before lie", {
            let mut entry = deflated().streamed(b"");
            let central = entry.central.clone().unwrap();
            entry.local = Header { flags: entry.local.flags, ..central };
            entry.local.packed -= 1;
            entry.descriptor.clear();
            Zip::of(&[entry]).write()
        }),
        found("descriptor, and sizes before that fit", {
            let mut entry = deflated().streamed(b"PK\x07\x08");
            let central = entry.central.clone().unwrap();
            (entry.local.packed, entry.local.unpacked) = (central.packed, central.unpacked);
            Zip::of(&[entry]).write()
        }),
        contradicts(
            "flag of a descriptor, local alone",
            changed(|entry| {
                entry.central.as_mut().unwrap().flags = 0;
                entry.descriptor.clear();
            }),
        ),
        refused("descriptor, not announced", Contradiction, changed(|entry| entry.local.flags = 0)),
    ]
}

/// Archives in archives.
pub(crate) fn nested(file: &[u8]) -> Vec<Variant> {
    let level = |levels: usize| (0..levels).fold(file.to_vec(), |inner, _| zip(&inner));
    let name = |levels: usize| format!("{levels} levels");
    let mut all: Vec<Variant> = [2, 5, 16].into_iter().map(|n| found(&name(n), level(n))).collect();
    all.extend([17, 18, 30].into_iter().map(|n| refused(&name(n), TooDeep, level(n))));
    all
}

/// Archives that take their time.
pub(crate) fn large(file: &[u8]) -> Vec<Variant> {
    let mut many: Vec<Entry> = (0..10_050).map(|i| Entry::stored(&i.to_string(), b"x")).collect();
    many.push(Entry::deflated("a.exe", file));
    vec![
        refused("10,050 entries before", TooMany, Zip::of(&many).write()),
        found_and("450 MB of zeros before", RatioExceeded, zeros_first(450, file)),
    ]
}

/// An archive whose first member is that many MiB of zeros.
fn zeros_first(mib: u32, file: &[u8]) -> Vec<u8> {
    let block = vec![0; 1 << 20];
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&block).unwrap();
    // Flushed, so that what follows does not depend on it.
    encoder.flush().unwrap();
    let one = encoder.get_ref().clone();
    let data = [one.repeat(mib as usize), vec![3, 0]].concat();
    let mut sum = crc32fast::Hasher::new();
    (0..mib).for_each(|_| sum.update(&block));
    let mut entry = Entry::new("zeros", 8, data, b"");
    for header in [Some(&mut entry.local), entry.central.as_mut()].into_iter().flatten() {
        (header.unpacked, header.crc) = (mib << 20, sum.clone().finalize());
    }
    Zip::of(&[entry, Entry::deflated("a.exe", file)]).write()
}
