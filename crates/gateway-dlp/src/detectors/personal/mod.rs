//! How to reach a person or a device of theirs: addresses, numbers, names of machines.

pub(super) mod au_address;
pub(super) mod ca_address;
pub(super) mod de_postal_code;
pub(super) mod email_address;
pub(super) mod gb_postcode;
pub(super) mod jp_postal_address;
pub(super) mod ph_phone_number;
pub(super) mod phone_number;
pub(super) mod tr_phone_number;
pub(super) mod us_mailing_address;
pub(super) mod us_phone_number;
pub(super) mod us_physical_address;
