//! `maxmind_license_key`: MaxMind licence key.
//!
//! **Format.** Six letters or digits, `_`, 29 more and `_mmk`. No ASCII letter, digit or `_` may
//! touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** It looks random: enough entropy, no long run, no word that marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `maxmind-license-key`. On the kind: MaxMind
//! developer portal, "Licence key formats".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "maxmind_license_key",
    name: "MaxMind licence key",
    summary: "MaxMind licence key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["geoip", "maxmind"],
    pattern: alone!("[0-9A-Za-z]{6}_[0-9A-Za-z]{29}_mmk"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "Authorization: Bearer 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",
            &["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"],
        ),
        example(
            r#"token = "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""#,
            &["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"],
        ),
        example("cut short nI4PiL_F2KtsHGZCTzpr", &[]),
        example("a placeholder xxxxxx_xxxxxxxxxxxxxxxxxxxxxxxxxxxxx_xxx", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, 0, Confidence::High)
}
