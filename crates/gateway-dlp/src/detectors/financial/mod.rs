//! Financial information: payment cards, accounts and wallets.

pub(super) mod payment_card;
