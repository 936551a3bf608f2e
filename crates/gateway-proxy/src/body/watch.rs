//! Who looks at a body, and at what.

use std::sync::Arc;

use gateway_content::{BodyInfo, Unpacker};
use gateway_inspect::{Examiner, HoldPolicy, PartKind, Quotes, Quoting, Wanted};

use super::Wants;
use crate::external::Opinion;
use crate::limits::Limits;
use crate::policy::{Policy, Scanner};
use crate::release::Release;
use crate::scan_group::{Panel, Within};
use crate::shadow::{Gaps, Shadow};
use crate::tee::{self, Tee};

/// Those who look at a body.
pub(super) struct Watch {
    /// What is wanted.
    pub(super) wanted: Wanted,
    pub(super) examiners: Arc<[Arc<dyn Examiner>]>,
    pub(super) hold: HoldPolicy,
    /// How it would be released but for its type: by those within, and besides by those outside.
    within: HoldPolicy,
    outside: HoldPolicy,
    release: Arc<Release>,
    /// Whether a page may stand for the body while it is looked at.
    pub(super) behind_page: BehindPage,
    /// What those who only count could not look at.
    pub(super) gaps: Arc<Gaps>,
    pub(super) scanners: Vec<&'static str>,
    /// What was found, for the record.
    pub(super) quotes: Option<Arc<Quotes>>,
}

/// Whether a page may stand for a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BehindPage {
    /// Whoever asks for it takes it for itself, or the page cannot be had.
    Not,
    /// If it is of such a type.
    ByType,
}

/// The scanner whose findings are quoted.
pub(super) const QUOTED: &str = "dlp";

impl Watch {
    /// Those who look at a body of which `wants` is wanted, and copies for those outside.
    pub(super) fn new(policy: &Policy, wants: &Wants) -> (Self, Option<Box<Tee>>) {
        // Rules that only count are not worth a second copy of every body.
        let panel = match wants.enforcing.wants_any(tee::SCANNER) {
            true => policy.settings.panel(wants.scan_group.as_deref(), wants.direction),
            false => Panel::default(),
        };
        let looks = |scanner: &&Scanner| {
            let left_to_others = panel.within == Within::Passes && scanner.name == tee::SCANNER;
            wants.any.wants_any(scanner.name) && !left_to_others
        };
        let active: Vec<&Scanner> = policy.scanners.iter().filter(looks).collect();
        let holding = |scanner: &&&Scanner| wants.enforcing.wants_any(scanner.name);
        let holds_of = active.iter().filter(holding).map(|scanner| scanner.hold);
        let within = holds_of.fold(HoldPolicy::Pass, HoldPolicy::stricter);
        let outside = panel.outside.iter().map(|(_, external)| external);
        let waited_for: Vec<_> = outside.filter(|one| one.opinion != Opinion::Second).collect();
        let outside = waited_for.iter().fold(HoldPolicy::Pass, |hold, one| hold.stricter(one.hold));
        let hold = within.stricter(outside);
        let release = policy.settings.release.clone();
        let gaps = Arc::<Gaps>::default();
        let quotes = policy.quotes().then(Arc::<Quotes>::default);
        let examiner = |scanner: &&Scanner| -> Arc<dyn Examiner> {
            let examiner = match quotes.as_ref().filter(|_| scanner.name == QUOTED) {
                None => scanner.examiner.clone(),
                Some(quotes) => {
                    let limits = policy.settings.matches.limits;
                    Arc::new(Quoting::new(scanner.examiner.clone(), quotes.clone(), limits))
                }
            };
            match holding(&scanner) {
                true => examiner,
                false => Arc::new(Shadow::new(examiner, gaps.clone())),
            }
        };
        let examiners: Arc<[Arc<dyn Examiner>]> = active.iter().map(examiner).collect();
        let tee_name = waited_for.first().map(|_| tee::SCANNER);
        let scanners = active.iter().map(|scanner| scanner.name).chain(tee_name).collect();
        let wanted = wants.any.clone();
        let tee = (!panel.outside.is_empty()).then(|| Box::new(Tee::new(panel)));
        let behind_page = BehindPage::Not;
        let watch = Self {
            wanted,
            examiners,
            hold,
            within,
            outside,
            release,
            behind_page,
            gaps,
            scanners,
            quotes,
        };
        (watch, tee)
    }

    /// Whether a scanner within wants all of a body held until its end, though those who look at it may
    /// clear it as it comes.
    pub(super) fn holds_the_whole(&self) -> bool {
        self.within == HoldPolicy::Whole
    }

    /// How a body is released that has turned out to be of this type; `None` if as it was said at first.
    pub(super) fn hold_of(&self, kind: PartKind) -> Option<HoldPolicy> {
        if self.puts_off(kind) {
            return Some(HoldPolicy::Whole);
        }
        // What nobody keeps back for the whole's sake is not kept back for its type's.
        let of_type = self.release.of(kind).filter(|_| self.within != HoldPolicy::Pass)?;
        Some(of_type.stricter(self.outside))
    }

    /// Whether a page may stand for a body that has turned out to be of this type.
    pub(super) fn puts_off(&self, kind: PartKind) -> bool {
        let is_held = self.hold != HoldPolicy::Pass;
        is_held && self.behind_page == BehindPage::ByType && self.release.is_behind_page(kind)
    }

    /// Unpacks what is described by `info` for them, and for `tee`.
    pub(super) fn unpacker(
        &self,
        info: &BodyInfo,
        tee: Option<&Tee>,
        limits: &Limits,
    ) -> Box<Unpacker> {
        let examiners: Arc<[Arc<dyn Examiner>]> = match tee {
            Some(tee) => self.examiners.iter().cloned().chain([tee.examiner()]).collect(),
            None => self.examiners.clone(),
        };
        let (content, inspect) = (&limits.content, &limits.inspect);
        Box::new(Unpacker::new(examiners, self.wanted.clone(), info, content, inspect))
    }
}
