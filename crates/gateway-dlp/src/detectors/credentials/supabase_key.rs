//! `supabase_key`: Supabase key.
//!
//! **Format.** `sbp_` or `sbp_v0_` and 40 hexadecimal digits, or `sb_secret_` and 31 letters, digits, `-` or
//! `_`. No ASCII letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may come
//! right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `supabase-management-token`. On the kind:
//! Supabase, "Understanding API keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "supabase_key",
    name: "Supabase key",
    summary: "Supabase key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["supabase"],
    pattern: alone!("(?:sbp_(?:v0_)?[0-9a-f]{40}|sb_secret_[0-9A-Za-z_-]{31})"),
    match_bytes_max: 56,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"token = "sbp_63cf40c314c4cd1989c2918ea1b501c22dee0852""#,
            &["sbp_63cf40c314c4cd1989c2918ea1b501c22dee0852"],
        ),
        example(
            "Authorization: Bearer sbp_09c741a064f5e70e832ddf55cfe7d581ca374381",
            &["sbp_09c741a064f5e70e832ddf55cfe7d581ca374381"],
        ),
        example(
            "key: sbp_v0_63cf40c314c4cd1989c2918ea1b501c22dee0852",
            &["sbp_v0_63cf40c314c4cd1989c2918ea1b501c22dee0852"],
        ),
        example("cut short sbp_63cf40c314c4cd1989", &[]),
        example("a placeholder sbp_63cf40xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 10;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::High)
}
