//! What is read from the gateway at the moment when somebody asks: it costs nothing until then.

use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;

use crate::reload::Reloader;
use crate::serve::{Live, Serving};

/// Where the state is read.
pub(super) struct State {
    live: Arc<Live>,
    serving: Arc<Serving>,
    reloader: Arc<Reloader>,
    started_unix_s: f64,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").finish_non_exhaustive()
    }
}

impl State {
    pub(super) fn new(live: Arc<Live>, serving: Arc<Serving>, reloader: Arc<Reloader>) -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { live, serving, reloader, started_unix_s: since.as_secs_f64() }
    }
}

/// What the families of one kind have in common.
struct Writer<'a> {
    encoder: DescriptorEncoder<'a>,
}

impl Writer<'_> {
    fn gauge(&mut self, name: &str, help: &str, value: f64) -> fmt::Result {
        let kind = MetricType::Gauge;
        self.encoder.encode_descriptor(name, help, None, kind)?.encode_gauge(&value)
    }

    /// A family with one label.
    fn family(
        &mut self,
        name: &str,
        help: &str,
        kind: MetricType,
        label: &str,
        values: impl IntoIterator<Item = (impl AsRef<str>, f64)>,
    ) -> fmt::Result {
        let counter = matches!(kind, MetricType::Counter);
        let mut metric = self.encoder.encode_descriptor(name, help, None, kind)?;
        for (word, value) in values {
            let labels = [(label, word.as_ref())];
            let mut one = metric.encode_family(&labels)?;
            if counter {
                one.encode_counter::<NoLabelSet, _, f64>(&value, None)?;
            } else {
                one.encode_gauge(&value)?;
            }
        }
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "no count here comes near 2^53")]
const fn wide(count: u64) -> f64 {
    count as f64
}

fn count(count: usize) -> f64 {
    wide(u64::try_from(count).unwrap_or(u64::MAX))
}

impl Collector for State {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut out = Writer { encoder };
        self.write_gateway(&mut out)?;
        self.write_reloads(&mut out)?;
        self.write_scanners(&mut out)?;
        self.write_sinks(&mut out)?;
        write_process(&mut out)
    }
}

impl State {
    fn write_gateway(&self, out: &mut Writer<'_>) -> fmt::Result {
        let gateway = self.live.current();
        let version = [(env!("CARGO_PKG_VERSION"), 1.0)];
        let help = "Always 1; the label tells the version";
        out.family("build_info", help, MetricType::Gauge, "version", version)?;
        let help = "When the process was started, in seconds since the Unix epoch";
        out.gauge("start_time_seconds", help, self.started_unix_s)?;
        let help = "Connections of clients now";
        out.gauge("sessions_active", help, count(self.serving.connections()))?;
        let help = "Idle origin connections in the pool";
        out.gauge("pool_idle_connections", help, count(gateway.dialer.pool.len()))?;
        let help = "Minted certificates that are kept";
        out.gauge("certificate_cache_entries", help, count(gateway.minter.kept()))?;
        let help = "When the certificate of the authority expires, in seconds since the Unix epoch";
        let until = wide(gateway.minter.not_after_unix_s());
        out.gauge("ca_not_after_timestamp_seconds", help, until)?;
        let help = "Rules of the policy in force";
        out.gauge("policy_rules", help, count(gateway.rules().rules().len()))
    }

    fn write_reloads(&self, out: &mut Writer<'_>) -> fmt::Result {
        let status = self.reloader.status();
        let help = "The generation of settings and policy in force";
        out.gauge("config_generation", help, wide(status.generation))?;
        let help = "Since when that generation is in force, in seconds since the Unix epoch";
        out.gauge("config_since_timestamp_seconds", help, wide(status.since_unix_s))?;
        let help = "Earlier generations that still have sessions";
        out.gauge("config_superseded_generations", help, count(status.superseded))?;
        let help = "Settings that changed but wait for a restart";
        out.gauge("config_waits_for_restart", help, count(status.needs_restart.len()))?;
        let well = status.last.as_ref().is_none_or(|last| last.faults.is_empty());
        let help = "Whether the last reload succeeded; 1 before the first";
        out.gauge("config_last_reload_successful", help, f64::from(u8::from(well)))?;
        let results = [("success", wide(status.succeeded)), ("failure", wide(status.failed))];
        let help = "Reloads of settings and policy";
        out.family("config_reloads", help, MetricType::Counter, "result", results)
    }

    fn write_scanners(&self, out: &mut Writer<'_>) -> fmt::Result {
        let gateway = self.live.current();
        let rests = || gateway.scanners.rests();
        let often = rests().map(|(name, rests, _)| (name, wide(rests)));
        let help =
            "Times that a scanner outside was left alone for a while, as it had failed too often";
        out.family("scanner_rests", help, MetricType::Counter, "scanner", often)?;
        let now = rests().map(|(name, _, is_resting)| (name, f64::from(u8::from(is_resting))));
        let help = "Whether a scanner outside is left alone now";
        out.family("scanner_resting", help, MetricType::Gauge, "scanner", now)
    }

    fn write_sinks(&self, out: &mut Writer<'_>) -> fmt::Result {
        let sinks = self.live.current().sinks.status();
        let queued = sinks.iter().map(|sink| (sink.sink, wide(sink.queued)));
        let help = "Records that wait for a sink";
        out.family("sink_queued_records", help, MetricType::Gauge, "sink", queued)?;
        let spooled = sinks.iter().map(|sink| (sink.sink, wide(sink.spooled)));
        let help = "Records that wait on disk for a sink that does not answer";
        out.family("sink_spooled_records", help, MetricType::Gauge, "sink", spooled)?;
        let written = sinks.iter().map(|sink| (sink.sink, wide(sink.written)));
        let help = "Records that a sink took";
        out.family("sink_written_records", help, MetricType::Counter, "sink", written)?;
        let retries = sinks.iter().map(|sink| (sink.sink, wide(sink.retries)));
        let help = "Attempts of a sink that failed and are made again";
        out.family("sink_retries", help, MetricType::Counter, "sink", retries)?;
        let dropped = sinks.iter().map(|sink| (sink.sink, wide(sink.dropped)));
        let help = "Records that a sink has lost";
        out.family("sink_dropped_records", help, MetricType::Counter, "sink", dropped)
    }
}

/// What the system says of the process.
fn write_process(out: &mut Writer<'_>) -> fmt::Result {
    let memory = std::fs::read_to_string("/proc/self/status").ok();
    let kib = memory.as_deref().and_then(|status| {
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    });
    if let Some(kib) = kib {
        out.gauge("resident_memory_bytes", "Memory of the process", wide(kib << 10))?;
    }
    if let Ok(entries) = std::fs::read_dir("/proc/self/fd") {
        out.gauge("open_fds", "Open file descriptors", count(entries.count()))?;
    }
    Ok(())
}
