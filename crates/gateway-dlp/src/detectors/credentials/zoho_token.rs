//! `zoho_token`: Zoho OAuth token.
//!
//! **Format.** `1000.` and twice 32 hexadecimal digits, parted by a point. No ASCII letter, digit
//! or `_` may touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Zoho accounts, "OAuth 2.0".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "zoho_token",
    name: "Zoho OAuth token",
    summary: "Zoho OAuth token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["zoho"],
    pattern: alone!(r"1000\.[0-9a-f]{32}\.[0-9a-f]{32}"),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"1000.68a84cf29e88722694a33f5b1338ea43.cd63bf6f9032f8852c2d6cfeb3bed0ad","id":7}"#,
            &["1000.68a84cf29e88722694a33f5b1338ea43.cd63bf6f9032f8852c2d6cfeb3bed0ad"],
        ),
        example(
            "key: 1000.0b2aca9919f871a4690685ea894d26bc.539213fa11336322fdbc3cb1ae632168, and more",
            &["1000.0b2aca9919f871a4690685ea894d26bc.539213fa11336322fdbc3cb1ae632168"],
        ),
        example("cut short 1000.68a84cf29e88722694a33f5b1338ea43.cd63bf", &[]),
        example(
            "a placeholder 1000.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
