//! `mailchimp_key`: Mailchimp API key.
//!
//! **Format.** 32 hexadecimal digits, `-us` and the one or two digits of a data centre. No ASCII
//! letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** It looks random: enough entropy, no long run, no word that marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `mailchimp-api-key`. On the kind: Mailchimp,
//! "About API keys".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "mailchimp_key",
    name: "Mailchimp API key",
    summary: "Mailchimp API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["mailchimp"],
    pattern: alone!("[0-9a-f]{32}-us[0-9]{1,2}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "Authorization: Bearer a5ae73c14b0a809bc0c0df6f1359ea8a-us68",
            &["a5ae73c14b0a809bc0c0df6f1359ea8a-us68"],
        ),
        example(
            "export TOKEN=51b308218263cbd97511b2009fcc8073-us8\n",
            &["51b308218263cbd97511b2009fcc8073-us8"],
        ),
        example("cut short a5ae73c14b0a809bc0", &[]),
        example("a placeholder xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxx", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, 0, Confidence::Medium)
}
