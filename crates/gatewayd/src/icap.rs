//! Services of ICAP, reached over sockets: those that messages go through, and those that look at copies.
//! Which messages they get and what becomes of what they say is decided in the machines.

mod copy;
mod exchange;
mod options;
mod service;
mod tls;
mod turns;

use std::sync::Arc;
use std::time::Duration;

use gateway_proxy::transaction::Leg;
use gateway_proxy::{AdaptInput, AdaptReport, Adapter, OnFailure, Takes};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

pub(crate) use self::service::Service;
pub(crate) use self::tls::IcapTlsError;
use crate::config::{self, Config, Icap, IcapMode};

/// The services of one generation, in the order of the configuration.
#[derive(Debug, Default)]
pub(crate) struct Services {
    /// Those that messages go through.
    changing: Vec<Arc<Service>>,
    /// Those that look at copies.
    scanning: Vec<Arc<Service>>,
}

impl Services {
    /// Those that `config` names. None is connected to before it is needed.
    ///
    /// # Errors
    ///
    /// [`IcapTlsError`] where a file that TLS needs is wrong.
    pub(crate) fn new(config: &Config) -> Result<Self, IcapTlsError> {
        let mut services = Self::default();
        for icap in &config.icap {
            // It was checked with the rest of the configuration.
            let Ok(address) = gateway_h1h2::icap::Service::parse(&icap.url) else { continue };
            let service = Arc::new(Service::new(icap, address)?);
            match icap.mode {
                IcapMode::Change => services.changing.push(service),
                IcapMode::Scan => services.scanning.push(service),
            }
        }
        Ok(services)
    }

    /// What the machines must know of those that messages go through.
    pub(crate) fn adapters(&self, config: &Config) -> Vec<Arc<Adapter>> {
        let changing = config.icap.iter().filter(|icap| icap.mode == IcapMode::Change);
        changing.map(|icap| Arc::new(adapter(icap))).collect()
    }

    /// Those that look at copies, in the order of the configuration.
    pub(crate) fn scanning(&self) -> &[Arc<Service>] {
        &self.scanning
    }

    /// Runs the exchange about one message. It ends when `inputs` does.
    pub(crate) fn adapt(
        &self,
        adapter: usize,
        inputs: UnboundedReceiver<AdaptInput>,
        reports: Reports,
    ) {
        if let Some(service) = self.changing.get(adapter).cloned() {
            tokio::spawn(async move { service.adapt(inputs, reports).await });
        }
    }
}

fn adapter(icap: &Icap) -> Adapter {
    Adapter {
        name: icap.name.clone(),
        takes: takes(icap),
        // It was checked with the rest of the configuration.
        when: icap.condition().ok().flatten(),
        on_failure: match icap.on_error {
            config::OnError::Block => OnFailure::Block,
            config::OnError::Allow => OnFailure::Allow,
        },
        kept_bytes_max: icap.kept_bytes_max,
    }
}

/// Which messages go to a service.
pub(crate) const fn takes(icap: &Icap) -> Takes {
    match icap.messages {
        config::Messages::Both => Takes::Both,
        config::Messages::Requests => Takes::Requests,
        config::Messages::Responses => Takes::Responses,
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
