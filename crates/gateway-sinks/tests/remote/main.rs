//! The remote sinks against real peers: librdkafka's mock cluster and ClickHouse 18.16 of Debian.
//! Nothing is lost while these refuse, answer with errors, or are gone for a while.
#![expect(clippy::print_stdout, reason = "an outage tells its figures")]
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

mod clickhouse;
mod feed;
mod kafka;
mod outage;
#[path = "../../src/scratch.rs"]
mod scratch;
mod sql;
mod topic;
