//! `openshift_token`: OpenShift user token.
//!
//! **Format.** `sha256~` and 43 letters, digits, `-` or `_`. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `openshift-user-token`. On the kind: OpenShift
//! Container Platform, "Configuring the internal OAuth server".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "openshift_token",
    name: "OpenShift user token",
    summary: "OpenShift user token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["openshift"],
    pattern: r"sha256~[0-9A-Za-z_-]{43}\b{end-half}",
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "Authorization: Bearer sha256~jflu49-2gGzCg2PgyHawn1ld7WFDcFvxEYfsn2zvMgV",
            &["sha256~jflu49-2gGzCg2PgyHawn1ld7WFDcFvxEYfsn2zvMgV"],
        ),
        example(
            "key: sha256~s8tSrmkd0q89hGSOWJFISQBUETqN-rb-9kdS2zlXYkM, and more",
            &["sha256~s8tSrmkd0q89hGSOWJFISQBUETqN-rb-9kdS2zlXYkM"],
        ),
        example("cut short sha256~jflu49-2gGzCg2PgyH", &[]),
        example("a placeholder sha256~xxxxxx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 7;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
