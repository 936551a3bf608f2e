//! Each test makes records, and looks for the lines that they become.

use gateway_log::{
    Adaptation, AdaptationOutcome, CheckFinding, CloseReason, ExternalScan, RuleMode, ScanVerdict,
    TrailStep, UnscannablePart,
};
use prometheus_client::encoding::text::encode;

use super::*;

pub(super) fn shown(metrics: &Metrics) -> String {
    let mut registry = Registry::with_prefix("gateway");
    metrics.register(&mut registry);
    let mut text = String::new();
    encode(&mut text, &registry).unwrap();
    text
}

fn request(rule: &str, action: Action) -> Record {
    let mut record = Record::new(RecordKind::Http);
    record.http.version = "HTTP/1.1".into();
    record.decision.action = Some(action);
    record.decision.policy_id = rule.into();
    let mut step = TrailStep::default();
    step.rule_id = rule.into();
    record.decision.trail.push(step);
    record.timings.total_ms = Some(40);
    record.timings.rule_evaluation_us = Some(30);
    record
}

#[track_caller]
pub(super) fn check(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|shown| shown == *line), "{line} is not in\n{text}");
    }
}

#[test]
fn requests_are_counted_by_protocol_action_and_rule() {
    let metrics = Metrics::default();
    metrics.observe(&request("cards", Action::Block));
    metrics.observe(&request("cards", Action::Block));
    let mut shadow = request("watch \"x\"\\", Action::Allow);
    shadow.decision.trail[0].mode = RuleMode::Log;
    shadow.decision.policy_id = "".into();
    metrics.observe(&shadow);
    let mut failed = request("", Action::Allow);
    failed.decision.trail.clear();
    failed.close_reason = Some(CloseReason::OriginUnreachable);
    failed.http.status = Some(504);
    metrics.observe(&failed);
    check(
        &shown(&metrics),
        &[
            "gateway_requests_total{protocol=\"http1.1\",action=\"block\"} 2",
            "gateway_requests_total{protocol=\"http1.1\",action=\"allow\"} 2",
            "gateway_request_errors_total{protocol=\"http1.1\",reason=\"origin_unreachable\"} 1",
            "gateway_refused_total{reason=\"rule\"} 2",
            "gateway_request_duration_seconds_bucket{le=\"0.05\",protocol=\"http1.1\"} 4",
            "gateway_rule_evaluation_seconds_bucket{le=\"0.00005\"} 4",
            "gateway_rule_matches_total{rule=\"cards\",mode=\"enforce\"} 2.0",
            "gateway_rule_matches_total{rule=\"watch \\\"x\\\"\\\\\",mode=\"log\"} 1.0",
            "gateway_rule_decisions_total{rule=\"cards\",action=\"block\"} 2.0",
            "gateway_rule_request_seconds_total{rule=\"cards\"} 0.08",
        ],
    );
}

#[test]
fn what_could_not_be_scanned_is_counted_by_what_became_of_it() {
    let metrics = Metrics::default();
    for (action, reason) in [(Action::Allow, "encrypted"), (Action::Block, "own words")] {
        let mut record = request("a", action);
        let mut part = UnscannablePart::default();
        part.reason = reason.into();
        record.inspection.unscannable.push(part);
        metrics.observe(&record);
    }
    check(
        &shown(&metrics),
        &[
            "gateway_scanner_failures_total{fails=\"open\"} 1",
            "gateway_scanner_failures_total{fails=\"closed\"} 1",
            "gateway_unscannable_parts_total{reason=\"encrypted\"} 1",
            "gateway_unscannable_parts_total{reason=\"other\"} 1",
        ],
    );
}

#[test]
fn scanners_outside_are_counted_by_name_and_outcome() {
    let metrics = Metrics::default();
    let mut record = request("a", Action::Allow);
    let mut scan = ExternalScan::default();
    scan.scanner = "clamd".into();
    scan.verdict = ScanVerdict::Clean;
    scan.duration_ms = 30;
    record.inspection.external_scans.push(scan);
    let mut adaptation = Adaptation::default();
    adaptation.service = "av".into();
    adaptation.outcome = AdaptationOutcome::Answered;
    adaptation.duration_us = 700;
    record.inspection.adaptations.push(adaptation);
    metrics.observe(&record);
    check(
        &shown(&metrics),
        &[
            "gateway_external_scans_total{scanner=\"clamd\",outcome=\"clean\"} 1",
            "gateway_external_scans_total{scanner=\"av\",outcome=\"answered\"} 1",
            "gateway_external_scan_seconds_bucket{le=\"0.05\",scanner=\"clamd\"} 1",
            "gateway_external_scan_seconds_bucket{le=\"0.001\",scanner=\"av\"} 1",
        ],
    );
}

#[test]
fn an_interim_record_counts_nothing_that_its_last_one_counts() {
    let metrics = Metrics::default();
    let mut record = Record::new(RecordKind::Session);
    record.bytes.from_client = Some(10);
    record.interim = true;
    metrics.observe(&record);
    record.interim = false;
    metrics.observe(&record);
    check(
        &shown(&metrics),
        &[
            "gateway_records_total{kind=\"session\"} 2",
            "gateway_bytes_total{direction=\"from_client\"} 10",
            "gateway_sessions_total{transport=\"unknown\",interception=\"undecided\"} 1",
        ],
    );
}

#[test]
fn no_host_makes_a_series_and_rules_that_went_are_forgotten() {
    let metrics = Metrics::default();
    let mut record = request("r0", Action::Allow);
    metrics.observe(&record);
    let series = shown(&metrics).lines().count();
    for number in 0..100 {
        record.http.host = format!("h{number}.test").into();
        record.http.url = format!("https://h{number}.test/").into();
        metrics.observe(&record);
    }
    assert_eq!(shown(&metrics).lines().count(), series);
    metrics.observe(&request("r1", Action::Allow));
    assert!(shown(&metrics).lines().count() > series);
    metrics.keep_rules(["r0"].into_iter());
    assert_eq!(shown(&metrics).lines().count(), series);
}

#[test]
fn what_checks_found_is_counted() {
    let metrics = Metrics::default();
    let mut record = request("a", Action::Allow);
    let found = |check, outcome| CheckFinding { side: "origin", check, outcome };
    record.http.checks = vec![found("field-folded", "repair"), found("head-nul", "reject")];
    metrics.observe(&record);
    metrics.observe(&record);
    check(
        &shown(&metrics),
        &[
            "gateway_http1_checks_total{side=\"origin\",check=\"field-folded\",outcome=\"repair\"} 2",
            "gateway_http1_checks_total{side=\"origin\",check=\"head-nul\",outcome=\"reject\"} 2",
        ],
    );
}

#[test]
fn tunnels_are_counted_while_they_are_there() {
    let metrics = Metrics::default();
    let tunnel = metrics.tunnel();
    check(&shown(&metrics), &["gateway_tunnels_active 1"]);
    drop(tunnel);
    check(&shown(&metrics), &["gateway_tunnels_active 0"]);
}
