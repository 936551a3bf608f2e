//! `cidr(address Ip, ipv4_network_bits Int, ipv6_network_bits Int) -> Ip`: the network that an
//! address is in, by its first so many bits.
//!
//! The bits are 1 to 32 and 1 to 128.
//!
//! ```text
//! cidr(113.10.0.2, 24, 24) == 113.10.0.0
//! cidr(2001:0000:130F:0000:0000:09C0:876A:130B, 24, 24) == 2001::
//! cidr(ip4, 32, 128) == 113.10.0.2
//! cidr(ip6, 1, 128) == 2001:0:130f::9c0:876a:130b
//! cidr(ip4, 9, 1) in {113.0.0.0/9}
//! not cidr(no_ip, 24, 24) == 0.0.0.0
//! ```

use super::{Function, Kind, Parameter, Repeats, Shape, check_int, nothing};
use crate::parse::network_of;
use crate::value::{Type, Value};

pub(super) const FUNCTION: Function = Function {
    name: "cidr",
    parameters: &[
        Parameter { name: "address", shapes: &[Shape::Ip], kind: Kind::Field },
        Parameter { name: "ipv4_network_bits", shapes: &[Shape::Int], kind: Kind::Any },
        Parameter { name: "ipv6_network_bits", shapes: &[Shape::Int], kind: Kind::Any },
    ],
    required: 3,
    repeats: Repeats::No,
    yields: |arguments, _| {
        check_int(arguments, 1, 1..=32, "1 to 32 bits")?;
        check_int(arguments, 2, 1..=128, "1 to 128 bits")?;
        Ok(Type::Ip)
    },
    prepare: nothing,
    apply: |given| {
        let address = given.ip(0)?;
        let (bits, max) =
            if address.is_ipv4() { (given.int(1)?, 32) } else { (given.int(2)?, 128) };
        let bits = u8::try_from(bits).ok().filter(|bits| (1..=max).contains(bits))?;
        Some(Value::Ip(network_of(address, bits)))
    },
};
