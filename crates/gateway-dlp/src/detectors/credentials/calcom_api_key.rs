//! `calcom_api_key`: Cal.com API key.
//!
//! **Format.** `cal_live_`, or `cal_` where the server is one's own, and 32 letters or digits. No
//! ASCII letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may come right
//! before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `calcom.yml`.
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "calcom_api_key",
    name: "Cal.com API key",
    summary: "Cal.com API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["cal"],
    pattern: alone!("cal_(?:live_)?[0-9A-Za-z]{32}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "CALCOM_API_KEY=cal_live_461d28156e9c85e593b4f9a9cc3b953a",
            &["cal_live_461d28156e9c85e593b4f9a9cc3b953a"],
        ),
        example(
            "Authorization: Bearer cal_kQf2m7GZg61k3V7zwvoKvZiDz6tT6wsC",
            &["cal_kQf2m7GZg61k3V7zwvoKvZiDz6tT6wsC"],
        ),
        example("cut short cal_live_461d28156e9c85e593b4", &[]),
        example("a placeholder cal_live_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
