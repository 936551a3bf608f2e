//! One database of many signatures over many files: bodies, logical signatures, digests and regular
//! expressions together, over files put together from what satisfies them and then damaged.
//!
//! Bytes are of more values than in the other comparisons: with so many signatures, each file would
//! satisfy thousands of them by accident.
//!
//! How many there are of each, `GATEWAY_CLAMSCAN_SIZE` says.

use std::fmt::Write as _;
use std::path::Path;

use gateway_inspect::PartKind;
use md5::{Digest, Md5};
use sha2::Sha256;

use super::{Database, Dice, MAGIC, agree, regexes};

/// The bytes that signatures and files are made of.
const BYTES: &[u8] = b"\x01\x07\x1b\x80\x9d\xb6\xc3\xe8\xf1\xff Aa-BbCcKkZz09_.\n/x}";

/// Of how many files one is of the bytes that regular expressions are about.
const REGEX_FILES: usize = 20;

/// Signatures that are regular expressions, and others that hold where nothing is found: of one part,
/// our scanner reports 32 signatures.
const REGEXES: usize = 24;
const HOLDING: usize = 6;

/// Of how many signatures one is a digest.
const DIGESTS: usize = 20;

/// How many signatures there are, and how many files.
fn size() -> usize {
    std::env::var("GATEWAY_CLAMSCAN_SIZE").map_or(400, |size| size.parse().unwrap())
}

/// Damages what comes behind the first bytes.
fn mutate(dice: &mut Dice, file: &mut Vec<u8>) {
    for _ in 0..dice.below(4) {
        let (len, from) = (file.len(), MAGIC.len());
        if len < from + 8 {
            return;
        }
        let at = from + dice.below(len - from);
        let count = 1 + dice.below((len - at).min(12));
        match dice.below(7) {
            0 | 1 => file[at] = dice.byte(),
            2 => file[at] ^= 0x20,
            3 => drop(file.drain(at..at + count)),
            4 => {
                let more = dice.bytes(count);
                drop(file.splice(at..at, more));
            }
            5 => {
                let again = file[at..at + count].to_vec();
                drop(file.splice(at..at, again));
            }
            _ => file[at..at + count].reverse(),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// Signature files of digests: of `files`, of which some are given a wrong size.
fn digests(dice: &mut Dice, files: &[(PartKind, Vec<u8>)], count: usize) -> [String; 2] {
    let (mut md5, mut sha256) = (String::new(), String::new());
    for number in 0..count {
        // Of two signatures of one digest ClamAV reports one.
        let (_, bytes) = &files[number * files.len() / count];
        let size = match dice.below(4) {
            0 => "*".to_owned(),
            1 => (bytes.len() + 1).to_string(),
            _ => bytes.len().to_string(),
        };
        let level = if size == "*" { ":73" } else { "" };
        if dice.one_in(2) {
            writeln!(md5, "{}:{size}:M{number}{level}", hex(&Md5::digest(bytes))).unwrap();
        } else {
            writeln!(sha256, "{}:{size}:H{number}{level}", hex(&Sha256::digest(bytes))).unwrap();
        }
    }
    [md5, sha256]
}

/// Leaves out logical signatures that hold where nothing is found, but for a few.
fn leave_out_holding(database: &mut Database) {
    let (_, logical) = &mut database.files[1];
    let mut held = 0;
    let is_wanted = |line: &&str| {
        let expression = line.split(';').nth(2);
        held += usize::from(matches!(expression, Some("0=0" | "0<3" | "(0|1)<3")));
        held <= HOLDING || !matches!(expression, Some("0=0" | "0<3" | "(0|1)<3"))
    };
    *logical = logical.lines().filter(is_wanted).fold(String::new(), |all, one| all + one + "\n");
}

/// Leaves out body signatures beyond so many signatures in all.
fn leave_out_beyond(database: &mut Database, count: usize) {
    let logical = database.files[1].1.lines().count();
    let (_, plain) = &mut database.files[0];
    let kept = plain.lines().take(count.saturating_sub(logical));
    *plain = kept.fold(String::new(), |all, one| all + one + "\n");
}

#[test]
fn many_signatures_over_many_files() {
    let size = size();
    let mut dice = Dice::new(0xD1B5_4A32_D192_ED03);
    dice.bytes = BYTES;
    let rest = size - size / DIGESTS - REGEXES;
    // Some are refused, and some left out.
    let mut database = Database::random(&mut dice, rest * 5 / 4);
    leave_out_holding(&mut database);
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clamscan-large");
    std::fs::create_dir_all(&root).unwrap();
    database.leave_out_refused(&root);
    leave_out_beyond(&mut database, rest);
    let file = |number| {
        let mut file = if number % REGEX_FILES == 0 {
            regexes::file(&mut dice)
        } else {
            database.file(&mut dice)
        };
        mutate(&mut dice, &mut file);
        (PartKind::Unknown, file)
    };
    let files: Vec<_> = (0..size).map(file).collect();
    let [md5, sha256] = digests(&mut dice, &files, size / DIGESTS);
    let (_, logical) = &mut database.files[1];
    for number in 0..REGEXES {
        *logical += &regexes::line(&mut dice, &format!("R{number}"));
    }
    database.files.extend([("t.hdb", md5), ("t.hsb", sha256)]);
    let agreed = agree(&root, &database.files, &files, &mut dice);
    println!(
        "{size} signatures over {size} files: {agreed} findings agreed, and there were no others"
    );
    assert!(agreed > size, "{agreed} findings are too few to say much");
}
