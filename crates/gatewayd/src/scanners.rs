//! Scanners outside the process, reached over sockets. Which bodies they are given and what their
//! verdicts mean is decided in the machines.

mod breaker;
mod clamd;
mod connect;

use std::sync::Arc;
use std::time::Duration;

use gateway_inspect::HoldPolicy;
use gateway_proxy::{External, OnFailure, Opinion, ScanInput, ScanReport};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use self::clamd::Clamd;
pub(crate) use self::connect::connect_to;
use crate::config::{self, Config, Endpoint};

/// The scanners outside of one generation, in the order of [`Scanners::external`].
#[derive(Debug, Default)]
pub(crate) struct Scanners {
    clamd: Vec<Arc<Clamd>>,
    /// What their verdicts count for, in the same order.
    opinions: Vec<Opinion>,
}

impl Scanners {
    /// Those that `config` names. None is connected to before it is needed.
    pub(crate) fn new(config: &Config) -> Self {
        let (clamd, opinion) = (&config.clamd, opinion(config.clamd.opinion));
        let clamd = clamd.address.parse::<Endpoint>().ok().map(|endpoint| {
            let ms = Duration::from_millis;
            Arc::new(Clamd::new(
                endpoint,
                clamd.transfer,
                clamd.scans_max,
                clamd::Times {
                    connect: ms(clamd.connect_ms),
                    send: ms(clamd.send_ms),
                    answer: ms(clamd.answer_ms),
                },
            ))
        });
        let clamd: Vec<Arc<Clamd>> = clamd.into_iter().collect();
        Self { opinions: vec![opinion; clamd.len()], clamd }
    }

    /// What the machines must know of them.
    pub(crate) fn external(&self, config: &Config) -> Vec<External> {
        let external = |opinion: &Opinion| External {
            name: "clamd",
            hold: match config.clamd.hold {
                config::Hold::Tail => config.hold_policy(),
                config::Hold::Whole => HoldPolicy::Whole,
            },
            on_failure: match config.clamd.on_error {
                config::OnError::Block => OnFailure::Block,
                config::OnError::Allow => OnFailure::Allow,
            },
            bytes_max: config.clamd.bytes_max,
            opinion: *opinion,
        };
        self.opinions.iter().map(external).collect()
    }

    /// Whether the scanner at `index` may have its word when all else is over.
    pub(crate) fn may_come_later(&self, index: usize) -> bool {
        self.opinions.get(index) == Some(&Opinion::Second)
    }

    /// Runs one scan by the scanner at `index`. It ends when `inputs` does.
    pub(crate) fn scan(
        &self,
        index: usize,
        inputs: UnboundedReceiver<ScanInput>,
        reports: Reports,
    ) {
        if let Some(clamd) = self.clamd.get(index).cloned() {
            tokio::spawn(async move { clamd.scan(inputs, reports).await });
        }
    }
}

const fn opinion(of: config::Opinion) -> Opinion {
    match of {
        config::Opinion::Any => Opinion::Any,
        config::Opinion::All => Opinion::All,
        config::Opinion::Second => Opinion::Second,
    }
}

/// Where a scan reports to.
#[derive(Clone, Debug)]
pub(crate) struct Reports {
    pub(crate) of: (gateway_h1h2::StreamId, gateway_proxy::ScanId),
    pub(crate) to: UnboundedSender<Report>,
}

/// What a scan of a stream says.
pub(crate) type Report = (gateway_h1h2::StreamId, gateway_proxy::ScanId, ScanReport);

impl Reports {
    fn say(&self, report: ScanReport) {
        // A session that is gone wants to know nothing more.
        let _ = self.to.send((self.of.0, self.of.1, report));
    }
}
