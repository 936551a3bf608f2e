//! `vault_token`: HashiCorp Vault token.
//!
//! **Format.** `hvs.` (service), `hvb.` (batch) or `hvr.` (recovery) and 90 to 300 letters, digits,
//! `-` or `_`; or `hvs.` and 24 letters or digits. No ASCII letter, digit or `_` may touch it, but
//! an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** HashiCorp Vault, "Tokens", token prefixes.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "vault_token",
    name: "HashiCorp Vault token",
    summary: "HashiCorp Vault token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["hashicorp", "vault"],
    pattern: alone!(r"hv(?:[sbr]\.[0-9A-Za-z_-]{90,}|s\.[0-9A-Za-z]{24})"),
    match_bytes_max: 320,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "export TOKEN=hvs.gF11XXe4z3LadRfq1bIVSFAlVkIPkckbTgiwLh6Y9RLjSMu1YXK5lcH91pEfrWjbgRypmH6KRiyz5qKIkuyX1Px5bx\n",
            &[
                "hvs.gF11XXe4z3LadRfq1bIVSFAlVkIPkckbTgiwLh6Y9RLjSMu1YXK5lcH91pEfrWjbgRypmH6KRiyz5qKIkuyX1Px5bx",
            ],
        ),
        example(
            "Authorization: Bearer hvs.4gEg1hW4KYn8B7KYJckDLZmk79dC7B_7IziL_FU-xVvHKtfS5yGS4pJgEwvML_XcW6NrvyoDBaU0MTZu4z1x2Ok1er",
            &[
                "hvs.4gEg1hW4KYn8B7KYJckDLZmk79dC7B_7IziL_FU-xVvHKtfS5yGS4pJgEwvML_XcW6NrvyoDBaU0MTZu4z1x2Ok1er",
            ],
        ),
        example("cut short hvs.gF11XXe4z3LadRfq1bIVSFAlVkIPkckbTgiwLh6Y9RL", &[]),
        example(
            "a placeholder hvs.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::High)
}
