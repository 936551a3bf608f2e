//! One content through the scanners of the policy in force: the same unpacker, databases, limits and
//! table of outcomes as for bodies that pass.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use gateway_av::{Outcomes, Seen, Verdict};
use gateway_content::{BodyInfo, Budget, PartEvent, Step, Unpacker};
use gateway_inspect::{Examiner, Tally, Unscannable, Wanted};

use crate::serve::Gateway;

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// Malware.
    Av,
    /// Data loss.
    Dlp,
    /// Both.
    All,
}

impl Look {
    const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Av => &["av"],
            Self::Dlp => &["dlp"],
            Self::All => &["av", "dlp"],
        }
    }
}

/// A content that is being looked at.
pub(super) struct Scan {
    unpacker: Box<Unpacker>,
    outcomes: Outcomes,
    look: Look,
    tally: Tally,
    /// In the order in which they were found, each once.
    signatures: Vec<String>,
    reasons: BTreeSet<Unscannable>,
}

/// Names of signatures that are kept of one content.
const SIGNATURES_MAX: usize = 256;

/// What a scan came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Came {
    /// What the table of outcomes makes of it.
    pub(super) verdict: Verdict,
    /// The signatures that were found, each once, the first one first; 256 at most.
    pub(super) signatures: Vec<String>,
    /// The DLP profiles that match.
    pub(super) profiles: Vec<Arc<str>>,
}

impl Scan {
    /// Begins with what is said of the content beforehand.
    pub(super) fn new(gateway: &Gateway, look: Look, info: &BodyInfo) -> Self {
        let policy = gateway.policy();
        let wanted = |name: &str| look.names().contains(&name);
        let scanners = policy.scanners.iter().filter(|scanner| wanted(scanner.name));
        let examiners: Arc<[Arc<dyn Examiner>]> =
            scanners.map(|scanner| scanner.examiner.clone()).collect();
        let names = look.names().iter().copied().chain([Unpacker::SCANNER]);
        let limits = &policy.settings.limits;
        let unpacker = Unpacker::new(
            examiners,
            names.collect::<Wanted>(),
            info,
            &limits.content,
            &limits.inspect,
        );
        Self {
            unpacker: Box::new(unpacker),
            outcomes: gateway.outcomes.clone(),
            look,
            tally: Tally::default(),
            signatures: Vec::new(),
            reasons: BTreeSet::new(),
        }
    }

    /// Looks at the next bytes; others on this thread have their turn in between.
    pub(super) async fn push(&mut self, bytes: Bytes) {
        self.unpacker.push(bytes);
        self.work().await;
    }

    /// Something beyond the content kept it from being looked at.
    pub(super) fn give_up(&mut self, reason: Unscannable) {
        self.reasons.insert(reason);
    }

    /// The content has ended: what came of it.
    pub(super) async fn finish(mut self) -> Came {
        self.unpacker.end();
        self.work().await;
        // What was found and not reported was found.
        let missed = self.unpacker.missed() > 0;
        if missed {
            self.reasons.insert(Unscannable::TooMany);
        }
        let seen = if self.signatures.is_empty() { Seen::Nothing } else { Seen::Signature };
        let verdict = match self.look {
            Look::Dlp if self.reasons.is_empty() => Verdict::Clean,
            Look::Av | Look::Dlp | Look::All => {
                self.outcomes.judge(seen, self.reasons.iter().copied())
            }
        };
        let profiles = self.tally.profiles().cloned().collect();
        Came { verdict, signatures: self.signatures, profiles }
    }

    async fn work(&mut self) {
        loop {
            let step = self.unpacker.step(Budget::default());
            let events: Vec<PartEvent> = self.unpacker.parts().collect();
            for event in &events {
                if let PartEvent::Opened(part) = event {
                    self.tally.open(part);
                }
            }
            for report in self.unpacker.reports() {
                let entry = &report.finding.entry;
                let is_new = || !self.signatures.iter().any(|name| **name == *entry.name);
                if entry.scanner == gateway_av::SCANNER
                    && self.signatures.len() < SIGNATURES_MAX
                    && is_new()
                {
                    self.signatures.push(entry.name.to_string());
                }
                self.tally.fold(&report.finding, report.wire_start);
            }
            for beyond in self.unpacker.beyond() {
                self.tally.fold_beyond(&beyond);
            }
            for event in events {
                if let PartEvent::Ended(end) = event {
                    self.reasons.extend(end.outcome.unscannable);
                }
            }
            match step {
                Step::Again | Step::Full => tokio::task::yield_now().await,
                Step::NeedInput | Step::Done => return,
            }
        }
    }
}

/// What a reason is called where only names of signatures are known: those of clamd for limits and for
/// what is encrypted.
pub(super) fn heuristic(reason: Unscannable) -> String {
    let kind = match reason {
        Unscannable::Encrypted => return "Heuristics.Encrypted.Content".to_owned(),
        Unscannable::NoMemory
        | Unscannable::RatioExceeded
        | Unscannable::TooDeep
        | Unscannable::TooLarge
        | Unscannable::TooMany
        | Unscannable::WorkExceeded => "Limits.Exceeded",
        _ => "Unscannable",
    };
    let words = reason.name().split('_').map(|word| {
        let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
        first.to_ascii_uppercase() + rest
    });
    format!("Heuristics.{kind}.{}", words.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_called_as_clients_of_clamd_know_them() {
        for (reason, name) in [
            (Unscannable::Encrypted, "Heuristics.Encrypted.Content"),
            (Unscannable::TooDeep, "Heuristics.Limits.Exceeded.TooDeep"),
            (Unscannable::RatioExceeded, "Heuristics.Limits.Exceeded.RatioExceeded"),
            (Unscannable::Contradiction, "Heuristics.Unscannable.Contradiction"),
        ] {
            assert_eq!(heuristic(reason), name);
        }
    }
}
