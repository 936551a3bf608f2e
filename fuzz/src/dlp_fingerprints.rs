//! Fingerprints: any bytes are read as a file, and what of a document is found in a text does not depend
//! on how that is cut.

use std::sync::Arc;

use gateway_dlp::fingerprint::{Fingerprints, Sketch};
use gateway_dlp::{Dlp, DlpBuilder, FingerprintEntry, Limits, ProfileConfig};
use gateway_inspect::{Chain, Examiner, Findings, Part, PartKind, Place, Wanted};

/// Bytes of a document and of a text.
const BYTES_MAX: usize = 4 << 10;

/// The bytes are a file; and a document, a zero byte, and a text to be compared with it.
pub fn dlp_fingerprints(data: &[u8]) {
    if let Ok(read) = Fingerprints::from_bytes(data) {
        assert_eq!(read.to_bytes(), data);
    }
    let data = data.get(..BYTES_MAX).unwrap_or(data);
    let split = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
    let (document, text) = data.split_at(split);
    let mut sketch = Sketch::new([3; 16]);
    sketch.push(document);
    sketch.finish();
    let Ok(set) = Fingerprints::new([3; 16], [("document".to_owned(), sketch)]) else { return };
    assert_eq!(Fingerprints::from_bytes(&set.to_bytes()).as_ref(), Ok(&set));
    let (id, name, fingerprints) = ("d".to_owned(), "D".to_owned(), Arc::new(set));
    let entry = FingerprintEntry { id, name, fingerprints, similarity_min: 50 };
    let builder = DlpBuilder::new().fingerprint(entry).profile(ProfileConfig::new("all", ["d"]));
    let dlp = builder.build(&Limits::default()).expect("an entry that builds");
    let whole = places(&dlp, text, usize::MAX);
    for chunk in [1, 7, 64] {
        assert_eq!(places(&dlp, text, chunk), whole, "chunks of {chunk}");
    }
    assert_eq!(places(&dlp, document, usize::MAX).len(), 1, "it is like itself");
}

fn places(dlp: &Dlp, text: &[u8], chunk: usize) -> Vec<Place> {
    let part = Part::root(PartKind::Text, None);
    let mut chain = Chain::new(dlp.open(&part, &Wanted::all()), &Default::default());
    let mut found = Findings::new(usize::MAX);
    for piece in text.chunks(chunk.min(text.len().max(1))) {
        chain.push(piece, &mut found);
    }
    chain.finish(&mut found);
    found.as_slice().iter().map(|finding| finding.place).collect()
}
