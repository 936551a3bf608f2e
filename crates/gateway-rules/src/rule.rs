//! Rules as plain data, and the tiers in which they are enforced.

use std::collections::BTreeMap;
use std::fmt;

use crate::action::Action;
use crate::headers::HeaderChanges;
use crate::schedule::Schedule;

/// Which kind of Cloudflare Gateway policy a rule is (`filters` in its API).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// `l4`: decided per connection, before the dial.
    Network,
    /// `http`: decided per request.
    Http,
}

impl Layer {
    /// The spelling of Cloudflare's API: `l4` or `http`.
    #[must_use]
    pub const fn api_name(self) -> &'static str {
        match self {
            Self::Network => "l4",
            Self::Http => "http",
        }
    }
}

/// Whether a rule acts or only counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RuleMode {
    /// The action is carried out.
    #[default]
    Enforce,
    /// The match is counted; the rule neither acts nor ends its tier.
    LogOnly,
}

/// One rule: plain data, not yet checked.
///
/// ```
/// use gateway_rules::{Action, Layer, Rule};
/// let rule = Rule::new("r1", Layer::Http, Action::Block, r#"http.request.host == "a.example""#)
///     .named("no a.example")
///     .log_only();
/// # assert_eq!(rule.name, "no a.example");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// Names the rule in records; not interpreted.
    pub id: String,
    /// A name for people.
    pub name: String,
    /// The kind of policy.
    pub layer: Layer,
    /// What it does.
    pub action: Action,
    /// When it does so: the text of a filter that yields a truth value.
    pub filter: String,
    /// Whether it acts or only counts.
    pub mode: RuleMode,
    /// Checks of the protocol that are relaxed for the traffic that the rule wins, by their names,
    /// and what they do instead; not interpreted. A rule that only counts relaxes nothing.
    pub checks: BTreeMap<String, String>,
    /// The hours at which it holds; always, if there is none.
    pub schedule: Option<Schedule>,
    /// The second since 1970 (UTC) from which on it holds no more; never, if there is none.
    pub expires: Option<i64>,
    /// What is changed in the heads of the traffic that the rule wins and lets pass. A rule that
    /// only counts changes nothing.
    pub headers: HeaderChanges,
    /// Whether what was found in the bodies of the traffic that the rule matches is kept, sealed, in the
    /// record: of the profiles that its filter names.
    pub payload_log: bool,
    /// The scanners that look for malware in the bodies of its traffic, by the name of their group; not
    /// interpreted. Which rule's counts, [`Decision::scans`](crate::Decision::scans) says.
    pub scan: Option<String>,
}

/// Why a rule does not hold at some time, whatever its filter says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OutOfTime {
    /// Its schedule does not name this hour.
    Unscheduled,
    /// It has expired.
    Expired,
}

impl fmt::Display for OutOfTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unscheduled => "its schedule does not name this hour",
            Self::Expired => "it has expired",
        })
    }
}

impl Rule {
    /// An enforcing rule whose name is its id.
    #[must_use]
    pub fn new(
        id: impl Into<String>,
        layer: Layer,
        action: Action,
        filter: impl Into<String>,
    ) -> Self {
        let id = id.into();
        let name = id.clone();
        Self {
            id,
            name,
            layer,
            action,
            filter: filter.into(),
            mode: RuleMode::Enforce,
            checks: BTreeMap::new(),
            schedule: None,
            expires: None,
            headers: HeaderChanges::default(),
            payload_log: false,
            scan: None,
        }
    }

    /// The rule as one that holds at some hours alone.
    #[must_use]
    pub fn scheduled(mut self, schedule: Schedule) -> Self {
        self.schedule = Some(schedule);
        self
    }

    /// The rule as one that holds until a second since 1970 (UTC), that one not included.
    #[must_use]
    pub const fn expiring(mut self, unix_s: i64) -> Self {
        self.expires = Some(unix_s);
        self
    }

    /// The rule as one that changes header fields.
    #[must_use]
    pub fn changing(mut self, headers: HeaderChanges) -> Self {
        self.headers = headers;
        self
    }

    /// The rule as one that has kept what was found.
    #[must_use]
    pub const fn logging_payload(mut self) -> Self {
        self.payload_log = true;
        self
    }

    /// The rule as one that says which scanners look for malware.
    #[must_use]
    pub fn scanned_by(mut self, group: impl Into<String>) -> Self {
        self.scan = Some(group.into());
        self
    }

    /// Whether the time has a say in whether it holds.
    #[must_use]
    pub const fn is_timed(&self) -> bool {
        self.schedule.is_some() || self.expires.is_some()
    }

    /// Why it does not hold at a second since 1970 (UTC), whatever its filter says; `None` if the
    /// time lets it. Where the time is not known, a schedule does not hold, and nothing expires.
    #[must_use]
    pub fn out_of_time(&self, unix_s: Option<i64>) -> Option<OutOfTime> {
        if self.expires.is_some_and(|end| unix_s.is_some_and(|now| now >= end)) {
            return Some(OutOfTime::Expired);
        }
        let schedule = self.schedule.as_ref()?;
        let holds = unix_s.is_some_and(|now| schedule.holds_at(now));
        (!holds).then_some(OutOfTime::Unscheduled)
    }

    /// The rule with a name for people.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The rule with a check that does something else for the traffic that it wins.
    #[must_use]
    pub fn relaxing(mut self, check: impl Into<String>, severity: impl Into<String>) -> Self {
        self.checks.insert(check.into(), severity.into());
        self
    }

    /// The rule as one that only counts its matches.
    #[must_use]
    pub const fn log_only(mut self) -> Self {
        self.mode = RuleMode::LogOnly;
        self
    }

    /// Whether a match has an effect on the traffic.
    #[must_use]
    pub fn is_enforcing(&self) -> bool {
        self.mode == RuleMode::Enforce && self.action != Action::Log
    }
}

/// The position of a rule in [`RuleSet::rules`](crate::RuleSet::rules).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleIndex(pub(crate) u32);

impl RuleIndex {
    /// The position as a number.
    #[must_use]
    pub const fn get(self) -> usize {
        self.0 as usize
    }
}

/// The order of enforcement: tiers are decided one after the other, the first match within each.
///
/// A rule's tier follows from its layer, its action and the fields that it reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// Rules of [`Layer::Network`].
    Network,
    /// [`Action::DoNotInspect`].
    Inspect,
    /// Browser isolation; no action of this tier is offered.
    Isolate,
    /// Rules over heads.
    Http,
    /// [`Action::Forward`]: hand-over to a Worker.
    Forward,
    /// Rules that read a body.
    Body,
}

impl Tier {
    /// Every tier, in the order of enforcement.
    pub const ALL: [Self; 6] =
        [Self::Network, Self::Inspect, Self::Isolate, Self::Http, Self::Forward, Self::Body];

    /// The name used in records, such as `network`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Inspect => "inspect",
            Self::Isolate => "isolate",
            Self::Http => "http",
            Self::Forward => "forward",
            Self::Body => "body",
        }
    }

    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
