//! Requests through Workers, in memory: the test is the Worker too.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use gateway_h1h2::StreamId;
use gateway_log::{Record, RecordKind, WorkerBypass, WorkerFacts, WorkerNext, WorkerOutcome};
use gateway_proxy::transaction::Leg;
use gateway_proxy::{
    Accepted, AdaptInput, AdaptReport, Clock, Dialed, Entrance, Entry, Flow, FlowToken, Flows,
    HostList, Input, Invocation, Invoke, Known, OnError, OnFailure, OriginId, Output, Policy,
    Security, Session, Takes, Wire, WorkerPolicy,
};
use gateway_rules::{Action, Layer, Rule};

use crate::adapters::adapter;
use crate::scene;

const TOKEN: [u8; 16] = [7; 16];

fn rules() -> Vec<Rule> {
    let forward = Action::Forward("w".into());
    let mut rules = scene::rules();
    rules.push(Rule::new("fw", Layer::Http, forward, r#"net.dst.host == "w.test""#).named("Hand"));
    rules
}

fn policy(on_error: OnError) -> Arc<Policy> {
    scene::policy(rules(), |settings| {
        settings.pseudonym = "gw".into();
        settings.workers.insert("w".into(), WorkerPolicy { on_error, ..WorkerPolicy::default() });
    })
}

/// A session of a client, one of the Worker's egress, and the table of flows between.
struct Path {
    now: Instant,
    flows: Flows,
    client: Session,
    egress: Session,
    to_client: Vec<u8>,
    to_worker: Vec<u8>,
    to_egress: Vec<u8>,
    to_origin: Vec<u8>,
    invoked: Vec<Invoke>,
    dialed: Vec<(&'static str, String, Vec<std::net::IpAddr>)>,
    parked: usize,
    closed: Vec<Wire>,
    records: Vec<Record>,
    /// What services that may change messages were given.
    adapted: Vec<(StreamId, Leg, AdaptInput)>,
    origin: Option<OriginId>,
    /// Flows whose requests have come back, and where their responses are wanted.
    claimed: Vec<FlowToken>,
    joined: Option<(OriginId, FlowToken)>,
    answer: Result<(), WorkerOutcome>,
    guard: Arc<()>,
}

impl Path {
    fn new(on_error: OnError) -> Self {
        Self::of(policy(on_error))
    }

    fn of(policy: Arc<Policy>) -> Self {
        let now = Instant::now();
        let clock = Clock::new(now, 1_750_000_000_000_000_000, || Duration::ZERO);
        let client = SocketAddr::from((Ipv4Addr::new(192, 0, 2, 7), 4000));
        let flows = Flows::default();
        let accepted = Accepted {
            policy: policy.clone(),
            clock,
            client,
            id: "s".into(),
            known: Known::default(),
        };
        let entry =
            |secret: &str, hosts| Entry { secret: secret.into(), worker: "w".into(), hosts };
        let own_hosts = HostList::new(vec!["api.test".into()]);
        let entrance = Entrance {
            flows: flows.clone(),
            entries: vec![entry("in", None), entry("own", Some(own_hosts))].into(),
            own: policy,
        };
        let nobody = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let bare = scene::policy(Vec::new(), |settings| settings.pseudonym = "gw".into());
        let coming = Accepted {
            policy: bare,
            clock,
            client: nobody,
            id: "e".into(),
            known: Known::default(),
        };
        Self {
            now,
            flows,
            client: Session::new(accepted, now),
            egress: Session::egress(coming, entrance, now),
            to_client: Vec::new(),
            to_worker: Vec::new(),
            to_egress: Vec::new(),
            to_origin: Vec::new(),
            invoked: Vec::new(),
            dialed: Vec::new(),
            parked: 0,
            closed: Vec::new(),
            records: Vec::new(),
            adapted: Vec::new(),
            origin: None,
            claimed: Vec::new(),
            joined: None,
            answer: Ok(()),
            guard: Arc::new(()),
        }
    }

    fn client(&mut self, bytes: impl AsRef<[u8]>) {
        self.give_client(Input::Bytes(Wire::Client, Bytes::copy_from_slice(bytes.as_ref())));
    }

    fn give_client(&mut self, input: Input) {
        self.client.handle(input, self.now);
        self.drain();
    }

    /// The Worker answers.
    fn worker(&mut self, bytes: impl AsRef<[u8]>) {
        let id = self.invoked.last().expect("nothing was handed over").id;
        self.give_client(Input::Bytes(Wire::Origin(id), Bytes::copy_from_slice(bytes.as_ref())));
    }

    /// The Worker sends on the egress.
    fn out(&mut self, bytes: impl AsRef<[u8]>) {
        let bytes = Bytes::copy_from_slice(bytes.as_ref());
        self.egress.handle(Input::Bytes(Wire::Client, bytes), self.now);
        self.drain();
    }

    /// The Worker calls `next`, with this URL and more fields.
    fn next(&mut self, url: &str, fields: &str) {
        let token = FlowToken::new(TOKEN);
        self.out(format!(
            "GET {url} HTTP/1.1\r\nHost: x.test\r\ngw-egress: in\r\ngw-cf: {{\"flow\":\"{token}\"}}\r\n{fields}\r\n"
        ));
    }

    /// The origin behind the Worker answers.
    fn origin(&mut self, bytes: impl AsRef<[u8]>) {
        let id = self.origin.expect("no origin was dialled");
        let input = Input::Bytes(Wire::Origin(id), Bytes::copy_from_slice(bytes.as_ref()));
        self.egress.handle(input, self.now);
        self.drain();
    }

    /// What the egress has written goes where it is wanted.
    fn pass_on(&mut self) {
        let (id, _) = self.joined.expect("nothing is wanted");
        let bytes = Bytes::from(std::mem::take(&mut self.to_egress));
        self.give_client(Input::Bytes(Wire::Origin(id), bytes));
    }

    fn after(&mut self, wait: Duration) {
        self.now += wait;
        self.client.handle(Input::Timeout, self.now);
        self.egress.handle(Input::Timeout, self.now);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.client.poll() {
            self.carry_out("client", output);
        }
        while let Some(output) = self.egress.poll() {
            self.carry_out("egress", output);
        }
        self.take_outputs();
    }

    fn carry_out(&mut self, of: &'static str, output: Output) {
        self.take_outputs();
        match output {
            Output::Invoke(invoke) => {
                let flow = Flow::new(&invoke.worker, (*invoke.destination).clone());
                let lease = Arc::new(self.flows.open(FlowToken::new(TOKEN), flow));
                let guard: Arc<dyn std::any::Any + Send + Sync> = self.guard.clone();
                let invocation = Invocation { lease, version: "v1".into(), guard };
                let result = self.answer.map(|()| invocation);
                let id = invoke.id;
                self.invoked.push(invoke);
                self.client.handle(Input::Invoked(id, result), self.now);
            }
            Output::Dial(dial) => {
                let tls = if matches!(dial.key.security, Security::Tls { .. }) { "s" } else { "" };
                let asked = format!("http{tls}://{}", dial.key.authority());
                self.dialed.push((of, asked, dial.addresses));
                let address = SocketAddr::from((Ipv4Addr::new(203, 0, 113, 9), 80));
                let connect = Duration::from_millis(3);
                let dialed =
                    Dialed { peer: address, local: address, reused: false, tls: None, connect };
                let input = Input::Dialed(dial.id, Ok(dialed));
                self.origin = Some(dial.id);
                if of == "client" {
                    self.client.handle(input, self.now);
                } else {
                    self.egress.handle(input, self.now);
                }
            }
            Output::Resolve(stream, _) => {
                let answer = Input::Resolved(stream, Ok(vec![[203, 0, 113, 9].into()]));
                self.client.handle(answer, self.now);
            }
            Output::Claimed(token) => self.claimed.push(token),
            Output::Join(id, token) => self.joined = Some((id, token)),
            Output::Park(..) => self.parked += 1,
            Output::Close(wire, _) => self.closed.push(wire),
            // The session's own record is the matter of other tests.
            Output::Record(record) if record.kind == RecordKind::Session => {}
            Output::Record(record) => self.records.push(*record),
            Output::Adapt(stream, leg, input) => self.adapted.push((stream, leg, input)),
            Output::Again => {
                self.client.handle(Input::Again, self.now);
                self.egress.handle(Input::Again, self.now);
            }
            other => panic!("{other:?}"),
        }
    }

    fn take_outputs(&mut self) {
        let mut pieces = Vec::new();
        let mut take = |session: &mut Session, wire, into: &mut Vec<u8>| {
            session.poll_output(wire, &mut pieces);
            into.extend(pieces.drain(..).flatten());
        };
        take(&mut self.client, Wire::Client, &mut self.to_client);
        take(&mut self.egress, Wire::Client, &mut self.to_egress);
        if let Some(invoke) = self.invoked.last() {
            take(&mut self.client, Wire::Origin(invoke.id), &mut self.to_worker);
        }
        if let Some((id, _)) = self.joined {
            let mut none = Vec::new();
            take(&mut self.client, Wire::Origin(id), &mut none);
            assert!(none.is_empty(), "the request was made already");
        }
        if let Some(id) = self.origin {
            take(&mut self.client, Wire::Origin(id), &mut self.to_origin);
            take(&mut self.egress, Wire::Origin(id), &mut self.to_origin);
        }
    }

    fn facts(&self) -> &WorkerFacts {
        let [record] = &self.records[..] else { panic!("{:#?}", self.records) };
        record.worker.as_deref().expect("a Worker was there")
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const GET: &str = "GET http://w.test/a?b HTTP/1.1\r\nHost: w.test\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
const OWN: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\ngw-worker-outcome: ok\r\n\r\nhi";

#[test]
fn a_request_goes_through_the_worker_and_on_to_its_own_origin() {
    let mut path = Path::new(OnError::Block);
    path.client(
        "GET http://w.test/a?b HTTP/1.1\r\nHost: w.test\r\nUser-Agent: \"me\"\r\n\
         gw-cf: {\"flow\":\"00\"}\r\ngw-egress: in\r\n\r\n",
    );
    let token = FlowToken::new(TOKEN).to_string();
    let at_worker = text(&path.to_worker);
    assert!(at_worker.starts_with("GET http://w.test/a?b HTTP/1.1\r\n"), "{at_worker}");
    assert!(!at_worker.contains("gw-egress") && !at_worker.contains("Via"), "{at_worker}");
    let metadata: Vec<&str> =
        at_worker.lines().filter_map(|line| line.strip_prefix("gw-cf: ")).collect();
    let [metadata] = metadata[..] else { panic!("{at_worker}") };
    assert!(
        metadata.starts_with(&format!(r#"{{"v":1,"join":true,"flow":"{token}","ctx":{{"#)),
        "{metadata}"
    );
    for member in [
        r#""srcIp":"192.0.2.7","srcPort":4000"#,
        r#""dstHost":"w.test","dstPort":80"#,
        r#""policyId":"fw","policyName":"Hand","workerName":"w","workerVersion":"v1""#,
        r#""userAgent":"\"me\"","url":"http://w.test/a?b""#,
    ] {
        assert!(metadata.contains(member), "{member} in {metadata}");
    }
    assert!(path.dialed.is_empty() && path.to_client.is_empty());

    path.next("https://evil.test:99/other", "X-New: 1\r\n");
    assert_eq!(path.dialed, [("egress", "http://w.test:80".to_owned(), vec![])]);
    let at_origin = text(&path.to_origin);
    assert!(at_origin.starts_with("GET /a?b HTTP/1.1\r\n"), "{at_origin}");
    assert!(at_origin.contains("Host: w.test\r\n") && at_origin.contains("X-New: 1\r\n"));
    assert!(!at_origin.contains("gw-cf") && !at_origin.contains("gw-egress"), "{at_origin}");
    assert_eq!(at_origin.matches("Via: 1.1 gw").count(), 1, "{at_origin}");

    path.now += Duration::from_millis(40);
    path.origin("HTTP/1.1 200 OK\r\nContent-Length: 2\r\ngw-worker-outcome: exception\r\n\r\nhi");
    let at_egress = text(&path.to_egress);
    assert!(at_egress.starts_with("HTTP/1.1 200") && at_egress.ends_with("\r\n\r\nhi"));
    assert!(!at_egress.contains("gw-") && !at_egress.contains("Via"), "{at_egress}");
    path.now += Duration::from_millis(2);
    path.worker(
        "HTTP/1.1 200 OK\r\ngw-worker-outcome: ok\r\nContent-Length: 3\r\nX-W: 1\r\n\r\nhi!",
    );
    let at_client = text(&path.to_client);
    assert!(at_client.contains("X-W: 1\r\n") && at_client.ends_with("hi!"), "{at_client}");
    assert_eq!(at_client.matches("Via: 1.1 gw").count(), 1);
    let facts = path.facts();
    assert_eq!((facts.outcome, facts.next), (Some(WorkerOutcome::Ok), WorkerNext::Called));
    assert_eq!((facts.head_ms, facts.origin_ms), (Some(42), Some(40)));
    let record = &path.records[0];
    assert_eq!(record.decision.action, Some(gateway_log::Action::Forward));
    assert_eq!(record.decision.policy_id.as_bytes(), b"fw");
    assert_eq!(record.timings.origin_connect_ms, Some(3));
    assert_eq!(record.destination_ip(), Some([203, 0, 113, 9].into()));
    assert_eq!(record.bytes.from_origin, Some(2), "not what the Worker made of it");
    assert_eq!(record.bytes.to_client, Some(3));
    // The connection is free for others, and nothing is left behind.
    assert_eq!((path.parked, path.flows.len(), Arc::strong_count(&path.guard)), (1, 0, 1));
}

/// What the host module says instead of a body that the Worker has left as it was.
const LEFT: &str = "HTTP/1.1 404 Not Found\r\ngw-worker-outcome: ok\r\ngw-worker-body: origin\r\n\
                    X-W: 1\r\nContent-Length: 0\r\n\r\n";

/// A path on which the Worker has left a body of 10 bytes, 4 of which have come.
fn left() -> Path {
    let mut path = Path::new(OnError::Block);
    path.client(GET);
    path.next("http://w.test/a?b", "");
    assert_eq!(path.claimed, [FlowToken::new(TOKEN)]);
    path.origin(
        "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nX-O: 1\r\nContent-Length: 10\r\n\r\n0123",
    );
    path.worker(LEFT);
    assert_eq!(path.joined.map(|(_, token)| token), Some(FlowToken::new(TOKEN)));
    assert!(path.to_client.is_empty(), "{}", text(&path.to_client));
    path
}

#[test]
fn a_body_that_the_worker_leaves_comes_from_the_origin_under_the_workers_head() {
    let mut path = left();
    path.pass_on();
    let at_client = text(&path.to_client);
    assert!(at_client.starts_with("HTTP/1.1 404 Not Found\r\n"), "{at_client}");
    assert!(at_client.contains("X-W: 1\r\n") && at_client.contains("Content-Length: 10\r\n"));
    assert!(!at_client.contains("X-O") && !at_client.contains("gw-worker"), "{at_client}");
    assert!(at_client.ends_with("\r\n\r\n0123"), "what has come is not held back: {at_client}");
    path.origin("456789");
    path.pass_on();
    assert!(text(&path.to_client).ends_with("\r\n\r\n0123456789"));
    let facts = path.facts();
    assert_eq!((facts.outcome, facts.next), (Some(WorkerOutcome::Ok), WorkerNext::Called));
    assert_eq!(path.records[0].bytes.from_origin, Some(10));
    assert_eq!(path.records[0].bytes.to_client, Some(10));
    assert_eq!((path.flows.len(), Arc::strong_count(&path.guard)), (0, 1));
    // The next request is handed over like the first.
    path.client(GET);
    assert_eq!(path.invoked.len(), 2);
}

#[test]
fn a_body_that_is_left_is_looked_at_and_cut_like_any_other() {
    let mut path = left();
    path.to_egress.clear();
    path.to_egress.extend(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nthe SECRET");
    path.pass_on();
    assert!(text(&path.to_client).starts_with("HTTP/1.1 403"), "{}", text(&path.to_client));
    assert_eq!(path.records[0].decision.policy_id.as_bytes(), b"down");

    let mut path = left();
    let (id, _) = path.joined.unwrap();
    path.give_client(Input::Gone(Wire::Origin(id)));
    assert!(text(&path.to_client).starts_with("HTTP/1.1 502"), "{}", text(&path.to_client));
    assert_eq!(path.facts().outcome, Some(WorkerOutcome::Broken));

    let mut path = left();
    path.pass_on();
    path.give_client(Input::Gone(Wire::Origin(id)));
    assert!(text(&path.to_client).ends_with("0123") && path.closed.contains(&Wire::Client));
    assert_eq!(path.facts().outcome, Some(WorkerOutcome::Broken));
}

#[test]
fn only_who_has_passed_the_request_on_can_leave_its_body() {
    let mut path = Path::new(OnError::Block);
    path.client(GET);
    path.worker(LEFT);
    assert_eq!(path.joined, None);
    let at_client = text(&path.to_client);
    assert!(at_client.contains("X-W: 1\r\n") && at_client.ends_with("\r\n\r\n"), "{at_client}");
    assert!(!at_client.contains("gw-worker"), "{at_client}");
}

#[test]
fn an_answer_of_the_workers_own_needs_no_origin() {
    let mut path = Path::new(OnError::Block);
    path.client(GET);
    path.worker(OWN);
    assert!(text(&path.to_client).ends_with("\r\n\r\nhi"));
    assert!(path.dialed.is_empty());
    let facts = path.facts();
    assert_eq!((facts.outcome, facts.next), (Some(WorkerOutcome::Ok), WorkerNext::NotCalled));
    assert_eq!(path.records[0].bytes.from_origin, Some(0));
}

#[test]
fn what_the_rules_refuse_never_reaches_the_worker() {
    let mut path = Path::new(OnError::Block);
    path.client("GET http://w.test/blocked HTTP/1.1\r\nHost: w.test\r\n\r\n");
    assert!(path.invoked.is_empty() && text(&path.to_client).starts_with("HTTP/1.1 403"));

    let mut path = Path::new(OnError::Block);
    path.client(
        "POST http://w.test/ HTTP/1.1\r\nHost: w.test\r\nContent-Length: 12\r\n\r\nthe SECRET x",
    );
    assert!(text(&path.to_client).starts_with("HTTP/1.1 403"), "{}", text(&path.to_client));
    assert!(!text(&path.to_worker).contains("SECRET"), "{}", text(&path.to_worker));
    assert_eq!(path.facts().outcome, Some(WorkerOutcome::Canceled));
    assert_eq!(path.records[0].decision.policy_id.as_bytes(), b"up");

    // What the Worker adds is looked at like any response.
    let mut path = Path::new(OnError::Block);
    path.client(GET);
    path.worker("HTTP/1.1 200 OK\r\ngw-worker-outcome: ok\r\nContent-Length: 6\r\n\r\nSECRET");
    assert!(text(&path.to_client).starts_with("HTTP/1.1 403"));
    assert_eq!(path.records[0].decision.policy_id.as_bytes(), b"down");
}

#[test]
fn a_request_joins_its_flow_once_and_only_there() {
    let mut path = Path::new(OnError::Block);
    path.client(GET);
    path.next("http://w.test/", "");
    path.origin(OK);
    path.next("http://w.test/", "");
    let at_egress = text(&path.to_egress);
    assert!(at_egress.contains("409 Conflict") && at_egress.contains("next() can be called once"));
    assert_eq!(path.dialed.len(), 1);

    for (fields, status) in [
        ("gw-egress: in\r\n", "409"),
        ("gw-egress: in\r\ngw-cf: {\"flow\":\"00000000000000000000000000000000\"}\r\n", "409"),
        ("gw-egress: other\r\n", "403"),
        ("gw-egress: \r\n", "403"),
        ("", "403"),
    ] {
        let mut path = Path::new(OnError::Block);
        path.client(GET);
        path.out(format!("GET http://w.test/ HTTP/1.1\r\nHost: w.test\r\n{fields}\r\n"));
        let at_egress = text(&path.to_egress);
        assert!(at_egress.starts_with(&format!("HTTP/1.1 {status}")), "{fields}: {at_egress}");
        assert!(path.dialed.is_empty(), "{fields}");
    }
}

#[test]
fn a_worker_that_fails_blocks_or_is_passed_by() {
    let exception =
        "HTTP/1.1 500 x\r\nContent-Length: 0\r\ngw-worker-outcome: exception \"boom\"\r\n\r\n";
    let fail = |path: &mut Path, outcome: WorkerOutcome| match outcome {
        WorkerOutcome::Exception => path.worker(exception),
        WorkerOutcome::Deadline => {
            path.after(Duration::from_millis(1999));
            assert!(path.to_client.is_empty());
            path.after(Duration::from_millis(1));
        }
        _ => {
            let id = path.invoked[0].id;
            path.give_client(Input::End(Wire::Origin(id)));
        }
    };
    for outcome in [WorkerOutcome::Exception, WorkerOutcome::Deadline, WorkerOutcome::Broken] {
        let mut path = Path::new(OnError::Block);
        path.client(GET);
        fail(&mut path, outcome);
        assert!(text(&path.to_client).starts_with("HTTP/1.1 502"), "{outcome:?}");
        assert!(path.dialed.is_empty(), "{outcome:?}");
        assert_eq!(path.facts().outcome, Some(outcome));
        assert_eq!(path.records[0].decision.action, Some(gateway_log::Action::Block));

        let mut path = Path::new(OnError::Bypass);
        path.client(
            "POST http://w.test/p HTTP/1.1\r\nHost: w.test\r\nContent-Length: 4\r\n\r\nbody",
        );
        fail(&mut path, outcome);
        let at_origin = text(&path.to_origin);
        assert!(at_origin.starts_with("POST /p HTTP/1.1\r\n"), "{outcome:?}: {at_origin}");
        assert!(at_origin.ends_with("\r\n\r\nbody") && !at_origin.contains("gw-"), "{at_origin}");
        assert_eq!(at_origin.matches("Via: 1.1 gw").count(), 1);
        let id = path.origin.unwrap();
        path.give_client(Input::Bytes(Wire::Origin(id), OK.into()));
        assert!(text(&path.to_client).ends_with("\r\n\r\nhi"), "{outcome:?}");
        let facts = path.facts();
        assert_eq!((facts.outcome, facts.bypass), (Some(outcome), WorkerBypass::Yes));
        assert_eq!(path.records[0].decision.action, Some(gateway_log::Action::Allow));
        assert_eq!(path.records[0].bytes.from_origin, Some(2));

        // Once the origin may have acted, there is no second way.
        let mut path = Path::new(OnError::Bypass);
        path.client(GET);
        path.next("http://w.test/", "");
        path.origin(OK);
        fail(&mut path, outcome);
        assert!(text(&path.to_client).starts_with("HTTP/1.1 502"), "{outcome:?}");
        assert_eq!(path.dialed.len(), 1, "{outcome:?}");
    }
}

#[test]
fn a_body_that_the_gateway_has_no_more_is_not_sent_past_the_worker() {
    let mut path = Path::new(OnError::Bypass);
    let body = "x".repeat(70_000);
    path.client("POST http://w.test/ HTTP/1.1\r\nHost: w.test\r\nContent-Length: 70000\r\n\r\n");
    path.client(body);
    path.give_client(Input::End(Wire::Origin(path.invoked[0].id)));
    assert!(text(&path.to_client).starts_with("HTTP/1.1 502"), "{}", text(&path.to_client));
    assert!(path.dialed.is_empty());
}

#[test]
fn a_worker_that_cannot_be_had_fails_at_once() {
    for outcome in [WorkerOutcome::Busy, WorkerOutcome::Open, WorkerOutcome::Unavailable] {
        for on_error in [OnError::Block, OnError::Bypass] {
            let mut path = Path::new(on_error);
            path.answer = Err(outcome);
            path.client(GET);
            if on_error == OnError::Block {
                assert!(text(&path.to_client).starts_with("HTTP/1.1 502"));
                assert_eq!(path.facts().outcome, Some(outcome));
            } else {
                assert!(text(&path.to_origin).starts_with("GET /a?b HTTP/1.1"));
            }
            assert!(path.flows.is_empty());
        }
    }
}

/// The time that the origin takes is not the Worker's.
#[test]
fn the_deadline_is_the_workers_own() {
    let mut path = Path::new(OnError::Block);
    path.client(GET);
    path.next("http://w.test/", "");
    path.after(Duration::from_secs(20));
    assert!(path.to_client.is_empty(), "{}", text(&path.to_client));
    path.origin(OK);
    path.after(Duration::from_millis(1999));
    assert!(path.to_client.is_empty());
    path.after(Duration::from_millis(1));
    assert!(text(&path.to_client).starts_with("HTTP/1.1 502"));
    let facts = path.facts();
    assert_eq!((facts.outcome, facts.origin_ms), (Some(WorkerOutcome::Deadline), Some(20_000)));
}

#[test]
fn a_worker_that_stops_in_the_middle_is_cut() {
    let mut path = Path::new(OnError::Bypass);
    path.client(GET);
    path.worker("HTTP/1.1 200 OK\r\ngw-worker-outcome: ok\r\nContent-Length: 9\r\n\r\nhalf");
    path.after(Duration::from_millis(9_999));
    assert!(path.records.is_empty());
    path.after(Duration::from_millis(1));
    assert_eq!(path.facts().outcome, Some(WorkerOutcome::Deadline));
    assert!(path.closed.contains(&Wire::Client) && path.dialed.is_empty());
}

#[test]
fn events_pass_one_by_one() {
    let mut path = Path::new(OnError::Block);
    path.client(GET);
    path.next("http://w.test/", "");
    path.origin(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    path.worker(
        "HTTP/1.1 200 OK\r\ngw-worker-outcome: ok\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    for event in ["data: one\n\n", "data: two\n\n"] {
        let chunk = format!("{:x}\r\n{event}\r\n", event.len());
        path.origin(&chunk);
        assert!(text(&path.to_egress).ends_with(&chunk), "{event}");
        path.worker(&chunk);
        assert!(text(&path.to_client).ends_with(&chunk), "{event}");
        path.after(Duration::from_secs(30));
    }
    path.origin("0\r\n\r\n");
    path.worker("0\r\n\r\n");
    assert_eq!(path.facts().outcome, Some(WorkerOutcome::Ok));
}

#[test]
fn an_offer_of_websocket_is_spared_the_worker_but_is_no_way_past_it() {
    let incomplete = "GET http://w.test/ HTTP/1.1\r\nHost: w.test\r\nConnection: Upgrade\r\n\
        Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
    let offer = format!("{incomplete}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    let mut path = Path::new(OnError::Block);
    path.client(offer.as_str());
    assert!(path.invoked.is_empty());
    assert_eq!(path.dialed.len(), 1);
    let id = path.origin.unwrap();
    path.give_client(Input::Bytes(Wire::Origin(id), OK.into()));
    let at_client = text(&path.to_client);
    assert!(
        at_client.starts_with("HTTP/1.1 502") && !at_client.contains("\r\n\r\nhi"),
        "{at_client}"
    );

    let mut path = Path::new(OnError::Block);
    path.client(offer.as_str());
    let id = path.origin.unwrap();
    let refusal = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
    path.give_client(Input::Bytes(Wire::Origin(id), refusal.into()));
    assert!(text(&path.to_client).starts_with("HTTP/1.1 403"));
    assert!(path.records[0].worker.is_none());

    let mut path = Path::new(OnError::Block);
    path.client(offer.as_str());
    let id = path.origin.unwrap();
    let agreement = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\
        Upgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    path.give_client(Input::Bytes(Wire::Origin(id), agreement.into()));
    assert!(text(&path.to_client).starts_with("HTTP/1.1 101"), "{}", text(&path.to_client));

    // What is no offer is a request like any other.
    let mut path = Path::new(OnError::Block);
    path.client(format!("{incomplete}\r\n"));
    assert_eq!(path.invoked.len(), 1);
    assert!(path.dialed.is_empty());
    assert!(!text(&path.to_worker).to_lowercase().contains("upgrade"));
}

#[test]
fn what_a_worker_asks_for_of_itself_is_an_ordinary_request_if_it_may() {
    let own = |url: &str| format!("GET {url} HTTP/1.1\r\ngw-egress: own\r\n\r\n");
    let mut path = Path::new(OnError::Block);
    path.out(own("https://api.test/x"));
    assert_eq!(path.dialed, [("egress", "https://api.test:443".to_owned(), vec![])]);
    let at_origin = text(&path.to_origin);
    assert!(at_origin.starts_with("GET /x HTTP/1.1\r\n") && at_origin.contains("Host: api.test"));
    assert!(!at_origin.contains("gw-egress"));
    path.origin(OK);
    assert!(text(&path.to_egress).ends_with("\r\n\r\nhi"));
    assert_eq!(path.facts().name.as_bytes(), b"w");
    assert_eq!(path.facts().outcome, None);

    // The rules decide on it; and it goes to no Worker, its own included.
    let mut path = Path::new(OnError::Block);
    path.out(own("http://api.test/blocked"));
    assert!(text(&path.to_egress).starts_with("HTTP/1.1 403"));
    assert_eq!(path.records[0].decision.policy_id.as_bytes(), b"path");
    for url in ["http://w.test/", "http://other.test/"] {
        let mut path = Path::new(OnError::Block);
        path.out(own(url));
        assert!(text(&path.to_egress).starts_with("HTTP/1.1 403"), "{url}");
        assert!(path.dialed.is_empty(), "{url}");
    }
    let mut path = Path::new(OnError::Block);
    path.out("CONNECT api.test:443 HTTP/1.1\r\nHost: api.test:443\r\ngw-egress: own\r\n\r\n");
    assert!(text(&path.to_egress).starts_with("HTTP/1.1 403"));
}

/// Rules that read addresses have them before the request is handed over, and nothing else is
/// dialled behind the Worker.
#[test]
fn the_addresses_that_rules_saw_are_the_ones_behind_the_worker() {
    let mut rules = rules();
    rules.push(Rule::new("ip", Layer::Http, Action::Block, "net.dst.ip == 203.0.113.1"));
    let mut path = Path::of(scene::policy(rules, |_| {}));
    path.client(GET);
    assert!(text(&path.to_worker).contains(r#""dstIp":"203.0.113.9""#));
    path.next("http://w.test/", "");
    assert_eq!(path.dialed[0].2, ["203.0.113.9".parse::<std::net::IpAddr>().unwrap()]);
}

#[test]
fn a_client_that_leaves_takes_its_flow_along() {
    let mut path = Path::new(OnError::Bypass);
    path.client(GET);
    assert_eq!(path.flows.len(), 1);
    path.give_client(Input::Gone(Wire::Client));
    assert!(path.flows.is_empty() && path.dialed.is_empty());
    assert_eq!(path.facts().outcome, Some(WorkerOutcome::Canceled));
    path.next("http://w.test/", "");
    assert!(text(&path.to_egress).starts_with("HTTP/1.1 409"), "{}", text(&path.to_egress));
}

#[test]
fn a_service_stands_before_the_worker_and_learns_nothing_of_it() {
    let service = adapter(Takes::Both, OnFailure::Block);
    let mut path = Path::of(scene::policy(rules(), |settings| {
        settings.workers.insert("w".into(), WorkerPolicy::default());
        settings.adapters = vec![Arc::new(service)];
    }));
    path.client(GET);
    let (stream, _, AdaptInput::Offer(offer)) = path.adapted.remove(0) else { panic!() };
    assert!(offer.request.fields.get("gw-cf").is_none());
    // What the service takes is not the Worker's time.
    path.after(Duration::from_secs(600));
    assert!(path.to_worker.is_empty() && path.records.is_empty());
    path.give_client(Input::Adapt(stream, Leg::Client, AdaptReport::Unmodified));
    let at_worker = text(&path.to_worker);
    assert!(at_worker.starts_with("GET http://w.test/a?b HTTP/1.1\r\n"), "{at_worker}");
    assert!(at_worker.contains("gw-cf: ") && !at_worker.contains("Via"), "{at_worker}");
    path.adapted.clear();
    path.worker(OWN);
    let (_, Leg::Origin, AdaptInput::Offer(offer)) = path.adapted.remove(0) else { panic!() };
    let response = offer.response.unwrap();
    assert!(response.fields.get("gw-worker-outcome").is_none());
    path.give_client(Input::Adapt(stream, Leg::Origin, AdaptReport::Unmodified));
    assert!(text(&path.to_client).ends_with("\r\n\r\nhi"), "{}", text(&path.to_client));
    assert_eq!(path.facts().outcome, Some(WorkerOutcome::Ok));
}
