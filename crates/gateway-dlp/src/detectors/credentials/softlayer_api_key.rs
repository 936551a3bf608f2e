//! `softlayer_api_key`: SoftLayer API key.
//!
//! **Format.** 64 hexadecimal digits, assigned to a name of at most 30 more characters; the
//! name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** SoftLayer development network, "Authenticate".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "softlayer_api_key",
    name: "SoftLayer API key",
    summary: "SoftLayer API key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["ibm", "softlayer"],
    pattern: assigned!("softlayer", "[0-9a-f]{64}"),
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"SOFTLAYER_API_KEY = "3fe22a4248ac9ed336de7daecd3ada8b4f2222d3b41a3dbd199b364f73bb387d""#,
            &["3fe22a4248ac9ed336de7daecd3ada8b4f2222d3b41a3dbd199b364f73bb387d"],
        ),
        example(
            r#"{"softlayer_key": "080589ab054c24026cdea5b9a2145128edfed863bd39f917c10696489a30fd54"}"#,
            &["080589ab054c24026cdea5b9a2145128edfed863bd39f917c10696489a30fd54"],
        ),
        example(
            "no name before it: 3fe22a4248ac9ed336de7daecd3ada8b4f2222d3b41a3dbd199b364f73bb387d",
            &[],
        ),
        example(
            r#"SOFTLAYER_API_KEY = "0000000000000000000000000000000000000000000000000000000000000000""#,
            &[],
        ),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
