//! Runs a session of the gateway in memory: what a client sends goes in, and what is to be written
//! to client and origin comes out. `cargo run -p gateway-examples --example run_transaction`
#![expect(clippy::print_stdout, reason = "a program that shows something")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use gateway_proxy::{Accepted, Clock, Dialed, Input, Output, Policy, Session, Settings, Wire};
use gateway_rules::{Action, CompileError, Layer, Options, Rule, RuleSet, Scheme};

const ORIGIN_SENDS: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

fn main() -> Result<(), CompileError> {
    for host in ["good.example", "bad.example"] {
        println!("{}\n", run(host)?.join("\n"));
    }
    Ok(())
}

/// What comes out, and what is written to whom. A driver would connect where it is told to.
fn run(host: &str) -> Result<Vec<String>, CompileError> {
    let rule = r#"http.request.host == "bad.example""#;
    let rules = vec![Rule::new("no-bad", Layer::Http, Action::Block, rule)];
    let rules = Arc::new(RuleSet::compile(&Scheme::gateway(), rules, &Options::default())?);
    let settings = Settings::default();
    let policy = Arc::new(Policy { rules, scanners: Vec::new(), settings, generation: 1 });
    let (now, client) = (Instant::now(), ([192, 0, 2, 7], 50_000).into());
    let clock = Clock::new(now, 1_750_000_000_000_000_000, || Duration::ZERO);
    let (id, known) = ("1".into(), Default::default());
    let mut session = Session::new(Accepted { policy, clock, client, id, known }, now);
    let request = format!("GET http://{host}/ HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let mut inputs = vec![Input::Bytes(Wire::Client, request.into())];
    let (mut wires, mut told) = (vec![Wire::Client], Vec::new());
    while let Some(input) = inputs.pop() {
        session.handle(input, now);
        while let Some(output) = session.poll() {
            if let Output::Dial(dial) = &output {
                let (peer, connect) = (([198, 51, 100, 4], 80).into(), Duration::ZERO);
                let dialed = Dialed { peer, local: client, reused: false, tls: None, connect };
                inputs.push(Input::Bytes(Wire::Origin(dial.id), ORIGIN_SENDS.into()));
                inputs.push(Input::Dialed(dial.id, Ok(dialed)));
                wires.push(Wire::Origin(dial.id));
            }
            told.push(format!("{output:?}"));
        }
        for wire in &wires {
            let mut written = Vec::new();
            session.poll_output(*wire, &mut written);
            told.push(format!("{wire:?}: {}", String::from_utf8_lossy(&written.concat())));
        }
    }
    Ok(told)
}

#[test]
fn one_host_is_served_and_one_is_blocked() {
    let (good, bad) = (run("good.example").unwrap(), run("bad.example").unwrap());
    assert!(good.iter().any(|told| told.starts_with("Client: HTTP/1.1 200")), "{good:?}");
    assert!(bad.iter().any(|told| told.starts_with("Client: HTTP/1.1 403")), "{bad:?}");
}
