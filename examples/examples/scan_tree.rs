//! Scans all files of a folder for data that must not leave, and what is packed in them.
//!
//! `cargo run -p gateway-examples --example scan_tree [FOLDER]`
#![expect(clippy::print_stdout, reason = "a program that shows something")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use gateway_content::{BodyInfo, Budget, PartEvent, Step, Unpacker};
use gateway_dlp::{DlpBuilder, Limits, ProfileConfig};
use gateway_inspect::{Examiner, Wanted};

/// Bytes that are read at a time.
const PIECE_BYTES: u64 = 64 << 10;

/// What every file is shown to.
type Examiners = Arc<[Arc<dyn Examiner>]>;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let examiners = examiners()?;
    walk(Path::new(&folder), &mut |path| match scan(path, &examiners) {
        Ok(lines) => lines.iter().for_each(|line| println!("{}: {line}", path.display())),
        Err(error) => println!("{}: {error}", path.display()),
    })?;
    Ok(())
}

fn examiners() -> Result<Examiners, Box<dyn Error>> {
    let profile = ProfileConfig::new("mine", ["payment_card", "iban", "private_key"]);
    let dlp = DlpBuilder::new().profile(profile).build(&Limits::default())?;
    Ok(Arc::new([Arc::new(dlp)]))
}

/// Calls `each` with every file below `folder`; links are not followed.
fn walk(folder: &Path, each: &mut impl FnMut(&Path)) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::path);
    for entry in entries {
        let kind = entry.file_type()?;
        if kind.is_dir() {
            walk(&entry.path(), each)?;
        } else if kind.is_file() {
            each(&entry.path());
        }
    }
    Ok(())
}

/// What is found in one file: where, and in which part of it.
fn scan(path: &Path, examiners: &Examiners) -> io::Result<Vec<String>> {
    let mut file = File::open(path)?;
    let mut unpacker = Unpacker::new(
        examiners.clone(),
        Wanted::from_iter([gateway_dlp::SCANNER, Unpacker::SCANNER]),
        &BodyInfo::new(Vec::new(), Some(file.metadata()?.len())),
        &gateway_content::Limits::default(),
        &gateway_inspect::Limits::default(),
    );
    let mut names = BTreeMap::new();
    let mut lines = Vec::new();
    loop {
        let mut piece = Vec::new();
        if (&mut file).take(PIECE_BYTES).read_to_end(&mut piece)? == 0 {
            unpacker.end();
        } else {
            unpacker.push(Bytes::from(piece));
        }
        loop {
            let step = unpacker.step(Budget::default());
            for event in unpacker.parts() {
                match event {
                    PartEvent::Opened(part) => drop(names.insert(part.id, part.name)),
                    PartEvent::Retyped { .. } => {}
                    PartEvent::Ended(end) => {
                        let why = end.outcome.unscannable.map(|reason| reason.name());
                        lines.extend(why.map(|why| format!("{:?} is {why}", end.part.name)));
                    }
                }
            }
            for report in unpacker.reports() {
                let part = names.get(&report.finding.place.part()).map_or("", String::as_str);
                lines.push(format!("{} in {part:?}", report.finding.entry.name));
            }
            match step {
                Step::Done => return Ok(lines),
                Step::NeedInput => break,
                Step::Again | Step::Full => {}
            }
        }
    }
}

#[test]
fn what_is_packed_is_found_too() {
    let folder = std::env::temp_dir().join(format!("scan-tree-{}", std::process::id()));
    fs::create_dir_all(folder.join("below")).unwrap();
    // `{"card":"4111111111111111"}` in base64.
    fs::write(folder.join("below/a.json"), br#"{"b":"eyJjYXJkIjoiNDExMTExMTExMTExMTExMSJ9"}"#)
        .unwrap();
    fs::write(folder.join("b.txt"), "nothing").unwrap();
    let (examiners, mut found) = (examiners().unwrap(), Vec::new());
    walk(&folder, &mut |path| found.extend(scan(path, &examiners).unwrap())).unwrap();
    fs::remove_dir_all(folder).unwrap();
    assert!(found.len() == 1 && found[0].starts_with("Payment card number in"), "{found:?}");
}
