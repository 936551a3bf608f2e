//! `azure_redis_key`: Azure Cache for Redis key.
//!
//! **Format.** 33 characters of base64, the mark `AzCa` of the service and the rest of a key with
//! its padding: 44 characters in all. No ASCII letter, digit or `_` may touch it, but an escape
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
    id: "azure_redis_key",
    name: "Azure Cache for Redis key",
    summary: "Azure Cache for Redis key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["azure", "key"],
    pattern: alone!("[0-9A-Za-z+/]{33}AzCa[0-9A-Za-z+/]{4}[0-9A-Za-z+/][AEIMQUYcgkosw048]="),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"Q8gxEpjb+SsxzN4EBagEqorC/VqPk8OrlAzCaefzi1k=","id":7}"#,
            &["Q8gxEpjb+SsxzN4EBagEqorC/VqPk8OrlAzCaefzi1k="],
        ),
        example(
            "Authorization: Bearer O7Jzb9CFZSqXHRREvmFn+tbnO1kbCiiGgAzCaVIgP9s=",
            &["O7Jzb9CFZSqXHRREvmFn+tbnO1kbCiiGgAzCaVIgP9s="],
        ),
        example("no mark of the Redis cache: q8Zt2LmV0cXr7YpKw3HdQ1sBn5jT9uEvGfRx", &[]),
        example("a placeholder xxxxxxxx+xxxxxxxxxxxxxxx/xxxxxxxxxxxxxxxxxx=", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, 0, Confidence::High)
}
