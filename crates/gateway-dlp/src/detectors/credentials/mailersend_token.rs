//! `mailersend_token`: MailerSend API token.
//!
//! **Format.** `mlsn.` and 30 to 100 letters or digits. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `mailersend.yml`.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "mailersend_token",
    name: "MailerSend API token",
    summary: "MailerSend API token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["mailersend"],
    pattern: r"mlsn\.[0-9A-Za-z]{30,100}\b{end-half}",
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "MAILERSEND_API_KEY=mlsn.mvAqQi0oqO9WSWxgmPwnecHNA30eDBJq",
            &["mlsn.mvAqQi0oqO9WSWxgmPwnecHNA30eDBJq"],
        ),
        example(
            r#"{"key":"mlsn.BCpxdbkqJldLA8ywrM37Uvwod59gwX2ZXxAUvPOGnuRHRcf0y03MNywPCsbS9Nsr","id":7}"#,
            &["mlsn.BCpxdbkqJldLA8ywrM37Uvwod59gwX2ZXxAUvPOGnuRHRcf0y03MNywPCsbS9Nsr"],
        ),
        example(
            "key: mlsn.YcPcZhCuOUKbDHqUuyBG2t7a4AEKbCmQD0fUjo0xH0zalvmuLb16jaNA1F, and more",
            &["mlsn.YcPcZhCuOUKbDHqUuyBG2t7a4AEKbCmQD0fUjo0xH0zalvmuLb16jaNA1F"],
        ),
        example("cut short mlsn.BCpxdbkqJldLA8ywrM37", &[]),
        example(
            "a placeholder mlsn.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
