//! `docker_token`: Docker access token.
//!
//! **Format.** `dckr_pat_` (personal) and 27 letters, digits, `-` or `_`, or `dckr_oat_`
//! (organisation) and 32. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `dockerhub-personal-access-token`. On the
//! kind: Docker, "Personal access tokens".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "docker_token",
    name: "Docker access token",
    summary: "Docker access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["docker"],
    pattern: r"dckr_(?:pat_[0-9A-Za-z_-]{27}|oat_[0-9A-Za-z_-]{32})\b{end-half}",
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "key: dckr_pat_QLShmFBbJTe7HbRu-QfCwdp3Pgk, and more",
            &["dckr_pat_QLShmFBbJTe7HbRu-QfCwdp3Pgk"],
        ),
        example(
            "export TOKEN=dckr_pat_JdK_d7la-UBIZLhpwWKx8MUr4i1\n",
            &["dckr_pat_JdK_d7la-UBIZLhpwWKx8MUr4i1"],
        ),
        example("cut short dckr_pat_QLShmFBbJ", &[]),
        example("a placeholder dckr_pat_xxxxxxxxxxxxxxxx-xxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 9;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
