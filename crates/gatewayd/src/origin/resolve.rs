//! Names to addresses: the hosts map of the configuration, then the system, remembered briefly.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use gateway_proxy::DialError;

/// How long an answer of the system is used.
const REMEMBERED: Duration = Duration::from_secs(30);
/// Names remembered; beyond it all are forgotten.
const NAMES_MAX: usize = 10_000;

/// Finds the addresses of hosts.
#[derive(Debug)]
pub(crate) struct Resolver {
    hosts: BTreeMap<String, Vec<IpAddr>>,
    remembered: Mutex<HashMap<String, (Instant, Vec<IpAddr>)>>,
}

impl Resolver {
    /// A resolver that asks the system for names that `hosts` does not hold.
    pub(crate) fn new(hosts: BTreeMap<String, Vec<IpAddr>>) -> Self {
        Self { hosts, remembered: Mutex::default() }
    }

    /// The addresses of `host`, a name or an IP literal, in the order to try them; never none.
    pub(crate) async fn resolve(&self, host: &str) -> Result<Vec<IpAddr>, DialError> {
        if let Ok(address) = host.parse() {
            return Ok(vec![address]);
        }
        let name = host.trim_end_matches('.');
        if let Some(addresses) = self.hosts.get(name) {
            return Ok(addresses.clone());
        }
        if let Some(addresses) = self.recall(name) {
            return Ok(addresses);
        }
        let unknown = || DialError::Resolve { host: host.to_owned() };
        // Fully qualified, so that no search list of the system leads elsewhere.
        let found = tokio::net::lookup_host((format!("{name}."), 0)).await;
        let found = match found {
            Ok(found) => found.map(|address| address.ip()).collect(),
            Err(_) => {
                let again = tokio::net::lookup_host((name, 0)).await.map_err(|_| unknown())?;
                again.map(|address| address.ip()).collect::<Vec<_>>()
            }
        };
        let addresses = interleaved(&found);
        if addresses.is_empty() {
            return Err(unknown());
        }
        self.remember(name, &addresses);
        Ok(addresses)
    }

    fn recall(&self, name: &str) -> Option<Vec<IpAddr>> {
        let remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, addresses) = remembered.get(name)?;
        (since.elapsed() < REMEMBERED).then(|| addresses.clone())
    }

    fn remember(&self, name: &str, addresses: &[IpAddr]) {
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() >= NAMES_MAX {
            remembered.clear();
        }
        remembered.insert(name.to_owned(), (Instant::now(), addresses.to_vec()));
    }
}

/// Each address once, the two families in turn, beginning with the first one's (RFC 8305 §4).
fn interleaved(found: &[IpAddr]) -> Vec<IpAddr> {
    let mut once: Vec<IpAddr> = Vec::new();
    for address in found {
        if !once.contains(address) {
            once.push(*address);
        }
    }
    let first_is_v6 = once.first().is_some_and(IpAddr::is_ipv6);
    let (mut first, mut second): (Vec<_>, Vec<_>) =
        once.into_iter().partition(|address| address.is_ipv6() == first_is_v6);
    first.reverse();
    second.reverse();
    let mut mixed = Vec::new();
    while let Some(address) = first.pop() {
        mixed.push(address);
        mixed.extend(second.pop());
    }
    mixed.extend(second.into_iter().rev());
    mixed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_take_turns() {
        let parse = |text: &str| text.split(' ').map(|a| a.parse().unwrap()).collect::<Vec<_>>();
        let found = parse("::1 ::2 ::2 10.0.0.1 ::3 10.0.0.2 10.0.0.3 10.0.0.4");
        let mixed = parse("::1 10.0.0.1 ::2 10.0.0.2 ::3 10.0.0.3 10.0.0.4");
        assert_eq!(interleaved(&found), mixed);
    }

    #[tokio::test]
    async fn the_hosts_map_comes_first_and_literals_are_not_looked_up() {
        let hosts = [("a.example".to_owned(), vec!["192.0.2.1".parse().unwrap()])];
        let resolver = Resolver::new(hosts.into());
        let resolved = resolver.resolve("a.example").await.unwrap();
        assert_eq!(resolved, ["192.0.2.1".parse::<IpAddr>().unwrap()]);
        let literal = resolver.resolve("2001:db8::1").await.unwrap();
        assert_eq!(literal, ["2001:db8::1".parse::<IpAddr>().unwrap()]);
    }
}
