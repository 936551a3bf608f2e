//! `typeform_token`: Typeform personal access token.
//!
//! **Format.** `tfp_`, 44 letters, digits, `-` or `_`, `_` and 14 more. No ASCII letter, digit or
//! `_` may touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `typeform-api-token`. On the kind: Typeform
//! developer documentation, "Personal access tokens".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "typeform_token",
    name: "Typeform personal access token",
    summary: "Typeform personal access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["typeform"],
    pattern: alone!("tfp_[0-9A-Za-z_-]{44}_[0-9A-Za-z_-]{14}"),
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "export TOKEN=tfp_PcK5gF9RPuOW7VuncK3KOQf4pcQ82BDUUOsDGKUQ-5Q1_MSGOG7P644T6Hw\n",
            &["tfp_PcK5gF9RPuOW7VuncK3KOQf4pcQ82BDUUOsDGKUQ-5Q1_MSGOG7P644T6Hw"],
        ),
        example(
            r#"token = "tfp_L-h2jTyBozumbiSeIziFa2dAyzSQ5DAV3qGE4G_w9-Xq_v2oVCU60J1KVfH""#,
            &["tfp_L-h2jTyBozumbiSeIziFa2dAyzSQ5DAV3qGE4G_w9-Xq_v2oVCU60J1KVfH"],
        ),
        example("cut short tfp_PcK5gF9RPuOW7VuncK3KOQf4pcQ", &[]),
        example(
            "a placeholder tfp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxx_xxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
