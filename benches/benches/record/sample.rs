//! A record as a bench takes it.

use gateway_log::{Action, CloseReason, Record, RecordKind, TrailStep};

/// A request as it is mostly recorded: allowed, with what was measured.
pub(crate) fn record() -> Record {
    let mut record = Record::new(RecordKind::Http);
    (record.started_ns, record.ended_ns) = (1_750_000_000_000_000_000, 1_750_000_000_042_000_000);
    record.request_id = "0197f6c2-1000-7000-8000-0123456789ab".into();
    record.session_id = "0197f6c2-0fff-7000-8000-0123456789ab".into();
    record.client.addr = Some(([192, 0, 2, 7], 50_000).into());
    record.client.sni = "www.example.com".into();
    record.client.ja4 = "t13d1516h2_8daaf6152771_e5627efa2ab1".into();
    record.origin.addr = Some(([198, 51, 100, 4], 443).into());
    record.origin.resolved_fqdn = "www.example.com".into();
    record.http.method = "GET".into();
    record.http.url = "https://www.example.com/media/gallery/2025/06/harbour.jpg?size=large".into();
    record.http.host = "www.example.com".into();
    record.http.version = "HTTP/1.1".into();
    record.http.status = Some(200);
    record.http.user_agent = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101".into();
    record.decision.action = Some(Action::Allow);
    let mut step = TrailStep::default();
    (step.tier, step.rule_id, step.phase) = ("http".into(), "allow-media".into(), "head".into());
    step.predicate = "http.request.host == \"www.example.com\"".into();
    record.decision.trail.push(step);
    record.timings.rule_evaluation_us = Some(2);
    record.timings.scan_us = Some(41);
    record.timings.total_ms = Some(42);
    record.bytes.from_client = Some(703);
    record.bytes.to_client = Some(123_456);
    record.close_reason = Some(CloseReason::ClientClosed);
    record
}
