//! `cidr6(address Ip, ipv6_network_bits Int) -> Ip`: the network that an IPv6 address is in, by its
//! first so many bits, 1 to 128; an IPv4 address as it is.
//!
//! ```text
//! cidr6(2001:0000:130F:0000:0000:09C0:876A:130B, 24) == 2001::
//! cidr6(113.10.0.2, 24) == 113.10.0.2
//! cidr6(ip6, 64) in {2001:0:130f::/64}
//! not cidr6(no_ip, 24) == ::
//! ```

use super::{Function, Kind, Parameter, Repeats, Shape, check_int, nothing};
use crate::parse::network_of;
use crate::value::{Type, Value};

pub(super) const FUNCTION: Function = Function {
    name: "cidr6",
    parameters: &[
        Parameter { name: "address", shapes: &[Shape::Ip], kind: Kind::Field },
        Parameter { name: "ipv6_network_bits", shapes: &[Shape::Int], kind: Kind::Any },
    ],
    required: 2,
    repeats: Repeats::No,
    yields: |arguments, _| {
        check_int(arguments, 1, 1..=128, "1 to 128 bits")?;
        Ok(Type::Ip)
    },
    prepare: nothing,
    apply: |given| {
        let address = given.ip(0)?;
        let bits = u8::try_from(given.int(1)?).ok().filter(|bits| (1..=128).contains(bits))?;
        Some(Value::Ip(if address.is_ipv4() { address } else { network_of(address, bits) }))
    },
};
