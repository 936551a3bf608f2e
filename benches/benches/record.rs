//! Writing a record: as a line of JSON, and as a line to read.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use gateway_benches::{CpuTime, criterion};
use gateway_log::{HumanLine, JsonLines, Limits};

#[path = "record/sample.rs"]
mod sample;

use sample::record;

fn encoding(criterion: &mut Criterion<CpuTime>) {
    let record = record();
    let mut line = Vec::with_capacity(8 << 10);
    let json = JsonLines::new(Limits::default());
    json.encode(&record, &mut line);
    let mut group = criterion.benchmark_group("record");
    group.throughput(Throughput::Bytes(line.len() as u64));
    group.bench_function("JSON", |bencher| {
        bencher.iter(|| {
            line.clear();
            json.encode(black_box(&record), &mut line);
        });
    });
    let human = HumanLine::new(Limits::default());
    line.clear();
    human.encode(&record, &mut line);
    group.throughput(Throughput::Bytes(line.len() as u64));
    group.bench_function("to read", |bencher| {
        bencher.iter(|| {
            line.clear();
            human.encode(black_box(&record), &mut line);
        });
    });
    group.finish();
}

fn main() {
    let mut criterion = criterion().configure_from_args();
    encoding(&mut criterion);
    criterion.final_summary();
}
