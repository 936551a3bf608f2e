//! Containers whose members share bytes, or that say much in few bytes, so that they would take long: what they end
//! with, and how much of them is shown.

use gateway_inspect::Unscannable::{
    self, Contradiction, Malformed, RatioExceeded, TooMany, WorkExceeded,
};

use crate::document::vba::tests::starts;
use crate::fixture::{stored, zip, zlib};
use crate::laws::{Seen, look};
use crate::{BodyInfo, Budget, Limits, Step, Unpacker};

/// Members that share bytes, and how many those are.
const COUNT: usize = 300;
const SHARED: usize = 100_000;

fn seen(body: &[u8]) -> Seen {
    let (info, limits) = (BodyInfo::default(), Limits::default());
    let whole = look(body, &[body.len()], Budget::UNLIMITED, &info, &limits);
    assert_eq!(whole, look(body, &[4_096, 7, 1], Budget::default(), &info, &limits));
    whole
}

/// How many parts there are, how many bytes of them are shown, and how the body ends.
fn ends(body: &[u8]) -> (usize, u64, Option<Unscannable>) {
    let seen = seen(body);
    let bytes = seen.ends.iter().map(|end| end.bytes).sum();
    (seen.ends.len(), bytes, seen.ends.last().unwrap().outcome.unscannable)
}

/// All that is shown of a body whose members share bytes is bounded by its own, and it says that there is more.
#[track_caller]
fn is_flood(of: impl Fn(usize) -> Vec<u8>) {
    let body = of(COUNT);
    let (parts, bytes, reason) = ends(&body);
    assert_eq!(reason, Some(WorkExceeded), "{parts} parts, {bytes} bytes");
    assert!(bytes <= 5 * body.len() as u64 + (5 << 20), "{bytes} of {}", body.len());
    let (parts, _, reason) = ends(&of(3));

    assert!(parts > 3 && reason.is_none(), "{parts}, {reason:?}");
}

/// An archive of so many members of `bytes` bytes.
fn members(count: usize, bytes: usize) -> Vec<u8> {
    let content = noise(bytes);
    let entries: Vec<_> = (0..count).map(|i| stored(&i.to_string(), &content)).collect();
    zip(&entries)
}

#[test]
fn many_members_are_opened_if_they_are_no_crumbs() {
    let whole = |body: &[u8]| {
        let (info, limits) = (BodyInfo::default(), Limits::default());
        let seen = look(body, &[body.len()], Budget::UNLIMITED, &info, &limits);
        (seen.ends.len(), seen.ends.last().unwrap().outcome.unscannable)
    };
    assert_eq!(whole(&members(12_000, 1_024)), (12_001, None));
    assert_eq!(whole(&members(9_900, 1)), (9_901, None));
    assert_eq!(whole(&members(11_000, 1)), (10_009, Some(TooMany)));
}

fn noise(len: usize) -> Vec<u8> {
    (0..len as u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

fn xar(table: &str, heap: &[u8]) -> Vec<u8> {
    let packed = zlib(table.as_bytes());
    let lengths = [packed.len(), table.len()].map(|len| (len as u64).to_be_bytes());
    [b"xar!\0\x1c\0\x01", &lengths.concat()[..], &[0; 4], &packed, heap].concat()
}

fn xar_file(offset: usize, length: usize) -> String {
    format!("<data><offset>{offset}</offset><length>{length}</length></data>")
}

#[test]
fn files_of_xar_share_bytes_no_more_often_than_there_are_bytes_for() {
    let heap = noise(SHARED);
    is_flood(|count| xar(&(xar_file(0, SHARED) + "<name>a</name>").repeat(count), &heap));
}

#[test]
fn elements_of_xar_are_not_within_each_other() {
    let names = |table: &str| -> Vec<String> {
        let ends = seen(&xar(table, b"abc")).ends;
        ends.iter().map(|end| format!("{} {:?}", end.part.name, end.outcome.unscannable)).collect()
    };
    let file = xar_file(0, 3);
    assert_eq!(names(&format!("{file}<name>a</name>{file}<name>b</name>")).len(), 3);
    // Each name is that of the files before it.
    assert_eq!(
        names(&format!("{file}{file}<name>a</name>{file}")),
        ["xar:a None", "xar:a None", "xar: None", " None"]
    );
    let open = format!("<data><data>{file}<name>a</name><data>");
    assert_eq!(names(&open), ["xar:a None", " Some(Malformed)"]);
    assert_eq!(names("</data><name><data>"), [" Some(Malformed)"]);
    // Of a name that all of them have as much is held as is shown.
    let long = names(&format!("{}<name>{}</name>", file.repeat(200), "n".repeat(100_000)));
    let shown = format!("xar:{} None", "n".repeat(Limits::default().name_bytes_max));
    assert!(long.len() == 201 && long[..200].iter().all(|name| *name == shown));
}

/// A help file of these entries: name, where they stand, and how long they are.
fn chm(entries: &[(&[u8], usize, usize)], content: &[u8]) -> Vec<u8> {
    let number = |n: usize| {
        [14, 7, 0].map(|shift| (n >> shift) as u8 & 0x7f | if shift > 0 { 0x80 } else { 0 })
    };
    let entry = |(name, offset, size): &(&[u8], usize, usize)| {
        [&[name.len() as u8], *name, &[0], &number(*offset), &number(*size)].concat()
    };
    let listing = 60_000u32;
    let mut directory = b"ITSP\0\0\0\0".to_vec();
    directory.extend([20u32.to_le_bytes(), [0; 4], listing.to_le_bytes()].concat());
    for entries in entries.chunks(1_000) {
        let body = entries.iter().map(entry).collect::<Vec<_>>().concat();
        let free = listing - 20 - body.len() as u32;
        directory.extend([b"PMGL", &free.to_le_bytes()[..], &[0; 12], &body].concat());
        directory.resize(directory.len() + free as usize, 0);
    }
    let mut file = b"ITSF\x03\0\0\0".to_vec();
    file.resize(0x48, 0);
    let places = [0x60, directory.len(), 0x60 + directory.len()];
    file.extend(places.map(|place| (place as u64).to_le_bytes()).concat());
    [file, directory, content.to_vec()].concat()
}

#[test]
fn files_of_help_share_bytes_no_more_often_than_there_are_bytes_for() {
    let content = noise(SHARED);
    is_flood(|count| chm(&vec![(&b"/a"[..], 0, SHARED); count], &content));
}

#[test]
fn any_number_of_packed_contents_is_passed_over() {
    let name = b"::DataSpace/Storage/MSCompressed/Content";
    let mut entries = vec![(&name[..], 0, 1); 40_000];
    entries.push((b"/a", 0, 3));
    assert_eq!(ends(&chm(&entries, b"abc")), (2, 3 + chm(&entries, b"abc").len() as u64, None));
}

#[test]
fn files_of_an_image_share_bytes_no_more_often_than_there_are_bytes_for() {
    let content = noise(SHARED);
    is_flood(|count| {
        let number = |n: usize| (n as u64).to_le_bytes();
        let entry = [SHARED, 208, SHARED].map(number).concat();
        let table = [&entry[..], &[0; 26]].concat().repeat(count);
        let mut head = b"MSWIM\0\0\0".to_vec();
        head.resize(48, 0);
        head.extend([table.len(), 208 + SHARED, table.len()].map(number).concat());
        head.resize(208, 0);
        [head, content.clone(), table].concat()
    });
}

#[test]
fn files_of_a_package_share_bytes_no_more_often_than_there_are_bytes_for() {
    let content = noise(SHARED);
    is_flood(|count| {
        let number = |n: usize| (n as u32).to_le_bytes();
        let mut head = [0x100_0000, 0x1000_3a12, 0x1000_0419].map(number).concat();
        head.resize(18, 0);
        head.extend([1, 0, count as u8, (count >> 8) as u8]);
        head.resize(36, 0);
        head.push(8);
        head.resize(52, 0);
        head.extend(number(68 + SHARED));
        head.resize(68, 0);
        // Its name is all of the content.
        let record = [0, 0, 0, SHARED, 68, 0, 0, SHARED, 68, 0, 0, 0].map(number).concat();
        [head, content.clone(), record.repeat(count)].concat()
    });
}

/// A cabinet of folders that all have the same blocks.
fn cab(folders: usize, count: u16, blocks: &[u8]) -> Vec<u8> {
    let number = |n: usize| (n as u32).to_le_bytes();
    let files = 36 + 8 * folders;
    let data = files + 18 * folders;
    let head = [0, data + blocks.len(), 0, files, 0].map(number).concat();
    let counts = (folders as u16).to_le_bytes();
    let mut out = [b"MSCF", &head[..], &[3, 1], &counts, &counts, &[0; 6]].concat();
    for _ in 0..folders {
        out.extend([&number(data)[..], &count.to_le_bytes(), &[0; 2]].concat());
    }
    for folder in 0..folders as u16 {
        out.extend([&number(1)[..], &[0; 4], &folder.to_le_bytes(), &[0; 6], b"a\0"].concat());
    }
    [&out, blocks].concat()
}

#[test]
fn folders_of_a_cabinet_share_blocks_no_more_often_than_there_are_bytes_for() {
    let data = noise(30_000);
    let block = [&[0; 4], &[0x30, 0x75, 0x30, 0x75][..], &data].concat();
    assert_eq!(ends(&cab(COUNT, 4, &block.repeat(4))).2, Some(WorkExceeded));
    assert_eq!(ends(&cab(3, 4, &block.repeat(4))).2, None);
    // Blocks of nothing are read as well.
    let (parts, _, reason) = ends(&cab(COUNT, 10_000, &[0; 80_000]));
    assert_eq!(reason, Some(WorkExceeded));
    assert!(parts < 20, "{parts}");
}

/// A Compound File of these entries, each the child of the one before it, or the next after it, with its data.
fn cfb(entries: &[(&str, u8, Vec<u8>)]) -> Vec<u8> {
    let mut sectors = Vec::new();
    let mut table: Vec<u32> = Vec::new();
    let mut add = |data: &[u8]| {
        let (first, count) = (table.len() as u32, data.len().div_ceil(512) as u32);
        table.extend((1..=count).map(|i| if i == count { 0xffff_fffe } else { first + i }));
        sectors.extend_from_slice(data);
        sectors.resize(512 * table.len(), 0);
        first
    };
    let mut directory = Vec::new();
    for (i, (name, kind, data)) in entries.iter().enumerate() {
        let mut entry: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let bytes = entry.len() as u8 + 2;
        entry.resize(64, 0);
        entry.extend([bytes, 0, *kind, 1]);
        let next = (i as u32 + 1).to_le_bytes();
        let (right, child) = if *kind == 2 { (next, [0xff; 4]) } else { ([0xff; 4], next) };
        entry.extend([[0xff; 4], right, child].concat());
        entry.resize(116, 0);
        entry.extend([add(data), data.len() as u32, 0].map(u32::to_le_bytes).concat());
        directory.extend(entry);
    }
    let first = add(&directory);
    let at = table.len() as u32;
    let count = (at + at / 127 + 1).div_ceil(128);
    table.extend((0..count).map(|_| 0xffff_fffd));
    table.resize(128 * count as usize, u32::MAX);
    let mut head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    head.resize(24, 0);
    head.extend([0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0, 6, 0]);
    head.resize(44, 0);
    let end = 0xffff_fffe;
    head.extend([count, first, 0, 0, end, 0, end, 0].map(u32::to_le_bytes).concat());
    head.extend((at..at + count).flat_map(u32::to_le_bytes));
    assert!(head.len() <= 512);
    head.resize(512, 0xff);
    [head, sectors, table.into_iter().flat_map(u32::to_le_bytes).collect()].concat()
}

#[test]
fn paths_of_a_compound_file_are_held_as_far_as_they_are_shown() {
    let name = "folder folder folder folder 31";
    let mut entries = vec![("Root", 5, Vec::new())];
    entries.extend((0..2_000).map(|_| (name, 1, Vec::new())));
    entries.push(("last", 2, b"abc".to_vec()));
    let seen = seen(&cfb(&entries));
    let names: Vec<&str> = seen.ends.iter().map(|end| end.part.name.as_str()).collect();
    let path = format!("ole:{}", format!("{name}/").repeat(20));
    let shown = path.get(..4 + Limits::default().name_bytes_max).unwrap();
    assert_eq!(names, [shown, ""]);
}

#[test]
fn the_text_of_a_document_is_read_no_more_often_than_there_are_bytes_for() {
    let mut document = vec![b'a'; 50_000];
    document[..2].copy_from_slice(&[0xec, 0xa5]);
    document[11] = 2;
    document[0x1a2..0x1aa].copy_from_slice(&[0, 0, 0, 0, 21, 0, 0, 0]);
    // One piece, of all of it.
    let mut table = vec![2, 16, 0, 0, 0, 0, 0, 0, 0, 0x50, 0xc3, 0, 0, 0, 0];
    table.extend([0, 0, 0, 0x40, 0, 0]);
    let file = |count: usize| {
        let mut entries = vec![("Root", 5, Vec::new()), ("WordDocument", 2, document.clone())];
        entries.extend((0..count).map(|_| ("1Table", 2, table.clone())));
        cfb(&entries)
    };
    is_flood(file);
}

/// A Compound File with modules of macros that begin at as many places as are taken, each with these chunks behind it.
fn modules(count: usize, chunks: &[u8]) -> Vec<u8> {
    let module = [&starts(4, 4, 0)[..], chunks].concat();
    let mut entries = vec![("Root", 5, Vec::new()), ("VBA", 1, Vec::new())];
    entries.extend((0..count).map(|_| ("Module1", 2, module.clone())));
    cfb(&entries)
}

#[test]
fn modules_are_read_no_more_often_than_there_are_bytes_for() {
    let chunks = [&b"\xff\x3f"[..], &noise(4_096)].concat().repeat(5);
    let body = modules(COUNT, &chunks);
    let (_, bytes, reason) = ends(&body);
    assert_eq!(reason, Some(WorkExceeded));
    assert!(bytes <= 5 * body.len() as u64 + (3 << 20), "{bytes} of {}", body.len());
    assert_eq!(ends(&modules(3, &chunks)).2, None);
}

#[test]
fn a_module_yields_as_much_from_all_places_as_from_one() {
    // A chunk of 4,096 bytes in eight.
    let chunks = b"\x05\xb0\x02a\xfc\x0f\0a".repeat(10_000);
    let limits = Limits { ratio_max: 64, ratio_floor_bytes: 1_000, ..Limits::default() };
    let body = modules(1, &chunks);
    let seen = look(&body, &[body.len()], Budget::UNLIMITED, &BodyInfo::default(), &limits);
    let sources = seen.ends.iter().filter(|end| end.part.name.ends_with("/vba"));
    let bytes: u64 = sources.clone().map(|end| end.bytes).sum();
    assert_eq!(sources.clone().count(), 8);
    assert!(sources.clone().all(|end| end.outcome.unscannable == Some(RatioExceeded)));
    assert!(bytes <= 64 * (chunks.len() as u64 + (4 << 10)), "{bytes}");
}

#[test]
fn objects_of_a_presentation_are_unpacked_as_they_are_shown() {
    let packed = zlib(&vec![0; 1_000_000]);
    let len = (packed.len() as u32 + 4).to_le_bytes();
    let record = [&[0x10, 0, 0x11, 0x10], &len[..], &[0; 4], &packed].concat();
    let file = |count: usize| {
        cfb(&[("Root", 5, Vec::new()), ("PowerPoint Document", 2, record.repeat(count))])
    };
    let (parts, bytes, reason) = ends(&file(30));
    assert_eq!(reason, Some(RatioExceeded));
    assert!(parts < 30 && bytes < 24 << 20, "{parts} of {bytes} bytes");
    assert_eq!(ends(&file(3)).2, None);
}

#[test]
fn numbers_of_a_workbook_are_no_longer_than_they_are_shown() {
    let cells =
        [&[0xbd, 0, 0x76, 0x17], &[0; 4][..], &[0, 0, 0, 0, 0xe0, 0x7f].repeat(1_000), &[0; 2]];
    let book = cfb(&[("Root", 5, Vec::new()), ("Workbook", 2, cells.concat())]);
    let seen = seen(&book);
    let text = seen.ends.iter().find(|end| end.part.name == "ole:text").unwrap();
    assert!((1_000..30_000).contains(&text.bytes), "{}", text.bytes);
}

/// Turns of the machine that a body takes.
fn turns(body: &[u8]) -> usize {
    let limits = Limits::default();
    let wanted = gateway_inspect::Wanted::all();
    let inspect = gateway_inspect::Limits::default();
    let info = BodyInfo::default();
    let mut unpacker = Unpacker::new(crate::laws::examiners(), wanted, &info, &limits, &inspect);
    unpacker.push(body.to_vec().into());
    unpacker.end();
    let (budget, mut turns) = (Budget { steps: 1, ..Budget::UNLIMITED }, 0);
    while unpacker.step(budget) != Step::Done {
        turns += 1;
        unpacker.reports().for_each(drop);
        unpacker.parts().for_each(drop);
    }
    turns
}

#[test]
fn headers_without_an_end_are_read_once() {
    let lines = b"--a\nContent-x\n".repeat(10_000);
    assert_eq!(ends(&lines).2, Some(Unscannable::TooLarge));
    assert!(turns(&lines) < 3 * 20_000, "{}", turns(&lines));
    // What comes behind them is still found.
    let part = b"--b\nContent-Type: text/plain\n\nMALWARE\n--b--\n";
    let names = seen(&[&lines[..], part].concat()).ends;
    assert!(names.iter().any(|end| end.part.name == "mime:"), "{names:?}");
}

#[test]
fn bytes_behind_a_directory_are_passed_over_at_once() {
    let alz = [b"ALZ\x01\x0a\0\0\0CLZ\x01", &b"CLZ".repeat(20_000)[..]].concat();
    assert_eq!(ends(&alz).2, Some(Malformed));
    assert!(turns(&alz) < 2_000, "{}", turns(&alz));
    for behind in [0, 1, 507, 508, 509, 510, 3_000] {
        let whole = [&alz[..12], &b"C".repeat(behind), b"CLZ\x02"].concat();
        assert_eq!(ends(&whole).2, None, "{behind}");
    }
}

/// What begins no archive is told where it stands, in files of no kind, in text and in what is shown of it.
#[test]
fn signatures_of_no_archive_are_passed_over_at_once() {
    let local = b"PK\x03\x04".repeat(30_000);
    let mixed = b"MSCFPK\x03\x04Rar!MZ`\xea-lh5-".repeat(4_000);
    // Each has its header 2 KiB on.
    let programs = b"MZ..\xf0\x07\0\0".repeat(15_000);
    let newer = b"#@~^CWSEGGA#@~^FWS\x09".repeat(5_000);
    for flood in [local, mixed, programs, newer] {
        for front in ["\x01\x02\x03\u{0}", "a text of ", "{\"a\": \"", "<html><p>", "{\\rtf1 "] {
            let body = [front.as_bytes(), &flood].concat();
            let (parts, bytes, reason) = ends(&body);
            assert!(parts <= 3 && bytes <= 3 * body.len() as u64, "{front}: {parts}, {bytes}");
            assert_eq!((reason, turns(&body) < 5_000), (None, true), "{front}: {}", turns(&body));
        }
    }
}

/// Behind each run a text is searched anew, a window at a time: as many runs are opened as may be, and with no more
/// turns than these take.
#[test]
fn runs_of_a_text_cost_no_more_the_more_there_are() {
    for run in ["%41%42%43%44 ", "%74%68%65%20%61'63%%.", "\\x41\\x42\\x43\\x44 ", "#@~^AAAAAA=="] {
        let most = Limits::default().parts_floor as usize;
        let few = run.repeat(1_000);
        let many = run.repeat(20_000);
        let (parts, ..) = ends(few.as_bytes());
        assert!((32..=1_002).contains(&parts), "{run}: {parts}");
        assert!(turns(few.as_bytes()) < 10 * parts + 100, "{run}: {}", turns(few.as_bytes()));
        let (parts, ..) = ends(many.as_bytes());
        assert!(parts <= most + 100, "{run}: {parts}");
        assert!(turns(many.as_bytes()) < 10 * parts + 1_000, "{run}: {}", turns(many.as_bytes()));
    }
}

/// References, comments and tags that are none.
#[test]
fn what_is_nearly_markup_is_shown_as_it_is() {
    for (unit, shown) in [("&", "&"), ("&a<b>", "&a"), ("<!-- -->", "-->"), ("< s", "< s")] {
        let body = format!("<html><p>{}", unit.repeat(20_000));
        let seen = seen(body.as_bytes());
        let view = seen.ends.iter().find(|end| end.part.name == "html:").unwrap();
        assert!(view.bytes >= shown.len() as u64 * 19_000, "{unit}: {}", view.bytes);
        assert!(view.bytes <= body.len() as u64, "{unit}: {}", view.bytes);
    }
}

#[test]
fn what_stands_twice_is_told() {
    // Files in a cabinet that begin at the same place.
    let mut file = cab(2, 1, &[0, 0, 0, 0, 1, 0, 1, 0, b'x']);
    let second = 36 + 16 + 18;
    file[second + 8] = 0;
    assert_eq!(ends(&file).2, Some(Contradiction));
}
