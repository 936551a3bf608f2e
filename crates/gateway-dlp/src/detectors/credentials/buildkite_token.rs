//! `buildkite_token`: Buildkite access token.
//!
//! **Format.** `bkua_` (API) and 40 or 53 small letters or digits; or `bkaa_`, `bkaj_` (agents),
//! `bkar_` (registration), `bkct_` (clusters), `bkpat_`, `bkps_` or `bkpt_` (packages, portals) and
//! 32 to 340 letters, digits, `-` or `_`. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `buildkite.go`.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "buildkite_token",
    name: "Buildkite access token",
    summary: "Buildkite access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["buildkite"],
    pattern: r"bk(?:ua_(?:[0-9a-z]{40}|[0-9a-z]{53})|(?:a[ajr]|ct|pat|p[st])_[0-9A-Za-z_-]{32,340})\b{end-half}",
    match_bytes_max: 384,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "BUILDKITE_API_TOKEN=bkua_pv3jgq8kv2259yr614dimvm95mpyfsp04xsav4lx4b43xx4tvxpwt",
            &["bkua_pv3jgq8kv2259yr614dimvm95mpyfsp04xsav4lx4b43xx4tvxpwt"],
        ),
        example(
            "key: bkua_9c4b41061d3fb0cabcc3fa9f624f022f501d8e75, and more",
            &["bkua_9c4b41061d3fb0cabcc3fa9f624f022f501d8e75"],
        ),
        example(
            "Authorization: Bearer bkua_a529320248220f09bc10e77959d691b7a5a61492",
            &["bkua_a529320248220f09bc10e77959d691b7a5a61492"],
        ),
        example(
            "BUILDKITE_AGENT_TOKEN=bkct_5a9f03e7d1b84c62f7e80d93a1c6b5420e8f91d7",
            &["bkct_5a9f03e7d1b84c62f7e80d93a1c6b5420e8f91d7"],
        ),
        example("cut short bkua_9c4b41061d3fb0cab", &[]),
        example("a placeholder bkua_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
