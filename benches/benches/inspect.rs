//! The pipeline of a body that nobody has anything to say about: admitted to a hold, shown to
//! inspectors that look at nothing, cleared, decided, released.

use std::hint::black_box;

use bytes::Bytes;
use criterion::{BenchmarkId, Criterion, Throughput};
use gateway_benches::{CpuTime, bodies, criterion};
use gateway_inspect::{
    Chain, Findings, Hold, HoldPolicy, Inspector, Limits, Offset, Outcome, Permit, Progress, Reach,
    Window,
};

const BODY_BYTES: usize = 1 << 20;

/// Clears what it is shown; `lookback` makes the chain keep a window for it.
struct Nothing {
    lookback: usize,
}

impl Inspector for Nothing {
    fn reach(&self) -> Reach {
        Reach::Span { lookback: self.lookback }
    }

    fn memory_max(&self) -> usize {
        size_of::<Self>()
    }

    fn push(&mut self, window: Window<'_>, _: &mut Findings) -> Progress {
        Progress::More { clear_to: window.end() }
    }

    fn finish(&mut self, _: Window<'_>, _: &mut Findings) -> Outcome {
        Outcome::Clean
    }
}

fn pass(body: &Bytes, chunk: usize, inspectors: usize, lookback: usize) -> u64 {
    let limits = Limits::default();
    let nothing = |_| Box::new(Nothing { lookback }) as Box<dyn Inspector>;
    let mut chain = Chain::new((0..inspectors).map(nothing), &limits);
    let mut found = Findings::new(limits.findings_max);
    let mut hold = Hold::new(HoldPolicy::Pass, Some(body.len() as u64), limits.held_bytes_max);
    let mut released = 0;
    for start in (0..body.len()).step_by(chunk) {
        let bytes = body.slice(start..body.len().min(start + chunk));
        let clearance = chain.push(&bytes, &mut found);
        hold.admit(bytes);
        hold.allow(&Permit { clearance, decided_to: Offset::MAX, held_ms: 0 });
        while let Some(piece) = hold.pop() {
            released += black_box(piece).len() as u64;
        }
    }
    chain.finish(&mut found);
    hold.open();
    while let Some(piece) = hold.pop() {
        released += black_box(piece).len() as u64;
    }
    released
}

fn pipeline(criterion: &mut Criterion<CpuTime>) {
    let [text, ..] = bodies(BODY_BYTES);
    let body = Bytes::from(text.bytes);
    let mut group = criterion.benchmark_group("inspect pipeline");
    group.throughput(Throughput::Bytes(BODY_BYTES as u64));
    for (inspectors, lookback) in [(0, 0), (1, 0), (3, 0), (3, 64)] {
        for chunk in [1_400, 16 << 10] {
            let name = format!("{inspectors} no-ops, look-back {lookback}");
            group.bench_function(BenchmarkId::new(name, chunk), |bencher| {
                bencher.iter(|| {
                    assert_eq!(pass(&body, chunk, inspectors, lookback), BODY_BYTES as u64);
                });
            });
        }
    }
    group.finish();
}

fn main() {
    let mut criterion = criterion().configure_from_args();
    pipeline(&mut criterion);
    criterion.final_summary();
}
