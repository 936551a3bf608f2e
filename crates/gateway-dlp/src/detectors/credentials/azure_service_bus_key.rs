//! `azure_service_bus_key`: Azure Service Bus key.
//!
//! **Format.** 33 characters of base64, the mark `+ASb` of the service and the rest of a key with
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
    id: "azure_service_bus_key",
    name: "Azure Service Bus key",
    summary: "Azure Service Bus key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["azure", "key"],
    pattern: alone!(r"[0-9A-Za-z+/]{33}\+ASb[0-9A-Za-z+/]{4}[0-9A-Za-z+/][AEIMQUYcgkosw048]="),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"token = "1q6OY4Ky4AhSddsmunflSZQ9+3PFtKlXR+ASbWpZP8I=""#,
            &["1q6OY4Ky4AhSddsmunflSZQ9+3PFtKlXR+ASbWpZP8I="],
        ),
        example(
            "Authorization: Bearer hbh5Wbn9y16ldl84Vk3WRVb1QMEvxhPWE+ASbMW/t7E=",
            &["hbh5Wbn9y16ldl84Vk3WRVb1QMEvxhPWE+ASbMW/t7E="],
        ),
        example("no mark of the Service Bus namespace: q8Zt2LmV0cXr7YpKw3HdQ1sBn5jT9uEvGfRx", &[]),
        example("a placeholder xxxxxxxxxxxxxxxxxxxxxxxx+xxxxxxxx+xxxxxxxxx=", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, 0, Confidence::High)
}
