//! What a scanner outside finds in a body that has left: a second opinion, when the transaction has its
//! record already.

use std::sync::Arc;
use std::time::Instant;

use gateway_log::{Direction, ExternalScan, Record, ScanVerdict, SignatureMatch};

use crate::cuts::Cuts;
use crate::external::Verdict;
use crate::judge::RuleName;
use crate::transaction::Leg;

/// What is needed to tell of a late verdict. It goes with the scan that it is about.
#[derive(Clone, Debug)]
pub struct Late {
    record: Box<Record>,
    scan: ExternalScan,
    cuts: Arc<Cuts>,
}

impl Late {
    /// Of the transaction of this `record`, whose body from `leg` `scanner` goes on to look at.
    pub(crate) fn new(record: &Record, scanner: &str, leg: Leg, cuts: &Arc<Cuts>) -> Self {
        let direction = match leg {
            Leg::Client => Direction::Upload,
            Leg::Origin => Direction::Download,
        };
        let pending = record.inspection.external_scans.iter().find(|scan| {
            scan.direction == direction && scan.scanner.as_bytes() == scanner.as_bytes()
        });
        let scan = pending.cloned().unwrap_or_default();
        Self { record: Box::new(record.clone()), scan, cuts: cuts.clone() }
    }

    /// The scan has ended: what it came to, and, if something was found, a record more of the same request,
    /// which says so. Of a response nobody gets that URL again for a while.
    #[must_use]
    pub fn conclude(self, verdict: &Verdict, now: Instant) -> (ExternalScan, Option<Box<Record>>) {
        let Self { mut record, mut scan, cuts } = self;
        let name = match verdict {
            Verdict::Clean | Verdict::Declined => {
                scan.verdict = match verdict {
                    Verdict::Declined => ScanVerdict::Declined,
                    _ => ScanVerdict::Clean,
                };
                return (scan, None);
            }
            Verdict::Failed(failure) => {
                scan.verdict = ScanVerdict::Failed;
                scan.detail = failure.name().into();
                return (scan, None);
            }
            Verdict::Found(name) => name,
        };
        scan.verdict = ScanVerdict::Found;
        scan.detail = name.as_str().into();
        let scanner = String::from_utf8_lossy(scan.scanner.as_bytes()).into_owned();
        if scan.direction == Direction::Download {
            let url = String::from_utf8_lossy(record.http.url.as_bytes()).into_owned();
            cuts.poison(&url, &RuleName { id: scanner.clone(), name: name.clone() }, now);
        }
        let mut found = SignatureMatch::default();
        found.direction = scan.direction;
        found.name = name.as_str().into();
        found.scanner = scanner.as_str().into();
        let inspection = &mut record.inspection;
        inspection.late_finding = Some(true);
        inspection.signatures = vec![found];
        inspection.external_scans = vec![scan.clone()];
        inspection.unscannable = Vec::new();
        (scan, Some(record))
    }
}
