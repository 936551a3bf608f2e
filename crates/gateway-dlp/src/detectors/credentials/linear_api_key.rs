//! `linear_api_key`: Linear API key.
//!
//! **Format.** `lin_api_` or `lin_oauth_` and 40 to 64 letters or digits. No ASCII letter, digit or
//! `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `linear-api-key`. On the kind: Linear developer
//! documentation, "Authentication".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "linear_api_key",
    name: "Linear API key",
    summary: "Linear API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["linear"],
    pattern: r"lin_(?:api|oauth)_[0-9A-Za-z]{40,64}\b{end-half}",
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"token = "lin_oauth_TZ9H8dXxHx3oX2RC3EOGsBlhabzHXhchQPWUoZDBVd5cZP""#,
            &["lin_oauth_TZ9H8dXxHx3oX2RC3EOGsBlhabzHXhchQPWUoZDBVd5cZP"],
        ),
        example(
            "Authorization: Bearer lin_oauth_Nh1KqLWlB8XUsLZE8M3DbrcNy51YPVhQ56iIRsVRRuab",
            &["lin_oauth_Nh1KqLWlB8XUsLZE8M3DbrcNy51YPVhQ56iIRsVRRuab"],
        ),
        example("cut short lin_oauth_TZ9H8dXxHx3oX2RC3E", &[]),
        example("a placeholder lin_oautx_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 8;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
