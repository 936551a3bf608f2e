//! Scanners outside the process, reached over sockets: clamd, and services of ICAP that get copies. Which
//! bodies they are given and what their verdicts mean is decided in the machines.

mod breaker;
mod clamd;
mod connect;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use gateway_inspect::HoldPolicy;
use gateway_proxy::{
    External, Gets, OnFailure, Opinion, ScanInput, ScanMember, ScanReport, Takes, Within,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

pub(crate) use self::breaker::Breaker;
use self::clamd::Clamd;
pub(crate) use self::connect::connect_to;
use crate::config::{self, Config, Endpoint, Icap, IcapMode};
use crate::icap;
use crate::place::Place;
use crate::policy::ScanGroup;
use crate::policy::scan_groups::WITHIN;

/// A group names a scanner that there is not.
#[derive(Debug, thiserror::Error)]
#[error("{place}: the scan group `{group}` names `{scanner}`, expected one of: {known}")]
pub(crate) struct UnknownScanner {
    pub(crate) place: Place,
    group: String,
    scanner: String,
    known: String,
}

/// The scanners outside of one generation, in the order of [`Scanners::external`].
#[derive(Debug, Default)]
pub(crate) struct Scanners {
    members: Vec<Member>,
    external: Vec<External>,
    /// Those that may have their word when all else is over.
    later: BTreeSet<usize>,
}

#[derive(Clone, Debug)]
enum Member {
    Clamd(Arc<Clamd>),
    Icap(Arc<icap::Service>),
}

impl Member {
    fn breaker(&self) -> &Breaker {
        match self {
            Self::Clamd(clamd) => &clamd.breaker,
            Self::Icap(service) => service.breaker(),
        }
    }
}

/// Whether each scanner that `groups` name is among those of `config`.
///
/// # Errors
///
/// [`UnknownScanner`].
pub(crate) fn check(config: &Config, groups: &[ScanGroup]) -> Result<(), UnknownScanner> {
    let mut known = vec![WITHIN.to_owned()];
    known.extend(external(config).iter().map(|external| external.name.to_string()));
    for group in groups {
        if let Some((scanner, place)) = group.scanners.iter().find(|(it, _)| !known.contains(it)) {
            return Err(UnknownScanner {
                place: place.clone(),
                group: group.name.clone(),
                scanner: scanner.clone(),
                known: known.join(", "),
            });
        }
    }
    Ok(())
}

impl Scanners {
    /// Those that `config` names, of which `icap` are the services. None is connected to before it is
    /// needed.
    pub(crate) fn new(config: &Config, icap: &icap::Services, groups: &[ScanGroup]) -> Self {
        let clamd = clamd(&config.clamd).map(|clamd| Member::Clamd(Arc::new(clamd)));
        let services = icap.scanning().iter().cloned().map(Member::Icap);
        let members = clamd.into_iter().chain(services).collect();
        let external = external(config);
        let mut scanners = Self { members, external, later: BTreeSet::new() };
        let of_groups = groups.iter().flat_map(|group| scanners.group(group).members);
        let seconds = of_groups.filter(|member| member.opinion == Opinion::Second);
        let mut later: BTreeSet<usize> = seconds.map(|member| member.scanner).collect();
        for (at, external) in scanners.external.iter().enumerate() {
            if external.opinion == Opinion::Second {
                later.insert(at);
            }
        }
        scanners.later = later;
        scanners
    }

    /// What the machines must know of them.
    pub(crate) fn external(&self) -> Vec<External> {
        self.external.clone()
    }

    /// What the machines must know of `groups`, by name. Their scanners were looked for by [`check`].
    pub(crate) fn groups(
        &self,
        groups: &[ScanGroup],
    ) -> BTreeMap<Arc<str>, Arc<gateway_proxy::ScanGroup>> {
        let known = |group: &ScanGroup| (group.name.as_str().into(), Arc::new(self.group(group)));
        groups.iter().map(known).collect()
    }

    fn group(&self, group: &ScanGroup) -> gateway_proxy::ScanGroup {
        let member = |(name, _): &(String, Place)| {
            let scanner = self.external.iter().position(|external| *external.name == **name)?;
            let external = self.external.get(scanner)?;
            Some(ScanMember {
                scanner,
                opinion: group.opinion.map_or(external.opinion, opinion),
                on_failure: group.on_error.map_or(external.on_failure, on_failure),
            })
        };
        let is_within = group.scanners.iter().any(|(name, _)| name == WITHIN);
        gateway_proxy::ScanGroup {
            name: group.name.as_str().into(),
            within: if is_within { Within::Looks } else { Within::Passes },
            members: group.scanners.iter().filter_map(member).collect(),
        }
    }

    /// Whether the scanner at `index` may have its word when all else is over.
    pub(crate) fn may_come_later(&self, index: usize) -> bool {
        self.later.contains(&index)
    }

    /// How often each was left alone for a while after failures, and whether it is now.
    pub(crate) fn rests(&self) -> impl Iterator<Item = (&str, u64, bool)> {
        self.external.iter().zip(&self.members).map(|(external, member)| {
            let breaker = member.breaker();
            (&*external.name, breaker.rests(), breaker.is_resting())
        })
    }

    /// Runs one scan by the scanner at `index`. It ends when `inputs` does.
    pub(crate) fn scan(
        &self,
        index: usize,
        inputs: UnboundedReceiver<ScanInput>,
        reports: Reports,
    ) {
        match self.members.get(index).cloned() {
            Some(Member::Clamd(clamd)) => {
                tokio::spawn(async move { clamd.scan(inputs, reports).await });
            }
            Some(Member::Icap(service)) => {
                tokio::spawn(async move { service.scan(inputs, reports).await });
            }
            None => {}
        }
    }
}

/// The daemon, if there is one.
fn clamd(clamd: &config::Clamd) -> Option<Clamd> {
    let endpoint = clamd.address.parse::<Endpoint>().ok()?;
    let ms = Duration::from_millis;
    let times = clamd::Times {
        connect: ms(clamd.connect_ms),
        send: ms(clamd.send_ms),
        answer: ms(clamd.answer_ms),
    };
    Some(Clamd::new(endpoint, clamd.transfer, clamd.scans_max, times))
}

/// The scanners outside that `config` names: clamd first, then services of ICAP in their order.
fn external(config: &Config) -> Vec<External> {
    let hold = |hold| match hold {
        config::Hold::Tail => config.hold_policy(),
        config::Hold::Whole => HoldPolicy::Whole,
    };
    let clamd = &config.clamd;
    let daemon = clamd.address.parse::<Endpoint>().ok().map(|_| External {
        name: "clamd".into(),
        gets: Gets::Body,
        takes: Takes::Both,
        hold: hold(clamd.hold),
        on_failure: on_failure(clamd.on_error),
        bytes_max: clamd.bytes_max,
        opinion: opinion(clamd.opinion),
    });
    let service = |service: &Icap| External {
        name: service.name.as_str().into(),
        gets: Gets::Message,
        takes: icap::takes(service),
        hold: hold(service.hold),
        on_failure: on_failure(service.on_error),
        bytes_max: service.bytes_max,
        opinion: opinion(service.opinion),
    };
    let services = config.icap.iter().filter(|icap| icap.mode == IcapMode::Scan);
    daemon.into_iter().chain(services.map(service)).collect()
}

const fn opinion(of: config::Opinion) -> Opinion {
    match of {
        config::Opinion::Any => Opinion::Any,
        config::Opinion::All => Opinion::All,
        config::Opinion::Second => Opinion::Second,
    }
}

const fn on_failure(of: config::OnError) -> OnFailure {
    match of {
        config::OnError::Block => OnFailure::Block,
        config::OnError::Allow => OnFailure::Allow,
    }
}

/// Where a scan reports to.
#[derive(Clone, Debug)]
pub(crate) struct Reports {
    pub(crate) of: (gateway_h1h2::StreamId, gateway_proxy::ScanId),
    pub(crate) to: UnboundedSender<Report>,
}

/// What a scan of a stream says.
pub(crate) type Report = (gateway_h1h2::StreamId, gateway_proxy::ScanId, ScanReport);

impl Reports {
    pub(crate) fn say(&self, report: ScanReport) {
        // A session that is gone wants to know nothing more.
        let _ = self.to.send((self.of.0, self.of.1, report));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(scanners: &[&str]) -> ScanGroup {
        let place = || Place::of(std::path::Path::new("scan_groups.toml"), "", 0);
        ScanGroup {
            name: "g".into(),
            scanners: scanners.iter().map(|name| ((*name).to_owned(), place())).collect(),
            opinion: None,
            on_error: Some(config::OnError::Allow),
        }
    }

    fn config() -> Config {
        let text = "[clamd]\naddress = \"127.0.0.1:1\"\nopinion = \"all\"\n\
            [[icap]]\nname = \"changes\"\nurl = \"icap://127.0.0.1/x\"\n\
            [[icap]]\nname = \"looks\"\nurl = \"icap://127.0.0.1/y\"\nmode = \"scan\"\n\
            messages = \"responses\"\nopinion = \"async\"\n";
        toml::from_str(text).unwrap()
    }

    #[test]
    fn groups_name_scanners_and_say_what_they_do_not_say_themselves() {
        let config = config();
        let services = icap::Services::new(&config).unwrap();
        let scanners = Scanners::new(&config, &services, &[]);
        let names: Vec<_> = scanners.external().iter().map(|it| it.name.to_string()).collect();
        assert_eq!(names, ["clamd", "looks"]);
        assert!(!scanners.may_come_later(0) && scanners.may_come_later(1));
        let of = scanners.group(&group(&["looks", "clamd"]));
        assert_eq!(of.within, Within::Passes);
        let on_failure = OnFailure::Allow;
        let expected = [
            ScanMember { scanner: 1, opinion: Opinion::Second, on_failure },
            ScanMember { scanner: 0, opinion: Opinion::All, on_failure },
        ];
        assert_eq!(of.members, expected);
        let mut later = group(&["gateway", "clamd"]);
        later.opinion = Some(config::Opinion::Second);
        assert_eq!(scanners.group(&later).within, Within::Looks);
        assert!(Scanners::new(&config, &services, &[later]).may_come_later(0));
    }

    #[test]
    fn a_group_of_scanners_that_there_are_not_is_told() {
        assert!(check(&config(), &[group(&["gateway", "clamd", "looks"])]).is_ok());
        for name in ["changes", "clmad"] {
            let told = check(&config(), &[group(&["gateway", name])]).unwrap_err().to_string();
            let expected = format!("names `{name}`, expected one of: gateway, clamd, looks");
            assert!(
                told.starts_with("scan_groups.toml:1:1: ") && told.ends_with(&expected),
                "{told}"
            );
        }
    }

    /// The pieces of TOML in a section of the page about scanners.
    fn examples(section: &str) -> Vec<&'static str> {
        let page = include_str!("../../../docs/scanners.md");
        let from = page.split_once(section).unwrap().1;
        let text = from.split_once("\n## ").unwrap().0;
        let pieces = text.split("```toml\n").skip(1);
        pieces.map(|piece| piece.split("```").next().unwrap()).collect()
    }

    #[test]
    fn the_examples_of_the_page_are_sound() {
        let [groups, rules] = examples("\n## Scanners by rule\n")[..] else { panic!("two pieces") };
        let scratch = crate::scratch::Scratch::new();
        scratch.write("rules.toml", rules);
        scratch.write("scan_groups.toml", groups);
        let policy = crate::policy::load(scratch.path(), &config::AvDatabases::default()).unwrap();
        assert_eq!((policy.scan_groups.len(), policy.rules.rules().len()), (2, 2));
        let copies = examples("\n### ICAP, looking at copies\n")[0];
        let config: Config =
            toml::from_str(&format!("{copies}[clamd]\naddress = \"127.0.0.1:1\"\n")).unwrap();
        check(&config, &policy.scan_groups).unwrap();
        let services = icap::Services::new(&config).unwrap();
        let scanners = Scanners::new(&config, &services, &policy.scan_groups);
        let groups = scanners.groups(&policy.scan_groups);
        let thorough = &groups["thorough"];
        assert!(thorough.members.iter().all(|member| member.opinion == Opinion::All));
        assert_eq!(thorough.members.len(), 2);
    }
}
