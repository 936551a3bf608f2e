//! Where records leave the machines: they are counted, and go to the sinks.

use gateway_admin::Feed;
use gateway_log::Record;
use gateway_sinks::{Sinks, Status};

use crate::metrics::Metrics;

/// The way out of every record.
pub(crate) struct Outlet {
    sinks: Sinks,
    metrics: Metrics,
    feed: Feed,
    #[cfg(feature = "otlp")]
    spans: Option<crate::otlp::Spans>,
}

impl Outlet {
    /// A way to `sinks`.
    pub(crate) fn new(sinks: Sinks) -> Self {
        Self {
            sinks,
            metrics: Metrics::default(),
            feed: Feed::default(),
            #[cfg(feature = "otlp")]
            spans: None,
        }
    }

    /// The same, with traces sent to `endpoint` unless that is empty. Needs the runtime.
    ///
    /// # Errors
    ///
    /// [`EndpointError`](crate::otlp::EndpointError).
    #[cfg(feature = "otlp")]
    pub(crate) fn traced(self, endpoint: &str) -> Result<Self, crate::otlp::EndpointError> {
        let started = (!endpoint.is_empty())
            .then(|| crate::otlp::Spans::start(endpoint, self.metrics.clone()));
        Ok(Self { spans: started.transpose()?, ..self })
    }

    /// What has been counted.
    pub(crate) const fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Where records can be watched as they come.
    pub(crate) const fn feed(&self) -> &Feed {
        &self.feed
    }

    /// How the sinks are doing.
    pub(crate) fn status(&self) -> Vec<Status> {
        self.sinks.status()
    }

    /// Takes one record; never waits.
    pub(crate) fn submit(&self, record: Box<Record>) {
        self.metrics.observe(&record);
        #[cfg(feature = "otlp")]
        if let Some(spans) = &self.spans
            // The request has its span already.
            && record.inspection.late_finding.is_none()
        {
            spans.submit(&record);
        }
        self.feed.offer(&record);
        self.sinks.submit(record);
    }

    /// Writes out the records that wait though others still hold the outlet; gives the number of
    /// records lost in all.
    pub(crate) fn close_sinks(&self) -> u64 {
        self.sinks.close()
    }

    /// Writes out what waits; gives the number of records lost in all.
    pub(crate) async fn close(self) -> u64 {
        #[cfg(feature = "otlp")]
        if let Some(spans) = self.spans {
            spans.close().await;
        }
        self.sinks.close()
    }
}
