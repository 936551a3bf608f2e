//! `wakatime_key`: WakaTime API key.
//!
//! **Format.** `waka_` and a UUID. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** the WakaTime plugins, which refuse keys of any other form. On the kind: WakaTime
//! developer documentation, "Authentication".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "wakatime_key",
    name: "WakaTime API key",
    summary: "WakaTime API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["wakatime"],
    pattern: r"waka_[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\b{end-half}",
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "Authorization: Bearer waka_3bfFF43F-1B19-0576-d17e-dC6be89A113c",
            &["waka_3bfFF43F-1B19-0576-d17e-dC6be89A113c"],
        ),
        example(
            "export TOKEN=waka_a7A399e9-f1E3-61f0-e7e6-fc89Da1dEc9e\n",
            &["waka_a7A399e9-f1E3-61f0-e7e6-fc89Da1dEc9e"],
        ),
        example("cut short waka_3bfFF43F-1B19-0", &[]),
        example("a placeholder waka_xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
