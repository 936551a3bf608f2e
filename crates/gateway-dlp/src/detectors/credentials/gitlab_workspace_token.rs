//! `gitlab_workspace_token`: GitLab workspace token.
//!
//! **Format.** `glwt-` and 20 to 50 letters, digits, `-` or `_`. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** GitLab, "Token overview", token prefixes; the length is that of other tokens of
//! GitLab.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "gitlab_workspace_token",
    name: "GitLab workspace token",
    summary: "GitLab workspace token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["gitlab"],
    pattern: r"glwt-[0-9A-Za-z_-]{20,50}\b{end-half}",
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example("GL_WORKSPACE_TOKEN=glwt-OB4NGG_TjiHK1ri5MxTt", &["glwt-OB4NGG_TjiHK1ri5MxTt"]),
        example(r#"token = "glwt-g84lOKZA632vbrhYTke6""#, &["glwt-g84lOKZA632vbrhYTke6"]),
        example("cut short glwt-OB4NGG_TjiHK", &[]),
        example("a placeholder glwt-xxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
