//! Financial information: payment cards, accounts and wallets.

pub(super) mod amex_card;
pub(super) mod amex_name;
pub(super) mod bitcoin_address;
pub(super) mod ca_bank_account;
pub(super) mod card_security_code;
pub(super) mod diners_card;
pub(super) mod discover_card;
pub(super) mod ethereum_address;
pub(super) mod iban;
pub(super) mod jcb_card;
mod length;
pub(super) mod mastercard_card;
pub(super) mod mastercard_name;
pub(super) mod mx_clabe;
pub(super) mod payment_card;
pub(super) mod swift_code;
pub(super) mod union_pay_card;
pub(super) mod union_pay_name;
pub(super) mod us_bank_account;
pub(super) mod us_routing_number;
pub(super) mod visa_card;
pub(super) mod visa_name;
