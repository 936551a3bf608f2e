//! Users by the network that they come from: for hosts that cannot say who they are, and worth as
//! much as the network between them and the gateway.

use std::net::IpAddr;
use std::sync::Arc;

use gateway_proxy::{Source, User};

use super::password::group;
use crate::config::Network;
use crate::net::Cidr;

/// The networks that have users, in the order in which they are looked at.
#[derive(Debug, Default)]
pub(super) struct Networks(Vec<(Cidr, Arc<User>)>);

impl Networks {
    pub(super) fn new(networks: &[Network]) -> Self {
        let user = |network: &Network| User {
            id: network.user.clone().into(),
            email: network.email.clone().into(),
            name: network.name.clone().into(),
            groups: network.groups.iter().map(|name| group(name)).collect(),
            source: Source::Address,
            ..User::default()
        };
        Self(networks.iter().map(|network| (network.from, Arc::new(user(network)))).collect())
    }

    /// The user at `address`.
    pub(super) fn find(&self, address: IpAddr) -> Option<Arc<User>> {
        let (_, user) = self.0.iter().find(|(network, _)| network.contains(address))?;
        Some(user.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_network_that_holds_the_address_counts() {
        let network = |from: &str, user: &str| Network {
            from: from.parse().unwrap(),
            user: user.into(),
            email: String::new(),
            name: String::new(),
            groups: vec!["kiosks".into()],
        };
        let networks = Networks::new(&[network("10.1.0.0/16", "a"), network("10.0.0.0/8", "b")]);
        let find = |address: &str| networks.find(address.parse().unwrap());
        assert_eq!(find("10.1.2.3").unwrap().id, "a");
        assert_eq!(find("::ffff:10.2.0.1").unwrap().id, "b");
        assert_eq!(find("10.2.0.1").unwrap().groups[0].name, "kiosks");
        assert_eq!(find("192.0.2.1"), None);
    }
}
