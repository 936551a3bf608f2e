//! `gateway-proxy run`: serve until told to stop, load everything anew when told to.

use std::error::Error;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use gateway_sinks::Sinks;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::sleep;
use tracing::{error, info, warn};

use super::Ended;
use crate::args::{GlobalArgs, RunArgs};
use crate::config;
use crate::monitor::{Monitor, Watchtower};
use crate::reload::{self, Cause, ReloadError, Reloaded, Reloader};
use crate::serve::{Crew, Gateway, Listeners, Live, Outlet, Serving, Shared};
use crate::{admin, events, startup};

/// Serves until SIGTERM or SIGINT, then lets clients finish.
pub(super) fn run(global: &GlobalArgs, args: &RunArgs) -> Result<Ended, Box<dyn Error>> {
    let ready = startup::prepare(global, args)?;
    let seen = reload::look(&ready.whole.config, global);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(async {
        events::start(ready.whole.config.events);
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut hang_up = signal(SignalKind::hangup())?;
        let listeners = Listeners::bind(&ready.whole.config.entrances())?;
        let watchtower = Watchtower::bind(&ready.whole.config.monitor).await?;
        let doors = admin::bind(&ready.whole.config.admin)?;
        let (watched_at, administered_at) = (watchtower.addresses(), doors.addresses());
        let own = listeners.addresses();
        for address in &own {
            info!(%address, "listening");
        }
        for address in &watched_at {
            info!(%address, "listening for those who watch");
        }
        for address in &administered_at {
            info!(%address, "listening for those who administer");
        }
        let asked_at = [watched_at, administered_at.clone()].concat();
        let sinks = Outlet::new(Sinks::start(&ready.whole.config.sinks())?);
        #[cfg(feature = "otlp")]
        let sinks = sinks.traced(&ready.whole.config.otlp.endpoint)?;
        let sinks = Arc::new(sinks);
        let shared = Arc::new(Shared::new(sinks.clone(), Crew::start()?)?);
        let workers = shared.workers.prepare(&ready.whole.config, &ready.whole.policy).await?;
        shared.workers.commit(workers);
        ready.welcome(&listeners.proxies(), &mut io::stdout())?;
        for address in listeners.proxies_in_tls() {
            writeln!(io::stdout(), "gateway-proxy listens on {address} in TLS")?;
        }
        for (what, address) in listeners.transparent() {
            writeln!(io::stdout(), "gateway-proxy takes {what} on {address}")?;
        }
        write_doors(&ready.whole.config.admin, &administered_at, &mut io::stdout())?;
        let watched = ready.whole.config.monitor.clone();
        // No client reaches what watches or administers the gateway through the gateway.
        let own = own.into_iter().chain(asked_at.clone()).collect();
        let live = Arc::new(Live::new(Gateway::new(shared, ready.whole, own)?));
        let serving = Arc::new(Serving::start(listeners, live.clone()));
        let reloader =
            Arc::new(Reloader::new(global, args, seen, live.clone(), serving.clone(), asked_at));
        let monitor = Arc::new(Monitor::new(live.clone(), serving.clone(), reloader.clone()));
        let administered = admin::start(doors, live, serving.clone(), reloader.clone(), tell);
        let mut answering = watchtower.open(&monitor, &watched);
        let watching = tokio::spawn(reload::watch(reloader.clone(), tell));
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                _ = hang_up.recv() => tell(Cause::Signal, &reloader.reload(Cause::Signal).await),
            }
        }
        info!("stopping: finishing what is in progress");
        administered.end().await;
        watching.abort();
        let _ = watching.await;
        serving.end().await;
        answering.shutdown().await;
        drop((monitor, reloader, serving));
        let lost = match sole(sinks).await {
            Ok(sinks) => sinks.close().await,
            // Whatever task still holds it is past its last word.
            Err(sinks) => sinks.close_sinks(),
        };
        if lost > 0 {
            return Err(format!("{lost} records could not be written").into());
        }
        Ok(Ended::Well)
    })
}

/// Says where the gateway is administered, and what it takes.
fn write_doors(
    config: &config::Admin,
    addresses: &[SocketAddr],
    out: &mut impl Write,
) -> io::Result<()> {
    for address in addresses {
        let token = config.token.display();
        writeln!(
            out,
            "gateway-proxy is administered at http://{address}/ with the token in {token}"
        )?;
    }
    if !config.socket.as_os_str().is_empty() {
        let socket = config.socket.display();
        let page = if addresses.is_empty() { " ([admin] listen adds a page)" } else { "" };
        writeln!(out, "gateway-proxy is administered over the unix socket {socket}{page}")?;
    }
    out.flush()
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
fn tell(cause: Cause, result: &Result<Reloaded, ReloadError>) {
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
