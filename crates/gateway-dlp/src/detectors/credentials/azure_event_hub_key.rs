//! `azure_event_hub_key`: Azure Event Hubs key.
//!
//! **Format.** 33 characters of base64, the mark `+AEh` of the service and the rest of a key with
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
    id: "azure_event_hub_key",
    name: "Azure Event Hubs key",
    summary: "Azure Event Hubs key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["azure", "key"],
    pattern: alone!(r"[0-9A-Za-z+/]{33}\+AEh[0-9A-Za-z+/]{4}[0-9A-Za-z+/][AEIMQUYcgkosw048]="),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "Authorization: Bearer KfLPKGegIvvMsNcrj+mttOdlBUBvIWe/2+AEhA8g1iw=",
            &["KfLPKGegIvvMsNcrj+mttOdlBUBvIWe/2+AEhA8g1iw="],
        ),
        example(
            r#"token = "v3GXTD2usY5IhE2rDJfUx5ru+ckQgu+rk+AEhzJ7afE=""#,
            &["v3GXTD2usY5IhE2rDJfUx5ru+ckQgu+rk+AEhzJ7afE="],
        ),
        example("no mark of the Event Hubs namespace: q8Zt2LmV0cXr7YpKw3HdQ1sBn5jT9uEvGfRx", &[]),
        example("a placeholder xxxxxxxxxxxxxxxxx+xxxxxxxxxxxxx/x+xxxxxxxxx=", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, 0, Confidence::High)
}
