//! Scans a stream for payment cards and shows where they are, never what they are.
//!
//! `cargo run -p gateway-examples --example scan_for_cards [FILE]`
#![expect(clippy::print_stdout, reason = "a program that shows something")]

use std::error::Error;
use std::io::{self, BufReader, Read};
use std::{env, fs::File};

use gateway_dlp::{DlpBuilder, Limits, ProfileConfig};
use gateway_inspect::{Chain, Examiner, Finding, Findings, Part, PartKind, Place, Wanted};

const SAMPLE: &[u8] = b"Paid with 4111 1111 1111 1111, not with 4111 1111 1111 1112.\n";

fn main() -> Result<(), Box<dyn Error>> {
    let stream: Box<dyn Read> = match env::args().nth(1) {
        Some(path) => Box::new(BufReader::new(File::open(path)?)),
        None => Box::new(SAMPLE),
    };
    for line in scan(stream)? {
        println!("{line}");
    }
    Ok(())
}

/// Reads in small pieces, as a proxy would: a number that is cut in two is found all the same.
fn scan(mut stream: impl Read) -> Result<Vec<String>, Box<dyn Error>> {
    let profile = ProfileConfig::new("cards", ["payment_card"]);
    let dlp = DlpBuilder::new().profile(profile).build(&Limits::default())?;

    let part = Part::root(PartKind::Unknown, None);
    let mut chain = Chain::new(dlp.open(&part, &Wanted::all()), &Default::default());
    let mut found = Findings::new(100);
    let mut piece = [0; 16];
    loop {
        match stream.read(&mut piece) {
            Ok(0) => break,
            // Whatever lies before the clearance could be sent on now.
            Ok(length) => drop(chain.push(&piece[..length], &mut found)),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    chain.finish(&mut found);
    let show = |finding: Finding| match finding.place {
        Place::Content { span, .. } => format!("{} at {}", finding.entry.name, span.start),
        Place::Structural { .. } => finding.entry.name.to_string(),
    };
    Ok(found.drain().map(show).collect())
}

#[test]
fn one_of_the_sample_is_a_card() {
    let lines = scan(SAMPLE).unwrap();
    assert_eq!(lines, ["Payment card number at 10"]);
}
