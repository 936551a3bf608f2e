//! The DLP scanner with 256 rules, beside Vectorscan's stream mode if `libvectorscan-dev` is
//! installed: CPU time, the best of three; a new stream for each MiB. A detection is a rule that
//! matches in a stream at least once.

#[path = "dlp_rules/corpus.rs"]
mod corpus;
#[path = "dlp_rules/rival.rs"]
mod rival;
#[path = "dlp_rules/rules.rs"]
mod rules;

use std::{collections::BTreeSet, fs, path::Path, time::Duration};

use corpus::{Corpus, corpora, hostile};
use criterion::measurement::Measurement;
use gateway_benches::{Counting, CpuTime, Dice, live_bytes};
use gateway_dlp::{Dlp, DlpBuilder, Limits, ProfileConfig, RegexEntry, WordsEntry};
use gateway_inspect::{Chain, Examiner, Findings, Part, PartKind, Unscannable, Wanted};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const STREAM_BYTES: usize = 1 << 20;
/// Bytes of a body that stay in the cache, as those do that a socket has just delivered.
const WARM_BYTES: usize = 256 << 10;
/// How often these are scanned.
const WARM_ROUNDS: usize = 24;

fn scanner(rules: &[(String, String)], words: usize) -> Dlp {
    let mut builder = DlpBuilder::new();
    let mut ids: Vec<&str> = Vec::new();
    for (name, pattern) in rules {
        builder = builder.regex(RegexEntry::new(name, name, pattern));
        ids.push(name);
    }
    if words > 0 {
        let mut dice = Dice::new(9);
        let mut word = || -> String {
            let letters = 6 + dice.below(6);
            (0..letters).map(|_| char::from(*dice.pick(b"abcdefghijklmnopqrstuvwxyz"))).collect()
        };
        builder = builder.words(WordsEntry::new("words", "Words", (0..words).map(|_| word())));
        ids.push("words");
    }
    builder.profile(ProfileConfig::new("bench", ids)).build(&Limits::default()).expect("rules")
}

fn open(dlp: &Dlp) -> Chain {
    let part = Part::root(PartKind::Unknown, None);
    Chain::new(dlp.open(&part, &Wanted::all()), &Default::default())
}

/// How a body was scanned.
struct Scan {
    seconds: f64,
    detections: u64,
    unscannable: Option<Unscannable>,
}

impl Scan {
    fn rate(&self, body: &Corpus) -> f64 {
        rate(body, self.seconds)
    }
}

fn rate(body: &Corpus, seconds: f64) -> f64 {
    body.bytes.len() as f64 / seconds / 1e6
}

fn timed<T>(run: impl FnOnce() -> T) -> (Duration, T) {
    let start = CpuTime.start();
    let result = run();
    (CpuTime.end(start), result)
}

fn scan(dlp: &Dlp, body: &Corpus, chunk: usize) -> Scan {
    scan_bytes(dlp, &body.bytes, chunk, 3)
}

/// How much of its speed at 16 KiB is left at chunks of 1,400 bytes, in percent, where the bytes are in the cache.
fn warm_share(dlp: &Dlp, body: &Corpus) -> f64 {
    let middle = body.bytes.len() / 2;
    let bytes = body.bytes.get(middle..middle + WARM_BYTES).expect("a body is longer");
    let [large, small] = [16 << 10, 1_400].map(|chunk| scan_bytes(dlp, bytes, chunk, WARM_ROUNDS));
    100.0 * large.seconds / small.seconds
}

/// The fastest of so many rounds.
fn scan_bytes(dlp: &Dlp, bytes: &[u8], chunk: usize, rounds: usize) -> Scan {
    let once = || {
        let (mut detections, mut unscannable) = (0, None);
        for stream in bytes.chunks(STREAM_BYTES) {
            let mut chain = open(dlp);
            let mut found = Findings::new(100_000);
            for bytes in stream.chunks(chunk) {
                chain.push(bytes, &mut found);
            }
            unscannable = chain.finish(&mut found).unscannable.or(unscannable);
            let ids: BTreeSet<&str> = found.as_slice().iter().map(|f| &*f.entry.id).collect();
            detections += ids.len() as u64;
        }
        (detections, unscannable)
    };
    let fastest = (0..rounds).map(|_| timed(once)).min_by_key(|run| run.0).expect("a round");
    let (time, (detections, unscannable)) = fastest;
    Scan { seconds: time.as_secs_f64(), detections, unscannable }
}

#[expect(clippy::print_stdout, reason = "it prints what it measured")]
fn main() {
    // `cargo bench -- NAME` gives its filter to every bench.
    let filters = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    if filters.into_iter().any(|filter| !"dlp_rules".contains(&filter)) {
        return;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dlp_rules");
    fs::create_dir_all(&folder).expect("a folder");
    let (rules, literals) = rules::rules();
    let (time, dlp) = timed(|| scanner(&rules, 0));
    let bodies = corpora();
    let rival = rival::run(&folder, &rules, &bodies, 16 << 10);
    let columns = "ours  1,400 B     %  in cache, %  Vectorscan  times  detections";
    println!("{} rules, MB/s           {columns}", rules.len());
    for body in &bodies {
        let (large, small) = (scan(&dlp, body, 16 << 10), scan(&dlp, body, 1_400));
        assert_eq!(large.detections, small.detections, "{}", body.name);
        let ours = large.rate(body);
        let share = 100.0 * large.seconds / small.seconds;
        let warm = warm_share(&dlp, body);
        print!("{:<20} {ours:>9.0} {:>8.0} {share:>5.0} {warm:>12.0}", body.name, small.rate(body));
        match rival.as_ref().and_then(|rival| rival.scans.get(body.name)) {
            Some((seconds, count)) => {
                let theirs = rate(body, *seconds);
                let times = ours / theirs;
                println!("{theirs:>12.0} {times:>6.1}  {} and {count}", large.detections);
            }
            None => println!("{:>12} {:>6}  {}", "-", "-", large.detections),
        }
    }
    for body in hostile(&literals) {
        let scan = scan(&dlp, &body, 16 << 10);
        let outcome = scan.unscannable.map_or("", Unscannable::name);
        println!("{:<20} {:>9.0} {outcome}", body.name, scan.rate(&body));
    }
    for count in [1_000, 100_000] {
        let dlp = scanner(&rules, count);
        let rates: Vec<_> = bodies
            .iter()
            .map(|body| format!("{:.0}", scan(&dlp, body, 16 << 10).rate(body)))
            .collect();
        println!("and {count} words: {} MB/s, {} KiB", rates.join(" "), dlp.memory_usage() >> 10);
    }
    println!("build {:.3} s, tables {} KiB", time.as_secs_f64(), dlp.memory_usage() >> 10);
    println!("idle stream {} bytes", idle_bytes(&dlp, &bodies));
    if let Some(rival) = rival {
        println!(
            "Vectorscan: build {:.3} s, tables {} KiB, stream {} bytes",
            rival.build_seconds,
            rival.table_bytes >> 10,
            rival.stream_bytes
        );
    }
}

/// Bytes that a stream holds on the heap while it waits for more, on average.
fn idle_bytes(dlp: &Dlp, bodies: &[Corpus]) -> usize {
    let before = live_bytes();
    let mut chains = Vec::with_capacity(1_000);
    let spine = live_bytes() - before;
    for at in 0..1_000 {
        let body = &bodies[at % bodies.len()].bytes;
        let mut chain = open(dlp);
        let mut found = Findings::new(100);
        let from = at * 1_000;
        chain.push(&body[from..from + 16_000], &mut found);
        chains.push(chain);
    }
    (live_bytes() - before - spine) / chains.len() + size_of::<Chain>()
}
