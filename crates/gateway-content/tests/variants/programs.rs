//! Archives that other programs write: Python's `zipfile` and `lzma`, 7-Zip, GNU tar.

use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use gateway_inspect::Unscannable::{Encrypted, Malformed};

use crate::writers::{Entry, Zip};
use crate::{Variant, found, refused};

/// What `script` gives to `out`, of the bytes `data`.
pub(crate) fn python(script: &str, data: &[u8]) -> Vec<u8> {
    const HEAD: &str = "import sys, lzma, zlib, bz2, io, zipfile, tarfile, base64\n\
                        data = sys.stdin.buffer.read()\nout = sys.stdout.buffer.write\n";
    let mut child = Command::new("python3")
        .args(["-c", &format!("{HEAD}{script}")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is there");
    child.stdin.take().unwrap().write_all(data).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{script}");
    output.stdout
}

/// What each of `expressions` is, of the bytes `data`.
pub(crate) fn python_each(expressions: &[&str], data: &[u8]) -> Vec<Vec<u8>> {
    let script: String = expressions
        .iter()
        .map(|expression| format!("b = {expression}\nout(len(b).to_bytes(4, 'little'))\nout(b)\n"))
        .collect();
    let all = python(&script, data);
    let mut rest = &*all;
    let mut each = Vec::new();
    while let Some((len, after)) = rest.split_first_chunk() {
        let (one, next) = after.split_at(u32::from_le_bytes(*len) as usize);
        each.push(one.to_vec());
        rest = next;
    }
    each
}

/// Writes archives in memory.
const WRITERS: &str = "def z(method):\n  f = io.BytesIO()\n  a = zipfile.ZipFile(f, 'w', method)\n  \
                       a.writestr('a.exe', data)\n  a.close()\n  return f.getvalue()\n\
                       def t(format):\n  f = io.BytesIO()\n  \
                       a = tarfile.open(fileobj=f, mode='w:xz', format=format)\n  \
                       i = tarfile.TarInfo('n' * 200)\n  i.size = len(data)\n  \
                       a.addfile(i, io.BytesIO(data))\n  a.close()\n  return f.getvalue()\n";

pub(crate) fn variants(file: &[u8]) -> Vec<Variant> {
    const EXPRESSIONS: [&str; 6] = [
        "z(zipfile.ZIP_STORED)",
        "z(zipfile.ZIP_DEFLATED)",
        "z(zipfile.ZIP_BZIP2)",
        "z(zipfile.ZIP_LZMA)",
        "t(tarfile.PAX_FORMAT)",
        "t(tarfile.GNU_FORMAT)",
    ];
    let first = format!("(exec({WRITERS:?}, globals()), {})[1]", EXPRESSIONS[0]);
    let expressions = [&[&*first], &EXPRESSIONS[1..]].concat();
    let written = python_each(&expressions, file);
    EXPRESSIONS.iter().zip(written).map(|(name, body)| found(name, body)).collect()
}

/// A folder of its own, gone at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Code with many calls, jumps and branches, for the filters.
fn code() -> Vec<u8> {
    (0..2_000u32)
        .flat_map(|i| {
            let target = (i * 37).to_le_bytes();
            let (op, arm) = (if i % 3 == 0 { 0xe9 } else { 0xe8 }, [i as u8, 0, 0, 0xeb]);
            let jump = [0x0f, 0x84, target[0], target[1], 0, 0];
            [&[op][..], &target, &[0x90, i as u8, 0x55], &arm, &jump].concat()
        })
        .collect()
}

/// Bytes of which none tells the next: they fill the memory of a model.
fn noise() -> Vec<u8> {
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        (state >> 16) as u8 & 0x3f
    };
    (0..200_000).map(|_| next()).collect()
}

/// What 7-Zip makes of the file and some code, or what else stands beside it, by flags.
fn seven_zip(folder: &Folder, name: &str, flags: &str, beside: &str) -> Vec<u8> {
    let _ = fs::remove_file(folder.0.join(name));
    let output = Command::new("7z")
        .args(["a", "-y", "-bd"])
        .args(flags.split(' ').filter(|flag| !flag.is_empty()))
        .args([name, beside, "a.exe"])
        .current_dir(&folder.0)
        .output()
        .expect("7z is there");
    assert!(output.status.success(), "{flags}: {}", String::from_utf8_lossy(&output.stdout));
    fs::read(folder.0.join(name)).unwrap()
}

pub(crate) fn of_7_zip(file: &[u8]) -> Vec<Variant> {
    const BCJ2: &str = "-m0=BCJ2 -m1=LZMA:d16 -m2=LZMA:d16 -m3=LZMA:d16 -mb0:1 -mb0s1:2 -mb0s2:3";
    let folder = Folder::new(&format!("variants-{:08x}", crc32fast::hash(file)));
    fs::write(folder.0.join("a.exe"), file).unwrap();
    fs::write(folder.0.join("code"), code()).unwrap();
    let one = |name: &str, flags: &str| {
        let label = format!("7-Zip, {name} {flags}");
        let body = seven_zip(&folder, name, flags, "code");
        (label, body)
    };
    let mut all = Vec::new();
    for flags in [
        "-m0=Copy",
        "-m0=LZMA",
        "-m0=LZMA:lc=1:lp=2:pb=0",
        "-m0=LZMA2",
        "-m0=BZip2",
        "-m0=Deflate",
        "-m0=Deflate64",
        "-m0=BCJ -m1=LZMA",
        "-m0=PPMd",
        "-m0=PPMd:o=32:mem=192m",
        "-m0=BCJ -m1=PPMd",
        "-m0=Delta:4 -m1=LZMA2",
        "-m0=ARM -m1=LZMA2",
        "-m0=ARMT -m1=BZip2",
        "-m0=PPC -m1=Deflate",
        "-m0=SPARC -m1=LZMA",
        "-m0=IA64 -m1=LZMA",
        BCJ2,
        "-m0=LZMA -ms=off",
        "-m0=LZMA -mhc=off",
        "-mx=9",
    ] {
        let (label, body) = one("a.7z", flags);
        all.push(found(&label, body));
    }
    for method in ["Copy", "Deflate", "Deflate64", "BZip2", "LZMA", "PPMd", "PPMd -mx=9"] {
        let flags = &format!("-mm={method}");
        let (label, body) = one("a.zip", flags);
        all.push(found(&label, body));
    }
    for flags in ["-m0=LZMA", "-m0=LZMA -mhc=off"] {
        let (label, mut body) = one("a.7z", flags);
        // Where the index is, a writer says last.
        body[8..32].fill(0);
        all.push(found(&format!("{label}, unfinished"), body.clone()));
        body.truncate(body.len() - 40);
        all.push(refused(&format!("{label}, unfinished and cut"), Malformed, body));
    }
    for (name, flags) in [("a.7z", "-psecret"), ("a.7z", "-psecret -mhe=on"), ("a.zip", "-psecret")]
    {
        let (label, body) = one(name, flags);
        all.push(refused(&label, Encrypted, body));
    }
    let (label, body) = one("a.tar", "");
    all.push(found(&label, body));
    let (label, body) = one("a.wim", "");
    all.push(found(&label, body));
    all
}

/// Archives of more than the memory of their models holds.
pub(crate) fn of_full_models(file: &[u8]) -> Vec<Variant> {
    let folder = Folder::new("full-models");
    fs::write(folder.0.join("a.exe"), file).unwrap();
    fs::write(folder.0.join("noise"), noise()).unwrap();
    let all = [
        ("a.7z", "-m0=PPMd:o=2:mem=64k"),
        ("a.7z", "-m0=PPMd:o=6:mem=1m"),
        ("a.7z", "-m0=PPMd:o=32:mem=64k"),
        ("a.zip", "-mm=PPMd -mx=5 -mo=16 -mmem=1m"),
        ("a.zip", "-mm=PPMd -mx=9 -mo=6 -mmem=1m"),
        ("a.zip", "-mm=PPMd -mx=9 -mo=16 -mmem=1m"),
    ];
    all.into_iter()
        .map(|(name, flags)| found(flags, seven_zip(&folder, name, flags, "noise")))
        .collect()
}

/// An archive with the file behind members of zeros, of which each is a hole.
fn with_holes(file: &[u8], holes: usize) -> Vec<u8> {
    let zeros = Entry::stored("zeros", &[0; 10_000]);
    let entries = [&vec![zeros; holes][..], &[Entry::deflated("a.exe", file)]].concat();
    Zip::of(&entries).write()
}

/// Writes a file of which blocks of zeros take no room: GNU tar looks for no holes in others.
fn write_with_holes(path: &Path, content: &[u8]) {
    const BLOCK: usize = 4 << 10;
    let mut file = fs::File::create(path).unwrap();
    file.set_len(content.len() as u64).unwrap();
    for (i, block) in content.chunks(BLOCK).enumerate() {
        if block.iter().any(|byte| *byte != 0) {
            file.seek(SeekFrom::Start((i * BLOCK) as u64)).unwrap();
            file.write_all(block).unwrap();
        }
    }
}

pub(crate) fn of_gnu_tar(file: &[u8]) -> Vec<Variant> {
    let folder = Folder::new(&format!("sparse-{:08x}", crc32fast::hash(file)));
    write_with_holes(&folder.0.join("few"), &with_holes(file, 2));
    write_with_holes(&folder.0.join("many"), &with_holes(file, 60));
    let tar = |format: &str, name: &str| {
        let output = Command::new("tar")
            .args(["--sparse", "--hole-detection=raw", "-c", "-f", "-"])
            .args(format.split(' '))
            .args([name, "few"])
            .current_dir(&folder.0)
            .output()
            .expect("GNU tar is there");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(output.stdout.len() < 150_000, "there are no holes");
        found(&format!("tar, sparse, {name}, {format}"), output.stdout)
    };
    let formats = ["--format=gnu", "--format=posix --sparse-version=0.0"];
    let formats = formats
        .into_iter()
        .chain(["--format=posix --sparse-version=0.1", "--format=posix --sparse-version=1.0"]);
    formats.flat_map(|format| [tar(format, "few"), tar(format, "many")]).collect()
}
