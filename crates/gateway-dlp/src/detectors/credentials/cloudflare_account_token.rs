//! `cloudflare_account_token`: Cloudflare account API token.
//!
//! **Format.** `cfat_`, 40 letters or digits and a checksum of eight hexadecimal digits. No ASCII
//! letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random; how the checksum is made is not published.
//!
//! **Source.** Cloudflare Fundamentals, "Token formats".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "cloudflare_account_token",
    name: "Cloudflare account API token",
    summary: "Cloudflare account API token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["cloudflare"],
    pattern: r"cfat_[0-9A-Za-z]{40}[0-9a-f]{8}\b{end-half}",
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"cfat_eY5u9wxyWgCMXlaKhJ91LTOcfKjBw2jlJQvzM9kWec92b3fb","id":7}"#,
            &["cfat_eY5u9wxyWgCMXlaKhJ91LTOcfKjBw2jlJQvzM9kWec92b3fb"],
        ),
        example(
            "Authorization: Bearer cfat_VQhjvHFRlnOTjQwpddQsYUYFkbOvXvHjNmIYJoKZ28f59fc9",
            &["cfat_VQhjvHFRlnOTjQwpddQsYUYFkbOvXvHjNmIYJoKZ28f59fc9"],
        ),
        example("cut short cfat_eY5u9wxyWgCMXlaKhJ91L", &[]),
        example("a placeholder cfat_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
