//! A session driven by a script: whatever comes from client and origin, in whatever order, with
//! whatever answers to what it asks for, it never panics, comes to rest after every input, writes
//! one record for each transaction and one for itself, and does the same again.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use gateway_av::DatabaseBuilder;
use gateway_dlp::{DlpBuilder, Limits, ProfileConfig};
use gateway_h1h2::StreamId;
use gateway_inspect::HoldPolicy;
use gateway_log::{CloseReason, Record, RecordKind, WorkerOutcome};
use gateway_proxy::{
    Accepted, Clock, DialError, Dialed, Flow, FlowToken, Flows, Input, Invocation, Invoke, OnError,
    OriginId, OriginTls, Output, Policy, Scanner, Security, Session, Settings, UnknownProtocol,
    Wire, WorkerPolicy,
};
use gateway_rules::{Action, KeepPath, Layer, Options, Redirect, Rule, RuleSet, Scheme};

const CLIENT: SocketAddr = SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7)), 5000);
const ADDRESS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, 4));

/// Outputs that one input may cause: more is a loop without end.
const OUTPUTS_MAX: usize = 10_000;

static POLICIES: LazyLock<[Arc<Policy>; 4]> = LazyLock::new(|| {
    [
        policy(&[], UnknownProtocol::Refuse, HoldPolicy::Pass),
        policy(RULES, UnknownProtocol::Refuse, HoldPolicy::Tail(16)),
        policy(RULES, UnknownProtocol::Relay, HoldPolicy::Whole),
        policy(
            &RULES[1..3],
            UnknownProtocol::Relay,
            HoldPolicy::Trickle { bytes: 4, every_ms: 100 },
        ),
    ]
});

/// Filters with the number of their action.
const RULES: &[(Layer, u8, &str)] = &[
    (Layer::Network, 0, r#"any(http.conn.dst_ip[*] in {10.0.0.0/8})"#),
    (Layer::Http, 5, "dlp.upload.count > 0"),
    (Layer::Http, 0, "dlp.download.count > 1"),
    (Layer::Http, 5, "av.infected"),
    (Layer::Http, 0, r#"http.request.host == "bad.example""#),
    (Layer::Http, 1, r#"net.sni.host == "tunnel.example""#),
    (Layer::Http, 2, r#"http.request.uri.path == "/old""#),
    (Layer::Http, 3, r#"http.request.host == "quick.example""#),
    (Layer::Http, 0, "http.response.status_code == 500"),
    (Layer::Http, 4, r#"http.request.host == "worker.example""#),
];

fn policy(rules: &[(Layer, u8, &str)], unknown: UnknownProtocol, hold: HoldPolicy) -> Arc<Policy> {
    let rule = |(number, &(layer, action, filter)): (usize, &(Layer, u8, &str))| {
        let action = match action {
            0 => Action::Block,
            1 => Action::DoNotInspect,
            2 => Action::Redirect(Redirect {
                to: "https://new.example/".into(),
                keep: KeepPath::PathAndQuery,
            }),
            3 => Action::NoScan,
            5 => Action::Quarantine,
            _ => Action::Forward("w".into()),
        };
        Rule::new(format!("r{number}"), layer, action, filter)
    };
    let rules = rules.iter().enumerate().map(rule).collect();
    let rules = RuleSet::compile(&Scheme::gateway(), rules, &Options::default());
    let dlp = DlpBuilder::new().profile(ProfileConfig::new("cards", ["payment_card"]));
    let dlp = Arc::new(dlp.build(&Limits::default()).expect("a known entry"));
    let dlp = Scanner { name: "dlp", examiner: dlp, hold: HoldPolicy::Pass };
    let av = DatabaseBuilder::default().build().examiners();
    let av = av.into_iter().map(|examiner| Scanner { name: "av", examiner, hold });
    let mut settings = Settings::default();
    settings.unknown_protocol = unknown;
    settings.limits.inspect.held_bytes_max = 4 << 10;
    settings.quarantine_bytes_max = 2 << 10;
    let worker = WorkerPolicy { on_error: OnError::Bypass, ..WorkerPolicy::default() };
    settings.workers.insert("w".into(), worker);
    Arc::new(Policy {
        rules: Arc::new(rules.expect("valid rules")),
        scanners: std::iter::once(dlp).chain(av).collect(),
        settings,
        generation: 1,
    })
}

/// The first byte chooses the policy. Then each step is a letter and what belongs to it, up to
/// the next `~`; see `Run::step`.
pub fn transaction_script(data: &[u8]) {
    let Some((&choice, script)) = data.split_first() else { return };
    let policy = &POLICIES[usize::from(choice % 4)];
    let once = run(policy, script);
    assert_eq!(once, run(policy, script), "the same script went another way");
}

/// Runs a script to its end and past it; what came out is told as text.
fn run(policy: &Arc<Policy>, script: &[u8]) -> Vec<String> {
    let mut run = Run::new(policy.clone());
    for step in script.split(|byte| *byte == b'~') {
        if let Some((&letter, operand)) = step.split_first() {
            run.step(letter, operand);
        }
    }
    run.put(Input::Abort(CloseReason::Unknown));
    run.check_records();
    run.told
}

/// What the session still waits for.
enum Asked {
    Resolve(StreamId),
    Dial(OriginId, Security),
    Invoke(Invoke),
    ClientTls,
    Splice,
    Again,
}

/// The session under test, and a driver that keeps to the rules: it reads only what is wanted,
/// answers only what was asked, and leaves alone what was closed.
struct Run {
    session: Session,
    now: Instant,
    wires: Vec<Wire>,
    asked: Vec<Asked>,
    records: Vec<Record>,
    told: Vec<String>,
}

impl Run {
    fn new(policy: Arc<Policy>) -> Self {
        static EPOCH: LazyLock<Instant> = LazyLock::new(Instant::now);
        let clock = Clock::new(*EPOCH, 1_750_000_000_000_000_000, || Duration::ZERO);
        let (id, known) = ("s".into(), Default::default());
        let accepted = Accepted { policy, clock, client: CLIENT, id, known };
        Self {
            session: Session::new(accepted, *EPOCH),
            now: *EPOCH,
            wires: vec![Wire::Client],
            asked: Vec::new(),
            records: Vec::new(),
            told: Vec::new(),
        }
    }

    /// `c` and `o`: bytes from the client and the newest origin; `C` and `O`: their ends; `g` and
    /// `G`: the two break. `y` and `n`: the oldest question is answered well, or badly. `t`: time
    /// passes, ten to the power of a digit in milliseconds. `d`: drain.
    fn step(&mut self, letter: u8, operand: &[u8]) {
        let newest = self.wires.iter().rfind(|wire| **wire != Wire::Client).copied();
        let wire = if letter.is_ascii_uppercase() || letter == b'o' { newest } else { None };
        let client = self.wires.first().filter(|wire| **wire == Wire::Client).copied();
        match letter {
            b'c' => self.bytes(client, operand),
            b'o' => self.bytes(wire, operand),
            b'C' => self.put_on(client, Input::End),
            b'O' => self.put_on(wire, Input::End),
            b'g' => self.put_on(client, Input::Gone),
            b'G' => self.put_on(wire, Input::Gone),
            b'y' if !self.asked.is_empty() => {
                let input = self.good_answer();
                self.put(input);
            }
            b'n' if !self.asked.is_empty() => {
                let input = self.bad_answer();
                self.put(input);
            }
            b't' => {
                let digit = operand.first().map_or(0, |byte| u32::from(byte % 8));
                self.now += Duration::from_millis(10_u64.pow(digit));
                if self.session.deadline().is_some_and(|deadline| deadline <= self.now) {
                    self.put(Input::Timeout);
                }
            }
            b'd' => self.put(Input::Drain),
            b's' => self.put(Input::Superseded),
            _ => {}
        }
    }

    fn bytes(&mut self, wire: Option<Wire>, bytes: &[u8]) {
        if let Some(wire) = wire.filter(|wire| !bytes.is_empty() && self.session.wants(*wire)) {
            self.put(Input::Bytes(wire, Bytes::copy_from_slice(bytes)));
        }
    }

    fn put_on(&mut self, wire: Option<Wire>, input: fn(Wire) -> Input) {
        if let Some(wire) = wire {
            let gone = matches!(input(wire), Input::Gone(_));
            self.put(input(wire));
            self.wires.retain(|known| !(gone && *known == wire));
        }
    }

    fn good_answer(&mut self) -> Input {
        match self.asked.remove(0) {
            Asked::Resolve(stream) => Input::Resolved(stream, Ok(vec![ADDRESS])),
            Asked::Dial(id, security) => {
                self.wires.push(Wire::Origin(id));
                let tls = matches!(security, Security::Tls { .. }).then(|| Arc::new(origin_tls()));
                let (peer, connect) = (SocketAddr::new(ADDRESS, 443), Duration::from_millis(3));
                let dialed = Dialed { peer, local: CLIENT, reused: false, tls, connect };
                Input::Dialed(id, Ok(dialed))
            }
            Asked::Invoke(invoke) => {
                self.wires.push(Wire::Origin(invoke.id));
                let flow = Flow::new(&invoke.worker, *invoke.destination);
                let lease = Arc::new(Flows::default().open(FlowToken::new([7; 16]), flow));
                let (version, guard) = ("v".into(), Arc::new(()));
                Input::Invoked(invoke.id, Ok(Invocation { lease, version, guard }))
            }
            Asked::ClientTls => Input::ClientTls(Default::default()),
            Asked::Splice => Input::SpliceEnded(517, 1_000, CloseReason::ClientClosed),
            Asked::Again => Input::Again,
        }
    }

    fn bad_answer(&mut self) -> Input {
        let refused = DialError::Refused { address: ADDRESS, reason: "private" };
        match self.asked.remove(0) {
            Asked::Resolve(stream) => {
                Input::Resolved(stream, Err(DialError::Resolve { host: "a".into() }))
            }
            Asked::Dial(id, _) => Input::Dialed(id, Err(refused)),
            Asked::Invoke(invoke) => Input::Invoked(invoke.id, Err(WorkerOutcome::Busy)),
            Asked::ClientTls => Input::ClientTlsFailed,
            Asked::Splice => Input::SpliceEnded(517, 1_000, CloseReason::OriginError),
            Asked::Again => Input::Again,
        }
    }

    /// One input, and all that it causes.
    fn put(&mut self, input: Input) {
        let was_done = self.session.is_done();
        self.session.handle(input, self.now);
        for count in 0.. {
            let Some(output) = self.session.poll() else { break };
            assert!(!was_done, "{output:?} after the end");
            assert!(count < OUTPUTS_MAX, "no rest: {output:?}");
            self.told.push(format!("{output:?}"));
            self.obey(output);
        }
        let mut written = Vec::new();
        for wire in &self.wires {
            self.session.poll_output(*wire, &mut written);
            self.told.push(format!("{wire:?} {}", written.concat().escape_ascii()));
            written.clear();
        }
        // Whoever is asked answers, in the end.
        let ends = self.session.is_done() || !self.asked.is_empty();
        assert!(ends || self.session.deadline().is_some(), "it could wait for ever");
    }

    fn obey(&mut self, output: Output) {
        match output {
            Output::Resolve(stream, _) => self.asked.push(Asked::Resolve(stream)),
            Output::Dial(dial) => self.asked.push(Asked::Dial(dial.id, dial.key.security)),
            Output::Invoke(invoke) => self.asked.push(Asked::Invoke(invoke)),
            Output::ClientTls(_) => self.asked.push(Asked::ClientTls),
            Output::Splice(_) => self.asked.push(Asked::Splice),
            Output::Again => self.asked.push(Asked::Again),
            Output::Park(id, _) => self.wires.retain(|wire| *wire != Wire::Origin(id)),
            Output::Close(closed @ Wire::Origin(_), _) => {
                self.wires.retain(|wire| *wire != closed);
            }
            Output::Branch(branch) => self.wires.push(Wire::Origin(branch.id)),
            Output::Record(record) => self.records.push(*record),
            Output::Quarantine(kept) => self.records.push(*kept.stored("id", "digest")),
            _ => {}
        }
    }

    /// One record for the session, as the last; one for each transaction, numbered from 1.
    fn check_records(&self) {
        assert!(self.session.is_done());
        let mut last = self.records.iter().filter(|record| !record.interim);
        let session = last.next_back().expect("a record of the session");
        assert_eq!(session.kind, RecordKind::Session);
        let mut numbers: Vec<u32> = Vec::new();
        for record in last {
            assert_eq!(record.kind, RecordKind::Http, "the session was recorded twice");
            let id = String::from_utf8_lossy(record.request_id.as_bytes()).into_owned();
            numbers.push(id.trim_start_matches("s-").parse().expect("a number"));
        }
        numbers.sort_unstable();
        assert!(numbers.iter().copied().eq(1..=numbers.len() as u32), "{numbers:?}");
    }
}

fn origin_tls() -> OriginTls {
    OriginTls {
        version: "TLSv1.3".into(),
        cipher: "TLS_AES_128_GCM_SHA256".into(),
        certificate: Bytes::from_static(b"a certificate"),
        issuer: "an issuer".into(),
        agreed: Default::default(),
        handshake: Duration::from_millis(5),
    }
}
