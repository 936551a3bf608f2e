//! The one record of a transaction: what is written into it once it has ended.

use gateway_inspect::{Offset, PartId, Place};
use gateway_log::{
    Action, BlockedFile, Direction, DlpMatches, DlpProfileMatch, ExternalScan, Inspection,
    Interception, Record, ScanVerdict, SignatureMatch, UnscannablePart, UntrustedCertificateAction,
};
use gateway_rules::{Fact, Value, field};

use super::Transaction;
use crate::body::Body;
use crate::clock::{micros, millis};
use crate::external::Verdict;
use crate::tee::Said;

impl Transaction {
    /// Writes the one record.
    pub(super) fn write_record(&mut self) {
        let detached = self.detach_scans();
        self.cancel_scans();
        self.cancel_adaptations();
        self.end_deferral();
        let Some(mut record) = self.record.take() else { return };
        self.end_pickup(&mut record);
        record.ended_ns = self.clock.unix_ns(self.now);
        record.timings.total_ms = Some(millis(self.now.saturating_duration_since(self.started)));
        if record.client.is_unknown() {
            record.client.addr = Some(self.client);
        }
        self.judge.fill(&mut record);
        self.end_detour(&mut record);
        if record.decision.action.is_none() {
            self.note_action(&mut record);
        }
        record.decision.actions = actions(&record);
        self.fill_http(&mut record);
        let [upload, download] = [record.bytes.from_client, record.bytes.from_origin];
        self.judge.charge(upload.unwrap_or(0), download.unwrap_or(0), self.now);
        self.fill_origin(&mut record);
        // Nobody asks for them again.
        record.http.url = std::mem::take(&mut self.url).into();
        record.http.host = std::mem::take(&mut self.host).into();
        self.fill_inspection(&mut record);
        self.fill_matches(&mut record);
        self.fill_adaptations(&mut record);
        self.fill_behind_worker(&mut record);
        self.tell_detached(detached, &record);
        if !self.tell_flow(&record) {
            self.emit_record(record);
        }
    }

    /// It passed, as it was or not.
    fn note_action(&self, record: &mut Record) {
        let bodies = [Some(&self.request.body), self.response.body.as_ref()];
        record.decision.action = Some(Action::Allow);
        if let Some((rule, _)) = bodies.into_iter().flatten().find_map(Body::redacted) {
            record.decision.action = Some(Action::Redact);
            record.decision.policy_id = rule.id.as_str().into();
            record.decision.policy_name = rule.name.as_str().into();
        }
    }

    pub(super) fn fill_http(&self, record: &mut Record) {
        let field = |name| self.head.fields.get(name).unwrap_or_default().into();
        record.http.method = crate::facts::method_text(&self.head.method);
        record.http.version = crate::facts::version_text(self.head.version);
        record.http.status = Some(self.response.status.map_or(0, |status| status.as_u16()));
        record.http.referer = field("referer");
        record.http.user_agent = field("user-agent");
        record.bytes.from_client = Some(self.request.body.bytes());
        record.bytes.to_origin = Some(self.request.body.released());
        record.bytes.from_origin = Some(self.response.body.as_ref().map_or(0, Body::bytes));
        record.bytes.to_client = Some(self.left());
        if let Some(relayed) = &self.relayed {
            let released_before_block = record.bytes.released_before_block;
            record.bytes = relayed.bytes.clone();
            record.bytes.released_before_block = released_before_block;
            record.websocket = relayed.websocket.clone().into();
        }
    }

    pub(super) fn fill_origin(&self, record: &mut Record) {
        record.origin.resolved_fqdn = self.origin.host.as_str().into();
        let Some(dialed) = &self.dialed else { return };
        record.http.origin_version = crate::facts::version_text(dialed.version());
        dialed.fill(record);
        if dialed.tls.is_some() {
            record.decision.untrusted_certificate_action = Some(UntrustedCertificateAction::None);
        }
    }

    pub(super) fn fill_inspection(&self, record: &mut Record) {
        let blocked = matches!(record.decision.action, Some(Action::Block | Action::Quarantine));
        let inspection = &mut record.inspection;
        inspection.interception = Some(Interception::Inspected);
        if let Some(mode) = self.response.body.as_ref().and_then(Body::release_mode) {
            inspection.release.mode = mode.into();
        }
        let both = [
            (Direction::Upload, Some(&self.request.body)),
            (Direction::Download, self.response.body.as_ref()),
        ];
        let mut scanned = 0;
        for (direction, body) in both {
            let Some(body) = body.filter(|body| !body.was_unwatched()) else { continue };
            scanned += body.scanned_bytes();
            match direction {
                Direction::Upload => inspection.upload_dlp = dlp_matches(body).into(),
                _ => inspection.download_dlp = dlp_matches(body).into(),
            }
            let seen = body.found();
            for finding in seen.findings.iter().filter(|f| f.entry.scanner == "av") {
                let mut found = SignatureMatch::default();
                found.direction = direction;
                found.name = finding.entry.name.as_ref().into();
                found.part = seen.part_name(finding.place.part()).into();
                found.scanner = "gateway".into();
                if blocked && inspection.blocked_file.name.is_empty() {
                    inspection.blocked_file = blocked_file(body, &finding.place, &found).into();
                }
                inspection.signatures.push(found);
            }
            fill_scans(inspection, direction, body, blocked);
            for (part, reason) in &seen.unscannable {
                let mut missed = UnscannablePart::default();
                missed.direction = direction;
                missed.part = part.as_str().into();
                missed.reason = reason.name().into();
                inspection.unscannable.push(missed);
            }
            if body.is_sample() {
                inspection.dlp_sampled = Some(true);
            }
            if body.idle_released > 0 {
                let bytes = body.idle_released;
                record.warnings.push(format!("idle release of {bytes} held bytes").into());
            }
            for reason in body.gaps() {
                record.warnings.push(format!("counted in part only: {reason}").into());
            }
            let unredacted = body.unredacted();
            if unredacted > 0 {
                record.warnings.push(format!("{unredacted} findings not overwritten").into());
            }
            let missed = seen.tally.missed();
            if missed > 0 {
                record.warnings.push(format!("{missed} findings beyond the limit").into());
            }
        }
        if let Fact::Known(Value::Bytes(app)) = self.judge.facts.state(field::DLP_PROMPT_APP) {
            inspection.upload_dlp.prompt_app = app.as_ref().into();
        }
        inspection.scanned_bytes = Some(scanned);
        record.timings.scan_us = Some(micros(self.scanned));
    }
}

/// Every action that was carried out, in the order of the trail; the executed one comes last.
fn actions(record: &Record) -> Vec<Action> {
    let carried_out = |step: &&gateway_log::TrailStep| step.mode == gateway_log::RuleMode::Enforce;
    let mut actions: Vec<Action> =
        record.decision.trail.iter().filter(carried_out).filter_map(|step| step.action).collect();
    if let Some(last) = record.decision.action
        && actions.last() != Some(&last)
    {
        actions.push(last);
    }
    actions
}

fn dlp_matches(body: &Body) -> DlpMatches {
    let mut matches = DlpMatches::default();
    let (profiles, entries) = body.found().of_dlp();
    let redacted = body.redacted().map(|(_, counts)| counts);
    if let Some(tally) = body.prompt() {
        matches.prompt_profiles = tally.profiles().map(|id| id.as_ref().into()).collect();
    }
    matches.profiles = profiles.into_iter().map(|id| id.as_ref().into()).collect();
    for (id, count) in entries {
        matches.entries.push(id.as_ref().into());
        let mut counted = DlpProfileMatch::default();
        counted.entry = id.as_ref().into();
        counted.count = count;
        counted.redacted = redacted.and_then(|counts| counts.get(&id)).copied().unwrap_or_default();
        matches.counts.push(counted);
    }
    matches
}

/// What scanners outside have said of `body`.
fn fill_scans(inspection: &mut Inspection, direction: Direction, body: &Body, blocked: bool) {
    for scanned in body.scanned() {
        let mut scan = ExternalScan::default();
        scan.direction = direction;
        scan.scanner = scanned.scanner.into();
        scan.group = scanned.group.unwrap_or_default().into();
        scan.bytes = scanned.bytes;
        scan.duration_ms = millis(scanned.took);
        match scanned.verdict {
            Said::Nothing => {}
            Said::Later => scan.verdict = ScanVerdict::Pending,
            Said::Verdict(Verdict::Clean) => scan.verdict = ScanVerdict::Clean,
            Said::Verdict(Verdict::Declined) => scan.verdict = ScanVerdict::Declined,
            Said::Verdict(Verdict::Found(name)) => {
                scan.verdict = ScanVerdict::Found;
                scan.detail = name.as_str().into();
                let mut found = SignatureMatch::default();
                found.direction = direction;
                found.name = name.as_str().into();
                found.scanner = scanned.scanner.into();
                if blocked && inspection.blocked_file.reason.is_empty() {
                    let place = Place::Structural { part: PartId::ROOT, detected_at: Offset::ZERO };
                    inspection.blocked_file = blocked_file(body, &place, &found).into();
                }
                inspection.signatures.push(found);
            }
            Said::Verdict(Verdict::Failed(failure)) => {
                scan.verdict = ScanVerdict::Failed;
                scan.detail = failure.name().into();
                let mut missed = UnscannablePart::default();
                missed.direction = direction;
                missed.reason = failure.reason().name().into();
                inspection.unscannable.push(missed);
            }
        }
        inspection.external_scans.push(scan);
    }
}

fn blocked_file(body: &Body, place: &Place, found: &SignatureMatch) -> BlockedFile {
    let mut file = BlockedFile::default();
    file.name = found.part.clone();
    file.reason = found.name.clone();
    file.kind = body.found().part_kind(place.part()).name().into();
    file
}
