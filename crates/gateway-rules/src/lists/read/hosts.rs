//! Hosts files (hosts(5)): an address, then names. Whatever the address is, the names are what is
//! listed.

use std::net::IpAddr;

use super::{Reading, without_comment};
use crate::lists::ListKind;
use crate::lists::domains::Scope;

/// Names by which a machine calls itself.
const OWN: [&str; 12] = [
    "0.0.0.0",
    "broadcasthost",
    "ip6-allhosts",
    "ip6-allnodes",
    "ip6-allrouters",
    "ip6-localhost",
    "ip6-localnet",
    "ip6-loopback",
    "ip6-mcastprefix",
    "local",
    "localhost",
    "localhost.localdomain",
];

pub(super) fn read(reading: &mut Reading<'_>, file: &[u8]) {
    reading.lines(file, |reading, line, text| {
        let text = without_comment(text);
        let mut words = text.split_ascii_whitespace();
        let Some(address) = words.next() else { return };
        // An address may name its interface.
        let bare = address.split_once('%').map_or(address, |(bare, _)| bare);
        if bare.parse::<IpAddr>().is_err() {
            return reading.fault(line, "an address and names", text);
        }
        let mut is_named = false;
        for name in words {
            is_named = true;
            if OWN.contains(&name) {
                reading.pass_over(line, "names of the machine itself");
                continue;
            }
            let added = match reading.builder.kind() {
                ListKind::Host | ListKind::Domain | ListKind::Url => {
                    reading.builder.add_name(name, Scope::Here)
                }
                _ => reading.builder.add(name),
            };
            reading.keep(line, added);
        }
        if !is_named {
            reading.fault(line, "a name behind the address", text);
        }
    });
}
