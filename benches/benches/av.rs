//! Malware signatures over generated bodies: EICAR alone, and generated databases of body, digest
//! and logical signatures.
//!
//! Digests are for files of certain sizes, so that with a declared size few bodies need any; one
//! SHA-256 for files of any size has that computed for all of them. What all three kinds cost is
//! a set of its own.

use std::fmt::Write;

use criterion::{BenchmarkId, Criterion, Throughput};
use gateway_av::{Av, DatabaseBuilder};
use gateway_benches::{CpuTime, Dice, bodies, criterion};
use gateway_inspect::{Chain, Findings, Limits, Part, PartKind, Wanted};

const BODY_BYTES: usize = 1 << 20;

fn scan(av: &Av, body: &[u8], chunk: usize) -> usize {
    let part = Part::root(PartKind::Unknown, Some(body.len() as u64));
    let mut chain = Chain::open(&av.examiners(), &part, &Wanted::all(), &Limits::default());
    let mut found = Findings::new(1_000);
    for bytes in body.chunks(chunk) {
        chain.push(bytes, &mut found);
    }
    assert_eq!(chain.finish(&mut found).unscannable, None);
    found.as_slice().len()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// How many signatures of each kind.
#[derive(Default)]
struct Counts {
    bodies: usize,
    digests: usize,
    logicals: usize,
}

/// What sizes digests are for.
#[derive(Clone, Copy)]
enum Sizes {
    /// Other ones than that of the bodies, but for one SHA-256 for any size.
    Other,
    /// That of the bodies.
    Same,
}

/// Bodies of 16 to 64 bytes, a third of them with a gap or a wildcard; digests of each kind;
/// logical signatures of two to four bodies of 8 to 24 bytes.
fn database(counts: &Counts, sizes: Sizes) -> Av {
    let mut dice = Dice::new(11);
    let mut builder = DatabaseBuilder::default();
    let mut lines = String::new();
    for number in 0..counts.bodies {
        let (head, tail) = (8 + dice.below(24), 8 + dice.below(24));
        let (head, tail) = (hex(&dice.bytes(head)), hex(&dice.bytes(tail)));
        let gap = dice.pick(&["", "", "", "", "??", "*", "{2-8}"]);
        let _ = writeln!(lines, "Bench.Body-{number}:0:*:{head}{gap}{tail}");
    }
    builder.add_file("bench.ndb", lines.as_bytes()).expect("valid bodies");
    lines.clear();
    for number in 0..counts.digests {
        let digest = *dice.pick(&[16, 16, 20, 32]);
        let size = match sizes {
            Sizes::Other => 1 + dice.below(BODY_BYTES - 1),
            Sizes::Same => BODY_BYTES,
        };
        let _ = writeln!(lines, "{}:{size}:Bench.Digest-{number}", hex(&dice.bytes(digest)));
    }
    if counts.digests > 0 {
        let _ = writeln!(lines, "{}:*:Bench.Any:73", hex(&dice.bytes(32)));
    }
    builder.add_file("bench.hsb", lines.as_bytes()).expect("valid digests");
    lines.clear();
    for number in 0..counts.logicals {
        let expression = *dice.pick(&["0&1", "(0|1)&2", "0&1&(2|3)>1"]);
        let _ = write!(lines, "Bench.Logical-{number};Engine:51-255,Target:0;{expression}");
        let members = match expression {
            "0&1" => 2,
            "(0|1)&2" => 3,
            _ => 4,
        };
        for _ in 0..members {
            let len = 8 + dice.below(16);
            let _ = write!(lines, ";{}", hex(&dice.bytes(len)));
        }
        lines.push('\n');
    }
    builder.add_file("bench.ldb", lines.as_bytes()).expect("valid logical signatures");
    builder.build()
}

fn scans(criterion: &mut Criterion<CpuTime>) {
    let bodies = bodies(BODY_BYTES);
    let bodies_alone = Counts { bodies: 10_000, ..Counts::default() };
    let digests_alone = Counts { digests: 100_000, ..Counts::default() };
    let all = Counts { bodies: 10_000, digests: 100_000, logicals: 2_000 };
    let ten_times = Counts { bodies: 100_000, digests: 1_000_000, logicals: 20_000 };
    let sets = [
        ("av EICAR alone", DatabaseBuilder::default().build()),
        ("av 10,000 bodies", database(&bodies_alone, Sizes::Other)),
        ("av 100,000 digests, all three kinds computed", database(&digests_alone, Sizes::Same)),
        ("av 10,000 bodies, 100,000 digests, 2,000 logical", database(&all, Sizes::Other)),
        (
            "av 100,000 bodies, 1,000,000 digests, 20,000 logical",
            database(&ten_times, Sizes::Other),
        ),
    ];
    for (name, av) in sets {
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Bytes(BODY_BYTES as u64));
        for body in &bodies {
            for chunk in [1_400, 16 << 10] {
                group.bench_function(BenchmarkId::new(body.name, chunk), |bencher| {
                    bencher.iter(|| scan(&av, &body.bytes, chunk));
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
