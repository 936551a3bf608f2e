//! Services of ICAP that messages go through, reached over sockets. Which messages they get and what
//! becomes of what they say is decided in the machines.

mod exchange;
mod options;
mod service;
mod turns;

use std::sync::Arc;
use std::time::Duration;

use gateway_proxy::transaction::Leg;
use gateway_proxy::{AdaptInput, AdaptReport, Adapter, OnFailure, Takes};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use self::service::Service;
use crate::config::{self, Config, Icap};

/// The services of one generation, in the order of the configuration.
#[derive(Debug, Default)]
pub(crate) struct Services {
    services: Vec<Arc<Service>>,
}

impl Services {
    /// Those that `config` names. None is connected to before it is needed.
    pub(crate) fn new(config: &Config) -> Self {
        let known = config.icap.iter().filter_map(|icap| Service::new(icap).map(Arc::new));
        Self { services: known.collect() }
    }

    /// What the machines must know of them.
    pub(crate) fn adapters(&self, config: &Config) -> Vec<Arc<Adapter>> {
        config.icap.iter().map(|icap| Arc::new(adapter(icap))).collect()
    }

    /// Runs the exchange about one message. It ends when `inputs` does.
    pub(crate) fn adapt(
        &self,
        adapter: usize,
        inputs: UnboundedReceiver<AdaptInput>,
        reports: Reports,
    ) {
        if let Some(service) = self.services.get(adapter).cloned() {
            tokio::spawn(async move { service.adapt(inputs, reports).await });
        }
    }
}

fn adapter(icap: &Icap) -> Adapter {
    Adapter {
        name: icap.name.clone(),
        takes: match icap.messages {
            config::Messages::Both => Takes::Both,
            config::Messages::Requests => Takes::Requests,
            config::Messages::Responses => Takes::Responses,
        },
        // It was checked with the rest of the configuration.
        when: icap.condition().ok().flatten(),
        on_failure: match icap.on_error {
            config::OnError::Block => OnFailure::Block,
            config::OnError::Allow => OnFailure::Allow,
        },
        kept_bytes_max: icap.kept_bytes_max,
    }
}

/// How long to wait.
#[derive(Clone, Copy, Debug)]
struct Times {
    /// For a turn, and for a connection.
    connect: Duration,
    /// For bytes to be taken.
    send: Duration,
    /// For bytes of an answer.
    answer: Duration,
}

/// Where an exchange reports to.
#[derive(Clone, Debug)]
pub(crate) struct Reports {
    pub(crate) of: (gateway_h1h2::StreamId, Leg),
    pub(crate) to: UnboundedSender<Report>,
}

/// What an exchange about a message of a stream says.
pub(crate) type Report = (gateway_h1h2::StreamId, Leg, AdaptReport);

impl Reports {
    fn say(&self, report: AdaptReport) {
        // A session that is gone wants to know nothing more.
        let _ = self.to.send((self.of.0, self.of.1, report));
    }
}
