//! Lists of a million entries: what they take in memory, how long they take to build, to ask and to
//! change, beside a set of strings and a sorted vector.
#![expect(clippy::print_stdout, reason = "a bench tells its figures")]

use std::collections::HashSet;
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use gateway_benches::{Counting, Dice, Spent, live_bytes, spent, spent_once};
use gateway_rules::{List, ListBuilder, ListFormat, ListKind, ListSeed, Value};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const ENTRIES: usize = 1_000_000;
/// So many that what is asked for is not in the caches.
const ASKED: usize = 4096;
const SEED: ListSeed = ListSeed::new([0x1234_5678, 0x9abc_def0, 0x0fed_cba9]);

fn domains(dice: &mut Dice) -> Vec<String> {
    let tops = ["com", "net", "org", "io", "ru", "xyz", "top", "info", "co.uk", "cn"];
    let domain = |number: usize| {
        let letters = 5 + dice.below(12);
        let label: String = (0..letters).map(|_| char::from(b'a' + dice.below(26) as u8)).collect();
        format!("{label}{}.{}", number % 9, dice.pick(&tops))
    };
    (0..ENTRIES).map(domain).collect()
}

/// Hosts of three to five labels, of which a quarter is listed.
fn hosts(domains: &[String]) -> Vec<Value> {
    let host = |number: usize| match number % 4 {
        0 => Value::from(format!("cdn.assets.{}", domains[(number * 199 + 7) % domains.len()])),
        _ => Value::from(format!("www.sub{number}.miss{}.example{}.com", number * 31, number % 13)),
    };
    (0..ASKED).map(host).collect()
}

fn row(name: &str, bytes: usize, entries: usize, built_ms: f64, spent: Spent) {
    println!(
        "{name:<44} {:>7.2} MiB {:>6.1} B/entry   built in {built_ms:>6.0} ms   asked {:>6.1} ns least {:>6.1} ns median",
        bytes as f64 / f64::from(1 << 20),
        bytes as f64 / entries as f64,
        spent.least_ns,
        spent.median_ns
    );
}

/// Builds, and gives what was built, its bytes and milliseconds.
fn built<T>(build: impl FnOnce() -> T) -> (T, usize, f64) {
    let before = live_bytes();
    let (made, took) = spent_once(build);
    (made, live_bytes() - before, took.as_secs_f64() * 1e3)
}

fn read(kind: ListKind, format: ListFormat, file: &[u8]) -> List {
    let mut builder = ListBuilder::new(kind, SEED);
    let report = builder.read(format, file);
    assert_eq!(report.faults_count, 0, "{:?}", report.faults.first());
    builder.build()
}

fn asked(list: &List, values: &[Value]) -> Spent {
    let mut next = 0;
    spent(|| {
        next = (next + 1) % values.len();
        list.holds(black_box(&values[next]))
    })
}

fn of_domains() {
    let domains = domains(&mut Dice::new(42));
    let hosts = hosts(&domains);
    let file = domains.join("\n");
    let (list, bytes, ms) = built(|| read(ListKind::Domain, ListFormat::Plain, file.as_bytes()));
    row("1M domains, every parent asked", bytes, list.len(), ms, asked(&list, &hosts));
    let found = hosts.iter().filter(|host| list.holds(host)).count();
    assert_eq!(found, ASKED / 4);

    let come: Vec<String> = (0..1_000).map(|number| format!("come{number}.example")).collect();
    let come: Vec<&str> = come.iter().map(String::as_str).collect();
    let go: Vec<&str> = domains.iter().step_by(1_000).map(String::as_str).collect();
    let changes = (0..20).map(|_| spent_once(|| list.changed(&come, &go).expect("names")).1);
    let least = changes.min().unwrap_or_default();
    println!("    1,000 come and 1,000 go: {:.2} ms", least.as_secs_f64() * 1e3);

    let (set, bytes, ms) = built(|| file.lines().map(str::to_owned).collect::<HashSet<String>>());
    let mut next = 0;
    let spent = spent(|| {
        next = (next + 1) % hosts.len();
        let Value::Bytes(host) = black_box(&hosts[next]) else { return false };
        let host = std::str::from_utf8(host).unwrap_or_default();
        let mut name = Some(host);
        while let Some(one) = name {
            if set.contains(one) {
                return true;
            }
            name = one.split_once('.').map(|(_, parent)| parent);
        }
        false
    });
    row("  HashSet<String>", bytes, set.len(), ms, spent);
}

fn of_texts() {
    let mut dice = Dice::new(7);
    let digest = |_| (0..4).map(|_| format!("{:016x}", dice.roll())).collect::<String>();
    let digests: Vec<String> = (0..ENTRIES).map(digest).collect();
    let values: Vec<Value> = (0..ASKED)
        .map(|number| match number % 4 {
            0 => Value::from(digests[number * 199].to_uppercase()),
            _ => Value::from(format!("{number:064x}")),
        })
        .collect();
    let file = digests.join("\n");
    let (list, bytes, ms) = built(|| read(ListKind::Hash, ListFormat::Plain, file.as_bytes()));
    row("1M digests of SHA-256", bytes, list.len(), ms, asked(&list, &values));
    let urls: Vec<String> = (0..ENTRIES)
        .map(|number| format!("site{}.example/path/{number}", number % 50_000))
        .collect();
    let values: Vec<Value> = (0..ASKED)
        .map(|number| match number % 4 {
            0 => Value::from(format!("https://{}/more?x=1", urls[number * 199])),
            _ => Value::from(format!("https://www.miss{number}.example/a/b/c?d=e")),
        })
        .collect();
    let file = urls.join("\n");
    let (list, bytes, ms) = built(|| read(ListKind::Url, ListFormat::Plain, file.as_bytes()));
    row("1M URLs with paths", bytes, ENTRIES, ms, asked(&list, &values));
}

fn of_networks() {
    let mut dice = Dice::new(42);
    let network = |_| {
        let prefix = 16 + dice.below(17) as u32;
        let address = dice.roll() as u32 & u32::MAX.checked_shl(32 - prefix).unwrap_or(0);
        (address, prefix)
    };
    let networks: Vec<(u32, u32)> = (0..ENTRIES).map(network).collect();
    let lines: Vec<String> = networks
        .iter()
        .map(|(first, prefix)| format!("{}/{prefix}", Ipv4Addr::from(*first)))
        .collect();
    let values: Vec<Value> = (0..ASKED)
        .map(|number| {
            let known = networks[(number * 241) % networks.len()].0;
            Ipv4Addr::from(if number % 2 == 0 { known } else { dice.roll() as u32 })
        })
        .map(|address| Value::Ip(IpAddr::V4(address)))
        .collect();
    let file = lines.join("\n");
    let (list, bytes, ms) = built(|| read(ListKind::Ip, ListFormat::Plain, file.as_bytes()));
    row("1M networks of IPv4", bytes, ENTRIES, ms, asked(&list, &values));
    let come: Vec<&str> = lines.iter().rev().take(1_000).map(String::as_str).collect();
    let changes = (0..10).map(|_| spent_once(|| list.changed(&come, &come).expect("networks")).1);
    let least = changes.min().unwrap_or_default();
    println!("    1,000 come and 1,000 go: {:.2} ms", least.as_secs_f64() * 1e3);

    let (sorted, bytes, ms) = built(|| {
        let mut ranges: Vec<(u32, u32)> = networks
            .iter()
            .map(|(first, prefix)| (*first, first | u32::MAX.checked_shr(*prefix).unwrap_or(0)))
            .collect();
        ranges.sort_unstable();
        ranges.dedup_by(|range, before| {
            let is_one = range.0 <= before.1;
            before.1 = if is_one { before.1.max(range.1) } else { before.1 };
            is_one
        });
        ranges.shrink_to_fit();
        ranges
    });
    let mut next = 0;
    let spent = spent(|| {
        next = (next + 1) % values.len();
        let Value::Ip(IpAddr::V4(address)) = black_box(&values[next]) else { return false };
        let address = u32::from(*address);
        let behind = sorted.partition_point(|(first, _)| *first <= address);
        behind > 0 && address <= sorted[behind - 1].1
    });
    row("  sorted ranges, searched by halves", bytes, ENTRIES, ms, spent);
}

fn of_networks_v6() {
    let mut dice = Dice::new(43);
    let network = |_| {
        let address = u128::from(dice.roll()) << 64 >> 3 | 1 << 125;
        let prefix = 32 + dice.below(33) as u32;
        Ipv6Addr::from(address & (u128::MAX << (128 - prefix))).to_string() + &format!("/{prefix}")
    };
    let lines: Vec<String> = (0..ENTRIES).map(network).collect();
    let values: Vec<Value> = (0..ASKED)
        .map(|number| match number % 2 {
            0 => {
                let network = lines[(number * 241) % lines.len()].split('/').next().unwrap_or("::");
                network.parse::<Ipv6Addr>().expect("an address")
            }
            _ => Ipv6Addr::from(u128::from(dice.roll()) << 64 >> 3 | 1 << 125),
        })
        .map(|address| Value::Ip(IpAddr::V6(address)))
        .collect();
    let file = lines.join("\n");
    let (list, bytes, ms) = built(|| read(ListKind::Ip, ListFormat::Plain, file.as_bytes()));
    row("1M networks of IPv6", bytes, ENTRIES, ms, asked(&list, &values));
}

fn main() {
    of_domains();
    of_texts();
    of_networks();
    of_networks_v6();
}
