//! Records to test with: one that knows everything, and any.

use proptest::prelude::*;

use crate::Text;
use crate::record::{
    Action, Adaptation, CertificateValidation, CloseReason, DlpMatch, DlpProfileMatch,
    ExternalScan, FileSeen, Interception, QuarantineOutcome, Record, RecordKind, SignatureMatch,
    SpliceReason, TrailStep, Transport, UnscannablePart, UntrustedCertificateAction, WorkerBypass,
    WorkerFacts, WorkerNext, WorkerOutcome,
};

/// A record in which every fact is known, its texts drawn from `text` one after the other.
pub(crate) fn full_record(kind: RecordKind, mut text: impl FnMut() -> Text) -> Record {
    let mut record = Record::new(kind);
    record.interim = true;
    record.started_ns = 1_750_000_000_123_456_789;
    record.ended_ns = 1_750_000_001_000_000_000;
    record.config_generation = 7;
    fill_texts(&mut record, &mut text);
    record.client.addr = Some(([192, 0, 2, 1], 50_000).into());
    record.client.transport = Some(Transport::Tcp);
    record.origin.addr = Some(([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1], 443).into());
    record.origin.egress = Some(([198, 51, 100, 1], 60_000).into());
    record.origin.reused = Some(false);
    record.origin.certificate_validation = Some(CertificateValidation::Valid);
    record.http.status = Some(403);
    record.websocket.close_code_of_client = Some(1000);
    record.websocket.close_code_of_origin = Some(1001);
    record.websocket.close_code_sent = Some(1008);
    record.websocket.compressed = Some(true);
    record.http.stream = Some(5);
    record.http.requests = Some(9);
    record.loss.records = Some(412);
    record.close_reason = Some(CloseReason::ClientClosed);
    fill_decision(&mut record, &mut text);
    fill_inspection(&mut record, &mut text);
    fill_numbers(&mut record);
    record.worker = Some(Box::new(WorkerFacts {
        name: text(),
        version: text(),
        policy_id: text(),
        outcome: Some(WorkerOutcome::Exception),
        next: WorkerNext::Called,
        bypass: WorkerBypass::Yes,
        head_ms: Some(30),
        origin_ms: Some(20),
    }));
    record
}

fn fill_texts(record: &mut Record, text: &mut impl FnMut() -> Text) {
    let (client, file) = (&mut *record.client, &mut *record.inspection.blocked_file);
    for place in [
        &mut record.request_id,
        &mut record.session_id,
        &mut record.tenant_id,
        &mut record.proxy_endpoint,
        &mut client.detected_protocol,
        &mut client.sni,
        &mut client.ja4,
        &mut client.user.id,
        &mut client.user.email,
        &mut client.user.source,
        &mut client.device.id,
        &mut client.device.name,
        &mut client.tls.version,
        &mut client.tls.cipher,
        &mut record.origin.resolved_fqdn,
        &mut record.origin.tls.version,
        &mut record.origin.tls.cipher,
        &mut record.origin.certificate_issuer,
        &mut record.http.method,
        &mut record.http.url,
        &mut record.http.host,
        &mut record.http.version,
        &mut record.http.origin_version,
        &mut record.http.referer,
        &mut record.http.user_agent,
        &mut record.websocket.protocol,
        &mut record.decision.policy_id,
        &mut record.decision.policy_name,
        &mut record.decision.redirect_target_uri,
        &mut file.hash,
        &mut file.name,
        &mut file.reason,
        &mut file.kind,
        &mut record.loss.sink,
    ] {
        *place = text();
    }
    record.warnings = vec![text(), text()];
    record.client.user.groups = vec![text(), text()];
    record.client.device.failed_checks = vec![text()];
}

fn fill_decision(record: &mut Record, text: &mut impl FnMut() -> Text) {
    let decision = &mut record.decision;
    decision.action = Some(Action::Block);
    decision.actions = vec![Action::NoScan, Action::Block];
    decision.untrusted_certificate_action = Some(UntrustedCertificateAction::PassThrough);
    decision.authority_mismatch = Some(true);
    decision.trail = vec![TrailStep {
        tier: text(),
        rule_id: text(),
        rule_name: text(),
        action: Some(Action::Block),
        phase: text(),
        predicate: text(),
        headers: vec![text()],
        ..TrailStep::default()
    }];
}

fn fill_inspection(record: &mut Record, text: &mut impl FnMut() -> Text) {
    let inspection = &mut record.inspection;
    inspection.interception = Some(Interception::Spliced(SpliceReason::DoNotInspect));
    inspection.mint_cache_hit = Some(true);
    inspection.dlp_sampled = Some(true);
    inspection.late_finding = Some(true);
    inspection.scanned_bytes = Some(1_000);
    for dlp in [&mut inspection.upload_dlp, &mut inspection.download_dlp] {
        dlp.profiles = vec![text()];
        dlp.entries = vec![text(), text()];
        dlp.counts =
            vec![DlpProfileMatch { profile: text(), entry: text(), count: 3, redacted: 2 }];
        dlp.matches = vec![DlpMatch { entry: text(), part: text(), start: 7, shown: text() }];
        dlp.payload = text();
    }
    inspection.upload_dlp.prompt_app = text();
    inspection.upload_dlp.prompt_profiles = vec![text()];
    inspection.files = vec![FileSeen {
        name: text(),
        kind: text(),
        bytes: Some(68),
        sha256: text(),
        ..FileSeen::default()
    }];
    inspection.blocked_file.bytes = Some(68);
    inspection.quarantine.outcome = Some(QuarantineOutcome::Stored);
    inspection.quarantine.detail = text();
    inspection.quarantine.id = text();
    inspection.quarantine.bytes = Some(68);
    inspection.quarantine.sha256 = text();
    inspection.quarantine.partial = Some(false);
    inspection.release.mode = text();
    inspection.release.request_id = text();
    inspection.signatures = vec![SignatureMatch {
        name: text(),
        part: text(),
        scanner: text(),
        ..SignatureMatch::default()
    }];
    inspection.adaptations = vec![Adaptation {
        service: text(),
        detail: text(),
        istag: text(),
        finding: text(),
        ..Adaptation::default()
    }];
    inspection.external_scans = vec![ExternalScan {
        scanner: text(),
        group: text(),
        detail: text(),
        ..ExternalScan::default()
    }];
    inspection.unscannable =
        vec![UnscannablePart { part: text(), reason: text(), ..UnscannablePart::default() }];
}

fn fill_numbers(record: &mut Record) {
    let (timings, bytes) = (&mut record.timings, &mut record.bytes);
    let websocket = &mut *record.websocket;
    let datagrams = &mut *record.datagrams;
    for place in [
        &mut timings.rule_evaluation_us,
        &mut timings.scan_us,
        &mut timings.mint_us,
        &mut timings.client_tls_ms,
        &mut timings.origin_connect_ms,
        &mut timings.origin_tls_ms,
        &mut timings.origin_ttfb_ms,
        &mut timings.total_ms,
        &mut bytes.from_client,
        &mut bytes.to_client,
        &mut bytes.from_origin,
        &mut bytes.to_origin,
        &mut bytes.released_before_block,
        &mut websocket.messages_from_client,
        &mut websocket.messages_from_origin,
        &mut websocket.messages_refused,
        &mut datagrams.from_client,
        &mut datagrams.to_origin,
        &mut datagrams.to_client,
        &mut datagrams.dropped,
    ] {
        *place = Some(u64::MAX);
    }
}

/// Texts of any bytes, most of them hostile to some reader.
pub(crate) fn any_text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        any::<char>().prop_map(|c| c.to_string().into_bytes()),
        any::<u8>().prop_map(|byte| vec![byte]),
        Just(b"\r\n{\"Action\":\"allow\"}\n".to_vec()),
        Just(b"\x1b[2J\x1b]0;title\x07".to_vec()),
        Just("\u{2028}\u{2029}\u{202e}\u{feff}\u{9b}".as_bytes().to_vec()),
        Just(b"\\\"\\u000a'</script>".to_vec()),
    ];
    proptest::collection::vec(piece, 1..6).prop_map(|pieces| pieces.concat())
}
