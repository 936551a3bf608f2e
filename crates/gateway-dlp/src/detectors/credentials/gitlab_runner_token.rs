//! `gitlab_runner_token`: GitLab runner token.
//!
//! **Format.** `glrt-`, or `glrtr-` for a runner that came by a registration token, for some `t`, a
//! digit and `_`, and 20 letters, digits, `-` or `_`; the routable kind has 27 or more of them, a
//! point, for newer ones two letters or digits and a point, and nine in lower case; or `GR1348941`
//! and 20 of these for the older registration tokens. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** GitLab, "Token overview", token prefixes; gitleaks, `config/gitleaks.toml`,
//! `gitlab-runner-authentication-token-routable`, for the lengths.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "gitlab_runner_token",
    name: "GitLab runner token",
    summary: "GitLab runner token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["gitlab", "runner"],
    pattern: concat!(
        "(?:glrtr?-(?:t[0-9]_)?[0-9A-Za-z_-]{20}|GR1348941[0-9A-Za-z_-]{20}",
        r"|glrtr?-t[0-9]_[0-9A-Za-z_-]{27,}\.(?:[0-9a-z]{2}\.)?[0-9a-z]{9})\b{end-half}",
    ),
    match_bytes_max: 320,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(r#"token = "glrtr-EAp-ZQyiJ_kfu71V3Yjx""#, &["glrtr-EAp-ZQyiJ_kfu71V3Yjx"]),
        example(
            r#"token = "glrt-t1_z54Dohcls_QO9kPLnBf15MGaHW6Omydx.01.17lam6w40""#,
            &["glrt-t1_z54Dohcls_QO9kPLnBf15MGaHW6Omydx.01.17lam6w40"],
        ),
        example(
            r#"{"key":"GR1348941SIlfmLjT1tW5u10Y_6Ro","id":7}"#,
            &["GR1348941SIlfmLjT1tW5u10Y_6Ro"],
        ),
        example(r#"token = "glrt-t8_jQ96b_MD1wdQ-vwh_BS7""#, &["glrt-t8_jQ96b_MD1wdQ-vwh_BS7"]),
        example("cut short GR1348941SIlfm", &[]),
        example("a placeholder GR134xxxxxxxxxxxxxxxxxxxx_xxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
