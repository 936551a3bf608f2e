//! `figma_token`: Figma personal access token.
//!
//! **Format.** `figd_` and 38 to 42 letters, digits, `-` or `_`; or, for older ones, four
//! hexadecimal digits, a dash and a UUID, assigned to a name with `figma` in it and at most 30 more
//! characters, which is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix, or the value, looks random: enough entropy, no long run,
//! no word that marks a placeholder.
//!
//! **Source.** kingfisher, `figma.yml`; betterleaks, `config/betterleaks.toml`,
//! `figma-personal-access-header-token`.
//!
//! **Confidence.** High for the prefix: no other text has this form. Medium for a value that a name
//! tells.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, token, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "figma_token",
    name: "Figma personal access token",
    summary: "Figma personal access token, by prefix or the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["figma"],
    pattern: concat!(
        r"figd_[0-9A-Za-z_-]{38,42}\b{end-half}",
        "|",
        assigned!("figma", "[0-9A-Fa-f]{4}-[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
    ),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"figd_9OmIvSzbbtK3pHekGxCFY6vB_kQgnqEye9BtrwZR","id":7}"#,
            &["figd_9OmIvSzbbtK3pHekGxCFY6vB_kQgnqEye9BtrwZR"],
        ),
        example(
            "export TOKEN=figd_I380fF_etjl4Yl3s2xS7WMfCGXl5E3tan30IxZnX\n",
            &["figd_I380fF_etjl4Yl3s2xS7WMfCGXl5E3tan30IxZnX"],
        ),
        example("cut short figd_9OmIvSzbbtK3pHekG", &[]),
        example("a placeholder figd_xxxxxxxxxxxxxxxxxxxxxxxx_xxxxxxxxxxxxxxx", &[]),
        example(
            "X-Figma-Token: cb9c-c611de0d-15c8-3a21-43db-d548683ff350",
            &["cb9c-c611de0d-15c8-3a21-43db-d548683ff350"],
        ),
        example("no name before it: cb9c-c611de0d-15c8-3a21-43db-d548683ff350", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    if let [b'f', b'i', b'g', b'd', b'_', ..] = sample.matched {
        token(sample, PREFIX, Confidence::High)
    } else {
        value(sample, Confidence::Medium)
    }
}
