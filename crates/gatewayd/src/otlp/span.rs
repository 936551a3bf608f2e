//! From what a record tells to spans. Durations are measured; where within its flow a part lies is
//! known by the order of things alone.

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use gateway_log::{Record, RecordKind, Text, Timings};
use serde_json::{Value, json};

/// SPAN_KIND_SERVER of the protocol.
const SERVER: u8 = 2;
/// SPAN_KIND_INTERNAL of the protocol.
const INTERNAL: u8 = 1;

/// What a span needs of a record.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    kind: RecordKind,
    session_id: Text,
    request_id: Text,
    started_ns: u64,
    ended_ns: u64,
    method: Text,
    host: Text,
    version: Text,
    status: Option<u16>,
    action: Option<&'static str>,
    rule: Text,
    generation: u64,
    failed: Option<&'static str>,
    timings: Timings,
}

impl Flow {
    /// That of `record`. URLs stay in the records: they hold what is nobody else's business.
    pub(super) fn of(record: &Record) -> Self {
        let total_ns = record.timings.total_ms.unwrap_or(0).saturating_mul(1_000_000);
        Self {
            kind: record.kind,
            session_id: record.session_id.clone(),
            request_id: record.request_id.clone(),
            started_ns: record.started_ns,
            ended_ns: record.ended_ns.max(record.started_ns.saturating_add(total_ns)),
            method: record.http.method.clone(),
            host: record.http.host.clone(),
            version: record.http.version.clone(),
            status: record.http.status,
            action: record.decision.action.map(|action| action.as_str()),
            rule: record.decision.policy_id.clone(),
            generation: record.config_generation,
            failed: crate::metrics::error(record),
            timings: record.timings.clone(),
        }
    }

    fn spans(&self, out: &mut Vec<Value>) {
        let session = Ids::of(&self.session_id);
        match self.kind {
            RecordKind::Http => {
                let own = Ids { trace: session.trace, span: Ids::of(&self.request_id).span };
                out.push(self.own(&own, Some(&session.span), &lossy(&self.method)));
                self.parts(&own, out);
            }
            _ => {
                out.push(self.own(&session, None, "connection"));
                self.parts(&session, out);
            }
        }
    }

    fn own(&self, ids: &Ids, parent: Option<&str>, name: &str) -> Value {
        let mut attributes = vec![
            text("server.address", &lossy(&self.host)),
            text("network.protocol", &lossy(&self.version)),
            text("gateway.session_id", &lossy(&self.session_id)),
            text("gateway.request_id", &lossy(&self.request_id)),
            text("gateway.action", self.action.unwrap_or_default()),
            text("gateway.rule", &lossy(&self.rule)),
            text("error.type", self.failed.unwrap_or_default()),
            number("gateway.config_generation", self.generation),
        ];
        attributes.retain(|attribute| attribute["value"]["stringValue"] != "");
        if let Some(status) = self.status.filter(|status| *status > 0) {
            attributes.push(number("http.response.status_code", status.into()));
        }
        let mut span = span(ids, parent, name, SERVER, self.started_ns, self.ended_ns);
        span["attributes"] = attributes.into();
        // STATUS_CODE_ERROR of the protocol.
        if self.failed.is_some() {
            span["status"] = json!({ "code": 2 });
        }
        span
    }

    /// The parts of the work, one after the other; what is not known to have happened is none.
    fn parts(&self, own: &Ids, out: &mut Vec<Value>) {
        let (ms, us) = (1_000_000, 1_000);
        let timings = &self.timings;
        let mut at = self.started_ns;
        for (name, took, unit) in [
            ("mint", timings.mint_us, us),
            ("client TLS", timings.client_tls_ms, ms),
            ("rules", timings.rule_evaluation_us, us),
            ("connect", timings.origin_connect_ms, ms),
            ("origin TLS", timings.origin_tls_ms, ms),
        ] {
            let Some(took) = took else { continue };
            let until = at.saturating_add(took.saturating_mul(unit)).min(self.ended_ns);
            out.push(part(own, name, at, until));
            at = until;
        }
        if let Some(first_byte) = timings.origin_ttfb_ms {
            let until = self.started_ns.saturating_add(first_byte.saturating_mul(ms));
            let until = until.min(self.ended_ns);
            out.push(part(own, "response head", at.min(until), until));
        }
        if let Some(scan) = timings.scan_us.filter(|scan| *scan > 0) {
            let since = self.ended_ns.saturating_sub(scan.saturating_mul(us));
            out.push(part(own, "scan", since.max(self.started_ns), self.ended_ns));
        }
    }
}

/// The names of a span, in hex.
struct Ids {
    trace: String,
    span: String,
}

impl Ids {
    /// Those that follow from the name of a session or request: whoever has the record can find
    /// the trace.
    fn of(name: &Text) -> Self {
        let digest = digest(&SHA256, name.as_bytes());
        let mut hex = String::with_capacity(64);
        for byte in digest.as_ref() {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
        }
        let span = hex.split_off(32);
        Self { trace: hex, span: span.chars().take(16).collect() }
    }
}

fn part(own: &Ids, name: &str, since_ns: u64, until_ns: u64) -> Value {
    let seed = Text::from(format!("{} {name}", own.span));
    let ids = Ids { trace: own.trace.clone(), span: Ids::of(&seed).span };
    span(&ids, Some(&own.span), name, INTERNAL, since_ns, until_ns)
}

fn span(
    ids: &Ids,
    parent: Option<&str>,
    name: &str,
    kind: u8,
    since_ns: u64,
    until_ns: u64,
) -> Value {
    let mut span = json!({
        "traceId": ids.trace,
        "spanId": ids.span,
        "name": name,
        "kind": kind,
        "startTimeUnixNano": since_ns.to_string(),
        "endTimeUnixNano": until_ns.to_string(),
    });
    if let Some(parent) = parent {
        span["parentSpanId"] = parent.into();
    }
    span
}

fn text(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}

fn number(key: &str, value: u64) -> Value {
    json!({ "key": key, "value": { "intValue": value.to_string() } })
}

fn lossy(text: &Text) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(text.as_bytes())
}

/// An `ExportTraceServiceRequest` of all spans of `flows`, as JSON.
pub(super) fn encode(flows: impl Iterator<Item = Flow>) -> Vec<u8> {
    let mut spans = Vec::new();
    for flow in flows {
        flow.spans(&mut spans);
    }
    let version = env!("CARGO_PKG_VERSION");
    let request = json!({ "resourceSpans": [{
        "resource": { "attributes": [
            text("service.name", "gateway-proxy"),
            text("service.version", version),
        ] },
        "scopeSpans": [{ "scope": { "name": "gateway", "version": version }, "spans": spans }],
    }] });
    request.to_string().into_bytes()
}
