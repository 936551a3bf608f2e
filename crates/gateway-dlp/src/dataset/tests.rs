//! Datasets from table to finding.

use std::sync::Arc;

use gateway_inspect::conformance::{Options, check};
use proptest::prelude::*;

use super::*;
use crate::scan::found;
use crate::{DatasetEntry, Dlp, DlpBuilder, Limits, ProfileConfig};

fn build(csv: &str, columns: &[&str]) -> Result<(Dataset, Tally), DatasetError> {
    let wanted = columns.iter().map(|title| (*title).to_owned()).collect();
    let wanted = (!columns.is_empty()).then_some(wanted);
    let mut builder = DatasetBuilder::new([7; 16], wanted, b',', 6);
    builder.push(csv.as_bytes())?;
    builder.finish()
}

fn scanner(dataset: Dataset) -> Dlp {
    let (id, name) = ("d".to_owned(), "D".to_owned());
    let entry = DatasetEntry { id, name, dataset: Arc::new(dataset) };
    let builder = DlpBuilder::new().dataset(entry).profile(ProfileConfig::new("p", ["d"]));
    builder.build(&Limits::default()).unwrap()
}

const TABLE: &str = "name,card,note\r\n\
    John Q. Smith,4111 1111 1111 1111,\"a \"\"note\"\", long\"\r\n\
    Zoë Müller,378282246310005,x\r\n\
    12 Main Street 34 56,5555-5555-5555-4444,\r\n";

#[test]
fn cells_are_found_however_they_are_written() {
    let dlp = scanner(build(TABLE, &["name", "card"]).unwrap().0);
    for (text, expected) in [
        ("to john q smith!", vec!["john q smith"]),
        ("JOHN, Q.\nSMITH", vec!["JOHN, Q.\nSMITH"]),
        ("john q smithy, xjohn q smith, john smith", vec![]),
        ("john      q smith", vec![]),
        ("4111111111111111", vec!["4111111111111111"]),
        ("card 4111-1111-1111-1111.", vec!["4111-1111-1111-1111"]),
        ("3782 822463 10005 x", vec!["3782 822463 10005"]),
        ("3782 822463 100051", vec![]),
        ("zoë müller", vec!["zoë müller"]),
        ("a note long", vec![]),
        ("12 main street 3456", vec!["12 main street 3456"]),
        ("12 main street 34 5 6", vec!["12 main street 34 5 6"]),
    ] {
        assert_eq!(found(&dlp, text), expected, "{text}");
        let options = Options { chunkings: 200, ..Options::default() };
        check(&dlp, text.as_bytes(), &options).unwrap();
    }
}

#[test]
fn cells_are_counted() {
    let (dataset, tally) = build(TABLE, &[]).unwrap();
    assert_eq!(dataset.len(), 7);
    let expected = Tally { rows: 3, taken: 7, empty: 1, short: 1, long: 0, uneven: 0 };
    assert_eq!(tally, expected);
    assert_eq!(dataset.columns(), ["name", "card", "note"]);
    assert!(dataset.has(b"A note, LONG") && !dataset.has(b"a note"));
}

#[test]
fn wrong_tables_are_named() {
    for (csv, columns, says) in [
        ("", vec![], "the table is empty: expected a first line with the titles of the columns"),
        ("a,b\n", vec!["c"], "no column `c`: there are a, b"),
        ("a\nx\n", vec![], "no cell is left: 0 empty, 1 too short, 0 too long"),
    ] {
        assert_eq!(build(csv, &columns).unwrap_err().to_string(), says);
    }
}

#[test]
fn files_are_read_as_they_were_written() {
    let dataset = build(TABLE, &[]).unwrap().0;
    let bytes = dataset.to_bytes();
    assert_eq!(Dataset::from_bytes(&bytes), Ok(dataset));
    assert_eq!(Dataset::from_bytes(b"x"), Err(DatasetFileError::Magic));
    for at in 18..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        assert_eq!(Dataset::from_bytes(&damaged), Err(DatasetFileError::Digest));
        assert!(Dataset::from_bytes(&bytes[..at]).is_err());
    }
}

#[test]
fn a_million_cells_take_few_bytes_and_next_to_no_stranger_passes() {
    let rows = 1_000_000;
    let mut builder = DatasetBuilder::new([9; 16], None, b',', 6);
    builder.push(b"id\n").unwrap();
    for row in 0..rows {
        builder.push(format!("customer {row:07}\n").as_bytes()).unwrap();
    }
    let (dataset, _) = builder.finish().unwrap();
    assert_eq!(dataset.len(), rows);
    assert!(dataset.memory_usage() < 32_000_000, "{}", dataset.memory_usage());
    // Before the exact check: fewer than one in a million.
    let strangers = (0..3_000_000_u32).filter(|number| {
        let form = words::canonical(format!("stranger {number}").as_bytes());
        dataset.may_have(mix(words::hash(&form, dataset.point()).hash))
    });
    assert_eq!(strangers.count(), 0);
}

proptest! {
    #[test]
    fn texts_of_words_conform(text in "(john|q|smith|zoë|müller|12|main|street|34|56|4111|1111|[ ,.-]){0,40}") {
        let dlp = scanner(build(TABLE, &[]).unwrap().0);
        let options = Options { chunkings: 20, ..Options::default() };
        check(&dlp, text.as_bytes(), &options).unwrap();
    }
}
