//! `firecrawl_key`: Firecrawl API key.
//!
//! **Format.** `fc-` and 32 hexadecimal digits. No ASCII letter, digit or `_` may touch it, but an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `firecrawl.yml`. On the kind: Firecrawl, "API keys".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "firecrawl_key",
    name: "Firecrawl API key",
    summary: "Firecrawl API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["firecrawl"],
    pattern: alone!("fc-[0-9a-f]{32}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "export TOKEN=fc-ff3674a9740ef0eab3b140f5ae2dcb3b\n",
            &["fc-ff3674a9740ef0eab3b140f5ae2dcb3b"],
        ),
        example(
            "Authorization: Bearer fc-3b6b462e0e1def52817f0ab6181954c7",
            &["fc-3b6b462e0e1def52817f0ab6181954c7"],
        ),
        example("cut short fc-ff3674a9740ef0", &[]),
        example("a placeholder fc-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 3;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
