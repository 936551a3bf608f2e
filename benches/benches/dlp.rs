//! Data loss prevention over generated bodies: every detector at once, the payment card alone, and
//! a list of words; the card besides with what stands around matches kept for the record, in bodies
//! without any and in one with many.

use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput};
use gateway_benches::{CpuTime, bodies, criterion};
use gateway_dlp::{Dlp, DlpBuilder, Limits, ProfileConfig, WordsEntry, detectors};
use gateway_inspect::{
    Chain, Examiner, Findings, Mask, Part, PartKind, QuoteLimits, Quotes, Quoting, Wanted,
};

const BODY_BYTES: usize = 1 << 20;

fn scan(dlp: &dyn Examiner, body: &[u8], chunk: usize) -> usize {
    let part = Part::root(PartKind::Unknown, None);
    let mut chain = Chain::new(dlp.open(&part, &Wanted::all()), &Default::default());
    let mut found = Findings::new(1_000);
    for bytes in body.chunks(chunk) {
        chain.push(bytes, &mut found);
    }
    assert_eq!(chain.finish(&mut found).unscannable, None);
    found.as_slice().len()
}

fn scanners() -> [(&'static str, Dlp); 3] {
    let build = |builder: DlpBuilder, entries: Vec<&str>| {
        let builder = builder.profile(ProfileConfig::new("bench", entries));
        builder.build(&Limits::default()).expect("entries that build")
    };
    let words = ["nightjar", "project falcon", "confidential", "do not share", "embargo"];
    let words = DlpBuilder::new().words(WordsEntry::new("words", "Words", words));
    // Of the dates in JSON there are more than a part may have findings.
    let all = detectors().iter().map(|d| d.id()).filter(|id| *id != "date").collect();
    [
        ("all detectors", build(DlpBuilder::new(), all)),
        ("payment card", build(DlpBuilder::new(), vec!["payment_card"])),
        ("5 words", build(words, vec!["words"])),
    ]
}

fn scans(criterion: &mut Criterion<CpuTime>) {
    let bodies = bodies(BODY_BYTES);
    for (name, dlp) in scanners() {
        let mut group = criterion.benchmark_group(format!("dlp {name}"));
        group.throughput(Throughput::Bytes(BODY_BYTES as u64));
        for body in &bodies {
            for chunk in [1_400, 16 << 10] {
                group.bench_function(BenchmarkId::new(body.name, chunk), |bencher| {
                    bencher.iter(|| scan(&dlp, &body.bytes, chunk));
                });
            }
        }
        group.finish();
    }
}

/// Scans a body and keeps what stands around its matches, masked: the bytes that are shown of them.
fn scan_quoted(dlp: &Arc<dyn Examiner>, body: &[u8], chunk: usize) -> usize {
    let quotes = Arc::<Quotes>::default();
    let quoting = Quoting::new(Arc::clone(dlp), Arc::clone(&quotes), QuoteLimits::default());
    scan(&quoting, body, chunk);
    let shown = quotes.list().into_iter().map(|quote| quote.show(|_| Mask::Full));
    shown.map(|shown| shown.before.len() + shown.matched.len() + shown.after.len()).sum()
}

fn quoted(criterion: &mut Criterion<CpuTime>) {
    let builder = DlpBuilder::new().profile(ProfileConfig::new("bench", ["payment_card"]));
    let dlp = builder.build(&Limits::default()).expect("entries that build");
    let dlp: Arc<dyn Examiner> = Arc::new(dlp);
    let [text, json, random] = bodies(BODY_BYTES);
    let card = b" 4111 1111 1111 1111 ";
    let mut many = text.bytes.clone();
    for place in many.chunks_exact_mut(64 << 10).filter_map(|piece| piece.get_mut(..card.len())) {
        place.copy_from_slice(card);
    }
    let all = [(text.name, text.bytes), (json.name, json.bytes), (random.name, random.bytes)];
    for (name, body) in all.into_iter().chain([("text with 16 cards", many)]) {
        let mut group = criterion.benchmark_group(format!("dlp payload log, {name}"));
        group.throughput(Throughput::Bytes(BODY_BYTES as u64));
        for chunk in [1_400, 16 << 10] {
            group.bench_function(BenchmarkId::new("without", chunk), |bencher| {
                bencher.iter(|| scan(&*dlp, &body, chunk));
            });
            group.bench_function(BenchmarkId::new("with", chunk), |bencher| {
                bencher.iter(|| scan_quoted(&dlp, &body, chunk));
            });
        }
        group.finish();
    }
}

fn main() {
    let mut criterion = criterion().configure_from_args();
    scans(&mut criterion);
    quoted(&mut criterion);
    criterion.final_summary();
}
