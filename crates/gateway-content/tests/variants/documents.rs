//! Documents that carry files: streams of a PDF behind any filters, objects of Office.

use gateway_inspect::Unscannable::{Malformed, TooDeep, Unsupported};

use crate::writers::{Entry, Zip, zip, zlib};
use crate::{Variant, found, found_and, refused};

pub(crate) fn variants(file: &[u8]) -> Vec<Variant> {
    [pdfs(file), pdf_filters(file), offices(file), compound(file), rtfs(file)]
        .into_iter()
        .flatten()
        .collect()
}

const START: &[u8] =
    b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n";
const END: &[u8] = b"trailer\n<</Root 1 0 R/Size 9>>\nstartxref\n0\n%%EOF\n";

fn object(entries: &str, data: &[u8]) -> Vec<u8> {
    let head = format!("7 0 obj\n<</Type/EmbeddedFile/Length {} {entries}>>\nstream\n", data.len());
    [head.as_bytes(), data, b"\nendstream\nendobj\n"].concat()
}

fn pdf(entries: &str, data: &[u8]) -> Vec<u8> {
    [START, &object(entries, data), END].concat()
}

/// Behind a head of that text.
fn pdf_of(head: &str, data: &[u8], end: &str) -> Vec<u8> {
    [START, head.as_bytes(), data, end.as_bytes(), END].concat()
}

fn pdfs(file: &[u8]) -> Vec<Variant> {
    let packed = zlib(file);
    let flate = "/Filter/FlateDecode";
    let n = packed.len();
    let stream = |head: &str, end: &str| pdf_of(head, &packed, end);
    const CLOSE: &str = "\nendstream\nendobj\n";
    vec![
        found("PDF, plain stream", pdf("", file)),
        found("PDF, deflated", pdf(flate, &packed)),
        found("PDF, length too small", {
            stream(&format!("7 0 obj\n<</Length 5{flate}>>\nstream\n"), CLOSE)
        }),
        found("PDF, length too large", {
            stream(&format!("7 0 obj\n<</Length 99999{flate}>>\nstream\n"), CLOSE)
        }),
        found("PDF, no length", stream(&format!("7 0 obj\n<<{flate}>>\nstream\n"), CLOSE)),
        found("PDF, negative length", {
            stream(&format!("7 0 obj\n<</Length -1{flate}>>\nstream\n"), CLOSE)
        }),
        found("PDF, length elsewhere", {
            let head = format!("8 0 obj\n{n}\nendobj\n7 0 obj\n<</Length 8 0 R{flate}>>\nstream\n");
            stream(&head, CLOSE)
        }),
        found("PDF, stream with CR LF", {
            stream(
                &format!("7 0 obj\n<</Length {n}{flate}>>\nstream\r\n"),
                "\r\nendstream\rendobj\r",
            )
        }),
        found("PDF, stream with CR", {
            stream(&format!("7 0 obj\n<</Length {n}{flate}>>\nstream\r"), "\rendstream\rendobj\r")
        }),
        found("PDF, no line break before the end", {
            stream(&format!("7 0 obj\n<</Length {n}{flate}>>\nstream\n"), "endstream endobj\n")
        }),
        found("PDF, names in hex digits", {
            let head = format!("7 0 obj\n<</#4cength {n}/F#69lter/Fl#61teDecode>>\nstream\n");
            stream(&head, CLOSE)
        }),
        found("PDF, comment within", {
            stream(&format!("7 0 obj%x\n<</Length {n}%>>\n{flate}>>%\nstream\n"), CLOSE)
        }),
        found("PDF, no blanks", stream(&format!("7 0 obj<</Length {n}{flate}>>stream\n"), CLOSE)),
        found("PDF, no end of the object", {
            stream(&format!("7 0 obj\n<</Length {n}{flate}>>\nstream\n"), "\nendstream\n")
        }),
        found("PDF, no end of the stream", {
            let head = format!("7 0 obj\n<</Length {n}{flate}>>\nstream\n");
            [START, head.as_bytes(), &packed].concat()
        }),
        found("PDF, an object of the same number behind", {
            [&pdf(flate, &packed)[..], b"7 0 obj\n<</A 1>>\nendobj\n"].concat()
        }),
        found("PDF, an object of the same number before", {
            [START, b"7 0 obj\n<</A 1>>\nendobj\n", &object(flate, &packed), END].concat()
        }),
        found("PDF, a word with `obj` in it before", {
            [START, b"% 3 0 object\n", &object(flate, &packed), END].concat()
        }),
        found("PDF, 900 bytes before", [&[b' '; 900][..], &pdf(flate, &packed)].concat()),
        found("PDF, other bytes before", [&[0xee; 900][..], &pdf(flate, &packed)].concat()),
        found("PDF, text before", [&b"some text\n"[..], &pdf(flate, &packed)].concat()),
        found(
            "PDF, update behind",
            [&pdf("", b"harmless")[..], &object(flate, &packed), END].concat(),
        ),
        found("PDF, generation of 65535", {
            stream(&format!("7 65535 obj\n<</Length {n}{flate}>>\nstream\n"), CLOSE)
        }),
        found("PDF, number beyond all", {
            stream(&format!("99999999999 0 obj\n<</Length {n}{flate}>>\nstream\n"), CLOSE)
        }),
        found("PDF, archive", pdf(flate, &zlib(&zip(file)))),
        found("PDF in a PDF", pdf(flate, &zlib(&pdf(flate, &packed)))),
        found("PDF, version unknown", {
            let body = pdf(flate, &packed);
            [b"%PDF-9.9", &body[8..]].concat()
        }),
        refused("PDF, dictionary twice of a key", Unsupported, {
            stream(&format!("7 0 obj\n<</Filter/None{flate}/Length {n}>>\nstream\n"), CLOSE)
        }),
    ]
}

fn hex(data: &[u8]) -> Vec<u8> {
    let text: String = data.iter().map(|b| format!("{b:02X}")).collect();
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    (lines.join("\n") + ">").into_bytes()
}

fn ascii85(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for group in data.chunks(4) {
        let mut bytes = [0; 4];
        bytes[..group.len()].copy_from_slice(group);
        let mut value = u32::from_be_bytes(bytes);
        if value == 0 && group.len() == 4 {
            out.push(b'z');
            continue;
        }
        let mut digits = [0; 5];
        for digit in digits.iter_mut().rev() {
            *digit = (value % 85) as u8 + b'!';
            value /= 85;
        }
        out.extend_from_slice(&digits[..=group.len()]);
    }
    out.extend_from_slice(b"~>");
    out
}

fn run_length(data: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> =
        data.chunks(128).flat_map(|run| [&[run.len() as u8 - 1][..], run].concat()).collect();
    out.push(128);
    out
}

/// LZW with codes of 9 bits alone: the table is cleared before it grows.
fn lzw(data: &[u8]) -> Vec<u8> {
    let (mut bits, mut have, mut out) = (0u32, 0, Vec::new());
    let mut put = |code: u32| {
        bits = bits << 9 | code;
        have += 9;
        while have >= 8 {
            have -= 8;
            out.push((bits >> have) as u8);
        }
        bits &= (1 << have) - 1;
    };
    for piece in data.chunks(200) {
        put(256);
        piece.iter().for_each(|byte| put(u32::from(*byte)));
    }
    put(257);
    (0..7).for_each(|_| put(0));
    out
}

fn pdf_filters(file: &[u8]) -> Vec<Variant> {
    let packed = zlib(file);
    let abbreviated = hex(&packed);
    vec![
        found("PDF, hex digits", pdf("/Filter/ASCIIHexDecode", &hex(file))),
        found("PDF, base 85", pdf("/Filter/ASCII85Decode", &ascii85(file))),
        found("PDF, base 85 with its start", {
            pdf("/Filter/ASCII85Decode", &[b"<~", &ascii85(file)[..]].concat())
        }),
        found("PDF, runs", pdf("/Filter/RunLengthDecode", &run_length(file))),
        found("PDF, LZW", pdf("/Filter/LZWDecode", &lzw(file))),
        found("PDF, two filters", pdf("/Filter[/ASCIIHexDecode/FlateDecode]", &hex(&packed))),
        found("PDF, short names", pdf("/Filter[/AHx/Fl]", &abbreviated)),
        found("PDF, filters elsewhere", {
            let head = format!(
                "8 0 obj\n[/ASCII85Decode 9 0 R]\nendobj\n9 0 obj\n/FlateDecode\nendobj\n\
                 7 0 obj\n<</Length {} /Filter 8 0 R>>\nstream\n",
                ascii85(&packed).len()
            );
            pdf_of(&head, &ascii85(&packed), "\nendstream\nendobj\n")
        }),
        found("PDF, deflated twice", pdf("/Filter[/FlateDecode/FlateDecode]", &zlib(&packed))),
        found("PDF, four filters", {
            let data = hex(&ascii85(&zlib(&packed)));
            pdf("/Filter[/AHx/A85/Fl/Fl]", &data)
        }),
        found("PDF, eight filters", chained(file, 8)),
        refused("PDF, nine filters", TooDeep, chained(file, 9)),
        found("PDF, predicted", predicted(file)),
        found("PDF, filter null", pdf("/Filter null", file)),
        found("PDF, no filters", pdf("/Filter[]", file)),
        refused("PDF, unknown filter", Unsupported, pdf("/Filter/Unknown", &packed)),
        found("PDF, deflated without an end", {
            let cut = packed[..packed.len() - 2].to_vec();
            pdf("/Filter/FlateDecode", &cut)
        }),
        refused("PDF, told deflated and is not", Malformed, pdf("/Filter/FlateDecode", file)),
    ]
}

fn chained(file: &[u8], count: usize) -> Vec<u8> {
    let data = (0..count).fold(file.to_vec(), |data, _| zlib(&data));
    pdf(&format!("/Filter[{}]", "/Fl".repeat(count)), &data)
}

/// In rows of ten bytes, each told by the one above.
fn predicted(file: &[u8]) -> Vec<u8> {
    let mut above = vec![0; 10];
    let mut rows = Vec::new();
    for row in file.chunks(10) {
        rows.push(2);
        rows.extend(row.iter().zip(&above).map(|(byte, up)| byte.wrapping_sub(*up)));
        above = row.to_vec();
    }
    pdf("/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 10>>", &zlib(&rows))
}

fn offices(file: &[u8]) -> Vec<Variant> {
    let types = Entry::deflated("[Content_Types].xml", b"<?xml version=\"1.0\"?><Types/>");
    let office = |name: &str, content: &[u8]| {
        Zip::of(&[types.clone(), Entry::deflated(name, content)]).write()
    };
    let rels = b"<?xml version=\"1.0\"?><Relationships><Relationship Target=\"https://example.com/a.dotm\" TargetMode=\"External\"/></Relationships>";
    let with_rels = Zip::of(&[
        types.clone(),
        Entry::deflated("word/_rels/settings.xml.rels", rels),
        Entry::stored("word/media/image1.png", file),
    ]);
    let flat = format!(
        "<?xml version=\"1.0\"?><pkg:package><pkg:part pkg:name=\"/a.bin\"><pkg:binaryData>{}</pkg:binaryData></pkg:part></pkg:package>",
        crate::writers::base64_lines(file, 76)
    );
    vec![
        found("Office, a part", office("word/embeddings/a.exe", file)),
        found(
            "Office, an object",
            office("word/embeddings/oleObject1.bin", &cfb(9, "\u{1}Ole10Native", &native(file))),
        ),
        found("Office, an archive", office("word/embeddings/a.zip", &zip(file))),
        found("Office, an image, template elsewhere", with_rels.write()),
        found("Office, flat", flat.into_bytes()),
        found("OpenDocument", {
            Zip::of(&[
                Entry::stored("mimetype", b"application/vnd.oasis.opendocument.text"),
                Entry::deflated("Object 1", file),
            ])
            .write()
        }),
    ]
}

/// An object of OLE 1 with a file.
fn native(file: &[u8]) -> Vec<u8> {
    let size = (file.len() as u32).to_le_bytes();
    let body = [
        &[2, 0][..],
        b"a.exe\0C:\\a.exe\0",
        &[0, 0, 3, 0],
        &6u32.to_le_bytes(),
        b"a.exe\0",
        &size,
        file,
        &[0, 0],
    ]
    .concat();
    [&(body.len() as u32).to_le_bytes()[..], &body].concat()
}

/// A Compound File with one stream, of sectors of `1 << shift` bytes.
fn cfb(shift: u16, name: &str, content: &[u8]) -> Vec<u8> {
    let sector = 1usize << shift;
    let size = content.len().max(4_096);
    let sectors = size.div_ceil(sector);
    let entries = (sectors + 9).max(sector / 4);
    let tables = (4 * entries).div_ceil(sector);
    let directory = (2 * 128usize).div_ceil(sector);
    let mut head = vec![0; 512];
    let mut set = |at: usize, bytes: &[u8]| head[at..at + bytes.len()].copy_from_slice(bytes);
    set(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    set(24, &[0x3e, 0, if shift == 12 { 4 } else { 3 }, 0, 0xfe, 0xff]);
    set(30, &shift.to_le_bytes());
    set(32, &6u16.to_le_bytes());
    set(44, &(tables as u32).to_le_bytes());
    set(48, &(tables as u32).to_le_bytes());
    set(56, &4_096u32.to_le_bytes());
    set(60, &0xffff_fffe_u32.to_le_bytes());
    set(68, &0xffff_fffe_u32.to_le_bytes());
    set(76, &[0xff; 436]);
    (0..tables).for_each(|i| set(76 + 4 * i, &(i as u32).to_le_bytes()));
    head.resize(512.max(sector), 0);
    let first = tables + directory;
    let mut table: Vec<u32> = vec![0xffff_fffd; tables];
    let chain = |table: &mut Vec<u32>, count: usize| {
        let from = table.len() as u32;
        table.extend((0..count as u32).map(|i| from + i + 1));
        *table.last_mut().unwrap() = 0xffff_fffe;
    };
    chain(&mut table, directory);
    chain(&mut table, sectors);
    table.resize(tables * sector / 4, 0xffff_ffff);
    let mut out = head;
    table.iter().for_each(|entry| out.extend_from_slice(&entry.to_le_bytes()));
    for (name, kind, child, start, size) in
        [("Root Entry", 5u8, 1u32, 0xffff_fffe_u32, 0), (name, 2, u32::MAX, first as u32, size)]
    {
        let mut entry = vec![0; 128];
        let units: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        entry[..units.len()].copy_from_slice(&units);
        entry[64..66].copy_from_slice(&(units.len() as u16 + 2).to_le_bytes());
        entry[66] = kind;
        entry[68..76].copy_from_slice(&[0xff; 8]);
        entry[76..80].copy_from_slice(&child.to_le_bytes());
        entry[116..120].copy_from_slice(&start.to_le_bytes());
        entry[120..124].copy_from_slice(&(size as u32).to_le_bytes());
        out.extend_from_slice(&entry);
    }
    let begin = out.len().div_ceil(sector) * sector;
    out.resize(begin, 0);
    out.extend_from_slice(content);
    out.resize(begin + sectors * sector, 0);
    out
}

fn compound(file: &[u8]) -> Vec<Variant> {
    let archive = Zip::of(&[Entry::stored("pad", &[1; 5_000]), Entry::deflated("a", file)]).write();
    let mut all: Vec<Variant> = [9, 10, 12, 14]
        .into_iter()
        .map(|shift| {
            found(&format!("compound file, sectors of 2^{shift}"), cfb(shift, "a", &archive))
        })
        .collect();
    let plain = cfb(9, "a", &archive);
    let changed = |at: usize, bytes: &[u8]| {
        let mut out = plain.clone();
        out[at..at + bytes.len()].copy_from_slice(bytes);
        out
    };
    all.extend([
        found("compound file, object", cfb(9, "\u{1}Ole10Native", &native(file))),
        found_and("compound file, no tables", Malformed, changed(44, &[0, 0, 0, 0])),
        found("compound file, archive behind", [&plain[..], &zip(file)].concat()),
        found("compound file, version unknown", changed(26, &[9, 0])),
        found("compound file, other byte order", changed(28, &[0, 0])),
        found("compound file, archive in what is free", {
            let mut out = cfb(9, "a", b"harmless");
            out.extend_from_slice(&zip(file));
            out.resize(out.len().div_ceil(512) * 512, 0);
            out
        }),
    ]);
    all
}

fn rtfs(file: &[u8]) -> Vec<Variant> {
    let object =
        [&[1, 5, 0, 0, 2, 0, 0, 0, 8, 0, 0, 0][..], b"Package\0", &[0; 8], &native(file)].concat();
    let digits: String = object.iter().map(|b| format!("{b:02x}")).collect();
    let with = |data: &str| {
        format!("{{\\rtf1 text {{\\object\\objemb{{\\*\\objdata {data}}}}}}}").into_bytes()
    };
    let lines: Vec<String> =
        digits.as_bytes().chunks(60).map(|l| String::from_utf8(l.to_vec()).unwrap()).collect();
    vec![
        found("RTF", with(&digits)),
        found("RTF, lines", with(&lines.join("\r\n"))),
        found("RTF, capitals", with(&digits.to_uppercase())),
        found("RTF, words within", with(&lines.join("\\par "))),
        found("RTF, groups within", with(&lines.join("{\\x y}"))),
        found("RTF, binary", {
            let head = format!("{{\\rtf1 {{\\object\\objemb{{\\*\\objdata \\bin{} ", object.len());
            [head.as_bytes(), &object, b"}}}"].concat()
        }),
        found("RTF, head cut", [b"{\\rt", &with(&digits)[6..]].concat()),
        found("RTF, blanks before", [b"  \r\n", &with(&digits)[..]].concat()),
    ]
}
