//! `endor_labs_key`: Endor Labs API key or secret.
//!
//! **Format.** `endr+` and 16 letters, digits or `-`. No ASCII letter, digit or `_` may touch it,
//! but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `endorlabs-api-secret`.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "endor_labs_key",
    name: "Endor Labs API key",
    summary: "Endor Labs API key or secret, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["endor"],
    pattern: alone!(r"endr\+[0-9A-Za-z-]{16}"),
    match_bytes_max: 32,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example("ENDOR_API_CREDENTIALS_SECRET=endr+9dPnxyYneR9YQN2V", &["endr+9dPnxyYneR9YQN2V"]),
        example(r#"key: "endr+kFGekxh0dhImBCp2""#, &["endr+kFGekxh0dhImBCp2"]),
        example("cut short endr+9dPnxyYn", &[]),
        example("a placeholder endr+xxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::High)
}
