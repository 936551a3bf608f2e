//! Which addresses the gateway may connect to, and who may connect to it. Pure: it resolves
//! nothing and opens no socket; the dialler asks it about every address that it has resolved.

mod address_policy;
mod cidr;

pub(crate) use address_policy::AddressPolicy;
pub(crate) use cidr::Cidr;
