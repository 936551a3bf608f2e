//! `sonar_token`: SonarQube token.
//!
//! **Format.** `squ_` (user), `sqp_` (project) or `sqa_` (analysis) and 40 hexadecimal digits. No
//! ASCII letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may come right
//! before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** SonarQube, "Generating and using tokens".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "sonar_token",
    name: "SonarQube token",
    summary: "SonarQube token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["sonar"],
    pattern: alone!("sq[apu]_[0-9a-f]{40}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "export TOKEN=sqa_b28e98ad28b7d873003eaff9e4cc035038f8995f\n",
            &["sqa_b28e98ad28b7d873003eaff9e4cc035038f8995f"],
        ),
        example(
            "Authorization: Bearer sqa_e94bc4ebc86698f39630e8dcf49c1fe1fd36e9fc",
            &["sqa_e94bc4ebc86698f39630e8dcf49c1fe1fd36e9fc"],
        ),
        example("cut short sqa_b28e98ad28b7d87300", &[]),
        example("a placeholder sqa_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
