//! `adafruit_io_key`: Adafruit IO key.
//!
//! **Format.** `aio_`, four letters, two digits and 22 letters or digits. No ASCII letter, digit
//! or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Adafruit IO, "Security and Privacy".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "adafruit_io_key",
    name: "Adafruit IO key",
    summary: "Adafruit IO key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["adafruit"],
    pattern: r"aio_[A-Za-z]{4}[0-9]{2}[0-9A-Za-z]{22}\b{end-half}",
    match_bytes_max: 32,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"aio_JmzX14x9M2Lp34XimU3lfQPgPDUX","id":7}"#,
            &["aio_JmzX14x9M2Lp34XimU3lfQPgPDUX"],
        ),
        example(
            "key: aio_CcpD92DsErpZ1dIGIY2bbN91zbrM, and more",
            &["aio_CcpD92DsErpZ1dIGIY2bbN91zbrM"],
        ),
        example("cut short aio_JmzX14x9M2Lp34Xi", &[]),
        example("a placeholder aio_xxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
