//! What open rules still want to know, and what of it each body has to be looked at for.

use std::sync::Arc;

use gateway_inspect::Wanted;
use gateway_log::Direction;
use gateway_rules::{Decision, FieldId, Ids, Needs, field};

use super::Forward;
use super::redact::{Redact, in_body};
use crate::body::Wants;
use crate::tee;

/// What open rules still want to know.
#[derive(Default)]
pub(crate) struct Needed {
    pub(super) any: Needs,
    pub(super) enforcing: Needs,
    pub(super) forward: Option<Forward>,
    pub(super) redact: Vec<Redact>,
    /// Who looks for malware, as rules say that do; said where a body may begin.
    pub(super) scans: Vec<(Arc<str>, Option<Needs>)>,
}

impl Needed {
    /// The Worker that the request is handed to, if it is; said at the gate of its head.
    pub(crate) fn take_forward(&mut self) -> Option<Forward> {
        self.forward.take()
    }

    /// Who looks for malware in the body of `direction`: those of the first rule that speaks of it.
    fn scan_group(&self, direction: Direction) -> Option<Arc<str>> {
        let speaks = |needs: &Option<Needs>| {
            needs.as_ref().is_none_or(|needs| wanted(needs, direction).wants_any(tee::SCANNER))
        };
        let mut scans = self.scans.iter();
        scans.find(|(_, needs)| speaks(needs)).map(|(group, _)| group.clone())
    }

    /// What is wanted of the body in `direction`.
    pub(crate) fn of_body(&self, direction: Direction) -> Wants {
        let (any, enforcing) = (wanted(&self.any, direction), wanted(&self.enforcing, direction));
        let scan_group = self.scan_group(direction);
        let mut wants = Wants { any, enforcing, direction, scan_group, ..Wants::default() };
        if let Some(redaction) = in_body(&self.redact, direction) {
            redaction.add_to(&mut wants.any);
            redaction.add_to(&mut wants.enforcing);
            wants.redaction = Some(redaction);
        }
        wants
    }
}

/// Who looks for malware, as rules say.
pub(super) fn scans_of(decision: &Decision<'_>) -> Vec<(Arc<str>, Option<Needs>)> {
    let scans = decision.scans().iter();
    scans.map(|scanning| (scanning.group.into(), scanning.wants.clone())).collect()
}

fn wanted(needs: &Needs, direction: Direction) -> Wanted {
    use field::*;
    const UPLOAD_PROFILES: &[FieldId] = &[DLP_PROFILES, DLP_UPLOAD_PROFILES, DLP_PROMPT_PROFILES];
    const DOWNLOAD_PROFILES: &[FieldId] = &[DLP_PROFILES, DLP_DOWNLOAD_PROFILES];
    if needs.is_empty() {
        return Wanted::none();
    }
    let (profiles, dlp, av, content) = match direction {
        Direction::Upload => (
            UPLOAD_PROFILES,
            [DLP_ENTRIES, DLP_COUNT, DLP_UPLOAD_ENTRIES, DLP_UPLOAD_COUNT],
            [AV_UPLOAD_INFECTED, AV_UPLOAD_SIGNATURES, AV_UPLOAD_UNSCANNABLE],
            [CONTENT_UPLOAD_UNSCANNABLE, HTTP_UPLOAD_FILE_TYPES, HTTP_UPLOAD_MIME],
        ),
        _ => (
            DOWNLOAD_PROFILES,
            [DLP_ENTRIES, DLP_COUNT, DLP_DOWNLOAD_ENTRIES, DLP_DOWNLOAD_COUNT],
            [AV_DOWNLOAD_INFECTED, AV_DOWNLOAD_SIGNATURES, AV_DOWNLOAD_UNSCANNABLE],
            [CONTENT_DOWNLOAD_UNSCANNABLE, HTTP_DOWNLOAD_FILE_TYPES, HTTP_DOWNLOAD_MIME],
        ),
    };
    let wants_one = |fields: &[FieldId]| fields.iter().any(|field| needs.wants_field(*field));
    let mut wanted = Wanted::none();
    for field in profiles {
        match needs.ids(*field) {
            Ids::All => wanted.insert("dlp"),
            Ids::Only(ids) => {
                for id in ids {
                    wanted.insert(format!("dlp.{}", String::from_utf8_lossy(id)));
                }
            }
        }
    }
    if wants_one(&dlp) {
        wanted.insert("dlp");
    }
    if wants_one(&av) || wants_one(&[AV_INFECTED, AV_SIGNATURES, AV_UNSCANNABLE]) {
        wanted.insert("av");
    }
    let counts = match direction {
        Direction::Upload => [HTTP_UPLOAD_FILE_SIZE, WEBSOCKET_UPLOAD_MESSAGES],
        _ => [HTTP_DOWNLOAD_FILE_SIZE, WEBSOCKET_DOWNLOAD_MESSAGES],
    };
    if wants_one(&content) || wants_one(&[CONTENT_UNSCANNABLE]) || wants_one(&counts) {
        wanted.insert(gateway_content::Unpacker::SCANNER);
    }
    wanted
}
