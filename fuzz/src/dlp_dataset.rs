//! Datasets: any bytes are read as a table or a file, and what is found of a table does not depend
//! on how a text is cut.

use std::sync::Arc;

use gateway_dlp::dataset::{Dataset, DatasetBuilder};
use gateway_dlp::{DatasetEntry, Dlp, DlpBuilder, Limits, ProfileConfig};
use gateway_inspect::{Chain, Examiner, Findings, Part, PartKind, Place, Wanted};

/// Bytes of a table and of a text.
const BYTES_MAX: usize = 2 << 10;

/// The bytes are a file; and a table, a zero byte, and a text to be looked through.
pub fn dlp_dataset(data: &[u8]) {
    let _ = Dataset::from_bytes(data);
    let data = data.get(..BYTES_MAX).unwrap_or(data);
    let split = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
    let (table, text) = data.split_at(split);
    let mut builder = DatasetBuilder::new([3; 16], None, b',', 2);
    if builder.push(table).is_err() {
        return;
    }
    let Ok((dataset, _)) = builder.finish() else { return };
    assert_eq!(Dataset::from_bytes(&dataset.to_bytes()).as_ref(), Ok(&dataset));
    let (id, name) = ("table".to_owned(), "Table".to_owned());
    let entry = DatasetEntry { id, name, dataset: Arc::new(dataset) };
    let builder = DlpBuilder::new().dataset(entry).profile(ProfileConfig::new("all", ["table"]));
    let dlp = builder.build(&Limits::default()).expect("an entry that builds");
    let whole = scan(&dlp, text, usize::MAX);
    for chunk in [1, 2, 7] {
        assert_eq!(scan(&dlp, text, chunk), whole, "by {chunk}");
    }
}

fn scan(dlp: &Dlp, text: &[u8], chunk: usize) -> Vec<Place> {
    let part = Part::root(PartKind::Text, None);
    let mut chain = Chain::new(dlp.open(&part, &Wanted::all()), &Default::default());
    let mut found = Findings::new(BYTES_MAX);
    for piece in text.chunks(chunk) {
        chain.push(piece, &mut found);
    }
    chain.finish(&mut found);
    found.drain().map(|finding| finding.place).collect()
}
