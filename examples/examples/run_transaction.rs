//! Runs a session of the gateway in memory: what a client sends goes in, what client and origin
//! would receive comes out, and records.
//!
//! `cargo run -p gateway-examples --example run_transaction`
#![expect(clippy::print_stdout, reason = "a program that shows something")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use gateway_log::{HumanLine, Limits};
use gateway_proxy::{Accepted, Clock, Dialed, Input, Output, Policy, Session, Settings, Wire};
use gateway_rules::{Action, CompileError, Layer, Options, Rule, RuleSet, Scheme};

const ORIGIN_SENDS: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

fn main() -> Result<(), CompileError> {
    for host in ["good.example", "bad.example"] {
        let (wires, records) = run(host)?;
        println!("{}\n{records}", wires.join("\n"));
    }
    Ok(())
}

/// What is written to the origin, if there is one, and to the client; and the records.
fn run(host: &str) -> Result<(Vec<String>, String), CompileError> {
    let rule = r#"http.request.host == "bad.example""#;
    let rules = vec![Rule::new("no-bad", Layer::Http, Action::Block, rule)];
    let rules = Arc::new(RuleSet::compile(&Scheme::gateway(), rules, &Options::default())?);
    let (scanners, settings) = (Vec::new(), Settings::default());
    let policy = Arc::new(Policy { rules, scanners, settings, generation: 1 });
    let now = Instant::now();
    let clock = Clock::new(now, 1_750_000_000_000_000_000, || Duration::ZERO);
    let (client, peer) = (([192, 0, 2, 7], 50_000).into(), ([198, 51, 100, 4], 80).into());
    let mut session = Session::new(Accepted { policy, clock, client, id: "1".into() }, now);

    let request =
        format!("GET http://{host}/ HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    let mut inputs = vec![Input::Bytes(Wire::Client, request.into())];
    let (mut wires, mut records) = (vec![(Wire::Client, Vec::new())], Vec::new());
    while let Some(input) = inputs.pop() {
        session.handle(input, now);
        while let Some(output) = session.poll() {
            match output {
                // A driver would connect here, and read from what it has connected to.
                Output::Dial(dial) => {
                    let (reused, connect, origin) = (false, Duration::ZERO, Wire::Origin(dial.id));
                    let dialed = Dialed { peer, local: client, reused, tls: None, connect };
                    inputs.push(Input::Bytes(origin, ORIGIN_SENDS.into()));
                    inputs.push(Input::Dialed(dial.id, Ok(dialed)));
                    wires.insert(0, (origin, Vec::new()));
                }
                Output::Record(record) => {
                    HumanLine::new(Limits::default()).encode(&record, &mut records)
                }
                _ => {}
            }
        }
        for (wire, written) in &mut wires {
            session.poll_output(*wire, written);
        }
    }
    let wires = wires.iter().map(|(_, written)| text(&written.concat())).collect();
    Ok((wires, text(&records)))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn one_host_is_served_and_one_is_blocked() {
    let (wires, records) = run("good.example").unwrap();
    assert!(wires[0].starts_with("GET / HTTP/1.1\r\n") && wires[1].ends_with("hello"));
    assert!(records.contains(" 200 "), "{records}");
    let (wires, records) = run("bad.example").unwrap();
    assert!(wires.len() == 1 && wires[0].starts_with("HTTP/1.1 403 "), "{wires:?}");
    assert!(records.contains(" 403 block "), "{records}");
}
