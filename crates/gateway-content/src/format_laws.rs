//! The laws of the unpacker for one format at a time, as functions of any bytes: the fuzz targets
//! run them. What makes a format known is put into the bytes, so that what varies is the rest of it.

use crate::laws::{self, Cuts};
use crate::{BodyInfo, Limits};

/// What stands where in a file.
type Mark = (usize, &'static [u8]);

/// The formats by name, in the order of the alphabet, with what makes each of them known. What only the
/// rest of a file tells, such as the kind of a program, is up to that.
const FORMATS: &[(&str, &[Mark])] = &[
    ("alz", &[(0, b"ALZ\x01")]),
    ("ar", &[(0, b"!<arch>\n")]),
    ("arj", &[(0, b"\x60\xea"), (10, b"\x02")]),
    ("binhex", &[(0, b"(This file must be converted with BinHex")]),
    ("bzip2", &[(0, b"BZh91AY&SY")]),
    ("cab", &[(0, b"MSCF\0")]),
    ("chm", &[(0, b"ITSF\x03\0\0\0")]),
    ("compress", &[(0, b"\x1f\x9d")]),
    ("cpio", &[(0, b"0707")]),
    // What it ends with is put behind its bytes.
    ("dmg", &[(0, b"\x78\x9c")]),
    ("egg", &[(0, b"EGGA\0\x01")]),
    ("fat", &[(0, b"\xeb\x3c\x90"), (11, b"\0\x02\x01\x01\0\x01"), (510, b"\x55\xaa")]),
    ("form", &[]),
    ("gzip", &[(0, b"\x1f\x8b")]),
    ("hfs", &[(1_024, b"H+\0\x04"), (1_064, b"\0\0\x02\0")]),
    ("html", &[(0, b"<html>")]),
    ("hwp", &[(0, b"HWP Document File V3.00 \x1a")]),
    ("install_shield", &[(0, b"MZ")]),
    ("iso", &[(ISO_AT, b"\x01CD001\x01")]),
    ("json", &[(0, b"{")]),
    ("lzh", &[(2, b"-lh"), (6, b"-")]),
    ("lz4", &[(0, b"\x04\x22\x4d\x18")]),
    ("lzip", &[(0, b"LZIP\x01")]),
    ("lzma", &[(0, b"\x5d\0\0")]),
    ("mac_binary", &[(0, b"\0\x01a"), (3, &[0; 62]), (74, &[0]), (82, &[0]), (99, &[0; 29])]),
    ("mach_o", &[(0, b"\xca\xfe\xba\xbe")]),
    ("mail", &[(0, b"From: ")]),
    ("nsis", &[(0, b"MZ"), (4, b"\xef\xbe\xad\xdeNullsoftInst")]),
    ("ole", &[(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")]),
    ("onenote", &[(0, b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d")]),
    ("partitions", &[(510, b"\x55\xaa"), (PROBED, &[0; 8])]),
    ("pdf", &[(0, b"%PDF-")]),
    ("program", &[(0, b"MZ")]),
    ("rar", &[(0, b"Rar!\x1a\x07")]),
    ("rpm", &[(0, b"\xed\xab\xee\xdb")]),
    ("rtf", &[(0, b"{\\rtf")]),
    ("seven_zip", &[(0, b"7z\xbc\xaf\x27\x1c")]),
    ("sis", &[]),
    ("swf", &[(0, b"CWS\x0a")]),
    ("szdd", &[(0, b"SZDD\x88\xf0\x27\x33")]),
    ("tar", &[(257, b"ustar")]),
    ("text", &[]),
    ("tnef", &[(0, b"\x78\x9f\x3e\x22")]),
    (
        "udf",
        &[
            (ISO_AT, b"\0BEA01\x01"),
            // The anchor, and the sequence of descriptors behind it.
            (UDF_AT, b"\x02\0\x02\0\x05\0\0\0\0\0\0\0\0\x01\0\0\0\x0a\0\0\x01\x01"),
        ],
    ),
    ("uu", &[(0, b"begin 644 ")]),
    ("wim", &[(0, b"MSWIM\0\0\0")]),
    ("xar", &[(0, b"xar!\0")]),
    ("xz", &[(0, b"\xfd7zXZ\0")]),
    ("yenc", &[]),
    ("zip", &[(0, b"PK\x03\x04")]),
    ("zstd", &[(0, b"\x28\xb5\x2f\xfd")]),
];

/// Where the first descriptor of a volume stands (ECMA-119, 8.1): what comes before it is no part of
/// the bytes.
const ISO_AT: usize = 16 * 2048;

/// Up to where an image of a disk is looked at before its partitions are told.
const PROBED: usize = ISO_AT;

/// Where the anchor of a volume of UDF stands that has sectors of 512 bytes (ECMA-167, 3/8.4.2.1).
const UDF_AT: usize = 256 * 512;

/// The names of the formats, in the order of the alphabet.
#[must_use]
pub fn content_formats() -> Vec<&'static str> {
    FORMATS.iter().map(|(name, _)| *name).collect()
}

/// Runs the laws on `data` as a file of the format `name`: the first two bytes choose limits and
/// pieces, the rest is the file.
///
/// # Panics
/// When a law is broken, or there is no such format.
pub fn content_format(name: &str, data: &[u8]) {
    let (head, rest) = data.split_at(data.len().min(2));
    let [cut, tight] = [0, 1].map(|i| head.get(i).copied().unwrap_or_default());
    let Some((_, marks)) = FORMATS.iter().find(|(known, _)| *known == name) else {
        unreachable!("there is no format {name}");
    };
    let mut body = match name {
        "iso" => vec![0; ISO_AT],
        "udf" => vec![0; UDF_AT + 512],
        _ => Vec::new(),
    };
    body.extend_from_slice(rest);
    for (at, mark) in *marks {
        let end = at + mark.len();
        if body.len() < end {
            body.resize(end, 0);
        }
        body[*at..end].copy_from_slice(mark);
    }
    if name == "dmg" && body.len() > 512 {
        let end = body.len() - 512;
        body[end..end + 12].copy_from_slice(b"koly\0\0\0\x04\0\0\x02\0");
    }
    let info = BodyInfo::new(Vec::new(), Some(body.len() as u64));
    let info = match name {
        "form" => info.with_content_type(b"multipart/form-data; boundary=b"),
        _ => info,
    };
    // What a corrupt frame shows before its fault depends on the pieces.
    laws::pieces_change_nothing(&body, &info, &limits(tight), Cuts { cut, tight }, name != "zstd");
}

fn limits(tight: u8) -> Limits {
    let limits = Limits {
        decoded_bytes_max: 50_000,
        ratio_max: 10,
        ratio_floor_bytes: 10_000,
        run_steps_max: 2_000,
        ..Limits::default()
    };
    match tight % 4 {
        0 => Limits { depth_max: 2, parts_max: 5, index_bytes_max: 600, ..limits },
        _ => limits,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A format that nothing is told of would be fuzzed in vain.
    #[test]
    fn files_are_made_of_what_is_given() {
        for name in content_formats() {
            content_format(name, b"");
            content_format(name, b"\x03\x01 some bytes of it");
        }
    }
}
