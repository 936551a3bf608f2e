//! Says of numbers on standard input whether a detector of data loss takes them for right: one line
//! each, the id of the detector, a tab and the number; one line of the answer each, `1` or `0`.
//! A number that is found although its check digits are wrong is not taken for right.
//!
//! `cargo run -p gateway-examples --example judge_numbers < LINES`
//!
//! `examples/agree_with_stdnum.py` compares its answers with those of the Python library stdnum.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, BufRead, BufWriter, Write};

use gateway_dlp::{Dlp, DlpBuilder, Limits, ProfileConfig};
use gateway_inspect::{Chain, Examiner, Findings, Part, PartKind, Place, Wanted};

fn main() -> Result<(), Box<dyn Error>> {
    let mut judges = Judges::default();
    let mut answers = BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let line = line?;
        let (detector, number) = line.split_once('\t').ok_or("a line without a tab")?;
        writeln!(answers, "{}", u8::from(judges.takes(detector, number)?))?;
    }
    answers.flush()?;
    Ok(())
}

/// A scanner for each detector that was asked for.
#[derive(Default)]
struct Judges(BTreeMap<String, Dlp>);

impl Judges {
    /// Whether `detector` finds `number` as a whole, with nothing about it that fails.
    fn takes(&mut self, detector: &str, number: &str) -> Result<bool, Box<dyn Error>> {
        if !self.0.contains_key(detector) {
            let profile = ProfileConfig::new("one", [detector]);
            let dlp = DlpBuilder::new().profile(profile).build(&Limits::default())?;
            self.0.insert(detector.to_owned(), dlp);
        }
        let dlp = self.0.get(detector).ok_or("it was just put in")?;
        let part = Part::root(PartKind::Text, None);
        let mut chain = Chain::new(dlp.open(&part, &Wanted::all()), &Default::default());
        let mut found = Findings::new(10);
        chain.push(number.as_bytes(), &mut found);
        chain.finish(&mut found);
        let whole = |place| match place {
            Place::Content { span, .. } => span.len() == number.len() as u64,
            Place::Structural { .. } => false,
        };
        let passes = |finding| dlp.evidence(finding, number.as_bytes()).failed.is_empty();
        Ok(found.as_slice().iter().any(|finding| whole(finding.place) && passes(finding)))
    }
}

#[test]
fn a_right_number_is_taken_as_a_whole() {
    let mut judges = Judges::default();
    for (detector, number, expected) in [
        ("pl_pesel", "44051401458", true),
        ("pl_pesel", "44051401459", false),
        ("in_gstin", "27ABCDE1234F1Z5", false),
        ("iban", "GB82 WEST 1234 5698 7654 32", true),
        ("iban", "GB82 WEST 1234 5698 7654 32 is mine", false),
    ] {
        assert_eq!(judges.takes(detector, number).unwrap(), expected, "{number}");
    }
    assert!(judges.takes("no_such", "1").is_err());
}
