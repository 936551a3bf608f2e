//! Bodies: what people and programs wrote, as it lies in the sources of crates, in the packages of
//! the system and in those of Node, what is encoded, what is random, and what is meant to be hard.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};

use gateway_benches::Dice;

/// Bytes of each body.
const BYTES: usize = 4 << 20;
/// Bytes that one file gives to a body, at the most: no file is most of one.
const FILE_BYTES_MAX: usize = 128 << 10;
/// Where else than among the sources of crates files are looked for.
const FOLDERS: [&str; 4] =
    ["/usr/share", "/usr/lib/node_modules", "/usr/local/lib/node_modules", "/usr/lib/python3"];

/// A body.
pub(super) struct Corpus {
    pub(super) name: &'static str,
    pub(super) bytes: Vec<u8>,
}

/// Files of each kind, by the ends of their names.
const KINDS: [(&str, &[&str]); 5] = [
    ("json", &["json"]),
    ("html", &["html", "htm", "svg", "xml"]),
    ("rs", &["rs"]),
    ("text", &["md", "txt"]),
    ("js", &["js", "mjs", "ts"]),
];

/// Bodies of every kind of which there are files, mixed from all of them.
pub(super) fn corpora() -> Vec<Corpus> {
    let mut files = Vec::new();
    let folders = FOLDERS.iter().map(PathBuf::from).chain([sources()]);
    folders.for_each(|folder| list(&folder, &mut files));
    files.sort_by_cached_key(|file| {
        let mut hasher = DefaultHasher::new();
        file.hash(&mut hasher);
        (hasher.finish(), file.clone())
    });
    let gathered = KINDS.iter().map(|(name, ends)| Corpus { name, bytes: gather(&files, ends) });
    let mut corpora: Vec<Corpus> = gathered.filter(|corpus| !corpus.bytes.is_empty()).collect();
    let mut dice = Dice::new(5);
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let base64 = (0..BYTES).map(|_| *dice.pick(letters)).collect();
    corpora.push(Corpus { name: "base64", bytes: base64 });
    corpora.push(Corpus { name: "random", bytes: dice.bytes(BYTES) });
    corpora
}

/// Bodies that are meant to be hard, 1 MiB each.
pub(super) fn hostile(literals: &[String]) -> Vec<Corpus> {
    let repeat = |name, what: &str| {
        let bytes = what.bytes().cycle().take(1 << 20).collect();
        Corpus { name, bytes }
    };
    let mut dice = Dice::new(3);
    let digits = (0..1 << 20).map(|_| *dice.pick(b"0123456789")).collect();
    vec![
        Corpus { name: "digits", bytes: digits },
        repeat("@", "@"),
        repeat("a", "a"),
        repeat("=", "="),
        repeat("token token", "token "),
        repeat("key = key =", "key = "),
        repeat("key9key9", "key9"),
        repeat("1 2 3 4", "1 2 3 4 5 6 7 8 9 "),
        repeat("a@a.a@a.", "a@a."),
        repeat("BEGIN keys", "-----BEGIN PRIVATE KEY-----"),
        repeat("all literals", &literals.concat()),
    ]
}

/// Where cargo keeps the sources of crates.
fn sources() -> PathBuf {
    let cargo = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".cargo"));
    cargo.or_else(home).unwrap_or_default().join("registry/src")
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => list(&entry.path(), files),
            Ok(kind) if kind.is_file() => files.push(entry.path()),
            _ => {}
        }
    }
}

/// The beginnings of the files with these ends, over again if they are too few.
fn gather(files: &[PathBuf], ends: &[&str]) -> Vec<u8> {
    let is_one = |file: &&PathBuf| {
        file.extension().is_some_and(|end| ends.iter().any(|one| end.eq_ignore_ascii_case(one)))
    };
    let mut bytes = Vec::new();
    for file in files.iter().filter(is_one) {
        let contents = fs::read(file).unwrap_or_default();
        bytes.extend(contents.into_iter().take(FILE_BYTES_MAX));
        if bytes.len() >= BYTES {
            break;
        }
    }
    bytes.iter().copied().cycle().take(BYTES).collect()
}
