//! How to name and to reach a person or a device of theirs: names,
//! addresses, numbers, names of machines.

pub(super) mod au_address;
pub(super) mod ca_address;
pub(super) mod ca_postal_code;
pub(super) mod de_postal_code;
pub(super) mod email_address;
pub(super) mod full_name;
pub(super) mod gb_postcode;
mod given_names;
pub(super) mod jp_kanji_name;
pub(super) mod jp_postal_address;
mod kanji_family_names;
mod kanji_given_names;
mod not_family_names;
pub(super) mod ph_phone_number;
pub(super) mod phone_number;
pub(super) mod tr_phone_number;
pub(super) mod us_mailing_address;
pub(super) mod us_phone_number;
pub(super) mod us_physical_address;
