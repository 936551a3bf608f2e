//! The whole gateway at work, put together from what was loaded: sockets, sinks, Workers, those who
//! watch and administer it, and its end in the right order. When it ends is its owner's business.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use gateway_admin::{Admin, Doors};
use gateway_sinks::Sinks;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;
use tracing::{error, info, warn};

use crate::admin;
use crate::args::{GlobalArgs, RunArgs};
use crate::downloads;
use crate::monitor::{Monitor, Watchtower};
use crate::quarantine;
use crate::reload::{self, Cause, Fingerprint, ReloadError, Reloaded, Reloader};
use crate::scan_server::{ScanServers, ScanSockets};
use crate::serve::{Crew, Gateway, GatewayError, Listeners, Live, Outlet, Serving, Shared};
use crate::startup::Whole;

/// A gateway that takes clients.
pub(super) struct Running {
    pub(super) reloader: Arc<Reloader>,
    serving: Arc<Serving>,
    sinks: Arc<Outlet>,
    administered: Admin,
    answering: JoinSet<()>,
    scanning: ScanServers,
    watching: JoinHandle<()>,
    tidying: JoinHandle<()>,
}

/// The addresses of a gateway, with their real ports.
pub(super) struct Addresses {
    /// All that clients use, in whatever way.
    pub(super) clients: Vec<SocketAddr>,
    /// Where clients speak HTTP or SOCKS.
    pub(super) proxies: Vec<SocketAddr>,
    /// Where they speak TLS first.
    pub(super) proxies_in_tls: Vec<SocketAddr>,
    /// Where the network leads others to, and what is taken there.
    pub(super) transparent: Vec<(&'static str, SocketAddr)>,
    /// Where metrics are had.
    pub(super) watched: Vec<SocketAddr>,
    /// Where the API is had, besides its socket.
    pub(super) administered: Vec<SocketAddr>,
}

/// What a gateway needs before it can take clients: open sockets and sinks, started Workers.
pub(super) struct Opened {
    /// Where it can be reached.
    pub(super) addresses: Addresses,
    listeners: Listeners,
    watchtower: Watchtower,
    doors: Doors,
    scan_sockets: ScanSockets,
    sinks: Arc<Outlet>,
    shared: Arc<Shared>,
}

impl Opened {
    /// Opens and starts what `whole` names. Needs the runtime.
    ///
    /// # Errors
    ///
    /// Whatever cannot be opened or started.
    pub(super) async fn open(whole: &Whole) -> Result<Self, Box<dyn Error>> {
        let config = &whole.config;
        let listeners = Listeners::bind(&config.entrances())?;
        let watchtower = Watchtower::bind(&config.monitor).await?;
        let doors = admin::bind(&config.admin)?;
        let scan_sockets = ScanSockets::bind(config)?;
        let addresses = Addresses {
            clients: listeners.addresses(),
            proxies: listeners.proxies(),
            proxies_in_tls: listeners.proxies_in_tls(),
            transparent: listeners.transparent().collect(),
            watched: watchtower.addresses(),
            administered: doors.addresses(),
        };
        addresses.tell();
        scan_sockets.tell();
        let sinks = Outlet::new(Sinks::start(&config.sinks())?);
        #[cfg(feature = "otlp")]
        let sinks = sinks.traced(&config.otlp.endpoint)?;
        let sinks = Arc::new(sinks);
        let shared = Arc::new(Shared::new(sinks.clone(), Crew::start()?)?);
        shared.workers.commit(shared.workers.prepare(config, &whole.policy).await?);
        Ok(Self { addresses, listeners, watchtower, doors, scan_sockets, sinks, shared })
    }

    /// Takes clients. `whole` was loaded with the flags `global` and `run` when its files looked as
    /// `seen`. Needs the runtime.
    ///
    /// # Errors
    ///
    /// [`GatewayError`].
    pub(super) fn run(
        self,
        whole: Whole,
        seen: Fingerprint,
        global: &GlobalArgs,
        run: &RunArgs,
    ) -> Result<Running, GatewayError> {
        let Self { addresses, listeners, watchtower, doors, scan_sockets, sinks, shared } = self;
        let watched = whole.config.monitor.clone();
        let scanned_at = scan_sockets.addresses();
        let asked_at = [&addresses.watched[..], &addresses.administered, &scanned_at].concat();
        // No client reaches what watches or administers the gateway through the gateway.
        let own = [&addresses.clients[..], &asked_at].concat();
        let folder = &whole.config.progress.dir;
        if let Err(error) = downloads::clear(folder) {
            error!("{}: what was left of downloads stays: {error}", folder.display());
        }
        let live = Arc::new(Live::new(Gateway::new(shared, whole, own)?));
        let serving = Arc::new(Serving::start(listeners, live.clone()));
        let reloader = Reloader::new(global, run, seen, live.clone(), serving.clone(), asked_at);
        let reloader = Arc::new(reloader);
        let monitor = Arc::new(Monitor::new(live.clone(), serving.clone(), reloader.clone()));
        let scanning_under = live.clone();
        let tidying = tokio::spawn(quarantine::tidy(live.clone()));
        let administered = admin::start(doors, live, serving.clone(), reloader.clone(), tell);
        let answering = watchtower.open(&monitor, &watched);
        let scanning = scan_sockets.open(&scanning_under, &reloader);
        let (watched, asked) = (reloader.clone(), reloader.clone());
        let watching = tokio::spawn(async move {
            tokio::join!(reload::watch(watched, tell), reload::heed(asked, tell));
        });
        Ok(Running {
            reloader,
            serving,
            sinks,
            administered,
            answering,
            scanning,
            watching,
            tidying,
        })
    }
}

impl Running {
    /// Refuses new clients, lets those who are there finish, and writes out the records; gives how
    /// many of these were lost in all.
    pub(super) async fn end(self) -> u64 {
        let Self {
            reloader,
            serving,
            sinks,
            administered,
            mut answering,
            scanning,
            watching,
            tidying,
        } = self;
        administered.end().await;
        scanning.close().await;
        watching.abort();
        let _ = watching.await;
        tidying.abort();
        let _ = tidying.await;
        serving.end().await;
        answering.shutdown().await;
        drop((reloader, serving));
        match sole(sinks).await {
            Ok(sinks) => sinks.close().await,
            // Whatever task still holds it is past its last word.
            Err(sinks) => sinks.close_sinks(),
        }
    }
}

impl Addresses {
    fn tell(&self) {
        for address in &self.clients {
            info!(%address, "listening");
        }
        for address in &self.watched {
            info!(%address, "listening for those who watch");
        }
        for address in &self.administered {
            info!(%address, "listening for those who administer");
        }
    }
}

/// What is in `shared`, once nobody else holds it; or `shared`, if somebody still does after a
/// while.
async fn sole<T>(mut shared: Arc<T>) -> Result<T, Arc<T>> {
    for _ in 0..100 {
        shared = match Arc::try_unwrap(shared) {
            Ok(alone) => return Ok(alone),
            Err(shared) => shared,
        };
        sleep(Duration::from_millis(20)).await;
    }
    Err(shared)
}

/// Says how a reload went.
pub(super) fn tell(cause: Cause, result: &Result<Reloaded, ReloadError>) {
    let cause = cause.as_str();
    let reloaded = match result {
        Ok(reloaded) => reloaded,
        Err(error) => return error!(cause, "reload failed, nothing has changed: {error}"),
    };
    info!(cause, generation = reloaded.generation, "a new generation is in force");
    for address in &reloaded.opened {
        info!(%address, "listening");
    }
    for address in &reloaded.closed {
        info!(%address, "no longer listening");
    }
    for setting in &reloaded.needs_restart {
        warn!(setting, "changed, but in force only after a restart");
    }
    for warning in &reloaded.warnings {
        warn!("{warning}");
    }
}
