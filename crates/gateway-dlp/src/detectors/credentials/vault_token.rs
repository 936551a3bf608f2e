//! `vault_token`: HashiCorp Vault token.
//!
//! **Format.** `hvs.` (service), `hvb.` (batch) or `hvr.` (recovery) and 90 to 300 letters, digits,
//! `-` or `_`; or `hvs.` and 24 letters or digits;
//! or, assigned to a name that holds `vault`, `s.` and 24, as before version 1.10. No ASCII letter, digit or `_` may touch it, but
//! an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `vault-service-token`. On the kind: HashiCorp
//! Vault, "Tokens", token prefixes.
//!
//! **Confidence.** High: no other text has this form. Medium for tokens that a name tells.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{assigned, token_alone, value_start};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::is_random;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "vault_token",
    name: "HashiCorp Vault token",
    summary: "HashiCorp Vault token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["hashicorp", "vault"],
    pattern: concat!(
        alone!(r"hv(?:[sbr]\.[0-9A-Za-z_-]{90,}|s\.[0-9A-Za-z]{24})"),
        "|",
        assigned!("vault", r"s\.[0-9A-Za-z]{24}"),
    ),
    match_bytes_max: 320,
    validators: &["random"],
    test: Test::Judge(judge),
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
        example(
            r#"vault_api_token = "s.2jlAegNjC9PutpryzoYLvw07""#,
            &["s.2jlAegNjC9PutpryzoYLvw07"],
        ),
        example("this.token = s.2jlAegNjC9PutpryzoYLvw07", &[]),
        example("cut short hvs.gF11XXe4z3LadRfq1bIVSFAlVkIPkckbTgiwLh6Y9RL", &[]),
        example(
            "a placeholder hvs.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;
/// Bytes of the prefix before version 1.10.
const OLD_PREFIX: usize = 2;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let lead = value_start(sample.matched);
    if lead == 0 || sample.matched.starts_with(b"\\") {
        return token_alone(sample, PREFIX, Confidence::High);
    }
    let is_drawn = is_random(sample.matched.get(lead + OLD_PREFIX..)?);
    is_drawn.then_some(Judgement { confidence: Confidence::Medium, lead, trail: 0 })
}
