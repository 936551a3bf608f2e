//! `slack_token`: Slack token.
//!
//! **Format.** `xoxb` (bot), `xoxp` (user), `xoxc` (a session of a browser), `xoxa`, `xoxe`,
//! `xoxr`, `xoxs` or `xoxo`, for some `2`, one to three numbers of 8 to 14 digits and 18 to 64
//! letters or digits, parted by dashes. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Slack, "Token types".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "slack_token",
    name: "Slack token",
    summary: "Slack token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["slack"],
    pattern: r"xox[abceoprs](?:-2)?(?:-[0-9]{8,14}){1,3}-[0-9A-Za-z]{18,64}\b{end-half}",
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"token":"xoxc-468995699713-9924431333292-8836563131181-d8ddf782cf1e067cb90312fec64233035c1fdf47c8f026782561587c6f37c6cc"}"#,
            &[
                "xoxc-468995699713-9924431333292-8836563131181-d8ddf782cf1e067cb90312fec64233035c1fdf47c8f026782561587c6f37c6cc",
            ],
        ),
        example(
            "key: xoxs-9106095248-7585239570-56851669288425-hXEISqZ6H8ATmfI29MDj, and more",
            &["xoxs-9106095248-7585239570-56851669288425-hXEISqZ6H8ATmfI29MDj"],
        ),
        example(
            "Authorization: Bearer xoxb-4774905443895-336702040-Qfsh2X65vshiGuZrJ0Sz",
            &["xoxb-4774905443895-336702040-Qfsh2X65vshiGuZrJ0Sz"],
        ),
        example("cut short xoxs-9106095248-7585239570-5685", &[]),
        example(
            "a placeholder xoxs-xxxxxxxxxx-xxxxxxxxxx-xxxxxxxxxxxxxx-xxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
