//! `artifactory_api_key`: Artifactory API key.
//!
//! **Format.** `AKCp` and 68 to 70 letters or digits. No ASCII letter, digit or `_` may touch it,
//! but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `artifactory-api-key`; gitleaks has 69.
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "artifactory_api_key",
    name: "Artifactory API key",
    summary: "Artifactory API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["artifactory", "jfrog"],
    pattern: alone!("AKCp[0-9A-Za-z]{68,70}"),
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"AKCps5dQYdtuaVkOcURprbQ4ltFmNUJUZnkSlS1Tsz2cz4JcyXfDovwpJWXWD7OtBRCurmzmc","id":7}"#,
            &["AKCps5dQYdtuaVkOcURprbQ4ltFmNUJUZnkSlS1Tsz2cz4JcyXfDovwpJWXWD7OtBRCurmzmc"],
        ),
        example(
            r#"token = "AKCpPFfCOXA5G4Jp54zp2kTkhpowoh6dgjJd84xgrLAtivEZPbUTx7eQvu5OH49gJC3JnFIcD""#,
            &["AKCpPFfCOXA5G4Jp54zp2kTkhpowoh6dgjJd84xgrLAtivEZPbUTx7eQvu5OH49gJC3JnFIcD"],
        ),
        example("cut short AKCps5dQYdtuaVkOcURprbQ4ltFmNUJUZnkS", &[]),
        example(
            "a placeholder AKCpxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
