//! `azure_iot_hub_key`: Azure IoT Hub key.
//!
//! **Format.** 33 characters of base64, the mark `AIoT` of the service and the rest of a key with
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
    id: "azure_iot_hub_key",
    name: "Azure IoT Hub key",
    summary: "Azure IoT Hub key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["azure", "key"],
    pattern: alone!("[0-9A-Za-z+/]{33}AIoT[0-9A-Za-z+/]{4}[0-9A-Za-z+/][AEIMQUYcgkosw048]="),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "export TOKEN=LdwZCrSeEE0D4LvXXHy3ATlyEchdQMNFaAIoTHjgyec=\n",
            &["LdwZCrSeEE0D4LvXXHy3ATlyEchdQMNFaAIoTHjgyec="],
        ),
        example(
            "Authorization: Bearer VppM4Qt3BWIxMCAwE6LXATsDD7hbf6jDcAIoT8uV6pQ=",
            &["VppM4Qt3BWIxMCAwE6LXATsDD7hbf6jDcAIoT8uV6pQ="],
        ),
        example("no mark of the IoT Hub: q8Zt2LmV0cXr7YpKw3HdQ1sBn5jT9uEvGfRx", &[]),
        example("a placeholder xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx=", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, 0, Confidence::High)
}
