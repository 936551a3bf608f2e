//! The remote sinks against peers that are too heavy for every run of the checks; `cargo xtask
//! kafka` and `cargo xtask clickhouse` set them up and say where they are.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../remote/feed.rs"]
mod feed;
#[path = "../../src/scratch.rs"]
mod scratch;
#[path = "../remote/sql.rs"]
mod sql;
#[path = "../remote/topic.rs"]
mod topic;

use std::time::Instant;

use gateway_sinks::{ClickhouseConfig, KafkaConfig, Sinks};

use feed::{config, record, status, until};
use scratch::Scratch;
use sql::{post, statements};
use topic::{consume, send};

#[test]
fn a_real_broker_has_every_record() {
    let broker = std::env::var("GATEWAY_TEST_BROKER").expect("its address as host:port");
    let scratch = Scratch::new();
    let mut config = config(scratch.path());
    config.kafka = Some(KafkaConfig::new(vec![broker.clone()]));
    let start = Instant::now();
    let sinks = Sinks::start(&config).unwrap();
    send(&sinks, 20_000);
    until(&sinks, |status| status.written == 20_000);
    let rate = 20_000.0 / start.elapsed().as_secs_f64();
    let retries = status(&sinks).retries;
    assert_eq!(sinks.close(), 0);
    let seen = consume(&broker, 3, 20_000);
    println!("broker: {} keys in the topic, {rate:.0} records/s, {retries} retries", seen.len());
}

#[test]
fn the_current_engine_takes_tables_and_records() {
    let url = std::env::var("GATEWAY_TEST_CLICKHOUSE").expect("its address as http://host:port");
    let address = url.strip_prefix("http://").unwrap().parse().unwrap();
    let ask = |statement: &str| post(address, statement).unwrap();
    for statement in statements("setup.sql") {
        ask(&statement);
    }
    // The records of the test are older than those that the table keeps.
    ask("ALTER TABLE gateway.records REMOVE TTL");
    let scratch = Scratch::new();
    let mut config = config(scratch.path());
    config.clickhouse = Some(ClickhouseConfig::new(&url));
    let sinks = Sinks::start(&config).unwrap();
    for number in 0..10_000 {
        sinks.submit(record(number));
    }
    until(&sinks, |status| status.written == 10_000);
    assert_eq!(status(&sinks).retries, 0, "{:?}", status(&sinks));
    assert_eq!(sinks.close(), 0);
    let answer = ask(
        "SELECT count(), uniqExact(RequestID), any(SourceIP), any(DestinationIP), any(Actions), \
         min(WrittenAt), max(RecordType), any(JSONExtractString(Record, 'HTTPHost')) \
         FROM gateway.records FINAL",
    );
    let expected = "10000\t10000\t::ffff:192.0.2.7\t2001:db8::1\t['noscan','allow']\t\
                    2025-06-15 15:06:40.128456789\thttp\tfiles.example";
    assert_eq!(answer.trim_end(), expected);
    let answer = ask("SELECT sum(Requests), sum(BytesDown) FROM gateway.requests_by_minute");
    assert_eq!(answer.trim_end(), "10000\t123450000");
    println!("ClickHouse {}: 10000 rows", ask("SELECT version()").trim_end());
}
