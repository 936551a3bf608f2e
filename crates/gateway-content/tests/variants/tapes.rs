//! Tape archives and packages: tar with long names, sparse files, odd numbers; cpio, ar.

use gateway_inspect::Unscannable::{Contradiction, Malformed, RatioExceeded, TooMany, Unsupported};

use crate::writers::{bzip2, deflate, gzip, zip, zlib};
use crate::{Variant, found, found_and, refused};

/// A header with its checksum; `size` as it stands in the field.
pub(crate) fn header(name: &[u8], size: &[u8], kind: u8, magic: &[u8]) -> Vec<u8> {
    let mut header = vec![0; 512];
    header[..name.len()].copy_from_slice(name);
    header[100..107].copy_from_slice(b"0000644");
    header[124..124 + size.len()].copy_from_slice(size);
    header[136..147].copy_from_slice(b"00000000000");
    header[156] = kind;
    header[257..257 + magic.len()].copy_from_slice(magic);
    sum(&mut header);
    header
}

fn sum(header: &mut [u8]) {
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|b| u32::from(*b)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

fn padded(content: &[u8]) -> Vec<u8> {
    let mut out = content.to_vec();
    out.resize(content.len().div_ceil(512) * 512, 0);
    out
}

fn octal(bytes: usize) -> Vec<u8> {
    format!("{bytes:011o}\0").into_bytes()
}

const USTAR: &[u8] = b"ustar\x0000";
const GNU: &[u8] = b"ustar  \0";

fn member(name: &[u8], kind: u8, magic: &[u8], content: &[u8]) -> Vec<u8> {
    [header(name, &octal(content.len()), kind, magic), padded(content)].concat()
}

fn closed(members: &[Vec<u8>]) -> Vec<u8> {
    [members.concat(), vec![0; 1_024]].concat()
}

fn with_size(size: &[u8], file: &[u8]) -> Vec<u8> {
    closed(&[[header(b"a.exe", size, b'0', USTAR), padded(file)].concat()])
}

fn pax(record: &str) -> Vec<u8> {
    let len = (1..).find(|len| format!("{len} {record}\n").len() == *len).unwrap();
    member(b"PaxHeader", b'x', USTAR, format!("{len} {record}\n").as_bytes())
}

pub(crate) fn variants(file: &[u8]) -> Vec<Variant> {
    [tars(file), odd(file), sparse(file), packages(file)].into_iter().flatten().collect()
}

fn tars(file: &[u8]) -> Vec<Variant> {
    let long = vec![b'n'; 300];
    let plain = member(b"a.exe", b'0', USTAR, file);
    let after_text = [member(b"read.me", b'0', USTAR, b"harmless"), plain.clone()];
    vec![
        found("tar", closed(std::slice::from_ref(&plain))),
        found("tar, no end", plain.clone()),
        found("tar, second member", closed(&after_text)),
        found("tar of version 7", closed(&[member(b"a.exe", 0, b"", file)])),
        found("tar of GNU", closed(&[member(b"a.exe", b'0', GNU, file)])),
        found("tar, pax with a long name", {
            closed(&[pax(&format!("path={}", "n".repeat(300))), plain.clone()])
        }),
        found("tar, pax with the size", {
            let entry = [header(b"a.exe", &octal(0), b'0', USTAR), padded(file)].concat();
            closed(&[pax(&format!("size={}", file.len())), entry])
        }),
        found("tar, global pax header", {
            closed(&[member(b"g", b'g', USTAR, b"12 comment=\n"), plain.clone()])
        }),
        found("tar, GNU long name", {
            closed(&[member(b"././@LongLink", b'L', GNU, &long), member(b"n", b'0', GNU, file)])
        }),
        found("tar, GNU long link", {
            closed(&[member(b"././@LongLink", b'K', GNU, &long), member(b"n", b'0', GNU, file)])
        }),
        found("tar, contiguous file", closed(&[member(b"a.exe", b'7', USTAR, file)])),
        found("tar, file of an unknown kind", closed(&[member(b"a.exe", b'Z', USTAR, file)])),
        refused("tar, link with data", Malformed, closed(&[member(b"a.exe", b'1', USTAR, file)])),
        refused("tar, folder with data", Malformed, closed(&[member(b"a/", b'5', USTAR, file)])),
        found("tar, two archives in a row", {
            [
                closed(&[member(b"b", b'0', USTAR, b"harmless")]),
                closed(std::slice::from_ref(&plain)),
            ]
            .concat()
        }),
        found("tar, zeros between", {
            [member(b"b", b'0', USTAR, b"x"), vec![0; 512], plain.clone(), vec![0; 1_024]].concat()
        }),
        found_and("tar in gz, the last block cut", Malformed, {
            gzip(&closed(std::slice::from_ref(&plain))[..512 + file.len()])
        }),
        found(
            "archive behind tar",
            [closed(&[member(b"b", b'0', USTAR, b"x")]), zip(file), vec![0; 512]].concat(),
        ),
    ]
}

/// Numbers and headers that readers differ about.
fn odd(file: &[u8]) -> Vec<Variant> {
    let n = file.len();
    let binary = [&[0x80, 0, 0, 0, 0, 0, 0, 0][..], &(n as u32).to_be_bytes()].concat();
    let mut sparse = header(b"a.exe", &octal(n), b'S', GNU);
    sparse[386..398].copy_from_slice(&octal(0));
    sparse[398..410].copy_from_slice(&octal(n));
    sparse[483..495].copy_from_slice(&octal(n));
    sum(&mut sparse);
    let mut no_sum = closed(&[member(b"a.exe", b'0', USTAR, file)]);
    no_sum[148..156].fill(b'7');
    let mut signed = header(b"\xe9\xe9\xe9.exe", &octal(n), b'0', USTAR);
    signed[148..156].fill(b' ');
    let value: i64 = signed.iter().map(|b| i64::from(*b as i8)).sum();
    signed[148..156].copy_from_slice(format!("{value:06o}\0 ").as_bytes());
    vec![
        found("tar, size with blanks before", with_size(format!("{n:>11o} ").as_bytes(), file)),
        found("tar, size without an end", with_size(format!("{n:012o}").as_bytes(), file)),
        found("tar, size of few digits", with_size(format!("{n:o}\0").as_bytes(), file)),
        found("tar, size in binary", with_size(&binary, file)),
        found("tar, sparse", closed(&[[sparse, padded(file)].concat()])),
        found("tar, sum of signed bytes", closed(&[[signed, padded(file)].concat()])),
        refused("tar, wrong sum", Malformed, no_sum),
    ]
}

/// A header of a sparse file in GNU's old way, of which `data` bytes are there.
fn sparse_header(pairs: &[(usize, usize)], data: usize, size: usize, goes_on: u8) -> Vec<u8> {
    let mut header = header(b"a.exe", &octal(data), b'S', GNU);
    for (i, (at, len)) in pairs.iter().enumerate() {
        header[386 + 24 * i..][..12].copy_from_slice(&octal(*at));
        header[398 + 24 * i..][..12].copy_from_slice(&octal(*len));
    }
    header[482] = goes_on;
    header[483..495].copy_from_slice(&octal(size));
    sum(&mut header);
    header
}

/// Lists of holes that readers differ about.
fn sparse(file: &[u8]) -> Vec<Variant> {
    let n = file.len();
    let old = |pairs: &[(usize, usize)], size: usize| {
        let behind = member(b"b.exe", b'0', GNU, file);
        closed(&[[sparse_header(pairs, n, size, 0), padded(file)].concat(), behind])
    };
    let contradicts = |name: &str, body| found_and(name, Contradiction, body);
    let attributes = |records: &[&str], data: &[u8]| {
        let record = |record: &&str| {
            let len = (1..).find(|len| format!("{len} {record}\n").len() == *len).unwrap();
            format!("{len} {record}\n")
        };
        let list: String = records.iter().map(record).collect();
        let member = member(b"x", b'0', USTAR, data);
        closed(&[self::member(b"PaxHeader", b'x', USTAR, list.as_bytes()), member])
    };
    let version = ["GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.name=a"];
    let ahead = |list: &str, size: usize| {
        let size = format!("GNU.sparse.realsize={size}");
        let data = [padded(list.as_bytes()), file.to_vec()].concat();
        attributes(&[&version[..], &[&*size]].concat(), &data)
    };
    let mut goes_on = sparse_header(&[(0, 0), (0, 0), (0, 0), (0, 0)], n, n, 1);
    goes_on.extend_from_slice(&[octal(0), octal(n)].concat());
    goes_on.resize(1_024, 0);
    let list = format!("GNU.sparse.map=0,{n}");
    let size = format!("GNU.sparse.size={n}");
    vec![
        found("tar, sparse, a block of holes", {
            closed(&[[goes_on, padded(file)].concat(), member(b"b", b'0', GNU, b"x")])
        }),
        contradicts("tar, sparse, stretches that overlap", old(&[(0, 9), (8, n - 9)], n)),
        contradicts("tar, sparse, less than there is", old(&[(0, n - 9)], n)),
        contradicts("tar, sparse, more than there is", old(&[(0, n), (n, 9)], n + 9)),
        contradicts("tar, sparse, behind the end", old(&[(9, n)], n)),
        found_and("tar, sparse, of holes alone", RatioExceeded, {
            let behind = member(b"b.exe", b'0', GNU, file);
            closed(&[sparse_header(&[], 0, 1 << 30, 0), behind])
        }),
        found("tar, sparse, version 0.1", attributes(&[&list, &size], file)),
        refused("tar, sparse, without a size", Malformed, attributes(&[&list], file)),
        found("tar, sparse, version 1.0", ahead(&format!("1\n0\n{n}\n"), n)),
        found("tar, sparse, with leading zeros", ahead(&format!("001\n0\n{n:0600}\n"), n)),
        refused("tar, sparse, no number", Malformed, ahead(&format!("1\n0\n{n}x\n"), n)),
        refused("tar, sparse, too many", TooMany, ahead("99999\n0\n", n)),
        refused("tar, sparse, list without an end", Malformed, {
            attributes(&[&version[..], &[&*size]].concat(), b"1\n0\n")
        }),
    ]
}

/// An archive of `ar` with what Debian's packages have in it.
fn ar(name: &str, content: &[u8]) -> Vec<u8> {
    let entry = |name: &str, content: &[u8]| {
        let mut out = format!("{name:<16}0           0     0     100644  {:<10}`\n", content.len())
            .into_bytes();
        out.extend_from_slice(content);
        if content.len() % 2 == 1 {
            out.push(b'\n');
        }
        out
    };
    [b"!<arch>\n".to_vec(), entry("debian-binary", b"2.0\n"), entry(name, content)].concat()
}

/// An archive of XAR with one file.
fn xar(style: &str, data: &[u8]) -> Vec<u8> {
    let table = format!(
        "<?xml version=\"1.0\"?><xar><toc><file id=\"1\"><data><length>{}</length>\
         <encoding style=\"{style}\"/><offset>20</offset><size>1</size></data>\
         <name>a.exe</name></file></toc></xar>",
        data.len()
    );
    let packed = zlib(table.as_bytes());
    let sizes = [packed.len() as u64, table.len() as u64].map(u64::to_be_bytes).concat();
    [b"xar!\0\x1c\0\x01", &sizes[..], &[0, 0, 0, 1], &packed, &[0; 20], data].concat()
}

fn packages(file: &[u8]) -> Vec<Variant> {
    let tar = closed(&[member(b"./a.exe", b'0', USTAR, file)]);
    let newc = |name: &str, content: &[u8]| {
        let mut out = b"070701".to_vec();
        let numbers = [1, 0o100_644, 0, 0, 1, 0, content.len(), 0, 0, 0, 0, name.len() + 1, 0];
        numbers.iter().for_each(|n| out.extend_from_slice(format!("{n:08x}").as_bytes()));
        out.extend_from_slice(name.as_bytes());
        out.push(0);
        out.resize(out.len().div_ceil(4) * 4, 0);
        out.extend_from_slice(content);
        out.resize(out.len().div_ceil(4) * 4, 0);
        out
    };
    let cpio = [newc("a.exe", file), newc("TRAILER!!!", b"")].concat();
    let mut lead = vec![0xed, 0xab, 0xee, 0xdb, 3, 0];
    lead.resize(96, 0);
    let section = |size: u32| {
        let mut out = vec![0x8e, 0xad, 0xe8, 1, 0, 0, 0, 0, 0, 0, 0, 0];
        out.extend_from_slice(&size.to_be_bytes());
        out.resize(out.len() + size as usize, 0);
        out
    };
    let rpm = [lead, section(8), section(32), gzip(&cpio)].concat();
    let alz = |width: u8, method: u8, data: &[u8]| {
        let size = |n: usize| (n as u64).to_le_bytes()[..usize::from(width)].to_vec();
        [
            b"ALZ\x01\x0a\0\0\0BLZ\x01\x05\0\x20\0\0\0\0".to_vec(),
            vec![width << 4, 0, method, 0],
            crc32fast::hash(file).to_le_bytes().to_vec(),
            size(data.len()),
            size(file.len()),
            b"a.exe".to_vec(),
            data.to_vec(),
            b"CLZ\x01\0\0\0\0\0\0\0\0CLZ\x02".to_vec(),
        ]
        .concat()
    };
    vec![
        found("ALZ, stored", alz(4, 0, file)),
        found("ALZ, bzip2", alz(2, 1, &bzip2(file))),
        found("ALZ, deflated", alz(8, 2, &deflate(file))),
        refused("ALZ, its own bzip2", Unsupported, alz(4, 1, b"DLZ\x01 and so on")),
        found("XAR, stored", xar("application/octet-stream", file)),
        found("XAR, zlib", xar("application/x-gzip", &zlib(file))),
        found("XAR, bzip2", xar("application/x-bzip2", &bzip2(file))),
        refused("XAR, unknown style", Unsupported, xar("application/x-other", file)),
        found("cpio", cpio.clone()),
        found("cpio, second archive", [newc("TRAILER!!!", b""), cpio].concat()),
        found("ar", ar("a.exe/", file)),
        found("package of Debian", ar("data.tar.gz", &gzip(&tar))),
        found("package of RPM", rpm),
    ]
}
