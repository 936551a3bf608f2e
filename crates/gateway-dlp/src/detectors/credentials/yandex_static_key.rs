//! `yandex_static_key`: Yandex Cloud static access key.
//!
//! **Format.** `YC` and 38 letters, digits, `-` or `_`. No ASCII letter, digit or `_` may touch it,
//! but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `yandex-aws-access-token`. On the kind: Yandex
//! Cloud, "Static access keys".
//!
//! **Confidence.** Low: other text may have this form.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "yandex_static_key",
    name: "Yandex Cloud static access key",
    summary: "Yandex Cloud static access key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["yandex"],
    pattern: alone!("YC[0-9A-Za-z_-]{38}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "export TOKEN=YCgN7IddwOsLSJq4taCqQCgGuCcey0WAKlvDs7JI\n",
            &["YCgN7IddwOsLSJq4taCqQCgGuCcey0WAKlvDs7JI"],
        ),
        example(
            r#"token = "YCdFk9t90m900Gdes597jEWCPcmXs-oknOGGAPSX""#,
            &["YCdFk9t90m900Gdes597jEWCPcmXs-oknOGGAPSX"],
        ),
        example("cut short YCgN7IddwOsLSJq4taCq", &[]),
        example("a placeholder YCxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 2;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Low)
}
