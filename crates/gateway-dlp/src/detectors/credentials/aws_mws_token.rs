//! `aws_mws_token`: Amazon MWS auth token.
//!
//! **Format.** `amzn.mws.` and a UUID. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Amazon Marketplace Web Service, "MWSAuthToken".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "aws_mws_token",
    name: "Amazon MWS auth token",
    summary: "Amazon MWS auth token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["amazon", "mws"],
    pattern: r"amzn\.mws\.[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\b{end-half}",
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "key: amzn.mws.87611EBC-feCF-86fA-743C-cfEDE3eBac4c, and more",
            &["amzn.mws.87611EBC-feCF-86fA-743C-cfEDE3eBac4c"],
        ),
        example(
            "export TOKEN=amzn.mws.61B089ab-ffbe-6FFB-FA8D-0b8cEDaD9E0F\n",
            &["amzn.mws.61B089ab-ffbe-6FFB-FA8D-0b8cEDaD9E0F"],
        ),
        example("cut short amzn.mws.87611EBC-feCF", &[]),
        example("a placeholder amzn.mws.xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 9;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
