//! `mixpanel_secret`: Mixpanel API secret.
//!
//! **Format.** 32 hexadecimal digits, assigned to a name of at most 30 more characters; the name is
//! no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** Mixpanel, "Project secret".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "mixpanel_secret",
    name: "Mixpanel API secret",
    summary: "Mixpanel API secret, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["mixpanel"],
    pattern: assigned!("mixpanel", "[0-9a-f]{32}"),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"mixpanel = "3ea3538f3d4aa7b28109f0cef476dff0""#,
            &["3ea3538f3d4aa7b28109f0cef476dff0"],
        ),
        example(
            r#"{"mixpanel": "cbd6675d74b9c271072d55f0084ba575"}"#,
            &["cbd6675d74b9c271072d55f0084ba575"],
        ),
        example("no name before it: 3ea3538f3d4aa7b28109f0cef476dff0", &[]),
        example(r#"mixpanel = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
