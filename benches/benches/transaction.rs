//! A whole transaction in memory: a request with an absolute target through a session to its
//! origin and back, with 1,000 rules that do not match, with and without scanners; and the record.

use std::hint::black_box;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use criterion::{BenchmarkId, Criterion, Throughput};
use gateway_av::DatabaseBuilder;
use gateway_benches::{CpuTime, REQUEST, bodies, criterion};
use gateway_dlp::{DlpBuilder, Limits, ProfileConfig};
use gateway_inspect::HoldPolicy;
use gateway_log::RecordKind;
use gateway_proxy::{
    Accepted, Clock, Dialed, Input, OriginId, Output, Policy, Scanner, Session, Settings, Wire,
};
use gateway_rules::{Action, Layer, Options, Rule, RuleSet, Scheme};

const CLIENT: ([u8; 4], u16) = ([192, 0, 2, 7], 50_000);
const ORIGIN: ([u8; 4], u16) = ([198, 51, 100, 4], 80);
const READ_BYTES: usize = 16 << 10;

fn policy(rules: usize, scanners: Vec<Scanner>) -> Arc<Policy> {
    let host = |number| format!(r#"http.request.host == "host-{number}.example""#);
    let block = |number| Rule::new(format!("r{number}"), Layer::Http, Action::Block, host(number));
    let mut rules: Vec<Rule> = (0..rules).map(block).collect();
    if !scanners.is_empty() {
        let found = "av.infected or dlp.count > 1000";
        rules.push(Rule::new("found", Layer::Http, Action::Block, found));
    }
    let rules = RuleSet::compile(&Scheme::gateway(), rules, &Options::default());
    let rules = Arc::new(rules.expect("valid rules"));
    Arc::new(Policy { rules, scanners, settings: Settings::default(), generation: 1 })
}

fn scanners() -> Vec<Scanner> {
    let entries = ["aws_access_key", "github_token", "payment_card", "private_key", "us_ssn"];
    let dlp = DlpBuilder::new().profile(ProfileConfig::new("default", entries));
    let dlp = Arc::new(dlp.build(&Limits::default()).expect("known entries"));
    let dlp = Scanner { name: gateway_dlp::SCANNER, examiner: dlp, hold: HoldPolicy::Pass };
    let av = DatabaseBuilder::default().build().examiners().into_iter().map(|examiner| Scanner {
        name: gateway_av::SCANNER,
        examiner,
        hold: HoldPolicy::Tail(64 << 10),
    });
    std::iter::once(dlp).chain(av).collect()
}

/// A session that is kept alive, and the driver's side of it.
struct Driver {
    session: Session,
    now: Instant,
    origin: Option<Wire>,
    written: Vec<Bytes>,
    records: usize,
}

impl Driver {
    fn new(policy: &Arc<Policy>) -> Self {
        let (policy, now) = (Arc::clone(policy), Instant::now());
        let clock = Clock::new(now, 1_750_000_000_000_000_000, || Duration::ZERO);
        let (id, known) = ("s".into(), Default::default());
        let accepted = Accepted { policy, clock, client: CLIENT.into(), id, known };
        let (session, written) = (Session::new(accepted, now), Vec::new());
        Self { session, now, origin: None, written, records: 0 }
    }

    /// One input, and all that it causes: the origin to connect to, if there is one, and how many
    /// bytes are written to `to`.
    fn put(&mut self, input: Input, to: Wire) -> (Option<OriginId>, usize) {
        let (mut dialed, mut bytes, mut input) = (None, 0, Some(input));
        while let Some(next) = input.take() {
            self.session.handle(next, self.now);
            while let Some(output) = self.session.poll() {
                match output {
                    Output::Dial(dial) => dialed = Some(dial.id),
                    Output::Again => input = Some(Input::Again),
                    Output::Record(record) => {
                        self.records += usize::from(black_box(record).kind == RecordKind::Http);
                    }
                    _ => {}
                }
            }
            bytes += self.session.poll_output(to, &mut self.written);
            self.written.clear();
        }
        (dialed, bytes)
    }

    fn connect(&mut self, input: Input) -> usize {
        let (dialed, _) = self.put(input, Wire::Client);
        let id = dialed.expect("an origin to connect to");
        let (peer, local) = (SocketAddr::from(ORIGIN), SocketAddr::from(CLIENT));
        let (reused, tls, connect) = (false, None, Duration::ZERO);
        let dialed = Dialed { peer, local, reused, tls, connect };
        self.origin = Some(Wire::Origin(id));
        self.put(Input::Dialed(id, Ok(dialed)), Wire::Origin(id)).1
    }

    /// One exchange over a connection that stands, but for the first: how many bytes the client
    /// is sent.
    fn exchange(&mut self, request: &Bytes, head: &Bytes, body: &Bytes) -> usize {
        let input = Input::Bytes(Wire::Client, request.clone());
        let sent = match self.origin {
            Some(wire) => self.put(input, wire).1,
            None => self.connect(input),
        };
        assert!(sent > 100, "the request was not passed on");
        let wire = self.origin.expect("a connection");
        let mut received = self.put(Input::Bytes(wire, head.clone()), Wire::Client).1;
        for start in (0..body.len()).step_by(READ_BYTES) {
            let piece = body.slice(start..body.len().min(start + READ_BYTES));
            received += self.put(Input::Bytes(wire, piece), Wire::Client).1;
        }
        received
    }
}

fn exchanges(criterion: &mut Criterion<CpuTime>) {
    let request = std::str::from_utf8(REQUEST).expect("text");
    let request = request.replacen("GET /", "GET http://images.travel.example/", 1);
    let request = Bytes::from(request.into_bytes());
    let policies = [
        ("no rules", policy(0, Vec::new())),
        ("1,000 rules", policy(1_000, Vec::new())),
        ("1,000 rules, DLP and AV", policy(1_000, scanners())),
    ];
    for (name, policy) in policies {
        let mut group = criterion.benchmark_group(format!("transaction, {name}"));
        for body_bytes in [1 << 10, 1 << 20] {
            let [text, ..] = bodies(body_bytes);
            let body = Bytes::from(text.bytes);
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {body_bytes}\r\n\r\n"
            );
            let head = Bytes::from(head.into_bytes());
            group.throughput(Throughput::Bytes(body_bytes as u64));
            group.bench_function(BenchmarkId::from_parameter(body_bytes), |bencher| {
                let mut driver = Driver::new(&policy);
                bencher.iter(|| {
                    driver.records = 0;
                    let received = driver.exchange(&request, &head, &body);
                    assert!(received > body_bytes, "{received} bytes");
                    assert_eq!(driver.records, 1);
                });
            });
        }
        group.finish();
    }
}

fn main() {
    let mut criterion = criterion().configure_from_args();
    exchanges(&mut criterion);
    criterion.final_summary();
}
