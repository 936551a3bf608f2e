//! Traces for an OpenTelemetry collector, by OTLP over HTTP in its JSON form (OTLP 1.0): one trace
//! for a connection, a span for each request in it, and a span for each part of the work. They are
//! made of what the record tells; nothing is measured for them.
//!
//! A collector that does not take a batch loses it, which is counted: the records are what must
//! not be lost.

mod collector;
mod span;

use std::time::Duration;

use gateway_log::{Record, RecordKind};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tracing::{info, warn};

use crate::metrics::Metrics;
use collector::Collector;
pub(crate) use collector::EndpointError;
use span::Flow;

/// Flows that may wait for the collector.
const QUEUE_MAX: usize = 4_096;
/// Flows that go out together.
const BATCH_MAX: usize = 256;
/// How long the first flow of a batch waits for others.
const GATHER: Duration = Duration::from_secs(1);
/// How long what waits may take at the gateway's end.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// The way to the collector.
pub(crate) struct Spans {
    flows: mpsc::Sender<Flow>,
    exporting: JoinHandle<()>,
    metrics: Metrics,
}

/// Whether traces can be sent to `endpoint`.
pub(crate) fn is_endpoint(endpoint: &str) -> bool {
    Collector::at(endpoint).is_ok()
}

impl Spans {
    /// Sends traces to `endpoint`, such as `http://127.0.0.1:4318/v1/traces`. Needs the runtime.
    ///
    /// # Errors
    ///
    /// [`EndpointError`].
    pub(crate) fn start(endpoint: &str, metrics: Metrics) -> Result<Self, EndpointError> {
        let collector = Collector::at(endpoint)?;
        let (flows, waiting) = mpsc::channel(QUEUE_MAX);
        let exporting = tokio::spawn(export(waiting, collector, metrics.clone()));
        Ok(Self { flows, exporting, metrics })
    }

    /// Takes what a record tells. Never waits: what does not fit is counted.
    pub(crate) fn submit(&self, record: &Record) {
        let ended = !record.interim && !matches!(record.kind, RecordKind::Loss);
        if ended && self.flows.try_send(Flow::of(record)).is_err() {
            self.metrics.traced("lost", 1);
        }
    }

    /// Sends what waits.
    pub(crate) async fn close(self) {
        let Self { flows, exporting, .. } = self;
        drop(flows);
        let _ = timeout(LAST_WORDS, exporting).await;
    }
}

async fn export(mut waiting: mpsc::Receiver<Flow>, collector: Collector, metrics: Metrics) {
    let mut batch = Vec::with_capacity(BATCH_MAX);
    let mut is_well = true;
    while let Some(first) = waiting.recv().await {
        batch.push(first);
        let gathering = async {
            while batch.len() < BATCH_MAX
                && let Some(flow) = waiting.recv().await
            {
                batch.push(flow);
            }
        };
        let _ = timeout(GATHER, gathering).await;
        let flows = u64::try_from(batch.len()).unwrap_or(u64::MAX);
        let body = span::encode(batch.drain(..));
        match collector.post(&body).await {
            Ok(()) => {
                metrics.traced("sent", flows);
                if !is_well {
                    info!("the collector of traces takes them again");
                }
                is_well = true;
            }
            Err(error) => {
                metrics.traced("lost", flows);
                if is_well {
                    warn!("the collector does not take traces: {error}");
                }
                is_well = false;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
    use tokio::net::TcpListener;

    use super::*;

    /// The head and the body of one request to the collector, which is answered with `status`.
    async fn receive(listener: &TcpListener, status: &str) -> (String, Vec<u8>) {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = BufReader::new(stream);
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await.unwrap();
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            head.push_str(&line);
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.unwrap();
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\n{{}}");
        stream.get_mut().write_all(answer.as_bytes()).await.unwrap();
        (head, body)
    }

    fn records() -> [Record; 2] {
        let mut request = Record::new(RecordKind::Http);
        request.session_id = "s1".into();
        request.request_id = "s1-1".into();
        request.started_ns = 1_700_000_000_000_000_000;
        request.ended_ns = request.started_ns + 50_000_000;
        request.http.method = "GET".into();
        request.http.host = "a.test".into();
        request.http.status = Some(200);
        request.timings.rule_evaluation_us = Some(20);
        request.timings.origin_connect_ms = Some(3);
        request.timings.origin_tls_ms = Some(9);
        request.timings.origin_ttfb_ms = Some(30);
        request.timings.scan_us = Some(700);
        let mut session = Record::new(RecordKind::Session);
        session.session_id = "s1".into();
        session.started_ns = request.started_ns - 20_000_000;
        session.ended_ns = request.ended_ns;
        session.timings.client_tls_ms = Some(8);
        session.timings.mint_us = Some(90);
        [request, session]
    }

    #[tokio::test]
    async fn a_collector_gets_one_batch_of_spans_in_one_trace() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}/v1/traces", listener.local_addr().unwrap());
        let spans = Spans::start(&endpoint, Metrics::default()).unwrap();
        for record in records() {
            spans.submit(&record);
        }
        let ((head, body), ()) = tokio::join!(receive(&listener, "200 OK"), spans.close());
        assert!(head.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{head}");
        assert!(head.to_lowercase().contains("content-type: application/json\r\n"), "{head}");
        let body: Value = serde_json::from_slice(&body).unwrap();
        let resource = &body["resourceSpans"][0];
        assert_eq!(resource["resource"]["attributes"][0]["key"], "service.name");
        let spans = resource["scopeSpans"][0]["spans"].as_array().unwrap();
        let named = |name: &str| spans.iter().find(|span| span["name"] == name).unwrap();
        let (request, session) = (named("GET"), named("connection"));
        assert_eq!(request["parentSpanId"], session["spanId"]);
        assert!(session.get("parentSpanId").is_none());
        for span in spans {
            assert_eq!(span["traceId"], session["traceId"]);
            assert_eq!(span["traceId"].as_str().unwrap().len(), 32);
            assert_eq!(span["spanId"].as_str().unwrap().len(), 16);
            let time = |name: &str| span[name].as_str().unwrap().parse::<u64>().unwrap();
            assert!(time("startTimeUnixNano") <= time("endTimeUnixNano"), "{span}");
            assert!(time("startTimeUnixNano") >= records()[1].started_ns, "{span}");
            assert!(time("endTimeUnixNano") <= records()[1].ended_ns, "{span}");
        }
        for part in ["rules", "connect", "origin TLS", "response head", "scan"] {
            assert_eq!(named(part)["parentSpanId"], request["spanId"], "{part}");
        }
        for part in ["client TLS", "mint"] {
            assert_eq!(named(part)["parentSpanId"], session["spanId"], "{part}");
        }
        let text = request["attributes"].to_string();
        assert!(text.contains("\"a.test\"") && text.contains("\"200\""), "{text}");
    }

    #[tokio::test]
    async fn a_collector_that_refuses_loses_what_it_refuses_and_that_is_counted() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let metrics = Metrics::default();
        let spans = Spans::start(&endpoint, metrics.clone()).unwrap();
        spans.submit(&records()[0]);
        let _ = tokio::join!(receive(&listener, "503 No"), spans.close());
        let mut registry = prometheus_client::registry::Registry::default();
        metrics.register(&mut registry);
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        assert!(text.contains("traced_flows_total{result=\"lost\"} 1\n"), "{text}");
    }
}
