//! One generation of the gateway: everything that settings and policy decide, made as a whole and
//! never changed. Sessions keep the generation under which they were accepted.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use gateway_av::Outcomes;
use gateway_proxy::{
    Accepted, Association, ClientTlsDone, Clock, Entrance, Known, Opened, Policy, Quotas, Session,
};
use gateway_rules::RuleSet;
use rustls_pki_types::CertificateDer;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use super::admission::{Admission, Place};
use super::crew::Crew;
use super::outlet::Outlet;
use super::settings::{returning, snapshot};
use crate::config::Config;
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
use crate::workers::Workers;

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

/// What counts for the quotas of `policy`, going on from `before`.
fn quotas(policy: &LoadedPolicy, shared: &Shared, before: &Quotas) -> Arc<Quotas> {
    Arc::new(Quotas::new(policy.quotas.clone(), shared.run, before))
}
