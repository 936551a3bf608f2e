//! `sonar_token`: SonarQube token.
//!
//! **Format.** `squ_` (user), `sqp_` (project) or `sqa_` (analysis) and 40 hexadecimal digits; or
//! 40 of them that are assigned to a name with `sonar.login` or `sonar.token` and at most 30 more
//! characters, which is no part of the finding. No ASCII letter, digit or `_` may follow, nor stand
//! before a prefix but for an escape such as `\n` or `%20`.
//!
//! **Validator.** What follows the prefix, or the value, looks random: enough entropy, no long run,
//! no word that marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `sonar-api-token`. On the kind: SonarQube,
//! "Generating and using tokens".
//!
//! **Confidence.** Medium: the prefix or the name is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::alone;
use crate::detectors::secret::{assigned, token_alone, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "sonar_token",
    name: "SonarQube token",
    summary: "SonarQube token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["sonar"],
    pattern: concat!(
        alone!("sq[apu]_[0-9a-f]{40}"),
        "|",
        assigned!("sonar[._-]?(?:login|token)", "[0-9a-f]{40}"),
    ),
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "sonar-scanner -Dsonar.login=8c3403049d3e8474f2a7dccc06616cd334b459e4",
            &["8c3403049d3e8474f2a7dccc06616cd334b459e4"],
        ),
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
    let begin = sample.matched.get(lead_in_len(sample.matched)..)?;
    if let [b's', b'q', _, b'_', ..] = begin {
        token_alone(sample, PREFIX, Confidence::Medium)
    } else {
        value(sample, Confidence::Medium)
    }
}
