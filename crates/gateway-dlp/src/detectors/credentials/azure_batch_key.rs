//! `azure_batch_key`: Azure Batch account key.
//!
//! **Format.** 76 characters of base64, the mark `+ABa` of the service and the rest of a key with
//! its padding: 88 characters in all. No ASCII letter, digit or `_` may touch it, but an escape
//! such as `\n` or `%20` may come right before it.
//!
//! **Validator.** It looks random: enough entropy, no long run, no word that marks a placeholder.
//!
//! **Source.** Microsoft Security Utilities, identifiable keys.
//!
//! **Confidence.** High: the mark stands at its place by chance in one of sixteen million.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "azure_batch_key",
    name: "Azure Batch account key",
    summary: "Azure Batch account key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["azure", "key"],
    pattern: alone!(r"[0-9A-Za-z+/]{76}\+ABa[0-9A-Za-z+/]{5}[AQgw]=="),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "export TOKEN=CGFbqfuJBjTAV7Jkrxkj+8lGYgtATXlomBFwbWoaYRUTcpGrwVv1EECqvIKfFkCNZ9BcZu+5/IVx+ABaRyvMtg==\n",
            &[
                "CGFbqfuJBjTAV7Jkrxkj+8lGYgtATXlomBFwbWoaYRUTcpGrwVv1EECqvIKfFkCNZ9BcZu+5/IVx+ABaRyvMtg==",
            ],
        ),
        example(
            r#"{"key":"7dTnTB9dQtfTvEd1N7zpaz2fPLb4h660WFWCxOhfiu8Yp7APNjWBuSvMUweqtV6pOtG6U/DvQBcR+ABamJHBhQ==","id":7}"#,
            &[
                "7dTnTB9dQtfTvEd1N7zpaz2fPLb4h660WFWCxOhfiu8Yp7APNjWBuSvMUweqtV6pOtG6U/DvQBcR+ABamJHBhQ==",
            ],
        ),
        example("no mark of the Batch account: q8Zt2LmV0cXr7YpKw3HdQ1sBn5jT9uEvGfRx", &[]),
        example(
            "a placeholder xxxxxxxxxxxxxxxxxxxx+xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx+x/xxx+xxxxxxxxx==",
            &[],
        ),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, 0, Confidence::High)
}
