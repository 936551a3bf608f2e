//! What is known of a body in the store: a JSON object beside its file, with the names that records have
//! for the same.

use gateway_log::{Direction, Record, Text};
use gateway_proxy::{Extent, Quarantined};
use serde::{Deserialize, Serialize};

use super::id::Id;
use crate::clock;
use crate::payload::PublicKey;

/// The form of the object.
const VERSION: u32 = 1;

/// What is known of a body in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Entry {
    pub(crate) version: u32,
    #[serde(rename = "ID")]
    pub(crate) id: String,
    /// When it was put there.
    pub(crate) datetime: String,
    #[serde(rename = "RequestID")]
    pub(crate) request_id: String,
    pub(crate) direction: String,
    #[serde(rename = "URL")]
    pub(crate) url: String,
    #[serde(rename = "HTTPHost")]
    pub(crate) host: String,
    #[serde(rename = "HTTPMethod")]
    pub(crate) method: String,
    #[serde(rename = "SourceIP", default, skip_serializing_if = "Option::is_none")]
    pub(crate) source_ip: Option<String>,
    #[serde(rename = "UserID", default, skip_serializing_if = "String::is_empty")]
    pub(crate) user_id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) email: String,
    #[serde(rename = "PolicyID")]
    pub(crate) policy_id: String,
    pub(crate) policy_name: String,
    pub(crate) bytes: u64,
    #[serde(rename = "SHA256")]
    pub(crate) sha256: String,
    /// Whether these bytes are not all of the body, and where in it they begin.
    pub(crate) partial: bool,
    pub(crate) from: u64,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) content_type: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) content_encoding: String,
    pub(crate) file_type: String,
    /// Whether only the holder of a key can read it.
    pub(crate) sealed: bool,
    pub(crate) findings: Vec<Found>,
    pub(crate) unscannable_parts: Vec<Missed>,
}

/// What was found in it, and in which of its parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Found {
    pub(crate) scanner: String,
    pub(crate) name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) part: String,
}

/// What could not be scanned of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Missed {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) part: String,
    pub(crate) reason: String,
}

impl Entry {
    /// What is known of `quarantined`, which is put into the store as `id`, sealed to `key` if there is one.
    pub(super) fn new(
        id: &Id,
        quarantined: &Quarantined,
        sha256: &str,
        key: Option<&PublicKey>,
    ) -> Self {
        let Quarantined { record, direction, from, extent, content_type, content_encoding, .. } =
            quarantined;
        let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let client = &record.client;
        Self {
            version: VERSION,
            id: id.to_string(),
            datetime: gateway_log::rfc3339(clock::unix_s().saturating_mul(1_000_000_000)),
            request_id: text(&record.request_id),
            direction: direction.as_str().to_owned(),
            url: text(&record.http.url),
            host: text(&record.http.host),
            method: text(&record.http.method),
            source_ip: record.source_ip().map(|ip| ip.to_canonical().to_string()),
            user_id: text(&client.user.id),
            email: text(&client.user.email),
            policy_id: text(&record.decision.policy_id),
            policy_name: text(&record.decision.policy_name),
            bytes: quarantined.bytes(),
            sha256: sha256.to_owned(),
            partial: *extent == Extent::Part,
            from: *from,
            content_type: lossy(content_type),
            content_encoding: lossy(content_encoding),
            file_type: quarantined.kind.to_owned(),
            sealed: key.is_some(),
            findings: findings(record, *direction),
            unscannable_parts: unscannable(record, *direction),
        }
    }

    /// As it stands in its file.
    pub(super) fn to_json(&self) -> String {
        // A struct of texts and numbers has a form in JSON.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

fn findings(record: &Record, direction: Direction) -> Vec<Found> {
    let inspection = &record.inspection;
    let signatures = inspection.signatures.iter().filter(|found| found.direction == direction);
    let signatures = signatures.map(|found| Found {
        scanner: text(&found.scanner),
        name: text(&found.name),
        part: text(&found.part),
    });
    let dlp = match direction {
        Direction::Upload => &inspection.upload_dlp,
        _ => &inspection.download_dlp,
    };
    let entries = dlp.entries.iter().map(|entry| Found {
        scanner: "dlp".to_owned(),
        name: text(entry),
        part: String::new(),
    });
    signatures.chain(entries).collect()
}

fn unscannable(record: &Record, direction: Direction) -> Vec<Missed> {
    let parts = record.inspection.unscannable.iter().filter(|part| part.direction == direction);
    parts.map(|part| Missed { part: text(&part.part), reason: text(&part.reason) }).collect()
}

fn text(text: &Text) -> String {
    String::from_utf8_lossy(text.as_bytes()).into_owned()
}

/// Hexadecimal digits, in lower case.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
