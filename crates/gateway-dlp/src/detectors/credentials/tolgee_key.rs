//! `tolgee_key`: Tolgee API key.
//!
//! **Format.** `tgpak_` (project) or `tgpat_` (personal) and 45 to 64 small letters or digits. No
//! ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Tolgee documentation, "API keys and tokens".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "tolgee_key",
    name: "Tolgee API key",
    summary: "Tolgee API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["tolgee"],
    pattern: r"tgpa[kt]_[0-9a-z]{45,64}\b{end-half}",
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"tgpat_g35rll0u41r6nuwlyujpm0x291yxm6nfohlxbjhc9cfyp5p","id":7}"#,
            &["tgpat_g35rll0u41r6nuwlyujpm0x291yxm6nfohlxbjhc9cfyp5p"],
        ),
        example(
            "key: tgpak_86m8i4rdiqks1wir252ba6oj9cazb815tfp7i75iwibd23x9vaqn8ai6, and more",
            &["tgpak_86m8i4rdiqks1wir252ba6oj9cazb815tfp7i75iwibd23x9vaqn8ai6"],
        ),
        example("cut short tgpat_g35rll0u41r6nuwlyujpm0x291yx", &[]),
        example("a placeholder tgpat_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 6;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
