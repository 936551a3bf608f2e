//! `elastic_cloud_key`: Elastic Cloud API key.
//!
//! **Format.** `essu_` and 60 to 200 digits of base64; padding behind it is no part of it. No
//! ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `elastic-cloud-api-key`. On the kind:
//! Elastic Cloud documentation, "Elastic Cloud API keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "elastic_cloud_key",
    name: "Elastic Cloud API key",
    summary: "Elastic Cloud API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["elastic"],
    pattern: r"essu_[0-9A-Za-z+/_-]{60,200}\b{end-half}",
    match_bytes_max: 256,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"essu_DApqcjWEkVsC_Bp0F2bitAGaZboDw6xuVKP_JG08ud7DtXv5L0JgG7QX/QDwaohuDTuF-K3+lsYiy2","id":7}"#,
            &[
                "essu_DApqcjWEkVsC_Bp0F2bitAGaZboDw6xuVKP_JG08ud7DtXv5L0JgG7QX/QDwaohuDTuF-K3+lsYiy2",
            ],
        ),
        example(
            "key: essu_VkD1dbTNnTRK7kpakHLJ4DhuTrOKhWoxkhbqxe7i/uVsCbALu82WDnlHZIWYE5AQYne/BjK5R0JIm1QBeyAwFm3jBnfE-z2s+8, and more",
            &[
                "essu_VkD1dbTNnTRK7kpakHLJ4DhuTrOKhWoxkhbqxe7i/uVsCbALu82WDnlHZIWYE5AQYne/BjK5R0JIm1QBeyAwFm3jBnfE-z2s+8",
            ],
        ),
        example("cut short essu_DApqcjWEkVsC_Bp0F2bitAGaZboDw6xuVKP_JG08ud7DtX", &[]),
        example(
            "a placeholder essu_xxxxxxxxxxxx_xxxxxxxxxxxxxxxxxxxxxx_xxxxxxxxxxxxxxxxxxxx/xxxxxxxxxxx-xx+xxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
