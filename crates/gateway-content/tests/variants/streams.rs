//! Compressed streams: members in a row, headers with all fields, what stands behind.

use gateway_inspect::Unscannable::Malformed;

use crate::programs::{python, python_each};
use crate::writers::{Entry, Zip, bzip2, deflate, gzip, zip, zlib};
use crate::{Variant, found, found_and};

pub(crate) fn variants(file: &[u8]) -> Vec<Variant> {
    [gzips(file), others(file)].into_iter().flatten().collect()
}

/// A gzip member whose header has the fields of `flags`.
fn gzip_with(flags: u8, fields: &[u8], file: &[u8]) -> Vec<u8> {
    let plain = gzip(file);
    [&[0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 2, 3], fields, &plain[10..]].concat()
}

fn gzips(file: &[u8]) -> Vec<Variant> {
    let mut wrong_sum = gzip(file);
    let last = wrong_sum.len() - 6;
    wrong_sum[last] ^= 1;
    let mut wrong_size = gzip(file);
    let last = wrong_size.len() - 1;
    wrong_size[last] ^= 1;
    let cut = gzip(file)[..gzip(file).len() - 8].to_vec();
    vec![
        found("gz", gzip(file)),
        found("gz, name", gzip_with(8, b"a.exe\0", file)),
        found("gz, comment", gzip_with(16, b"a comment\0", file)),
        found("gz, extra field", gzip_with(4, b"\x06\0AB\x02\0xy", file)),
        found("gz, extra field of 60,000 bytes", {
            gzip_with(4, &[&60_000u16.to_le_bytes()[..], &[0; 60_000]].concat(), file)
        }),
        found(
            "gz, name of 60,000 bytes",
            gzip_with(8, &[&[b'n'; 60_000][..], b"\0"].concat(), file),
        ),
        found("gz, flag of text", gzip_with(1, b"", file)),
        found("gz, second member empty", [gzip(file), gzip(b"")].concat()),
        found("gz, first member empty", [gzip(b""), gzip(file)].concat()),
        found("gz, zeros behind", [gzip(file), vec![0; 512]].concat()),
        found_and("gz, wrong sum", Malformed, wrong_sum),
        found_and("gz, wrong size", Malformed, wrong_size),
        found_and("gz, trailer cut off", Malformed, cut),
        found("gz in gz in gz", gzip(&gzip(&gzip(file)))),
        found("archive behind gz", [gzip(b"harmless"), zip(file)].concat()),
        found("gz, bytes behind", [gzip(file), vec![0xaa; 99]].concat()),
    ]
}

/// What Python's `lzma` and `zlib` write.
const SCRIPTS: [(&str, &str); 9] = [
    ("xz", "lzma.compress(data)"),
    ("xz, check by SHA-256", "lzma.compress(data, check=lzma.CHECK_SHA256)"),
    ("xz, no check", "lzma.compress(data, check=lzma.CHECK_NONE)"),
    (
        "xz, differences",
        "lzma.compress(data, filters=[{'id': lzma.FILTER_DELTA, 'dist': 4}, {'id': lzma.FILTER_LZMA2}])",
    ),
    (
        "xz, filter for ARM",
        "lzma.compress(data, filters=[{'id': lzma.FILTER_ARM}, {'id': lzma.FILTER_LZMA2}])",
    ),
    (
        "xz, filters for x86 and SPARC",
        "lzma.compress(data, filters=[{'id': lzma.FILTER_X86}, {'id': lzma.FILTER_SPARC}, {'id': lzma.FILTER_LZMA2}])",
    ),
    ("lzma", "lzma.compress(data, format=lzma.FORMAT_ALONE)"),
    (
        "lzma, other properties",
        "lzma.compress(data, format=lzma.FORMAT_ALONE, filters=[{'id': lzma.FILTER_LZMA1, \
         'lc': 1, 'lp': 2, 'pb': 0, 'dict_size': 70000}])",
    ),
    (
        "zlib of a small window",
        "(lambda c: c.compress(data) + c.flush())(zlib.compressobj(6, 8, 9))",
    ),
];

fn others(file: &[u8]) -> Vec<Variant> {
    let noise: Vec<u8> = (0..9_000u32).map(|i| (i.wrapping_mul(i) >> 5) as u8).collect();
    let large = Zip::of(&[Entry::stored("b", &noise), Entry::deflated("a.exe", file)]).write();
    let written = python_each(&SCRIPTS.map(|(_, script)| script), file);
    let empty = python("out(lzma.compress(b''))", b"");
    let xz = &written[0];
    // In front of the index of a stream of one block.
    let summed = python("out(lzma.compress(data, check=lzma.CHECK_CRC32))", file);
    let index = summed[..summed.len() - 12].windows(2).rposition(|w| w == [0, 1]).unwrap();
    let mut wrong = summed;
    wrong[index - 1] ^= 1;
    let mut all: Vec<Variant> =
        SCRIPTS.iter().zip(&written).map(|((name, _), body)| found(name, body.clone())).collect();
    all.extend([
        found("bz2", bzip2(file)),
        found("bz2, first member empty", [bzip2(b""), bzip2(file)].concat()),
        found("archive behind bz2", [bzip2(b"harmless"), zip(file)].concat()),
        found("xz, second stream", [empty.clone(), xz.clone()].concat()),
        found("xz, zeros between", [empty, vec![0; 8], xz.clone()].concat()),
        found_and("xz, wrong sum", Malformed, wrong),
        found("zlib", zlib(file)),
        found("zlib in zlib", zlib(&zlib(file))),
        found("deflate", deflate(file)),
        found("deflate, large", deflate(&large)),
        found("deflate in gz", gzip(&deflate(file))),
    ]);
    all
}
