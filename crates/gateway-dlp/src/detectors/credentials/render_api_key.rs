//! `render_api_key`: Render API key.
//!
//! **Format.** `rnd_` and 28 to 33 letters or digits. No ASCII letter, digit or `_` may touch it,
//! but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `render.go`. On the kind: Render documentation, "The Render API".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "render_api_key",
    name: "Render API key",
    summary: "Render API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["render"],
    pattern: alone!("rnd_[0-9A-Za-z]{28,33}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"rnd_3hEGeWLTmXpD9y0bwtGacdvdAHtyVhUfU","id":7}"#,
            &["rnd_3hEGeWLTmXpD9y0bwtGacdvdAHtyVhUfU"],
        ),
        example(
            "key: rnd_BSXztczoXkFkpH9HFdhQ5Jv7d3ad6kdDx, and more",
            &["rnd_BSXztczoXkFkpH9HFdhQ5Jv7d3ad6kdDx"],
        ),
        example("cut short rnd_3hEGeWLTmXpD9y0bwtG", &[]),
        example("a placeholder rnd_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
