//! Who looks for malware in a body: all scanners that there are, or a group of them that a rule names.
//! Which rule counts is decided by the [rules](gateway_rules::Decision::scans); how their words are
//! combined is [`Tee`](crate::tee::Tee)'s matter.

use std::sync::Arc;

use gateway_log::Direction;

use crate::external::{External, OnFailure, Opinion};
use crate::policy::Settings;

/// Scanners that look at the same body, and what the word of each counts for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanGroup {
    /// Its name, in rules and records.
    pub name: Arc<str>,
    /// Whether the scanners within look for malware. Where nobody outside takes a body, they do in any
    /// case: no body passes unseen because of how a group is put together.
    pub within: Within,
    /// The scanners outside, each once.
    pub members: Vec<ScanMember>,
}

/// Whether the scanners within are of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Within {
    /// They look.
    #[default]
    Looks,
    /// They leave it to those outside.
    Passes,
}

/// A scanner outside as a member of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScanMember {
    /// Its position in [`Settings::external`].
    pub scanner: usize,
    /// What its verdict counts for in this group.
    pub opinion: Opinion,
    /// What becomes of a body on which it gives no verdict.
    pub on_failure: OnFailure,
}

/// Those who look at one body.
#[derive(Debug, Default)]
pub(crate) struct Panel {
    /// The group's name; none where all look, each as its own settings say.
    pub(crate) group: Option<Arc<str>>,
    pub(crate) within: Within,
    /// By their position in [`Settings::external`].
    pub(crate) outside: Vec<(usize, External)>,
}

impl Settings {
    /// Those who look for malware in a body of `direction`, where a rule names `group` or none does.
    pub(crate) fn panel(&self, group: Option<&str>, direction: Direction) -> Panel {
        let group = group.and_then(|name| self.scan_groups.get(name));
        let takes = |(_, external): &(usize, External)| external.takes.takes(direction);
        let Some(group) = group else {
            let all = self.external.iter().cloned().enumerate();
            return Panel { outside: all.filter(takes).collect(), ..Panel::default() };
        };
        let outside = group.members.iter().filter_map(|member| {
            let ScanMember { scanner, opinion, on_failure } = *member;
            let external = self.external.get(scanner)?.clone();
            Some((scanner, External { opinion, on_failure, ..external }))
        });
        let outside: Vec<_> = outside.filter(takes).collect();
        let within = if outside.is_empty() { Within::Looks } else { group.within };
        Panel { group: Some(group.name.clone()), within, outside }
    }
}

#[cfg(test)]
mod tests {
    use gateway_inspect::HoldPolicy;

    use super::*;
    use crate::Takes;
    use crate::external::Gets;

    fn external(name: &str, takes: Takes) -> External {
        External {
            name: name.into(),
            gets: Gets::Body,
            takes,
            hold: HoldPolicy::Pass,
            on_failure: OnFailure::Block,
            bytes_max: 1,
            opinion: Opinion::Any,
        }
    }

    #[test]
    fn who_looks_is_said_by_a_group_or_by_each_for_itself() {
        let member = ScanMember { scanner: 1, opinion: Opinion::All, on_failure: OnFailure::Allow };
        let name: Arc<str> = "deep".into();
        let group = ScanGroup { name: name.clone(), within: Within::Passes, members: vec![member] };
        let mut settings = Settings {
            external: vec![external("a", Takes::Both), external("b", Takes::Responses)],
            ..Settings::default()
        };
        settings.scan_groups.insert(name, Arc::new(group));
        for (group, direction, within, outside) in [
            (None, Direction::Upload, Within::Looks, &[(0, Opinion::Any)][..]),
            (None, Direction::Download, Within::Looks, &[(0, Opinion::Any), (1, Opinion::Any)]),
            (Some("deep"), Direction::Download, Within::Passes, &[(1, Opinion::All)]),
            // The only one there takes no requests.
            (Some("deep"), Direction::Upload, Within::Looks, &[]),
            // A group that there is not is no reason to look less.
            (Some("none"), Direction::Upload, Within::Looks, &[(0, Opinion::Any)]),
        ] {
            let panel = settings.panel(group, direction);
            let found: Vec<_> = panel.outside.iter().map(|(at, it)| (*at, it.opinion)).collect();
            assert_eq!((panel.within, &found[..]), (within, outside), "{group:?} {direction:?}");
        }
        let deep = settings.panel(Some("deep"), Direction::Download);
        assert_eq!(deep.outside[0].1.on_failure, OnFailure::Allow);
        assert_eq!(deep.group.as_deref(), Some("deep"));
    }
}
