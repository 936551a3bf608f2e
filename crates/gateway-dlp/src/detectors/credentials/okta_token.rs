//! `okta_token`: Okta API token.
//!
//! **Format.** `00` and 40 letters, digits, `-` or `_`, assigned to a name of at most 30 more
//! characters; the name is no part of the finding. Behind `SSWS `, the scheme of its header, it is
//! found as well. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `okta-access-token`. On the kind: Okta, "Create an
//! API token".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "okta_token",
    name: "Okta API token",
    summary: "Okta API token, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["okta", "ssws"],
    pattern: concat!(
        assigned!(r"(?:\b{start-half}|_)okta", "00[0-9A-Za-z_-]{40}"),
        r"|\b{start-half}SSWS 00[0-9A-Za-z_-]{40}\b{end-half}",
    ),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "Authorization: SSWS 00flmb6YMxS9gQzs6tP14mhDmZvCzYdJThrg3Oh9mm",
            &["00flmb6YMxS9gQzs6tP14mhDmZvCzYdJThrg3Oh9mm"],
        ),
        example(
            r#"okta = "00PfWBFllps8_TykjcCrBSIHVrmvOHnTur1qAcF6G_""#,
            &["00PfWBFllps8_TykjcCrBSIHVrmvOHnTur1qAcF6G_"],
        ),
        example(
            r#"{"okta": "00Vt_UYhWr1oFgkkLDCuJOJM7g3c2q-bMDFWMKrY94"}"#,
            &["00Vt_UYhWr1oFgkkLDCuJOJM7g3c2q-bMDFWMKrY94"],
        ),
        example("no name before it: 00PfWBFllps8_TykjcCrBSIHVrmvOHnTur1qAcF6G_", &[]),
        example(r#"okta = "xxxxxxxxxxxx_xxxxxxxxxxxxxxxxxxxxxxxxxxxx_""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
