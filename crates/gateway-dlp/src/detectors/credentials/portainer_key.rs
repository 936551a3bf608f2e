//! `portainer_key`: Portainer access token.
//!
//! **Format.** `ptr_` and 32 bytes in base64, with or without the padding. No ASCII letter, digit
//! or `_` may touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Portainer documentation, "Access tokens".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "portainer_key",
    name: "Portainer access token",
    summary: "Portainer access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["portainer"],
    pattern: alone!(r"ptr_[0-9A-Za-z+/]{43}"),
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"ptr_Jgm+zzZ6MJFvVOMUf2e09w0NViJKg/KUtPEBr9F+q52","id":7}"#,
            &["ptr_Jgm+zzZ6MJFvVOMUf2e09w0NViJKg/KUtPEBr9F+q52"],
        ),
        example(
            "key: ptr_RWIzaE3RyK9DBjXzdc1U22BcQYVAQFGQF5/PbPTU0gh, and more",
            &["ptr_RWIzaE3RyK9DBjXzdc1U22BcQYVAQFGQF5/PbPTU0gh"],
        ),
        example("cut short ptr_Jgm+zzZ6MJFvVOMUf2e09w0NV", &[]),
        example("a placeholder ptr_xxx+xxxxxxxxxxxxxxxxxxxxxxxxx/xxxxxxxxx+xxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
