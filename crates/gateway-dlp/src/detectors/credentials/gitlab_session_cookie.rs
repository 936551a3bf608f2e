//! `gitlab_session_cookie`: GitLab session cookie.
//!
//! **Format.** `_gitlab_session=` and 32 letters or digits; the name is no part of the finding.
//! No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `gitlab-session-cookie`. On the kind: GitLab
//! documentation, "Cookies used for authentication".
//!
//! **Confidence.** High: nothing else has this name and form.

use gateway_inspect::Confidence;

use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::is_random;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "gitlab_session_cookie",
    name: "GitLab session cookie",
    summary: "GitLab session cookies, by name, length and alphabet",
    category: Category::Credentials,
    keywords: &["cookie", "gitlab", "session"],
    pattern: r"_gitlab_session=[0-9A-Za-z]{32}\b{end-half}",
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "Cookie: _gitlab_session=70573ca7570574185c68b3e9239e086b; a=b",
            &["70573ca7570574185c68b3e9239e086b"],
        ),
        example(
            "set-cookie: _gitlab_session=c8dd100f0e0134f156f051968cee1324",
            &["c8dd100f0e0134f156f051968cee1324"],
        ),
        example("session=2aa2402605e88eb1312427c89aedc8c0", &[]),
        example("_gitlab_session=00000000000000000000000000000000", &[]),
    ],
};

/// Bytes of the name.
const NAME: usize = 16;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let is_drawn = is_random(sample.matched.get(NAME..)?);
    is_drawn.then_some(Judgement { confidence: Confidence::High, lead: NAME, trail: 0 })
}
