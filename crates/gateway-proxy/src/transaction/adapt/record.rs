//! What the record tells of services that messages went through.

use gateway_log::{Adaptation as Told, Direction, Record, SignatureMatch};

use super::super::{Transaction, micros};

impl Transaction {
    /// Writes what services made of the messages into the record.
    pub(in crate::transaction) fn fill_adaptations(&self, record: &mut Record) {
        let both = [
            (Direction::Upload, &self.adapting.request),
            (Direction::Download, &self.adapting.response),
        ];
        for (direction, adaptation) in both {
            let Some(adaptation) = adaptation else { continue };
            let known = adaptation.told();
            let mut told = Told::default();
            told.direction = direction;
            told.service = adaptation.name.as_str().into();
            told.outcome = known.outcome.unwrap_or_default();
            told.detail = known.failure.map_or("", |failure| failure.name()).into();
            told.istag = known.istag.as_str().into();
            told.bytes = known.bytes;
            told.duration_us = known.took.map_or(0, micros);
            if let Some(finding) = &known.finding {
                told.finding = finding.as_str().into();
                let mut found = SignatureMatch::default();
                found.direction = direction;
                found.name = finding.as_str().into();
                found.scanner = adaptation.name.as_str().into();
                record.inspection.signatures.push(found);
            }
            record.inspection.adaptations.push(told);
        }
        if let Some(request) = &self.adapting.request {
            record.bytes.to_origin =
                Some(if request.is_answered() { 0 } else { request.passed_bytes() });
            if request.is_answered() {
                record.bytes.from_origin = Some(0);
            }
        }
        if let Some(response) = &self.adapting.response {
            record.bytes.from_origin = Some(response.source_bytes());
        }
    }
}
