//! Data loss prevention over generated bodies: every detector at once, the payment card alone, and
//! a list of words.

use criterion::{BenchmarkId, Criterion, Throughput};
use gateway_benches::{CpuTime, bodies, criterion};
use gateway_dlp::{Dlp, DlpBuilder, Limits, ProfileConfig, WordsEntry, detectors};
use gateway_inspect::{Chain, Examiner, Findings, Part, PartKind, Wanted};

const BODY_BYTES: usize = 1 << 20;

fn scan(dlp: &Dlp, body: &[u8], chunk: usize) -> usize {
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
    [
        ("all detectors", build(DlpBuilder::new(), detectors().iter().map(|d| d.id()).collect())),
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

fn main() {
    let mut criterion = criterion().configure_from_args();
    scans(&mut criterion);
    criterion.final_summary();
}
