//! What is written is found again, by day, filter and minute; old days go.

use gateway_log::{Action, RecordKind};

use super::question::MINUTE_NS;
use super::*;
use crate::counters::{Counters, unix_ns};
use crate::entry::{Entry, Reads};
use crate::queue::Writer;
use crate::scratch::Scratch;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

const DAY_NS: u64 = 24 * 60 * MINUTE_NS;

fn store(config: &SqliteConfig) -> (Store, Arc<Counters>) {
    let counters = Arc::new(Counters::default());
    (Store::open(config.clone(), Arc::clone(&counters)).unwrap(), counters)
}

fn record(id: &str, time_ns: u64) -> gateway_log::Record {
    let mut record = gateway_log::Record::new(RecordKind::Http);
    record.request_id = id.into();
    record.session_id = "s1".into();
    record.ended_ns = time_ns;
    record.decision.action = Some(Action::Allow);
    record.http.host = "Files.Example:8443".into();
    record.http.version = "HTTP/1.1".into();
    record.http.url = format!("https://files.example/{id}").into();
    record.http.status = Some(200);
    record.client.addr = Some(([192, 0, 2, 7], 1).into());
    record.bytes.to_client = Some(100);
    record.timings.total_ms = Some(5);
    record
}

fn write(store: &mut Store, counters: &Counters, record: gateway_log::Record) {
    counters.held.fetch_add(1, Ordering::Relaxed);
    store.write(Arc::new(Entry::new(Box::new(record), Reads::Record)), 0);
}

fn ids(found: &[Found]) -> Vec<String> {
    let id = |found: &Found| {
        let json: serde_json::Value = serde_json::from_str(&found.json).unwrap();
        json["RequestID"].as_str().unwrap_or_default().to_owned()
    };
    found.iter().map(id).collect()
}

/// Three days with one record each, and one that was blocked on the last of them.
fn three_days(scratch: &Scratch, base_ns: u64) -> SqliteConfig {
    let mut config = SqliteConfig::new(scratch.path().join("log"));
    config.days_max = 20_000;
    let (mut store, counters) = store(&config);
    for (day, id) in ["one", "two", "three"].into_iter().enumerate() {
        write(&mut store, &counters, record(id, base_ns + u64::try_from(day).unwrap() * DAY_NS));
    }
    let mut blocked = record("four", base_ns + 2 * DAY_NS + 1);
    blocked.decision.action = Some(Action::Block);
    blocked.decision.policy_id = "cards".into();
    blocked.http.host = "[2001:DB8::1]:443".into();
    blocked.http.status = Some(403);
    write(&mut store, &counters, blocked);
    store.finish(0);
    let status = counters.status("sqlite", 0);
    assert_eq!((status.written, status.queued, status.dropped), (4, 0, 0), "{status:?}");
    config
}

const BASE_NS: u64 = 1_750_000_000_000_000_000;

#[test]
fn the_last_records_come_first_over_all_days() {
    let scratch = Scratch::new();
    let config = three_days(&scratch, BASE_NS);
    let archive = Archive::new(&config.folder);
    let ask = |filter: Filter, max| ids(&archive.last(&filter, max).unwrap());
    let any = Filter::default;
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(ask(any(), 10), ["four", "three", "two", "one"]);
    assert_eq!(ask(any(), 3), ["four", "three", "two"]);
    assert_eq!(ask(any(), 0), [""; 0]);
    for (filter, expected) in [
        (Filter { until_ns: Some(BASE_NS + DAY_NS), ..any() }, &["one"][..]),
        (
            Filter {
                from_ns: Some(BASE_NS + DAY_NS),
                until_ns: Some(BASE_NS + 2 * DAY_NS),
                ..any()
            },
            &["two"],
        ),
        (Filter { action: text("block"), ..any() }, &["four"]),
        (Filter { policy_id: text("cards"), ..any() }, &["four"]),
        (Filter { host: text("[2001:db8::1]"), ..any() }, &["four"]),
        (
            Filter { host: text("files.example"), action: text("allow"), ..any() },
            &["three", "two", "one"],
        ),
        (Filter { status: Some(403), ..any() }, &["four"]),
        (Filter { kind: Some(RecordKind::Session), ..any() }, &[]),
        (Filter { source_ip: text("192.0.2.7"), text: text("EXAMPLE/TWO"), ..any() }, &["two"]),
        (Filter { text: text("_wo"), ..any() }, &[]),
        (
            Filter { protocol: text("HTTP/1.1"), session_id: text("s1"), ..any() },
            &["four", "three", "two", "one"],
        ),
        (Filter { host: text("' OR 1=1 --"), ..any() }, &[]),
    ] {
        assert_eq!(ask(filter.clone(), 10), expected, "{filter:?}");
    }
    assert_eq!(ids(&archive.by_id("two").unwrap()), ["two"]);
    assert_eq!(ids(&archive.by_id("nine").unwrap()), [""; 0]);
    let found = archive.by_id("one").unwrap();
    assert_eq!(found[0].time_ns, BASE_NS);
    assert!(Archive::new(scratch.path().join("none")).last(&any(), 1).unwrap().is_empty());
}

#[test]
fn minutes_are_summed_up() {
    let scratch = Scratch::new();
    let base_ns = BASE_NS / MINUTE_NS * MINUTE_NS;
    let config = SqliteConfig { days_max: 20_000, ..SqliteConfig::new(scratch.path()) };
    // Three runs, so that sums are added to those in the file.
    for run in 0..3 {
        let (mut store, counters) = store(&config);
        for number in 0..10 {
            let mut record = record("id", base_ns + number % 2 * MINUTE_NS);
            if number == 0 {
                record.decision.action = Some(Action::Block);
                record.decision.policy_id = "cards".into();
            }
            record.interim = number == 9;
            write(&mut store, &counters, record);
        }
        let mut session = gateway_log::Record::new(RecordKind::Session);
        session.ended_ns = base_ns;
        session.client.transport = Some(gateway_log::Transport::Udp);
        write(&mut store, &counters, session);
        store.finish(run);
    }
    let archive = Archive::new(&config.folder);
    let minutes = Minutes::of(base_ns, base_ns + MINUTE_NS);
    let minute = base_ns / MINUTE_NS;
    let http = Filter { kind: Some(RecordKind::Http), ..Filter::default() };
    let shown = |points: Vec<Point>| -> Vec<(u64, String, u64, u64)> {
        let show = |p: Point| (p.minute - minute, p.value, p.sum.records, p.sum.blocked);
        points.into_iter().map(show).collect()
    };
    let point =
        |minute, value: &str, records, blocked| (minute, value.to_owned(), records, blocked);
    assert_eq!(
        shown(archive.series(Dimension::Action, &minutes, &http).unwrap()),
        [point(0, "allow", 12, 0), point(0, "block", 3, 3), point(1, "allow", 12, 0)]
    );
    assert_eq!(
        shown(archive.top(Dimension::Action, &minutes, &http, 1).unwrap()),
        [point(0, "allow", 24, 0)]
    );
    assert_eq!(
        shown(archive.top(Dimension::Policy, &minutes, &http, 9).unwrap()),
        [point(0, "", 24, 0), point(0, "cards", 3, 3)]
    );
    assert_eq!(
        shown(archive.top(Dimension::Protocol, &minutes, &Filter::default(), 9).unwrap()),
        [point(0, "HTTP/1.1", 27, 3), point(0, "udp", 3, 0)]
    );
    let hosts = archive.top(Dimension::Host, &minutes, &http, 9).unwrap();
    assert_eq!((hosts[0].value.as_str(), hosts.len()), ("files.example", 1));
    assert_eq!((hosts[0].sum.bytes_down, hosts[0].sum.total_ms), (2_700, 135));
    let later = Minutes::of(base_ns + 2 * MINUTE_NS, base_ns + 9 * MINUTE_NS);
    assert_eq!(archive.series(Dimension::Host, &later, &http).unwrap(), []);
}

#[test]
fn a_flood_of_hosts_stays_small() {
    let scratch = Scratch::new();
    let config = SqliteConfig { days_max: 20_000, ..SqliteConfig::new(scratch.path()) };
    let (mut store, counters) = store(&config);
    for number in 0..3_000 {
        let mut record = record("id", BASE_NS);
        record.http.host = format!("h{number}.example").into();
        write(&mut store, &counters, record);
    }
    store.finish(0);
    let archive = Archive::new(&config.folder);
    let minutes = Minutes::of(BASE_NS, BASE_NS);
    let hosts = archive.top(Dimension::Host, &minutes, &Filter::default(), 9_999).unwrap();
    assert_eq!(hosts.len(), 1_001);
    assert_eq!((hosts[0].value.as_str(), hosts[0].sum.records), ("", 2_000));
}

#[test]
fn old_days_go_by_age_and_by_size() {
    let scratch = Scratch::new();
    let now_ns = unix_ns();
    let mut config = three_days(&scratch, now_ns - 3 * DAY_NS);
    let archive = Archive::new(&config.folder);
    let left = || ids(&archive.last(&Filter::default(), 10).unwrap());
    assert_eq!(left(), ["four", "three", "two", "one"]);
    config.days_max = 3;
    drop(store(&config));
    assert_eq!(left(), ["four", "three", "two"]);
    let files = std::fs::read_dir(&config.folder).unwrap();
    let bytes: u64 = files.map(|file| file.unwrap().metadata().unwrap().len()).sum();
    config.bytes_max = bytes - 1;
    drop(store(&config));
    assert_eq!(left(), ["four", "three"], "the oldest day is one too many");
    config.bytes_max = 1;
    let (mut store, counters) = store(&config);
    assert_eq!(left(), [""; 0]);
    write(&mut store, &counters, record("more", now_ns));
    store.finish(0);
    let status = counters.status("sqlite", 0);
    assert_eq!((status.dropped, status.written), (1, 0), "today alone is beyond the cap");
    assert!(status.last_error.unwrap().message.contains("of today"));
}

#[test]
fn a_broken_file_is_moved_aside_and_a_failing_disk_is_tried_again() {
    let scratch = Scratch::new();
    let config = SqliteConfig { days_max: 20_000, ..SqliteConfig::new(scratch.path()) };
    let (mut store, counters) = store(&config);
    let file = scratch.path().join("records-2025-06-15.db");
    std::fs::write(&file, "this is no database, and longer than its header is: ".repeat(20))
        .unwrap();
    write(&mut store, &counters, record("one", BASE_NS));
    store.turn(1_000);
    assert_eq!(counters.status("sqlite", 0).written, 1);
    let names = std::fs::read_dir(scratch.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let is_aside = |name: &std::ffi::OsString| {
        name.to_string_lossy().starts_with("records-2025-06-15.db.broken-")
    };
    assert_eq!(names.filter(is_aside).count(), 1);

    // A folder where the next day's file should be.
    let next = scratch.path().join("records-2025-06-16.db");
    std::fs::create_dir(&next).unwrap();
    write(&mut store, &counters, record("two", BASE_NS + DAY_NS));
    store.turn(2_000);
    let status = counters.status("sqlite", 0);
    assert_eq!((status.written, status.queued, status.retries), (1, 1, 1));
    assert_eq!(store.deadline_ms(), Some(3_000));
    std::fs::remove_dir(&next).unwrap();
    store.turn(3_000);
    let status = counters.status("sqlite", 0);
    assert_eq!((status.written, status.queued), (2, 0));
    assert!(status.last_error.unwrap().is_over);
}

#[test]
fn a_question_that_takes_too_long_is_broken_off() {
    let scratch = Scratch::new();
    let config = SqliteConfig { days_max: 20_000, ..SqliteConfig::new(scratch.path()) };
    let (mut store, counters) = store(&config);
    for _ in 0..5_000 {
        write(&mut store, &counters, record("id", BASE_NS));
    }
    store.finish(0);
    let archive = Archive::new(&config.folder).with_limit(Duration::ZERO);
    let filter = Filter { text: Some("nowhere".into()), ..Filter::default() };
    let error = archive.last(&filter, 1).unwrap_err();
    assert!(matches!(error, QueryError::TooLong { limit_ms: 0 }), "{error}");
}
