//! Where records leave the machines: they are counted, and go to the sinks.

use gateway_log::Record;
use gateway_sinks::{Sinks, Status};

use crate::metrics::Metrics;

/// The way out of every record.
pub(crate) struct Outlet {
    sinks: Sinks,
    metrics: Metrics,
}

impl Outlet {
    /// A way to `sinks`.
    pub(crate) fn new(sinks: Sinks) -> Self {
        Self { sinks, metrics: Metrics::default() }
    }

    /// What has been counted.
    pub(crate) const fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// How the sinks are doing.
    pub(crate) fn status(&self) -> Vec<Status> {
        self.sinks.status()
    }

    /// Takes one record; never waits.
    pub(crate) fn submit(&self, record: Box<Record>) {
        self.metrics.observe(&record);
        self.sinks.submit(record);
    }

    /// Writes out what waits; gives the number of records lost in all.
    pub(crate) fn close(self) -> u64 {
        self.sinks.close()
    }
}
