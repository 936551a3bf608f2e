//! `digitalocean_refresh_token`: DigitalOcean refresh token.
//!
//! **Format.** `dor_v1_` and 64 hexadecimal digits. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `digitalocean-refresh-token`. On the kind:
//! DigitalOcean API reference, token prefixes.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "digitalocean_refresh_token",
    name: "DigitalOcean refresh token",
    summary: "DigitalOcean refresh token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["digitalocean"],
    pattern: r"dor_v1_[0-9a-f]{64}\b{end-half}",
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"token = "dor_v1_7385c338e89ac89247879f16eb55ac46c1a766fbafff52edfc464adc3fc3b206""#,
            &["dor_v1_7385c338e89ac89247879f16eb55ac46c1a766fbafff52edfc464adc3fc3b206"],
        ),
        example(
            "key: dor_v1_2f0af26ead4470f411f65f355f0a39a9c4abbca0e79634041cae94786e504af3, and more",
            &["dor_v1_2f0af26ead4470f411f65f355f0a39a9c4abbca0e79634041cae94786e504af3"],
        ),
        example("cut short dor_v1_7385c338e89ac89247879f16eb55", &[]),
        example(
            "a placeholder dor_v1_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 7;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
