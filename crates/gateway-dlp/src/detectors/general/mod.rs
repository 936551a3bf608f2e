//! Dates and addresses of devices and pages: what says little by itself, and more beside other entries.

pub(super) mod date;
pub(super) mod ip_address;
pub(super) mod mac_address;
pub(super) mod url;
