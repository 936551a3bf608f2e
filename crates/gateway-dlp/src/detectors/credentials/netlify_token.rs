//! `netlify_token`: Netlify access token.
//!
//! **Format.** `nfp_` and 36 letters or digits. No ASCII letter, digit or `_` may touch it, but an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Netlify, "Get started with the API".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "netlify_token",
    name: "Netlify access token",
    summary: "Netlify access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["netlify"],
    pattern: alone!("nfp_[0-9A-Za-z]{36}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "export TOKEN=nfp_1QjM1tDCtI6DBoD1ymxDWSorc340c4QC27DG\n",
            &["nfp_1QjM1tDCtI6DBoD1ymxDWSorc340c4QC27DG"],
        ),
        example(
            "Authorization: Bearer nfp_M55wN4EMVIpBd0Lerwe5tDvtSCfIY7It7RxD",
            &["nfp_M55wN4EMVIpBd0Lerwe5tDvtSCfIY7It7RxD"],
        ),
        example("cut short nfp_1QjM1tDCtI6DBoD1", &[]),
        example("a placeholder nfp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
