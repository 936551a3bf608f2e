//! One generation of the gateway: everything that settings and policy decide, made as a whole and
//! never changed. Sessions keep the generation under which they were accepted.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use gateway_av::Outcomes;
use gateway_inspect::HoldPolicy;
use gateway_proxy::{
    Accepted, Association, ClientTlsDone, Clock, ConnectUdpPolicy, Entrance, Http2Policy, Known,
    Opened, OriginHttp2, Policy, Quotas, Scanner, Session, Settings, Timeouts, WebSocketPolicy,
};
use gateway_rules::RuleSet;
use rustls_pki_types::CertificateDer;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use super::admission::{Admission, Place};
use super::crew::Crew;
use super::outlet::Outlet;
use crate::config::{self, Config};
use crate::downloads::{Downloads, Shelf};
use crate::drive::{Minter, MinterError, SharedOrigins};
use crate::icap;
use crate::identity::Identifier;
use crate::metrics::TurnedAway;
use crate::net::AddressPolicy;
use crate::origin::{Dialer, OriginConnector, Pool, Resolver, TrustError};
use crate::policy::{Before, LoadedPolicy, Malware};
use crate::quarantine::{self, Store};
use crate::random::{self, NoRandom};
use crate::scan_server::{self, ScanTlsError};
use crate::scanners::Scanners;
use crate::startup::Whole;
use crate::workers::{self, Workers};

/// Where a generation stands; it only goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Life {
    /// It is in force.
    Running,
    /// Another is: its sessions take one more request.
    Superseded,
    /// It finishes what is in progress.
    Draining,
    /// It breaks off what is still in progress.
    Stopping,
}

/// Why the gateway cannot be put together.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum GatewayError {
    /// No origin could be trusted.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// No certificate could be minted.
    #[error(transparent)]
    Minter(#[from] MinterError),
    /// There are no random bytes.
    #[error(transparent)]
    Random(#[from] NoRandom),
    /// A service of ICAP cannot be spoken to in TLS.
    #[error(transparent)]
    Icap(#[from] icap::IcapTlsError),
    /// The service of ICAP cannot be had in TLS.
    #[error(transparent)]
    IcapServer(#[from] ScanTlsError),
}

/// What all generations share.
pub(crate) struct Shared {
    pub(crate) sinks: Arc<Outlet>,
    /// Their processes outlive a generation: what changes is which code they run.
    pub(crate) workers: Workers,
    /// Where sessions run.
    pub(crate) crew: Crew,
    /// How much is in the store of bodies that rules have kept aside.
    quarantined: Arc<quarantine::Ledger>,
    /// Downloads for which pages stand.
    shelf: Arc<Shelf>,
    /// How many connections each client has.
    pub(super) admission: Arc<Admission>,
    clock: Clock,
    /// The random part of the names of sessions.
    run: u64,
    sessions: AtomicU64,
}

impl Shared {
    /// Whatever the generations, records go to `sinks`.
    ///
    /// # Errors
    ///
    /// [`NoRandom`].
    pub(crate) fn new(sinks: Arc<Outlet>, crew: Crew) -> Result<Self, NoRandom> {
        let run = u64::from_be_bytes(random::bytes()?);
        let workers = Workers::default();
        let (clock, sessions) = (clock(), AtomicU64::new(0));
        let (quarantined, shelf, admission) = (Arc::default(), Arc::default(), Arc::default());
        Ok(Self { sinks, workers, crew, quarantined, shelf, admission, clock, run, sessions })
    }
}

/// What a generation takes over, or has of its own.
struct Parts<'a> {
    icap_tls: Option<TlsAcceptor>,
    policy: &'a LoadedPolicy,
    quotas: Arc<Quotas>,
    minter: Arc<Minter>,
    identifier: Arc<Identifier>,
}

/// What all sessions of one generation share.
pub(crate) struct Gateway {
    pub(crate) dialer: Arc<Dialer>,
    pub(crate) minter: Arc<Minter>,
    pub(crate) scanners: Scanners,
    pub(crate) icap: icap::Services,
    /// What takes handshakes before our service of ICAP.
    pub(crate) icap_tls: Option<TlsAcceptor>,
    pub(crate) identifier: Arc<Identifier>,
    pub(crate) quarantine: Arc<Store>,
    pub(crate) downloads: Arc<Downloads>,
    pub(crate) sinks: Arc<Outlet>,
    pub(crate) config: Config,
    /// What becomes of what a scan came to, for those who ask for one by themselves.
    pub(crate) outcomes: Outcomes,
    /// How many malware signatures are in force.
    pub(crate) signatures: u64,
    /// Names this generation of this run.
    pub(crate) tag: String,
    /// Counts the generations; it stands in every record, and in the keys of origin connections.
    pub(crate) generation: u64,
    policy: Arc<Policy>,
    malware: Malware,
    /// For requests that come back from Workers: the rules have been asked before.
    returning: Arc<Policy>,
    life: Arc<watch::Sender<Life>>,
    shared: Arc<Shared>,
}

impl Gateway {
    /// Puts the first generation together; it listens on `own`.
    ///
    /// # Errors
    ///
    /// [`GatewayError`].
    pub(crate) fn new(
        shared: Arc<Shared>,
        whole: Whole,
        own: Vec<SocketAddr>,
    ) -> Result<Self, GatewayError> {
        let minter = Arc::new(Minter::new(whole.authority)?);
        let identifier = Arc::new(Identifier::new(whole.identity)?);
        let quotas = quotas(&whole.policy, &shared, &Quotas::default());
        let icap_tls = scan_server::tls_acceptor(&whole.config.icap_server)?;
        let parts = Parts { icap_tls, policy: &whole.policy, quotas, minter, identifier };
        Self::build(shared, whole.config, parts, own, 1)
    }

    /// Puts the generation together that shall take the place of this one. Idle connections and
    /// TLS sessions with origins are this one's alone; minted certificates are kept while the
    /// authority is the same.
    ///
    /// # Errors
    ///
    /// [`GatewayError`].
    pub(crate) fn next(&self, whole: Whole, own: Vec<SocketAddr>) -> Result<Self, GatewayError> {
        let minter = if self.minter.signs_as(&whole.authority) {
            self.minter.clone()
        } else {
            Arc::new(Minter::new(whole.authority)?)
        };
        let generation = self.generation + 1;
        let identifier = self.identifier.next(whole.identity)?;
        // Who has used up a quota has not got it back by a new policy.
        let quotas = quotas(&whole.policy, &self.shared, &self.policy.settings.quotas);
        // Where it is listened on in TLS changes at a restart alone.
        let icap_tls = scan_server::tls_acceptor(&whole.config.icap_server)?;
        let icap_tls = icap_tls.or_else(|| self.icap_tls.clone());
        let parts = Parts { icap_tls, policy: &whole.policy, quotas, minter, identifier };
        Self::build(self.shared.clone(), whole.config, parts, own, generation)
    }

    fn build(
        shared: Arc<Shared>,
        config: Config,
        parts: Parts<'_>,
        own: Vec<SocketAddr>,
        generation: u64,
    ) -> Result<Self, GatewayError> {
        let ms = Duration::from_millis;
        let dialer = Dialer {
            resolver: Resolver::new(config.resolve.clone()),
            pool: Pool::new(ms(config.timeouts.keep_alive_idle_ms)),
            shared: Arc::new(SharedOrigins::new(ms(config.timeouts.keep_alive_idle_ms))),
            addresses: AddressPolicy::new(config.origin.allow.clone(), own),
            connector: OriginConnector::new(&config.origin)?,
            connect: ms(config.timeouts.connect_ms),
            handshake: ms(config.timeouts.tls_handshake_ms),
            told: config.proxy_protocol.clone(),
        };
        let Parts { icap_tls, policy, quotas, minter, identifier } = parts;
        let icap = icap::Services::new(&config)?;
        let scanners = Scanners::new(&config, &icap, &policy.scan_groups);
        let scan_groups = scanners.groups(&policy.scan_groups);
        let (outcomes, signatures) = (policy.av_policy.outcomes.clone(), policy.av.signatures());
        let malware = policy.av.clone();
        let tag = format!("{:016x}-{generation}", shared.run);
        let mut policy = snapshot(&config, policy, shared.run, generation);
        policy.settings.quotas = quotas;
        policy.settings.external = scanners.external();
        policy.settings.scan_groups = scan_groups;
        policy.settings.adapters = icap.adapters(&config);
        policy.settings.identification = identifier.identification();
        let quarantine = Arc::new(Store::new(&config.quarantine, shared.quarantined.clone()));
        policy.settings.quarantine_bytes_max = quarantine.body_bytes_max();
        let downloads = Arc::new(Downloads::new(&config.progress, shared.shelf.clone()));
        let returning = Arc::new(returning(&policy));
        Ok(Self {
            dialer: Arc::new(dialer),
            minter,
            scanners,
            icap,
            icap_tls,
            identifier,
            quarantine,
            downloads,
            sinks: shared.sinks.clone(),
            config,
            outcomes,
            signatures,
            tag,
            generation,
            policy: Arc::new(policy),
            malware,
            returning,
            life: Arc::new(watch::Sender::new(Life::Running)),
            shared,
        })
    }

    /// What its sessions run under.
    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }

    /// A session for a client that was just accepted where the gateway listens on `own`.
    pub(crate) fn session(&self, client: SocketAddr, own: Option<SocketAddr>) -> Session {
        let mut accepted = self.accepted(client, self.policy.clone());
        accepted.known.endpoint = own;
        Session::new(accepted, Instant::now())
    }

    /// A session for a client that was just accepted, whose TLS stands, and that has shown these
    /// certificates in it.
    pub(crate) fn session_in_tls(
        &self,
        (client, own): (SocketAddr, Option<SocketAddr>),
        done: &ClientTlsDone,
        shown: &[CertificateDer<'_>],
    ) -> Session {
        let mut known = self.identifier.known_by(client.ip(), shown);
        known.endpoint = own;
        let accepted = Accepted { known, ..self.accepted(client, self.policy.clone()) };
        Session::in_tls(accepted, done, Instant::now())
    }

    /// A session for a client that the network led here instead of to `destination`.
    pub(crate) fn transparent_session(
        &self,
        client: SocketAddr,
        destination: SocketAddr,
    ) -> Session {
        Session::transparent(
            self.accepted(client, self.policy.clone()),
            destination,
            Instant::now(),
        )
    }

    /// A place for one more connection or association of `client`, unless it has as many as it may
    /// have.
    pub(crate) fn place(&self, client: IpAddr) -> Option<Place> {
        let max = self.config.limits.connections_per_client_max;
        let place = Admission::place(&self.shared.admission, client, max);
        if place.is_none() {
            self.sinks.metrics().turned_away(TurnedAway::TooMany);
        }
        place
    }

    /// Whether a client must be known, and is not, where it cannot be asked.
    pub(crate) fn is_nobody(&self, client: IpAddr) -> bool {
        self.config.identity.required && self.identifier.known_at(client).user.is_none()
    }

    /// An association for a client that sends datagrams, of whom so much is `known`.
    pub(crate) fn association(&self, client: SocketAddr, known: Known) -> Association {
        let accepted = self.accepted(client, self.policy.clone());
        let Accepted { policy, clock, client, id, .. } = accepted;
        let addresses = self.dialer.clone();
        Association::new(Opened { policy, clock, client, id, addresses, known }, Instant::now())
    }

    /// A session for a connection of a Worker, which is let in by an entrance that knows the policy
    /// for what Workers ask for of themselves.
    pub(crate) fn egress_session(
        &self,
        client: SocketAddr,
        entrance: impl FnOnce(Arc<Policy>) -> Entrance,
    ) -> Session {
        let accepted = self.accepted(client, self.returning.clone());
        Session::egress(accepted, entrance(self.policy.clone()), Instant::now())
    }

    fn accepted(&self, client: SocketAddr, policy: Arc<Policy>) -> Accepted {
        let number = self.shared.sessions.fetch_add(1, Ordering::Relaxed);
        Accepted {
            policy,
            clock: self.shared.clock,
            client,
            id: format!("{:016x}{number:010x}", self.shared.run),
            known: self.identifier.known_at(client.ip()),
        }
    }

    /// The Workers that rules forward to.
    pub(crate) fn workers(&self) -> &Workers {
        &self.shared.workers
    }

    /// What all generations share.
    pub(crate) const fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Tells a session what becomes of its generation, what has happened already included.
    pub(crate) fn life(&self) -> watch::Receiver<Life> {
        let mut life = self.life.subscribe();
        if *life.borrow() != Life::Running {
            life.mark_changed();
        }
        life
    }

    /// Whether it takes nobody any more, since the gateway is about to stop.
    pub(crate) fn is_draining(&self) -> bool {
        *self.life.borrow() >= Life::Draining
    }

    /// The rules.
    pub(crate) fn rules(&self) -> &Arc<RuleSet> {
        &self.policy.rules
    }

    /// What of its policy the next generation may take over.
    pub(crate) fn before(&self) -> Before<'_> {
        Before { rules: &self.policy.rules, av: Some(&self.malware) }
    }

    /// The end of it that tells.
    pub(super) const fn fate(&self) -> &Arc<watch::Sender<Life>> {
        &self.life
    }
}

fn clock() -> Clock {
    let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Clock::new(Instant::now(), u64::try_from(unix.as_nanos()).unwrap_or(u64::MAX), running_time)
}

/// Time since the first call.
fn running_time() -> Duration {
    static FIRST: OnceLock<Instant> = OnceLock::new();
    FIRST.get_or_init(Instant::now).elapsed()
}

/// The policy as the machines want it.
fn snapshot(config: &Config, policy: &LoadedPolicy, run: u64, generation: u64) -> Policy {
    let tail = config.hold_policy();
    let dlp = std::iter::once(Scanner {
        name: "dlp",
        examiner: Arc::new(policy.dlp.clone()),
        hold: HoldPolicy::Pass,
    });
    let av = policy.av_policy.scope.narrow(&policy.av.examiners()).into_iter();
    let av = av.map(|examiner| Scanner { name: "av", examiner, hold: tail });
    let mut settings = settings(config, run);
    settings.workers = workers::policies(policy);
    settings.catalogs = policy.catalogs.clone();
    settings.dlp_sample_one_in = config.dlp.sample_one_in;
    settings.head_scan = config.dlp.head_scan();
    settings.matches = crate::payload::match_log(&config.dlp);
    settings.release = Arc::new(config.release());
    Policy { rules: policy.rules.clone(), scanners: dlp.chain(av).collect(), settings, generation }
}

/// What counts for the quotas of `policy`, going on from `before`.
fn quotas(policy: &LoadedPolicy, shared: &Shared, before: &Quotas) -> Arc<Quotas> {
    Arc::new(Quotas::new(policy.quotas.clone(), shared.run, before))
}

/// The policy for requests that come back from Workers: nothing is asked or looked at twice. Offers to
/// change to WebSocket go past Workers, so that none of these is one.
fn returning(policy: &Policy) -> Policy {
    let rules = RuleSet::none(policy.rules.scheme());
    let mut settings = policy.settings.clone();
    settings.websocket = WebSocketPolicy::Strip;
    Policy { rules: Arc::new(rules), scanners: Vec::new(), settings, ..policy.clone() }
}

fn settings(config: &Config, run: u64) -> Settings {
    let mut settings = Settings::default();
    settings.pseudonym = format!("gateway-{run:016x}");
    settings.organisation = config.page.organisation.clone();
    settings.contact = config.page.contact.clone();
    settings.connect_ports = config.connect_ports.clone();
    settings.unknown_protocol = match config.unknown_protocol {
        config::UnknownProtocol::Refuse => gateway_proxy::UnknownProtocol::Refuse,
        config::UnknownProtocol::Relay => gateway_proxy::UnknownProtocol::Relay,
    };
    settings.websocket = match config.websocket {
        config::WebSocket::Inspect => WebSocketPolicy::Inspect,
        config::WebSocket::Rewrite => WebSocketPolicy::Rewrite(match config.websocket_refused {
            config::RefusedMessage::Close => gateway_proxy::RefusedMessage::Close,
            config::RefusedMessage::Drop => gateway_proxy::RefusedMessage::Drop,
            config::RefusedMessage::Replace => gateway_proxy::RefusedMessage::Replace,
        }),
        config::WebSocket::Relay => WebSocketPolicy::Relay,
        config::WebSocket::Strip => WebSocketPolicy::Strip,
    };
    let strictness = &mut settings.strictness;
    (strictness.client, strictness.origin) = config.http1.checks();
    settings.http2 = Http2Policy {
        client: config.http2.client,
        origin: match config.http2.origin {
            config::OriginHttp2::Match => OriginHttp2::Match,
            config::OriginHttp2::Always => OriginHttp2::Always,
            config::OriginHttp2::Never => OriginHttp2::Never,
        },
    };
    settings.quic = match config.udp.quic {
        config::Quic::Refuse => gateway_proxy::QuicPolicy::Refuse,
        config::Quic::Relay => gateway_proxy::QuicPolicy::Relay,
    };
    settings.connect_udp = match config.udp.connect_udp {
        true => ConnectUdpPolicy::Relay,
        false => ConnectUdpPolicy::Refuse,
    };
    settings.socks = match config.socks.offer {
        config::SocksOffer::Nothing => gateway_proxy::SocksOffer::Nothing,
        config::SocksOffer::Tcp => gateway_proxy::SocksOffer::Tcp,
        config::SocksOffer::TcpAndUdp => gateway_proxy::SocksOffer::TcpAndUdp,
    };
    settings.timeouts = timeouts(&config.timeouts);
    settings.timeouts.first_datagrams = Duration::from_millis(config.udp.first_datagrams_ms);
    settings.timeouts.flow_idle = Duration::from_millis(config.udp.flow_idle_ms);
    settings.timeouts.drain_idle = Duration::from_millis(config.udp.drain_idle_ms);
    let limits = &mut settings.limits;
    limits.origins_max = config.limits.origin_connections_max;
    limits.h1.head_bytes_max = config.limits.head_bytes_max;
    limits.h1.fields_max = config.limits.head_fields_max;
    limits.h2.streams_max = config.http2.streams_max;
    limits.h2.fields_max = config.limits.head_fields_max;
    limits.h2.header_list_bytes_max =
        u32::try_from(config.limits.head_bytes_max).unwrap_or(u32::MAX);
    limits.inspect = config.inspect_limits();
    limits.content = config.content_limits();
    limits.websocket.hold_bytes_max = config.limits.websocket_hold_bytes_max;
    limits.association.peers_max = config.udp.peers_max;
    limits.association.held_bytes_max = config.udp.held_bytes_max;
    limits.association.datagram_bytes_max = config.udp.datagram_bytes_max;
    limits.association.relayed_peers_max = config.udp.relayed_peers_max;
    settings
}

fn timeouts(config: &config::Timeouts) -> Timeouts {
    let ms = Duration::from_millis;
    let mut timeouts = Timeouts::default();
    timeouts.head = ms(config.head_ms);
    timeouts.client_hello = ms(config.client_hello_ms);
    timeouts.client_tls = ms(config.tls_handshake_ms);
    timeouts.dial = ms(config.connect_ms + config.tls_handshake_ms);
    timeouts.response_head = ms(config.response_head_ms);
    timeouts.origin_turn = ms(config.origin_turn_ms);
    timeouts.body_idle = ms(config.body_idle_ms);
    timeouts.stall = ms(config.stall_ms);
    timeouts.half_closed = ms(config.half_closed_ms);
    timeouts.body_rate_after = ms(config.body_rate_grace_ms);
    timeouts.body_rate_min = config.body_rate_min;
    timeouts.keep_alive = ms(config.keep_alive_idle_ms);
    timeouts.tunnel_idle = ms(config.tunnel_idle_ms);
    timeouts.websocket_close = ms(config.websocket_close_ms);
    timeouts
}
