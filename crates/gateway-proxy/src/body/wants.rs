//! What is wanted of a body, and how that grows less while it comes.

use std::sync::Arc;

use gateway_inspect::Wanted;
use gateway_log::Direction;

use super::{Body, Redaction};
use crate::tee;

/// What is wanted of a body, and by whom.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wants {
    /// What any rule wants to know, counting rules included.
    pub(crate) any: Wanted,
    /// What enforcing rules want to know: bytes are held for that alone.
    pub(crate) enforcing: Wanted,
    /// What a rule wants overwritten.
    pub(crate) redaction: Option<Arc<Redaction>>,
    /// Whether it is looked at for data loss though no rule wants that.
    pub(crate) sample: Sample,
    /// Which way it goes.
    pub(crate) direction: Direction,
    /// Who looks for malware, where a rule says so.
    pub(crate) scan_group: Option<Arc<str>>,
}

/// Whether a body is one of the sample that is looked at for the record alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sample {
    #[default]
    No,
    Yes,
}

impl Body {
    /// Narrows what is looked for to what possible rules still want, and what is overwritten.
    pub(crate) fn narrow(&mut self, wants: &Wants) {
        let redactor = self.redactor.as_ref();
        let redaction = redactor.and_then(|redactor| redactor.redaction());
        if redaction.is_none() && self.sample == Sample::No {
            return self.narrow_to(wants);
        }
        let mut wants = wants.clone();
        if let Some(redaction) = redaction {
            redaction.add_to(&mut wants.any);
            redaction.add_to(&mut wants.enforcing);
        }
        if self.sample == Sample::Yes {
            wants.any.insert("dlp");
        }
        self.narrow_to(&wants);
    }

    /// Whether it was looked at for the record alone.
    pub(crate) fn is_sample(&self) -> bool {
        self.sample == Sample::Yes
    }

    fn narrow_to(&mut self, wants: &Wants) {
        if let Some(watch) = &mut self.watch {
            watch.wanted.clone_from(&wants.any);
        }
        if let Some(unpacker) = &mut self.unpacker {
            unpacker.set_wanted(wants.any.clone());
        }
        if !wants.enforcing.wants_any(tee::SCANNER) {
            self.cancel_scans();
        }
        if wants.enforcing.is_empty() && self.holds {
            self.holds = false;
            self.undecided = None;
            self.hold.open();
        }
    }
}
