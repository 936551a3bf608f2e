//! Files that are of two kinds at once: what programs open behind, within or before a picture, a
//! document, a program, a page.

use crate::writers::{Entry, Zip, gzip, zip};
use crate::{Variant, found};

fn png() -> Vec<u8> {
    let chunk = |kind: &[u8], data: &[u8]| {
        let body = [kind, data].concat();
        let sum = crc32fast::hash(&body).to_be_bytes();
        [&(data.len() as u32).to_be_bytes()[..], &body, &sum].concat()
    };
    let head = [0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0];
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &head),
        chunk(b"IDAT", &crate::writers::zlib(&[0, 0])),
        chunk(b"IEND", b""),
    ]
    .concat()
}

fn gif() -> Vec<u8> {
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;".to_vec()
}

fn jpeg() -> Vec<u8> {
    b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xd9".to_vec()
}

fn program() -> Vec<u8> {
    let (_, program) = crate::payloads().remove(0);
    let mut other = program;
    other[400] = 1;
    other
}

const PDF: &[u8] = b"%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\nendobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";
const HTML: &[u8] = b"<!DOCTYPE html><html><body>a page</body></html>\n";

pub(crate) fn variants(file: &[u8]) -> Vec<Variant> {
    let behind = |front: &[u8]| [front, &zip(file)].concat();
    let relative = |front: &[u8]| {
        let mut zip = Zip::of(&[Entry::deflated("META-INF/MANIFEST.MF", file)]);
        (zip.prefix, zip.is_relative) = (front.to_vec(), true);
        zip.write()
    };
    let mut bmp = b"BM".to_vec();
    bmp.resize(500, 3);
    let mut riff = b"RIFF\xff\0\0\0WAVEfmt ".to_vec();
    riff.resize(300, 1);
    let mut all: Vec<Variant> = [
        ("PNG", png()),
        ("GIF", gif()),
        ("JPEG", jpeg()),
        ("BMP", bmp),
        ("WAVE", riff),
        ("program", program()),
        ("PDF", PDF.to_vec()),
        ("PDF header", b"%PDF-1.4\n".to_vec()),
        ("HTML", HTML.to_vec()),
        ("script", b"#!/bin/sh\nexec java -jar \"$0\"\n".to_vec()),
        ("text", b"some text\n".to_vec()),
        ("ELF", [b"\x7fELF\x02\x01\x01", &[0; 200][..]].concat()),
        ("class", [b"\xca\xfe\xba\xbe\0\0\0\x34", &[0; 200][..]].concat()),
        ("RTF", b"{\\rtf1 hello}".to_vec()),
        ("JSON", b"{\"a\": 1}\n".to_vec()),
        ("XML", b"<?xml version=\"1.0\"?><a/>\n".to_vec()),
        ("gz", gzip(b"harmless")),
        ("extension of a browser", b"Cr24\x03\0\0\0\x10\0\0\0abcdefghijklmnop".to_vec()),
        ("mail", b"From: a@b.c\r\nSubject: x\r\n\r\ntext\r\n".to_vec()),
        ("nothing told", vec![0x11; 77]),
        ("RIFF cut", b"RIFF".to_vec()),
    ]
    .into_iter()
    .flat_map(|(name, front)| {
        [
            found(&format!("{name} and ZIP"), behind(&front)),
            found(&format!("{name} and JAR, offsets from there"), relative(&front)),
        ]
    })
    .collect();
    all.extend([
        found("archive in the comment of a GIF", [gif(), b"!\xfe".to_vec(), zip(file)].concat()),
        found("ZIP and PDF behind", [zip(file), PDF.to_vec()].concat()),
        found("ZIP and HTML behind", [zip(file), HTML.to_vec()].concat()),
    ]);
    if file.starts_with(b"MZ") {
        all.extend([
            found("program behind a PNG", [png(), file.to_vec()].concat()),
            found("program behind a GIF", [gif(), file.to_vec()].concat()),
            found("program behind a JPEG", [jpeg(), file.to_vec()].concat()),
            found("program behind a program", [program(), file.to_vec()].concat()),
        ]);
    }
    all
}
