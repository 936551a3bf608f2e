//! `infisical_token`: Infisical service token.
//!
//! **Format.** `st.` and three parts of 12 to 36, 16 to 32 and 32 hexadecimal digits, parted by
//! points. No ASCII letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may
//! come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `infisical.yml`. On the kind: Infisical documentation, "Service tokens".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "infisical_token",
    name: "Infisical service token",
    summary: "Infisical service token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["infisical"],
    pattern: alone!(r"st\.[0-9a-f-]{12,36}\.[0-9a-f]{16,32}\.[0-9a-f]{32}"),
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"st.80-0c701135a3c3740cb1f.4cf29f06db1046e2677a5311da7e122.11728eb7ebc24af0bf3e41bdb23a495a","id":7}"#,
            &[
                "st.80-0c701135a3c3740cb1f.4cf29f06db1046e2677a5311da7e122.11728eb7ebc24af0bf3e41bdb23a495a",
            ],
        ),
        example(
            "key: st.71ac870-7e29ff5af8ecddb-bf5-17.e061c5cd9c624629e28ed39d10c48.9b3b4f3d10b82c6bc44d1127a072b1a6, and more",
            &[
                "st.71ac870-7e29ff5af8ecddb-bf5-17.e061c5cd9c624629e28ed39d10c48.9b3b4f3d10b82c6bc44d1127a072b1a6",
            ],
        ),
        example("cut short st.80-0c701135a3c3740cb1f.4cf29f06db1046e2677a5311da7e1", &[]),
        example(
            "a placeholder st.xx-xxxxxxxxxxxxxxxxxxx.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 3;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
