//! Files of many objects that refer to the same one, or begin within each other: no more is read than there are
//! bytes for.

use std::io::Write;

use super::*;

fn stream(number: usize, content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content).unwrap();
    let packed = encoder.finish().unwrap();
    let head = format!("{number} 0 obj<</Length {}/Filter/FlateDecode>>stream\n", packed.len());
    [head.as_bytes(), &packed, b"\nendstream endobj\n"].concat()
}

fn objects(numbers: std::ops::Range<usize>, value: &str) -> Vec<u8> {
    numbers.flat_map(|number| format!("{number} 0 obj{value}\n").into_bytes()).collect()
}

/// How many members a file of these objects has, and how it ends.
fn walk(objects: &[&[u8]]) -> (usize, Option<Unscannable>, usize) {
    let file = [&[&b"%PDF-1.4\n"[..]], objects].concat().concat();
    let mut pdf = Pdf::open(file.into(), &Limits::default());
    let members = std::iter::from_fn(|| pdf.next_member()).count();
    (members, pdf.failed(), pdf.len())
}

const FLOOD: Option<Unscannable> = Some(Unscannable::WorkExceeded);

#[test]
fn objects_within_each_other_come_to_an_end() {
    for open in ["[", "(", "<<"] {
        assert_eq!(walk(&[&objects(1..20_000, open)]).1, FLOOD, "{open}");
        assert_eq!(walk(&[&objects(1..100, open)]).1, None, "{open}");
    }
}

#[test]
fn what_many_refer_to_is_read_no_more_often_than_there_are_bytes_for() {
    let content = stream(1, &[b' '; 190_000]);
    let page = "<</Type/Page/Contents 1 0 R>>endobj";
    assert_eq!(walk(&[&content, &objects(2..5_000, page)]).1, FLOOD);
    assert_eq!(walk(&[&content, &objects(2..10, page)]).1, None);

    let filters = objects(1..2, &format!("[{}]endobj", "/Fl ".repeat(100_000)));
    let data = "<</Length 1/Filter 1 0 R>>stream\na\nendstream endobj";
    assert_eq!(walk(&[&filters, &objects(2..500, data)]).1, FLOOD);

    // Where a stream ends is searched each time, if its length does not say.
    let long = [b"1 0 obj<</Parent 1 0 R>>stream\n", &[b' '; 1_000_000][..], b"endstream endobj "];
    let page = "<</Type/Page/Parent 1 0 R/Contents 1 0 R>>endobj";
    assert_eq!(walk(&[&long.concat(), &objects(2..500, page)]).1, FLOOD);
}

#[test]
fn fonts_of_many_codes_come_to_an_end() {
    let all = b"<0000> <ffff> <0041> endbfrange ";
    let uses: String = (100..1_000).map(|i| format!("/F{i} 1 Tf ")).collect();
    let names: String = (100..1_000).map(|i| format!("/F{i} {i} 0 R")).collect();
    let page = format!("<</Type/Page/Contents 2 0 R/Resources<</Font<<{names}>>>>>>endobj");
    let content = stream(2, uses.as_bytes());
    let page = objects(3..4, &page);
    // One map is read once, whatever has it.
    let fonts = objects(100..1_000, "<</Type/Font/ToUnicode 1 0 R>>endobj");
    assert_eq!(walk(&[&stream(1, all), &content, &fonts, &page]).1, None);
    let font = |i: usize| format!("{i} 0 obj<</Type/Font/ToUnicode {} 0 R>>endobj\n", 1_000 + i);
    let fonts: Vec<u8> =
        (100..1_000).flat_map(|i| [font(i).as_bytes(), &stream(1_000 + i, all)].concat()).collect();
    assert_eq!(walk(&[&content, &fonts, &page]).1, None);
    // The same range again and again, and a code that stands for very much, is one font.
    let far = format!("<0000> <ffff> <{}> endbfrange ", "0041".repeat(30_000));
    for map in [all.repeat(10_000), far.into_bytes()] {
        let font = font::Font::read(&map);
        assert!(font.cost() < 5 << 20, "{}", font.cost());
    }
}

#[test]
fn bytes_of_streams_of_objects_are_counted() {
    let of = |i: usize| {
        let content = format!("{i} 0 <</a{i:200}>>");
        let packed = stream(i, content.as_bytes());
        let head = format!("{i} 0 obj<</Type/ObjStm/N 1/First 4");
        [head.as_bytes(), &packed[packed.iter().position(|b| *b == b'<').unwrap() + 2..]].concat()
    };
    let files: Vec<Vec<u8>> = (1..4).map(of).collect();
    let files: Vec<&[u8]> = files.iter().map(Vec::as_slice).collect();
    let plain: usize = files.iter().map(|file| file.len()).sum();
    let (members, failed, len) = walk(&files);
    assert_eq!((members, failed), (3, None));
    assert_eq!(len, 9 + plain + 3 * 210);
}

/// The text of a page that shows `content`.
fn text_of(content: &[u8]) -> String {
    let page = objects(1..2, "<</Type/Page/Contents 2 0 R>>endobj");
    let file = [&b"%PDF-1.4\n"[..], &stream(2, content), &page].concat();
    text::text(&Pdf::open(file.into(), &Limits::default()))
}

#[test]
fn images_within_a_page_hide_no_text() {
    let content = b"BT (before) Tj ET BI /W 1 /H 1 ID a(b<EIc\\ EI Q BT (behind) Tj ET";
    assert_eq!(text_of(content), "before\nbehind\n");
    // Without an end it is read on.
    assert_eq!(text_of(b"BI ID BT (a) Tj ET"), "a\n");
}
