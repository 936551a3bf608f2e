//! `airtable_token`: Airtable personal access token.
//!
//! **Format.** `pat`, 14 letters or digits, a point and 64 hexadecimal digits. No ASCII letter,
//! digit or `_` may touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `airtable-personnal-access-token`. On the kind:
//! Airtable Web API, "Authentication".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "airtable_token",
    name: "Airtable personal access token",
    summary: "Airtable personal access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["airtable"],
    pattern: alone!(r"pat[0-9A-Za-z]{14}\.[0-9a-f]{64}"),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"patt2bdG1XGerdl8i.7c0086d1d92eff6f574eb3e6035d5520c51e7bb98c90a85c42ae1feef9a38cf6","id":7}"#,
            &["patt2bdG1XGerdl8i.7c0086d1d92eff6f574eb3e6035d5520c51e7bb98c90a85c42ae1feef9a38cf6"],
        ),
        example(
            "export TOKEN=patlx0d1SG1wceWqO.4d88adb5cb4c86a26b1a95c47925a2858a949b1d1f212d8e1c8c41b085757a37\n",
            &["patlx0d1SG1wceWqO.4d88adb5cb4c86a26b1a95c47925a2858a949b1d1f212d8e1c8c41b085757a37"],
        ),
        example("cut short patt2bdG1XGerdl8i.7c0086d1d92eff6f574eb3e", &[]),
        example(
            "a placeholder patxxxxxxxxxxxxxx.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 3;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
