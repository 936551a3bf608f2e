//! Answers those who watch the gateway: metrics, whether it lives, whether it can take clients,
//! and how the last reload went. It has sockets of its own and no part in traffic.

mod exposition;
mod http;
mod state;

use std::net::SocketAddr;
use std::sync::Arc;

use ::http::StatusCode;
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::clock::unix_s;
use crate::config;
use crate::reload::Reloader;
use crate::serve::{Live, ServeError, Serving};
use http::Answer;
use state::State;

/// Connections of those who ask, at a time.
const CONNECTIONS_MAX: usize = 64;

/// What can be asked for.
pub(crate) struct Monitor {
    registry: Registry,
    live: Arc<Live>,
    serving: Arc<Serving>,
    reloader: Arc<Reloader>,
}

impl Monitor {
    /// Watches a gateway.
    pub(crate) fn new(live: Arc<Live>, serving: Arc<Serving>, reloader: Arc<Reloader>) -> Self {
        let mut registry = Registry::with_prefix("gateway");
        live.current().sinks.metrics().register(&mut registry);
        let state = State::new(live.clone(), serving.clone(), reloader.clone());
        registry.register_collector(Box::new(state));
        Self { registry, live, serving, reloader }
    }

    /// The answer to a GET of `path`; `accept` are the media types that it wants.
    fn answer(&self, path: &str, accept: &[u8]) -> Answer {
        match path {
            "/metrics" => exposition::answer(&self.registry, accept),
            "/livez" => Answer::text(StatusCode::OK, "alive\n"),
            "/readyz" => match self.unready() {
                None => Answer::text(StatusCode::OK, "ready\n"),
                Some(why) => Answer::text(StatusCode::SERVICE_UNAVAILABLE, why),
            },
            "/status" => Answer::json(&self.reloader.status()),
            _ => Answer::text(
                StatusCode::NOT_FOUND,
                "There are /metrics, /livez, /readyz and /status.\n",
            ),
        }
    }

    /// Why clients should go elsewhere. A policy there always is.
    fn unready(&self) -> Option<&'static str> {
        if self.serving.addresses().is_empty() {
            Some("not listening: stopping\n")
        } else if self.live.current().minter.not_after_unix_s() <= unix_s() {
            Some("the certificate of the authority has expired\n")
        } else {
            None
        }
    }
}

/// Sockets at which those who watch can ask.
#[derive(Debug)]
pub(crate) struct Watchtower(Vec<TcpListener>);

impl Watchtower {
    /// Listens where `config` says.
    ///
    /// # Errors
    ///
    /// [`ServeError::Bind`].
    pub(crate) async fn bind(config: &config::Monitor) -> Result<Self, ServeError> {
        let mut listeners = Vec::new();
        for &address in &config.listen {
            let bound = TcpListener::bind(address).await;
            listeners.push(bound.map_err(|source| ServeError::Bind { address, source })?);
        }
        Ok(Self(listeners))
    }

    /// The addresses listened on, with their real ports.
    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        self.0.iter().filter_map(|listener| listener.local_addr().ok()).collect()
    }

    /// Answers until the tasks are ended.
    pub(crate) fn open(self, monitor: &Arc<Monitor>, config: &config::Monitor) -> JoinSet<()> {
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let mut tasks = JoinSet::new();
        for listener in self.0 {
            tasks.spawn(accept(listener, monitor.clone(), config.clone(), places.clone()));
        }
        tasks
    }
}

async fn accept(
    listener: TcpListener,
    monitor: Arc<Monitor>,
    config: config::Monitor,
    places: Arc<Semaphore>,
) {
    // Whoever asks is let go when the listener is.
    let mut asking = JoinSet::new();
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        while asking.try_join_next().is_some() {}
        let Ok((stream, client)) = listener.accept().await else {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            continue;
        };
        if config.admits(client.ip()) {
            // What is answered is over at the gateway's end, whoever stays connected.
            let monitor = Arc::downgrade(&monitor);
            asking.spawn(async move {
                let gone = || Answer::text(StatusCode::SERVICE_UNAVAILABLE, "stopped\n");
                http::serve(stream, |path, accept| {
                    monitor.upgrade().map_or_else(gone, |monitor| monitor.answer(path, accept))
                })
                .await;
                drop(place);
            });
        }
    }
}
