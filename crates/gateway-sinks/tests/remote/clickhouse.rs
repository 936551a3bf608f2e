//! ClickHouse 18.16, as Debian has it: a process of the test's own on a free port of loopback, with
//! its own configuration and data.

mod server;

use std::time::Duration;

use gateway_log::{Record, RecordKind};
use gateway_sinks::{ClickhouseColumns, ClickhouseConfig, Config, SecretSource, Sinks};

use self::server::Server;
use crate::feed::{config, record, status, until};
use crate::outage::Outage;
use crate::scratch::Scratch;

fn sinks_config(server: &Server, scratch: &Scratch) -> Config {
    let mut config = config(scratch.path());
    let mut clickhouse = ClickhouseConfig::new(server.url());
    clickhouse.columns = ClickhouseColumns::Assumed;
    clickhouse.timeout = Duration::from_secs(5);
    clickhouse.gather = Duration::from_millis(200);
    config.clickhouse = Some(clickhouse);
    config
}

#[test]
fn what_is_written_reads_back() {
    let scratch = Scratch::new();
    let server = Server::start(scratch.path());
    server.set_up();
    let sinks = Sinks::start(&sinks_config(&server, &scratch)).unwrap();
    let mut first = record(1);
    first.inspection.upload_dlp.profiles = vec!["financial".into(), "it's".into()];
    sinks.submit(first);
    let mut session = Record::new(RecordKind::Session);
    session.session_id = "session-1".into();
    session.started_ns = 7;
    sinks.submit(session);
    assert_eq!(sinks.close(), 0, "the end delivers what waits");
    let answer = server.ask(
        "SELECT RecordType, Datetime, WrittenAt, RequestID, SessionID, Actions, hex(SourceIP), \
         hex(DestinationIP), DestinationPort, HTTPStatusCode, UploadMatchedDlpProfiles, Interim, \
         ClientBytesSent, URL, visitParamExtractString(Record, 'HTTPHost') \
         FROM gateway.records ORDER BY RecordType FORMAT TSV",
    );
    let http = [
        "http",
        "1750000000123456790",
        "1750000000128456790",
        "request-0000000001",
        "session-1",
        "['noscan','allow']",
        "00000000000000000000FFFFC0000207",
        "20010DB8000000000000000000000001",
        "443",
        "200",
        r"['financial','it\'s']",
        "0",
        "12345",
        "https://files.example/path/1?q=\"ü\"",
        "files.example",
    ];
    let lines: Vec<&str> = answer.lines().collect();
    assert_eq!(lines.len(), 2, "{answer}");
    assert_eq!(lines[0].split('\t').collect::<Vec<_>>(), http);
    assert!(lines[1].starts_with("session\t7\t7\t\tsession-1\t[]\t0000"), "{}", lines[1]);
}

#[test]
fn a_server_that_refuses_is_tried_again_and_twice_is_once() {
    let scratch = Scratch::new();
    let server = Server::start(scratch.path());
    let password = scratch.path().join("password");
    std::fs::write(&password, "wrong\n").unwrap();
    let mut config = sinks_config(&server, &scratch);
    if let Some(clickhouse) = &mut config.clickhouse {
        clickhouse.user = server::USER.into();
        clickhouse.password = Some(SecretSource::File(password.clone()));
    }
    let sinks = Sinks::start(&config).unwrap();
    for number in 0..100 {
        sinks.submit(record(number));
    }
    until(&sinks, |status| status.spooled == 100 && status.retries > 1);
    let error = status(&sinks).last_error.unwrap();
    assert!(error.message.contains("password") && !error.message.contains("wrong"), "{error:?}");
    sinks.close();

    std::fs::write(&password, server::PASSWORD).unwrap();
    let sinks = Sinks::start(&config).unwrap();
    until(&sinks, |status| status.retries > 0);
    let error = status(&sinks).last_error.unwrap();
    assert!(error.message.contains("gateway"), "there is no table yet: {error:?}");
    server.set_up();
    until(&sinks, |status| status.written == 100 && status.spooled == 0);
    for number in 0..100 {
        sinks.submit(record(number));
    }
    until(&sinks, |status| status.written == 200);
    assert_eq!(sinks.close(), 0);
    server.ask("OPTIMIZE TABLE gateway.records FINAL");
    assert_eq!(server.ask("SELECT count() FROM gateway.records FINAL").trim(), "100");
}

#[test]
fn an_outage_loses_nothing() {
    let scratch = Scratch::new();
    let server = std::cell::RefCell::new(Server::start(scratch.path()));
    server.borrow().set_up();
    let sinks = Sinks::start(&sinks_config(&server.borrow(), &scratch)).unwrap();
    let down = || server.borrow_mut().stop();
    let up = || server.borrow_mut().start_again();
    let sent = Outage::new().run("clickhouse", sinks, down, up);
    let server = server.into_inner();
    let ask = |what: &str| {
        let answer = server.ask(&format!("SELECT {what} FROM gateway.records"));
        answer.trim().parse::<u32>().unwrap()
    };
    let (keys, rows) = (ask("uniqExact(RequestID)"), ask("count()"));
    println!("clickhouse: {keys} keys in the table, {} rows more than once", rows - keys);
    assert_eq!(keys, sent);
}
