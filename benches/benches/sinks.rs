//! Handing a record over, as the thread of a session pays for it; and how fast SQLite takes them.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion};
use gateway_benches::{CpuTime, criterion};
use gateway_log::Record;
use gateway_sinks::{Config, Sinks, SqliteConfig, Terminal};

#[path = "record/sample.rs"]
mod sample;

use sample::record;

/// A folder of the bench's own, gone at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("gateway-bench-sinks-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a scratch folder");
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn config(folder: &Path, records: &str, has_sqlite: Sqlite) -> Config {
    let mut config = Config::default();
    config.terminal = Terminal::Off;
    if !records.is_empty() {
        config.records = folder.join(records);
    }
    config.sqlite = match has_sqlite {
        Sqlite::Off => None,
        Sqlite::On => Some(SqliteConfig::new(folder.join("sqlite"))),
    };
    config
}

#[derive(Clone, Copy)]
enum Sqlite {
    Off,
    On,
}

/// A record as the driver has it.
fn fresh(number: u64) -> Box<Record> {
    let mut record = Box::new(record());
    record.request_id = format!("{number:032x}").into();
    record
}

fn wait(sinks: &Sinks) {
    while sinks.status().iter().any(|sink| sink.queued > 0) {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Records that are handed over between two looks whether the sinks have caught up.
const BURST: u64 = 1_000;

fn submit(criterion: &mut Criterion<CpuTime>, folder: &Path) {
    let mut group = criterion.benchmark_group("sinks");
    for (name, records, has_sqlite) in [
        ("submit to the file", "one.jsonl", Sqlite::Off),
        ("submit to the file and SQLite", "two.jsonl", Sqlite::On),
    ] {
        let sinks = Sinks::start(&config(folder, records, has_sqlite)).expect("sinks start");
        let mut number = 0;
        group.bench_function(name, |bencher| {
            bencher.iter_batched(
                || {
                    if number % BURST == 0 {
                        wait(&sinks);
                    }
                    number += 1;
                    fresh(number)
                },
                |record| sinks.submit(record),
                BatchSize::NumIterations(BURST),
            );
        });
        assert_eq!(sinks.close(), 0, "a lost record is not what was to be measured");
    }
    group.finish();
}

/// Rows a second by the clock, with one core for it: encoding, rows, indexes and sums by minute.
#[expect(clippy::print_stdout, reason = "a bench tells its figure")]
fn sqlite(folder: &Path) {
    const ROWS: u64 = 200_000;
    let mut config = config(&folder.join("rows"), "", Sqlite::On);
    config.queue_records_max = 250_000;
    let sinks = Sinks::start(&config).expect("sinks start");
    let records: Vec<_> = (0..ROWS).map(fresh).collect();
    let start = Instant::now();
    for record in records {
        sinks.submit(record);
    }
    wait(&sinks);
    let rate = ROWS as f64 / start.elapsed().as_secs_f64();
    let status = sinks.status();
    assert_eq!(status[0].written, ROWS, "{status:?}");
    println!("sinks/SQLite: {rate:.0} rows/s by the clock, {ROWS} rows");
    assert_eq!(sinks.close(), 0);
}

fn main() {
    let scratch = Scratch::new();
    let mut criterion = criterion().configure_from_args();
    submit(&mut criterion, &scratch.0);
    criterion.final_summary();
    sqlite(&scratch.0);
}
