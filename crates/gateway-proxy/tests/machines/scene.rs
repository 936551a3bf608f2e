//! A session in memory: the test is the client, the origins, the driver and the clock.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use gateway_h1h2::{StreamId, Version};
use gateway_inspect::{
    Confidence, Entry, Examiner, Finding, Findings, HoldPolicy, Inspector, Outcome, Part, PartId,
    Profile, Progress, Reach, Span, Wanted, Window,
};
use gateway_log::{JsonLines, Record, RecordKind};
use gateway_proxy::transaction::Leg;
use gateway_proxy::{
    Accepted, AdaptInput, Agreed, Alpn, Branch, CapsuleStream, ClientTlsDone, Clock, Close,
    DeferInput, DialError, Dialed, Identify, Input, Known, LaneId, Late, OriginHttp2, OriginId,
    OriginTls, Output, PickupInput, Policy, Quarantined, Resting, ScanId, ScanInput, Scanner,
    Security, Session, Settings, Shared, SharedInput, SharedOutput, Sharing, SocksOffer, Wire,
};
use gateway_rules::{Action, KeepPath, Layer, Options, Redirect, Rule, RuleSet, Scheme};

/// A request without a body, and a response.
pub(crate) const GET: &str = "GET http://a.test/x HTTP/1.1\r\nHost: a.test\r\n\r\n";
pub(crate) const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// A request with this body.
pub(crate) fn post(body: &str) -> String {
    let length = body.len();
    format!(
        "POST http://a.test/x HTTP/1.1\r\nHost: a.test\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

/// Finds the word `SECRET`, wherever it stands; the profile is `words`.
pub(crate) struct Secrets(Arc<Entry>);

const WORD: &[u8] = b"SECRET";

impl Secrets {
    /// Findings count for `profile`, whose id must be `words`.
    pub(crate) fn of(profile: Profile) -> Self {
        let profiles = vec![Arc::new(profile)];
        Self(Arc::new(Entry { scanner: "dlp", id: "word".into(), name: "Word".into(), profiles }))
    }
}

impl Examiner for Secrets {
    fn open(&self, part: &Part, wanted: &Wanted) -> Option<Box<dyn Inspector>> {
        let searcher = Searcher { part: part.id, entry: self.0.clone() };
        wanted.wants("dlp", "words").then(|| Box::new(searcher) as Box<dyn Inspector>)
    }
}

struct Searcher {
    part: PartId,
    entry: Arc<Entry>,
}

impl Inspector for Searcher {
    fn reach(&self) -> Reach {
        Reach::Span { lookback: WORD.len() - 1 }
    }

    fn memory_max(&self) -> usize {
        size_of::<Self>()
    }

    fn push(&mut self, window: Window<'_>, found: &mut Findings) -> Progress {
        for read in 1..=window.fresh().len() {
            let end = window.fresh_at() + read;
            if window.before(end).ends_with(WORD) {
                let span = Span::new(end.back(WORD.len() as u64), end);
                let entry = self.entry.clone();
                found.push(Finding::content(entry, self.part, span, Confidence::High));
            }
        }
        let alive = (1..WORD.len()).rev().find(|len| window.bytes().ends_with(&WORD[..*len]));
        Progress::More { clear_to: window.end().back(alive.unwrap_or(0) as u64) }
    }

    fn finish(&mut self, _: Window<'_>, _: &mut Findings) -> Outcome {
        Outcome::Clean
    }
}

/// Looks at parts as a whole, and finds nothing in them.
pub(crate) struct Whole;

impl Examiner for Whole {
    fn open(&self, _: &Part, wanted: &Wanted) -> Option<Box<dyn Inspector>> {
        wanted.wants_any("av").then(|| Box::new(Self) as Box<dyn Inspector>)
    }
}

impl Inspector for Whole {
    fn reach(&self) -> Reach {
        Reach::Part
    }

    fn memory_max(&self) -> usize {
        0
    }

    fn push(&mut self, _: Window<'_>, _: &mut Findings) -> Progress {
        Progress::More { clear_to: gateway_inspect::Offset::ZERO }
    }

    fn finish(&mut self, _: Window<'_>, _: &mut Findings) -> Outcome {
        Outcome::Clean
    }
}

/// The rules of most scenes.
pub(crate) fn rules() -> Vec<Rule> {
    let http = |id: &str, action, filter: &str| Rule::new(id, Layer::Http, action, filter);
    let redirect = Redirect { to: "https://help.example".into(), keep: KeepPath::PathAndQuery };
    vec![
        Rule::new("l4", Layer::Network, Action::Block, r#"net.dst.host == "refused.test""#),
        http("private", Action::DoNotInspect, r#"net.sni.host == "private.test""#),
        Rule::new("sni", Layer::Network, Action::Block, r#"net.sni.host == "evil.test""#)
            .named("no evil"),
        http("path", Action::Block, r#"http.request.uri.path contains "/blocked""#),
        http("moved", Action::Redirect(redirect), r#"http.request.uri.path contains "/moved""#),
        http("status", Action::Block, "http.response.status_code == 418"),
        http("up", Action::Block, r#"any(dlp.upload.profiles[*] == "words")"#),
        http("down", Action::Block, r#"any(dlp.download.profiles[*] == "words")"#),
    ]
}

pub(crate) fn policy(rules: Vec<Rule>, change: impl FnOnce(&mut Settings)) -> Arc<Policy> {
    let mut settings = Settings::default();
    // Whatever the client offers: each version of the one side is tried with each of the other.
    settings.http2.origin = OriginHttp2::Always;
    change(&mut settings);
    let rules = RuleSet::compile(&Scheme::gateway(), rules, &Options::default()).unwrap();
    let examiner = Arc::new(Secrets::of(Profile::new("words")));
    Arc::new(Policy {
        rules: Arc::new(rules),
        scanners: vec![Scanner { name: "dlp", examiner, hold: HoldPolicy::Pass }],
        settings,
        generation: 1,
    })
}

/// What an origin does when it is dialled.
#[derive(Clone, Debug)]
pub(crate) enum Reached {
    New,
    Reused,
    Failed(DialError),
}

/// When a scene says what a host resolves to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answers {
    AtOnce,
    Later,
}

/// What peers do with what they are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    Takes,
    /// Nothing more: what is for it piles up.
    Stalls,
}

pub(crate) struct Scene {
    pub(crate) policy: Arc<Policy>,
    pub(crate) session: Session,
    pub(crate) now: Instant,
    pub(crate) to_client: Vec<u8>,
    pub(crate) to_origin: BTreeMap<OriginId, Vec<u8>>,
    pub(crate) records: Vec<Record>,
    /// Bodies that are to be kept aside, with their records.
    pub(crate) quarantined: Vec<Quarantined>,
    /// What whoever keeps responses behind pages was given, and what it was asked.
    pub(crate) deferred: Vec<(StreamId, DeferInput)>,
    pub(crate) picked_up: Vec<(StreamId, PickupInput)>,
    /// Everything else that the session asked for, in order.
    pub(crate) asked: Vec<String>,
    pub(crate) closed: BTreeMap<Wire, Close>,
    /// What scanners outside were given.
    pub(crate) scanned: Vec<(ScanId, ScanInput)>,
    /// Scans that go on by themselves.
    pub(crate) detached: Vec<(ScanId, Late)>,
    /// What services that may change messages were given, and the streams of the messages.
    pub(crate) adapted: Vec<(StreamId, Leg, AdaptInput)>,
    /// What becomes of the next dials; the last one stays.
    pub(crate) reached: Vec<Reached>,
    pub(crate) answers_names: Answers,
    /// What all names resolve to.
    pub(crate) addresses: Vec<IpAddr>,
    /// What TLS with origins, and with the client, agrees on.
    pub(crate) agreed: [Agreed; 2],
    /// What rested in the pool, by origin.
    pub(crate) rested: BTreeMap<OriginId, Resting>,
    pub(crate) branches: Vec<Branch>,
    /// Streams of datagrams that the driver is to take.
    pub(crate) capsules: Vec<CapsuleStream>,
    /// Credentials that nobody has said whose they are yet.
    pub(crate) identifying: Vec<Identify>,
    /// What is known of whom a relay for datagrams was made.
    pub(crate) associated: Option<Known>,
    /// The only addresses that would do, dial by dial.
    pub(crate) dialed_at: Vec<Vec<IpAddr>>,
    /// What the client does with what it is sent, and what origins do.
    pub(crate) taker: Peer,
    pub(crate) origins: Peer,
    /// What origins were offered, dial by dial.
    pub(crate) dialed_alpn: Vec<Alpn>,
    /// What the next connection has rested with.
    pub(crate) revive: Option<Resting>,
    /// Connections on which the session has a place; nobody else has one.
    pub(crate) shared: BTreeMap<OriginId, Shared>,
    names: Vec<StreamId>,
}

impl Scene {
    pub(crate) fn new(policy: Arc<Policy>) -> Self {
        Self::known(policy, Known::default())
    }

    pub(crate) fn with(accepted: Accepted, now: Instant) -> Self {
        Self {
            policy: accepted.policy.clone(),
            session: Session::new(accepted, now),
            now,
            to_client: Vec::new(),
            to_origin: BTreeMap::new(),
            records: Vec::new(),
            quarantined: Vec::new(),
            deferred: Vec::new(),
            picked_up: Vec::new(),
            asked: Vec::new(),
            closed: BTreeMap::new(),
            scanned: Vec::new(),
            detached: Vec::new(),
            adapted: Vec::new(),
            reached: vec![Reached::New],
            answers_names: Answers::AtOnce,
            addresses: vec![IpAddr::from([203, 0, 113, 9])],
            agreed: [Agreed::Http11; 2],
            rested: BTreeMap::new(),
            branches: Vec::new(),
            capsules: Vec::new(),
            identifying: Vec::new(),
            associated: None,
            dialed_at: Vec::new(),
            taker: Peer::Takes,
            origins: Peer::Takes,
            dialed_alpn: Vec::new(),
            revive: None,
            shared: BTreeMap::new(),
            names: Vec::new(),
        }
    }

    /// A scene whose client is known from the beginning.
    pub(crate) fn known(policy: Arc<Policy>, known: Known) -> Self {
        let now = Instant::now();
        let clock = Clock::new(now, 1_750_000_000_000_000_000, || Duration::ZERO);
        let client = SocketAddr::from((Ipv4Addr::new(192, 0, 2, 7), 4000));
        Self::with(Accepted { policy, clock, client, id: "s".into(), known }, now)
    }

    /// A scene with the usual rules.
    pub(crate) fn usual() -> Self {
        Self::new(policy(rules(), |settings| settings.socks = SocksOffer::TcpAndUdp))
    }

    /// A scene of a connection that was to go to `destination`.
    pub(crate) fn transparent(policy: Arc<Policy>, destination: &str) -> Self {
        let mut scene = Self::new(policy.clone());
        let clock = Clock::new(scene.now, 1_750_000_000_000_000_000, || Duration::ZERO);
        let client = SocketAddr::from((Ipv4Addr::new(192, 0, 2, 7), 4000));
        let accepted = Accepted { policy, clock, client, id: "s".into(), known: Known::default() };
        let destination = destination.parse().unwrap();
        scene.session = Session::transparent(accepted, destination, scene.now);
        scene.drain();
        scene
    }

    pub(crate) fn give(&mut self, input: Input) {
        let now = self.now;
        match self.for_shared(input) {
            Ok((shared, input)) => shared.handle([input], now),
            Err(input) => self.session.handle(input, now),
        }
        self.drain();
    }

    /// What happens to a connection that is shared, the session does not hear of.
    fn for_shared(&mut self, input: Input) -> Result<(&mut Shared, SharedInput), Input> {
        let (Input::Bytes(Wire::Origin(id), _)
        | Input::End(Wire::Origin(id))
        | Input::Gone(Wire::Origin(id))) = input
        else {
            return Err(input);
        };
        let Some(shared) = self.shared.get_mut(&id) else { return Err(input) };
        let input = match input {
            Input::Bytes(_, bytes) => SharedInput::Bytes(bytes),
            _ => SharedInput::End,
        };
        Ok((shared, input))
    }

    /// Lets the session and the connections that it shares hear of each other; whether there was
    /// anything.
    fn pass_on(&mut self) -> bool {
        let mut passed = false;
        for (id, shared) in &mut self.shared {
            let mut said = Vec::new();
            while let Some((exchange, input)) = self.session.poll_lane(*id) {
                said.push(SharedInput::Lane(LANE, exchange, input));
            }
            passed |= !said.is_empty();
            shared.handle(said, self.now);
            let mut reports = Vec::new();
            while let Some(output) = shared.poll() {
                match output {
                    SharedOutput::Report(LANE, exchange, report) => {
                        reports.push((exchange, report));
                    }
                    SharedOutput::Close(close) => {
                        self.closed.insert(Wire::Origin(*id), close);
                    }
                    other => panic!("{other:?}"),
                }
            }
            if !reports.is_empty() {
                passed = true;
                self.session.handle(Input::Lane(*id, reports), self.now);
            }
        }
        passed
    }

    pub(crate) fn client(&mut self, bytes: impl AsRef<[u8]>) {
        self.give(Input::Bytes(Wire::Client, Bytes::copy_from_slice(bytes.as_ref())));
    }

    /// Bytes from the origin that was dialled last.
    pub(crate) fn origin(&mut self, bytes: impl AsRef<[u8]>) {
        let id = self.last_origin();
        self.give(Input::Bytes(Wire::Origin(id), Bytes::copy_from_slice(bytes.as_ref())));
    }

    pub(crate) fn last_origin(&self) -> OriginId {
        *self.to_origin.last_key_value().expect("no origin was dialled").0
    }

    /// What the origin that was dialled last has been sent.
    pub(crate) fn at_origin(&self) -> String {
        let bytes = self.to_origin.last_key_value().map(|(_, bytes)| bytes.clone());
        String::from_utf8(bytes.unwrap_or_default()).unwrap()
    }

    pub(crate) fn at_client(&self) -> String {
        String::from_utf8_lossy(&self.to_client).into_owned()
    }

    /// Takes what the client was sent so far.
    pub(crate) fn take_client(&mut self) -> String {
        String::from_utf8(std::mem::take(&mut self.to_client)).unwrap()
    }

    pub(crate) fn after(&mut self, wait: Duration) {
        self.now += wait;
        self.give(Input::Timeout);
    }

    /// The records of requests.
    pub(crate) fn requests(&self) -> Vec<&Record> {
        self.records.iter().filter(|r| r.kind == RecordKind::Http && !r.interim).collect()
    }

    pub(crate) fn sessions(&self) -> usize {
        self.records.iter().filter(|r| r.kind == RecordKind::Session && !r.interim).count()
    }

    /// The records as they are written.
    pub(crate) fn log(&self) -> String {
        let mut lines = Vec::new();
        for record in &self.records {
            JsonLines::new(gateway_log::Limits::default()).encode(record, &mut lines);
        }
        String::from_utf8(lines).unwrap()
    }

    fn drain(&mut self) {
        loop {
            let Some(output) = self.session.poll() else {
                if !self.pass_on() && self.take_outputs() == 0 {
                    return;
                }
                continue;
            };
            self.take_outputs();
            match output {
                Output::Dial(dial) => {
                    self.asked.push(format!("dial {}", dial.key.authority()));
                    self.dialed_at.push(dial.addresses.clone());
                    let reached = match &self.reached[..] {
                        [only] => only.clone(),
                        _ => self.reached.remove(0),
                    };
                    let alpn = match dial.key.security {
                        Security::Tls { alpn, .. } => Some(alpn),
                        Security::Plain | Security::Worker => None,
                    };
                    self.dialed_alpn.extend(alpn);
                    let result = self.dialed(dial.id, reached, alpn);
                    let input = match (self.revive.take(), result) {
                        (Some(resting), Ok(dialed)) => {
                            let dialed = Dialed { reused: true, ..dialed };
                            Input::Revived(dial.id, dialed, resting)
                        }
                        (_, Ok(dialed)) if shares(dial.sharing, &dialed) => {
                            let keep = Duration::from_secs(60);
                            let mut shared =
                                Shared::new(&self.policy, &dialed, None, keep, self.now);
                            shared.handle([SharedInput::Join(LANE)], self.now);
                            self.shared.insert(dial.id, shared);
                            Input::Shared(dial.id, dialed)
                        }
                        (_, result) => Input::Dialed(dial.id, result),
                    };
                    self.session.handle(input, self.now);
                }
                Output::ClientTls(request) => {
                    let mirrors = request.mirror.is_some();
                    self.asked.push(format!("tls {} mirrors {mirrors}", request.name));
                    let [_, agreed] = self.agreed;
                    let done = ClientTlsDone { agreed, ..ClientTlsDone::default() };
                    let done = Input::ClientTls(done);
                    self.session.handle(done, self.now);
                }
                Output::Resolve(stream, _) => {
                    self.names.push(stream);
                    if self.answers_names == Answers::AtOnce {
                        self.say_addresses();
                    }
                }
                Output::Identify(asked) => self.identifying.push(asked),
                Output::Associate(known) => {
                    self.asked.push("associate".into());
                    self.associated = Some(known);
                    let bound = SocketAddr::from((Ipv4Addr::new(192, 0, 2, 1), 5000));
                    self.session.handle(Input::Associated(Some(bound)), self.now);
                }
                Output::Capsules(stream) => self.capsules.push(stream),
                Output::Splice(_) => self.asked.push("splice".into()),
                Output::Park(id, resting) => {
                    self.asked.push("park".into());
                    self.leave(id);
                    self.rested.extend(resting.map(|resting| (id, resting)));
                }
                Output::Branch(branch) => {
                    self.asked.push(format!("branch {}", branch.accepted.id));
                    self.to_origin.entry(branch.id).or_default();
                    self.branches.push(*branch);
                }
                Output::Close(Wire::Origin(id), _) if self.shared.contains_key(&id) => {
                    self.leave(id);
                }
                Output::Close(wire, close) => {
                    self.closed.insert(wire, close);
                }
                Output::Scan(_, scan, input) => self.scanned.push((scan, input)),
                Output::Detached(_, scan, late) => self.detached.push((scan, *late)),
                Output::Adapt(stream, leg, input) => self.adapted.push((stream, leg, input)),
                Output::Defer(stream, input) => self.deferred.push((stream, input)),
                Output::Pickup(stream, input) => self.picked_up.push((stream, input)),
                Output::Again => self.session.handle(Input::Again, self.now),
                Output::Record(record) => self.records.push(*record),
                Output::Quarantine(kept) => self.quarantined.push(*kept),
                other => self.asked.push(format!("{other:?}")),
            }
        }
    }

    /// The session gives up its place.
    fn leave(&mut self, id: OriginId) {
        if let Some(shared) = self.shared.get_mut(&id) {
            shared.handle([SharedInput::Leave(LANE)], self.now);
        }
    }

    /// Says what the hosts that were asked for resolve to.
    pub(crate) fn answer_names(&mut self) {
        self.say_addresses();
        self.drain();
    }

    fn say_addresses(&mut self) {
        for stream in std::mem::take(&mut self.names) {
            let answer = Input::Resolved(stream, Ok(self.addresses.clone()));
            self.session.handle(answer, self.now);
        }
    }

    fn dialed(
        &mut self,
        id: OriginId,
        reached: Reached,
        alpn: Option<Alpn>,
    ) -> Result<Dialed, DialError> {
        if let Reached::Failed(error) = reached {
            return Err(error);
        }
        self.to_origin.entry(id).or_default();
        let address = SocketAddr::from((Ipv4Addr::new(203, 0, 113, 9), 443));
        Ok(Dialed {
            peer: address,
            local: address,
            reused: matches!(reached, Reached::Reused),
            tls: alpn.map(|alpn| {
                Arc::new(OriginTls {
                    agreed: if alpn == Alpn::Http2 { self.agreed[0] } else { Agreed::Http11 },
                    ..OriginTls::default()
                })
            }),
            connect: Duration::ZERO,
        })
    }

    /// Says how many bytes there were.
    fn take_outputs(&mut self) -> usize {
        let mut pieces = Vec::new();
        let mut taken = 0;
        if self.taker == Peer::Takes {
            taken += self.session.poll_output(Wire::Client, &mut pieces);
            self.to_client.extend(pieces.drain(..).flatten());
        }
        if self.origins == Peer::Stalls {
            return taken;
        }
        for (id, bytes) in &mut self.to_origin {
            taken += match self.shared.get_mut(id) {
                Some(shared) => shared.poll_output(&mut pieces),
                None => self.session.poll_output(Wire::Origin(*id), &mut pieces),
            };
            bytes.extend(pieces.drain(..).flatten());
        }
        taken
    }
}

/// The session, among those that share a connection.
const LANE: LaneId = LaneId(0);

fn shares(sharing: Sharing, dialed: &Dialed) -> bool {
    sharing == Sharing::Shared && dialed.version() == Version::Http2
}

/// A text of a record.
pub(crate) fn text(text: &gateway_log::Text) -> &str {
    std::str::from_utf8(text.as_bytes()).unwrap()
}
